"""A library keeps what it is given, and nothing of it is changed or lost."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from sxtstudio.library.library import Library
from tests.library.samples import same_cell, sample_annotation, sample_cell


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "shared", "Alga", cache=tmp_path / "cache")


def test_a_cell_comes_back_as_it_was(library: Library) -> None:
    cell = sample_cell("a", 1, annotations=2)
    added = library.add_cell(cell, source="old/a.rec", author="Ada")
    assert same_cell(library.read_cell(added.id), cell)
    assert (added.source, added.author, added.kind) == (
        "old/a.rec",
        "Ada",
        "Chlamydomonas reinhardtii, cw15",
    )
    assert library.check() == ()
    assert library.problems == ()


def test_the_same_content_is_the_same_file_whoever_adds_it(library: Library) -> None:
    first = library.add_cell(sample_cell("a", 1), author="Ada", source="here")
    assert library.add_cell(sample_cell("a", 1), author="Ben", source="there") == first
    assert len(list((library.folder / "cells").rglob("*.sxtcell"))) == 1


def test_plain_hdf5_programs_read_a_cell(library: Library) -> None:
    cell = sample_cell("a", 1)
    added = library.add_cell(cell)
    path = library.folder / "cells" / added.id[:2] / f"{added.id}.sxtcell"
    with h5py.File(path, "r") as file:
        assert file.attrs["format"] == b"sxtstudio-cell"
        assert np.array_equal(file["tomogram"][()], cell.tomogram.lac_ZYX)
        labels = file["annotations/0/labels"]
        assert np.array_equal(labels[()], cell.annotations[0].label_map.labels_ZYX)
        assert labels.attrs["class_names"] == b"1=nucleus, 2=mitochondria"


def test_a_new_annotation_makes_a_version_without_copying_the_tomogram(library: Library) -> None:
    old = library.add_cell(sample_cell("a", 1, shape=(40, 40, 40)))
    new = library.add_annotation(old.id, sample_annotation(9, (40, 40, 40)), "Ben")
    assert library.cell(old.id).superseded_by == new.id
    assert [cell.id for cell in library.cells()] == [new.id]
    assert len(library.read_cell(new.id).annotations) == 2
    sizes = {path.stem: path.stat().st_size for path in library.folder.rglob("*.sxtcell")}
    assert sizes[new.id] < sizes[old.id] - 4 * 40**3 + 60_000
    assert library.check() == ()
