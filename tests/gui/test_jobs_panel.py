import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sxtstudio.core.events import Metrics, Notice, Progress
from sxtstudio.gui.curves import TrainingCurves
from sxtstudio.gui.engine_thread import EngineThread, Outcome
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.jobs_panel import JobsPanel, duration_words
from tests.gui.pictures import grab_rgb, hue_share

COLOURS = {"nucleus": "#e53935", "starch": "#1e88e5"}


class WaitingEngine(EngineThread):
    """An engine whose worker never starts: the test itself says what the worker would."""

    def order(self, folder, errand="run") -> None: ...

    def cancel(self) -> None: ...

    def finish(self) -> None: ...

    def stop(self, wait_s: float = 0) -> None: ...


@pytest.fixture
def queue(qtbot):
    return JobQueue(WaitingEngine([]), lambda _, outcome: outcome)


@pytest.fixture
def panel(qtbot, queue):
    panel = JobsPanel(queue)
    qtbot.addWidget(panel)
    panel.resize(360, 640)
    panel.show()
    return panel


def metrics(step: int, stage: int = 1, fold: int = 0, **dice: float) -> Metrics:
    return Metrics(stage=stage, fold=fold, step=step, steps=100, loss=1 / step, dice=dice)


def start(queue, tmp_path) -> Job:
    job = Job(kind="training", title="Train organelles", folder=tmp_path, colours=COLOURS)
    queue.submit(job)
    return job


def test_without_a_job_the_panel_says_how_to_start_one(panel):
    assert panel.empty.isVisible()
    assert "Train or segment" in panel.empty.text()
    assert not panel.cancel_button.isVisible()


def test_progress_shows_fraction_words_and_time_left(queue, panel, tmp_path):
    job = start(queue, tmp_path)

    queue._engine.reported.emit(Progress(text="training stage 1", fraction=0.25, remaining_s=130))

    assert panel.progress_bar.value() == 250
    assert panel.text.text() == "Training stage 1 – about 2 min left"
    assert job.state == "running"


def test_before_the_first_word_the_bar_only_shows_that_something_goes_on(queue, panel, tmp_path):
    start(queue, tmp_path)

    assert (panel.progress_bar.minimum(), panel.progress_bar.maximum()) == (0, 0)
    assert "Starting" in panel.text.text()


def test_notices_are_written_down(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(Notice(text="<b>Grid</b>: 60 nm"))
    queue._engine.reported.emit(Notice(text="few cells", level="warning"))

    assert panel.notices.toPlainText() == "<b>Grid</b>: 60 nm\nNote: few cells"


def test_curves_are_drawn_in_the_colours_of_the_classes(qtbot, queue, panel, tmp_path):
    start(queue, tmp_path)

    for step in range(1, 30):
        point = metrics(step, nucleus=min(1.0, step / 30), starch=0.3)
        queue._engine.reported.emit(point)
    qtbot.wait(50)

    page = panel.curves.currentWidget()
    rgb = grab_rgb(page.dice_plot)
    assert hue_share(rgb, COLOURS["nucleus"]) > 0.001
    assert hue_share(rgb, COLOURS["starch"]) > 0.001
    np.testing.assert_allclose(page.line("nucleus", 0).getData()[1][-1], 29 / 30)


def test_a_new_stage_gets_a_page_of_its_own(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(metrics(1, stage=1))
    queue._engine.reported.emit(metrics(1, stage=2))

    assert [panel.curves.tabText(i) for i in range(panel.curves.count())] == ["Stage 1", "Stage 2"]
    assert panel.curves.currentIndex() == 1


def test_the_stop_button_asks_the_queue_once(queue, panel, tmp_path):
    job = start(queue, tmp_path)

    QTest.mouseClick(panel.cancel_button, Qt.MouseButton.LeftButton)

    assert job.state == "stopping"
    assert not panel.cancel_button.isEnabled()
    assert "safe point" in panel.text.text()


def test_the_end_of_a_job_is_told(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.ended.emit(Outcome(state="done", text="Trained n.sxtnet."))

    assert panel.text.text() == "Trained n.sxtnet."
    assert panel.progress_bar.value() == 1000
    assert not panel.cancel_button.isVisible()


def test_choosing_an_older_job_brings_back_its_curves_and_notices(queue, panel, tmp_path):
    start(queue, tmp_path)
    queue._engine.reported.emit(metrics(1, nucleus=0.5))
    queue._engine.reported.emit(Notice(text="first"))
    queue._engine.ended.emit(Outcome(state="cancelled", text="Stopped."))
    start(queue, tmp_path)
    assert panel.notices.toPlainText() == ""
    assert panel.curves.count() == 0

    panel.list.setCurrentRow(0)

    assert panel.notices.toPlainText() == "first"
    assert panel.curves.count() == 1
    assert panel.text.text() == "Stopped."


def test_a_class_without_a_colour_is_drawn_too(qtbot):
    curves = TrainingCurves()
    qtbot.addWidget(curves)

    curves.show_metrics([metrics(1, fold=1, other=0.5)], {})

    assert curves.count() == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.4, "59 s"), (60, "1 min"), (3540, "59 min"), (7800, "2 h 10 min")],
)
def test_durations_are_rounded_to_words(seconds, words):
    assert duration_words(seconds) == words
