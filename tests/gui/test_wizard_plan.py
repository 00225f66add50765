"""The plan page: minutes, device, what the worker prepares, and its words."""

from dataclasses import replace

import pytest

from sxtstudio.gui.jobs import Job
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from sxtstudio.gui.wizard.plan_words import (
    MINUTES,
    expectations,
    minutes_words,
    numbers,
    stage_words,
    time_advice,
)
from sxtstudio.workflow.job_folder import PLAN_FILE, read_job
from sxtstudio.workflow.preparing import Preparation
from tests.core import plans
from tests.gui.wizards import mixed_project, open_wizard, reach

PLAN = replace(
    plans.PLAN,
    task=replace(plans.TASK, name="x"),
    stages=tuple(replace(stage, base_channels=16) for stage in plans.PLAN.stages),
    validation=(),
    folds=(),
)
PREPARED = Preparation(plan=PLAN, step_s=(0.25, 2.0), steps=(120, 240), minutes=10.0)


def test_a_stage_is_told_without_a_word_of_the_trade():
    coarse, fine = stage_words(PREPARED)

    assert coarse.title == "Stage 1: where everything lies"
    assert coarse.sees == "It sees the whole cell at once, coarsely: voxels of 200 nm."
    assert coarse.costs == "About 120 steps of 250 ms."
    assert fine.title == "Stage 2: the details"
    assert fine.sees == (
        "It looks at pieces of 1.6 µm closely: voxels of 50 nm, 32 × 32 × 32 of them."
    )
    assert fine.costs == "About 240 steps of 2 s."


def test_too_few_steps_are_a_risk():
    assert expectations(("Draw more.",), PREPARED) == (
        "Draw more.",
        "Only a shows lipid.",
        "There is time for only about 240 steps on the details; give it more for a network that "
        "can be relied on.",
    )
    plenty = Preparation(plan=PLAN, step_s=(0.1, 0.1), steps=(500, 5000), minutes=10.0)
    assert expectations((), plenty) == ("Only a shows lipid.",)
    assert expectations(("Draw more.",), None) == ("Draw more.",)


def test_a_class_that_is_called_weak_already_is_not_called_so_twice():
    risks = tuple(
        f"Only a shows {name}: expect a weak class, or draw it in 2 more cells."
        for name in ("lipid", "lipid and starch")
    )
    plan = replace(PLAN, risks=risks)
    plenty = Preparation(plan=plan, step_s=(0.1, 0.1), steps=(500, 5000), minutes=10.0)
    known = "Only 1 cell knows lipid; expect a weak class, or draw it in 3 more cells."

    assert expectations((known,), plenty) == (known, risks[1])


def test_the_figures_are_all_there_for_those_who_want_them():
    words = "\n".join(numbers(PREPARED))

    for figure in ("learning rate 0.003", "24 × 32 × 32", "16 channels", "20 %", "2 cells"):
        assert figure in words
    assert words.endswith("Because.")


@pytest.mark.parametrize(
    ("minutes", "words"), [(0.5, "30 s"), (10, "10 min"), (60, "1 h"), (90, "1 h 30 min")]
)
def test_minutes_are_said_as_people_say_them(minutes, words):
    assert minutes_words(minutes) == words


def test_each_length_of_time_has_its_advice():
    assert len({time_advice(minutes) for minutes in MINUTES}) == 4


@pytest.fixture
def session(qtbot, tmp_path):
    settings().clear()
    session = Session()
    session.open(mixed_project(tmp_path / "p.sxt"))
    yield session
    session.close()


@pytest.fixture
def wizard(qtbot, session):
    wizard = open_wizard(qtbot, session)
    yield wizard
    if wizard.isVisible():
        wizard.reject()


