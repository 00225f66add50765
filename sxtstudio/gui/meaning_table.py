"""Which terms the materials of a review stand for, and which are drawn everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
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
from sxtstudio.gui.term_combo import NEW_TERM, TermCombo
from sxtstudio.gui.theme import tones
from sxtstudio.workflow.ingest.proposals import CellProposal, Confidence, LabelProposal

_HEADERS = ("Material", "Cells", "Stands for", "How sure", "Everywhere")
_MATERIAL, _CELLS, _TERM, _SURE, _COMPLETE = range(len(_HEADERS))
_SURE_WORDS: dict[Confidence, str] = {
    "stated": "you said so",
    "exact": "its name",
    "synonym": "another word",
    "fuzzy": "similar word",
    "value": "by its number",
    "unknown": "unknown",
}


@dataclass(frozen=True, kw_only=True)
class Material:
    """A material wherever it occurs; ``value`` is set where it has no name.

    ``term`` and ``complete`` are None where the cells differ.
    """

    name: str
    value: int | None
    cells: int
    voxels: int
    term: str | None
    complete: bool | None
    confidence: Confidence
    reason: str

    @property
    def words(self) -> str:
        """What it is called."""
        return self.name or f"value {self.value}"


def materials_of(rows: Iterable[CellProposal]) -> tuple[Material, ...]:
    """Return every material of these cells once, those without a meaning first."""
    found: dict[tuple[str, int | None], list[LabelProposal]] = {}
    for row in rows:
        for label in row.values:
            name = label.name.strip().casefold()
            found.setdefault((name, None if name else label.value), []).append(label)
    materials = [_material(value, labels) for (_, value), labels in found.items()]
    return tuple(sorted(materials, key=lambda it: (it.term is not None, it.words.casefold())))


def _material(value: int | None, labels: list[LabelProposal]) -> Material:
    terms = {label.term for label in labels}
    complete = {label.complete for label in labels}
    unsure = next((it for it in labels if it.term is None), labels[0])
    return Material(
        name=labels[0].name.strip(),
        value=value,
        cells=len(labels),
        voxels=sum(label.voxels for label in labels),
        term=terms.pop() if len(terms) == 1 else None,
        complete=complete.pop() if len(complete) == 1 else None,
        confidence=unsure.confidence,
        reason=unsure.reason,
    )


class MeaningTable(QTableWidget):
    """A row a material, with the term it stands for and a tick for "drawn everywhere".

    The signals carry the `Material` and what was chosen for it.
    """

    term_chosen = Signal(object, str)
    complete_chosen = Signal(object, bool)
    new_term_wanted = Signal(object)

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADERS), parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self._materials: tuple[Material, ...] = ()
        self._ontology: Ontology | None = None
        self.setHorizontalHeaderLabels(_HEADERS)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_TERM, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    @property
    def materials(self) -> tuple[Material, ...]:
        """The materials in the order of the rows."""
        return self._materials

    def combo(self, row: int) -> TermCombo:
        """Return the box where the term of a material is chosen."""
        widget = self.cellWidget(row, _TERM)
        assert isinstance(widget, TermCombo)
        return widget

    def tick(self, row: int) -> QCheckBox:
        """Return the tick "drawn everywhere" of a material."""
        holder = self.cellWidget(row, _COMPLETE)
        assert holder is not None
        tick = holder.findChild(QCheckBox)
        assert isinstance(tick, QCheckBox)
        return tick

    def show_materials(self, materials: Iterable[Material], ontology: Ontology) -> None:
        """Show these materials; rows that were there keep their place and their boxes."""
        by_key = {(it.name.casefold(), it.value): it for it in materials}
        keys = [(it.name.casefold(), it.value) for it in self._materials]
        if set(keys) == set(by_key):
            self._materials = tuple(by_key[key] for key in keys)
        else:
            self._materials = tuple(by_key.values())
            self._make_rows(ontology)
        for row, material in enumerate(self._materials):
            if ontology is not self._ontology:
                self.combo(row).offer(ontology)
            self._show_row(row, material)
        self._ontology = ontology

    def _make_rows(self, ontology: Ontology) -> None:
        self.setRowCount(0)
        self.setRowCount(len(self._materials))
        for row, material in enumerate(self._materials):
            for column in (_MATERIAL, _CELLS, _SURE):
                self.setItem(row, column, QTableWidgetItem())
            combo = TermCombo(ontology, with_new=True)
            combo.setObjectName(f"{self.objectName()}_term_{row}")
            combo.setAccessibleName(f"What {material.words} stands for")
            combo.currentIndexChanged.connect(lambda _index, row=row: self._choose(row))
            self.setCellWidget(row, _TERM, combo)
            tick = QCheckBox()
            tick.setObjectName(f"{self.objectName()}_complete_{row}")
            tick.setAccessibleName(f"{material.words} is drawn everywhere")
            tick.clicked.connect(lambda _on, row=row: self._tick(row))
            self.setCellWidget(row, _COMPLETE, _centred(tick))

    def _show_row(self, row: int, material: Material) -> None:
        unknown = material.term is None
        sure = _SURE_WORDS[material.confidence] if not unknown else "unknown"
        if unknown and material.confidence != "unknown":
            sure = "differs"
        texts = {_MATERIAL: material.words, _CELLS: f"{material.cells:,}", _SURE: sure}
        for column, text in texts.items():
            item = self.item(row, column)
            assert item is not None
            item.setText(text)
            item.setToolTip(f"{material.words}: {material.voxels:,} voxels\n{material.reason}")
            problem = unknown and column != _CELLS
            ink = QColor(tones().warning) if problem else None
            item.setData(Qt.ItemDataRole.ForegroundRole, ink)
        combo, tick = self.combo(row), self.tick(row)
        combo.blockSignals(True)
        combo.set_term(material.term)
        combo.blockSignals(False)
        tick.setEnabled(material.term not in (None, IGNORE))
        tick.setTristate(material.complete is None)
        tick.setCheckState(
            Qt.CheckState.PartiallyChecked
            if material.complete is None
            else Qt.CheckState.Checked
            if material.complete
            else Qt.CheckState.Unchecked
        )

    def _choose(self, row: int) -> None:
        material, term = self._materials[row], self.combo(row).term
        if term == NEW_TERM:
            combo = self.combo(row)
            combo.blockSignals(True)
            combo.set_term(material.term)
            combo.blockSignals(False)
            self.new_term_wanted.emit(material)
        elif term is not None and term != material.term:
            self.term_chosen.emit(material, term)

    def _tick(self, row: int) -> None:
        on = self.tick(row).checkState() != Qt.CheckState.Unchecked
        self.complete_chosen.emit(self._materials[row], on)


def _centred(widget: QWidget) -> QWidget:
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignCenter)
    return holder
