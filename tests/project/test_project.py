"""Everything a project stores comes back as it was, also after closing."""

import json
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import LabelError, ProjectError
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.core.volume import LabelMap
from sxtstudio.project.project import Project
from tests.project.samples import (
    TASK,
    VOXEL_UM,
    sample_annotation,
    sample_card,
    sample_cell,
    sample_network_file,
    sample_novelty_map,
    sample_prediction,
    sample_table,
)


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "study.sxt") as project:
        yield project


def _reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path, read_only=True)


def test_a_new_project_is_empty_and_sound(project: Project) -> None:
    assert project.cells() == project.networks() == project.tasks() == project.measurements() == ()
    assert project.check() == ()
    assert [entry.action for entry in project.history()] == ["create"]
    assert not project.read_only


def test_a_cell_comes_back_as_it_was(project: Project) -> None:
    cell = sample_cell("Zelle 7 (µm)", 1, annotations=2)
    record = project.add_cell(cell, source="scan 12")
    again = _reopened(project)
    assert again.cells() == (record,)
    assert again.cell(record.id) == again.cell("Zelle 7 (µm)") == record
    assert len(record.id) == 12
    assert int(record.id, 16) >= 0
    assert (record.species, record.strain) == (cell.species, cell.strain)
    assert (record.condition, record.instrument) == (cell.condition, cell.instrument)
    assert (record.source, record.link) == ("scan 12", None)
    tomogram = again.tomogram(record.id)
    assert np.array_equal(tomogram.lac_ZYX, cell.tomogram.lac_ZYX)
    assert tomogram.lac_ZYX.dtype == np.float32
    assert tomogram.voxel_size_um == VOXEL_UM
    for version, annotation in zip(record.versions, cell.annotations, strict=True):
        stored = again.annotation(record.name, version.id)
        assert np.array_equal(stored.label_map.labels_ZYX, annotation.label_map.labels_ZYX)
        assert stored.label_map.names == annotation.label_map.names
        assert stored.complete == annotation.complete
        assert stored.author == "Ada"
        assert stored.made_by == annotation.made_by
        assert version.kind == "imported"
        assert version.colours[1].startswith("#")
    assert again.check() == ()
    again.close()


def test_versions_count_up_and_the_newest_is_the_default(project: Project) -> None:
    cell = project.add_cell(sample_cell("a", 1))
    corrected = sample_annotation(9, dtype=np.uint16)
    second = project.add_annotation(cell.id, corrected, kind="corrected", comment="nucleus redrawn")
    third = project.add_prediction(cell.id, sample_prediction(5))
    assert [version.id for version in project.cell("a").versions] == [
        "v000001",
        "v000002",
        "v000003",
    ]
    assert (second.comment, second.kind) == ("nucleus redrawn", "corrected")
    assert project.label_map("a").names == TASK.names
    newest = project.annotation("a")
    assert np.array_equal(newest.label_map.labels_ZYX, corrected.label_map.labels_ZYX)
    assert newest.label_map.labels_ZYX.dtype == np.uint16
    assert third.task == TASK.name


def test_a_prediction_comes_back_as_it_was(project: Project) -> None:
    project.add_cell(sample_cell("a", 1))
    prediction = sample_prediction(5)
    version = project.add_prediction("a", prediction)
    again = _reopened(project)
    assert again.cell("a").versions[-1] == version
    assert version.kind == "predicted"
    assert version.has_probabilities
    assert version.network_sha256 == prediction.network_sha256
    assert version.colours == prediction.colours
    assert version.made_by == prediction.made_by
    assert version.complete == frozenset()
    p_KZYX = again.probabilities("a", version.id)
    assert p_KZYX.dtype == np.uint8
    assert np.array_equal(p_KZYX, prediction.probability_KZYX)
    assert np.array_equal(again.uncertainty("a", version.id), prediction.uncertainty_ZYX)
    labels_ZYX = again.label_map("a", version.id).labels_ZYX
    assert np.array_equal(labels_ZYX, prediction.label_map.labels_ZYX)
    again.close()


