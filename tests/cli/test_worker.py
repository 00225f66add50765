"""The worker does jobs one after the other, stops when told to, and outlives their failures."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sxtstudio.cli.worker import serve
from sxtstudio.core.errors import PlanError
from sxtstudio.core.events import (
    Cancelled,
    Metrics,
    Notice,
    Progress,
    Report,
    Wish,
    event_from_json,
)
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    export_segmentation_job,
    export_training_job,
)
from tests.workflow.conftest import TASK, network, project, segmented

__all__ = ["network", "project", "segmented"]
ENDS = ("done", "failed", "cancelled", "crashed")


class Worker:
    """A real worker process, as the window starts it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sxtstudio", "worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        self.errors: list[str] = []
        self._drain = threading.Thread(target=self.errors.extend, args=(self.process.stderr,))
        self._drain.start()

    def say(self, order: dict[str, object] | str) -> None:
        self.input.write((order if isinstance(order, str) else json.dumps(order)) + "\n")
        self.input.flush()

    def hear(self) -> dict[str, object]:
        return json.loads(self.output.readline())

    def until_the_end(self) -> list[dict[str, object]]:
        messages: list[dict[str, object]] = []
        while not messages or messages[-1]["event"] not in ENDS:
            messages.append(self.hear())
        return messages

    def close(self) -> int:
        if not self.input.closed:
            self.input.close()
        code = self.process.wait(120)
        self._drain.join()
        self.output.close()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.close()


def training_job(project: Project, tmp_path: Path, steps: int) -> Path:
    request = TrainingRequest(task=TASK, network=tmp_path / "n.sxtnet", steps=steps, device="cpu")
    export_training_job(project, request, tmp_path / "n.job")
    return tmp_path / "n.job"


@pytest.mark.slow
def test_two_jobs_in_one_worker_and_a_failure_between_them(
    worker: Worker, project: Project, network: Path, tmp_path: Path
) -> None:
    assert worker.hear() == {"event": "ready"}
    folders = [tmp_path / "first.job", tmp_path / "second.job"]
    for folder, cell in zip(folders, ("new", "ball-0"), strict=True):
        export_segmentation_job(
            project, SegmentationRequest(network=network, cells=(cell,)), folder
        )
    worker.say("this is no order")
    for folder in (folders[0], tmp_path / "nowhere", folders[1]):
        worker.say({"run": str(folder)})
    ends = [worker.until_the_end() for _ in range(3)]
    assert [messages[-1]["event"] for messages in ends] == ["done", "failed", "done"]
    assert "nowhere" in str(ends[1][-1]["text"])
    events = [event_from_json(json.dumps(message)) for message in ends[0][:-1]]
    assert any(isinstance(event, Progress) and "new" in event.text for event in events)
    for folder in folders:
        finish_job(project, folder)
    assert project.cell("new").versions[-1].kind == "predicted"
    worker.say({"quit": True})
    assert worker.process.wait(60) == 0
    worker.close()
    assert any("no order" in line for line in worker.errors)


@pytest.mark.slow
def test_cancel_stops_at_a_safe_point_and_the_worker_stays(
    worker: Worker, project: Project, tmp_path: Path
) -> None:
    folder = training_job(project, tmp_path, steps=400)
    worker.hear()
    worker.say({"cancel": True})  # nothing runs: it must not hurt the job that follows
    worker.say({"run": str(folder)})
    while not isinstance(event_from_json(json.dumps(worker.hear())), Metrics):
        pass
    worker.say({"cancel": True})
    assert worker.until_the_end()[-1] == {"event": "cancelled"}
    assert (folder / "plan.json").exists()
    assert worker.process.poll() is None
    worker.say({"run": str(tmp_path / "nowhere")})
    assert worker.until_the_end()[-1]["event"] == "failed"


@pytest.mark.slow
def test_a_training_is_prepared_then_begun_and_ended_early(
    worker: Worker, project: Project, tmp_path: Path
) -> None:
    folder = training_job(project, tmp_path, steps=600)
    worker.hear()
    worker.say({"finish": True})  # nothing runs: it must not hurt the job that follows
    worker.say({"prepare": str(folder)})
    told = worker.until_the_end()[-1]
    assert told["event"] == "done"
    assert str(told["text"]).startswith("Ready to learn from 3 cells")
    assert (
        json.loads((folder / "preparation.json").read_text())["steps"]
        == told["preparation"]["steps"]
    )
    worker.say({"run": str(folder)})
    last = len(told["preparation"]["plan"]["stages"])
    while True:
        event = event_from_json(json.dumps(worker.hear()))
        if isinstance(event, Metrics) and event.stage == last and event.dice:
            break
    worker.say({"finish": True})
    messages = worker.until_the_end()
    assert messages[-1]["event"] == "done"
    events = [event_from_json(json.dumps(message)) for message in messages[:-1]]
    assert any(isinstance(event, Notice) and "Ended early" in event.text for event in events)
    assert finish_job(project, folder).startswith("Trained n.sxtnet")


def test_a_wish_to_finish_is_for_the_job_that_runs_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes: list[bool] = []
    started = threading.Event()
    too_late = time.monotonic() + 200

    def job(folder: Path, report: Report, *, threads: int, finish: Wish) -> str:
        started.set()
        while not any(wishes) and folder.name == "first" and time.monotonic() < too_late:
            wishes.append(finish())
        wishes.append(finish())
        report(Progress(text=f"{threads}"))
        return folder.name

    monkeypatch.setattr("sxtstudio.workflow.jobs.run_job", job)
    reader, writer = os.pipe()
    output = io.StringIO()
    with os.fdopen(writer, "w") as ordering, os.fdopen(reader) as stream:
        serving = threading.Thread(target=serve, args=(stream, output, 1), daemon=True)
        serving.start()
        for name in ("first", "second"):
            ordering.write(json.dumps({"run": str(tmp_path / name)}) + "\n")
        ordering.flush()
        assert started.wait(150), "the worker imports the engine first, which may take long"
        ordering.write('{"finish": true}\n')
        ordering.flush()
        while output.getvalue().count("done") < 2 and time.monotonic() < too_late:
            time.sleep(0.01)
        ordering.write('{"quit": true}\n')
        ordering.flush()
        serving.join(30)
    assert wishes[-3:] == [True, False, False]


