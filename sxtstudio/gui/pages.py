"""The middle of the window: the start page, the views, or the library."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sxtstudio.gui.library_commands import LibraryCommands
from sxtstudio.gui.start_page import StartPage
from sxtstudio.gui.views import ViewsPanel


class Pages(QStackedWidget):
    """One page at a time; the views have a bar above them while a cell of the library is shown."""

    def __init__(
        self, actions: Mapping[str, QAction], views: ViewsPanel, library: LibraryCommands
    ) -> None:
        super().__init__()
        self.start_page = StartPage([actions[it] for it in ("new", "open", "import")])
        self.library_panel = library.make_panel(actions)
        self._work = QWidget()
        column = QVBoxLayout(self._work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(library.bar)
        column.addWidget(views, 1)
        for page in (self.start_page, self._work, self.library_panel):
            self.addWidget(page)

    def show_page(self, *, library: bool, work: bool) -> None:
        """Show the library, or the views if there is something to work on, or the start page."""
        other = self._work if work else self.start_page
        self.setCurrentWidget(self.library_panel if library else other)
