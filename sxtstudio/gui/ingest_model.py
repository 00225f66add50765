"""The cells of a review as rows of a table that can be corrected."""

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from sxtstudio.core.errors import SxtError
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.gui.theme import tones
from sxtstudio.workflow.importing import parse_voxel_size_nm, voxel_words
from sxtstudio.workflow.ingest import corrections
from sxtstudio.workflow.ingest.proposals import CellProposal, Review, natural_order

Index = QModelIndex | QPersistentModelIndex

HEADERS = ("Take", "Cell", "Voxels", "Voxel size", "LAC of a unit", "Drawn", "Everywhere", "State")
TAKE, NAME, SHAPE, VOXEL, SCALE, DRAWN, EVERYWHERE, STATE = range(len(HEADERS))
_TIPS = {
    VOXEL: "Edge of a voxel in nm: one number, or z, y, x",
    SCALE: "LAC (µm⁻¹) that one stored unit stands for; 1 if the values are LAC",
    DRAWN: "The structures that are labelled",
    EVERYWHERE: "The structures that look as if they were drawn everywhere in the cell",
}


class IngestModel(QAbstractTableModel):
    """One row a tomogram; corrections replace the review, and ``changed`` tells so.

    ``refused`` says why an edit cannot be.
    """

    changed = Signal()
    refused = Signal(str)

    def __init__(self, ontology: Ontology) -> None:
        super().__init__()
        self.ontology = ontology
        self._review: Review | None = None

    @property
    def review(self) -> Review | None:
        """What the rows show."""
        return self._review

    def show_review(self, review: Review | None) -> None:
        """Show another review; the same number of rows keeps selection and place."""
        before = self.rowCount()
        rows = len(review.rows) if review else 0
        if rows == before:
            self._review = review
            if rows:
                last = self.index(rows - 1, len(HEADERS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
        else:
            self.beginResetModel()
            self._review = review
            self.endResetModel()
        self.changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows by a column, those that are alike by name; what is selected stays so."""
        if self._review is None:
            return
        before = self._review.rows
        by_name = sorted(range(len(before)), key=lambda it: natural_order(before[it]))
        falling = order == Qt.SortOrder.DescendingOrder
        rows = sorted(
            by_name, key=lambda it: _sort_key(before[it], column, self.ontology), reverse=falling
        )
        self.layoutAboutToBeChanged.emit()
        self._review = replace(self._review, rows=tuple(before[row] for row in rows))
        place = {row: number for number, row in enumerate(rows)}
        old = self.persistentIndexList()
        self.changePersistentIndexList(
            old, [self.index(place[it.row()], it.column()) for it in old]
        )
        self.layoutChanged.emit()

    def correct(self, change: Callable[[Review], Review]) -> bool:
        """Apply a correction; False, and a sentence by `refused`, if it cannot be."""
        if self._review is None:
            return False
        try:
            self.show_review(change(self._review))
        except SxtError as error:
            self.refused.emit(str(error))
            return False
        return True

    def row(self, number: int) -> CellProposal:
        """Return the proposal of a row."""
        assert self._review is not None
        return self._review.rows[number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of cells."""
        return 0 if parent.isValid() or self._review is None else len(self._review.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of facts."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return what stands above a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return _TIPS.get(section) if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a field."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == TAKE:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        editable = index.column() in (NAME, VOXEL, SCALE)
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a view asks for of a field."""
        row, column = self.row(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column, self.ontology)
        if role == Qt.ItemDataRole.EditRole:
            return _edited(row, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == TAKE:
            return Qt.CheckState.Checked if row.wanted else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row, column, self.ontology)
        if role == Qt.ItemDataRole.ForegroundRole:
            return _colour(row, column)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Correct a field."""
        name, column = self.row(index.row()).name, index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == TAKE:
            wanted = Qt.CheckState(value) == Qt.CheckState.Checked
            return self.correct(lambda it: corrections.set_take(it, wanted, names={name}))
        words = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or words == _edited(self.row(index.row()), column):
            return False
        if column == NAME:
            return self.correct(lambda it: corrections.rename(it, name, words))
        return self.correct(lambda it: set_fact(it, column, words, {name}))


def set_fact(review: Review, column: int, words: str, names: set[str]) -> Review:
    """Return a review with the voxel size (nm) or the LAC scale that was typed.

    Raises
    ------
    UnitError
        If that cannot be.
    """
    if column == VOXEL:
        size_um = parse_voxel_size_nm(words, "The voxel size")
        return corrections.set_voxel_size(review, size_um, names=names)
    return corrections.set_lac_per_unit(review, number(words), names=names)


def number(words: str) -> float:
    """Return a number typed with a point or a comma; what is none becomes NaN, to be refused."""
    try:
        return float(words.replace(",", "."))
    except ValueError:
        return float("nan")


def drawn_words(row: CellProposal, ontology: Ontology) -> str:
    """Return the structures of a cell, unknown materials by their name in the file."""
    names = [
        label.name or f"value {label.value}"
        if label.term is None
        else ("left out" if label.term == IGNORE else ontology.term(label.term).name)
        for label in row.values
    ]
    return ", ".join(dict.fromkeys(names))


def _everywhere_words(row: CellProposal, ontology: Ontology) -> str:
    names = [ontology.term(it.term).name for it in row.values if it.complete and it.term]
    return ", ".join(dict.fromkeys(names))


def _text(row: CellProposal, column: int, ontology: Ontology) -> str:
    scale, size_um = row.lac_per_unit, row.voxel_size_um
    drawn = drawn_words(row, ontology) or "nothing"
    texts = {
        NAME: row.name,
        SHAPE: " × ".join(map(str, row.shape)),
        VOXEL: voxel_words(size_um) if size_um else "?",
        SCALE: "?" if scale is None else f"{scale:.4g}",
        DRAWN: f"{drawn} (sparse)" if row.drawn else drawn,
        EVERYWHERE: _everywhere_words(row, ontology) or "–",
        STATE: state_words(row),
    }
    return texts.get(column, "")


def state_words(row: CellProposal) -> str:
    """Return in a few words what will become of a row; its tool tip has the sentences."""
    if not row.wanted:
        return "left out"
    if row.faults:
        return row.faults[0]
    unknown = sum(label.term is None for label in row.values)
    missing = [
        "voxel size" if row.voxel_size_um is None else "",
        "LAC scale" if row.lac_per_unit is None else "",
        f"{unknown} meanings" if unknown > 1 else "a meaning" if unknown else "",
    ]
    if any(missing):
        return f"needs {', '.join(filter(None, missing))}"
    if row.problems:
        return row.problems[0]
    return f"ready; {row.remarks[0]}" if row.remarks else "ready"


def _sort_key(row: CellProposal, column: int, ontology: Ontology) -> tuple[object, ...]:
    """Return by what rows are sorted; what is not known comes first, it has to be looked at."""
    keys: dict[int, tuple[object, ...]] = {
        TAKE: (not row.wanted,),
        NAME: natural_order(row),
        SHAPE: (math.prod(row.shape),),
        VOXEL: (math.prod(row.voxel_size_um or (0.0,)),),
        SCALE: (row.lac_per_unit or 0.0,),
        STATE: (not row.problems, not row.remarks, state_words(row).casefold()),
    }
    return keys.get(column, (_text(row, column, ontology).casefold(),))


def _edited(row: CellProposal, column: int) -> str:
    if column == NAME:
        return row.name
    if column == VOXEL and row.voxel_size_um:
        edges = [f"{1000 * edge:.6g}" for edge in row.voxel_size_um]
        return edges[0] if len(set(edges)) == 1 else ",".join(edges)
    if column == SCALE and row.lac_per_unit is not None:
        return f"{row.lac_per_unit:.6g}"
    return ""


def _tip(row: CellProposal, column: int, ontology: Ontology) -> str:
    if column == NAME:
        files = [str(row.tomogram), *(str(path) for path, _ in row.label_files)]
        return "\n".join(files + ([str(row.project)] if row.project else []))
    if column == VOXEL:
        return row.voxel_problem or row.voxel_reason
    if column == SCALE:
        return row.scale_problem or row.lac_reason
    if column == DRAWN:
        return "\n".join(filter(None, (drawn_words(row, ontology), row.drawn and row.drawn.words)))
    if column == EVERYWHERE:
        return _everywhere_words(row, ontology)
    return "\n".join((*row.problems, *row.remarks)) if column == STATE else ""


def _colour(row: CellProposal, column: int) -> QColor | None:
    if not row.wanted:
        return QColor(tones().faint)
    missing = {
        VOXEL: row.voxel_size_um is None or bool(row.voxel_problem),
        SCALE: row.lac_per_unit is None or bool(row.scale_problem),
    }
    missing |= {DRAWN: any(label.term is None for label in row.values)}
    if missing.get(column) or (column == STATE and row.problems):
        return QColor(tones().warning)
    return QColor(tones().warning) if column == STATE and row.remarks else None
