"""Jobs: the worker process, the thread that watches it, and the queue of what is to be done.

The worker is this program itself, started as ``worker``: one order a line on its standard input,
one JSON event a line on its standard output. It stays alive between jobs, because loading the
engine takes seconds. A worker that dies takes nothing with it: the next job starts a new one.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Event, Metrics, Notice, Progress, event_from_json
from sxtstudio.gui.worker_process import WorkerProcess, worker_command

logger = logging.getLogger(__name__)

Errand = Literal["run", "prepare"]
"""What the worker shall do with a job folder; a training is prepared before it may begin."""

KILL_AFTER_S = 30.0
"""How long a job may take to reach a point where stopping is safe."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a job ended; ``text`` is a sentence, or the report of a crash."""

    state: Literal["done", "failed", "cancelled", "crashed"]
    text: str = ""


class EngineThread(QThread):
    """Owns the worker process, gives it one job at a time and re-emits its events as signals.

    ``reported`` carries an `Event`, ``ended`` an `Outcome`; both arrive in the window's thread.
    """

    reported = Signal(object)
    ended = Signal(object)

    def __init__(self, command: Sequence[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command or worker_command())
        self._orders: queue.SimpleQueue[tuple[Path, Errand] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._cancelled = False

    def order(self, folder: Path, errand: Errand = "run") -> None:
        """Have the job of a folder done or prepared; call it again only after ``ended``."""
        with self._lock:
            self._cancelled = False
        self._orders.put((folder, errand))
        if not self.isRunning():
            self.start()

    def cancel(self) -> None:
        """Ask the worker to stop at the next safe point."""
        with self._lock:
            self._cancelled = True
            if self._worker is not None:
                self._worker.say({"cancel": True})

    def kill(self) -> None:
        """End the worker at once."""
        with self._lock:
            if self._worker is not None:
                self._worker.kill()

    def stop(self, wait_s: float = 5.0) -> None:
        """End worker and thread, and wait until both are gone; after ``wait_s`` by force."""
        self._orders.put(None)
        self.cancel()
        if not self.wait(int(wait_s * 1000)):
            self.kill()
            self.wait()

    def run(self) -> None:
        """Do the ordered jobs, one after the other, until told to leave."""
        while (order := self._orders.get()) is not None:
            self.ended.emit(self._do(*order))
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _do(self, folder: Path, errand: Errand) -> Outcome:
        try:
            worker = self._ready_worker()
        except OSError as error:
            return Outcome(state="crashed", text=f"The worker could not be started: {error}.")
        with self._lock:
            worker.say({errand: str(folder)})
            if self._cancelled:
                worker.say({"cancel": True})
        while line := worker.read_line():
            outcome = self._hear(line)
            if outcome is not None:
                return outcome
        return self._bury(worker)

    def _ready_worker(self) -> WorkerProcess:
        with self._lock:
            if self._worker is not None and not self._worker.alive:
                self._worker.close()
                self._worker = None
            if self._worker is None:
                self._worker = WorkerProcess(self._command)
            return self._worker

    def _hear(self, line: bytes) -> Outcome | None:
        try:
            self.reported.emit(event_from_json(line))
        except ValueError:
            return _outcome(line)
        return None

    def _bury(self, worker: WorkerProcess) -> Outcome:
        words = worker.last_words()
        with self._lock:
            worker.close()
            self._worker = None
            cancelled = self._cancelled
        if cancelled:
            return Outcome(state="cancelled", text="Stopped before it reached a safe point.")
        return Outcome(state="crashed", text=words)


def _outcome(line: bytes) -> Outcome | None:
    """Return the outcome a worker's line tells, None for ``ready`` and for stray prints."""
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        logger.warning("the worker wrote something else: %r", line)
        return None
    state, text = message.get("event"), str(message.get("text") or "")
    if state in ("done", "failed", "cancelled", "crashed"):
        return Outcome(state=state, text=text)
    return None


@dataclass(kw_only=True, eq=False)
class Job:
    """A job as the window shows it; only `JobQueue` changes it.

    ``colours`` maps the names of the classes it learns to ``#rrggbb``, for its curves.
    """

    kind: Literal["training", "segmentation", "preparation"]
    title: str
    folder: Path
    colours: Mapping[str, str] = field(default_factory=dict[str, str])
    state: Literal["waiting", "running", "stopping", "done", "failed", "cancelled", "crashed"] = (
        "waiting"
    )
    progress: Progress | None = None
    metrics: list[Metrics] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    text: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled", "crashed")


class JobQueue(QObject):
    """Does jobs one after the other.

    ``bring_in`` is called in the window's thread with a job that has ended and how; it brings what
    there is of results into the project and returns the outcome to show.
    """

    added = Signal(object)
    changed = Signal(object)
    reported = Signal(object, object)
    finished = Signal(object)

    def __init__(
        self,
        engine: EngineThread,
        bring_in: Callable[["Job", Outcome], Outcome],
        parent: QObject | None = None,
        *,
        patience_s: float = KILL_AFTER_S,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bring_in = bring_in
        self._waiting: list[Job] = []
        self._current: Job | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(int(patience_s * 1000))
        self._patience.timeout.connect(engine.kill)
        engine.reported.connect(self._take_event)
        engine.ended.connect(self._take_outcome)

    @property
    def current(self) -> Job | None:
        """The job that is being done."""
        return self._current

    @property
    def busy(self) -> bool:
        """Whether a job is being done or waits."""
        return self._current is not None or bool(self._waiting)

    def submit(self, job: Job) -> None:
        """Queue a job that was exported into its folder."""
        self._waiting.append(job)
        self.added.emit(job)
        self._start_next()

    def cancel(self, job: Job) -> None:
        """Stop a job: at once while it waits, at the next safe point while it runs."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._end(job, Outcome(state="cancelled", text="Taken out of the queue."))
        elif job is self._current and job.state == "running":
            job.state = "stopping"
            self._patience.start()
            self._engine.cancel()
            self.changed.emit(job)

    def cancel_all(self) -> None:
        """Stop the job that runs and forget those that wait."""
        for job in (*self._waiting, *filter(None, [self._current])):
            self.cancel(job)

    def close(self) -> None:
        """End worker and thread; what still runs is cut off."""
        self._waiting.clear()
        self._engine.reported.disconnect(self._take_event)
        self._engine.ended.disconnect(self._take_outcome)
        self._engine.stop()

    def _start_next(self) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.pop(0)
            self._current.state = "running"
            errand: Errand = "prepare" if self._current.kind == "preparation" else "run"
            self._engine.order(self._current.folder, errand)
            self.changed.emit(self._current)

    @Slot(object)
    def _take_event(self, event: Event) -> None:
        job = self._current
        if job is None:
            return
        if isinstance(event, Progress):
            job.progress = event
        elif isinstance(event, Metrics):
            job.metrics.append(event)
        else:
            job.notices.append(event)
        self.reported.emit(job, event)

    @Slot(object)
    def _take_outcome(self, outcome: Outcome) -> None:
        self._patience.stop()
        job, self._current = self._current, None
        if job is None:
            return
        ended = Outcome(state="crashed", text="Its result could not be brought into the project.")
        try:
            ended = self._bring_in(job, outcome)
        except SxtError as error:
            ended = Outcome(state="failed", text=str(error))
        finally:
            self._end(job, ended)
            self._start_next()

    def _end(self, job: Job, outcome: Outcome) -> None:
        job.state = outcome.state
        job.text = outcome.text
        logger.info("job %r: %s", job.title, outcome.state)
        self.changed.emit(job)
        self.finished.emit(job)
