"""Improving a network: whom it learns from, what is spared, replayed, missing, and the verdict."""

from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import CoverageError, FileError, PlanError, ProjectError
from sxtstudio.core.events import Event, Metrics
from sxtstudio.core.task import TaskClass
from sxtstudio.io.network_card import read_network_card
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.improving import (
    Improvement,
    ImprovementRequest,
    export_improvement_job,
    next_name,
    propose_improvement,
    require_resumable,
)
from sxtstudio.workflow.jobs import (
    TrainingRequest,
    export_training_job,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.verdict import (
    awaits_verdict,
    changes,
    discard,
    improved_card,
    network_of,
    verdict_words,
)
from tests.workflow.cells import ball_cell
from tests.workflow.conftest import TASK

DRAWN = ("ball-0", "ball-1", "ball-2")


def drawn_cell(name: str, seed: int) -> Cell:
    return ball_cell(name, seed=seed)


def correct(project: Project, name: str) -> None:
    """Save the labels of a cell once more, as a correction made later than any network."""
    cell = project.cell(name)
    project.add_annotation(cell.id, project.annotation(cell.id), kind="corrected")


def proposal(project: Project, network: Path, **choice) -> Improvement:
    return propose_improvement(project, network, **choice)


def test_cells_drawn_since_teach_and_one_of_two_is_spared(project, network):
    for number in (11, 12):
        project.add_cell(drawn_cell(f"late-{number}", number))

    found = proposal(project, network)

    assert len(found.corrected) == len(found.spared) == 1
    assert {*found.corrected, *found.spared} == {"late-11", "late-12"}
    assert found.earlier == DRAWN
    assert found.missing == ()
    assert {cell.name for cell in found.cells} == {*DRAWN, "late-11", "late-12"}


def test_one_corrected_cell_alone_is_learned_from_and_the_words_say_that_scores_flatter(
    project, network
):
    project.add_cell(drawn_cell("late", 11))

    found = proposal(project, network)

    assert (found.corrected, found.spared) == (("late",), ())
    assert "correct one more" in found.words[-1]
    assert "1 corrected cell: late" in found.words[0]


def test_a_cell_that_the_network_knew_and_that_was_corrected_since_is_never_spared(
    project, network
):
    card = read_network_card(network)
    correct(project, "ball-0")
    later = project.cell("ball-0").versions[-1].time
    assert later >= card.made_by.time

    project.add_cell(drawn_cell("late", 11))
    found = proposal(project, network)

    assert set(found.corrected) <= {"ball-0", "late"}
    assert "ball-0" not in found.spared


def test_without_anything_new_there_is_nothing_to_improve_with(project, network):
    with pytest.raises(CoverageError, match="no cell was drawn or corrected since"):
        proposal(project, network)


def test_only_the_cells_that_are_named_teach(project, network):
    for number in (11, 12):
        project.add_cell(drawn_cell(f"late-{number}", number))

    found = proposal(project, network, cells=("late-12",))

    assert found.corrected == ("late-12",)
    with pytest.raises(ProjectError):
        proposal(project, network, cells=("nobody",))


def test_earlier_cells_that_are_nowhere_are_said_to_be_missing(network, tmp_path):
    with Project.create(tmp_path / "other.sxt") as other:
        other.add_cell(drawn_cell("late", 11))
        found = proposal(other, network)

    assert found.earlier == ()
    assert set(found.missing) == set(DRAWN)
    assert "may forget" in found.words[1]
    assert all(name in found.words[2] for name in DRAWN)


def test_earlier_cells_are_found_in_a_library_by_their_voxels(network, tmp_path):
    library = Library.create(tmp_path / "library")
    library.add_cell(drawn_cell("of the library", 0))
    with Project.create(tmp_path / "other.sxt") as other:
        other.add_cell(drawn_cell("late", 11))
        found = proposal(other, network, library=library)

    assert found.earlier == ("of the library",)
    assert set(found.missing) == {"ball-1", "ball-2"}
    fetched = next(cell for cell in found.cells if cell.name == "of the library")
    assert fetched.folder == str(library.folder)
    assert len(fetched.library) == 1


def test_a_network_of_an_older_version_of_the_task_is_refused(project, network):
    project.add_cell(drawn_cell("late", 11))
    project.change_task(TASK, (TaskClass(name="nucleus", members=("nucleus",)),))

    with pytest.raises(PlanError, match="version 1 of the task"):
        proposal(project, network)


def test_successors_are_counted_and_take_no_name_that_is_in_use(tmp_path):
    assert next_name(tmp_path / "organelles.sxtnet").name == "organelles-2.sxtnet"
    assert next_name(tmp_path / "organelles-7.sxtnet").name == "organelles-8.sxtnet"
    (tmp_path / "organelles-2.sxtnet").touch()
    assert next_name(tmp_path / "organelles.sxtnet").name == "organelles-3.sxtnet"


def request_for(network: Path, folder: Path, **fields) -> ImprovementRequest:
    fields = {"steps": 8, "device": "cpu", "threads": 1, **fields}
    return ImprovementRequest(network=network, target=folder / "better.sxtnet", **fields)


@pytest.fixture
def improved(project, network, tmp_path):
    """A project with two late cells, the folder of a finished improvement, and what it said."""
    for number in (11, 12):
        project.add_cell(drawn_cell(f"late-{number}", number))
    request = request_for(network, tmp_path)
    folder = job_folder_of(request.target)
    export_improvement_job(project, request, folder)
    events: list[Event] = []
    run_job(folder, events.append)
    return project, folder, events


def test_an_improvement_is_scored_before_and_after_and_waits_for_a_verdict(improved, network):
    project, folder, _ = improved

    card = improved_card(folder)

    assert awaits_verdict(folder)
    assert card.parent is not None
    assert card.parent.file == network.name
    assert {cell.name for cell in card.parent.cells} == set(DRAWN)
    honest = {it.cell: it.honest for it in card.parent.compared}
    spared = card.plan.validation[0]
    assert honest[spared] is True
    assert all(not honest[name] for name in honest if name in DRAWN)
    told = changes(card)
    assert {(it.which, it.name) for it in told} >= {("corrected", ""), ("earlier", "")}
    assert all(0 <= it.before <= 1 and 0 <= it.after <= 1 for it in told)
    assert "Corrected cells: mean Dice" in verdict_words(card)
    assert "flatters" in verdict_words(card)
    assert len(project.networks()) == 0


def test_a_kept_network_comes_beside_the_one_it_began_from(improved, network):
    project, folder, _ = improved
    before = network.read_bytes()

    finish_job(project, folder)

    assert network.read_bytes() == before
    (record,) = project.networks()
    assert Path(record.path).name == "better.sxtnet"
    assert not folder.exists()


def test_a_discarded_network_leaves_nothing_behind(improved):
    project, folder, _ = improved
    target = network_of(folder)

    discard(folder)

    assert not folder.exists()
    assert not target.exists()
    assert not awaits_verdict(folder)
    assert project.networks() == ()


def test_half_of_the_lessons_are_replayed_and_nobody_sees_whom_it_is_scored_on(improved):
    _, folder, events = improved
    plan = improved_card(folder).plan

    assert plan.beginning is not None
    assert set(plan.beginning.earlier) == set(DRAWN)
    assert set(plan.training) == {*DRAWN, "late-11", "late-12"} - set(plan.validation)
    for fold, cells in enumerate(improved_card(folder).fold_cells):
        held_out = plan.folds[fold].held_out
        known = {fact.sha256: fact.name for fact in improved_card(folder).learned.values()}
        assert not {known[sha256] for sha256 in cells}.intersection(held_out)
    assert any(isinstance(event, Metrics) for event in events)


def test_an_improved_network_can_be_improved_again_and_remembers_its_ancestors(improved, tmp_path):
    project, folder, _ = improved
    better = network_of(folder)
    finish_job(project, folder)
    project.add_cell(drawn_cell("later still", 13))

    found = proposal(project, better)

    assert found.corrected == ("later still",)
    assert len(found.checked) == 1
    assert set(found.earlier) | set(found.checked) == {*DRAWN, "late-11", "late-12"}


def test_only_an_improvement_of_the_same_network_is_gone_on_with(improved, network, tmp_path):
    _, folder, _ = improved
    request = request_for(network, tmp_path)
    require_resumable(folder, request)

    other = tmp_path / "other.sxtnet"
    other.write_bytes(network.read_bytes() + b"x")
    with pytest.raises(PlanError, match="holds no improvement of other"):
        require_resumable(folder, replace(request, network=other))


def test_an_ordinary_training_awaits_no_verdict(project, network, tmp_path):
    request = TrainingRequest(task=TASK, network=tmp_path / "n.sxtnet", steps=4, device="cpu")
    folder = job_folder_of(request.network)
    export_training_job(project, request, folder)

    assert not awaits_verdict(folder)
    with pytest.raises(PlanError, match="holds no improvement"):
        require_resumable(folder, request_for(network, tmp_path))


def test_a_target_that_is_no_network_is_refused(project, network, tmp_path):
    request = replace(request_for(network, tmp_path), target=tmp_path / "better.txt")

    with pytest.raises(FileError, match=r"ends in \.sxtnet"):
        export_improvement_job(project, request, tmp_path / "job")


def test_no_network_is_written_over(project, network, tmp_path):
    project.add_cell(drawn_cell("late", 11))
    taken = tmp_path / "taken.sxtnet"
    taken.write_bytes(b"mine")

    with pytest.raises(FileError, match="is there already"):
        export_improvement_job(
            project, replace(request_for(network, tmp_path), target=taken), tmp_path / "job"
        )
    assert taken.read_bytes() == b"mine"
