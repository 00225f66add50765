"""A share is not a disk: it may be read-only, full, gone, or something else altogether."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sxtstudio.core.errors import LibraryError
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery
from tests.library.samples import same_cell, sample_annotation, sample_cell

ALL = CellQuery(with_unused=True)
REPOSITORY = Path(__file__).parents[2]


def opened(folder: Path, tmp_path: Path) -> Library:
    return Library.open(folder, cache=tmp_path / "cache")


def test_what_is_no_library_is_not_opened(tmp_path: Path) -> None:
    file, empty = tmp_path / "file", tmp_path / "empty"
    file.write_text("x")
    empty.mkdir()
    for place, words in [
        (tmp_path / "nowhere", "there is no such folder; connect its drive"),
        (file, "is a file; open the folder of a library"),
        (empty, r"is no library, it has no library.json; choose the library's own folder"),
    ]:
        with pytest.raises(LibraryError, match=words):
            opened(place, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the library card in it cannot be read"),
        ("[1]", "the library card in it cannot be read"),
        ('{"format_version": 2, "format": "sxtstudio-library"}', "written by a newer SXT Studio"),
        ('{"format": "zoo", "uuid": "x", "name": ""}', "does not describe a library of SXT Studio"),
        (
            '{"format": "sxtstudio-library", "uuid": "../../../../etc/passwd", "name": ""}',
            "does not describe a library of SXT Studio",
        ),
    ],
)
def test_a_library_that_is_not_understood_is_not_opened(
    library: Library, tmp_path: Path, text: str, words: str
) -> None:
    (library.folder / "library.json").write_text(text)
    with pytest.raises(LibraryError, match=words):
        opened(library.folder, tmp_path)


def test_a_library_is_only_made_where_nothing_is(library: Library, tmp_path: Path) -> None:
    full, file, empty = tmp_path / "full", tmp_path / "file", tmp_path / "new" / "empty"
    full.mkdir()
    (full / "thesis.docx").write_text("x")
    file.write_text("x")
    for place, words in [
        (library.folder, "is a library already; open it"),
        (full, "is not empty; a library needs a folder of its own"),
        (file, "is a file; a library needs a folder of its own"),
        (file / "below", "cannot be written: a part of its path is not a folder"),
    ]:
        with pytest.raises(LibraryError, match=words):
            Library.create(place)
    with Library.create(empty, cache=tmp_path / "cache") as made:
        assert made.name == "empty"
        assert made.cells() == ()


def fill(library: Library) -> None:
    first = library.add_cell(sample_cell("a", 1))
    library.add_annotation(first.id, sample_annotation(5))


def test_where_nothing_can_be_added_everything_else_works(library: Library, tmp_path: Path) -> None:
    fill(library)
    shutil.rmtree(library.folder / "incoming")
    (library.folder / "incoming").write_text("a file in place of the folder")
    with Library.open(library.folder, cache=tmp_path / "other") as other:
        _check_reading(other, library)


def _check_reading(other: Library, library: Library) -> None:
    """Check that a library which cannot be written to does all but that."""
    assert other.read_only
    assert other.cells(ALL) == library.cells(ALL)
    cell = other.cell("a")
    assert same_cell(other.read_cell(cell.id), library.read_cell(cell.id))
    assert other.preview(cell.id).shape == (3, 96, 96)
    assert other.check() == ()
    for change in (
        lambda: other.add_cell(sample_cell("b", 2)),
        lambda: other.withdraw(cell.id, "blurred"),
        lambda: other.add_annotation(cell.id, sample_annotation(6)),
    ):
        with pytest.raises(LibraryError, match="can only be read here, so nothing can be added"):
            change()
    assert other.cells(ALL) == library.cells(ALL)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_folder_without_the_right_to_write_is_read(library: Library, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the administrator may write everywhere")
    fill(library)
    folders = [library.folder, *(path for path in library.folder.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        with Library.open(library.folder, cache=tmp_path / "other") as other:
            _check_reading(other, library)
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_the_right_to_write_may_come_back(library: Library, tmp_path: Path) -> None:
    incoming = library.folder / "incoming"
    incoming.rmdir()
    incoming.write_text("x")
    with Library.open(library.folder, cache=tmp_path / "other") as other:
        assert other.read_only
        incoming.unlink()
        other.add_cell(sample_cell("a", 1))
        assert not other.read_only


def test_a_share_that_vanishes_is_named_and_loses_nothing(library: Library, tmp_path: Path) -> None:
    fill(library)
    before, away = library.cells(ALL), tmp_path / "away"
    cell = library.cell("a")
    library.folder.rename(away)
    library.folder.mkdir()  # what is left of a share is often its empty folder
    for use in (
        lambda: library.read_cell(cell.id),
        lambda: library.preview(cell.id),
        library.check,
        library.refresh,
    ):
        with pytest.raises(LibraryError, match="cannot be reached any more; nothing is lost"):
            use()
    assert library.cells(ALL) == before
    library.folder.rmdir()
    for change in (
        lambda: library.add_cell(sample_cell("b", 2)),
        lambda: library.withdraw(cell.id, "blurred"),
    ):
        with pytest.raises(LibraryError, match="cannot be reached any more; nothing is lost"):
            change()
    assert not library.folder.exists()
    away.rename(library.folder)
    library.refresh()
    assert (library.cells(ALL), library.problems, library.check()) == (before, (), ())
    library.add_cell(sample_cell("b", 2))
    assert len(library.cells()) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that cannot be read by anyone")
def test_one_file_that_cannot_be_read_is_a_problem_only_as_long(
    library: Library, tmp_path: Path
) -> None:
    fill(library)
    path = max(library.folder.rglob("*.sxtcell"))
    kept = path.rename(tmp_path / "kept")
    path.symlink_to("/proc/self/mem")
    library.refresh()
    assert len(library.cells(ALL)) == 1
    assert [f"{path}: cannot be read" in text for text in library.problems] == [True]
    path.unlink()
    kept.rename(path)
    library.refresh()
    assert (len(library.cells(ALL)), library.problems) == (2, ())


def test_another_library_in_the_same_place_is_noticed(library: Library, tmp_path: Path) -> None:
    fill(library)
    library.folder.rename(tmp_path / "away")
    Library.create(library.folder, cache=tmp_path / "cache").close()
    with pytest.raises(LibraryError, match="is another library than before; open it anew"):
        library.refresh()
    assert len(library.cells(ALL)) == 2


def test_a_full_disk_leaves_nothing_behind(library: Library) -> None:
    first = library.add_cell(sample_cell("a", 1))
    before = sorted(library.folder.rglob("*"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (0, 100, 3000, 20_000, 40_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with pytest.raises(LibraryError, match=r"cannot be written: the (disk|file would be)"):
                library.add_cell(sample_cell("b", 2, shape=(30, 30, 30)))
            if size < 200:
                with pytest.raises(LibraryError, match="cannot be written"):
                    library.withdraw(first.id, "blurred")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        names = {path for path in library.folder.rglob("*") if path.is_file()}
        assert names == {path for path in before if path.is_file()}
        assert library.cells() == (first,)
    library.add_cell(sample_cell("b", 2, shape=(30, 30, 30)))
    assert library.check() == ()


ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from sxtstudio.core.errors import LibraryError
from sxtstudio.library.library import Library
from tests.library.samples import sample_cell
folder, cache = Path(sys.argv[1]) / "library", Path(sys.argv[2])
with Library.create(folder, cache=cache) as library:
    for seed in range(100):
        try:
            library.add_cell(sample_cell(f"cell {seed}", seed, shape=(20, 20, 20)))
        except LibraryError as error:
            assert "the disk is full" in str(error), error
            break
    assert 3 < len(library.cells()) < 60
    assert list((folder / "incoming").iterdir()) == []
with Library.open(folder, cache=cache.with_name("other")) as again:
    assert again.check() == (), again.check()
    assert len(again.cells()) == seed
"""
ON_A_READ_ONLY_DISK = """
import subprocess, sys
from pathlib import Path
from sxtstudio.library.library import Library
from tests.library.samples import sample_cell
from tests.library.test_share import _check_reading
folder, cache = Path(sys.argv[1]) / "library", Path(sys.argv[2])
with Library.create(folder, cache=cache) as library:
    library.add_cell(sample_cell("a", 1))
    subprocess.run(["mount", "-o", "remount,ro", sys.argv[1]], check=True)
    with Library.open(folder, cache=cache.with_name("other")) as other:
        _check_reading(other, library)
"""


