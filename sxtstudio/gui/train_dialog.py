"""The dialog "Train": for which task, from which cells, how long, on what, into which file."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.coverage import Coverage, CoverageRow
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
from sxtstudio.gui.job_fields import NETWORK_FILTERS, device_combo, minutes_box, spare_threads
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from sxtstudio.workflow.jobs import (
    DEFAULT_MINUTES,
    NETWORK_SUFFIX,
    TrainingRequest,
    job_folder_of,
)
from sxtstudio.workflow.preparing import has_begun
from sxtstudio.workflow.project_coverage import project_coverage

_LONGEST_MINUTES = 7 * 24 * 60.0
_LEAST_LIST_PX, _LIST_PX = 110, 130
_LAST_TASK, _LAST_MINUTES = "train_task", "train_minutes"


class TrainDialog(QDialog):
    """Asks for a training; `request` is the answer once it was accepted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_dialog")
        self.setWindowTitle("Train a network")
        self._session = session
        self._tasks = {task.name: task for task in session.tasks()}
        self._coverage: Coverage | None = None
        self._build()
        self._arrange()
        self._remember()
        self.task_combo.currentTextChanged.connect(self._choose_task)
        self.cell_list.itemChanged.connect(self._update)
        self.network_edit.textChanged.connect(self._update)
        self.resume_tick.toggled.connect(self._update)
        self.browse_button.clicked.connect(self._browse)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._choose_task()

    def _build(self) -> None:
        self.task_combo = QuietComboBox()
        self.task_combo.setObjectName("task_combo")
        self.task_combo.setAccessibleName("Task")
        self.task_combo.addItems(list(self._tasks))
        self.cells = text_label("training_cells", "What the cells know about the task")
        self.cell_list = QListWidget()
        self.cell_list.setObjectName("cell_list")
        self.cell_list.setAccessibleName("Cells to learn from")
        self.cell_list.setMinimumHeight(_LEAST_LIST_PX)
        self.cell_list.setMaximumHeight(_LIST_PX)
        self.minutes_box = minutes_box(DEFAULT_MINUTES, _LONGEST_MINUTES)
        self.minutes_box.setToolTip("The whole cascade shares this time; longer is better.")
        self.device_combo = device_combo()
        self.network_edit = line_edit("network_edit", "File of the network")
        self.browse_button = push_button("browse_network_button", "Choose …")
        self.resume_tick = QCheckBox("Go on with the training that was stopped")
        self.resume_tick.setObjectName("resume_tick")
        self.resume_tick.hide()
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
        form.addRow("Cells", self.cell_list)
        form.addRow("", self.cells)
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
            project_cells=None if resume else self._chosen_cells(),
        )

    def _chosen_cells(self) -> tuple[str, ...] | None:
        """Return the ids of the ticked cells, None for all that can be learned from."""
        ticked = tuple(str(item.data(Qt.ItemDataRole.UserRole)) for item in self._ticked())
        return None if len(ticked) == self.cell_list.count() else ticked

    def _ticked(self) -> list[QListWidgetItem]:
        items = (self.cell_list.item(row) for row in range(self.cell_list.count()))
        return [item for item in items if item.checkState() == Qt.CheckState.Checked]

    def _remember(self) -> None:
        """Begin with the task and the time of last time."""
        store = settings()
        self.task_combo.setCurrentText(str(store.value(_LAST_TASK, "")))
        try:
            self.minutes_box.setValue(float(str(store.value(_LAST_MINUTES, DEFAULT_MINUTES))))
        except ValueError:
            self.minutes_box.setValue(DEFAULT_MINUTES)

    def accept(self) -> None:
        """Remember task and time for the next time."""
        settings().setValue(_LAST_TASK, self.task_combo.currentText())
        settings().setValue(_LAST_MINUTES, self.minutes_box.value())
        super().accept()

    @Slot()
    def _choose_task(self) -> None:
        """List the cells that know something about the task, all ticked."""
        task = self._tasks.get(self.task_combo.currentText())
        cells, ontology = self._session.cells(), self._session.ontology
        self._coverage = project_coverage(cells, task, ontology) if task else None
        self.cell_list.blockSignals(True)
        self.cell_list.clear()
        for row in self._coverage.useful_rows if self._coverage else ():
            item = QListWidgetItem(f"{row.name} – {_knowledge_words(row)}", self.cell_list)
            item.setData(Qt.ItemDataRole.UserRole, row.id)
            item.setCheckState(Qt.CheckState.Checked)
        self.cell_list.blockSignals(False)
        self._propose_network()

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
        stopped = has_begun(job_folder_of(self.network))
        if self.resume_tick.isHidden() == stopped:
            self.resume_tick.setVisible(stopped)
            self.resume_tick.setChecked(stopped)
        going_on = stopped and self.resume_tick.isChecked()
        self.cell_list.setEnabled(not going_on)
        self.minutes_box.setEnabled(not going_on)
        self.cells.setText(_coverage_words(self._coverage) if self._coverage else "")
        problem = self._problem(going_on=going_on)
        self.problem.setText(problem)
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(problem)

    def _problem(self, *, going_on: bool) -> str:
        if self._coverage is None:
            return "The project has no task yet; make one first (Project, New task)."
        if not self.cell_list.count():
            return "No cell of the project has labels that say anything about this task."
        if not self._ticked() and not going_on:
            return "Tick at least one cell to learn from."
        return self._network_problem() or ("" if going_on else self._unknown_words())

    def _unknown_words(self) -> str:
        """Return which classes no ticked cell shows, and what to do about it."""
        ticked = {item.data(Qt.ItemDataRole.UserRole) for item in self._ticked()}
        rows = [row for row in self._coverage.rows if row.id in ticked] if self._coverage else []
        names = list(self._coverage.task.names.values()) if self._coverage else []
        unknown = [name for name in names if not any(row.known[name].voxels for row in rows)]
        if not unknown:
            return ""
        return (
            f"No ticked cell shows {listed(unknown)}. Draw it in a cell, tick a cell that has it, "
            "take it out of the task, or let New study find cells in a library."
        )

    def _network_problem(self) -> str:
        if self.network.suffix != NETWORK_SUFFIX:
            return f"The name of the network's file must end in {NETWORK_SUFFIX}."
        if not self.network.parent.is_dir() or self.network.is_dir():
            return "Choose a file for the network in a folder that exists."
        if self._session.jobs.is_busy(job_folder_of(self.network)):
            return "This very network is being trained now; choose another name."
        return ""


def _coverage_words(coverage: Coverage) -> str:
    useful = coverage.useful_rows
    whole = sum(all(it.knowledge == "complete" for it in row.known.values()) for row in useful)
    lacking = [name for name, total in coverage.totals.items() if not total.cells]
    words = (
        f"{len(useful)} of {counted(len(coverage.rows), 'cell')} can be learned from, {whole} "
        f"of them know{'s' * (whole == 1)} every class everywhere."
    )
    return f"{words} No cell knows {listed(lacking)}." if lacking and useful else words


def _knowledge_words(row: CoverageRow) -> str:
    """Return what a cell knows: all, or the classes by name."""
    known = [name for name, it in row.known.items() if it.knowledge != "not"]
    partly = [name for name in known if row.known[name].knowledge == "partly"]
    if not partly and len(known) == len(row.known):
        return "knows every class everywhere"
    everywhere = [name for name in known if name not in partly]
    words = [f"knows {listed(everywhere)} everywhere"] if everywhere else []
    return ", ".join([*words, *([f"some {listed(partly)}"] if partly else [])])
