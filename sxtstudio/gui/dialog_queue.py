"""Dialogs about files that come in, asked one after the other."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog

from sxtstudio.core.errors import SxtError


class DialogQueue(QObject):
    """Makes and opens a dialog; the next one comes when that is closed.

    ``failed`` tells why one could not be made.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[Callable[[], QDialog]] = []
        self._open = False

    def add(self, make: Callable[[], QDialog]) -> None:
        """Open one more dialog, at once or after those that wait already."""
        self._waiting.append(make)
        if not self._open:
            self._open_next()

    @Slot()
    def _open_next(self) -> None:
        self._open = False
        while self._waiting and not self._open:
            try:
                dialog = self._waiting.pop(0)()
            except SxtError as error:  # its cell cannot be read any more: the others still can
                self.failed.emit(str(error))
                continue
            self._open = True
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.finished.connect(self._open_next)
            dialog.open()
