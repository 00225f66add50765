"""A training is prepared before it begins: plan kept, step measured, risks told, time changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.errors import CoverageError, PlanError
from sxtstudio.core.events import Cancelled, Event, Metrics, Notice, Progress
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import from_json
from sxtstudio.core.task import parse_task
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import PLAN_FILE, TrainingJob, read_job, write_job
from sxtstudio.workflow.jobs import TrainingRequest, export_training_job, run_job
from sxtstudio.workflow.preparing import (
    PREPARATION_FILE,
    change_minutes,
    expect,
    has_begun,
    preparation_words,
    prepare_training,
    read_preparation,
)
from tests.workflow.conftest import TASK


@pytest.fixture
def folder(project: Project, tmp_path: Path) -> Path:
    request = TrainingRequest(task=TASK, network=tmp_path / "n.sxtnet", minutes=5.0, device="cpu")
    export_training_job(project, request, tmp_path / "n.job")
    return tmp_path / "n.job"


def test_a_preparation_keeps_the_plan_that_the_training_then_has(folder: Path) -> None:
    events: list[Event] = []

    preparation = prepare_training(folder, events.append, threads=1)

    plan = preparation.plan
    assert plan == from_json(Plan, (folder / PLAN_FILE).read_bytes(), "plan")
    assert (plan.minutes, plan.threads, len(plan.training)) == (5.0, 1, 3)
    assert len(preparation.step_s) == len(preparation.steps) == len(plan.stages)
    assert all(one > 0 for one in preparation.step_s)
    assert read_preparation(folder) == preparation
    assert not has_begun(folder)
    assert {e.text for e in events if isinstance(e, Notice)} == {*plan.reasons, *plan.risks}
    fractions = [e.fraction for e in events if isinstance(e, Progress) and e.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_preparing_twice_leaves_the_plan_alone(folder: Path) -> None:
    first = prepare_training(folder, threads=1)

    assert prepare_training(folder, threads=2).plan == first.plan


def test_another_time_changes_job_plan_and_what_to_expect(folder: Path) -> None:
    before = prepare_training(folder, threads=1)

    after = change_minutes(folder, 10.0)

    assert after == read_preparation(folder)
    assert (after.minutes, after.plan.minutes) == (10.0, 10.0)
    assert all(
        b == pytest.approx(2 * a, abs=2) for a, b in zip(before.steps, after.steps, strict=True)
    )
    assert from_json(Plan, (folder / PLAN_FILE).read_bytes(), "plan") == after.plan
    job = read_job(folder)
    assert isinstance(job, TrainingJob)
    assert job.minutes == 10.0


@pytest.mark.parametrize("minutes", [0.0, -1.0, 1e9, float("nan")])
def test_a_time_that_makes_no_sense_is_refused(folder: Path, minutes: float) -> None:
    prepare_training(folder, threads=1)

    with pytest.raises(PlanError, match="no time to train"):
        change_minutes(folder, minutes)


def test_what_was_not_prepared_is_told(folder: Path) -> None:
    with pytest.raises(PlanError, match="not been prepared"):
        change_minutes(folder, 3.0)


def test_a_budget_of_steps_tells_how_long_they_take(folder: Path) -> None:
    plan = replace(prepare_training(folder, threads=1).plan, minutes=None, steps=600)

    expected = expect(plan, [0.2] * len(plan.stages))

    assert expected.minutes == pytest.approx(2.0)
    assert sum(expected.steps) <= 600


def test_cells_that_teach_nothing_of_a_class_are_refused(folder: Path) -> None:
    job = read_job(folder)
    assert isinstance(job, TrainingJob)
    write_job(folder, replace(job, task=parse_task(TASK, ["nucleus", "golgi"], job.ontology)))

    with pytest.raises(CoverageError, match="golgi"):
        prepare_training(folder, threads=1)
    assert not (folder / PREPARATION_FILE).exists()


def test_a_preparation_can_be_cancelled(folder: Path) -> None:
    def cancel(event: Event) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        prepare_training(folder, cancel)


def test_the_words_name_cells_time_and_steps(folder: Path) -> None:
    words = preparation_words(prepare_training(folder, threads=1))

    assert words.startswith("Ready to learn from 3 cells for 5 min (stage 1: about ")


@pytest.mark.slow
def test_the_prepared_training_goes_on_from_its_plan_and_can_be_finished_early(
    folder: Path,
) -> None:
    plan = prepare_training(folder, threads=1).plan
    validated: list[bool] = []

    def report(event: Event) -> None:
        if isinstance(event, Metrics):
            validated.append(event.stage == len(plan.stages) and bool(event.dice))

    change_minutes(folder, 0.5)
    run_job(folder, report, finish=lambda: any(validated))

    card = read_network_card(folder / "network.sxtnet")
    assert card.plan == replace(plan, minutes=0.5)
    assert card.training_s < 25
    assert has_begun(folder)
    with pytest.raises(PlanError, match="has begun"):
        change_minutes(folder, 3.0)
