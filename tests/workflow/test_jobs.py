"""Jobs leave the project, are done without it, and come back, whole or not at all."""

from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import (
    CoverageError,
    FileError,
    NetworkError,
    PlanError,
    ProjectError,
    SxtError,
)
from sxtstudio.core.events import Cancelled, Event, Metrics, Progress
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.files import sha256_of_file
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job, has_results
from sxtstudio.workflow.job_folder import SegmentationJob, TrainingJob, read_job, read_job_cell
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    export_segmentation_job,
    export_training_job,
    forget_unstarted,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.tasks import define_task, drawn_versions, useful_versions
from tests.workflow.cells import VOXEL_UM, ball_cell
from tests.workflow.conftest import TASK


def training(tmp_path: Path, **changes: object) -> TrainingRequest:
    facts = {"task": TASK, "network": tmp_path / "n.sxtnet", "steps": 4, "device": "cpu"}
    return TrainingRequest(**{**facts, "threads": 1, **changes})  # type: ignore[arg-type]


def stop_at(kind: type[Event], count: int) -> tuple[list[Event], object]:
    """Return a list and a report that fills it and cancels at the n-th event of a kind."""
    seen: list[Event] = []

    def report(event: Event) -> None:
        seen.append(event)
        if sum(isinstance(item, kind) for item in seen) >= count:
            raise Cancelled

    return seen, report


def test_a_training_job_holds_the_labelled_cells_and_nothing_else(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path), folder)
    job = read_job(folder)
    assert isinstance(job, TrainingJob)
    assert job.task == project.task(TASK)
    assert [cell.name for cell in job.cells] == ["ball-0", "ball-1", "ball-2"]
    cell = read_job_cell(folder, job.cells[1])
    original = ball_cell("ball-1", seed=1)
    np.testing.assert_array_equal(cell.tomogram.lac_ZYX, original.tomogram.lac_ZYX)
    assert isinstance(cell.tomogram.lac_ZYX, np.memmap)
    assert cell.tomogram.voxel_size_um == VOXEL_UM
    labels = cell.annotations[0]
    assert labels.complete == {"nucleus", "lipid"}
    assert labels.label_map.names == {1: "nucleus", 2: "lipid"}
    np.testing.assert_array_equal(
        labels.label_map.labels_ZYX, original.annotations[0].label_map.labels_ZYX
    )


def test_an_input_that_was_changed_is_refused(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path), folder)
    path = folder / "inputs" / "0.lac.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileError, match="was changed"):
        run_job(folder)
    path.unlink()
    with pytest.raises(FileError, match="missing"):
        run_job(folder)


def test_without_a_budget_a_training_takes_ten_minutes(project: Project, tmp_path: Path) -> None:
    export_training_job(project, training(tmp_path, steps=None), tmp_path / "n.job")
    job = read_job(tmp_path / "n.job")
    assert isinstance(job, TrainingJob)
    assert (job.minutes, job.steps) == (10.0, None)


@pytest.mark.slow
def test_a_trained_network_comes_into_project_and_folder_and_the_job_is_gone(
    project: Project, tmp_path: Path
) -> None:
    request = training(tmp_path)
    folder = job_folder_of(request.network)
    events: list[Event] = []
    export_training_job(project, request, folder)
    run_job(folder, events.append)
    assert not request.network.exists()
    assert "n.sxtnet" in finish_job(project, folder)
    assert not folder.exists()
    card = read_network_card(request.network)
    assert card.plan.task == project.task(TASK)
    assert card.plan.threads == 1
    assert [record.sha256 for record in project.networks()] == [sha256_of_file(request.network)]
    assert any(isinstance(event, Metrics) for event in events)
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions[-1] == 1.0


@pytest.mark.slow
def test_a_training_goes_on_where_it_was_stopped_and_ends_the_same(
    project: Project, tmp_path: Path
) -> None:
    whole = training(tmp_path, network=tmp_path / "whole.sxtnet")
    export_training_job(project, whole, tmp_path / "whole.job")
    run_job(tmp_path / "whole.job")
    request = training(tmp_path)
    folder = tmp_path / "n.job"
    export_training_job(project, request, folder)
    _, report = stop_at(Metrics, 2)
    with pytest.raises(Cancelled):
        run_job(folder, report)
    with pytest.raises(FileError, match="has not ended"):
        finish_job(project, folder)
    export_training_job(project, training(tmp_path, resume=True, steps=None), folder)
    run_job(folder)
    assert has_results(folder)
    first, second = (
        read_network_card(item / "network.sxtnet") for item in (tmp_path / "whole.job", folder)
    )
    assert first.plan == second.plan
    assert first.scores == second.scores


