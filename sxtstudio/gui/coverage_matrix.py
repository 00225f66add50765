"""A picture of what cells know: a row a cell, a column a class, discs that are full, half or empty.

Shape says what is meant, never colour alone. Thousands of rows are no burden: a view asks only for
those that are on the screen.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.coverage import ClassTotal, Coverage, CoverageRow, Knowledge
from sxtstudio.core.coverage_filter import by_distance, by_knowledge
from sxtstudio.core.task_draft import Decision
from sxtstudio.core.wording import counted
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.theme import icon, tones

Index = QModelIndex | QPersistentModelIndex

NAME, KIND, LIKENESS, FIRST_CLASS = 0, 1, 2, 3
KNOWLEDGE_ROLE = Qt.ItemDataRole.UserRole
_ROW_PX = 26
_RADIUS_PX = 7.0
_TEXT_PX = (90, 230)
_TICK_PX, _LIKENESS_PX = 66, 82
_CLASS_PX, _NARROW_PX = (72, 170), (72, 84)
_MANY = 5
_TOTALS_PX = 42
_WORDS: dict[Knowledge, str] = {
    "complete": "drawn everywhere",
    "partly": "drawn in part",
    "not": "not drawn: this cell says nothing about it",
}


class CoverageModel(QAbstractTableModel):
    """The rows as they are shown; ``ticked`` asks to take or leave out one of them."""

    ticked = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[CoverageRow, ...] = ()
        self._classes: tuple[str, ...] = ()
        self._colours: Mapping[str, str] = {}
        self._takes: Callable[[CoverageRow], bool] = lambda _: False
        self._decide: Callable[[CoverageRow], Decision] = lambda _: Decision(taken=False, reason="")
        self._distances: Mapping[str, float] = {}

    @property
    def rows(self) -> tuple[CoverageRow, ...]:
        """The cells from top to bottom."""
        return self._rows

    @property
    def reason_column(self) -> int:
        """The last column: why a cell is taken or not."""
        return FIRST_CLASS + len(self._classes)

    def set_classes(self, classes: Sequence[str], colours: Mapping[str, str]) -> None:
        """Show other classes, and no cell."""
        self.beginResetModel()
        self._rows, self._classes, self._colours = (), tuple(classes), colours
        self.endResetModel()

    def set_rows(self, rows: Sequence[CoverageRow], distances: Mapping[str, float]) -> None:
        """Show these cells; ``distances`` (row id →) from the cell others are compared with."""
        self.beginResetModel()
        self._rows, self._distances = tuple(rows), distances
        self.endResetModel()

    def set_decisions(
        self, takes: Callable[[CoverageRow], bool], decide: Callable[[CoverageRow], Decision]
    ) -> None:
        """Show which cells are taken, and why; reasons are only asked of rows on the screen."""
        self._takes, self._decide = takes, decide
        if self._rows:
            last = self.index(len(self._rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of cells."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else self.reason_column + 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let the first column be ticked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a view asks for."""
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(tones().text if self._takes(row) else tones().faint)
        if role == KNOWLEDGE_ROLE and self._is_class(column):
            return row.known[self._classes[column - FIRST_CLASS]].knowledge
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._tip(row, column)
        return self._name_data(row, role) if column == NAME else None

    def _name_data(self, row: CoverageRow, role: int) -> object:
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if self._takes(row) else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole:
            return icon("cell" if row.origin == "project" else "library")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask to take a cell or to leave it out; what is shown follows from the answer."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.ticked.emit((self._rows[index.row()],), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the words above a column; classes have their colour too."""
        if orientation == Qt.Orientation.Vertical:
            return None
        words = ("Cell", "Kind", "Likeness", *self._classes, "Why")
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return words[section]
        if role == Qt.ItemDataRole.DecorationRole and self._is_class(section):
            return swatch_icon(self._colours[words[section]])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            centred = self._is_class(section)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            return Qt.AlignmentFlag.AlignCenter if centred else left
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by name, kind, likeness, knowledge of a class, or what is taken."""
        rows = self._sorted(column)
        if order == Qt.SortOrder.DescendingOrder:
            rows = rows[::-1]
        self.set_rows(rows, self._distances)

    def _sorted(self, column: int) -> tuple[CoverageRow, ...]:
        if column == LIKENESS:
            return by_distance(self._rows, self._distances)
        if self._is_class(column):
            return by_knowledge(self._rows, self._classes[column - FIRST_CLASS])
        if column == NAME:
            return tuple(sorted(self._rows, key=lambda row: row.name.casefold()))
        if column == KIND:
            return tuple(sorted(self._rows, key=lambda row: row.kind.casefold()))
        return tuple(sorted(self._rows, key=lambda row: not self._takes(row)))

    def _is_class(self, column: int) -> bool:
        return FIRST_CLASS <= column < self.reason_column

    def _text(self, row: CoverageRow, column: int) -> str:
        if column == NAME:
            return row.name
        if column == KIND:
            return row.kind
        if column == LIKENESS:
            distance = self._distances.get(row.id)
            return "" if distance is None else likeness_words(distance)
        return self._decide(row).reason if column == self.reason_column else ""

    def _tip(self, row: CoverageRow, column: int) -> str:
        if self._is_class(column):
            name = self._classes[column - FIRST_CLASS]
            known = row.known[name]
            words = f"{row.name}, {name}: {_WORDS[known.knowledge]}"
            if known.knowledge == "not":
                return words
            return f"{words}\n{known.voxels:,} voxels, {known.objects:,} objects"
        if column == self.reason_column:
            return self._decide(row).reason
        facts = (row.kind, row.condition, row.instrument, f"voxels of {row.group('voxel size')}")
        return "\n".join((f"{row.name} (in the {row.origin})", *filter(None, facts)))


def likeness_words(distance: float) -> str:
    """Return how alike a cell is in a word; the distance is that of `core.similarity`."""
    for limit, word in ((0.1, "same"), (0.7, "close"), (1.6, "fair")):
        if distance < limit:
            return word
    return "far"


class DiscDelegate(QStyledItemDelegate):
    """Paints knowledge as a disc: full, its left half, or a thin ring."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell of the table, its disc above."""
        super().paint(painter, option, index)
        knowledge = index.data(KNOWLEDGE_ROLE)
        if knowledge is None:
            return
        rect = cast("QRect", option.rect)  # pyright: ignore[reportAttributeAccessIssue] (stub lacks it)
        dim = QColor(index.data(Qt.ItemDataRole.ForegroundRole)) == QColor(tones().faint)
        paint_disc(painter, QRectF(rect).center(), knowledge, dim=dim)


