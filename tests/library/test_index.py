"""The index is only a cache: whatever becomes of it, the library says the same."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sxtstudio.core.errors import LibraryError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.library.library import Library, default_cache
from sxtstudio.library.records import CellQuery
from tests.library.samples import sample_annotation, sample_cell

ALL = CellQuery(with_unused=True)


@pytest.fixture
def shared(library: Library) -> Library:
    """A library with some of everything, whose index lies in ``cache``."""
    cells = [library.add_cell(sample_cell(name, seed)) for seed, name in enumerate("abc")]
    library.add_annotation(cells[0].id, sample_annotation(7), "Ben")
    library.withdraw(cells[1].id, "blurred", "Ada")
    return library


def index_of(library: Library) -> Path:
    return library.folder.parent / "cache" / f"{library.uuid}.sqlite"


def reopened(library: Library, cache: str = "cache") -> Library:
    return Library.open(library.folder, cache=library.folder.parent / cache)


def spoil_unseen(path: Path) -> None:
    """Spoil a file so that only reading it tells: its size and time stay."""
    facts = path.stat()
    path.write_bytes(bytes(facts.st_size))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def nothing(path: Path) -> None: ...


def garbage(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\x5a" * 9000)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def of_a_newer_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def of_something_else(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE file")
        connection.execute("CREATE TABLE file (song TEXT)")
    connection.close()


def with_nonsense_in_it(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE file SET text = '{}'")
    connection.close()


@pytest.mark.parametrize(
    "harm", [nothing, Path.unlink, garbage, cut_off, of_a_newer_program, of_something_else,
             with_nonsense_in_it],
)  # fmt: skip
def test_a_harmed_index_is_made_anew_without_a_word(
    shared: Library, harm: Callable[[Path], None]
) -> None:
    expected = shared.cells(ALL)
    shared.close()
    harm(index_of(shared))
    for _ in range(2):
        with reopened(shared) as again:
            assert again.cells(ALL) == expected
            assert again.problems == ()


def test_an_index_made_anew_equals_one_that_grew(shared: Library) -> None:
    with reopened(shared, "other") as other:
        assert other.cells(ALL) == shared.cells(ALL)
        assert [other.history(cell.id) for cell in other.cells(ALL)] == [
            shared.history(cell.id) for cell in shared.cells(ALL)
        ]
    tables = []
    for cache in ("cache", "other"):
        path = shared.folder.parent / cache / f"{shared.uuid}.sqlite"
        with sqlite3.connect(path) as connection:
            tables.append(sorted(connection.execute("SELECT * FROM file")))
        connection.close()
    assert tables[0] == tables[1]
    assert len(tables[0]) == 4 + 2


def test_only_new_and_changed_files_are_read(shared: Library) -> None:
    expected = shared.cells(ALL)
    with reopened(shared, "other") as other:
        for path in [*shared.folder.rglob("*.sxtcell"), *shared.folder.rglob("2*.json")]:
            spoil_unseen(path)
        added = shared.add_cell(sample_cell("new", 20))
        other.refresh()
        assert (other.cell("new"), other.problems) == (added, ())
    with reopened(shared, "other") as other:
        assert len(other.cells(ALL)) == len(expected) + 1
        assert all(other.cell(cell.id) == cell for cell in expected)
        (shared.folder / "cells" / added.id[:2] / f"{added.id}.sxtcell").touch()
        spoiled = shared.folder / "cells" / expected[0].id[:2] / f"{expected[0].id}.sxtcell"
        spoiled.touch()
        other.refresh()
        assert len(other.cells(ALL)) == len(expected)
        assert str(spoiled) in other.problems[0]


def test_a_first_index_tells_how_far_it_is_and_goes_on_where_it_was_stopped(
    library: Library,
) -> None:
    for seed in range(70):
        library.add_cell(sample_cell(f"cell {seed}", seed, annotations=0, shape=(2, 2, 2)))

    def stop(event: Event) -> None:
        events.append(event)
        raise Cancelled

    events: list[Event] = []
    other = library.folder.parent / "other"
    with pytest.raises(Cancelled):
        Library.open(library.folder, cache=other, report=stop)
    (event,) = events
    assert isinstance(event, Progress)
    assert event.text == "Reading the library: 8 of 70 new cells"
    events.clear()
    with Library.open(library.folder, cache=other, report=events.append) as again:
        assert len(again.cells()) == 70
    told = [event.text for event in events if isinstance(event, Progress)]
    assert told[0] == "Reading the library: 8 of 62 new cells"
    assert told[-1] == "Reading the library: 62 of 62 new cells"


def test_a_refresh_that_is_stopped_shows_what_was_read(shared: Library) -> None:
    with reopened(shared, "other") as other:
        shared.add_cell(sample_cell("new", 20))

        def stop(event: Event) -> None:
            raise Cancelled

        with pytest.raises(Cancelled):
            other.refresh(stop)
        assert other.cell("new").name == "new"


def test_two_programs_use_one_index_at_once(shared: Library) -> None:
    with reopened(shared) as other:
        mine = shared.add_cell(sample_cell("mine", 30))
        theirs = other.add_cell(sample_cell("theirs", 31))
        shared.refresh()
        other.refresh()
        assert [shared.cell(cell.id) for cell in (mine, theirs)] == [mine, theirs]
        assert other.cells(ALL) == shared.cells(ALL)


def test_without_a_place_for_the_index_the_library_works_and_says_so(
    shared: Library, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in place of a folder")
    for _ in range(2):
        with Library.open(shared.folder, cache=tmp_path / "file" / "caches") as other:
            assert other.cells(ALL) == shared.cells(ALL)
            (problem,) = other.problems
            assert "the index of the library cannot be kept there" in problem
            assert "read anew at each start" in problem
            other.add_cell(sample_cell("more", 40))
        shared.refresh()


def test_an_index_that_breaks_while_it_is_used_is_left(shared: Library) -> None:
    with reopened(shared) as other:
        with sqlite3.connect(index_of(shared)) as connection:
            connection.execute("DROP TABLE file")
        connection.close()
        added = other.add_cell(sample_cell("more", 40))
        assert other.cell("more") == added
        assert "cannot be kept" in other.problems[0]
        other.refresh()
        assert len(other.cells(ALL)) == 5


def test_the_index_lies_in_the_users_own_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    if not str(default_cache()).startswith(str(tmp_path)):
        pytest.skip("this system has its cache folder elsewhere")
    with Library.create(tmp_path / "shared") as library:
        library.add_cell(sample_cell("a", 1))
        assert (default_cache() / f"{library.uuid}.sqlite").is_file()


def test_a_library_is_closed_when_opening_fails(shared: Library, tmp_path: Path) -> None:
    (shared.folder / "cells").rename(tmp_path / "cells")
    (shared.folder / "cells").write_text("a file in place of a folder")
    with pytest.raises(LibraryError, match="cells: cannot be read: a part of its path is not a"):
        reopened(shared, "other")
