"""Jobs: what is to be done, what is being done, and the queue that lets one begin after the other.

A job that was paused keeps its folder, and what the worker has learned in it; the worker is free
for others meanwhile. So is it while what a job needs is written, and what it found is stored.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sxtstudio.core.errors import PlanError, SxtError
from sxtstudio.core.events import Event, Metrics, Notice, Preview, Progress, Report
from sxtstudio.gui.clerk import Clerk
from sxtstudio.gui.engine_thread import EngineThread, Outcome

logger = logging.getLogger(__name__)

KILL_AFTER_S = 30.0
"""How long a job may take to reach a point where stopping is safe."""

_PAUSED = "Paused. What it has learned is kept; the pause is not counted."

_TAKEN_OUT = "Taken out of the queue."
_NEVER_BEGUN = "It never began; order it anew."
_BROKEN = "It could not be brought into the project, or out of it."
_STORED_LATER = "What was found is kept, and is stored when the project is opened again."
_STORE_AGAIN = "What was found is kept: mend that, and store it again from the list of jobs."

State = Literal[
    "exporting",
    "waiting",
    "running",
    "pausing",
    "paused",
    "stopping",
    "storing",
    "done",
    "failed",
    "cancelled",
    "crashed",
]
ResultT = TypeVar("ResultT")


@dataclass(kw_only=True, eq=False)
class Job:
    """A job as the window shows it; only `JobQueue` changes it.

    ``colours`` maps the names of the classes it learns to ``#rrggbb``, in the order of their
    labels. ``stuck`` says why it cannot go on, if that is so. The labels that a ``quiet`` one
    brings are not put on show. What an ``unstored`` one found is not in the project yet.
    """

    kind: Literal["training", "segmentation", "preparation"]
    title: str
    folder: Path
    colours: Mapping[str, str] = field(default_factory=dict[str, str])
    state: State = "waiting"
    progress: Progress | None = None
    metrics: list[Metrics] = field(default_factory=list)
    previews: list[Preview] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    text: str = ""
    stuck: str = ""
    quiet: bool = False
    unstored: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it unless somebody wants it to."""
        return self.state in ("paused", "done", "failed", "cancelled", "crashed")

    @property
    def can_pause(self) -> bool:
        """Whether it may be paused now."""
        return self.kind == "training" and self.state in ("waiting", "running")

    @property
    def stopped_early(self) -> bool:
        """Whether it is a training that stopped before its end."""
        return self.kind == "training" and self.over and self.state != "done"

    @property
    def can_go_on(self) -> bool:
        """Whether it is one that could end in another way if it went on."""
        return self.stopped_early and not self.stuck and not self.unstored

    @property
    def can_store(self) -> bool:
        """Whether what it found may be stored, after that did not succeed."""
        return self.over and self.unstored

    @property
    def keepable(self) -> bool:
        """Whether it may be ended now, and what it has learned kept."""
        known = self.progress.keepable_in_s if self.progress else None
        return known == 0 and (self.state == "running" or self.can_go_on)


@dataclass(frozen=True, kw_only=True, eq=False)
class Storing(Generic[ResultT]):
    """How results come into the project: ``work`` beside the window, then ``done`` in its thread.

    ``done`` returns the outcome to show.
    """

    work: Callable[[Report], ResultT]
    done: Callable[[ResultT], Outcome]