def paint_disc(
    painter: QPainter,
    centre: QPointF,
    knowledge: Knowledge,
    *,
    dim: bool = False,
    radius: float = _RADIUS_PX,
) -> None:
    """Paint one disc."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(tones().control if dim or knowledge == "not" else tones().figure)
    if knowledge == "not":
        radius -= 1.5
    painter.setPen(QPen(colour, 1.2 if knowledge == "not" else 1.8))
    painter.drawEllipse(centre, radius, radius)
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    if knowledge == "complete":
        painter.drawEllipse(box)
    elif knowledge == "partly":
        painter.drawPie(box, 90 * 16, 180 * 16)
    painter.restore()


class _Table(QTableView):
    """The table; the space bar ticks all selected rows alike."""

    ticked = Signal(object, bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick or untick the selected rows."""
        model, selection = self.model(), self.selectionModel()
        if event.key() != Qt.Key.Key_Space or not isinstance(model, CoverageModel):
            super().keyPressEvent(event)
            return
        chosen = sorted(index.row() for index in selection.selectedRows(NAME))
        if chosen:
            state = model.index(chosen[0], NAME).data(Qt.ItemDataRole.CheckStateRole)
            rows = tuple(model.rows[row] for row in chosen)
            self.ticked.emit(rows, Qt.CheckState(state) != Qt.CheckState.Checked)


