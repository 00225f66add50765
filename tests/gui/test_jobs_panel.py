from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from sxtstudio.core.events import Metrics, Notice, Progress
from sxtstudio.gui import messages
from sxtstudio.gui.engine_thread import EngineThread, Outcome
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.jobs_panel import JobsPanel, duration_words
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.previews import preview

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

    curves = panel.training.page(1).curves
    rgb = grab_rgb(curves.dice_plot)
    assert hue_share(rgb, COLOURS["nucleus"]) > 0.001
    assert hue_share(rgb, COLOURS["starch"]) > 0.001
    np.testing.assert_allclose(curves.line("nucleus", 0).getData()[1][-1], 29 / 30)


def test_the_wheel_over_a_curve_scrolls_the_page_it_lies_in(qtbot, queue, panel, tmp_path):
    start(queue, tmp_path)
    queue._engine.reported.emit(metrics(1, nucleus=0.5))
    plot = panel.training.page(1).curves.dice_plot
    nowhere = QPoint()
    wheel = QWheelEvent(
        QPointF(20, 20), QPointF(20, 20), nowhere, QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip

    QApplication.sendEvent(plot.viewport(), wheel)

    assert not wheel.isAccepted()


def test_a_new_stage_gets_a_page_of_its_own(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(metrics(1, stage=1))
    queue._engine.reported.emit(metrics(1, stage=2))

    tabs = panel.training
    assert [tabs.tabText(i) for i in range(tabs.count())] == ["Stage 1", "Stage 2"]
    assert tabs.currentIndex() == 1


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
    start(queue, tmp_path / "other")
    assert panel.notices.toPlainText() == ""
    assert panel.training.count() == 0

    panel.list.setCurrentRow(0)

    assert panel.notices.toPlainText() == "first"
    assert panel.training.count() == 1
    assert panel.text.text() == "Stopped."


def test_a_class_without_a_colour_is_drawn_too(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(metrics(1, fold=1, other=0.5))

    assert panel.training.page(1).curves.line("other", 1).getData()[1].tolist() == [0.5]


def test_the_legend_tells_the_newest_dice(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(metrics(1, nucleus=0.5))
    queue._engine.reported.emit(metrics(2, nucleus=0.75))

    labels = panel.findChildren(QLabel, "newest_dice")
    assert [label.text() for label in labels] == ["nucleus  0.75", "starch  –"]


def buttons_of(panel) -> dict[str, bool]:
    """Return the buttons that are on show, and whether they can be pressed."""
    return {button.text(): button.isEnabled() for button in panel._buttons if button.isVisible()}


def test_a_running_training_can_be_paused_and_stopped_and_kept_when_it_is_time(
    queue, panel, tmp_path
):
    start(queue, tmp_path)
    assert buttons_of(panel) == {"Pause": True, "Stop and keep": False, "Stop": True}

    queue._engine.reported.emit(Progress(text="t", fraction=0.3, keepable_in_s=240))
    assert "in about 4 min" in panel.keep_button.toolTip()

    queue._engine.reported.emit(Progress(text="t", fraction=0.5, keepable_in_s=0))
    assert buttons_of(panel)["Stop and keep"]


def test_a_paused_training_says_so_and_goes_on_with_its_curves(queue, panel, tmp_path):
    job = start(queue, tmp_path)
    queue._engine.reported.emit(metrics(1, nucleus=0.5))

    QTest.mouseClick(panel.pause_button, Qt.MouseButton.LeftButton)
    assert panel.text.text() == "Pauses at the next safe point …"
    assert buttons_of(panel)["Pause"] is False
    queue._engine.ended.emit(Outcome(state="cancelled"))

    assert job.state == "paused"
    assert "not count" in panel.text.text()
    assert panel.list.item(0).text() == "Train organelles – paused"
    assert buttons_of(panel) == {"Go on": True, "Stop and keep": False, "Throw away …": True}

    QTest.mouseClick(panel.go_on_button, Qt.MouseButton.LeftButton)
    queue._engine.reported.emit(metrics(2, nucleus=0.6))

    assert job.state == "running"
    assert [point.step for point in job.metrics] == [1, 2]


def test_a_stopped_training_is_thrown_away_only_if_that_is_meant(
    queue, panel, tmp_path, monkeypatch
):
    folder = tmp_path / "n.sxtnet.job"
    folder.mkdir()
    start(queue, folder)
    queue._engine.ended.emit(Outcome(state="cancelled", text="Stopped."))
    answers = [False, True]
    monkeypatch.setattr(messages, "ask", lambda *_: answers.pop(0))

    QTest.mouseClick(panel.throw_away_button, Qt.MouseButton.LeftButton)
    assert folder.exists()
    QTest.mouseClick(panel.throw_away_button, Qt.MouseButton.LeftButton)

    assert not folder.exists()
    assert queue.jobs == ()
    assert panel.list.count() == 0
    assert panel.empty.isVisible()


def test_what_is_confused_is_shown_for_the_network_that_is_kept(queue, panel, tmp_path):
    start(queue, tmp_path)
    confusion = {"nucleus": {"nucleus": 0.8, "starch": 0.2}}
    fold = replace(metrics(1, fold=1, nucleus=0.1), confusion={"starch": {"nucleus": 1.0}})

    queue._engine.reported.emit(fold)
    page = panel.training.page(1)
    assert not page.confusion.isVisibleTo(page)
    queue._engine.reported.emit(replace(metrics(1, nucleus=0.5), confusion=confusion))

    assert page.confusion.isVisibleTo(page)
    assert page.confused.text() == "20% of nucleus taken for starch."


def test_a_preview_is_shown_with_its_cell_and_what_it_is_worth(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(preview(spared=True, step=7))
    page = panel.training.page(2)
    assert page.caption.text() == "cell 3 after step 7: a cell it is never trained on"
    assert page.pictures.isVisibleTo(page)

    queue._engine.reported.emit(preview(spared=False, step=9))
    assert "better here than it is" in page.caption.text()


def test_previews_come_back_with_their_job(queue, panel, tmp_path):
    start(queue, tmp_path)
    queue._engine.reported.emit(preview(spared=True, step=7))
    queue._engine.ended.emit(Outcome(state="done", text="Trained."))
    start(queue, tmp_path / "other")
    assert panel.training.count() == 0

    panel.list.setCurrentRow(0)

    assert "after step 7" in panel.training.page(2).caption.text()


def test_a_segmentation_has_no_buttons_of_a_training(queue, panel, tmp_path):
    queue.submit(Job(kind="segmentation", title="Segment a", folder=tmp_path))

    assert buttons_of(panel) == {"Stop": True}


def test_warnings_stand_out_among_the_notices(queue, panel, tmp_path):
    start(queue, tmp_path)

    queue._engine.reported.emit(Notice(text="few cells", level="warning"))

    fragment = panel.notices.document().lastBlock().begin().fragment()
    assert fragment.charFormat().foreground().color().name() == "#ffb74d"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.4, "59 s"), (60, "1 min"), (3540, "59 min"), (7800, "2 h 10 min")],
)
def test_durations_are_rounded_to_words(seconds, words):
    assert duration_words(seconds) == words


def test_a_class_the_validation_cells_lack_has_a_dash_and_no_curve(queue, panel, tmp_path):
    start(queue, tmp_path)
    known = {"nucleus": {"nucleus": 1.0}, "none of the classes": {"starch": 1.0}}
    point = replace(metrics(1, nucleus=0.7, starch=0.0), confusion=known)

    queue._engine.reported.emit(point)

    nucleus, starch = panel.findChildren(QLabel, "newest_dice")
    assert nucleus.text() == "nucleus  0.70"
    assert starch.text() == "starch  –"
    assert "none of this class" in starch.toolTip()
    assert panel.training.page(1).curves._dice.keys() == {("nucleus", 0)}
    found = {"starch": {"starch": 1.0}, **known}
    queue._engine.reported.emit(replace(metrics(2, nucleus=0.7, starch=0.4), confusion=found))
    assert (starch.text(), starch.toolTip()) == ("starch  0.40", "")


def test_a_training_that_failed_for_good_says_so_and_may_only_be_thrown_away(
    queue, panel, tmp_path
):
    job = start(queue, tmp_path)

    queue._engine.ended.emit(Outcome(state="failed", text="Too few cells.", stuck="It cannot."))

    assert not job.can_go_on
    assert panel.go_on_button.isVisible()
    assert not panel.go_on_button.isEnabled()
    assert panel.go_on_button.toolTip() == "It cannot."
    assert panel.throw_away_button.isVisible()
    queue.resume(job)
    assert job.state == "failed"


def test_a_training_that_broke_off_can_go_on(queue, panel, tmp_path):
    job = start(queue, tmp_path)

    queue._engine.ended.emit(Outcome(state="crashed", text="It broke off."))

    assert job.can_go_on
    assert panel.go_on_button.isEnabled()
    assert panel.go_on_button.toolTip() == "Train on from where it stopped"
