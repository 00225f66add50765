"""A first network from a few drawn slices, and trainings that begin from another network."""

from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import CoverageError, LabelError, PlanError
from sxtstudio.core.ontology import IGNORE, default_ontology
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import from_json
from sxtstudio.core.scope import Slices, left_open
from sxtstudio.core.task import parse_task
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.first_network import (
    FirstRequest,
    dealt,
    drawn_so_far,
    export_first_job,
    first_task,
    saved_annotation,
)
from sxtstudio.workflow.job_folder import TrainingJob, read_job
from sxtstudio.workflow.jobs import (
    TrainingRequest,
    export_training_job,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.transfer import nearest_network, shared_classes
from tests.workflow.cells import ball_cell
from tests.workflow.conftest import TASK

ONTOLOGY = default_ontology()
SLICES = (8, 9, 16)
QUICK = FirstRequest(steps=6, device="cpu", threads=1)


def sliced(slices: tuple[int, ...] = SLICES, axis: int = 0) -> Annotation:
    """Return labels of a ball cell of which some slices were drawn completely."""
    (whole,) = ball_cell().annotations
    scope = Slices(axis=axis, indices=slices)
    labels_ZYX = np.zeros_like(whole.label_map.labels_ZYX)
    planes = (*(slice(None),) * axis, list(slices))
    labels_ZYX[planes] = whole.label_map.labels_ZYX[planes]
    label_map = replace(whole.label_map, labels_ZYX=labels_ZYX)
    return replace(whole, label_map=left_open(label_map, scope))


def known_planes(annotation: Annotation, axis: int = 0) -> set[int]:
    """Return the planes in which anything but IGNORE stands."""
    names = annotation.label_map.names
    ignored = next(value for value, name in names.items() if name == IGNORE)
    others = tuple(it for it in range(3) if it != axis)
    known = (annotation.label_map.labels_ZYX != ignored).any(axis=others)
    return set(np.flatnonzero(known).tolist())


def test_drawn_slices_are_complete_and_all_else_is_unknown():
    (whole,) = ball_cell().annotations
    labels_ZYX = np.zeros_like(whole.label_map.labels_ZYX)
    labels_ZYX[list(SLICES)] = whole.label_map.labels_ZYX[list(SLICES)]
    drawn = sorted(set(np.unique(labels_ZYX).tolist()) - {0})

    annotation = drawn_so_far(replace(whole.label_map, labels_ZYX=labels_ZYX))

    assert known_planes(annotation) <= set(SLICES)
    names = {whole.label_map.names[label] for label in drawn}
    assert annotation.complete == names
    assert IGNORE not in annotation.complete


def test_nothing_drawn_is_nothing_to_learn_from():
    (whole,) = ball_cell().annotations
    empty = np.zeros_like(whole.label_map.labels_ZYX)

    with pytest.raises(LabelError, match="Nothing is drawn"):
        drawn_so_far(replace(whole.label_map, labels_ZYX=empty))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slices_are_dealt_in_turn_and_none_is_in_both_hands(axis):
    annotation = sliced(axis=axis)

    first, second = dealt(annotation)

    assert known_planes(first, axis) == {8, 16}
    assert known_planes(second, axis) == {9}
    assert first.complete == second.complete == annotation.complete


def test_many_slices_are_dealt_as_two_halves():
    first, second = dealt(sliced(tuple(range(4, 20))))

    assert max(known_planes(first)) < min(known_planes(second))


def test_one_slice_cannot_be_dealt():
    annotation = sliced((9,))
    assert dealt(annotation) == (annotation,)


def test_the_task_is_to_tell_apart_what_was_drawn():
    task = first_task("ball", sliced(), ONTOLOGY)

    assert task.name == "first network of ball"
    assert [item.members for item in task.classes] == [("lipid",), ("nucleus",)]


def test_a_cell_in_which_nothing_was_drawn_is_refused(project):
    with pytest.raises(CoverageError, match="two or three slices"):
        saved_annotation(project, project.cell("new"))


def test_saved_slices_without_complete_classes_count_as_drawn_completely(project):
    cell = project.cell("new")
    drawn = sliced()
    bare = replace(drawn, complete=frozenset[str]())
    project.add_annotation(cell.id, bare, kind="corrected")

    annotation = saved_annotation(project, project.cell("new"))

    assert annotation.complete == {"nucleus", "lipid"}
    assert saved_annotation(project, project.cell("ball-0")).complete == {"nucleus", "lipid"}


def test_a_time_that_makes_no_sense_is_refused(project, tmp_path):
    request = replace(QUICK, steps=None, minutes=-1.0)
    with pytest.raises(PlanError, match="no time to train"):
        export_first_job(project, project.cell("new"), sliced(), request, tmp_path / "job")
    assert not (tmp_path / "job").exists()


@pytest.mark.slow
def test_the_rest_of_the_cell_comes_as_a_prediction_and_no_network_is_kept(project, tmp_path):
    folder = tmp_path / "job"
    cell = project.cell("new")
    export_first_job(project, cell, sliced(), QUICK, folder)

    words = run_job(folder)
    again = run_job(folder)
    finish_job(project, folder)

    assert words == again == "Labelled the rest of new with a first network."
    (version,) = project.cell("new").versions
    assert version.kind == "predicted"
    assert set(version.names.values()) == {"nucleus", "lipid bodies"}
    assert project.networks() == ()
    assert not folder.exists()


# Transfer


def test_the_nearest_network_shares_most_classes_and_is_the_newest(project, network, tmp_path):
    card = read_network_card(network)
    nuclei = parse_task("nuclei", ["nucleus"], ONTOLOGY)
    both = parse_task("both", ["nucleus", "lipid bodies", "mitochondria"], ONTOLOGY)
    other = parse_task("other", ["vacuole"], ONTOLOGY)
    assert nearest_network(project, both) is None
    for name, task in (("first", card.plan.task), ("second", nuclei), ("third", card.plan.task)):
        path = tmp_path / f"{name}.sxtnet"
        path.write_bytes(network.read_bytes() + name.encode())
        project.add_network(path, replace(card, plan=replace(card.plan, task=task)))

    assert shared_classes(both, card.plan.task) == 2
    assert nearest_network(project, both) == (tmp_path / "third.sxtnet").resolve()
    assert nearest_network(project, other) is None
    (tmp_path / "third.sxtnet").unlink()
    assert nearest_network(project, both) == (tmp_path / "first.sxtnet").resolve()


def test_a_training_for_another_task_begins_from_a_network_of_equal_shapes(
    project, network, tmp_path
):
    project.add_task(parse_task("nuclei", ["nucleus"], ONTOLOGY))
    request = TrainingRequest(
        task="nuclei",
        network=tmp_path / "nuclei.sxtnet",
        steps=4,
        device="cpu",
        threads=1,
        begin_from=network,
    )
    folder = job_folder_of(request.network)
    export_training_job(project, request, folder)

    run_job(folder)
    finish_job(project, folder)

    card = read_network_card(request.network)
    assert card.parent is not None
    assert card.parent.file == network.name
    assert card.parent.compared == ()
    assert card.plan.beginning is not None
    assert not card.plan.beginning.improves
    assert {cell.name for cell in card.learned.values()} >= {"ball-0", "ball-1", "ball-2"}
    assert any("shares 1 class" in reason for reason in card.plan.reasons)


def test_a_first_network_begins_from_the_nearest_one_only_if_asked(project, network, tmp_path):
    project.add_network(network, read_network_card(network))
    cell = project.cell("new")

    export_first_job(project, cell, sliced(), QUICK, tmp_path / "a")
    export_first_job(project, cell, sliced(), replace(QUICK, transfer=True), tmp_path / "b")

    chance, transferred = (read_job(tmp_path / name) for name in "ab")
    assert isinstance(chance, TrainingJob)
    assert isinstance(transferred, TrainingJob)
    assert chance.beginning is None
    assert transferred.beginning is not None
    assert transferred.beginning.plan.file == network.name
    run_job(tmp_path / "b")
    text = (tmp_path / "b" / "plan.json").read_bytes()
    assert from_json(Plan, text, "plan").beginning == transferred.beginning.plan


@pytest.mark.slow
def test_a_network_of_other_shapes_is_not_begun_from_and_the_plan_says_so(tmp_path, network):
    with Project.create(tmp_path / "large.sxt") as project:
        project.add_cell(ball_cell("large", edge=52))
        project.add_task(parse_task(TASK, ["nucleus", "lipid bodies"], ONTOLOGY))
        request = TrainingRequest(
            task=TASK,
            network=tmp_path / "large.sxtnet",
            steps=4,
            device="cpu",
            threads=1,
            begin_from=network,
        )
        folder = job_folder_of(request.network)
        export_training_job(project, request, folder)
        run_job(folder)
        finish_job(project, folder)

    card = read_network_card(tmp_path / "large.sxtnet")
    assert card.parent is None
    assert card.plan.beginning is None
    assert any("other shapes" in risk for risk in card.plan.risks)