class TotalsBar(QWidget):
    """What the taken cells know together, below each column."""

    def __init__(self, table: QTableView) -> None:
        super().__init__()
        self.setObjectName("coverage_totals")
        self._table = table
        self._totals: dict[str, ClassTotal] = {}
        self._taken = 0
        header = table.horizontalHeader()
        header.sectionResized.connect(self.update)
        header.geometriesChanged.connect(self.update)
        table.horizontalScrollBar().valueChanged.connect(self.update)
        self.setFixedHeight(_TOTALS_PX)

    def show_totals(self, taken: int, totals: dict[str, ClassTotal]) -> None:
        """Show these figures."""
        self._taken, self._totals = taken, totals
        self.setAccessibleName(f"Taken: {cells_taken(taken)}. " + "; ".join(self._words()))
        self.update()

    def _words(self) -> list[str]:
        return [
            f"{name} everywhere in {total.complete}, in part in {total.partly}"
            for name, total in self._totals.items()
        ]

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """Paint the figures below their columns."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tones().title))
        header = self._table.horizontalHeader()
        painter.setPen(QColor(tones().text))
        box = QRect(10, 0, header.sectionSize(NAME) + header.sectionSize(KIND), self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, cells_taken(self._taken))
        painter.setClipRect(self.rect().adjusted(self._table.frameWidth(), 0, 0, 0))
        for number, total in enumerate(self._totals.values()):
            section = FIRST_CLASS + number
            left = header.sectionViewportPosition(section) + self._table.frameWidth()
            self._paint_total(painter, left + header.sectionSize(section) / 2, total)
        painter.end()

    def _paint_total(self, painter: QPainter, x: float, total: ClassTotal) -> None:
        for line, (knowledge, count) in enumerate(
            (("complete", total.complete), ("partly", total.partly))
        ):
            y = 12 + 18 * line
            paint_disc(
                painter, QPointF(x - 12, y), cast("Knowledge", knowledge), dim=not count, radius=4.5
            )
            painter.setPen(QColor(tones().text if count else tones().dim))
            painter.drawText(
                QRectF(x - 2, y - 9, 60, 18), Qt.AlignmentFlag.AlignVCenter, f"{count:,}"
            )


def cells_taken(count: int) -> str:
    """Return "3 cells to learn from"."""
    return f"{counted(count, 'cell')} to learn from"


class KnowledgeLegend(QWidget):
    """Says what the discs mean."""

    _ITEMS: tuple[tuple[Knowledge, str], ...] = (
        ("complete", "everywhere"),
        ("partly", "in part"),
        ("not", "not drawn"),
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("knowledge_legend")
        self.setAccessibleName("Full disc: everywhere; half disc: in part; ring: not drawn")
        measure = self.fontMetrics()
        self._widths = [measure.horizontalAdvance(words) for _, words in self._ITEMS]
        self.setFixedSize(sum(self._widths) + 34 * len(self._widths), 22)

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """Paint each disc with its word."""
        painter = QPainter(self)
        x = 10.0
        for (knowledge, words), width in zip(self._ITEMS, self._widths, strict=True):
            paint_disc(painter, QPointF(x, self.height() / 2), knowledge, radius=5.5)
            painter.setPen(QColor(tones().dim))
            box = QRectF(x + 11, 0, width + 4, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            x += width + 34
        painter.end()


class CoverageMatrix(QWidget):
    """The table and its totals; ``ticked`` carries rows and whether they shall be taken."""

    ticked = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("coverage_matrix")
        self.model = CoverageModel(self)
        self.table = _Table()
        self.totals = TotalsBar(self.table)
        self._dress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.totals)
        self.model.ticked.connect(self.ticked)
        self.table.ticked.connect(self.ticked)

    def _dress(self) -> None:
        table = self.table
        table.setObjectName("coverage_table")
        table.setAccessibleName("What the cells know about the classes")
        table.setModel(self.model)
        table.setItemDelegate(DiscDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setStretchLastSection(True)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort)

    def show_classes(self, classes: Sequence[str], colours: Mapping[str, str]) -> None:
        """Show these columns, and no cell yet."""
        self.model.set_classes(classes, colours)
        self.table.setColumnWidth(LIKENESS, _LIKENESS_PX)
        measure = QFontMetrics(self.font())
        for number, name in enumerate(classes):
            width = measure.horizontalAdvance(name) + 48
            least, most = _CLASS_PX if len(classes) <= _MANY else _NARROW_PX
            self.table.setColumnWidth(FIRST_CLASS + number, max(least, min(width, most)))

    def fit_texts(self, rows: Sequence[CoverageRow]) -> None:
        """Give the names and kinds of these cells room, within limits."""
        measure = QFontMetrics(self.font())
        least, most = _TEXT_PX
        columns = (
            (NAME, {row.name for row in rows}, _TICK_PX),
            (KIND, {it.kind for it in rows}, 20),
        )
        for section, words, more in columns:
            width = max((measure.horizontalAdvance(word) for word in words), default=0) + more
            self.table.setColumnWidth(section, max(least, min(width, most)))

    def show_rows(self, rows: Sequence[CoverageRow], distances: Mapping[str, float]) -> None:
        """Show these cells in this order."""
        self.table.setColumnHidden(LIKENESS, not distances)
        chosen = {self.model.rows[it.row()].id for it in self._selected()}
        self.model.set_rows(rows, distances)
        selection = self.table.selectionModel()
        for number, row in enumerate(rows if chosen else ()):
            if row.id in chosen:
                flags = QItemSelectionModel.SelectionFlag
                selection.select(self.model.index(number, 0), flags.Select | flags.Rows)
        self.totals.update()

    def show_decisions(
        self,
        takes: Callable[[CoverageRow], bool],
        decide: Callable[[CoverageRow], Decision],
        coverage: Coverage | None,
    ) -> None:
        """Show what is taken and why; ``coverage`` is that of the taken cells."""
        self.model.set_decisions(takes, decide)
        if coverage is None:
            self.totals.show_totals(0, {})
        else:
            self.totals.show_totals(len(coverage.useful_rows), coverage.totals)

    def _sort(self, column: int) -> None:
        """Sort by a column; a second click turns the order round."""
        header = self.table.horizontalHeader()
        again = header.isSortIndicatorShown() and header.sortIndicatorSection() == column
        ascending = header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        order = Qt.SortOrder.DescendingOrder if again and ascending else Qt.SortOrder.AscendingOrder
        header.setSortIndicatorShown(True)
        header.setSortIndicator(column, order)
        self.model.sort(column, order)

    def _selected(self) -> list[QModelIndex]:
        return self.table.selectionModel().selectedRows(NAME)
