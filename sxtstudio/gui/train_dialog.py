"""The dialog "Train": for which task, how long, on what, into which file."""

import os
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.task import Task
from sxtstudio.core.wording import counted, listed
from sxtstudio.gui import messages
from sxtstudio.gui.fields import (
    QuietComboBox,
    accept_buttons,
    line_edit,
    problem_label,
    push_button,
    text_label,
)
from sxtstudio.gui.session import Session
from sxtstudio.workflow.jobs import (
    DEFAULT_MINUTES,
    NETWORK_SUFFIX,
    PLAN_FILE,
    TrainingRequest,
    job_folder_of,
)
from sxtstudio.workflow.project_coverage import project_coverage

NETWORK_FILTERS = (f"Networks (*{NETWORK_SUFFIX})",)
_DEVICES = (
    ("Automatic: the graphics card if it can be used", "auto"),
    ("Processor", "cpu"),
    ("NVIDIA graphics card", "cuda"),
)
_LONGEST_MINUTES = 7 * 24 * 60.0


class TrainDialog(QDialog):
    """Asks for a training; `request` is the answer once it was accepted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_dialog")
        self.setWindowTitle("Train a network")
        self._session = session
        self._tasks = {task.name: task for task in session.tasks()}
        self._build()
        self._arrange()
        self.task_combo.currentTextChanged.connect(self._propose_network)
        self.network_edit.textChanged.connect(self._update)
        self.browse_button.clicked.connect(self._browse)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._propose_network()
        self._update()

    def _build(self) -> None:
        self.task_combo = QuietComboBox()
        self.task_combo.setObjectName("task_combo")
        self.task_combo.setAccessibleName("Task")
        self.task_combo.addItems(list(self._tasks))
        self.cells = text_label("training_cells", "What the cells know about the task")
        self.minutes_box = QDoubleSpinBox()
        self.minutes_box.setObjectName("minutes_box")
        self.minutes_box.setAccessibleName("Minutes to train")
        self.minutes_box.setRange(0.1, _LONGEST_MINUTES)
        self.minutes_box.setDecimals(1)
        self.minutes_box.setValue(DEFAULT_MINUTES)
        self.minutes_box.setSuffix(" min")
        self.minutes_box.setToolTip("The whole cascade shares this time; longer is better.")
        self.device_combo = device_combo()
        self.network_edit = line_edit("network_edit", "File of the network")
        self.browse_button = push_button("browse_network_button", "Choose …")
        self.resume_tick = QCheckBox("Go on with the training that was stopped")
        self.resume_tick.setObjectName("resume_tick")
        self.resume_tick.setToolTip("Otherwise what was trained so far is thrown away.")
        self.problem = problem_label("train_problem")
        self.buttons, self.accept_button = accept_buttons("train_button", "Train")

    def _arrange(self) -> None:
        file = QHBoxLayout()
        file.addWidget(self.network_edit, 1)
        file.addWidget(self.browse_button)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Task", self.task_combo)
        form.addRow("Cells", self.cells)
        form.addRow("Time", self.minutes_box)
        form.addRow("Computed on", self.device_combo)
        form.addRow("Network", file)
        form.addRow("", self.resume_tick)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.resize(560, 0)

    @property
    def network(self) -> Path:
        """The file to write."""
        return Path(self.network_edit.text().strip())

    def request(self) -> TrainingRequest:
        """Return the training that was asked for."""
        resume = self.resume_tick.isVisibleTo(self) and self.resume_tick.isChecked()
        return TrainingRequest(
            task=self.task_combo.currentText(),
            network=self.network,
            minutes=None if resume else self.minutes_box.value(),
            device=str(self.device_combo.currentData()),
            threads=spare_threads(),
            resume=resume,
        )

    @Slot()
    def _propose_network(self) -> None:
        folder, name = self._session.folder, self.task_combo.currentText()
        stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
        number, path = 1, folder / f"{stem}{NETWORK_SUFFIX}"
        while path.exists():
            number += 1
            path = folder / f"{stem}-{number}{NETWORK_SUFFIX}"
        self.network_edit.setText(str(path))
        self._update()

    @Slot()
    def _browse(self) -> None:
        path = messages.choose_new_file(self, "Network to write", self.network, NETWORK_FILTERS)
        if path is not None:
            self.network_edit.setText(str(path))

    @Slot()
    def _update(self) -> None:
        task = self._tasks.get(self.task_combo.currentText())
        words, useful = self._coverage_words(task) if task else ("", 0)
        self.cells.setText(words)
        stopped = (job_folder_of(self.network) / PLAN_FILE).exists()
        self.resume_tick.setVisible(stopped)
        self.resume_tick.setChecked(stopped)
        problem = self._problem(task, useful)
        self.problem.setText(problem)
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(problem)

    def _coverage_words(self, task: Task) -> tuple[str, int]:
        coverage = project_coverage(self._session.cells(), task, self._session.ontology)
        useful = coverage.useful_rows
        whole = sum(all(it.knowledge == "complete" for it in row.known.values()) for row in useful)
        lacking = [name for name, total in coverage.totals.items() if not total.cells]
        words = (
            f"{len(useful)} of {counted(len(coverage.rows), 'cell')} can be learned from, {whole} "
            f"of them know{'s' * (whole == 1)} every class everywhere."
        )
        if lacking and useful:
            words += f" No cell knows {listed(lacking)}."
        return words, len(useful)

    def _problem(self, task: Task | None, useful: int) -> str:
        if task is None:
            return "The project has no task yet; make one first (Project, New task)."
        if not useful:
            return "No cell of the project has labels that say anything about this task."
        if self.network.suffix != NETWORK_SUFFIX:
            return f"The name of the network's file must end in {NETWORK_SUFFIX}."
        if not self.network.parent.is_dir() or self.network.is_dir():
            return "Choose a file for the network in a folder that exists."
        return ""


def device_combo() -> QComboBox:
    """Return a box to choose where to compute; its data are auto, cpu and cuda."""
    combo = QuietComboBox()
    combo.setObjectName("device_combo")
    combo.setAccessibleName("Computed on")
    for words, device in _DEVICES:
        combo.addItem(words, device)
    return combo


def spare_threads() -> int:
    """Return how many threads a job beside the window may use: one core stays free."""
    return max(1, (os.cpu_count() or 2) - 1)
