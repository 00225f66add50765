"""A tomogram may stay in its own file: the library knows where, and what it was."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import FileError, LibraryError
from sxtstudio.core.volume import Tomogram, Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.library.library import Library
from tests.library.samples import VOXEL_UM, same_cell, sample_annotation, sample_cell

SHAPE = (40, 30, 20)


@pytest.fixture
def stored(library: Library) -> tuple[Cell, Path]:
    """A cell, and its file beside the library with whole numbers: LAC is a hundredth of them."""
    rng = np.random.default_rng(3)
    values_ZYX = rng.integers(-20, 90, SHAPE).astype(np.int16)
    path = library.folder.parent / "old work" / "a.h5"
    path.parent.mkdir()
    write_volume(path, Volume(values_ZYX=values_ZYX, voxel_size_um=VOXEL_UM))
    lac_ZYX = values_ZYX.astype(np.float32) * np.float32(0.01)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM)
    return replace(sample_cell("a", 1, shape=SHAPE), tomogram=tomogram), path


def test_a_linked_tomogram_is_read_from_its_file(
    library: Library, stored: tuple[Cell, Path]
) -> None:
    cell, path = stored
    added = library.add_cell(cell, link=path)
    (file,) = library.folder.rglob("*.sxtcell")
    assert file.stat().st_size < cell.tomogram.lac_ZYX.nbytes
    assert same_cell(library.read_cell(added.id), cell)
    assert library.check() == ()
    assert library.add_cell(cell).id == added.id


def test_a_new_version_of_a_linked_cell_is_linked_too(
    library: Library, stored: tuple[Cell, Path]
) -> None:
    cell, path = stored
    added = library.add_cell(cell, link=path)
    newer = library.add_annotation(added.id, sample_annotation(9, SHAPE))
    assert np.array_equal(library.read_cell(newer.id).tomogram.lac_ZYX, cell.tomogram.lac_ZYX)
    assert sum(file.stat().st_size for file in library.folder.rglob("*.sxtcell")) < 150_000


def test_library_and_linked_file_may_move_together(
    library: Library, stored: tuple[Cell, Path], tmp_path: Path
) -> None:
    cell, path = stored
    added = library.add_cell(cell, link=path)
    (tmp_path / "moved").mkdir()
    for folder in (library.folder, path.parent):
        shutil.move(folder, tmp_path / "moved" / folder.name)
    with Library.open(tmp_path / "moved" / library.folder.name, cache=tmp_path / "c") as moved:
        assert same_cell(moved.read_cell(added.id), cell)


def test_a_linked_file_that_is_missing_or_changed_is_named(
    library: Library, stored: tuple[Cell, Path]
) -> None:
    cell, path = stored
    added = library.add_cell(cell, link=path)
    kept = path.rename(path.with_name("kept"))
    with pytest.raises(LibraryError, match=r"a\.h5: a cell of the library .* missing; put it back"):
        library.read_cell(added.id)
    (found,) = library.check()
    assert "missing" in found
    values_ZYX = np.ones(SHAPE, np.int16)
    write_volume(path, Volume(values_ZYX=values_ZYX, voxel_size_um=VOXEL_UM))
    with pytest.raises(LibraryError, match=r"a\.h5: has changed since the cell 'a' was added"):
        library.read_cell(added.id)
    kept.replace(path)
    assert library.check() == ()


def test_a_file_with_something_else_is_not_linked(
    library: Library, stored: tuple[Cell, Path]
) -> None:
    cell, path = stored
    other_ZYX = cell.tomogram.lac_ZYX.copy()
    other_ZYX[5, 5, 5] += 0.01
    others = [
        replace(cell, tomogram=Tomogram(lac_ZYX=other_ZYX, voxel_size_um=VOXEL_UM)),
        sample_cell("b", 2, shape=(40, 30, 21)),
    ]
    for other in others:
        with pytest.raises(LibraryError, match="does not hold this tomogram"):
            library.add_cell(other, link=path)
    with pytest.raises(LibraryError, match="there is no such file"):
        library.add_cell(cell, link=path.with_name("b.h5"))
    assert library.cells() == ()


def test_a_tomogram_of_zeros_can_be_linked(library: Library, tmp_path: Path) -> None:
    zeros_ZYX = np.zeros((3, 4, 5), np.float32)
    write_volume(tmp_path / "a.mrc", Volume(values_ZYX=zeros_ZYX, voxel_size_um=VOXEL_UM))
    tomogram = Tomogram(lac_ZYX=zeros_ZYX, voxel_size_um=VOXEL_UM)
    added = library.add_cell(Cell(name="void", tomogram=tomogram), link=tmp_path / "a.mrc")
    assert not library.read_cell(added.id).tomogram.lac_ZYX.any()


def test_one_of_several_datasets_is_linked(library: Library, tmp_path: Path) -> None:
    import h5py

    cell = sample_cell("a", 1, annotations=0)
    path = tmp_path / "two.h5"
    with h5py.File(path, "w") as file:
        file["good"] = cell.tomogram.lac_ZYX
        file["other"] = cell.tomogram.lac_ZYX + 1
    with pytest.raises((LibraryError, FileError), match="does not say which dataset"):
        library.add_cell(cell, link=path)
    added = library.add_cell(cell, link=path, link_dataset="/good")
    assert same_cell(library.read_cell(added.id), cell)
