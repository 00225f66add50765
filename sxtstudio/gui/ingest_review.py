"""The page where the proposals of an ingest are looked at and corrected."""

from PySide6.QtCore import QItemSelection, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.fields import problem_label, text_label
from sxtstudio.gui.ingest_bulk import Correction, IngestBulk
from sxtstudio.gui.ingest_model import (
    DRAWN,
    EVERYWHERE,
    NAME,
    SCALE,
    SHAPE,
    STATE,
    TAKE,
    VOXEL,
    IngestModel,
)
from sxtstudio.gui.ingest_planes import MiddlePlanes, PlanesPicture, read_middle_planes
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.meaning_table import Material, MeaningTable, materials_of
from sxtstudio.workflow.importing import voxel_words
from sxtstudio.workflow.ingest import corrections
from sxtstudio.workflow.ingest.proposals import CellProposal, Review

_WIDTHS_PX = {TAKE: 46, NAME: 150, SHAPE: 120, VOXEL: 90, SCALE: 90, DRAWN: 220, EVERYWHERE: 150}
_ABOVE_PX, _BELOW_PX = 260, 300


class IngestReview(QWidget):
    """Cells above; below, the chosen cell with its planes, and the materials of all cells.

    ``new_term_wanted`` asks for a term that the vocabulary lacks.
    """

    new_term_wanted = Signal(object)
    refused = Signal(str)

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = IngestModel(ontology)
        self.table = self._make_table()
        self.bulk = IngestBulk()
        self.problems_tick = QCheckBox("Only cells with problems")
        self.problems_tick.setObjectName("ingest_only_problems")
        self.materials = MeaningTable("ingest_materials", "Materials of all cells")
        self.own_materials = MeaningTable("ingest_own_materials", "Materials of the chosen cell")
        self.own_materials.setColumnHidden(1, True)
        self.planes = PlanesPicture()
        self.problems = problem_label("ingest_cell_problems")
        self.facts = text_label("ingest_facts", "About the chosen cell")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._reading = Latest(self)
        self._read: tuple[CellProposal, MiddlePlanes] | None = None
        self._arrange()
        self._connect()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("ingest_table")
        table.setAccessibleName("Cells that were found")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in _WIDTHS_PX.items():
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(NAME, Qt.SortOrder.AscendingOrder)  # as a review comes
        table.setSortingEnabled(True)
        return table

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.bulk, 1)
        line.addWidget(self.problems_tick)
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addLayout(line)
        chosen = QWidget()
        row = QHBoxLayout(chosen)
        row.setContentsMargins(0, 6, 0, 0)
        row.addWidget(self.planes, 4)
        right = QVBoxLayout()
        right.addWidget(self.own_materials, 1)
        right.addWidget(self.problems)
        right.addWidget(self.facts)
        row.addLayout(right, 5)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("ingest_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.materials, "Materials of all cells")
        self.tabs.addTab(chosen, "The chosen cell")
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(above)
        splitter.addWidget(self.tabs)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([_ABOVE_PX, _BELOW_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _connect(self) -> None:
        self.model.changed.connect(self._show_review)
        self.model.refused.connect(self.refused)
        self.bulk.wanted.connect(self._correct_selected)
        self.problems_tick.toggled.connect(self._hide_rows)
        self.model.layoutChanged.connect(self._hide_rows)
        selection = self.table.selectionModel()
        selection.selectionChanged.connect(self._show_selection)
        selection.currentRowChanged.connect(self._show_current)
        for table, own in ((self.materials, False), (self.own_materials, True)):
            table.term_chosen.connect(
                lambda material, term, own=own: self._set_term(material, term, own=own)
            )
            table.complete_chosen.connect(
                lambda material, on, own=own: self._set_complete(material, on, own=own)
            )
            table.new_term_wanted.connect(self.new_term_wanted)

    @property
    def review(self) -> Review | None:
        """The review as it was corrected."""
        return self.model.review

    @property
    def current(self) -> CellProposal | None:
        """The cell whose planes are shown."""
        number = self.table.currentIndex().row()
        return self.model.row(number) if 0 <= number < self.model.rowCount() else None

    def show_review(self, review: Review) -> None:
        """Show a new review and choose its first cell."""
        header = self.table.horizontalHeader()
        self.model.show_review(review)
        self.model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._hide_rows()
        if review.rows:
            self.table.selectRow(0)
        self.tabs.setCurrentIndex(0 if review.undecided else 1)
        self.table.setFocus()

    def set_ontology(self, ontology: Ontology) -> None:
        """Offer the terms of another vocabulary."""
        self.model.ontology = ontology
        self._show_review()

    def close_reading(self) -> None:
        """Read no planes any more."""
        self._reading.close()

    def set_term(self, material: Material, term: str) -> None:
        """Let a material stand for a term in all cells."""
        self._set_term(material, term, own=False)

    def _set_term(self, material: Material, term: str, *, own: bool) -> None:
        ontology, names = self.model.ontology, self._names(own=own)
        self.model.correct(
            lambda review: corrections.set_term(
                review, material.name, term, ontology, names=names, value=material.value
            )
        )

    def _set_complete(self, material: Material, on: bool, *, own: bool) -> None:
        names = self._names(own=own)
        self.model.correct(
            lambda review: corrections.set_complete(
                review, material.name, on, names=names, value=material.value
            )
        )

    def _names(self, *, own: bool) -> set[str] | None:
        current = self.current
        return {current.name} if own and current else None

    @Slot(object)
    def _correct_selected(self, correct: Correction) -> None:
        names = {row.name for row in self._selected()}
        self.model.correct(lambda review: correct(review, names))

    def _selected(self) -> list[CellProposal]:
        chosen = (it.row() for it in self.table.selectionModel().selectedRows())
        return [self.model.row(row) for row in chosen if not self.table.isRowHidden(row)]

    @Slot()
    def _show_review(self) -> None:
        materials = materials_of(self.review.rows if self.review else ())
        self.materials.show_materials(materials, self.model.ontology)
        unknown = sum(material.confidence == "unknown" for material in materials)
        words = "Materials of all cells" + (f" ({unknown} unknown)" if unknown else "")
        self.tabs.setTabText(0, words)
        self._show_selection()
        self._show_current()

    @Slot()
    def _hide_rows(self) -> None:
        """Show only cells with problems if that is wanted; what is solved stays until then."""
        only = self.problems_tick.isChecked()
        for number in range(self.model.rowCount()):
            self.table.setRowHidden(number, only and not self.model.row(number).problems)
        self._show_selection()

    @Slot(QItemSelection, QItemSelection)
    def _show_selection(self, *_: object) -> None:
        rows = self._selected()
        self.bulk.show_count(len(rows), sparse=any(row.drawn for row in rows))

    @Slot()
    def _show_current(self, *_: object) -> None:
        row = self.current
        if row is None:
            self.planes.say("")
            self.facts.clear()
            self.problems.hide()
            self.own_materials.show_materials((), self.model.ontology)
            return
        self.own_materials.show_materials(materials_of((row,)), self.model.ontology)
        self.facts.setText(facts_words(row))
        self.problems.setText("\n".join(row.problems))
        self.problems.setVisible(bool(row.problems))
        files = (row.tomogram, row.tomogram_dataset, row.label_files)
        read = self._read
        if read and (read[0].tomogram, read[0].tomogram_dataset, read[0].label_files) == files:
            self.planes.show_planes(read[1], row, self.model.ontology)
            return
        self.planes.say(f"Reading {row.tomogram.name} …")
        self._reading.run(
            lambda report: read_middle_planes(row, report),
            lambda planes: self._show_planes(row, planes),
            self._fail,
        )

    def _show_planes(self, row: CellProposal, planes: MiddlePlanes) -> None:
        self._read = (row, planes)
        if self.current is not None:
            self.planes.show_planes(planes, self.current, self.model.ontology)

    def _fail(self, error: SxtError) -> None:
        self.planes.say(str(error))


def facts_words(row: CellProposal) -> str:
    """Return where a cell comes from, why its numbers are what they are, and what is odd."""
    voxel, scale = row.voxel_size_um, row.lac_per_unit
    specimen = [*filter(None, (row.species, row.strain, row.condition, row.instrument))]
    lines = [
        row.tomogram.name + "".join(f", {path.name}" for path, _ in row.label_files),
        f"Voxels of {voxel_words(voxel)}: {row.voxel_reason}" if voxel else "",
        "" if scale is None else f"{scale:.6g} µm⁻¹ a unit: {row.lac_reason}",
        f"Sparse: {row.drawn.words}." if row.drawn else "",
        f"Specimen: {', '.join(specimen)}" if specimen else "",
        *row.remarks,
    ]
    return "\n".join(filter(None, lines))