def test_a_novelty_map_comes_back_as_it_was(project: Project) -> None:
    cell = project.add_cell(sample_cell("a", 1))
    told = sample_novelty_map(5)
    bare = project.add_prediction("a", sample_prediction(5))
    version = project.add_prediction("a", replace(sample_prediction(5), novelty_map=told))
    drawn = project.add_annotation("a", sample_annotation(1), kind="corrected")
    again = _reopened(project)
    found = again.looking.novelty(cell, version)
    assert found is not None
    assert found.step == told.step
    assert np.array_equal(found.levels_ZYX, told.levels_ZYX)
    assert again.looking.novelty(cell, bare) is None
    assert again.looking.novelty(cell, drawn) is None
    assert again.check() == ()
    again.close()


def test_a_novelty_map_that_does_not_cover_the_cell_is_refused(project: Project) -> None:
    project.add_cell(sample_cell("a", 1))
    told = replace(sample_novelty_map(1), step=(4.0, 3.0, 4.0))
    with pytest.raises(LabelError, match="does not cover the tomogram"):
        project.add_prediction("a", replace(sample_prediction(1), novelty_map=told))
    assert len(project.cell("a").versions) == 1


def test_probabilities_may_be_a_memory_map(project: Project, tmp_path: Path) -> None:
    project.add_cell(sample_cell("a", 1))
    prediction = sample_prediction(5)
    path = tmp_path / "p.npy"
    np.save(path, prediction.probability_KZYX)
    mapped = replace(prediction, probability_KZYX=np.load(path, mmap_mode="r"))
    version = project.add_prediction("a", mapped)
    assert np.array_equal(project.probabilities("a", version.id), prediction.probability_KZYX)
    assert project.check() == ()


def test_tasks_networks_and_measurements_come_back_as_they_were(
    project: Project, tmp_path: Path
) -> None:
    cell = project.add_cell(sample_cell("a", 1))
    project.add_task(TASK)
    card = sample_card()
    network = project.add_network(sample_network_file(tmp_path), card)
    measurement = project.add_measurement("a", "v000001", sample_table())
    again = _reopened(project)
    assert again.tasks() == (TASK,)
    assert again.task(TASK.name) == TASK
    assert again.networks() == (network,)
    assert again.network_card(network.id) == card
    assert network.task == TASK.name
    assert Path(network.path) == tmp_path / "net.sxtnet"
    assert again.measurements() == (measurement,)
    assert (measurement.cell, measurement.version) == (cell.id, "v000001")
    assert measurement.table == sample_table()
    assert again.check() == ()
    again.close()


def test_the_same_task_twice_is_one_and_another_of_its_name_is_refused(project: Project) -> None:
    project.add_task(TASK)
    project.add_task(TASK)
    assert project.tasks() == (TASK,)
    other = Task(name=TASK.name, classes=(TaskClass(name="cell", members=("cell",)),))
    with pytest.raises(ProjectError, match="already has a task 'Kern & Öl' with other classes"):
        project.add_task(other)
    with pytest.raises(ProjectError, match="has no task 'x'; its tasks are: 'Kern & Öl'"):
        project.task("x")


def test_a_network_that_moved_gets_its_new_place(project: Project, tmp_path: Path) -> None:
    first = project.add_network(sample_network_file(tmp_path), sample_card())
    (tmp_path / "net.sxtnet").rename(tmp_path / "moved.sxtnet")
    second = project.add_network(tmp_path / "moved.sxtnet", sample_card())
    assert second.id == first.id
    assert [Path(item.path).name for item in project.networks()] == ["moved.sxtnet"]
    with pytest.raises(ProjectError, match="has no network 'x'"):
        project.network_card("x")


