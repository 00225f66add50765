"""The thread that owns the worker process, gives it orders and re-emits its events as signals.

The worker is this program itself, started as ``worker``: one order a line on its standard input,
one JSON event a line on its standard output. It stays alive between jobs, because loading the
engine takes seconds. A worker that dies takes nothing with it: the next job starts a new one.
"""

import json
import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QThread, Signal

from sxtstudio.core.events import Event, event_from_json
from sxtstudio.gui.mailbox import Mailbox
from sxtstudio.gui.worker_process import WorkerProcess, worker_command

logger = logging.getLogger(__name__)

Errand = Literal["run", "prepare"]
"""What the worker shall do with a job folder; a training is prepared before it may begin."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a job ended; ``text`` is a sentence, or the report of a crash.

    ``stuck`` says why it cannot go on, if that is so.
    """

    state: Literal["done", "failed", "cancelled", "crashed"]
    text: str = ""
    stuck: str = ""


class EngineThread(QThread):
    """Owns the worker process, gives it one job at a time and re-emits its events as signals.

    ``reported`` carries an `Event`, ``ended`` an `Outcome`; both arrive in the window's thread.
    """

    reported = Signal(object)
    ended = Signal(object)

    def __init__(self, command: Sequence[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command or worker_command())
        self._tell = Mailbox[Event](self.reported.emit, self).slit()
        self._end = Mailbox[Outcome](self.ended.emit, self).slit()
        self._orders: queue.SimpleQueue[tuple[Path, Errand] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._cancelled = False
        self._finish = False

    def order(self, folder: Path, errand: Errand = "run") -> None:
        """Have the job of a folder done or prepared; call it again only after ``ended``."""
        with self._lock:
            self._cancelled = self._finish = False
        self._orders.put((folder, errand))
        if not self.isRunning():
            self.start()

    def cancel(self) -> None:
        """Ask the worker to stop at the next safe point."""
        with self._lock:
            self._cancelled = True
            if self._worker is not None:
                self._worker.say({"cancel": True})

    def finish(self) -> None:
        """Ask the worker to end the training that runs early, and keep what there is."""
        with self._lock:
            self._finish = True
            if self._worker is not None:
                self._worker.say({"finish": True})

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
            self._end(self._do(*order))
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
            if self._finish:
                worker.say({"finish": True})
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
            worker = self._worker
        if worker is None:
            worker = WorkerProcess(self._command)  # takes time, in which the window may ask to stop
            with self._lock:
                self._worker = worker
        return worker

    def _hear(self, line: bytes) -> Outcome | None:
        try:
            self._tell(event_from_json(line))
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
