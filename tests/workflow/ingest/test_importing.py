"""What a review says comes into a library, once, and the cells that fail do not stop the others."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import LibraryError
from sxtstudio.core.events import Cancelled, Event, Notice, Progress
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery
from sxtstudio.workflow.ingest.corrections import (
    set_complete,
    set_lac_per_unit,
    set_specimen,
    set_take,
    set_term,
    set_voxel_size,
)
from sxtstudio.workflow.ingest.importing import ingest
from sxtstudio.workflow.ingest.proposals import Review
from tests.workflow.cells import VOXEL_UM
from tests.workflow.ingest.files import (
    NAMES,
    ONTOLOGY,
    SHAPE,
    labels,
    lac,
    scanned,
    write,
    write_hdf5,
    write_pair,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library", cache=tmp_path / "cache") as made:
        yield made


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Three cells as files."""
    for number, name in enumerate("abc"):
        write_pair(tmp_path / "old", name, seed=number)
    return tmp_path / "old"


def read(library: Library, name: str) -> Cell:
    return library.read_cell(library.cell(name).id)


def test_cells_arrive_with_all_that_the_review_says(library: Library, old: Path) -> None:
    review = set_specimen(scanned(old), "species", "yeast")
    review = set_complete(review, "lipid bodies", False, names=["b"])
    result = ingest(review, library, author="Anna")
    assert result.added == ("a", "b", "c")
    assert (result.skipped, result.failed) == ((), {})
    for number, name in enumerate("abc"):
        cell = read(library, name)
        np.testing.assert_array_equal(cell.tomogram.lac_ZYX, lac(number))
        assert cell.tomogram.voxel_size_um == pytest.approx(VOXEL_UM)
        assert cell.species == "yeast"
        (annotation,) = cell.annotations
        np.testing.assert_array_equal(annotation.label_map.labels_ZYX, labels())
        assert annotation.label_map.names == {1: "nucleus", 2: "lipid"}
        assert annotation.complete == ({"nucleus"} if name == "b" else {"nucleus", "lipid"})
        assert annotation.author == "Anna"
    source = library.cell("a").source
    assert str(old / "a.mrc") in source
    assert "voxel size: stated in the tomogram's file" in source
    assert "LAC: stated in the file" in source
    assert source.count("voxel size") == 1


def test_units_given_by_the_user_are_used_and_recorded(library: Library, tmp_path: Path) -> None:
    write(tmp_path / "o" / "a.tif", np.round(lac() * 100).astype(np.uint8), size=None)
    write(tmp_path / "o" / "a_labels.am", labels(), names={1: "Kern", 2: "LD"}, size=None)
    review = set_voxel_size(scanned(tmp_path / "o"), (0.03, 0.03, 0.03))
    assert ingest(review, library).added == ()
    review = set_term(set_lac_per_unit(review, 0.01), "Kern", "nucleus", ONTOLOGY)
    assert ingest(review, library).added == ("a",)
    cell = read(library, "a")
    np.testing.assert_allclose(cell.tomogram.lac_ZYX, lac(), atol=0.0051)
    assert cell.tomogram.voxel_size_um == (0.03, 0.03, 0.03)
    assert "LAC: as given by the user" in library.cell("a").source


def test_a_second_time_nothing_is_read_and_all_is_skipped(library: Library, old: Path) -> None:
    review = scanned(old)
    ingest(review, library)
    times = {path: path.stat() for path in old.iterdir()}
    for path, before in times.items():
        # Same size and time, other bytes: whoever reads them will fail.
        path.write_bytes(b"\0" * before.st_size)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    result = ingest(review, library)
    assert result.skipped == ("a", "b", "c")
    assert (result.added, result.failed) == ((), {})


def test_of_what_two_people_took_in_at_once_one_stays_in_use(
    library: Library, old: Path, tmp_path: Path
) -> None:
    review = scanned(old)
    with Library.create(tmp_path / "other", cache=tmp_path / "cache") as other:
        ingest(review, other, author="Bert")  # as if it had gone into the same library unseen
        ingest(review, library, author="Ada")
        for path in (other.folder / "cells").rglob("*.sxtcell"):
            target = library.folder / "cells" / path.parent.name / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    write_pair(old, "d", seed=3)
    ingest(scanned(old), library, author="Ada")
    assert [cell.name for cell in library.cells()] == ["a", "b", "c", "d"]
    assert len(library.cells(CellQuery(with_unused=True))) == 7
    assert library.check() == ()


