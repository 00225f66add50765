"""The dialog "Export": what of which cell."""

from typing import get_args

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QFormLayout, QVBoxLayout, QWidget

from sxtstudio.gui.fields import QuietComboBox, accept_buttons, problem_label
from sxtstudio.gui.session import Session
from sxtstudio.io.volumes import WRITE_SUFFIXES
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.exporting import HDF5_SUFFIXES, SURFACE_SUFFIXES, What

_WORDS: dict[What, str] = {
    "labels": "Newest labels",
    "tomogram": "Tomogram (LAC)",
    "probabilities": "Probabilities of every class",
    "surfaces": "Surfaces of every class (µm)",
}
_PROPOSED: dict[What, str] = {
    "labels": ".am",
    "tomogram": ".mrc",
    "probabilities": ".h5",
    "surfaces": ".stl",
}


def suffixes(what: What) -> tuple[str, ...]:
    """Return what the name of an exported file may end in, the proposal first."""
    known = {"probabilities": HDF5_SUFFIXES, "surfaces": SURFACE_SUFFIXES}
    others = known.get(what, tuple(WRITE_SUFFIXES))
    first = _PROPOSED[what]
    return (first, *(suffix for suffix in others if suffix != first))


class ExportDialog(QDialog):
    """Asks for cell and content; the file is chosen afterwards."""

    def __init__(
        self, session: Session, cell_id: str | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export")
        self._cells = {cell.id: cell for cell in session.cells()}
        self.cell_combo = QuietComboBox()
        self.cell_combo.setObjectName("export_cell")
        self.cell_combo.setAccessibleName("Cell")
        for cell in self._cells.values():
            self.cell_combo.addItem(cell.name, cell.id)
        self.cell_combo.setCurrentIndex(max(0, self.cell_combo.findData(cell_id)))
        self.what_combo = QuietComboBox()
        self.what_combo.setObjectName("export_what")
        self.what_combo.setAccessibleName("What to export")
        for what in get_args(What):
            self.what_combo.addItem(_WORDS[what], what)
        self.problem = problem_label("export_problem")
        buttons, self.accept_button = accept_buttons("export_button", "Choose file …")
        form = QFormLayout()
        form.addRow("Cell", self.cell_combo)
        form.addRow("What", self.what_combo)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.cell_combo.currentIndexChanged.connect(self._update)
        self.what_combo.currentIndexChanged.connect(self._update)
        self.resize(420, 0)
        self._update()

    @property
    def cell(self) -> CellRecord | None:
        """The chosen cell."""
        return self._cells.get(self.cell_combo.currentData())

    @property
    def what(self) -> What:
        """What to export."""
        return self.what_combo.currentData()

    @Slot()
    def _update(self) -> None:
        problem = _problem(self.cell, self.what)
        self.problem.setText(problem)
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(problem)


def _problem(cell: CellRecord | None, what: What) -> str:
    if cell is None:
        return "The project has no cell yet; import a tomogram first."
    if what in ("labels", "surfaces") and not cell.versions:
        return f"The cell {cell.name!r} has no labels yet; segment it first."
    if what == "probabilities" and not any(it.has_probabilities for it in cell.versions):
        return f"The cell {cell.name!r} has no probabilities; only a segmentation brings them."
    return ""