@pytest.mark.slow
def test_a_stopped_training_is_not_thrown_away_unasked(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path), folder)
    export_training_job(project, training(tmp_path), folder)  # nothing was trained yet: no loss
    _, report = stop_at(Metrics, 1)
    with pytest.raises(Cancelled):
        run_job(folder, report)
    with pytest.raises(PlanError, match="--resume"):
        export_training_job(project, training(tmp_path), folder)
    assert (folder / "plan.json").exists()


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"steps": 5}, "steps"), ({"seed": 1}, "seed"), ({"device": "cuda"}, "device")],
)
def test_another_request_cannot_go_on_from_a_stopped_training(
    project: Project, tmp_path: Path, changes: dict[str, object], word: str
) -> None:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path), folder)
    with pytest.raises(PlanError, match=f"because .*{word} changed"):
        export_training_job(project, training(tmp_path, resume=True, **changes), folder)


def test_other_labels_cannot_go_on_from_a_stopped_training(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path), folder)
    project.add_cell(ball_cell("late", seed=5))
    with pytest.raises(PlanError, match="because labelled cells changed"):
        export_training_job(project, training(tmp_path, resume=True), folder)


def test_there_must_be_something_to_go_on_from(project: Project, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="leave out --resume"):
        export_training_job(project, training(tmp_path, resume=True), tmp_path / "n.job")


@pytest.mark.parametrize("name", ["n.mrc", "missing/n.sxtnet"])
def test_a_network_must_be_writable_before_anything_is_done(
    project: Project, tmp_path: Path, name: str
) -> None:
    with pytest.raises(FileError):
        export_training_job(project, training(tmp_path, network=tmp_path / name), tmp_path / "j")
    assert not (tmp_path / "j").exists()


