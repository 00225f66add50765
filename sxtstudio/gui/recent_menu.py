"""The menus of the projects and the libraries opened last."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from sxtstudio.gui.settings import recent_projects


class RecentMenu(QMenu):
    """Fills itself when it is opened; ``chosen`` carries a `Path` that ``recent`` knows."""

    chosen = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        name: str = "menu_recent",
        recent: Callable[[], list[Path]] = recent_projects,
    ) -> None:
        super().__init__("Open &recent", parent)
        self.setObjectName(name)
        self._recent = recent
        self.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        for path in self._recent():
            self.addAction(str(path), lambda path=path: self.chosen.emit(path))
        if not self.actions():
            self.addAction("None yet").setEnabled(False)