class JobQueue(QObject):
    """Does jobs one after the other.

    ``bring_in`` is called in the window's thread with a job that has ended and how; it returns the
    outcome to show, or what is to be stored before. A paused job does not end.
    """

    added = Signal(object)
    changed = Signal(object)
    reported = Signal(object, object)
    finished = Signal(object)
    forgotten = Signal(object)

    def __init__(
        self,
        engine: EngineThread,
        bring_in: Callable[["Job", Outcome], Outcome | Storing[Any]],
        parent: QObject | None = None,
        *,
        patience_s: float = KILL_AFTER_S,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bring_in = bring_in
        self._jobs: list[Job] = []
        self._waiting: list[Job] = []
        self._current: Job | None = None
        self._to_keep: Job | None = None
        self._clerk = Clerk(self)
        self._clerk.reported.connect(self._take_word)
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
    def jobs(self) -> tuple[Job, ...]:
        """All jobs that are known, the oldest first."""
        return tuple(self._jobs)

    @property
    def busy(self) -> bool:
        """Whether a job is being done or waits, or what one found is being stored."""
        return any(not job.over for job in self._jobs)

    @property
    def only_stores(self) -> bool:
        """Whether all that goes on is that what jobs found is being stored."""
        return self.busy and all(job.over or job.state == "storing" for job in self._jobs)

    def require_free(self, folder: Path) -> None:
        """Make sure that no job is being done or waits in a folder.

        Raises
        ------
        PlanError
            If one is.
        """
        if self.is_busy(folder):
            raise PlanError(
                f"{folder}: the job in there is being done or waits; wait for its end, stop it, or "
                "choose another name for the network."
            )

    def is_busy(self, folder: Path) -> bool:
        """Return whether a job is being done or waits in a folder."""
        return any(job.folder == folder and not job.over for job in self._jobs)

    def submit(self, job: Job, export: Callable[[Report], object] | None = None) -> None:
        """Queue a job; ``export`` writes its folder first, beside the window, unless it is written.

        A job of the same folder that has ended is forgotten: this one takes its place.
        """
        for other in [it for it in self._jobs if it.folder == job.folder and it.over]:
            self.forget(other)
        if export is None:
            self._list(job, "waiting")
            self._wait(job)
            return
        self._list(job, "exporting")
        done, failed = lambda _: self._exported(job), lambda it: self._never_begun(job, it)
        self._clerk.do(job, export, done, failed)

    def _exported(self, job: Job) -> None:
        if job.state == "stopping":
            shutil.rmtree(job.folder, ignore_errors=True)
            self._never_begun(job, None)
            return
        job.state, job.progress = "waiting", None
        self.changed.emit(job)
        self._wait(job)

    def _never_begun(self, job: Job, error: Exception | None) -> None:
        job.stuck = _NEVER_BEGUN
        self._break_off(job, error, _TAKEN_OUT)

    def _wait(self, job: Job) -> None:
        self._waiting.append(job)
        self._start_next()

    def show_paused(self, job: Job) -> None:
        """List a job that was found in its folder; it goes on once `resume` is called."""
        self._list(job, "paused")

    def _list(self, job: Job, state: State) -> None:
        job.state = state
        self._jobs.append(job)
        self.added.emit(job)

    def pause(self, job: Job) -> None:
        """Let a job wait until `resume`: at once, or at the next safe point while it runs."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._rest(job, "Paused before it began.")
        elif job is self._current and job.state == "running":
            self._ask_to_stop(job, "pausing")

    def resume(self, job: Job) -> None:
        """Let a training that stopped go on, after the jobs that wait."""
        if job.can_go_on:
            job.state, job.text = "waiting", ""
            self.changed.emit(job)
            self._wait(job)

    def keep(self, job: Job) -> None:
        """End a training early and keep what it has learned.

        The worker refuses with a notice while there is nothing to keep yet.
        """
        if job is self._current and job.state == "running":
            self._engine.finish()
        elif job.can_go_on:
            self._to_keep = job
            self.resume(job)

    def cancel(self, job: Job) -> None:
        """Stop a job: at once while it waits, at the next safe point while it runs or stores."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._end(job, Outcome(state="cancelled", text=_TAKEN_OUT))
        elif job.state in ("exporting", "storing"):
            job.state = "stopping"
            self.changed.emit(job)
            self._clerk.cancel(job)
        elif job is self._current and job.state in ("running", "pausing"):
            self._ask_to_stop(job, "stopping")

    def cancel_all(self) -> None:
        """Stop the job that runs and forget those that wait; what was found is still stored."""
        for job in self.jobs:
            if job.state != "storing":
                self.cancel(job)

    def say(self, job: Job, text: str) -> None:
        """Let a job that is over say something else."""
        job.text = text
        self.changed.emit(job)

    def forget(self, job: Job) -> None:
        """Take a job that is over from the list; its folder stays as it is."""
        if job.over and job in self._jobs:
            self._jobs.remove(job)
            self.forgotten.emit(job)

    def forget_all(self) -> None:
        """Take all jobs that are over from the list."""
        for job in self.jobs:
            self.forget(job)

    def close(self) -> None:
        """End worker and threads; what still runs is cut off, and what is not stored is kept."""
        self._waiting.clear()
        self._clerk.close()
        self._engine.reported.disconnect(self._take_event)
        self._engine.ended.disconnect(self._take_outcome)
        self._engine.stop()

    def _ask_to_stop(self, job: Job, state: State) -> None:
        job.state = state
        self._patience.start()
        self._engine.cancel()
        self.changed.emit(job)

    def _start_next(self) -> None:
        if self._current is None and self._waiting:
            job = self._current = self._waiting.pop(0)
            job.state = "running"
            self._engine.order(job.folder, "prepare" if job.kind == "preparation" else "run")
            if job is self._to_keep:
                self._to_keep = None
                self._engine.finish()
            self.changed.emit(job)

    @Slot(object)
    def _take_event(self, event: Event) -> None:
        job = self._current
        if job is None:
            return
        if isinstance(event, Progress):
            job.progress = event
        elif isinstance(event, Metrics):
            job.metrics.append(event)
        elif isinstance(event, Preview):
            job.previews.append(event)
        else:
            job.notices.append(event)
        self.reported.emit(job, event)

    @Slot(object)
    def _take_outcome(self, outcome: Outcome) -> None:
        self._patience.stop()
        job, self._current = self._current, None
        if job is None:
            return
        if job.state == "pausing" and outcome.state == "cancelled":
            self._rest(job, _PAUSED)
            self._start_next()
            return
        try:
            self._store(job, outcome)
        finally:
            self._start_next()

    def store(self, job: Job) -> None:
        """Store what a job has found, after that did not succeed."""
        if job.can_store:
            self._store(job, Outcome(state="done"))

    def _store(self, job: Job, outcome: Outcome) -> None:
        with self._ending(job):
            found = self._bring_in(job, outcome)
            if isinstance(found, Outcome):
                self._end(job, found)
                return
            job.state, job.progress, job.unstored = "storing", None, True
            self.changed.emit(job)
            self._clerk.do(
                job,
                found.work,
                lambda result: self._stored(job, lambda: found.done(result)),
                lambda error: self._break_off(job, error, _STORED_LATER, _STORE_AGAIN),
            )

    def _stored(self, job: Job, done: Callable[[], Outcome]) -> None:
        job.unstored = False
        with self._ending(job):
            self._end(job, done())

    def _break_off(
        self, job: Job, error: Exception | None, cancelled: str, advice: str = ""
    ) -> None:
        """End a job whose exporting or storing failed, or (no error) was called off."""
        job.progress = None
        with self._ending(job, advice):
            if error is not None:
                raise error
            self._end(job, Outcome(state="cancelled", text=cancelled))

    @contextmanager
    def _ending(self, job: Job, advice: str = "") -> Iterator[None]:
        """End a job whatever happens, in words where they are for the user."""
        try:
            yield
        except SxtError as error:
            self._end(job, Outcome(state="failed", text=f"{error} {advice}".strip()))
        except Exception:
            self._end(job, Outcome(state="crashed", text=f"{_BROKEN} {advice}".strip()))
            raise

    @Slot(object, object)
    def _take_word(self, job: Job, event: Event) -> None:
        """Hear of what is being exported or stored."""
        if isinstance(event, Progress):
            job.progress = event
        elif isinstance(event, Notice):
            job.notices.append(event)
        self.reported.emit(job, event)

    def _rest(self, job: Job, text: str) -> None:
        job.state, job.text = "paused", text
        logger.info("job %r: paused", job.title)
        self.changed.emit(job)

    def _end(self, job: Job, outcome: Outcome) -> None:
        job.state = outcome.state
        job.text = outcome.text
        job.stuck = outcome.stuck or job.stuck
        logger.info("job %r: %s", job.title, outcome.state)
        self.changed.emit(job)
        self.finished.emit(job)
