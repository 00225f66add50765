"""What a job found comes into the project once, whatever happened in between."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import bring_in, finish_job, has_results, unstored_segmentations
from sxtstudio.workflow.job_folder import (
    CellSource,
    SegmentationJob,
    write_job,
    write_job_cell,
    write_prediction,
)
from tests.workflow.cells import NAMES, VOXEL_UM


def prediction(shape: tuple[int, int, int], seed: int) -> Prediction:
    rng = np.random.default_rng(seed)
    labels_ZYX = rng.integers(0, 3, shape).astype(np.uint8)
    return Prediction(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM),
        probability_KZYX=rng.integers(0, 255, (len(NAMES), *shape)).astype(np.uint8),
        uncertainty_ZYX=labels_ZYX,
        task="organelles",
        network_sha256="0" * 64,
        colours={},
        made_by=made_by("tests.predict", {"seed": seed}),
    )


@pytest.fixture
def folder(project: Project, tmp_path: Path) -> Path:
    """A segmentation of two cells, both of which are finished."""
    folder = tmp_path / "segment"
    entries = []
    for number, record in enumerate(project.cells()[2:]):
        cell = Cell(name=record.name, tomogram=project.tomogram(record.id))
        source = CellSource(id=record.id, versions=(), cell=cell)
        entries.append(write_job_cell(folder, number, source))
        write_prediction(folder / "results" / str(number), prediction(record.shape, number))
    job = SegmentationJob(
        cells=tuple(entries), network="n.sxtnet", network_sha256="", device="cpu", threads=1
    )
    write_job(folder, job)
    return folder


def test_what_comes_in_is_named_and_its_folder_goes(project, folder):
    brought = bring_in(project, folder)

    assert brought.text == "Segmented ball-2, new."
    cells = project.cells()[2:]
    assert brought.versions == tuple((cell.id, cell.versions[-1].id) for cell in cells)
    assert not folder.exists()


def test_a_program_that_ended_before_the_folder_was_gone_brings_nothing_in_twice(
    project, folder, tmp_path
):
    copy = shutil.copytree(folder, tmp_path / "copy")
    first = bring_in(project, folder)

    assert bring_in(project, copy) == first
    assert [len(cell.versions) for cell in project.cells()] == [1, 1, 2, 1]
    assert not copy.exists()


def test_called_off_between_two_cells_the_first_is_stored_and_the_rest_comes_later(project, folder):
    heard: list[Event] = []

    def stop(event: Event) -> None:
        heard.append(event)
        assert isinstance(event, Progress)
        if event.fraction is not None and event.fraction >= 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        bring_in(project, folder, stop)

    assert [len(cell.versions) for cell in project.cells()] == [1, 1, 2, 0]
    assert isinstance(heard[0], Progress)
    assert "ball-2" in heard[0].text
    assert has_results(folder)
    assert unstored_segmentations(project, [folder]) == (folder,)
    finish_job(project, folder)
    assert [len(cell.versions) for cell in project.cells()] == [1, 1, 2, 1]


def test_folders_of_other_projects_and_broken_ones_are_passed_over(project, folder, tmp_path):
    with Project.create(tmp_path / "other.sxt") as other:
        assert unstored_segmentations(other, [folder]) == ()
    bare = tmp_path / "bare"
    bare.mkdir()
    (folder / "job.json").write_text("{")

    assert unstored_segmentations(project, [folder, bare, tmp_path / "none"]) == ()


def test_a_segmentation_without_a_finished_cell_has_nothing_to_bring(project, folder):
    shutil.rmtree(folder / "results")

    with pytest.raises(FileError, match="has segmented no cell yet"):
        bring_in(project, folder)
    assert folder.exists()
