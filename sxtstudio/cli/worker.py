"""The worker: a process that does jobs for the window, one after the other.

It reads orders, one JSON object a line, from standard input: ``{"run": "JOB_FOLDER"}``,
``{"prepare": "JOB_FOLDER"}`` (plan a training and measure its steps), ``{"finish": true}`` (end the
training that runs and keep what there is), ``{"cancel": true}``, ``{"quit": true}``. To standard
output it writes one JSON object a line: first ``{"event": "ready"}``, then the events of
`sxtstudio.core.events` and, as the last of every job, ``done``, ``failed`` (with the words of the
error), ``cancelled`` or ``crashed`` (with the traceback). Whatever else is printed goes to standard
error. A closed input means that the window is gone: cancel and leave.
"""

import json
import os
import queue
import signal
import sys
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO

import msgspec

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Cancelled, Event, Report, event_to_json

NICENESS = 10


@dataclass(frozen=True)
class Order:
    """A job to run or prepare; ``cancelled`` is set once it is to stop, ``finish`` to end early."""

    folder: Path
    what: Literal["run", "prepare"] = "run"
    cancelled: threading.Event = field(default_factory=threading.Event)
    finish: threading.Event = field(default_factory=threading.Event)

    def takes_wish(self) -> bool:
        """Return whether there is a wish to end early, and forget it: it is granted or refused."""
        wished = self.finish.is_set()
        self.finish.clear()
        return wished


class Orders:
    """The orders that a thread reads; a cancel stops every job that was ordered before it.

    A wish to finish is for the job that runs.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._queue: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unfinished: list[Order] = []
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def next(self) -> Order | None:
        """Wait for the next job; None means leave."""
        return self._queue.get()

    def finished(self, order: Order) -> None:
        """Forget a job."""
        with self._lock:
            self._unfinished.remove(order)

    def _listen(self) -> None:
        for line in self._stream:
            words = _parsed(line)
            if words.get("quit"):
                break
            if words.get("cancel"):
                self._cancel()
            elif words.get("finish"):
                self._finish()
            elif isinstance(words.get("run"), str):
                self._put(Order(Path(words["run"])))
            elif isinstance(words.get("prepare"), str):
                self._put(Order(Path(words["prepare"]), "prepare"))
        self._cancel()
        self._queue.put(None)

    def _put(self, order: Order) -> None:
        with self._lock:
            self._unfinished.append(order)
        self._queue.put(order)

    def _finish(self) -> None:
        with self._lock:
            for order in self._unfinished[:1]:
                order.finish.set()

    def _cancel(self) -> None:
        with self._lock:
            for order in self._unfinished:
                order.cancelled.set()


def _parsed(line: str) -> dict[str, str]:
    try:
        words = json.loads(line)
    except ValueError:
        words = None
    if not isinstance(words, dict):
        print(f"worker: no order: {line!r}", file=sys.stderr)
        return {}
    return words


def run_worker(threads: int | None = None) -> int:
    """Do the jobs ordered on standard input until told to leave; return the exit code.

    ``threads`` is how many a job may use, without a number of its own; otherwise all but one core,
    so that the window stays fluid.
    """
    threads = threads or max(1, _cores() - 1)
    _be_polite(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which then tells us
    with _own_output() as output:
        serve(sys.stdin, output, threads)
    return 0


def serve(stream: TextIO, output: TextIO, threads: int) -> None:
    """Do the jobs ordered on a stream, one JSON line each way, until it ends or says quit."""
    orders = Orders(stream)
    _say(output, {"event": "ready"})
    while (order := orders.next()) is not None:
        _say(output, _do(order, output, threads))
        orders.finished(order)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _be_polite(threads: int) -> None:
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def _own_output() -> TextIO:
    """Return standard output for the protocol alone; everything printed goes to standard error."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return output


def _do(order: Order, output: TextIO, threads: int) -> dict[str, object]:
    """Run a job and return the last thing to say of it."""

    def report(event: Event) -> None:
        if order.cancelled.is_set():
            raise Cancelled
        output.write(event_to_json(event) + "\n")
        output.flush()

    try:
        work = _prepare if order.what == "prepare" else _run
        return {"event": "done", **work(order, report, threads)}
    except Cancelled:
        return {"event": "cancelled"}
    except SxtError as error:
        return {"event": "failed", "text": str(error)}
    except Exception:  # noqa: BLE001 - the worker's front door: the window shows and logs the bug
        traceback.print_exc(file=sys.stderr)
        return {"event": "crashed", "text": traceback.format_exc()}


def _run(order: Order, report: Report, threads: int) -> dict[str, object]:
    from sxtstudio.workflow.jobs import run_job

    return {"text": run_job(order.folder, report, threads=threads, finish=order.takes_wish)}


def _prepare(order: Order, report: Report, threads: int) -> dict[str, object]:
    from sxtstudio.workflow.preparing import preparation_words, prepare_training

    preparation = prepare_training(order.folder, report, threads)
    return {"text": preparation_words(preparation), "preparation": msgspec.to_builtins(preparation)}


def _say(output: TextIO, message: dict[str, object]) -> None:
    output.write(json.dumps(message, ensure_ascii=False) + "\n")
    output.flush()
