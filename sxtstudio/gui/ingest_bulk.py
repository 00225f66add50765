"""The line that corrects all selected cells of a review at once."""

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sxtstudio.gui.fields import QuietComboBox, line_edit, push_button, text_label
from sxtstudio.gui.ingest_model import SCALE, VOXEL, number, set_fact
from sxtstudio.workflow.ingest import corrections
from sxtstudio.workflow.ingest.proposals import Review

Correction = Callable[[Review, set[str]], Review]
"""What ``wanted`` carries: a review and the names of the selected cells give the next review."""

_FIELDS: tuple[tuple[str, str, Callable[[Review, str, set[str]], Review]], ...] = (
    (
        "Voxel size",
        "nm: one number, or z, y, x",
        lambda review, words, names: set_fact(review, VOXEL, words, names),
    ),
    (
        "LAC of one unit",
        "µm⁻¹; 1 if the values are LAC",
        lambda review, words, names: set_fact(review, SCALE, words, names),
    ),
    (
        "Voxel when reconstructed",
        "nm, for values of LAC × voxel size",
        lambda review, words, names: corrections.set_reconstructed_voxel(
            review, number(words) / 1000, names=names
        ),
    ),
    (
        "Species",
        "for all selected",
        lambda review, words, names: corrections.set_specimen(
            review, "species", words, names=names
        ),
    ),
    (
        "Strain",
        "for all selected",
        lambda review, words, names: corrections.set_specimen(review, "strain", words, names=names),
    ),
    (
        "Condition",
        "for all selected",
        lambda review, words, names: corrections.set_specimen(
            review, "condition", words, names=names
        ),
    ),
    (
        "Instrument",
        "for all selected",
        lambda review, words, names: corrections.set_specimen(
            review, "instrument", words, names=names
        ),
    ),
)


class IngestBulk(QWidget):
    """Sets a fact of the selected cells; ``wanted`` carries a function of review and names."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ingest_bulk")
        self.words = text_label("ingest_bulk_words", "Which cells are corrected")
        self.words.setWordWrap(False)
        self.field_combo = QuietComboBox()
        self.field_combo.setObjectName("ingest_bulk_field")
        self.field_combo.setAccessibleName("What to set")
        for words, _, _ in _FIELDS:
            self.field_combo.addItem(words)
        self.value_edit = line_edit("ingest_bulk_value", "Value to set")
        self.set_button = push_button("ingest_bulk_set", "Set")
        self.take_button = push_button("ingest_bulk_take", "Take", "Take the selected cells in")
        self.leave_button = push_button("ingest_bulk_leave", "Leave out")
        self.dense_button = push_button(
            "ingest_bulk_dense",
            "Not sparse",
            "Every plane was looked at: what is not labelled is really not there",
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words)
        row.addWidget(self.field_combo)
        row.addWidget(self.value_edit, 1)
        for button in (self.set_button, self.take_button, self.leave_button, self.dense_button):
            row.addWidget(button)
        self.field_combo.currentIndexChanged.connect(self._show_hint)
        self.value_edit.textChanged.connect(self._update)
        self.value_edit.returnPressed.connect(self._set)
        self.set_button.clicked.connect(self._set)
        self.take_button.clicked.connect(lambda: self._take(wanted=True))
        self.leave_button.clicked.connect(lambda: self._take(wanted=False))
        self.dense_button.clicked.connect(self._set_dense)
        self._count = 0
        self._show_hint()
        self.show_count(0, sparse=False)

    def show_count(self, count: int, *, sparse: bool) -> None:
        """Say how many cells are selected, and whether one of them is drawn sparsely."""
        self._count = count
        self.words.setText("1 cell selected:" if count == 1 else f"{count} cells selected:")
        self.dense_button.setEnabled(sparse)
        self._update()

    @Slot()
    def _show_hint(self) -> None:
        self.value_edit.setPlaceholderText(_FIELDS[self.field_combo.currentIndex()][1])

    @Slot()
    def _update(self) -> None:
        for widget in (self.field_combo, self.value_edit, self.take_button, self.leave_button):
            widget.setEnabled(bool(self._count))
        self.set_button.setEnabled(bool(self._count and self.value_edit.text().strip()))

    @Slot()
    def _set(self) -> None:
        words = self.value_edit.text().strip()
        if self._count and words:
            correct = _FIELDS[self.field_combo.currentIndex()][2]
            self.wanted.emit(lambda review, names: correct(review, words, names))

    def _take(self, *, wanted: bool) -> None:
        self.wanted.emit(lambda review, names: corrections.set_take(review, wanted, names=names))

    @Slot()
    def _set_dense(self) -> None:
        self.wanted.emit(lambda review, names: corrections.set_dense(review, names=names))
