"""The worker is the real program in a real process; only broken ones are made up."""

import os
import signal
import sys
from pathlib import Path

import pytest

from sxtstudio.core.errors import PlanError, ProjectError
from sxtstudio.core.events import Metrics, Notice, Progress
from sxtstudio.gui import worker_process
from sxtstudio.gui.engine_thread import EngineThread, Outcome
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.worker_process import WorkerProcess, worker_command
from sxtstudio.project.project import Project
from sxtstudio.workflow.jobs import TrainingRequest, export_training_job
from tests.gui.projects import two_cell_project

PATIENCE_MS = 120_000
# A worker that says it is ready, and then does with an order what follows.
BROKEN = 'import sys, os, time\nprint(\'{"event": "ready"}\', flush=True)\nsys.stdin.readline()\n'


def broken_worker(what: str) -> list[str]:
    return [sys.executable, "-c", BROKEN + what]


@pytest.fixture
def engine(qtbot):
    engines = []

    def make(command=None) -> EngineThread:
        engines.append(EngineThread(command))
        return engines[-1]

    yield make
    for it in engines:
        it.stop()


@pytest.fixture
def training(tmp_path) -> Path:
    folder = tmp_path / "job"
    with Project.open(two_cell_project(tmp_path / "p.sxt", 32)) as project:
        request = TrainingRequest(
            task="organelles",
            network=tmp_path / "n.sxtnet",
            minutes=5.0,
            device="cpu",
            threads=1,
        )
        export_training_job(project, request, folder)
    return folder


def outcome_of(qtbot, engine: EngineThread, folder: Path) -> Outcome:
    with qtbot.waitSignal(engine.ended, timeout=PATIENCE_MS) as signal_:
        engine.order(folder)
    return signal_.args[0]


def test_a_job_that_cannot_be_done_fails_with_a_sentence_and_the_worker_lives_on(
    qtbot, engine, tmp_path
):
    thread = engine()

    first = outcome_of(qtbot, thread, tmp_path / "nowhere")
    worker = thread._worker
    second = outcome_of(qtbot, thread, tmp_path / "nowhere else")

    assert (first.state, second.state) == ("failed", "failed")
    assert "nowhere" in first.text
    assert "holds no job" in first.text
    assert thread._worker is worker


def test_a_worker_that_dies_is_told_apart_and_replaced(qtbot, engine, tmp_path):
    thread = engine(broken_worker("sys.stderr.write('out of memory'); os._exit(7)"))

    first = outcome_of(qtbot, thread, tmp_path)
    second = outcome_of(qtbot, thread, tmp_path)

    assert (first.state, second.state) == ("crashed", "crashed")
    assert "ended with code 7" in first.text
    assert "out of memory" in first.text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_worker_that_is_killed_names_the_signal(qtbot, engine, tmp_path):
    thread = engine(broken_worker("os.kill(os.getpid(), 9)"))

    outcome = outcome_of(qtbot, thread, tmp_path)

    assert outcome.state == "crashed"
    assert "signal 9" in outcome.text


def test_a_worker_that_cannot_be_started_is_a_crash_with_a_reason(qtbot, engine, tmp_path):
    thread = engine([str(tmp_path / "no such program")])

    outcome = outcome_of(qtbot, thread, tmp_path)

    assert outcome.state == "crashed"
    assert "could not be started" in outcome.text


def test_a_bug_in_a_job_brings_its_trace_and_stray_prints_do_no_harm(qtbot, engine, tmp_path):
    bug = '{"event": "crashed", "text": "Traceback: …"}'
    thread = engine(
        broken_worker(
            f"print('hello'); print('[1]'); print({bug!r}, flush=True); sys.stdin.readline()"
        )
    )

    outcome = outcome_of(qtbot, thread, tmp_path)

    assert outcome == Outcome(state="crashed", text="Traceback: …")


def test_events_arrive_as_signals(qtbot, engine, tmp_path):
    lines = [
        '{"event": "progress", "text": "half", "fraction": 0.5}',
        '{"event": "metrics", "stage": 1, "step": 2, "steps": 9, "loss": 0.5}',
        '{"event": "notice", "text": "read this"}',
        '{"event": "done", "text": "ready"}',
    ]
    thread = engine(
        broken_worker(f"print({chr(10).join(lines)!r}, flush=True); sys.stdin.readline()")
    )
    events = []
    thread.reported.connect(events.append)

    outcome = outcome_of(qtbot, thread, tmp_path)

    assert outcome == Outcome(state="done", text="ready")
    assert [type(event) for event in events] == [Progress, Metrics, Notice]
    assert events[0].fraction == 0.5