def test_the_slider_and_the_device_are_taken_over(wizard):
    reach(wizard, "plan")

    wizard.plan.slider.setValue(MINUTES.index(60))
    wizard.plan.device_combo.setCurrentIndex(wizard.plan.device_combo.findData("cpu"))

    assert (wizard.study.draft.minutes, wizard.study.draft.device) == (60.0, "cpu")
    assert wizard.plan.minutes_label.text() == "1 h"
    assert wizard.plan.advice.text() == time_advice(60)


def test_one_need_not_wait_for_the_plan(qtbot, wizard):
    reach(wizard, "plan")
    qtbot.waitUntil(lambda: wizard.preparer.busy)

    assert "You can go on without waiting." in wizard.plan.state_label.text()
    assert wizard.plan.isComplete()
    reach(wizard, "summary")
    assert "when the training begins" in wizard.summary.text.text()


def test_a_job_that_runs_is_waited_for_with_its_name(qtbot, session, wizard, tmp_path):
    reach(wizard, "cells")
    (tmp_path / "other").mkdir()
    session.jobs.submit(Job(kind="training", title="Train another", folder=tmp_path / "other"))
    wizard.next()
    qtbot.waitUntil(lambda: wizard.preparer.busy)

    assert "once “Train another” has ended" in wizard.plan.state_label.text()
    session.jobs.cancel_all()


@pytest.mark.slow
def test_the_plan_is_made_and_measured_by_the_worker_and_used_by_the_training(
    qtbot, session, wizard, tmp_path
):
    reach(wizard, "plan")
    qtbot.waitUntil(lambda: wizard.preparer.preparation is not None, timeout=120_000)

    assert len(wizard.plan.stages.children()) > 1
    assert wizard.plan.advanced.isVisible()
    assert not wizard.plan.numbers.isVisible()
    wizard.plan.advanced.button.click()
    assert "learning rate" in wizard.plan.numbers.toPlainText()
    before = wizard.preparer.preparation

    wizard.plan.slider.setValue(MINUTES.index(20))
    qtbot.waitUntil(lambda: wizard.preparer.preparation.minutes == 20, timeout=5000)
    assert wizard.preparer.preparation.steps[-1] == pytest.approx(2 * before.steps[-1], rel=0.01)
    reach(wizard, "summary")
    assert "About" in wizard.summary.text.text()
    wizard.accept()

    folder = tmp_path / "Storage-lipid-and-starch.sxtnet.job"
    assert (folder / PLAN_FILE).exists(), "what was prepared is what is trained"
    assert read_job(folder).minutes == 20
    assert read_job(folder).network == str(tmp_path / "Storage-lipid-and-starch.sxtnet")
    assert not wizard.preparer.folder.exists()
    session.jobs.cancel_all()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=60_000)


@pytest.mark.slow
def test_other_cells_are_prepared_anew(qtbot, session, wizard):
    reach(wizard, "plan")
    qtbot.waitUntil(lambda: wizard.preparer.preparation is not None, timeout=120_000)
    assert set(wizard.preparer.preparation.plan.training) == {"whole", "partly", "lipid only"}
    wizard.back()
    rows = {row.name: row for row in wizard.study.draft.coverage.rows}
    wizard.cells.matrix.ticked.emit((rows["partly"],), False)

    wizard.next()
    qtbot.waitUntil(lambda: wizard.preparer.busy)
    qtbot.waitUntil(lambda: wizard.preparer.preparation is not None, timeout=120_000)

    assert set(wizard.preparer.preparation.plan.training) == {"whole", "lipid only"}


@pytest.mark.slow
def test_what_cannot_be_prepared_is_told_in_words(qtbot, session, wizard):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a graphics card here, so it can be asked for")
    reach(wizard, "cells")
    wizard.next()
    wizard.plan.device_combo.setCurrentIndex(wizard.plan.device_combo.findData("cuda"))

    qtbot.waitUntil(lambda: bool(wizard.preparer.problem), timeout=120_000)

    assert "No NVIDIA GPU can be used here" in wizard.plan.state_label.text()
    assert wizard.plan.isComplete(), "another computer may have what this one lacks"
