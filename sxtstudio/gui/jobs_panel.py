"""The jobs panel: what runs, what waits, how far it is, its curves and its notices."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.events import Event, Metrics, Notice
from sxtstudio.gui.curves import TrainingCurves
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.jobs import Job, JobQueue

_STATES = {
    "waiting": "waits",
    "running": "running",
    "stopping": "stopping …",
    "done": "done",
    "failed": "could not be done",
    "cancelled": "stopped",
    "crashed": "broke off",
}
_MOST_NOTICES = 2000
_NO_JOB = "No job yet. Train or segment from the Project menu."


def duration_words(seconds: float) -> str:
    """Return a rough duration in words: "20 s", "4 min", "2 h 10 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


class JobsPanel(QWidget):
    """Shows the jobs of a queue; the chosen one in full."""

    def __init__(self, jobs: JobQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobs_panel")
        self._jobs = jobs
        self._items: dict[Job, QListWidgetItem] = {}
        self._shown: Job | None = None
        self._build()
        jobs.added.connect(self._add)
        jobs.changed.connect(self._change)
        jobs.reported.connect(self._report)
        self.list.currentItemChanged.connect(self._choose)
        self.cancel_button.clicked.connect(self.cancel_shown)
        self._show(None)

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setObjectName("job_list")
        self.list.setAccessibleName("Jobs")
        self.list.setMinimumHeight(44)
        self.empty = text_label("no_job", "No job", _NO_JOB)
        self.empty.setContentsMargins(8, 8, 8, 8)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._title = text_label("job_title", "Job")
        self._title.setStyleSheet("font-weight: 600;")
        self.progress_bar = QProgressBar()
        self.progress_bar.setObjectName("job_progress")
        self.progress_bar.setAccessibleName("Progress of the job")
        self.progress_bar.setRange(0, 1000)
        self.text = text_label("job_text", "What the job is doing")
        self.cancel_button = push_button("stop_job_button", "Stop", "Stop at the next safe point")
        self.curves = TrainingCurves()
        self.notices = QPlainTextEdit()
        self.notices.setObjectName("job_notices")
        self.notices.setAccessibleName("Notices of the job")
        self.notices.setReadOnly(True)
        self.notices.setMaximumBlockCount(_MOST_NOTICES)
        self._arrange()

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.progress_bar, 1)
        bar.addWidget(self.cancel_button)
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self._title)
        column.addLayout(bar)
        column.addWidget(self.text)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        for widget, stretch in ((self.list, 1), (head, 0), (self.curves, 6), (self.notices, 2)):
            self._splitter.addWidget(widget)
            self._splitter.setStretchFactor(self._splitter.count() - 1, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty)
        layout.addWidget(self._splitter)

    @Slot()
    def cancel_shown(self) -> None:
        """Stop the job that is shown."""
        if self._shown is not None:
            self._jobs.cancel(self._shown)

    @Slot(object)
    def _add(self, job: Job) -> None:
        if job.kind == "preparation":
            return  # the wizard that wants to know shows it
        item = QListWidgetItem()
        self._items[job] = item
        self.list.addItem(item)
        self._name(job)
        if self._shown is None or self._shown.over:
            self.list.setCurrentItem(item)

    @Slot(object)
    def _change(self, job: Job) -> None:
        if job not in self._items:
            return
        self._name(job)
        if job.state == "running":
            self.list.setCurrentItem(self._items[job])
        if job is self._shown:
            self._show_state(job)

    def _name(self, job: Job) -> None:
        self._items[job].setText(f"{job.title} – {_STATES[job.state]}")
        self._items[job].setToolTip(job.text)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _choose(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        self._show(next((job for job, known in self._items.items() if known is item), None))

    def _show(self, job: Job | None) -> None:
        self._shown = job
        self.notices.clear()
        self.curves.show_metrics(job.metrics if job else [], job.colours if job else {})
        self.curves.setVisible(bool(job and job.metrics))
        self.empty.setVisible(job is None)
        self._splitter.setVisible(job is not None)
        if job is None:
            return
        for notice in job.notices:
            self._write(notice)
        self._show_state(job)

    @Slot(object, object)
    def _report(self, job: Job, event: Event) -> None:
        if job is not self._shown:
            return
        if isinstance(event, Metrics):
            self.curves.show()
            self.curves.add(event)
        elif isinstance(event, Notice):
            self._write(event)
        else:
            self._show_state(job)

    def _write(self, notice: Notice) -> None:
        mark = "Note: " if notice.level == "warning" else ""
        self.notices.appendPlainText(mark + notice.text)

    def _show_state(self, job: Job) -> None:
        self._title.setText(job.title)
        self.cancel_button.setVisible(not job.over)
        self.cancel_button.setEnabled(job.state != "stopping")
        self.text.setText(_state_words(job))
        fraction = 1.0 if job.state == "done" else _fraction(job)
        busy = fraction is None and job.state in ("running", "stopping")
        self.progress_bar.setRange(0, 0 if busy else 1000)
        self.progress_bar.setValue(round(1000 * (fraction or 0)))


def _fraction(job: Job) -> float | None:
    return job.progress.fraction if job.progress else None


def _state_words(job: Job) -> str:
    if job.state == "waiting":
        return "Waits for the job before it."
    if job.state == "stopping":
        return "Stops at the next safe point …"
    if job.over:
        return job.text or _STATES[job.state].capitalize() + "."
    if job.progress is None:
        return "Starting the engine …"
    remaining = job.progress.remaining_s
    rest = f" – about {duration_words(remaining)} left" if remaining else ""
    text = job.progress.text
    return text[:1].upper() + text[1:] + rest
