"""Arrays of a project read without HDF5: the same values, from any thread, whatever the index."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.project.project import Project

SHAPE = (70, 131, 65)
VOXEL_UM = (0.05, 0.05, 0.05)


def lac() -> np.ndarray:
    return np.random.default_rng(3).random(SHAPE, np.float32)


def labels() -> np.ndarray:
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[10:66, 20:120, 3:64] = 2
    return labels_ZYX


@pytest.fixture(scope="module")
def project_path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("stored") / "p.sxt"
    label_map = LabelMap(labels_ZYX=labels(), names={2: "nucleus"}, voxel_size_um=VOXEL_UM)
    annotation = Annotation(label_map=label_map, complete=frozenset())
    tomogram = Tomogram(lac_ZYX=lac(), voxel_size_um=VOXEL_UM)
    with Project.create(path) as project:
        project.add_cell(Cell(name="c", tomogram=tomogram, annotations=(annotation,)))
    return path


@pytest.fixture(scope="module")
def project(project_path: Path):
    with Project.open(project_path) as opened:
        yield opened


def an_index(length: int) -> st.SearchStrategy[int | slice]:
    number = st.integers(-length, length - 1)
    part = st.builds(slice, number | st.none(), number | st.none(), st.integers(1, 9) | st.none())
    return number | part


INDEX = st.tuples(*map(an_index, SHAPE))


@given(index=INDEX)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_index_gives_the_values_that_were_stored(project: Project, index):
    tomogram = project.looking.tomogram(project.cell("c"))
    np.testing.assert_array_equal(tomogram.lac_ZYX[index], lac()[index])


@given(index=INDEX)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_labels_are_unpacked_without_hdf5(project: Project, index):
    stored_ZYX = project.looking.labels(project.cell("c"), "v000001")
    np.testing.assert_array_equal(stored_ZYX[index], labels()[index])


def test_an_index_outside_is_an_index_error(project: Project):
    with pytest.raises(IndexError, match="70"):
        project.looking.tomogram(project.cell("c")).lac_ZYX[70]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_every_plane_is_right_along_every_axis(project: Project, axis: int):
    lac_ZYX = project.looking.tomogram(project.cell("c")).lac_ZYX
    for index in range(SHAPE[axis]):
        plane = lac_ZYX.plane(axis, index)
        assert plane.flags.c_contiguous
        np.testing.assert_array_equal(plane, lac().take(index, axis))


def test_threads_read_while_the_project_commits(project_path: Path, tmp_path: Path):
    wrong: list[int] = []
    stop = threading.Event()
    copy = tmp_path / "copy.sxt"
    copy.write_bytes(project_path.read_bytes())
    with Project.open(copy) as project:
        lac_ZYX = project.looking.tomogram(project.cell("c")).lac_ZYX

        def look() -> None:
            while not stop.is_set():
                wrong.extend(z for z in range(0, 70, 9) if (lac_ZYX[z] != lac()[z]).any())

        thread = threading.Thread(target=look)
        thread.start()
        try:
            for number in range(12):
                project.rename_cell("c" if number == 0 else f"c{number - 1}", f"c{number}")
        finally:
            stop.set()
            thread.join()
    assert wrong == []


def test_a_file_that_lost_its_end_is_a_sentence(project_path: Path, tmp_path: Path):
    copy = tmp_path / "copy.sxt"
    copy.write_bytes(project_path.read_bytes())
    with Project.open(copy, read_only=False) as project:
        lac_ZYX = project.looking.tomogram(project.cell("c")).lac_ZYX
        stored_ZYX = project.looking.labels(project.cell("c"), "v000001")
    with copy.open("r+b") as file:
        file.truncate(4096)
    for values_ZYX in (lac_ZYX, stored_ZYX):
        with pytest.raises(ProjectError, match="values cannot be read"):
            values_ZYX[0]


def test_a_project_opened_read_only_gives_a_tomogram_in_memory(project_path: Path):
    with Project.open(project_path, read_only=True) as project:
        assert isinstance(project.looking.tomogram(project.cell("c")).lac_ZYX, np.ndarray)
