"""The measurements panel: a table to sort, copy and save."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.core.table import MeasurementTable, Value
from sxtstudio.gui import messages
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.io.files import write_atomically

_UNITS = {
    "um3": "µm³",
    "um2": "µm²",
    "um": "µm",
    "per_um": "µm⁻¹",
    "per_um3": "µm⁻³",
    "nm": "nm",
    "percent": "%",
}
_OBJECT = "object"
_WHOLE_CLASS = "all"
Index = QModelIndex | QPersistentModelIndex


def header_words(name: str) -> str:
    """Return a column's name for people: ``lac_mean_per_um`` is "LAC mean (µm⁻¹)"."""
    for ending in sorted(_UNITS, key=len, reverse=True):
        stem = name.removesuffix(f"_{ending}")
        if stem != name:
            return f"{_words(stem)} ({_UNITS[ending]})"
    return _words(name)


def _words(name: str) -> str:
    words = name.replace("_", " ").replace("lac", "LAC").replace("sd", "SD")
    return words[:1].upper() + words[1:]


class TableModel(QAbstractTableModel):
    """A `MeasurementTable` for Qt; sorting uses the numbers, not their text."""

    def __init__(self, table: MeasurementTable | None = None) -> None:
        super().__init__()
        self.table = table

    def show_table(self, table: MeasurementTable | None) -> None:
        """Show another table."""
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if self.table is None or (parent and parent.isValid()) else len(self.table.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        if self.table is None or (parent and parent.isValid()):
            return 0
        return len(self.table.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's words with its unit, and its meaning as a tooltip."""
        if self.table is None or orientation != Qt.Orientation.Horizontal:
            return None
        column = self.table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return header_words(column.name)
        return column.description if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, or its value for sorting."""
        if self.table is None or not index.isValid():
            return None
        value = self.table.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            whole_class = value == 0 and index.column() == _object_column(self.table)
            return _WHOLE_CLASS if whole_class else value_words(value)
        if role == Qt.ItemDataRole.UserRole:
            return value
        if role == Qt.ItemDataRole.TextAlignmentRole and not isinstance(value, str):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class _Rows(QSortFilterProxyModel):
    """Sorts by value, and leaves single objects out unless they are wanted."""

    objects_shown = False

    def show_objects(self, shown: bool) -> None:
        """Show a row for every object, or only one for each class."""
        self.beginFilterChange()
        self.objects_shown = shown
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002 - Qt's
        model = self.sourceModel()
        table = model.table if isinstance(model, TableModel) else None
        column = _object_column(table)
        if self.objects_shown or table is None or column is None:
            return True
        return table.rows[source_row][column] == 0

    def lessThan(self, source_left: Index, source_right: Index) -> bool:
        left = self.sourceModel().data(source_left, Qt.ItemDataRole.UserRole)
        right = self.sourceModel().data(source_right, Qt.ItemDataRole.UserRole)
        return _sort_key(left) < _sort_key(right)


def _object_column(table: MeasurementTable | None) -> int | None:
    """Return the column that numbers the objects of a class, 0 being the whole class."""
    names = [column.name for column in table.columns] if table else []
    return names.index(_OBJECT) if _OBJECT in names else None


def _sort_key(value: Value) -> tuple[int, float, str]:
    if value is None:
        return (0, 0.0, "")
    return (2, 0.0, value.casefold()) if isinstance(value, str) else (1, float(value), "")


def value_words(value: Value) -> str:
    """Return a value for people: four significant digits, a dash where nothing was measured."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class _TableView(QTableView):
    """A table that leaves copying to its panel: Qt itself copies a single cell."""

    copy_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)


class MeasurePanel(QWidget):
    """Shows one table of measurements."""

    def __init__(self, folder: Callable[[], Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("measure_panel")
        self._folder = folder
        self.caption = text_label("measure_caption", "What was measured")
        self.model = TableModel()
        self._sorted = _Rows()
        self._sorted.setSourceModel(self.model)
        self.view = self._table_view()
        self.copy_button = push_button("copy_table_button", "Copy", "Copy the chosen rows (Ctrl+C)")
        self.save_button = push_button("save_table_button", "Save CSV …", "Save the table as CSV")
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)
        self.view.copy_wanted.connect(self.copy)
        self.objects_tick = QCheckBox("Every object")
        self.objects_tick.setObjectName("objects_tick")
        self.objects_tick.setToolTip("A row for every object, not only one for each class")
        self.objects_tick.toggled.connect(self._sorted.show_objects)
        self._arrange()
        self.show_table("", None)

    def _table_view(self) -> "_TableView":
        view = _TableView()
        view.setObjectName("measure_table")
        view.setAccessibleName("Measurements")
        view.setModel(self._sorted)
        view.setSortingEnabled(True)
        view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setAlternatingRowColors(True)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(22)
        return view

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 0)
        bar.addWidget(self.caption, 1)
        bar.addWidget(self.objects_tick)
        bar.addWidget(self.copy_button)
        bar.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.view)

    def show_table(self, caption: str, table: MeasurementTable | None) -> None:
        """Show a table in the order it was measured, or none."""
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.model.show_table(table)
        self.view.resizeColumnsToContents()
        self.caption.setText(caption or "Nothing measured yet. Measure from the Project menu.")
        for button in (self.copy_button, self.save_button):
            button.setEnabled(table is not None)
        self.objects_tick.setVisible(_object_column(table) is not None)

    def choose_object(self, class_name: str, number: int) -> bool:
        """Choose the row of an object of a class and show it; tell whether there is one."""
        table, column = self.model.table, _object_column(self.model.table)
        if table is None or column is None:
            return False
        classes = [it.name for it in table.columns].index("class")
        rows = (
            i
            for i, row in enumerate(table.rows)
            if (row[classes], row[column]) == (class_name, number)
        )
        row = next(rows, None)
        if row is None:
            return False
        self.objects_tick.setChecked(self.objects_tick.isChecked() or number > 0)
        index = self._sorted.mapFromSource(self.model.index(row, 0))
        self.view.selectRow(index.row())
        self.view.scrollTo(index)
        return True

    @Slot()
    def copy(self) -> None:
        """Copy the chosen rows, or all, as tab-separated text with the headers."""
        chosen = sorted({index.row() for index in self.view.selectionModel().selectedIndexes()})
        rows = chosen or range(self._sorted.rowCount())
        columns = range(self._sorted.columnCount())
        display = Qt.ItemDataRole.DisplayRole
        lines = [[str(self.model.headerData(i, Qt.Orientation.Horizontal)) for i in columns]]
        lines += [[self._sorted.index(row, i).data(display) for i in columns] for row in rows]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    @Slot()
    def save(self) -> None:
        """Save the whole table as CSV where the user says."""
        table = self.model.table
        if table is None:
            return
        proposal = self._folder() / "measurements.csv"
        path = messages.choose_new_file(self, "Save measurements", proposal, ["CSV (*.csv)"])
        if path is None:
            return
        try:
            with write_atomically(path) as part:
                part.write_text(table.to_csv(), encoding="utf-8")
        except SxtError as error:
            messages.show_error(self, "Save measurements", str(error))
