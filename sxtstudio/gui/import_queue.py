"""Tomograms that are to be imported, asked about one after the other."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.gui.import_dialog import ImportDialog
from sxtstudio.gui.session import Session


class ImportQueue(QObject):
    """Opens an `ImportDialog` for each file; the next one comes when that is closed."""

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self._parent = parent
        self._session = session
        self._paths: list[Path] = []

    def add(self, paths: list[Path]) -> None:
        """Ask about some more files; a project must be open."""
        self._paths += paths
        if len(self._paths) == len(paths):
            self._ask_next()

    def _ask_next(self) -> None:
        if self._paths:
            dialog = ImportDialog(self._session, self._paths[0], self._parent)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.finished.connect(self._asked)
            dialog.open()

    @Slot()
    def _asked(self) -> None:
        self._paths.pop(0)
        self._ask_next()