def test_a_folder_that_is_no_job_is_left_alone(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "n.job"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(FileError, match="in the way"):
        export_training_job(project, training(tmp_path), folder)
    assert (folder / "thesis.txt").exists()


def test_what_a_cut_off_export_left_is_replaced(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "n.job"
    (folder / "inputs").mkdir(parents=True)
    (folder / ".job.abc.part.json").touch()
    export_training_job(project, training(tmp_path), folder)
    assert {item.name for item in folder.iterdir()} == {"inputs", "job.json"}


def test_a_job_folder_that_cannot_be_made_is_a_sentence(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be written"):
        export_training_job(project, training(tmp_path), tmp_path / "file" / "n.job")


@pytest.mark.slow
def test_a_segmentation_cannot_be_resumed_as_a_training(
    project: Project, network: Path, tmp_path: Path
) -> None:
    export_segmentation_job(project, SegmentationRequest(network=network), tmp_path / "s.job")
    with pytest.raises(PlanError, match="holds no training"):
        export_training_job(project, training(tmp_path, resume=True), tmp_path / "s.job")


def test_a_training_that_never_began_is_forgotten_and_others_are_not(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path), folder)
    (folder / "plan.json").touch()
    forget_unstarted(folder)
    assert folder.exists()
    (folder / "plan.json").unlink()
    forget_unstarted(folder)
    assert not folder.exists()


def test_a_project_without_useful_labels_is_refused(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.sxt") as project:
        define_task(project, TASK, ["nucleus"])
        with pytest.raises(CoverageError, match="no cell has labels"):
            export_training_job(project, training(tmp_path), tmp_path / "n.job")
        project.add_cell(ball_cell(labelled=False))
        with pytest.raises(CoverageError, match="no cell has labels"):
            export_training_job(project, training(tmp_path), tmp_path / "n.job")
    assert not (tmp_path / "n.job").exists()


def scribble(name: str, complete: frozenset[str] = frozenset()) -> Annotation:
    labels_ZYX = np.zeros(ball_cell().tomogram.shape, np.uint8)
    labels_ZYX[:4] = 1
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={1: name}, voxel_size_um=VOXEL_UM)
    return Annotation(label_map=label_map, complete=complete)


def test_imported_labels_add_up_and_a_correction_replaces_what_is_older(
    project: Project,
) -> None:
    cell = project.cell("ball-0")
    project.add_annotation(cell.id, scribble("mitochondria"), kind="imported")
    kinds = [version.kind for version in drawn_versions(project.cell(cell.id))]
    assert kinds == ["imported", "imported"]
    project.add_annotation(cell.id, scribble("nucleus"), kind="corrected")
    project.add_annotation(cell.id, scribble("lipid"), kind="imported")
    kinds = [version.kind for version in drawn_versions(project.cell(cell.id))]
    assert kinds == ["corrected", "imported"]


def test_labels_that_rule_nothing_out_are_of_no_use(project: Project) -> None:
    cell = project.cell("new")
    task = project.task(TASK)
    project.add_annotation(cell.id, scribble("ignore"), kind="imported")
    assert useful_versions(project.cell(cell.id), task, project.ontology()) == ()
    project.add_annotation(cell.id, scribble("mitochondria"), kind="imported")
    assert len(useful_versions(project.cell(cell.id), task, project.ontology())) == 1
    project.add_annotation(cell.id, scribble("ignore", frozenset({"lipid"})), kind="imported")
    assert len(useful_versions(project.cell(cell.id), task, project.ontology())) == 2


def test_a_prediction_comes_into_the_project_as_the_network_made_it(
    project: Project, network: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "s.job"
    request = SegmentationRequest(network=network, cells=("new",), threads=1)
    assert export_segmentation_job(project, request, folder) == ("new",)
    job = read_job(folder)
    assert isinstance(job, SegmentationJob)
    assert job.network_sha256 == sha256_of_file(network)
    assert not has_results(folder)
    run_job(folder)
    assert has_results(folder)
    assert "new" in finish_job(project, folder)
    assert not folder.exists()
    record = project.cell("new")
    version = record.versions[-1]
    assert version.kind == "predicted"
    assert version.names == {1: "nucleus", 2: "lipid bodies"}
    assert version.network_sha256 == sha256_of_file(network)
    labels_ZYX = project.label_map(record.id).labels_ZYX
    p_KZYX = project.probabilities(record.id, version.id).astype(int)
    all_KZYX = np.stack([255 - p_KZYX.sum(axis=0), *p_KZYX])
    chosen_ZYX = np.take_along_axis(all_KZYX, labels_ZYX[None].astype(int), axis=0)[0]
    assert (all_KZYX.max(axis=0) - chosen_ZYX).max() <= 2  # rounded to 1/255


def test_without_names_only_cells_that_this_network_has_not_seen_are_segmented(
    segmented: Project, network: Path, tmp_path: Path
) -> None:
    names = export_segmentation_job(
        segmented, SegmentationRequest(network=network), tmp_path / "again.job"
    )
    assert names == ("ball-0", "ball-1", "ball-2")


def test_nothing_left_to_segment_is_said(tmp_path: Path, network: Path, segmented: Project) -> None:
    request = SegmentationRequest(network=network, threads=1)
    folder = tmp_path / "rest.job"
    export_segmentation_job(segmented, request, folder)
    run_job(folder)
    finish_job(segmented, folder)
    with pytest.raises(ProjectError, match="--cell"):
        export_segmentation_job(segmented, request, folder)
    with (
        Project.create(tmp_path / "empty.sxt") as empty,
        pytest.raises(ProjectError, match="holds no cell"),
    ):
        export_segmentation_job(empty, request, folder)
    assert not folder.exists()


def test_what_was_segmented_before_a_stop_is_kept(
    project: Project, network: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "s.job"
    request = SegmentationRequest(network=network, cells=("new", "ball-1"), threads=1)
    export_segmentation_job(project, request, folder)

    def stop_at_the_second(event: Event) -> None:
        if isinstance(event, Progress) and "ball-1" in event.text:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_job(folder, stop_at_the_second)
    assert "1 of 2" in finish_job(project, folder)
    assert project.cell("new").versions[-1].kind == "predicted"
    assert project.cell("ball-1").versions[-1].kind == "imported"


def test_a_network_that_was_replaced_meanwhile_is_refused(
    project: Project, network: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sxtnet"
    copy.write_bytes(network.read_bytes())
    folder = tmp_path / "s.job"
    export_segmentation_job(project, SegmentationRequest(network=copy), folder)
    copy.write_bytes(network.read_bytes() + b" ")
    with pytest.raises(NetworkError, match="any more"):
        run_job(folder)
    with pytest.raises(FileError, match="no cell yet"):
        finish_job(project, folder)


def test_a_folder_without_a_job_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds no job"):
        run_job(tmp_path)
    (tmp_path / "job.json").write_text('{"kind": "training"}')
    with pytest.raises(SxtError, match="not which"):
        run_job(tmp_path)
