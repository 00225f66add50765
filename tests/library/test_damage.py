"""Files on a share may be half-copied, damaged or foreign: they are named and skipped."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import LibraryError
from sxtstudio.library.library import Library
from tests.library.samples import SHAPE, same_cell, sample_cell
from tests.library.sealing import END, change_and_seal


def cell_files(library: Library) -> list[Path]:
    return sorted(library.folder.rglob("*.sxtcell"))


@pytest.fixture
def shelf(library: Library) -> tuple[Library, Path]:
    """A library with two cells, and the file of the first."""
    first = library.add_cell(sample_cell("a", 1))
    library.add_cell(sample_cell("b", 2))
    return library, library.folder / "cells" / first.id[:2] / f"{first.id}.sxtcell"


def is_skipped(library: Library, words: str) -> bool:
    """Tell whether only "b" is listed, and the one problem says why."""
    library.refresh()
    (problem,) = library.problems
    return [cell.name for cell in library.cells()] == ["b"] and words in problem


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_half_copied_cell_is_reported_and_taken_once_it_is_whole(
    shelf: tuple[Library, Path], part: float
) -> None:
    library, path = shelf
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    assert is_skipped(library, f"{path}: is incomplete, or no cell of SXT Studio; copy it again")
    path.write_bytes(content)
    library.refresh()
    assert (len(library.cells()), library.problems, library.check()) == (2, (), ())


def test_a_copy_that_has_its_length_but_not_its_content_is_reported(
    shelf: tuple[Library, Path],
) -> None:
    library, path = shelf
    content = path.read_bytes()
    path.write_bytes(content[:5000].ljust(len(content), b"\0"))
    assert is_skipped(library, "is incomplete")


def test_a_damaged_cell_is_mended_by_adding_it_again(shelf: tuple[Library, Path]) -> None:
    library, path = shelf
    path.write_bytes(path.read_bytes()[:-1])
    assert is_skipped(library, "is incomplete")
    added = library.add_cell(sample_cell("a", 1))
    assert (len(library.cells()), library.problems) == (2, ())
    assert same_cell(library.read_cell(added.id), sample_cell("a", 1))


def test_a_damaged_tomogram_is_stored_again_rather_than_linked_to(
    shelf: tuple[Library, Path],
) -> None:
    library, path = shelf
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    library.refresh()
    again = replace(sample_cell("a", 1), name="again")
    added = library.add_cell(again)
    assert same_cell(library.read_cell(added.id), again)


def test_files_that_are_no_cells_are_reported(shelf: tuple[Library, Path]) -> None:
    library, path = shelf
    (path.parent / "notes.txt").write_text("ask Ada")
    (path.parent / ".DS_Store").write_bytes(b"\0")
    with h5py.File(path.parent / f"{'0' * 64}.sxtcell", "w") as file:
        file["tomogram"] = np.zeros((3, 3, 3), np.float32)
    library.refresh()
    assert len(library.cells()) == 2
    assert len(library.problems) == 2
    assert all("no cell of SXT Studio" in problem for problem in library.problems)


def test_a_cell_under_another_name_or_in_another_folder_is_reported(
    shelf: tuple[Library, Path],
) -> None:
    library, path = shelf
    shutil.copy(path, path.with_name(f"{'0' * 64}.sxtcell"))
    elsewhere = path.parent.with_name("zz") / path.name
    elsewhere.parent.mkdir()
    shutil.copy(path, elsewhere)
    library.refresh()
    assert len(library.cells()) == 2
    assert len(library.problems) == 2
    assert all("not the one that its name stands for" in text for text in library.problems)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_changed_byte_goes_unnoticed(shelf: tuple[Library, Path], data: st.DataObject) -> None:
    library, path = shelf
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1), label="byte")
    content[at] ^= data.draw(st.integers(1, 255), label="change")
    good = path.read_bytes()
    path.write_bytes(content)
    try:
        found = library.check()
        assert len(found) == 1
        assert str(path) in found[0]
        with pytest.raises(LibraryError):
            library.read_cell(path.stem)
    finally:
        path.write_bytes(good)


def in_another_file(file: h5py.File, kind: str, secret: Path) -> None:
    del file["tomogram"]
    if kind == "external link":
        file["tomogram"] = h5py.ExternalLink(str(secret), "/secret")
    elif kind == "soft link":
        file["hidden"] = h5py.ExternalLink(str(secret), "/secret")
        file["tomogram"] = h5py.SoftLink("/hidden")
    elif kind == "virtual":
        layout = h5py.VirtualLayout(SHAPE, "<f4")
        layout[:] = h5py.VirtualSource(str(secret), "secret", SHAPE)
        file.create_virtual_dataset("tomogram", layout)
    else:
        raw = [(str(secret.with_suffix(".raw")), 0, 4 * int(np.prod(SHAPE)))]
        file.create_dataset("tomogram", SHAPE, "<f4", external=raw)


@pytest.mark.parametrize("kind", ["external link", "soft link", "virtual", "external storage"])
def test_nothing_outside_the_file_is_read(
    shelf: tuple[Library, Path], kind: str, tmp_path: Path
) -> None:
    library, path = shelf
    lac_ZYX = sample_cell("a", 1).tomogram.lac_ZYX  # even where it would be the right content
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["secret"] = lac_ZYX
    secret.with_suffix(".raw").write_bytes(lac_ZYX.tobytes())
    change_and_seal(path, lambda file: in_another_file(file, kind, secret))
    library.refresh()
    with pytest.raises(LibraryError, match=r"is not built like a cell .*does not lie in it\)"):
        library.read_cell(path.stem)


def as_group(file: h5py.File) -> None:
    del file["tomogram"]
    file.create_group("tomogram")


def as_references(file: h5py.File) -> None:
    del file["tomogram"]
    file.create_dataset("tomogram", SHAPE, h5py.ref_dtype, chunks=SHAPE)


def of_another_shape(file: h5py.File) -> None:
    del file["tomogram"]
    file.create_dataset("tomogram", (7, 70, 8), "<f4", chunks=(7, 64, 8))


def with_another_filter(file: h5py.File) -> None:
    lac_ZYX = file["tomogram"][()]
    del file["tomogram"]
    file.create_dataset("tomogram", data=lac_ZYX, chunks=SHAPE, compression="lzf")


def with_other_values(file: h5py.File) -> None:
    file["tomogram"][0, 0, 0] += 1


def with_other_labels(file: h5py.File) -> None:
    labels = file["annotations/0/labels"]
    labels[0, 0, 0] = (labels[0, 0, 0] + 1) % 3


def with_a_bomb(file: h5py.File) -> None:
    dtype, chunk = np.uint8, file["annotations/0/labels"].chunks
    del file["annotations/0/labels"]
    bomb = file.create_dataset("annotations/0/labels", SHAPE, dtype, chunks=chunk, compression=1)
    import zlib

    for row in (0, 35):
        bomb.id.write_direct_chunk((0, row, 0), zlib.compress(bytes(2**20)))


def without_a_chunk(file: h5py.File) -> None:
    chunk = file["annotations/0/labels"].chunks
    del file["annotations/0/labels"]
    file.create_dataset("annotations/0/labels", SHAPE, np.uint8, chunks=chunk, compression=1)


def without_labels(file: h5py.File) -> None:
    del file["annotations"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (as_group, "/tomogram does not lie in it"),
        (as_references, "/tomogram is object of"),
        (of_another_shape, r"/tomogram is float32 of \(7, 70, 8\)"),
        (with_another_filter, "compressed in another way"),
        (with_other_values, "the values of its tomogram have changed"),
        (with_other_labels, "the values of its labels of annotation 0 have changed"),
        (with_a_bomb, "has a chunk of another size than it says"),
        (without_a_chunk, "has a chunk of 0 bytes"),
        (without_labels, "does not lie in it"),
    ],
)
def test_a_file_that_is_not_built_like_a_cell_is_refused(
    shelf: tuple[Library, Path], change: Callable[[h5py.File], None], words: str
) -> None:
    library, path = shelf
    change_and_seal(path, change)
    library.refresh()
    with pytest.raises(LibraryError, match=words):
        library.read_cell(path.stem)
    (found,) = library.check()
    assert str(path) in found


def change_record(path: Path, old: str, new: str) -> None:
    """Replace words of the record, of the same length."""
    assert len(old) == len(new)

    def change(file: h5py.File) -> None:
        text = file["record"][()].tobytes()
        assert text.count(old.encode()) == 1
        file["record"][()] = np.frombuffer(text.replace(old.encode(), new.encode()), np.uint8)

    change_and_seal(path, change)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"name": "a"', '"name": "x"', "not the one that its name stands for"),
        ('"name": "a"', '"name": ""\n', "cannot be true"),
        ('"format_version": 1', '"format_version": 9', "written by a newer SXT Studio"),
        ('"shape"', '"shave"', "the stored cell in it cannot be read"),
        ("    7,\n    70,\n", "    0,\n    70,\n", "cannot be true"),
        ("    0.036,", "   -0.036,", "a voxel edge of -36 nm cannot be true"),
        ('"lac_sha256": "aefa', '"lac_sha256": "AEFA', "cannot be true"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused(
    shelf: tuple[Library, Path], old: str, new: str, words: str
) -> None:
    library, path = shelf
    change_record(path, old, new)
    assert is_skipped(library, words)


def test_false_counts_are_found_by_checking(shelf: tuple[Library, Path]) -> None:
    library, path = shelf
    count = library.cell("a").annotations[0].facts.voxels[1]
    change_record(path, f'"1": {count}', f'"1": {count + 1}')
    (found,) = library.check()
    assert found.endswith("what it says of annotation 0 is not what its labels show.")


@pytest.mark.parametrize("field", [0, 1, 2])
def test_an_end_that_points_beyond_the_file_is_refused(
    shelf: tuple[Library, Path], field: int
) -> None:
    library, path = shelf
    content = path.read_bytes()
    places = list(END.unpack(content[-END.size :]))
    places[field] = len(content) + 10**6
    path.write_bytes(content[: -END.size] + END.pack(*places))
    assert is_skipped(library, "its parts lie behind its end")


def test_a_changed_preview_is_noticed(shelf: tuple[Library, Path]) -> None:
    library, path = shelf

    def whiten(file: h5py.File) -> None:
        file["preview"][0, 40:50] = 255

    change_and_seal(path, whiten)
    library.refresh()
    with pytest.raises(LibraryError, match="its preview has changed"):
        library.preview(path.stem)
