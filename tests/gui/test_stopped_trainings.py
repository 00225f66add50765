"""Trainings of a project across its closing and opening: paused, found, gone on with, kept."""

import pytest

from sxtstudio.core.events import Metrics, Preview
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.session import Session
from sxtstudio.workflow.jobs import TrainingRequest
from tests.gui.projects import five_balls_cell, two_cell_project, write_project

PATIENCE_MS = 180_000


@pytest.fixture
def session(qtbot):
    made = Session()
    yield made
    made.close()


def request(tmp_path, steps: int) -> TrainingRequest:
    return TrainingRequest(
        task="organelles", network=tmp_path / "n.sxtnet", steps=steps, device="cpu", threads=1
    )


def test_jobs_of_another_project_are_not_listed(session, tmp_path):
    session.open(two_cell_project(tmp_path / "a.sxt"))
    session.jobs.show_paused(Job(kind="training", title="of a", folder=tmp_path / "a.job"))
    forgotten = []
    session.jobs.forgotten.connect(forgotten.append)

    session.open(write_project(tmp_path / "b.sxt", five_balls_cell("other")))

    assert session.jobs.jobs == ()
    assert [job.title for job in forgotten] == ["of a"]


@pytest.mark.slow
def test_a_real_training_is_paused_found_after_a_restart_goes_on_and_is_kept(
    qtbot, session, tmp_path
):
    path = two_cell_project(tmp_path / "p.sxt", 32)
    session.open(path)
    session.train(request(tmp_path, 300))
    (job,) = session.jobs.jobs
    qtbot.waitUntil(lambda: any(it.dice for it in job.metrics), timeout=PATIENCE_MS)
    session.jobs.pause(job)
    qtbot.waitUntil(lambda: job.state == "paused", timeout=PATIENCE_MS)
    before = job.metrics[-1].step
    assert not session.jobs.busy

    again = Session()
    session.close_project()
    try:
        again.open(path)
        (found,) = again.jobs.jobs
        assert (found.title, found.state) == ("Train organelles", "paused")
        assert list(found.colours) == list(job.colours)

        again.jobs.resume(found)
        qtbot.waitUntil(lambda: found.keepable, timeout=PATIENCE_MS)
        assert found.metrics[0].step >= before
        with qtbot.waitSignal(again.jobs.finished, timeout=PATIENCE_MS):
            again.jobs.keep(found)

        assert found.state == "done", found.text
        assert [network.task for network in again.networks()] == ["organelles"]
        assert not (tmp_path / "n.sxtnet.job").exists()
    finally:
        again.close()


@pytest.mark.slow
def test_a_real_training_shows_pictures_and_confusion(qtbot, session, tmp_path):
    session.open(two_cell_project(tmp_path / "p.sxt", 32))

    with qtbot.waitSignal(session.jobs.finished, timeout=PATIENCE_MS):
        session.train(request(tmp_path, 20))

    (job,) = session.jobs.jobs
    assert job.state == "done", job.text
    assert all(isinstance(it, Preview) for it in job.previews)
    assert {it.cell for it in job.previews} == {"drawn"}
    validated = [it for it in job.metrics if it.dice]
    assert all(isinstance(it, Metrics) and it.confusion for it in validated)
    assert any("only one cell" in notice.text for notice in job.notices)