def test_what_was_stopped_goes_on_where_it_stopped(library: Library, old: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.text == "Taking in c":
            raise Cancelled

    with pytest.raises(Cancelled):
        ingest(scanned(old), library, stop)
    assert [cell.name for cell in library.cells()] == ["a", "b"]
    result = ingest(scanned(old), library)
    assert result.skipped == ("a", "b")
    assert result.added == ("c",)


def test_a_cell_that_fails_is_named_and_the_others_go_on(library: Library, old: Path) -> None:
    review = scanned(old)
    (old / "a.mrc").write_bytes((old / "a.mrc").read_bytes()[:3000])
    (old / "b_labels.am").unlink()
    events: list[Event] = []
    result = ingest(review, library, events.append)
    assert result.added == ("c",)
    assert set(result.failed) == {"a", "b"}
    assert "is cut off" in result.failed["a"]
    assert "there is no such file" in result.failed["b"]
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert len(notices) == 2
    fractions = [event.fraction or 0 for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_only_what_is_to_be_taken_is_taken(library: Library, old: Path) -> None:
    assert ingest(set_take(scanned(old), False, names=["b"]), library).added == ("a", "c")


def test_a_nan_that_no_sample_showed_fails_that_cell(library: Library, tmp_path: Path) -> None:
    values_ZYX = lac()
    values_ZYX[3, 4, 5] = np.inf
    write(tmp_path / "o" / "a.mrc", values_ZYX, lac_per_unit=1.0)
    write(tmp_path / "o" / "a_labels.am", labels(), names=NAMES)
    review = scanned(tmp_path / "o")
    review = replace(review, rows=tuple(replace(row, faults=()) for row in review.rows))
    assert "1 of 13440 voxels hold no number" in ingest(review, library).failed["a"]


def test_a_sparse_annotation_stays_sparse(library: Library, tmp_path: Path) -> None:
    sparse_ZYX = np.zeros(SHAPE, np.uint8)
    sparse_ZYX[4::3] = labels()[4::3]
    write(tmp_path / "o" / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "o" / "a_labels.am", sparse_ZYX, names=NAMES)
    review = scanned(tmp_path / "o")
    drawn = review.rows[0].drawn
    assert drawn is not None
    planes = list(drawn.planes[0])
    assert set(planes) == set(np.flatnonzero(sparse_ZYX.any((1, 2))).tolist())
    ingest(review, library)
    (annotation,) = read(library, "a").annotations
    assert annotation.label_map.names == {1: "nucleus", 2: "lipid", 3: "ignore"}
    kept_ZYX = annotation.label_map.labels_ZYX
    np.testing.assert_array_equal(kept_ZYX[planes], sparse_ZYX[planes])
    assert (np.delete(kept_ZYX, planes, axis=0) == 3).all()
    assert "nucleus" in annotation.complete
    facts = library.cell("a").annotations[0].facts
    assert facts.voxels[3] == (SHAPE[0] - len(planes)) * SHAPE[1] * SHAPE[2]


def test_masks_in_several_files_become_annotations_of_one_cell(
    library: Library, tmp_path: Path
) -> None:
    write(tmp_path / "o" / "cell7" / "raw.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "o" / "cell7" / "nucleus.mrc", (labels() == 1).astype(np.uint8) * 255)
    masks = {"ld": (labels() == 2).astype(np.uint8)}
    write_hdf5(tmp_path / "o" / "cell7" / "lipid.h5", masks)
    assert ingest(scanned(tmp_path / "o"), library).added == ("cell7",)
    found = {
        (value, name, int((one.label_map.labels_ZYX == value).sum()), one.complete)
        for one in read(library, "cell7").annotations
        for value, name in one.label_map.names.items()
    }
    assert found == {
        (255, "nucleus", int((labels() == 1).sum()), frozenset({"nucleus"})),
        (1, "lipid", int((labels() == 2).sum()), frozenset({"lipid"})),
    }


def test_two_materials_of_one_term_become_one_class(library: Library, tmp_path: Path) -> None:
    write(tmp_path / "o" / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "o" / "a_labels.am", labels(), names={1: "nucleus", 2: "nucleus1"})
    review = set_complete(scanned(tmp_path / "o"), "nucleus1", False)
    assert ingest(review, library).added == ("a",)
    (annotation,) = read(library, "a").annotations
    assert set(annotation.label_map.names.values()) == {"nucleus"}
    assert annotation.complete == frozenset()


def test_the_labels_of_a_second_project_are_added_to_the_same_cell(
    library: Library, tmp_path: Path
) -> None:
    write_pair(tmp_path / "o" / "first")
    write(tmp_path / "o" / "second" / "cell7.tif", lac(), lac_per_unit=1.0)
    write(tmp_path / "o" / "second" / "cell7_labels.am", labels(), names={1: "vacuole", 2: "LD"})
    review = set_specimen(scanned(tmp_path / "o"), "species", "yeast", names=["first cell7"])
    assert ingest(review, library).added == ("first cell7", "second cell7")
    (cell,) = library.cells()
    assert cell.name == "first cell7"
    assert cell.species == "yeast"
    names = [dict(one.facts.names) for one in cell.annotations]
    assert names == [{1: "nucleus", 2: "lipid"}, {1: "vacuole", 2: "lipid"}]
    assert len(library.cells(CellQuery(with_unused=True))) == 2
    assert ingest(review, library).skipped == ("first cell7", "second cell7")


def test_the_same_labels_under_another_name_add_nothing(library: Library, tmp_path: Path) -> None:
    write_pair(tmp_path / "o" / "first")
    ingest(scanned(tmp_path / "o" / "first"), library)
    write_pair(tmp_path / "o" / "second", "copy")
    result = ingest(scanned(tmp_path / "o" / "second"), library)
    assert [len(cell.annotations) for cell in library.cells()] == [1]
    assert result.added + result.skipped == ("copy",)


def test_a_corrected_review_supersedes_what_it_brought_before(library: Library, old: Path) -> None:
    review = scanned(old)
    ingest(review, library)
    corrected = set_term(review, "nucleus", "vacuole", ONTOLOGY, names=["a"])
    corrected = set_lac_per_unit(corrected, 0.5, names=["b"])
    result = ingest(corrected, library)
    assert (result.added, result.skipped) == (("a", "b"), ("c",))
    assert [cell.name for cell in library.cells()] == ["a", "b", "c"]
    assert dict(library.cell("a").annotations[0].facts.names) == {1: "vacuole", 2: "lipid"}
    np.testing.assert_allclose(read(library, "b").tomogram.lac_ZYX, lac(1) * 0.5)
    assert [len(cell.annotations) for cell in library.cells()] == [1, 1, 1]


def test_labels_drawn_further_since_supersede_the_older_ones(library: Library, old: Path) -> None:
    ingest(scanned(old), library)
    more_ZYX = labels()
    more_ZYX[0] = 2
    write(old / "a_labels.am", more_ZYX, names=NAMES)
    assert ingest(scanned(old), library).added == ("a",)
    (annotation,) = read(library, "a").annotations
    np.testing.assert_array_equal(annotation.label_map.labels_ZYX, more_ZYX)


def test_a_withdrawn_cell_is_not_brought_back(library: Library, old: Path) -> None:
    ingest(scanned(old), library)
    library.withdraw(library.cell("a").id, "not a cell")
    assert ingest(scanned(old), library).skipped == ("a", "b", "c")
    assert [cell.name for cell in library.cells()] == ["b", "c"]


def test_a_term_that_the_library_does_not_know_fails_that_cell(library: Library, old: Path) -> None:
    review = scanned(old)
    row = review.row("a")
    strange = replace(row, values=(replace(row.values[0], term="crystalloid"), *row.values[1:]))
    result = ingest(Review(folder=old, rows=(strange, *review.rows[1:])), library)
    assert "knows no class 'crystalloid'" in result.failed["a"]
    assert result.added == ("b", "c")


def test_a_library_that_went_away_ends_the_ingest(library: Library, old: Path) -> None:
    def unplug(event: Event) -> None:
        if isinstance(event, Progress) and event.text == "Taking in b":
            library.folder.rename(library.folder.with_name("gone"))

    with pytest.raises(LibraryError):
        ingest(scanned(old), library, unplug)


def test_nothing_to_take_is_no_error(library: Library, tmp_path: Path) -> None:
    result = ingest(Review(folder=tmp_path), library)
    assert (result.added, result.skipped, result.failed) == ((), (), {})
