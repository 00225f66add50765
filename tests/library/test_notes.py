"""Notes say what came later; the newest counts, and no clock can take that away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import LibraryError, SxtError
from sxtstudio.library.library import Library
from sxtstudio.library.notes import new_stamp, readable
from sxtstudio.library.records import CellQuery
from tests.library.samples import sample_annotation, sample_cell

ALL = CellQuery(with_unused=True)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1))


def notes_of(library: Library) -> list[Path]:
    return sorted((library.folder / "notes").rglob("*.json"))


def test_what_is_noted_counts_for_everybody(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.describe(cell.id, {"species": "Volvox", "strain": ""}, "Ada")
    library.set_complete(cell.id, 0, frozenset({"mitochondria", "cell"}), "Ben")
    now = library.cell(cell.id)
    assert (now.species, now.strain, now.condition) == ("Volvox", "", "nitrogen-starved")
    assert now.annotations[0].facts.complete == {"mitochondria", "cell"}
    read = library.read_cell(cell.id)
    assert (read.species, read.annotations[0].complete) == ("Volvox", {"mitochondria", "cell"})
    with Library.open(library.folder, cache=library.folder.parent / "other") as other:
        assert other.cells() == (now,)
        assert other.history(cell.id) == library.history(cell.id)
    assert [(note.kind, note.author) for note in library.history(cell.id)] == [
        ("described", "Ada"),
        ("complete", "Ben"),
    ]


def test_nothing_may_be_complete(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.set_complete(cell.id, 0, frozenset())
    assert library.cell(cell.id).annotations[0].facts.complete == frozenset()


def test_a_withdrawn_cell_stays_and_can_be_restored(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.withdraw(cell.id, " moved during the scan ")
    assert library.cells() == ()
    assert library.cells(ALL)[0].withdrawn == "moved during the scan"
    assert library.read_cell(cell.id).name == "a"
    library.restore(cell.id)
    assert library.cells() == (cell,)


def test_a_new_version_carries_what_was_noted_of_the_old_one(library: Library) -> None:
    old = library.add_cell(sample_cell("a", 1))
    library.set_complete(old.id, 0, frozenset({"lipid"}))
    library.describe(old.id, {"condition": "day 3"})
    new = library.add_annotation(old.id, sample_annotation(5))
    assert new.condition == "day 3"
    assert new.annotations[0].facts.complete == {"lipid"}


def test_cells_do_not_supersede_one_another_in_a_circle(library: Library) -> None:
    ids = [library.add_cell(sample_cell(name, seed)).id for seed, name in enumerate("abc")]
    library.supersede(ids[0], ids[1])
    library.supersede(ids[1], ids[2])
    for by in ids[:2]:
        with pytest.raises(LibraryError, match="cannot supersede itself"):
            library.supersede(ids[2], by) if by == ids[0] else library.supersede(by, by)
    assert [cell.id for cell in library.cells()] == [ids[2]]


def test_notes_that_say_nothing_are_refused(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    with pytest.raises(LibraryError, match="Say why the cell is withdrawn"):
        library.withdraw(cell.id, "  ")
    with pytest.raises(LibraryError, match="has no field 'colour'; describe its species, strain"):
        library.describe(cell.id, {"colour": "green"})
    with pytest.raises(LibraryError, match="has 1 annotations; there is no 1"):
        library.set_complete(cell.id, 1, frozenset())
    with pytest.raises(SxtError, match="does not know the class 'phlogiston'"):
        library.set_complete(cell.id, 0, frozenset({"phlogiston"}))
    library.describe(cell.id, {})
    assert library.history(cell.id) == ()


def test_what_is_said_after_reading_counts_even_if_the_clock_is_behind(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.withdraw(cell.id, "by a workstation whose clock is a century ahead")
    (note,) = notes_of(library)
    future = "21261231T235959999999Z"
    text = note.read_text().replace('"time": "20', '"time": "21')
    note.with_name(f"{future}-{'0' * 32}.json").write_text(text)
    note.unlink()
    with Library.open(library.folder, cache=library.folder.parent / "other") as other:
        assert other.cells() == ()
        other.restore(cell.id)
        assert len(other.cells()) == 1
    library.refresh()
    assert library.cells() == (cell,)
    assert [note.kind for note in library.history(cell.id)] == ["withdrawn", "restored"]


@given(known=st.lists(MOMENTS), now=MOMENTS)
def test_a_new_time_is_later_than_all_that_are_known(known: list[datetime], now: datetime) -> None:
    stamps = [new_stamp([], moment.replace(tzinfo=UTC)) for moment in known]
    stamp = new_stamp(stamps, now.replace(tzinfo=UTC))
    assert all(stamp > other for other in stamps)
    latest = max([*known, now - timedelta(microseconds=1)])
    assert datetime.fromisoformat(readable(stamp)) <= (latest + timedelta(microseconds=1)).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize("kept", [0, 1, 60, -3])
def test_a_half_written_note_is_reported_and_read_once_it_is_whole(
    library: Library, kept: int
) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.withdraw(cell.id, "blurred")
    (note,) = notes_of(library)
    content = note.read_bytes()
    note.write_bytes(content[:kept])
    library.refresh()
    assert library.cells() == (cell,)
    assert len(library.problems) == 1
    assert str(note) in library.problems[0]
    note.write_bytes(content)
    library.refresh()
    assert (library.cells(), library.problems) == ((), ())


def changed_note(library: Library, old: str, new: str) -> None:
    (note,) = notes_of(library)
    text = note.read_text()
    assert old in text
    note.write_text(text.replace(old, new))
    library.refresh()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"kind": "withdrawn"', '"kind": "blessed"', r"says nothing that .* understands \('ble"),
        ('"reason": "blurred"', '"because": "blurred"', r"understands \('withdrawn'\)"),
        ('"kind": "withdrawn"', '"kind": "superseded"', r"understands \('superseded'\)"),
        ('"kind": "withdrawn"', '"kind": "complete"', r"understands \('complete'\)"),
        ('"kind": "withdrawn"', '"kind": "described"', r"understands \('described'\)"),
        ('"cell": "', '"cell": "f', "is a note about another cell"),
        ('"format_version": 1', '"format_version": 99', "written by a newer SXT Studio"),
    ],
)
def test_a_note_that_nobody_understands_is_reported(
    library: Library, old: str, new: str, words: str
) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.withdraw(cell.id, "blurred")
    changed_note(library, old, new)
    assert library.cells() == (cell,)
    (problem,) = library.problems
    with pytest.raises(LibraryError, match=words):
        raise LibraryError(problem)


def test_strangers_among_the_notes_are_reported(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    folder = library.folder / "notes" / cell.id
    folder.mkdir()
    for name in ("readme.txt", f"20261399T000000000000Z-{'0' * 32}.json", ".hidden"):
        (folder / name).write_text("{}")
    library.refresh()
    assert len(library.problems) == 2
    assert all("does not belong here; take it out" in text for text in library.problems)


def test_a_note_about_an_annotation_that_is_not_there_changes_nothing(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.set_complete(cell.id, 0, frozenset({"lipid"}))
    changed_note(library, '"annotation": "0"', '"annotation": "7"')
    assert library.cells() == (cell,)


def test_notes_without_their_cell_are_reported(library: Library) -> None:
    cell = library.add_cell(sample_cell("a", 1))
    library.withdraw(cell.id, "blurred")
    (file,) = library.folder.rglob("*.sxtcell")
    file.unlink()
    library.refresh()
    (problem,) = library.problems
    assert problem.endswith("has notes about a cell that is not in the library.")


def test_a_cell_whose_successor_is_gone_is_reported(library: Library) -> None:
    old = library.add_cell(sample_cell("a", 1))
    new = library.add_annotation(old.id, sample_annotation(5))
    (library.folder / "cells" / new.id[:2] / f"{new.id}.sxtcell").unlink()
    library.refresh()
    (problem,) = library.problems
    assert f"is superseded by {new.id[:12]}…, which is not in the library" in problem
    library.restore(old.id)
    assert (library.cells(), library.problems) == ((old,), ())
