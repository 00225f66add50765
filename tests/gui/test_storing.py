"""What jobs need is written, and what they found is stored, beside the window; nothing is lost."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import FileError, ProjectError
from sxtstudio.core.events import Progress, Report
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui import messages
from sxtstudio.gui.engine_thread import Outcome
from sxtstudio.gui.job_orders import new_job_folder
from sxtstudio.gui.jobs import Job, JobQueue, Storing
from sxtstudio.gui.jobs_panel import JobsPanel
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.project import project_file
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import (
    CellSource,
    SegmentationJob,
    write_job,
    write_job_cell,
    write_prediction,
)
from sxtstudio.workflow.jobs import TrainingRequest
from tests.gui.projects import NAMES, VOXEL_UM, two_cell_project
from tests.gui.test_jobs_panel import WaitingEngine

PATIENCE_MS = 60_000
DONE = [
    sys.executable,
    "-c",
    'import sys\nfor _ in sys.stdin: print(\'{"event": "done", "text": ""}\', flush=True)',
]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return two_cell_project(tmp_path / "p.sxt", 72)


@pytest.fixture
def window(qtbot, path: Path) -> Iterator[MainWindow]:
    made = MainWindow(Session(worker=DONE), remember=False)
    made.show()
    made.open_path(path)
    yield made
    with suppress(RuntimeError):
        qtbot.waitUntil(lambda: not made.session.jobs.busy, timeout=PATIENCE_MS)
        made.close()


def predicted(project: Project, seed: int) -> Prediction:
    shape = project.cells()[1].shape
    rng = np.random.default_rng(seed)
    labels_ZYX = rng.integers(0, 6, shape).astype(np.uint8)
    return Prediction(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM),
        probability_KZYX=rng.integers(0, 255, (len(NAMES), *shape)).astype(np.uint8),
        uncertainty_ZYX=labels_ZYX,
        task="organelles",
        network_sha256=f"{seed}" * 64,
        colours={},
        made_by=made_by("tests.predict", {"seed": seed}),
    )


def found(project: Project, seed: int = 1) -> Job:
    """Return a segmentation of the second cell whose worker has only to say that it is done."""
    folder, record = new_job_folder("segment-"), project.cells()[1]
    cell = Cell(name="bare", tomogram=project.tomogram(record.id))
    entry = write_job_cell(folder, 0, CellSource(id=record.id, versions=(), cell=cell))
    write_job(
        folder,
        SegmentationJob(
            cells=(entry,), network="n.sxtnet", network_sha256="", device="cpu", threads=1
        ),
    )
    write_prediction(folder / "results" / "0", predicted(project, seed))
    return Job(kind="segmentation", title=f"Segment {seed}", folder=folder)


def stored(path: Path) -> list[np.ndarray]:
    """Return the labels of the versions of the second cell that are in a project file."""
    with Project.open(path, read_only=True) as project:
        cell = project.cells()[1]
        return [project.label_map(cell.id, it.id).labels_ZYX for it in cell.versions]


def until_storing(qtbot, job: Job) -> None:
    qtbot.waitUntil(lambda: job.state in ("storing", "done"), timeout=PATIENCE_MS)
    assert job.state == "storing"


def test_the_window_turns_while_what_was_found_is_stored(qtbot, window, path):
    jobs, panel = window.session.jobs, window.docks.jobs_panel
    job, turns, words = found(window.session.project), [], set()
    timer = QTimer()

    def turn() -> None:
        if job.state == "storing":
            turns.append(window.session.cells())  # asked of the very project
            words.add((panel.list.item(0).text(), panel.text.text().split(" …")[0]))

    timer.timeout.connect(turn)
    timer.start(0)
    jobs.submit(job)
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE_MS)

    assert job.state == "done", job.text
    assert len(turns) > 10
    assert any("storing what was found" in item for item, _ in words)
    assert any(text.startswith("Storing") for _, text in words)
    assert not job.folder.exists()
    assert window.session.cell_id == window.session.cells()[1].id
    assert len(stored(path)) == 1


def test_two_results_at_once_are_both_stored(qtbot, window, path):
    jobs, project = window.session.jobs, window.session.project
    both = [found(project, seed) for seed in (1, 2)]
    wanted = [predicted(project, seed).label_map.labels_ZYX for seed in (1, 2)]

    for job in both:
        jobs.submit(job)
    qtbot.waitUntil(lambda: both[1].state == "storing", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE_MS)

    assert [job.state for job in both] == ["done", "done"]
    for mine, labels_ZYX in zip(stored(path), wanted, strict=True):
        assert np.array_equal(mine, labels_ZYX)


def test_closing_the_window_while_something_is_stored_waits_and_loses_nothing(
    qtbot, monkeypatch, window, path
):
    questions = []
    monkeypatch.setattr(messages, "ask", lambda *words: bool(questions.append(words)))
    job = found(window.session.project)
    window.session.jobs.submit(job)
    until_storing(qtbot, job)

    window.close()

    assert window.isVisible()
    assert "still being stored" in window.status.note.text()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE_MS)
    assert questions == []
    assert len(stored(path)) == 1
    assert not job.folder.exists()


def test_what_was_broken_off_is_stored_when_the_project_is_opened_again(qtbot, path):
    first = Session(worker=DONE)
    first.open(path)
    job = found(first.project)
    wanted = predicted(first.project, 1).label_map.labels_ZYX
    first.jobs.submit(job)
    until_storing(qtbot, job)
    first.close()  # as when the system ends the program
    assert stored(path) == []
    assert job.folder.exists()

    second = Session(worker=DONE)
    second.open(path)
    (again,) = second.jobs.jobs
    assert again.folder == job.folder
    qtbot.waitUntil(lambda: not second.jobs.busy, timeout=PATIENCE_MS)
    second.close()

    assert again.state == "done"
    assert not job.folder.exists()
    assert np.array_equal(stored(path)[0], wanted)


def test_a_full_disk_keeps_what_was_found_and_it_is_stored_once_there_is_room(
    qtbot, monkeypatch, window, path
):
    told = []
    monkeypatch.setattr(messages, "show_error", lambda *words: told.append(words[-1]))
    usage = project_file.shutil.disk_usage
    full = Usage(10**9, 10**9 - 5_000_000, 5_000_000)
    monkeypatch.setattr(project_file.shutil, "disk_usage", lambda _: full)
    jobs, job = window.session.jobs, found(window.session.project)
    panel: JobsPanel = window.docks.jobs_panel

    jobs.submit(job)
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE_MS)

    assert job.state == "failed"
    assert "the disk has 5 MB free" in told[0]
    assert "What was found is kept" in told[0]
    assert job.folder.exists()
    assert panel.store_button.isVisible()
    assert not panel.go_on_button.isVisible()

    monkeypatch.setattr(project_file.shutil, "disk_usage", usage)
    panel.store_button.click()
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE_MS)
    assert job.state == "done"
    assert not panel.store_button.isVisible()
    assert len(stored(path)) == 1


def test_a_window_that_waits_for_storing_stays_open_if_that_fails(qtbot, monkeypatch, window, path):
    told = []
    monkeypatch.setattr(messages, "show_error", lambda *words: told.append(words[-1]))
    job = found(window.session.project)
    window.session.jobs.submit(job)
    until_storing(qtbot, job)
    window.close()
    window.session.project.close()

    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    qtbot.wait(50)

    assert window.isVisible()
    assert "is closed" in told[0]
    assert job.can_store


def test_storing_that_is_stopped_keeps_what_was_found(qtbot, window, path):
    job = found(window.session.project)
    window.session.jobs.submit(job)
    until_storing(qtbot, job)

    window.docks.jobs_panel.cancel_button.click()
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=PATIENCE_MS)

    assert job.state == "cancelled"
    assert "stored when the project is opened again" in job.text
    assert job.folder.exists()
    assert stored(path) == []
    window.session.jobs.store(job)
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=PATIENCE_MS)
    assert len(stored(path)) == 1


@pytest.fixture
def queue(qtbot) -> Iterator[JobQueue]:
    made = JobQueue(WaitingEngine([]), lambda _, outcome: outcome)
    yield made
    made.close()


def test_what_a_job_needs_is_written_before_it_waits_and_says_how_far(qtbot, queue, tmp_path):
    job, events = Job(kind="segmentation", title="s", folder=tmp_path / "s"), []
    queue.reported.connect(lambda _, event: events.append((job.state, event)))

    def export(report: Report) -> None:
        job.folder.mkdir()
        report(Progress(text="Writing a", fraction=0.5))

    queue.submit(job, export)
    assert job.state == "exporting"
    assert queue.busy
    qtbot.waitUntil(lambda: job.state == "running", timeout=PATIENCE_MS)

    assert events == [("exporting", Progress(text="Writing a", fraction=0.5))]
    assert job.progress is None
    assert job.folder.exists()


def test_a_job_that_cannot_be_written_says_why_and_cannot_go_on(qtbot, queue, tmp_path):
    job = Job(kind="training", title="t", folder=tmp_path / "t")

    def export(_: Report) -> None:
        raise ProjectError("There is no room.")

    with qtbot.waitSignal(queue.finished, timeout=PATIENCE_MS):
        queue.submit(job, export)

    assert (job.state, job.text) == ("failed", "There is no room.")
    assert not job.can_go_on
    assert "order it anew" in job.stuck


def test_a_job_that_is_stopped_while_it_is_written_leaves_no_folder(qtbot, queue, tmp_path):
    late, waits = (Job(kind="training", title=it, folder=tmp_path / it) for it in "lw")

    def export(_: Report) -> None:
        late.folder.mkdir()

    queue.submit(late, export)
    queue.submit(waits, lambda _: waits.folder.mkdir())
    queue.cancel_all()
    qtbot.waitUntil(lambda: not queue.busy, timeout=PATIENCE_MS)

    assert [job.state for job in (late, waits)] == ["cancelled", "cancelled"]
    assert list(tmp_path.iterdir()) == []


def test_a_bug_while_storing_ends_the_job_and_is_raised(qtbot, tmp_path):
    def work(_: Report) -> None:
        raise ZeroDivisionError

    storing = Storing(work=work, done=lambda _: Outcome(state="done"))
    queue = JobQueue(WaitingEngine([]), lambda _job, _outcome: storing)
    job, other = (Job(kind="segmentation", title=it, folder=tmp_path / it) for it in "ab")
    queue.submit(job)

    with qtbot.captureExceptions() as raised:
        queue._engine.ended.emit(Outcome(state="done"))
        qtbot.waitUntil(lambda: not queue.busy, timeout=PATIENCE_MS)
    assert raised[0][0] is ZeroDivisionError
    assert job.state == "crashed"
    assert job.can_store

    queue.submit(other, lambda _: None)  # the clerk goes on
    qtbot.waitUntil(lambda: other.state == "running", timeout=PATIENCE_MS)
    queue.close()


def test_a_training_is_refused_at_once_where_its_network_cannot_be(qtbot, window, tmp_path):
    request = TrainingRequest(task="organelles", network=tmp_path / "n.txt")

    with pytest.raises(FileError, match=r"ends in \.sxtnet"):
        window.session.train(request)

    assert window.session.jobs.jobs == ()