def test_a_job_that_does_not_stop_is_killed_when_patience_ends(qtbot, engine, tmp_path):
    queue = JobQueue(engine(broken_worker("time.sleep(600)")), lambda _, it: it, patience_s=0.2)
    job = Job(kind="training", title="stubborn", folder=tmp_path)
    queue.submit(job)

    with qtbot.waitSignal(queue.finished, timeout=PATIENCE_MS):
        queue.cancel(job)
        assert job.state == "stopping"

    assert job.state == "cancelled"
    assert "safe point" in job.text
    assert not queue.busy


def test_jobs_are_done_one_after_the_other_and_a_waiting_one_can_be_taken_out(
    qtbot, engine, tmp_path
):
    queue = JobQueue(engine(), lambda _, it: it)
    jobs = [Job(kind="training", title=f"{i}", folder=tmp_path / f"{i}") for i in range(3)]
    finished = []
    queue.finished.connect(finished.append)

    for job in jobs:
        queue.submit(job)
    assert [job.state for job in jobs] == ["running", "waiting", "waiting"]
    queue.cancel(jobs[1])
    qtbot.waitUntil(lambda: not queue.busy, timeout=PATIENCE_MS)

    assert finished == [jobs[1], jobs[0], jobs[2]]
    assert [job.state for job in jobs] == ["failed", "cancelled", "failed"]


ASKED = 'order = sys.stdin.readline(); print(\'{"event": "cancelled"}\', flush=True)\n'
DONE_ON_FINISH = """
word = sys.stdin.readline()
print('{"event": "done", "text": "%s"}' % ("kept" if "finish" in word else word), flush=True)
sys.stdin.readline()
"""


def test_a_job_is_paused_lets_others_run_and_goes_on(qtbot, engine, tmp_path):
    brought: list[str] = []

    def bring_in(job, outcome):
        brought.append(job.title)
        return outcome

    queue = JobQueue(engine(broken_worker(ASKED + "time.sleep(600)")), bring_in)
    paused = Job(kind="training", title="long", folder=tmp_path / "long")
    other = Job(kind="training", title="other", folder=tmp_path / "other")
    queue.submit(paused)
    queue.submit(other)

    queue.pause(paused)
    assert paused.state == "pausing"
    qtbot.waitUntil(lambda: other.state == "running", timeout=PATIENCE_MS)
    assert paused.state == "paused"
    assert brought == []

    queue.resume(paused)
    assert paused.state == "waiting"
    queue.cancel(other)
    qtbot.waitUntil(lambda: paused.state == "running", timeout=PATIENCE_MS)
    assert brought == ["other"]
    queue._engine.kill()


def test_a_waiting_job_is_paused_at_once_and_stays_out_of_the_way(qtbot, engine, tmp_path):
    queue = JobQueue(engine(broken_worker("time.sleep(600)")), lambda _, it: it, patience_s=0.2)
    jobs = [Job(kind="training", title=f"{i}", folder=tmp_path / f"{i}") for i in range(2)]
    for job in jobs:
        queue.submit(job)

    queue.pause(jobs[1])
    assert jobs[1].state == "paused"
    with qtbot.waitSignal(queue.finished, timeout=PATIENCE_MS):
        queue.cancel(jobs[0])

    assert not queue.busy
    assert jobs[1].state == "paused"


def test_a_job_that_is_being_paused_can_still_be_stopped(qtbot, engine, tmp_path):
    queue = JobQueue(engine(broken_worker("time.sleep(600)")), lambda _, it: it, patience_s=0.2)
    job = Job(kind="training", title="t", folder=tmp_path)
    queue.submit(job)

    queue.pause(job)
    with qtbot.waitSignal(queue.finished, timeout=PATIENCE_MS):
        queue.cancel_all()

    assert job.state == "cancelled"


def test_a_wish_to_keep_reaches_the_worker_of_a_running_and_of_a_paused_job(
    qtbot, engine, tmp_path
):
    queue, other = (
        JobQueue(engine(broken_worker(DONE_ON_FINISH)), lambda _, it: it) for _ in range(2)
    )
    running = Job(kind="training", title="running", folder=tmp_path / "a")
    paused = Job(kind="training", title="paused", folder=tmp_path / "b")

    with qtbot.waitSignal(queue.finished, timeout=PATIENCE_MS):
        queue.submit(running)
        queue.keep(running)
    assert (running.state, running.text) == ("done", "kept")

    other.show_paused(paused)
    with qtbot.waitSignal(other.finished, timeout=PATIENCE_MS):
        other.keep(paused)
    assert (paused.state, paused.text) == ("done", "kept")


