"""The middle of the window: the start page, the views, or the library."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sxtstudio.gui.docks import Docks
from sxtstudio.gui.library_commands import LibraryCommands
from sxtstudio.gui.settings import forget_project, recent_projects
from sxtstudio.gui.start_page import StartPage
from sxtstudio.gui.views import ViewsPanel
from sxtstudio.gui.volume_commands import VolumeCommands


class Pages(QStackedWidget):
    """One page at a time, with the docks that belong to it.

    The action "library" tells whether the library is on show. The views have a bar above them
    while a cell of the library, or a file, is looked at.
    """

    def __init__(
        self,
        actions: Mapping[str, QAction],
        views: ViewsPanel,
        library: LibraryCommands,
        volumes: VolumeCommands,
        docks: Docks,
    ) -> None:
        super().__init__()
        self._library = actions["library"]
        self._bar = library.bar
        self._volumes = volumes
        self._docks = docks
        self._project = False
        self.start_page = StartPage(actions)
        self.start_page.remove_wanted.connect(self._forget_project)
        self.library_panel = library.make_panel(actions)
        self._work = QWidget()
        self._views = views
        column = QVBoxLayout(self._work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(library.bar)
        column.addWidget(volumes.bar)
        column.addWidget(views, 1)
        for page in (self.start_page, self._work, self.library_panel):
            self.addWidget(page)
        library.page_wanted.connect(self.go_to_library)
        self.currentChanged.connect(lambda _number: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """Return the least size of the page on show: those behind it squeeze no dock."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()

    def put_above_views(self, bar: QWidget) -> None:
        """Put another bar above the views."""
        column = self._work.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.indexOf(self._views), bar)

    def show_project(self, *, opened: bool) -> None:
        """Leave the library for the views if a project is open, else for the start page."""
        self._project = opened
        self.go_to_library(there=False)

    @Slot(object)
    def _forget_project(self, path: Path) -> None:
        forget_project(path)
        self.start_page.show_recent(recent_projects())

    @Slot(bool)
    def go_to_library(self, there: bool) -> None:
        """Show the library, or leave it."""
        self._library.setChecked(there)
        self.show_page()

    def show_page(self) -> None:
        """Show the library if its action is on, or else what is worked on."""
        library = self._library.isChecked()
        work = self._project or self._bar.visiting or self._volumes.visiting
        self._docks.set_aside(aside=library)
        if not library:
            self._docks.show_for_project(opened=work)
        other = self._work if work else self.start_page
        self.setCurrentWidget(self.library_panel if library else other)
