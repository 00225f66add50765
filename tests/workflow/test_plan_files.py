"""A plan is written, a number in it is edited, and that is what is trained."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.errors import CoverageError, FileError, PlanError
from sxtstudio.core.plan import Beginning, Plan
from sxtstudio.engine.given_plan import GIVEN
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import TrainingJob, read_job
from sxtstudio.workflow.jobs import TrainingRequest, export_training_job, run_job
from sxtstudio.workflow.plan_files import plan_text, read_plan, write_plan
from sxtstudio.workflow.preparing import (
    Preparation,
    expect,
    plan_training,
    prepare_training,
    read_preparation,
    read_training,
)
from tests.workflow.conftest import TASK


@pytest.fixture
def request_(tmp_path: Path) -> TrainingRequest:
    return TrainingRequest(
        task=TASK, network=tmp_path / "n.sxtnet", steps=8, device="cpu", threads=1
    )


@pytest.fixture
def prepared(project: Project, request_: TrainingRequest, tmp_path: Path) -> Preparation:
    """A plan as `prepare_training` returns it, but for the time of its steps."""
    plan = planned(project, request_, tmp_path / "plan.job")
    return replace(expect(plan, [0.1] * len(plan.stages)), memory_gb=0.8)


def planned(project: Project, request: TrainingRequest, folder: Path) -> Plan:
    """Return the plan that a training would have, as its worker makes it."""
    export_training_job(project, request, folder)
    job, cells = read_training(folder, lambda _: None, None)
    return plan_training(folder, job, cells, lambda _: None)


@pytest.mark.slow
def test_an_edited_number_is_trained_and_stands_on_the_card(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, prepared)
    fields = json.loads(path.read_text(encoding="utf-8"))
    fields["stages"][-1]["learning_rate"] = 0.00123
    fields["stages"][-1]["batch_size"] = 3
    path.write_text(json.dumps(fields), encoding="utf-8")

    plan = read_plan(path)
    export_training_job(project, replace(request_, plan=plan), tmp_path / "n.job")
    run_job(tmp_path / "n.job")

    card = read_network_card(tmp_path / "n.job" / "network.sxtnet")
    last = card.plan.stages[-1]
    assert (last.learning_rate, last.batch_size) == (0.00123, 3)
    assert card.plan.reasons[0] == GIVEN
    assert replace(card.plan, reasons=(), risks=()) == replace(plan, reasons=(), risks=())


def test_a_written_plan_is_the_same_again_with_figures_of_this_machine(
    prepared: Preparation, tmp_path: Path
) -> None:
    write_plan(tmp_path / "plan.json", prepared)

    assert read_plan(tmp_path / "plan.json") == prepared.plan
    measured = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["measured"]
    assert measured == {"step_s": [0.1], "steps": [8], "minutes": 0.01, "memory_gb": 0.8}


def test_what_is_prepared_says_how_much_memory_it_takes(
    project: Project, request_: TrainingRequest, tmp_path: Path
) -> None:
    export_training_job(project, request_, tmp_path / "n.job")
    prepared = prepare_training(tmp_path / "n.job")

    assert 0.3 < prepared.memory_gb < 2
    words = f"Memory: needs about {prepared.memory_gb:.1f} GB of the "
    assert prepared.plan.reasons[-1].startswith(words)
    assert read_preparation(tmp_path / "n.job") == prepared


def test_a_plan_in_words_names_stages_reasons_and_cells(prepared: Preparation) -> None:
    words = plan_text(prepared)

    assert words.startswith(f"A plan for {TASK}: nucleus and lipid bodies.")
    assert "Stage 1: factor 1 × 1 × 1" in words
    assert "learns from ball-0, ball-1 and ball-2." in words
    for reason in prepared.plan.reasons:
        assert f"- {reason}" in words


def test_a_given_plan_is_kept_but_for_its_reasons_however_often_it_is_given(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    once = planned(project, replace(request_, plan=prepared.plan), tmp_path / "1.job")
    twice = planned(project, replace(request_, plan=once), tmp_path / "2.job")

    assert replace(once, reasons=()) == replace(prepared.plan, reasons=())
    assert len(once.reasons) == len(twice.reasons) == len(prepared.plan.reasons) + 1


def test_only_the_cells_of_a_given_plan_are_taken(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    plan = replace(prepared.plan, training=("ball-2", "ball-0"), folds=())

    assert planned(project, replace(request_, plan=plan), tmp_path / "n.job").training == (
        "ball-2",
        "ball-0",
    )
    job = read_job(tmp_path / "n.job")
    assert isinstance(job, TrainingJob)
    assert [cell.name for cell in job.cells] == ["ball-0", "ball-2"]
    assert (job.minutes, job.steps, job.given) == (None, 8, plan)


def test_a_plan_for_cells_that_are_not_there_is_refused_before_anything_is_written(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    plan = replace(prepared.plan, training=("ball-0", "new"), folds=())

    with pytest.raises(PlanError, match=r"training\[1\] is 'new'; .* ball-0, ball-1 and ball-2"):
        export_training_job(project, replace(request_, plan=plan), tmp_path / "n.job")
    assert not (tmp_path / "n.job").exists()


def with_last(plan: Plan, **changes: object) -> Plan:
    return replace(plan, stages=(*plan.stages[:-1], replace(plan.stages[-1], **changes)))


def test_what_does_not_fit_into_memory_is_refused_with_what_would(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    plan = with_last(prepared.plan, batch_size=256, patch=(256, 256, 256))

    with pytest.raises(PlanError, match=r"needs about \d+ GB of memory .* fits with batch_size \d"):
        planned(project, replace(request_, plan=plan), tmp_path / "n.job")


def test_a_device_that_is_not_here_is_refused_with_one_that_is(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a graphics card here, so it can be asked for")
    plan = replace(prepared.plan, device="cuda")

    with pytest.raises(PlanError, match=r"device is 'cuda'; no NVIDIA GPU .* give cpu"):
        planned(project, replace(request_, plan=plan), tmp_path / "n.job")


def test_bfloat16_of_flat_patches_is_refused_on_a_processor(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    plan = replace(with_last(prepared.plan, patch=(4, 28, 28)), precision="bfloat16")

    with pytest.raises(PlanError, match=r"precision is 'bfloat16'.* give float32"):
        planned(project, replace(request_, plan=plan), tmp_path / "n.job")


def test_a_beginning_that_nobody_names_is_refused(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    beginning = Beginning(network="0" * 64, file="old.sxtnet", gentleness=1.0)
    plan = replace(prepared.plan, beginning=beginning)

    with pytest.raises(PlanError, match=r"beginning is 'old.sxtnet'; .* --begin-from"):
        planned(project, replace(request_, plan=plan), tmp_path / "1.job")
    plan = replace(plan, beginning=replace(beginning, improves=True))
    with pytest.raises(PlanError, match=r"improves is true; .* give false"):
        planned(project, replace(request_, plan=plan), tmp_path / "2.job")


def test_training_cells_that_do_not_show_a_class_are_refused(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    from sxtstudio.core.cell import Cell
    from tests.workflow.cells import ball_cell

    cell = ball_cell("half", seed=5)
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX.copy()
    labels_ZYX[labels_ZYX == 2] = 0
    label_map = replace(cell.annotations[0].label_map, labels_ZYX=labels_ZYX)
    annotation = replace(cell.annotations[0], label_map=label_map)
    project.add_cell(Cell(name="half", tomogram=cell.tomogram, annotations=(annotation,)))
    plan = replace(prepared.plan, training=("half",), folds=())

    with pytest.raises(CoverageError, match="half do not show where lipid bodies is; add a cell"):
        planned(project, replace(request_, plan=plan), tmp_path / "n.job")


def test_a_plan_goes_into_a_json_file_of_a_folder_that_exists(
    prepared: Preparation, tmp_path: Path
) -> None:
    with pytest.raises(FileError, match=r"ends in \.json"):
        write_plan(tmp_path / "plan.txt", prepared)
    with pytest.raises(FileError, match="folder that exists"):
        write_plan(tmp_path / "none" / "plan.json", prepared)
    with pytest.raises(FileError, match="no such file"):
        read_plan(tmp_path / "none.json")


def test_a_stopped_training_goes_on_with_its_own_plan_only(
    project: Project, request_: TrainingRequest, prepared: Preparation, tmp_path: Path
) -> None:
    given = replace(request_, plan=prepared.plan)
    export_training_job(project, given, tmp_path / "n.job")

    export_training_job(project, replace(given, resume=True), tmp_path / "n.job")
    export_training_job(project, replace(request_, resume=True, plan=None), tmp_path / "n.job")
    other = replace(prepared.plan, seed=5)
    with pytest.raises(PlanError, match="because the plan changed"):
        export_training_job(project, replace(given, resume=True, plan=other), tmp_path / "n.job")