def test_a_project_and_its_network_can_move_together(project: Project, tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    project.add_network(sample_network_file(tmp_path / "nets"), sample_card())
    project.close()
    target = tmp_path / "elsewhere"
    target.mkdir()
    project.path.rename(target / "study.sxt")
    (tmp_path / "nets").rename(target / "nets")
    with Project.open(target / "study.sxt") as moved:
        assert Path(moved.networks()[0].path) == target / "nets" / "net.sxtnet"
        assert moved.check() == ()


def test_a_cell_is_renamed_and_keeps_its_id(project: Project) -> None:
    cell = project.add_cell(sample_cell("a", 1))
    project.add_cell(sample_cell("b", 2))
    renamed = project.rename_cell("a", " c ")
    assert renamed == replace(cell, name="c")
    assert [item.name for item in project.cells()] == ["c", "b"]
    assert project.rename_cell("c", "c").name == "c"
    with pytest.raises(ProjectError, match="already has a cell 'b'"):
        project.rename_cell("c", "b")
    assert project.check() == ()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "needs a name"),
        ("a\nb", "cannot be the name of a cell"),
        ("\0", "cannot be the name of a cell"),
        ("\ud800", "cannot be the name of a cell"),
        ("x" * 201, "cannot be the name of a cell"),
        ("a", "already has a cell 'a'"),
    ],
)
def test_a_name_that_cannot_be_is_refused(project: Project, name: str, sentence: str) -> None:
    project.add_cell(sample_cell("a", 1))
    before = project.path.read_bytes()
    with pytest.raises(ProjectError, match=sentence):
        project.add_cell(sample_cell(name, 2))
    assert project.path.read_bytes() == before


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(min_size=1, max_size=30).filter(lambda text: text.strip().isprintable()))
def test_any_printable_name_comes_back(project: Project, name: str) -> None:
    if not name.strip() or any(cell.name == name.strip() for cell in project.cells()):
        return
    record = project.add_cell(sample_cell(name, 1, annotations=0, shape=(2, 3, 4)))
    assert project.cell(record.id).name == name.strip()


def test_what_is_not_there_is_named_in_a_sentence(project: Project) -> None:
    with pytest.raises(ProjectError, match="has no cell 'x'; its cells are: none yet"):
        project.cell("x")
    project.add_cell(sample_cell("a", 1, annotations=0))
    with pytest.raises(ProjectError, match="has no cell 'x'; its cells are: 'a'"):
        project.tomogram("x")
    with pytest.raises(ProjectError, match="has no labels yet"):
        project.label_map("a")
    with pytest.raises(ProjectError, match="no labels drawn or corrected by a person"):
        project.annotation("a")
    version = project.add_prediction("a", sample_prediction(1))
    with pytest.raises(ProjectError, match="is a prediction, not an annotation"):
        project.annotation("a", version.id)
    with pytest.raises(ProjectError, match="no label version 'v000009', only v000001"):
        project.label_map("a", "v000009")
    drawn = project.add_annotation("a", sample_annotation(1), kind="imported")
    with pytest.raises(ProjectError, match="is not a prediction, so it has no probabilities"):
        project.probabilities("a", drawn.id)


def _with_labels(labels_ZYX: np.ndarray, **changes: object) -> LabelMap:
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={1: "nucleus"}, voxel_size_um=VOXEL_UM)
    return replace(label_map, **changes)