def test_a_new_job_takes_the_place_of_an_ended_one_in_the_same_folder(qtbot, engine, tmp_path):
    queue = JobQueue(engine(broken_worker("time.sleep(600)")), lambda _, it: it, patience_s=0.2)
    old, new, other = (
        Job(kind="training", title=f"{i}", folder=tmp_path / name)
        for i, name in enumerate(("a", "a", "b"))
    )
    queue.show_paused(old)
    queue.show_paused(other)

    queue.submit(new)

    assert queue.jobs == (other, new)
    with pytest.raises(PlanError, match="is being done or waits"):
        queue.require_free(tmp_path / "a")
    queue.require_free(tmp_path / "b")
    queue.forget_all()
    assert queue.jobs == (new,)
    queue._engine.kill()


def test_results_that_cannot_be_brought_in_fail_the_job_in_words(qtbot, engine, tmp_path):
    def refuse(_job, _outcome):
        raise ProjectError("The disk is full.")

    done = '{"event": "done", "text": "ready"}'
    queue = JobQueue(engine(broken_worker(f"print({done!r}, flush=True)")), refuse)
    job = Job(kind="training", title="t", folder=tmp_path)

    with qtbot.waitSignal(queue.finished, timeout=PATIENCE_MS):
        queue.submit(job)

    assert (job.state, job.text) == ("failed", "The disk is full.")


def test_stopping_the_engine_in_the_middle_leaves_no_thread_and_no_process(qtbot, engine, tmp_path):
    thread = engine(broken_worker("time.sleep(600)"))
    thread.order(tmp_path)
    qtbot.waitUntil(lambda: thread._worker is not None, timeout=PATIENCE_MS)
    process = thread._worker._process

    thread.stop(wait_s=0.2)

    assert not thread.isRunning()
    assert process.poll() is not None


def test_a_frozen_program_starts_its_console_twin(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/sxtstudio/sxtstudio.exe")

    assert worker_command() == ["/opt/sxtstudio/sxtstudio-cli.exe", "worker"]


def test_a_worker_deaf_to_quit_is_ended(monkeypatch):
    worker = WorkerProcess([sys.executable, "-c", "import time; time.sleep(600)"])

    worker.close(wait_s=0.2)

    assert not worker.alive
    assert worker_process._LAST_WORDS > 1000


@pytest.mark.slow
def test_a_real_training_reports_live_and_stops_when_asked(qtbot, engine, training):
    thread = engine()
    events = []
    thread.reported.connect(events.append)
    thread.order(training)
    qtbot.waitUntil(
        lambda: any(isinstance(event, Metrics) for event in events), timeout=PATIENCE_MS
    )

    with qtbot.waitSignal(thread.ended, timeout=PATIENCE_MS) as ended:
        thread.cancel()

    assert ended.args[0].state == "cancelled"
    assert any(isinstance(event, Notice) for event in events)
    assert any(isinstance(event, Progress) and event.fraction is not None for event in events)
    assert (training / "plan.json").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_real_worker_killed_in_the_middle_is_a_crash_and_the_next_job_gets_a_new_one(
    qtbot, engine, training, tmp_path
):
    thread = engine()
    events = []
    thread.reported.connect(events.append)
    thread.order(training)
    qtbot.waitUntil(lambda: bool(events), timeout=PATIENCE_MS)

    with qtbot.waitSignal(thread.ended, timeout=PATIENCE_MS) as ended:
        os.kill(thread._worker._process.pid, signal.SIGKILL)

    assert ended.args[0].state == "crashed"
    assert "signal 9" in ended.args[0].text
    assert outcome_of(qtbot, thread, tmp_path / "nowhere").state == "failed"


def test_the_orders_are_done_until_the_end_is_ordered(qtbot, tmp_path):
    """Here the loop runs in this thread, so that its coverage can be measured."""
    done = '{"event": "done", "text": "ready"}'
    notice = '{"event": "notice", "text": "read this"}'
    words = f"print({notice!r}); print('hm'); print({done!r}, flush=True); sys.stdin.readline()"
    for what, state in ((words, "done"), ("os._exit(3)", "crashed")):
        thread = EngineThread(broken_worker(what))
        outcomes, events = [], []
        thread.ended.connect(outcomes.append)
        thread.reported.connect(events.append)
        thread._orders.put((tmp_path, "run"))
        thread._orders.put(None)

        thread.run()
        qtbot.waitUntil(lambda: bool(outcomes), timeout=PATIENCE_MS)  # noqa: B023 - waits here

        assert [outcome.state for outcome in outcomes] == [state]
        assert events == ([Notice(text="read this")] if state == "done" else [])
        assert thread._worker is None
