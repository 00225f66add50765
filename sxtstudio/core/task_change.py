"""What a change of a task means for networks that were trained before it.

A network tells the classes of its own task apart. What another task asks for can be had from it by
adding probabilities as long as none of its classes has to be divided; the rest must be learned.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, task_label_of

_NONE = ""


@dataclass(frozen=True, kw_only=True)
class TaskChange:
    """Where the terms of each class of an old task are in a new one.

    ``into`` is old class name → new class names; the empty name stands for none of the classes.
    ``names`` are the new classes; ``moved`` tells whether a class kept its name, but not its value.
    """

    into: Mapping[str, tuple[str, ...]]
    names: tuple[str, ...]
    moved: bool

    def sources(self, name: str) -> tuple[str, ...]:
        """Return the old classes that a new class takes terms from."""
        return tuple(old for old, new in self.into.items() if name in new)

    def is_divided(self, old: str) -> bool:
        """Tell whether the terms of an old class are in several new ones."""
        return len(self.into[old]) > 1

    @property
    def to_learn(self) -> tuple[str, ...]:
        """New classes that no network for the old task can tell."""
        return tuple(name for name in self.names if self._must_be_learned(name))

    def _must_be_learned(self, name: str) -> bool:
        sources = self.sources(name)
        return not sources or any(map(self.is_divided, sources))

    @property
    def is_derived(self) -> bool:
        """Whether a network for the old task can answer the new one, by adding probabilities."""
        return not self.to_learn


def task_change(old: Task, new: Task, ontology: Ontology) -> TaskChange:
    """Compare what two tasks tell apart, term by term of the vocabulary."""
    old_names, new_names = {0: _NONE} | old.names, {0: _NONE} | new.names
    old_label, new_label = task_label_of(old, ontology), task_label_of(new, ontology)
    into: dict[str, dict[str, None]] = {name: {} for name in old_names.values()}
    for class_id, value in old_label.items():
        into[old_names[value]][new_names[new_label[class_id]]] = None
    values = {name: value for value, name in new.names.items()}
    return TaskChange(
        into={name: tuple(parts) for name, parts in into.items()},
        names=tuple(new.names.values()),
        moved=any(values.get(name, value) != value for value, name in old.names.items()),
    )


def change_sentences(change: TaskChange) -> tuple[str, ...]:
    """Return what a change means, a sentence for each class that is not as it was."""
    words = [sentence for name in change.names if (sentence := _class_sentence(name, change))]
    dropped = [old for old, new in change.into.items() if old and new == (_NONE,)]
    if dropped:
        words.append(f"{_quoted(dropped)} will not be told apart any more.")
    if change.moved:
        words.append("Some classes have another label value than before.")
    return tuple(words)


def _class_sentence(name: str, change: TaskChange) -> str:
    """Return what became of a class, empty if it is as it was."""
    sources = change.sources(name)
    if not sources:
        return f"“{name}” gathers nothing that the vocabulary knows."
    if name in change.to_learn:
        if sources == (_NONE,):
            return f"“{name}” is new; it must be learned."
        parts = " and ".join(_part(old, change) for old in sources)
        return f"“{name}” is now {parts}; it must be learned."
    if len(sources) > 1:
        return f"“{name}” gathers {_quoted(sources)}; its probability is the sum of theirs."
    return "" if name in sources else f"{_quoted(sources)} is now called “{name}”."


def _part(old: str, change: TaskChange) -> str:
    whole = "a part of" if change.is_divided(old) else "all of"
    return f"{whole} what was {_quoted([old])}"


def _quoted(names: Iterable[str]) -> str:
    return " and ".join(f"“{name}”" if name else "none of the classes" for name in names)