@pytest.mark.slow
def test_a_closed_input_cancels_and_ends_the_worker(
    worker: Worker, project: Project, tmp_path: Path
) -> None:
    folder = training_job(project, tmp_path, steps=400)
    worker.hear()
    worker.say({"run": str(folder)})
    while not isinstance(event_from_json(json.dumps(worker.hear())), Metrics):
        pass
    worker.input.close()
    assert worker.until_the_end()[-1] == {"event": "cancelled"}
    assert worker.process.wait(60) == 0


def test_orders_are_served_in_turn_until_the_stream_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def job(folder: Path, report: Report, *, threads: int, finish: Wish) -> str:
        report(Progress(text=folder.name, fraction=0.5))
        if folder.name == "wrong":
            raise PlanError("No such thing.")
        if folder.name == "broken":
            raise ZeroDivisionError
        if folder.name == "long":
            assert not finish()
            raise Cancelled
        return f"{folder.name} with {threads}"

    monkeypatch.setattr("sxtstudio.workflow.jobs.run_job", job)
    reader, writer = os.pipe()
    output = io.StringIO()
    orders = "".join(
        json.dumps({"run": str(tmp_path / name)}) + "\n"
        for name in ("good", "wrong", "broken", "long")
    )

    def until(count: int) -> None:
        while output.getvalue().count("\n") < count:
            time.sleep(0.01)

    with os.fdopen(writer, "w") as ordering, os.fdopen(reader) as stream:
        serving = threading.Thread(target=serve, args=(stream, output, 3))
        serving.start()
        ordering.write("[1]\n{}\n" + orders)
        ordering.flush()
        until(9)
        ordering.write('{"cancel": true}\n{"quit": true}\n')
        ordering.flush()
        serving.join(30)
    assert not serving.is_alive()
    messages = [json.loads(line) for line in output.getvalue().splitlines()]
    ends = [message for message in messages if message["event"] in ENDS]
    assert messages[0] == {"event": "ready"}
    assert [message["event"] for message in ends] == ["done", "failed", "crashed", "cancelled"]
    assert ends[0]["text"] == "good with 3"
    assert ends[1]["text"] == "No such thing."
    assert "ZeroDivisionError" in ends[2]["text"]
    assert [m["text"] for m in messages if m["event"] == "progress"] == [
        *("good", "wrong", "broken", "long")
    ]


def test_a_cancelled_job_ends_at_its_next_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, told = threading.Event(), threading.Event()

    def job(folder: Path, report: Report, *, threads: int, finish: Wish) -> str:
        started.set()
        told.wait(30)
        report(Progress(text=f"never told, {folder} {threads}"))
        return "never"

    monkeypatch.setattr("sxtstudio.workflow.jobs.run_job", job)
    reader, writer = os.pipe()
    output = io.StringIO()
    with os.fdopen(writer, "w") as ordering, os.fdopen(reader) as stream:
        serving = threading.Thread(target=serve, args=(stream, output, 1))
        serving.start()
        ordering.write(json.dumps({"run": str(tmp_path)}) + "\n")
        ordering.flush()
        started.wait(30)
        ordering.close()
        # The reading thread needs a moment; `told` is set once the stream has ended.
        while any(thread.name == "orders" for thread in threading.enumerate()):
            time.sleep(0.01)
        told.set()
        serving.join(30)
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert lines == [{"event": "ready"}, {"event": "cancelled"}]


def test_a_worker_that_is_told_to_quit_leaves_at_once() -> None:
    worker = Worker()
    assert worker.hear() == {"event": "ready"}
    worker.say({"quit": True})
    assert worker.close() == 0
    assert worker.errors == []


def test_a_bug_in_a_job_is_a_crash_with_a_traceback_and_prints_go_to_standard_error(
    tmp_path: Path,
) -> None:
    words = (
        "import os, sxtstudio.workflow.jobs as jobs\n"
        "def broken(folder, report, *, threads, finish):\n"
        "    print('stray')\n"
        "    os.write(1, b'from below\\n')\n"
        "    raise ZeroDivisionError(threads)\n"
        "jobs.run_job = broken\n"
        "from sxtstudio.cli.worker import run_worker\n"
        "raise SystemExit(run_worker(threads=1))\n"
    )
    orders = f"{json.dumps({'run': str(tmp_path)})}\n"
    done = subprocess.run(
        [sys.executable, "-c", words], input=orders, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0] == {"event": "ready"}
    # The input was closed at once, so the job may have been cancelled before it began to report.
    assert lines[-1]["event"] == "crashed"
    assert "ZeroDivisionError: 1" in lines[-1]["text"]
    assert "stray" in done.stderr
    assert "from below" in done.stderr


@pytest.mark.skipif(not hasattr(os, "nice"), reason="there is no nice value here")
def test_the_worker_leaves_the_window_the_first_turn() -> None:
    worker = Worker()
    worker.hear()
    nice = os.getpriority(os.PRIO_PROCESS, worker.process.pid)
    worker.close()
    assert nice == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
