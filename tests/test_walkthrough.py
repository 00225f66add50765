"""The flow of the design page, run: from a file to a measured, corrected and drawn cell."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation
from sxtstudio.core.events import Event, Metrics
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import targets
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.network_card import read_network_card
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.demo import CLASSES, NEW_CELL, TASK, run_demo
from sxtstudio.workflow.importing import AddCell, add_cell_from_files, import_tomogram
from sxtstudio.workflow.job_folder import read_job
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    export_segmentation_job,
    export_training_job,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.measuring import measure_cells
from sxtstudio.workflow.picturing import snapshot
from sxtstudio.workflow.scoring import score_files
from sxtstudio.workflow.segmenting import FileSegmentation, segment_file
from sxtstudio.workflow.simulating import Simulation, simulate_files
from sxtstudio.workflow.tasks import define_task


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the engine to one thread: the cells are tiny and the machine is shared."""
    monkeypatch.setattr("sxtstudio.engine.planning.available_cores", lambda: 1)
    monkeypatch.setattr("sxtstudio.engine.device.available_cores", lambda: 1)


@pytest.mark.slow
def test_from_a_tomogram_file_to_a_corrected_measured_and_drawn_cell(tmp_path: Path) -> None:
    simulation = Simulation(folder=tmp_path, kind="yeast", cells=3, size=36, seed=4, labels=True)
    files = simulate_files(simulation)
    tomogram, notes = import_tomogram(read_volume(files[2]), files[2].name)
    assert notes == ()
    events: list[Event] = []
    with Project.create(tmp_path / "p.sxt") as project:
        for file in files[:2]:
            labels = file.with_name(f"{file.stem}_labels.am")
            add_cell_from_files(project, AddCell(tomogram=file, labels=labels, complete="all"))
        new, _ = add_cell_from_files(project, AddCell(tomogram=files[2]))
        task = define_task(project, "t", ["nucleus", "vacuole"])

        network = tmp_path / "n.sxtnet"
        training = TrainingRequest(task="t", network=network, steps=8, device="cpu", threads=1)
        export_training_job(project, training, job_folder_of(network))
        run_job(job_folder_of(network), events.append)
        finish_job(project, job_folder_of(network))
        assert {event.stage for event in events if isinstance(event, Metrics)} == {
            stage + 1 for stage in range(len(read_network_card(network).plan.stages))
        }

        segmentation = SegmentationRequest(network=network, cells=(new.name,), threads=1)
        export_segmentation_job(project, segmentation, tmp_path / "s.job")
        run_job(tmp_path / "s.job", events.append)
        finish_job(project, tmp_path / "s.job")
        predicted = project.label_map(new.id)
        assert predicted.names == task.names
        assert predicted.shape == tomogram.shape

        labels_ZYX = predicted.labels_ZYX.copy()
        labels_ZYX[:4] = 1
        ids = {1: "nucleus", 2: "vacuole"}
        corrected = LabelMap(labels_ZYX=labels_ZYX, names=ids, voxel_size_um=tomogram.voxel_size_um)
        annotation = Annotation(label_map=corrected, complete=frozenset(ids.values()))
        project.add_annotation(new.id, annotation, kind="corrected")
        possible_ZYX = targets(project.annotation(new.id), task, default_ontology())
        np.testing.assert_array_equal(possible_ZYX, np.uint32(1) << labels_ZYX)
        training = replace(training, network=tmp_path / "n2.sxtnet")
        export_training_job(project, training, tmp_path / "n2.job")
        assert new.name in [cell.name for cell in read_job(tmp_path / "n2.job").cells]

        table = measure_cells(project, [new.name])
        rows = {row[1:3]: row for row in table.rows}
        assert rows["nucleus", 0][4] == np.count_nonzero(labels_ZYX == 1)
        snapshot(project, new.name, tmp_path / "s.png")
        assert project.check() == ()
    assert (tmp_path / "s.png").stat().st_size > 1000

    out = tmp_path / "out.am"
    segment_file(FileSegmentation(tomogram=files[2], network=network, out=out, threads=1))
    np.testing.assert_array_equal(read_volume(out).values_ZYX[...], predicted.labels_ZYX)
    comparison = score_files(out, tmp_path / "yeast-3_labels.am")
    assert {item.name for item in comparison.scores} == {"nucleus", "vacuole"}


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_the_demonstration_goes_the_whole_way(tmp_path: Path) -> None:
    events: list[Event] = []
    path = run_demo(tmp_path / "demo", report=events.append, steps=8, edge_voxels=40)
    names = {item.name for item in path.parent.iterdir()}
    assert names == {
        *("project.sxt", "organelles.sxtnet"),
        *("scores.csv", "measurements.csv", "snapshot.png"),
    }
    with Project.open(path, read_only=True) as project:
        assert len(project.cells()) == 7
        assert project.task(TASK).names == dict(enumerate(CLASSES, start=1))
        assert [version.kind for version in project.cell(NEW_CELL).versions] == ["predicted"]
        assert project.check() == ()
    assert (path.parent / "scores.csv").read_text().count("\n") == len(CLASSES) + 1
    assert any("Dice against the truth" in getattr(event, "text", "") for event in events)
