"""The menu of the projects opened last."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from sxtstudio.gui.settings import recent_projects


class RecentMenu(QMenu):
    """Fills itself when it is opened; ``chosen`` carries the `Path` of a project."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Open &recent", parent)
        self.setObjectName("menu_recent")
        self.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        for path in recent_projects():
            self.addAction(str(path), lambda path=path: self.chosen.emit(path))
        if not self.actions():
            self.addAction("None yet").setEnabled(False)
