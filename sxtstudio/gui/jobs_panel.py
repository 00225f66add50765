"""The jobs panel: what runs, what waits, how far it is, its pictures, curves and notices."""

import shutil
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.events import Event, Metrics, Notice, Preview
from sxtstudio.gui import messages
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.notices import NoticeList
from sxtstudio.gui.training_panel import TrainingPanel

_STATES = {
    "exporting": "is being prepared",
    "waiting": "waits",
    "running": "running",
    "pausing": "pausing …",
    "paused": "paused",
    "stopping": "stopping …",
    "storing": "storing what was found",
    "done": "done",
    "failed": "could not be done",
    "cancelled": "stopped",
    "crashed": "broke off",
}
_BEGINNINGS = {
    "exporting": "Writing down what the job needs …",
    "storing": "Storing what was found …",
}
_ROWS_SEEN = 4
_NOTICES_PX = 48
_NO_JOB = "No job yet. Train or segment from the Project menu."
_PAUSE = "Free the processor for a while; what was learned stays, and the pause is not counted"
_GO_ON = "Train on from where it stopped"
_KEEP = "End the training now and keep the network as it is: it is scored and brought in"
_STOP = "Stop at the next safe point"
_STORE = "Try again to bring what was found into the project"
_THROW_AWAY = "Delete what this job has learned or found"