@pytest.mark.parametrize(
    ("label_map", "sentence"),
    [
        (_with_labels(np.ones((20, 70, 8), np.uint8)), "labels must lie on the tomogram's own"),
        (_with_labels(np.full((20, 70, 9), 2, np.uint8)), "the label value 2 is used but stands"),
        (_with_labels(np.ones((20, 70, 9), np.int64)), "must be uint8 or uint16, not int64"),
        (
            _with_labels(np.ones((20, 70, 9), np.uint8), voxel_size_um=(1.0, 1.0, 1.0)),
            "give both the same voxel size",
        ),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    project: Project, label_map: LabelMap, sentence: str
) -> None:
    cell = sample_cell("a", 1, annotations=0)
    annotation = replace(sample_annotation(1), label_map=label_map)
    with pytest.raises(LabelError, match=sentence):
        project.add_cell(replace(cell, annotations=())) and project.add_annotation(
            "a", annotation, kind="imported"
        )
    assert project.cell("a").versions == ()


def test_a_prediction_without_a_map_for_each_class_is_refused(project: Project) -> None:
    project.add_cell(sample_cell("a", 1))
    prediction = sample_prediction(1)
    with pytest.raises(LabelError, match="it needs one map a class"):
        project.add_prediction(
            "a", replace(prediction, probability_KZYX=prediction.probability_KZYX[:1])
        )


def test_a_tomogram_of_another_type_is_refused(project: Project) -> None:
    cell = sample_cell("a", 1, annotations=0)
    doubled = replace(cell.tomogram, lac_ZYX=cell.tomogram.lac_ZYX.astype(np.float64))
    with pytest.raises(ProjectError, match="must be float32"):
        project.add_cell(replace(cell, tomogram=doubled))


def test_every_change_is_one_commit_with_a_row_of_history(project: Project) -> None:
    project.add_cell(sample_cell("a", 1, annotations=3))
    project.add_task(TASK)
    project.rename_cell("a", "b")
    entries = project.history()
    assert [entry.generation for entry in entries] == [1, 2, 3, 4]
    assert [entry.action for entry in entries] == [
        "create",
        "add cell",
        "add task",
        "rename cell",
    ]
    assert entries[-1].subject == "a → b"
    assert all(entry.user and entry.host and entry.time.endswith("+00:00") for entry in entries)


def test_an_exception_within_a_change_leaves_everything_as_it_was(project: Project) -> None:
    project.add_cell(sample_cell("a", 1))
    before = project.path.read_bytes()

    class BrokenArray(np.ndarray):
        def __getitem__(self, key: object):
            raise ZeroDivisionError("a bug while writing")

    cell = sample_cell("b", 2)
    broken_ZYX = cell.tomogram.lac_ZYX.view(BrokenArray)
    with pytest.raises(ZeroDivisionError):
        project.add_cell(replace(cell, tomogram=replace(cell.tomogram, lac_ZYX=broken_ZYX)))
    assert project.path.read_bytes() == before
    assert [item.name for item in project.cells()] == ["a"]
    project.add_cell(cell)
    assert [item.name for item in project.cells()] == ["a", "b"]
    assert project.check() == ()


def test_plain_h5py_reads_the_file_while_it_is_open(project: Project) -> None:
    cell = sample_cell("a", 1)
    record = project.add_cell(cell)
    with h5py.File(project.path, "r", locking=False) as root:
        assert root.attrs["format"] == "sxtstudio-project"
        assert (root.attrs["schema"], root.attrs["schema_min_reader"]) == (1, 1)
        assert root.attrs["axes"] == "ZYX"
        assert root.attrs["generation"] == 2
        assert {"app_version", "project_uuid", "created", "modified"} <= set(root.attrs)
        group = root["cells"][record.id]
        assert group.attrs["name"] == "a"
        assert json.loads(group.attrs["record"])["species"] == cell.species
        tomogram = group["tomogram"]
        assert np.array_equal(tomogram[()], cell.tomogram.lac_ZYX)
        assert tomogram.chunks == (20, 64, 9)
        assert tomogram.compression is None
        assert tomogram.attrs["sha256"] == record.lac_sha256
        assert tomogram.attrs["units"] == "1/um"
        labels = group["versions/v000001/labels"]
        assert (labels.compression, labels.compression_opts) == ("gzip", 1)


def test_the_file_ends_where_its_superblock_says(project: Project) -> None:
    for seed in range(3):
        project.add_cell(sample_cell(f"cell {seed}", seed))
        content = project.path.read_bytes()
        assert int.from_bytes(content[40:48], "little") == len(content)


def test_a_closed_project_says_so(project: Project) -> None:
    project.close()
    project.close()
    with pytest.raises(ProjectError, match="is closed"):
        project.cells()


def test_cells_that_were_read_before_are_read_again_after_every_change(project: Project) -> None:
    added = project.add_cell(sample_cell("one", 1, annotations=1, shape=(2, 3, 4)))
    first = project.cells()
    assert first == (added,)
    assert project.cells() is first
    renamed = project.rename_cell(added.id, "another name")
    assert project.cells() == (renamed,)
    assert (renamed.name, renamed.versions) == ("another name", added.versions)
