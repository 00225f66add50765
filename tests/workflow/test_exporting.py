"""What leaves a project opens elsewhere and means the same."""

from dataclasses import replace
from pathlib import Path
from threading import Thread

import h5py
import numpy as np
import pytest

from sxtstudio.core.errors import FileError, ProjectError
from sxtstudio.core.events import Event, Notice
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow.converting import convert
from sxtstudio.workflow.exporting import export, prepare_export
from sxtstudio.workflow.measuring import measure_cells, measure_to_csv
from sxtstudio.workflow.picturing import snapshot
from tests.workflow.cells import VOXEL_UM, ball_cell

CELL = ball_cell("ball-0", seed=0)


@pytest.mark.parametrize("suffix", ["am", "h5", "tif"])
def test_labels_carry_names_and_voxel_size(project: Project, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"labels.{suffix}"
    export(project, "ball-0", "labels", out)
    volume = read_volume(out)
    np.testing.assert_array_equal(
        np.asarray(volume.values_ZYX[...]), CELL.annotations[0].label_map.labels_ZYX
    )
    assert {v: name for v, name in volume.class_names.items() if v} == {
        1: "nucleus",
        2: "lipid bodies",
    }
    np.testing.assert_allclose(volume.voxel_size_um, VOXEL_UM, rtol=1e-5)


def test_a_tomogram_comes_out_as_it_went_in(project: Project, tmp_path: Path) -> None:
    export(project, "ball-0", "tomogram", tmp_path / "t.mrc")
    volume = read_volume(tmp_path / "t.mrc")
    np.testing.assert_array_equal(np.asarray(volume.values_ZYX[...]), CELL.tomogram.lac_ZYX)
    assert volume.lac_per_unit == 1.0


def test_probabilities_are_one_dataset_a_class(segmented: Project, tmp_path: Path) -> None:
    export(segmented, "new", "probabilities", tmp_path / "p.h5")
    record = segmented.cell("new")
    stored = segmented.probabilities(record.id, record.versions[-1].id)
    with h5py.File(tmp_path / "p.h5") as file:
        group = file["probability"]
        names = {int(key): item.attrs["class_name"] for key, item in group.items()}
        np.testing.assert_array_equal(group["2"][...], stored[1])
    assert names == {1: "nucleus", 2: "lipid bodies"}
    volume = read_volume(tmp_path / "p.h5", dataset="/probability/1")
    np.testing.assert_allclose(volume.voxel_size_um, VOXEL_UM, rtol=1e-5)


def test_probabilities_can_be_written_by_another_thread_while_the_project_is_read(
    segmented: Project, tmp_path: Path
) -> None:
    write = prepare_export(segmented, "new", "probabilities", tmp_path / "p.h5")
    events: list[Event] = []
    thread = Thread(target=write, args=(events.append,))
    thread.start()
    record = segmented.cell("new")
    stored = segmented.probabilities(record.id, record.versions[-1].id)
    thread.join(timeout=60)
    with h5py.File(tmp_path / "p.h5") as file:
        np.testing.assert_array_equal(file["probability/1"][...], stored[0])
    assert [it.text for it in events] == ["Writing class 1", "Writing class 2"]


@pytest.mark.parametrize("suffix", ["stl", "obj", "ply", "glb", "gltf"])
def test_surfaces_are_written_in_every_format(
    project: Project, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"s.{suffix}"
    export(project, "ball-0", "surfaces", out)
    assert out.stat().st_size > 5000
    if suffix in ("obj", "gltf"):
        assert "lipid" in out.read_text()


def test_a_cell_without_what_is_asked_for_says_so(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no labels yet"):
        export(project, "new", "labels", tmp_path / "l.am")
    with pytest.raises(ProjectError, match="only a segmentation"):
        export(project, "ball-0", "probabilities", tmp_path / "p.h5")
    with pytest.raises(ProjectError, match="no cell 'nobody'"):
        export(project, "nobody", "labels", tmp_path / "l.am")
    with pytest.raises(ProjectError, match="no labels yet"):
        snapshot(project, "new", tmp_path / "s.png")
    assert not list(tmp_path.glob("l.*"))


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("labels", "l.docx"),
        ("tomogram", "missing/t.mrc"),
        ("probabilities", "p.mrc"),
        ("surfaces", "s.am"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_early(
    project: Project, tmp_path: Path, what: str, name: str
) -> None:
    with pytest.raises(FileError, match=name.rpartition("/")[2]):
        export(project, "ball-0", what, tmp_path / name)  # type: ignore[arg-type] - parametrised


def test_a_picture_shows_something(project: Project, tmp_path: Path) -> None:
    snapshot(project, "ball-0", tmp_path / "s.png")
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FileError, match="png"):
        snapshot(project, "ball-0", tmp_path / "s.jpg")


def test_a_measurement_counts_voxels_and_stays_in_the_project(project: Project) -> None:
    table = measure_cells(project, ["ball-0", "ball-1"])
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    nucleus = next(
        r for r in rows if (r["cell"], r["class"], r["object"]) == ("ball-0", "nucleus", 0)
    )
    voxels = np.count_nonzero(CELL.annotations[0].label_map.labels_ZYX == 1)
    assert nucleus["volume_um3"] == pytest.approx(voxels * 0.06 * 0.05 * 0.04)
    assert nucleus["lac_mean_per_um"] == pytest.approx(0.2, abs=0.005)
    assert {row["cell"] for row in rows} == {"ball-0", "ball-1"}
    records = project.measurements()
    assert [project.cell(record.cell).name for record in records] == ["ball-0", "ball-1"]


def test_without_names_every_labelled_cell_is_measured(project: Project, tmp_path: Path) -> None:
    table = measure_to_csv(project, (), tmp_path / "m.csv")
    assert {row[0] for row in table.rows} == {"ball-0", "ball-1", "ball-2"}
    assert (tmp_path / "m.csv").read_text() == table.to_csv()
    assert "volume_um3" in (tmp_path / "m.csv").read_text().splitlines()[0]


def test_a_table_that_cannot_be_written_leaves_no_measurement(
    project: Project, tmp_path: Path
) -> None:
    with pytest.raises(FileError):
        measure_to_csv(project, (), tmp_path / "missing" / "m.csv")
    with pytest.raises(ProjectError, match="no labels yet"):
        measure_to_csv(project, ("ball-0", "new"), tmp_path / "m.csv")
    assert project.measurements() == ()
    assert not (tmp_path / "m.csv").exists()


def test_there_must_be_something_to_measure(tmp_path: Path) -> None:
    with (
        Project.create(tmp_path / "p.sxt") as project,
        pytest.raises(ProjectError, match="no cell has labels"),
    ):
        measure_cells(project)


def test_converting_there_and_back_keeps_values_units_and_names(
    project: Project, tmp_path: Path
) -> None:
    export(project, "ball-0", "labels", tmp_path / "l.am")
    events: list[Event] = []
    convert(tmp_path / "l.am", tmp_path / "l.h5", dataset="/a/b", report=events.append)
    convert(tmp_path / "l.h5", tmp_path / "back.am", dataset="/a/b", report=events.append)
    first, back = read_volume(tmp_path / "l.am"), read_volume(tmp_path / "back.am")
    np.testing.assert_array_equal(first.values_ZYX[...], back.values_ZYX[...])
    assert first.class_names == back.class_names
    np.testing.assert_allclose(first.voxel_size_um, back.voxel_size_um, rtol=1e-6)
    assert not any(isinstance(event, Notice) for event in events)


def test_labels_of_the_laboratorys_own_terms_go_out_by_their_names(tmp_path: Path) -> None:
    term = new_term(default_ontology(), "Garden organelle", "cell", colour="#123456")
    cell = ball_cell("ball", seed=1)
    annotation = cell.annotations[0]
    names = {1: term.id, 2: "nobody"}
    drawn = replace(annotation, label_map=replace(annotation.label_map, names=names))
    with Project.create(tmp_path / "p.sxt") as project:
        project.extend(Extension(terms=(term,)))
        project.add_cell(replace(cell, annotations=(drawn,)))
        export(project, "ball", "labels", tmp_path / "out.am")

    volume = read_volume(tmp_path / "out.am")
    assert set(volume.class_names.values()) >= {"Garden organelle", "nobody"}
    assert "#123456" in volume.class_colours.values()
