"""What the reference cells are filtered by."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from sxtstudio.core.coverage import CoverageRow, Grouping
from sxtstudio.core.coverage_filter import GROUPINGS, RowFilter, group_words
from sxtstudio.gui.fields import QuietComboBox, line_edit, push_button

_WORDS: dict[Grouping, str] = {
    "kind": "Kind",
    "condition": "Condition",
    "instrument": "Instrument",
    "voxel size": "Voxels",
}
_ANY = "any"
_SHORTEST, _TEXT_PX = 4, 80


class CellFilters(QWidget):
    """One field a property; ``changed`` follows each change."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cell_filters")
        self.text_edit = line_edit("cell_search", "Search cells", "Search …")
        self.text_edit.setClearButtonEnabled(True)
        self.text_edit.setMinimumWidth(_TEXT_PX)
        self.combos: dict[Grouping, QComboBox] = {
            by: _combo(f"cell_{by.replace(' ', '_')}", _WORDS[by]) for by in GROUPINGS
        }
        self.knows_combo = _combo("cell_knows", "Knows")
        self.clear_button = push_button("cell_filters_clear", "Clear", "Show every cell again")
        self._arrange()
        self.text_edit.textChanged.connect(self.changed)
        for combo in (*self.combos.values(), self.knows_combo):
            combo.currentIndexChanged.connect(self.changed)
        self.clear_button.clicked.connect(self.clear)

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        fields: list[tuple[str, QWidget]] = [("Search", self.text_edit)]
        fields += [("Knows", self.knows_combo)]
        fields += [(_WORDS[by], combo) for by, combo in self.combos.items()]
        for column, (words, field) in enumerate(fields):
            label = QLabel(words)
            label.setObjectName("fieldName")
            label.setBuddy(field)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 3 if column == 0 else 2)
        grid.addWidget(self.clear_button, 1, len(fields))

    def offer(self, rows: Sequence[CoverageRow], classes: Sequence[str]) -> None:
        """Offer the properties that these cells have, and these classes."""
        self.blockSignals(True)
        for by, combo in self.combos.items():
            _fill(combo, group_words(rows, by))
            combo.setEnabled(combo.count() > 2)
        _fill(self.knows_combo, classes)
        self.blockSignals(False)

    def read(self) -> RowFilter:
        """Return what is looked for."""
        return RowFilter(
            text=self.text_edit.text(),
            groups={by: combo.currentData() or "" for by, combo in self.combos.items()},
            knows=self.knows_combo.currentData() or "",
        )

    @Slot()
    def clear(self) -> None:
        """Look for every cell."""
        self.text_edit.clear()
        for combo in (*self.combos.values(), self.knows_combo):
            combo.setCurrentIndex(0)


def _combo(name: str, words: str) -> QComboBox:
    combo = QuietComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(words)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(_SHORTEST)
    combo.addItem(_ANY, "")
    return combo


def _fill(combo: QComboBox, words: Sequence[str]) -> None:
    """Offer these words and keep the choice, if it is still among them."""
    chosen = combo.currentData()
    combo.clear()
    combo.addItem(_ANY, "")
    for word in words:
        combo.addItem(word, word)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
