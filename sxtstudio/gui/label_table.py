"""The table of label values: which class each label value stands for, and where it is complete."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.import_preview import LabelPreview, LabelRow
from sxtstudio.gui.term_combo import NEW_TERM, TermCombo
from sxtstudio.workflow.label_import import UNLABELLED

_HEADERS = ("Value", "In the file", "Voxels", "Class", "Drawn everywhere")
_VALUE, _NAME, _CLASS, _COMPLETE = 0, 1, 3, 4
_NO_CLASS = (IGNORE, UNLABELLED)


class LabelTable(QTableWidget):
    """One row a label value, with its class to choose and a tick for "drawn everywhere".

    ``new_term_wanted`` carries the number of a row whose class is not in the vocabulary.
    """

    changed = Signal()
    new_term_wanted = Signal(int)

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADERS), parent)
        self.setObjectName("label_table")
        self.setAccessibleName("Label values and their classes")
        self._ontology = ontology
        self._rows: tuple[LabelRow, ...] = ()
        self._combos: list[TermCombo] = []
        self._ticks: list[QCheckBox] = []
        self.setHorizontalHeaderLabels(_HEADERS)
        complete = QTableWidgetItem(_HEADERS[_COMPLETE])
        complete.setToolTip(
            "Tick this where every voxel of the class is drawn in this cell. A class that is drawn "
            "only here and there stays unticked; nothing wrong is learned from it then."
        )
        self.setHorizontalHeaderItem(_COMPLETE, complete)
        self.verticalHeader().hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_CLASS, QHeaderView.ResizeMode.Stretch)

    def show_labels(self, preview: LabelPreview | None) -> None:
        """Show the values of a label file, or none."""
        self._rows = preview.rows if preview else ()
        self._combos, self._ticks = [], []
        self.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            for column, text in enumerate((str(row.value), row.name, f"{row.voxels:,}")):
                self.setItem(number, column, _item(text))
            self._combos.append(self._combo(number, row))
            self._ticks.append(self._tick(row))
            self.setCellWidget(number, _CLASS, self._combos[-1])
            self.setCellWidget(number, _COMPLETE, _centred(self._ticks[-1]))
        self.setColumnHidden(_NAME, not any(row.name for row in self._rows))
        self._changed()

    def show_colours(self, colours: Mapping[int, str]) -> None:
        """Show in what colour (``#rrggbb``) a picture draws each label value, if it does."""
        for number, row in enumerate(self._rows):
            item = self.item(number, _VALUE)
            if item is not None:
                colour = colours.get(row.value)
                item.setIcon(swatch_icon(colour) if colour else QIcon())

    def offer(self, ontology: Ontology) -> None:
        """Offer the terms of another vocabulary; what was chosen stays chosen."""
        self._ontology = ontology
        for combo in self._combos:
            combo.offer(ontology)

    def name_of(self, row: int) -> str:
        """Return what the file calls the value of a row, empty if it has no name for it."""
        return self._rows[row].name

    def terms(self) -> dict[int, str | None]:
        """Return what each label value stands for, None where nothing was chosen yet."""
        pairs = zip(self._rows, self._combos, strict=True)
        return {row.value: combo.term for row, combo in pairs}

    def combo(self, row: int) -> TermCombo:
        """Return the box where the class of a row is chosen."""
        return self._combos[row]

    def tick(self, row: int) -> QCheckBox:
        """Return the tick "drawn everywhere" of a row."""
        return self._ticks[row]

    @Slot()
    def tick_all(self) -> None:
        """Tick every class, as for a cell that was labelled throughout."""
        for tick in self._ticks:
            tick.setChecked(tick.isEnabled())

    def problem(self) -> str:
        """Return what still has to be chosen, empty if nothing."""
        for row, combo in zip(self._rows, self._combos, strict=True):
            typed = combo.currentText().strip()
            if combo.currentData() is None and typed:
                return f"There is no class “{typed}” (label value {row.value}); choose one listed."
            if combo.currentData() is None:
                return f"Choose the class that the label value {row.value} stands for."
        return ""

    def classes_words(self) -> str:
        """Return the choice as "1=nucleus,2=mitochondria"."""
        return ",".join(f"{row.value}={class_id}" for row, class_id in self._chosen())

    def complete_words(self) -> str:
        """Return the classes that are drawn everywhere as "nucleus,lipid", or "none"."""
        ticked = (
            class_id
            for (_, class_id), tick in zip(self._chosen(), self._ticks, strict=True)
            if tick.isChecked() and class_id not in _NO_CLASS
        )
        return ",".join(dict.fromkeys(ticked)) or "none"

    def drawn(self) -> frozenset[str]:
        """Return the classes of which at least one voxel is labelled."""
        pairs = zip(self._rows, self._combos, strict=True)
        terms = {it.term for row, it in pairs if row.voxels and it.term}
        return frozenset(terms) - {UNLABELLED}

    def _chosen(self) -> list[tuple[LabelRow, str]]:
        pairs = zip(self._rows, self._combos, strict=True)
        return [(row, str(combo.currentData())) for row, combo in pairs]

    def _combo(self, number: int, row: LabelRow) -> TermCombo:
        combo = TermCombo(self._ontology, with_new=True, with_unlabelled=True)
        combo.setObjectName(f"class_of_{row.value}")
        combo.setAccessibleName(f"Class of label value {row.value}")
        if row.class_id is not None:
            combo.set_term(row.class_id)
        combo.currentIndexChanged.connect(lambda _index: self._choose(number))
        return combo

    def _choose(self, number: int) -> None:
        combo = self._combos[number]
        if combo.term == NEW_TERM:
            combo.blockSignals(True)
            combo.set_term(None)
            combo.blockSignals(False)
            self.new_term_wanted.emit(number)
        self._changed()

    def _tick(self, row: LabelRow) -> QCheckBox:
        tick = QCheckBox()
        tick.setObjectName(f"complete_{row.value}")
        tick.setAccessibleName(f"Label value {row.value} is drawn everywhere")
        tick.setChecked(row.complete)
        return tick

    @Slot()
    def _changed(self) -> None:
        for combo, tick in zip(self._combos, self._ticks, strict=True):
            tick.setEnabled(combo.term is not None and combo.term not in _NO_CLASS)
        self.changed.emit()


def _item(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return item


def _centred(widget: QWidget) -> QWidget:
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignCenter)
    return holder