def duration_words(seconds: float) -> str:
    """Return a rough duration in words: "20 s", "4 min", "2 h 10 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


class JobsPanel(QWidget):
    """Shows the jobs of a queue; the chosen one in full.

    ``room_wanted`` comes when there are curves and pictures to be seen where there were none.
    """

    room_wanted = Signal()

    def __init__(self, jobs: JobQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobs_panel")
        self._jobs = jobs
        self._items: dict[Job, QListWidgetItem] = {}
        self._shown: Job | None = None
        self._build()
        self._arrange()
        self._connect()
        self._show(None)

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setObjectName("job_list")
        self.list.setAccessibleName("Jobs")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = text_label("no_job", "No job", _NO_JOB)
        self.empty.setContentsMargins(8, 8, 8, 8)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.progress_bar = QProgressBar()
        self.progress_bar.setObjectName("job_progress")
        self.progress_bar.setAccessibleName("Progress of the job")
        self.progress_bar.setRange(0, 1000)
        self.text = text_label("job_text", "What the job is doing")
        self.pause_button = push_button("pause_job_button", "Pause", _PAUSE)
        self.go_on_button = push_button("go_on_button", "Go on", _GO_ON)
        self.keep_button = push_button("keep_network_button", "Stop and keep", _KEEP)
        self.store_button = push_button("store_found_button", "Store", _STORE)
        self.cancel_button = push_button("stop_job_button", "Stop", _STOP)
        self.throw_away_button = push_button("throw_away_button", "Throw away …", _THROW_AWAY)
        self.training = TrainingPanel()
        self.notices = NoticeList()
        self.notices.setMinimumHeight(_NOTICES_PX)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._head = QWidget()
        column = QVBoxLayout(self._head)
        column.setContentsMargins(8, 6, 8, 6)
        for part in (self.progress_bar, self.text):
            column.addWidget(part)
        column.addLayout(buttons)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        for widget, stretch in ((self.training, 5), (self.notices, 1)):
            self._splitter.addWidget(widget)
            self._splitter.setStretchFactor(self._splitter.count() - 1, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.empty, self.list, self._head):
            layout.addWidget(part)
        layout.addWidget(self._splitter, 1)

    @property
    def _buttons(self) -> tuple[QWidget, ...]:
        return (
            self.pause_button,
            self.go_on_button,
            self.keep_button,
            self.store_button,
            self.cancel_button,
            self.throw_away_button,
        )

    def _connect(self) -> None:
        self._jobs.added.connect(self._add)
        self._jobs.changed.connect(self._change)
        self._jobs.reported.connect(self._report)
        self._jobs.forgotten.connect(self._forget)
        self.list.currentItemChanged.connect(self._choose)
        self.pause_button.clicked.connect(lambda: self._ask(self._jobs.pause))
        self.go_on_button.clicked.connect(lambda: self._ask(self._jobs.resume))
        self.keep_button.clicked.connect(lambda: self._ask(self._jobs.keep))
        self.store_button.clicked.connect(lambda: self._ask(self._jobs.store))
        self.cancel_button.clicked.connect(lambda: self._ask(self._jobs.cancel))
        self.throw_away_button.clicked.connect(self.throw_away_shown)

    def _ask(self, order: Callable[[Job], None]) -> None:
        if self._shown is not None:
            order(self._shown)

    @Slot()
    def throw_away_shown(self) -> None:
        """Delete what the stopped training on show has learned, if the user means it."""
        job = self._shown
        if job is None or not (job.stopped_early or job.can_store):
            return
        what = "found" if job.can_store else "learned so far"
        question = f"What “{job.title}” has {what} is deleted. This cannot be undone."
        if messages.ask(self, "Throw a job away", question, "Throw away", "Keep"):
            shutil.rmtree(job.folder, ignore_errors=True)
            self._jobs.forget(job)

    @Slot(object)
    def _add(self, job: Job) -> None:
        if job.kind == "preparation":
            return  # the wizard that wants to know shows it
        item = QListWidgetItem()
        self._items[job] = item
        self.list.addItem(item)
        self._name(job)
        self._fit_list()
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

    @Slot(object)
    def _forget(self, job: Job) -> None:
        item = self._items.pop(job, None)
        if item is not None:
            self.list.takeItem(self.list.row(item))
            self._fit_list()
        if job is self._shown:
            self._show(next(reversed(self._items), None))

    def _fit_list(self) -> None:
        """Give the list the height of its rows, up to some."""
        rows = min(_ROWS_SEEN, max(1, self.list.count()))
        high = max(self.list.sizeHintForRow(0), 18)
        self.list.setFixedHeight(rows * high + 2 * self.list.frameWidth())

    def _name(self, job: Job) -> None:
        self._items[job].setText(f"{job.title} – {_STATES[job.state]}")
        self._items[job].setToolTip(job.text)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _choose(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        self._show(next((job for job, known in self._items.items() if known is item), None))

    def _show(self, job: Job | None) -> None:
        self._shown = job
        self.notices.clear()
        self.training.show_job(job)
        self._show_training(shown=bool(job and (job.metrics or job.previews)))
        if job is not None:
            for notice in job.notices:
                self.notices.add(notice)
            self._show_state(job)  # before its head is seen: all buttons together are very wide
        self.empty.setVisible(job is None)
        for part in (self.list, self._head, self._splitter):
            part.setVisible(job is not None)

    def _show_training(self, *, shown: bool) -> None:
        new = shown and self.training.isHidden()
        self.training.setVisible(shown)
        if new:
            self.room_wanted.emit()

    @Slot(object, object)
    def _report(self, job: Job, event: Event) -> None:
        if job is not self._shown:
            return
        if isinstance(event, Metrics | Preview):
            self._show_training(shown=True)
            self.training.add(event)
        elif isinstance(event, Notice):
            self.notices.add(event)
        else:
            self._show_state(job)

    def _show_state(self, job: Job) -> None:
        self.text.setText(_state_words(job))
        self._show_buttons(job)
        fraction = 1.0 if job.state == "done" else _fraction(job)
        busy = fraction is None and not job.over and job.state != "waiting"
        self.progress_bar.setVisible(busy or fraction is not None or not job.over)
        self.progress_bar.setRange(0, 0 if busy else 1000)
        self.progress_bar.setValue(round(1000 * (fraction or 0)))

    def _show_buttons(self, job: Job) -> None:
        learning = job.kind == "training"
        self.pause_button.setVisible(learning and not job.over)
        self.pause_button.setEnabled(job.can_pause)
        self.go_on_button.setVisible(job.stopped_early and not job.unstored)
        self.go_on_button.setEnabled(job.can_go_on)
        self.go_on_button.setToolTip(job.stuck or _GO_ON)
        self.keep_button.setVisible(learning and job.state != "done" and not job.unstored)
        self.store_button.setVisible(job.can_store)
        self.keep_button.setEnabled(job.keepable)
        self.keep_button.setToolTip(_KEEP if job.keepable else _not_keepable_words(job))
        self.cancel_button.setVisible(not job.over)
        self.cancel_button.setEnabled(job.state != "stopping")
        self.throw_away_button.setVisible(job.stopped_early or job.can_store)


def _fraction(job: Job) -> float | None:
    return job.progress.fraction if job.progress else None


def _not_keepable_words(job: Job) -> str:
    words = "Only once the last stage has been validated is there a network to keep"
    in_s = job.progress.keepable_in_s if job.progress else None
    return f"{words}: in about {duration_words(in_s)}." if in_s else f"{words}."


def _state_words(job: Job) -> str:
    if job.state == "waiting":
        return "Waits for the job before it."
    if job.state in ("pausing", "stopping"):
        what = "Stops" if job.state == "stopping" else "Pauses"
        return f"{what} at the next safe point …"
    if job.over:
        return job.text or _STATES[job.state].capitalize() + "."
    if job.progress is None:
        return _BEGINNINGS.get(job.state, "Starting the engine …")
    remaining = job.progress.remaining_s
    rest = f" – about {duration_words(remaining)} left" if remaining else ""
    text = job.progress.text
    return text[:1].upper() + text[1:] + rest
