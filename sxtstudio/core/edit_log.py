"""What an editor tells as it happens, and how far that is from what was saved."""

from dataclasses import dataclass

from sxtstudio.core.edit import Difference
from sxtstudio.core.errors import LabelError


@dataclass(frozen=True, kw_only=True)
class Began:
    """A new edit; the differences that follow belong to it."""

    name: str


@dataclass(frozen=True)
class Undone:
    """The last edit was taken back."""


@dataclass(frozen=True)
class Redone:
    """The edit that was taken back last was done again."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """The labels were saved as they were; ``version`` says as which."""

    version: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """A label value stands for a class from now on."""

    label: int
    class_id: str


Entry = Began | Difference | Undone | Redone | Saved | Named
"""Everything an editor tells; `LabelEditor.replay` does it all again."""


class Tally:
    """Counts the edits between the labels as they are and as they were saved."""

    def __init__(self) -> None:
        self._begun = 0
        self._done: list[int] = []
        self._undone: list[int] = []
        self._saved = 0

    @property
    def unsaved(self) -> int:
        """How many edits were done, or undone, since the labels were saved."""
        top = self._done[-1] if self._done else 0
        if top == self._saved:
            return 0
        later = sum(number > self._saved for number in self._done)
        earlier = sum(number <= self._saved for number in self._undone)
        return max(later + earlier, 1)

    def add(self, entry: Entry) -> None:
        """Take note of what an editor tells.

        Raises
        ------
        LabelError
            If more is undone than was done.
        """
        match entry:
            case Began():
                self._begun += 1
                self._done.append(self._begun)
                self._undone.clear()
            case Undone() | Redone():
                here, there = (self._done, self._undone)[:: 1 if entry == Undone() else -1]
                if not here:
                    raise LabelError("The edits contradict one another: nothing is left to undo.")
                there.append(here.pop())
            case Saved():
                self._saved = self._done[-1] if self._done else 0
            case _:
                return
