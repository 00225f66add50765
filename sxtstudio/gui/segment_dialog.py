"""The dialog "Segment": which cells, with which network, on what."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.fields import (
    accept_buttons,
    problem_label,
    push_button,
    text_label,
)
from sxtstudio.gui.job_fields import (
    NETWORK_FILTERS,
    device_combo,
    network_combo,
    spare_threads,
)
from sxtstudio.gui.session import Session
from sxtstudio.io.network_card import read_network_card
from sxtstudio.workflow.jobs import SegmentationRequest
from sxtstudio.workflow.tasks import network_notice

_ID = Qt.ItemDataRole.UserRole


class SegmentDialog(QDialog):
    """Asks for a segmentation; `request` is the answer once it was accepted.

    ``cell_id`` is ticked; without it, every cell that has no labels.
    """

    def __init__(
        self, session: Session, cell_id: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("segment_dialog")
        self.setWindowTitle("Segment cells")
        self._session = session
        self.network_combo = network_combo(session)
        self.browse_button = push_button("browse_network_button", "Choose file …")
        self.cell_list = self._cells(cell_id)
        self.device_combo = device_combo()
        self.notice = text_label("segment_notice", "About the network")
        self.problem = problem_label("segment_problem")
        self.buttons, self.accept_button = accept_buttons("segment_button", "Segment")
        self._arrange()
        self.browse_button.clicked.connect(self._browse)
        self.network_combo.currentIndexChanged.connect(self._update)
        self.network_combo.currentIndexChanged.connect(self._show_notice)
        self.cell_list.itemChanged.connect(self._update)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._show_notice()
        self._update()

    def _cells(self, cell_id: str | None) -> QListWidget:
        cells = QListWidget()
        cells.setObjectName("cells_to_segment")
        cells.setAccessibleName("Cells to segment")
        cells.setSpacing(2)
        for cell in self._session.cells():
            item = QListWidgetItem(cell.name, cells)
            item.setData(_ID, cell.id)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            wanted = cell.id == cell_id if cell_id else not cell.versions
            item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
        return cells

    def _arrange(self) -> None:
        network = QHBoxLayout()
        network.addWidget(self.network_combo, 1)
        network.addWidget(self.browse_button)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Network", network)
        form.addRow(self.notice)
        form.addRow("Cells", self.cell_list)
        form.addRow("Computed on", self.device_combo)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.resize(520, 400)

    def choose_network(self, path: Path) -> None:
        """Offer a network file and choose it."""
        self.network_combo.addItem(path.stem, path)
        self.network_combo.setCurrentIndex(self.network_combo.count() - 1)

    def request(self) -> SegmentationRequest:
        """Return the segmentation that was asked for."""
        return SegmentationRequest(
            network=Path(self.network_combo.currentData()),
            cells=tuple(self._ticked()),
            device=str(self.device_combo.currentData()),
            threads=spare_threads(),
        )

    def _ticked(self) -> list[str]:
        items = (self.cell_list.item(row) for row in range(self.cell_list.count()))
        return [it.data(_ID) for it in items if it.checkState() == Qt.CheckState.Checked]

    @Slot()
    def _show_notice(self) -> None:
        """Tell if the network was trained for an older version of its task."""
        path, project = self.network_combo.currentData(), self._session.project
        words = ""
        if path is not None and project is not None:
            try:
                words = network_notice(project, read_network_card(Path(path)))
            except SxtError as error:
                words = str(error)
        self.notice.setText(words)
        self.notice.setVisible(bool(words))

    @Slot()
    def _browse(self) -> None:
        folder = self._session.folder
        path = messages.choose_file(self, "Choose a network", folder, NETWORK_FILTERS)
        if path is not None:
            self.choose_network(path)

    @Slot()
    def _update(self) -> None:
        problem = self._problem()
        self.problem.setText(problem)
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(problem)

    def _problem(self) -> str:
        if self.network_combo.currentData() is None:
            return "The project has no network yet; train one, or choose the file of one."
        if not self.cell_list.count():
            return "The project has no cell yet; import a tomogram first."
        if not self._ticked():
            return "Tick at least one cell."
        return ""
