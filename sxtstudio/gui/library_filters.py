"""What the cells of the library are filtered by."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.fields import QuietComboBox, line_edit, push_button
from sxtstudio.gui.term_combo import TermCombo
from sxtstudio.gui.theme import set_role
from sxtstudio.library.records import CellQuery, LibraryCell

_PAUSE_MS = 200
"""A query is asked once the user has stopped typing for this long."""
_ANY = "any"
_ONE_ROW_PX, _TWO_ROWS_PX = 960, 540


class LibraryFilters(QWidget):
    """One field a property; ``changed`` comes a moment after the last change."""

    changed = Signal()

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("library_filters")
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self.text_edit = line_edit("library_search", "Search", "Name, specimen, structure …")
        self.text_edit.setClearButtonEnabled(True)
        self.kind_combo = _choice("library_kind", "Kind of cell")
        self.condition_combo = _choice("library_condition", "Condition")
        self.instrument_combo = _choice("library_instrument", "Instrument")
        self.voxel_combo = _choice("library_voxel", "Voxel size")
        self.class_combo = self._classes(ontology)
        self.unused_tick = QCheckBox("Withdrawn too")
        self.unused_tick.setObjectName("library_unused")
        self.unused_tick.setToolTip("Show cells that were withdrawn or replaced as well")
        self.clear_button = push_button("library_clear", "Clear", "Show every cell again")
        self._arrange()
        self._connect()

    def _classes(self, ontology: Ontology) -> TermCombo:
        combo = TermCombo(ontology, with_ignore=False)
        combo.setObjectName("library_class")
        combo.setAccessibleName("Structure that is drawn")
        line = combo.lineEdit()
        if line is not None:
            line.setPlaceholderText("any, or type a name")
            line.setClearButtonEnabled(True)
        return combo

    def _arrange(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._fields = tuple(
            (_labelled(words, field), stretch)
            for words, field, stretch in (
                ("Search", self.text_edit, 5),
                ("Knows", self.class_combo, 4),
                ("Kind", self.kind_combo, 4),
                ("Condition", self.condition_combo, 3),
                ("Instrument", self.instrument_combo, 3),
                ("Voxels", self.voxel_combo, 2),
            )
        )
        self._columns = 0
        self._fill_grid(len(self._fields))

    def _fill_grid(self, columns: int) -> None:
        """Put the fields into rows of so many, tick and button at the end of the last row."""
        if columns == self._columns:
            return
        self._columns = columns
        bottom = Qt.AlignmentFlag.AlignBottom
        for number, (field, stretch) in enumerate(self._fields):
            row, column = divmod(number, columns)
            self._grid.addWidget(field, row, column, bottom)
            self._grid.setColumnStretch(number, stretch if number < columns else 0)
        last = (len(self._fields) - 1) // columns
        self._grid.addWidget(self.unused_tick, last, columns, bottom)
        self._grid.addWidget(self.clear_button, last, columns + 1, bottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use a second row of fields where one is too narrow for all."""
        super().resizeEvent(event)
        count = len(self._fields)
        self._fill_grid(count if self.width() >= _ONE_ROW_PX else (count + 1) // 2)

    def minimumSizeHint(self) -> QSize:
        """Return the room for two rows: with less width than one row takes, there are two."""
        return QSize(_TWO_ROWS_PX, super().minimumSizeHint().height())

    def _connect(self) -> None:
        self.text_edit.textChanged.connect(self._wait)
        self.unused_tick.toggled.connect(self._wait)
        self.clear_button.clicked.connect(self.clear)
        for combo in self._choices():
            combo.currentIndexChanged.connect(self._wait)
        self.class_combo.currentIndexChanged.connect(self._wait)
        self.class_combo.editTextChanged.connect(self._forget_class)

    def _choices(self) -> tuple[QComboBox, ...]:
        return (self.kind_combo, self.condition_combo, self.instrument_combo, self.voxel_combo)

    @Slot()
    def _wait(self) -> None:
        self._pause.start()

    @Slot(str)
    def _forget_class(self, text: str) -> None:
        if not text:
            self.class_combo.setCurrentIndex(-1)

    @Slot()
    def clear(self) -> None:
        """Ask for every cell that is in use."""
        self.text_edit.clear()
        self.class_combo.set_term(None)
        self.unused_tick.setChecked(False)
        for combo in self._choices():
            combo.setCurrentIndex(0)

    def offer(self, cells: Iterable[LibraryCell], ontology: Ontology) -> None:
        """Offer the classes of a vocabulary, and what these cells have of everything else."""
        self.class_combo.offer(ontology)
        known = tuple(cells)
        facts: tuple[tuple[QComboBox, Callable[[LibraryCell], str]], ...] = (
            (self.kind_combo, lambda cell: cell.kind),
            (self.condition_combo, lambda cell: cell.condition),
            (self.instrument_combo, lambda cell: cell.instrument),
        )
        for combo, fact in facts:
            values = sorted({fact(cell) for cell in known} - {""}, key=str.lower)
            _fill(combo, [(value, value) for value in values])
        sizes_nm = sorted({round(_mean_edge_nm(cell)) for cell in known})
        _fill(self.voxel_combo, [(f"{size} nm", (size - 0.5, size + 0.5)) for size in sizes_nm])

    def query(self) -> CellQuery:
        """Return what is asked for."""
        class_id = self.class_combo.term
        return CellQuery(
            text=self.text_edit.text().strip(),
            kind=self.kind_combo.currentData() or "",
            condition=self.condition_combo.currentData() or "",
            instrument=self.instrument_combo.currentData() or "",
            voxel_nm=self.voxel_combo.currentData(),
            drawn=frozenset({class_id}) if class_id else frozenset(),
            with_unused=self.unused_tick.isChecked(),
        )


def _labelled(words: str, field: QWidget) -> QWidget:
    """Return a field with its words above it."""
    label = QLabel(words)
    set_role(label, "dim")
    label.setBuddy(field)
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(label)
    column.addWidget(field)
    return both


def _mean_edge_nm(cell: LibraryCell) -> float:
    return 1000 * sum(cell.voxel_size_um) / 3


def _choice(name: str, words: str) -> QComboBox:
    combo = QuietComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(words)
    combo.setMinimumContentsLength(6)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.addItem(_ANY, None)
    return combo


def _fill(combo: QComboBox, entries: list[tuple[str, object]]) -> None:
    """Offer other entries; what was chosen stays chosen if it is still there."""
    chosen = combo.currentText()
    combo.blockSignals(True)
    combo.clear()
    combo.addItem(_ANY, None)
    for words, value in entries:
        combo.addItem(words, value)
    combo.setCurrentIndex(max(0, combo.findText(chosen, Qt.MatchFlag.MatchExactly)))
    combo.blockSignals(False)
