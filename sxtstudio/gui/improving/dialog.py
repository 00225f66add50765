"""The dialog "Improve a network": which one, for how long, and from which cells, in words."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.fields import (
    accept_buttons,
    line_edit,
    problem_label,
    push_button,
    text_label,
)
from sxtstudio.gui.job_fields import (
    NETWORK_FILTERS,
    device_combo,
    minutes_box,
    network_combo,
    spare_threads,
)
from sxtstudio.gui.session import Session
from sxtstudio.workflow.improving import (
    DEFAULT_MINUTES,
    ImprovementRequest,
    next_name,
    propose_improvement,
)
from sxtstudio.workflow.jobs import NETWORK_SUFFIX, job_folder_of

_LONGEST_MINUTES = 24 * 60.0
_WIDTH_PX, _WORDS_PX = 560, 400
_NO_NETWORK = "The project has no network yet; train one first, or choose the file of one."


class ImproveDialog(QDialog):
    """Asks for an improvement; `request` is the answer once it was accepted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("improve_dialog")
        self.setWindowTitle("Improve a network with corrections")
        self._session = session
        self._trouble = ""
        self._build()
        self._arrange()
        self.network_combo.currentIndexChanged.connect(self._propose)
        self.target_edit.textChanged.connect(self._update)
        self.browse_button.clicked.connect(self._browse)
        self.target_button.clicked.connect(self._choose_target)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._propose()

    def _build(self) -> None:
        self.network_combo = network_combo(self._session)
        self.browse_button = push_button("browse_network_button", "Choose file …")
        self.plan = text_label("improve_plan", "What it will learn from")
        self.minutes_box = minutes_box(DEFAULT_MINUTES, _LONGEST_MINUTES)
        self.device_combo = device_combo()
        self.target_edit = line_edit("improved_edit", "File of the improved network")
        self.target_button = push_button("choose_improved_button", "Choose …")
        self.problem = problem_label("improve_problem")
        self.buttons, self.accept_button = accept_buttons("improve_button", "Improve")

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Network", _row(self.network_combo, self.browse_button))
        form.addRow("Plan", self.plan)
        form.addRow("Time", self.minutes_box)
        form.addRow("Computed on", self.device_combo)
        form.addRow("New network", _row(self.target_edit, self.target_button))
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.resize(_WIDTH_PX, 0)

    def request(self) -> ImprovementRequest:
        """Return the improvement that was asked for."""
        library = self._session.library.library
        return ImprovementRequest(
            network=Path(self.network_combo.currentData()),
            target=self._target,
            minutes=self.minutes_box.value(),
            device=str(self.device_combo.currentData()),
            threads=spare_threads(),
            library=library.folder if library else None,
        )

    @property
    def _target(self) -> Path:
        return Path(self.target_edit.text().strip())

    @Slot()
    def _propose(self) -> None:
        """Say what the chosen network would learn from, and what its successor may be called."""
        path, project = self.network_combo.currentData(), self._session.project
        self._trouble, words = _NO_NETWORK, ""
        if path is not None and project is not None:
            library = self._session.library.library
            try:
                found = propose_improvement(project, Path(path), None, library)
                self._trouble, words = "", "\n".join(found.words)
            except SxtError as error:
                self._trouble = str(error)
            self.target_edit.setText(str(next_name(Path(path))))
        self.plan.setText(words or "–")
        self.plan.setMinimumHeight(self.plan.heightForWidth(_WORDS_PX))
        self._update()

    @Slot()
    def _update(self) -> None:
        problem = self._trouble or self._target_problem()
        self.problem.setText(problem)
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(problem)

    def _target_problem(self) -> str:
        if self._target.suffix != NETWORK_SUFFIX:
            return f"The name of the new network's file must end in {NETWORK_SUFFIX}."
        if not self._target.parent.is_dir() or self._target.is_dir():
            return "Choose a file for the new network in a folder that exists."
        if self._target.exists():
            return "There is a file of that name already; the new network needs one of its own."
        if self._session.jobs.is_busy(job_folder_of(self._target)):
            return "This very network is being trained now; choose another name."
        return ""

    @Slot()
    def _browse(self) -> None:
        folder = self._session.folder
        path = messages.choose_file(self, "Choose a network", folder, NETWORK_FILTERS)
        if path is not None:
            self.network_combo.addItem(path.stem, path)
            self.network_combo.setCurrentIndex(self.network_combo.count() - 1)

    @Slot()
    def _choose_target(self) -> None:
        title = "New network to write"
        path = messages.choose_new_file(self, title, self._target, NETWORK_FILTERS)
        if path is not None:
            self.target_edit.setText(str(path))


def _row(field: QWidget, button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(field, 1)
    row.addWidget(button)
    return row
