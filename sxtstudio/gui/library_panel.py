"""The library as a page of the window: filters above a grid of cells, details beside it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.events import Event, Progress, Report
from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.fields import action_button, push_button, text_label
from sxtstudio.gui.library_cards import CellCard
from sxtstudio.gui.library_details import LibraryDetails
from sxtstudio.gui.library_filters import LibraryFilters
from sxtstudio.gui.library_model import CELL_ROLE, LibraryModel
from sxtstudio.gui.library_previews import LibraryPreviews
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.gui.notice_page import NoticePage
from sxtstudio.gui.theme import set_role
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery, LibraryCell

_DETAILS_PX, _GRID_PX = 384, 872
_CLOSED, _OPENED, _OPENING = range(3)
_NO_LIBRARY = (
    "A library is a folder, on this computer or on a shared drive, that keeps what a laboratory "
    "has segmented. Networks learn from it."
)


class LibraryPanel(QWidget):
    """Shows the cells of the open library, or how to open one.

    ``actions`` are offered where there is nothing to show yet. Everything is asked in the
    background; only the newest question is answered.
    """

    def __init__(
        self,
        session: LibrarySession,
        *,
        open_actions: Sequence[QAction] = (),
        fill_actions: Sequence[QAction] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("library_panel")
        self._session = session
        self._asked = 0
        self._total = 0
        self._outdated = True
        self._wanted: frozenset[str] = frozenset()
        self.model = LibraryModel(LibraryPreviews(session, self))
        self.title = text_label("library_title", "Library")
        self.title.setStyleSheet("font-size: 13pt; font-weight: 600;")
        self.title.setWordWrap(False)
        self.count = text_label("library_count", "Number of cells")
        set_role(self.count, "dim")
        self.count.setWordWrap(False)
        self.problems = push_button("library_problems", "", "What could not be read, and why")
        self.filters = LibraryFilters(session.ontology)
        self.list = self._make_list()
        self.details = LibraryDetails()
        self.closed = NoticePage("library_closed", "No library is open", _NO_LIBRARY, open_actions)
        self.empty = NoticePage(
            "library_empty",
            "The library holds no cells yet",
            "Take in a folder of cells that were segmented earlier, or the cells of this project.",
            fill_actions,
        )
        self.nothing = NoticePage(
            "library_nothing", "No cell is like that", "Change what is asked for above.", ()
        )
        stop = QAction("Stop", self)
        stop.setObjectName("stop")
        stop.setToolTip("Go on without this library")
        stop.triggered.connect(session.stop_opening)
        self.opening = NoticePage("library_opening", "A library is being opened", "", [stop])
        self._arrange(fill_actions)
        self._connect()

    def _make_list(self) -> QListView:
        view = QListView()
        view.setObjectName("library_cells")
        view.setAccessibleName("Cells of the library")
        view.setViewMode(QListView.ViewMode.IconMode)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setMovement(QListView.Movement.Static)
        view.setUniformItemSizes(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalScrollBar().setSingleStep(40)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setItemDelegate(CellCard(view))
        view.setModel(self.model)
        return view

    def _arrange(self, fill_actions: Sequence[QAction]) -> None:
        header = QHBoxLayout()
        header.setSpacing(12)
        header.addWidget(self.title)
        header.addWidget(self.count)
        header.addWidget(self.problems)
        header.addStretch(1)
        for action in fill_actions:
            header.addWidget(action_button(f"library_{action.objectName()}", action))
        self._cells = QStackedWidget()
        for page in (self.list, self.nothing, self.empty):
            self._cells.addWidget(page)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._cells)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([_GRID_PX, _DETAILS_PX])
        opened = QWidget()
        column = QVBoxLayout(opened)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(8)
        column.addLayout(header)
        column.addWidget(self.filters)
        column.addWidget(splitter, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.closed)
        self._pages.addWidget(opened)
        self._pages.addWidget(self.opening)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _connect(self) -> None:
        self._session.changed.connect(self._mark_outdated)
        self._session.reported.connect(self._show_progress)
        self._session.busy_changed.connect(self._show_count)
        self._session.opening_changed.connect(self._show_opening)
        self.filters.changed.connect(self._ask)
        self.list.selectionModel().currentChanged.connect(self._show_current)
        self._show_library()

    @property
    def chosen(self) -> tuple[LibraryCell, ...]:
        """The selected cells; the current one, whose details are shown, is the first."""
        current = self.current
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        cells = [self.model.cells[row] for row in rows]
        first = [current] if current in cells else []
        return tuple(first + [cell for cell in cells if cell is not current])

    @property
    def current(self) -> LibraryCell | None:
        """The cell whose details are shown."""
        return self.details.cell

    def choose(self, cell_ids: Sequence[str]) -> None:
        """Select these cells, at once or as soon as they are listed."""
        self._wanted = frozenset(cell_ids)
        self._select_wanted()

    def menu_place(self, at: QPoint) -> QPoint:
        """Return where on the screen a menu for a place in the list belongs."""
        return self.list.viewport().mapToGlobal(at)

    def event(self, event: QEvent) -> bool:
        """Ask anew when the page comes into view and the library has changed meanwhile."""
        if event.type() == QEvent.Type.Show and self._outdated:
            self._show_library()
        return super().event(event)

    @Slot()
    def _mark_outdated(self) -> None:
        self._outdated = True
        if self.isVisible():
            self._show_library()

    def _show_library(self) -> None:
        """Show which library is open, and ask for its cells."""
        library, trouble = self._session.library, self._session.trouble
        self._outdated = False
        self._show_opening(self._session.opening)
        self.closed.set_words(trouble or _NO_LIBRARY, warning=bool(trouble))
        if library is None:
            self._show_cells((), self._session.ontology)
            return
        self.title.setText(library.name)
        self.title.setToolTip(str(library.folder))
        self._session.run(_everything, self._show_offers)
        self._ask()

    @Slot(str)
    def _show_opening(self, words: str) -> None:
        """Show the library, or that one is being looked into, or that there is none."""
        opened = self._session.library is not None
        self.opening.set_words(words)
        self._pages.setCurrentIndex(_OPENED if opened else _OPENING if words else _CLOSED)

    def _show_offers(self, everything: tuple[tuple[LibraryCell, ...], tuple[str, ...]]) -> None:
        cells, problems = everything
        self.filters.offer(cells, self._session.ontology)
        self.problems.setText(
            f"{len(problems)} files were skipped …" if len(problems) > 1 else "1 file was skipped …"
        )
        self.problems.setVisible(bool(problems))

    @Slot()
    def _ask(self) -> None:
        if self._session.library is None:
            return
        self._asked += 1
        number, query = self._asked, self.filters.query()

        def answer(found: tuple[tuple[LibraryCell, ...], Ontology, int]) -> None:
            if number == self._asked:
                cells, ontology, self._total = found
                self._show_cells(cells, ontology)

        self._session.run(lambda library, _report: _answer(library, query), answer)

    def _show_cells(self, cells: tuple[LibraryCell, ...], ontology: Ontology) -> None:
        chosen = {cell.id for cell in self.chosen}
        current = self.current
        if current is not None and not self._wanted:
            self._wanted = frozenset(chosen | {current.id})
        scroll = self.list.verticalScrollBar().value()
        self.model.show_cells(cells, ontology)
        self._show_count()
        empty = not self._total and not cells
        self._cells.setCurrentWidget(self.list if cells else self.empty if empty else self.nothing)
        self.filters.setEnabled(not empty)
        self.list.verticalScrollBar().setValue(scroll)
        self._select_wanted()

    @Slot()
    def _show_count(self, *_: object) -> None:
        shown = len(self.model.cells)
        words = (
            f"{shown:,} of {self._total:,} cells" if shown != self._total else f"{shown:,} cells"
        )
        self.count.setText(words.replace("1 cells", "1 cell") if shown == 1 else words)

    @Slot(object)
    def _show_progress(self, event: Event) -> None:
        if isinstance(event, Progress) and event.text:
            fraction = "" if event.fraction is None else f" {event.fraction:.0%}"
            self.count.setText(f"{event.text}{fraction}")

    def _select_wanted(self) -> None:
        rows = [row for it in self._wanted if (row := self.model.row_of(it)) is not None]
        selection = self.list.selectionModel()
        if rows:
            self._wanted = frozenset()
            selection.clearSelection()
            select = QItemSelectionModel.SelectionFlag.Select
            for row in rows:
                selection.select(self.model.index(row), select)
            keep = QItemSelectionModel.SelectionFlag.NoUpdate
            selection.setCurrentIndex(self.model.index(min(rows)), keep)
        self._show_current(self.list.currentIndex())

    @Slot(QModelIndex, QModelIndex)
    def _show_current(self, index: QModelIndex, *_: object) -> None:
        cell = index.data(CELL_ROLE) if index.isValid() else None
        self.details.show_cell(cell, self._session.ontology)
        library = self._session.library
        if cell is not None and library is not None:
            self.details.show_history(library.history(cell.id))


def _everything(
    library: Library, _report: Report
) -> tuple[tuple[LibraryCell, ...], tuple[str, ...]]:
    return library.cells(CellQuery(with_unused=True)), library.problems


def _answer(library: Library, query: CellQuery) -> tuple[tuple[LibraryCell, ...], Ontology, int]:
    """Return the cells asked for, the vocabulary, and how many cells there are."""
    found = library.cells(query)
    return found, library.ontology(), len(library.cells(CellQuery(with_unused=query.with_unused)))
