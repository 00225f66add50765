"""What is asked for while something long is being painted is done as soon as that is over.

A fill takes a moment: a key pressed right after the click belongs to what comes after it.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from sxtstudio.core.errors import SxtError
from sxtstudio.gui.painting.editing import Editing

SOON = "That is done as soon as what is being worked out is there; Esc in a plane calls both off."


class Afterwards(QObject):
    """Keeps commands while the editing is busy; one that was called off or failed drops them."""

    def __init__(self, editing: Editing) -> None:
        super().__init__(editing)
        self._editing = editing
        self._kept: list[Callable[[], object]] = []
        editing.changed.connect(self._go_on)
        editing.failed.connect(self._forget)
        editing.ended.connect(self._forget)

    def do(self, command: Callable[[], object]) -> None:
        """Do it now, or once what is being done is over.

        Raises
        ------
        SxtError
            What the command raises if it is done now.
        """
        if self._editing.active and self._editing.busy:
            self._kept.append(command)
            self._editing.noted.emit(SOON)
        else:
            command()

    @Slot()
    def _go_on(self) -> None:
        if self._editing.called_off:
            self._forget()
        if self._kept and not self._editing.busy:
            QTimer.singleShot(0, self, self._do_kept)  # what was done is still being told

    @Slot()
    def _do_kept(self) -> None:
        while self._kept and not self._editing.busy:
            command = self._kept.pop(0)
            try:
                command()
            except SxtError as error:
                self._editing.failed.emit(str(error))

    @Slot()
    def _forget(self) -> None:
        self._kept.clear()