@pytest.mark.parametrize("script", [ON_A_SMALL_DISK, ON_A_READ_ONLY_DISK])
def test_a_real_disk_that_is_full_or_read_only(tmp_path: Path, script: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=2m none '{disk}'"
    if subprocess.run(
        ["unshare", "-m", "sh", "-c", mount], capture_output=True, check=False
    ).returncode:
        pytest.skip("only the administrator can make a small disk")
    command = f"{mount} && exec '{sys.executable}' -c '{script}' '{disk}' '{tmp_path}/cache'"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr


def test_what_a_killed_program_left_half_written_goes_after_a_day(
    library: Library, tmp_path: Path
) -> None:
    old, young = (library.folder / "incoming" / f"{name}.tmp" for name in ("old", "young"))
    for path, hours in ((old, 25), (young, 23)):
        path.write_bytes(b"half")
        time_ns = path.stat().st_mtime_ns - hours * 3600 * 10**9
        os.utime(path, ns=(time_ns, time_ns))
    opened(library.folder, tmp_path).close()
    assert sorted((library.folder / "incoming").iterdir()) == [young]


def test_a_share_without_hard_links_is_written_to(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "link", refuse)
    first = library.add_cell(sample_cell("a", 1))
    library.withdraw(first.id, "blurred")
    path = library.folder / "cells" / first.id[:2] / f"{first.id}.sxtcell"
    path.write_bytes(path.read_bytes()[:-3])
    library.refresh()
    assert library.cells(ALL) == ()
    library.add_cell(sample_cell("a", 1))
    assert len(library.cells(ALL)) == 1
    assert library.check() == ()


def test_a_share_that_says_a_name_is_taken_by_what_it_has_just_written(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def link_and_forget(part: Path, target: Path) -> None:  # as NFS may, when an answer is lost
        link(part, target)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    monkeypatch.setattr(os, "link", link_and_forget)
    first = library.add_cell(sample_cell("a", 1))
    library.withdraw(first.id, "blurred")
    assert library.cells(ALL)[0].withdrawn == "blurred"
