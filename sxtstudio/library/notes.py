"""Notes: append-only facts about cells, each a small file beside them."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sxtstudio.core.errors import FileError
from sxtstudio.core.records import from_json, to_json
from sxtstudio.library.folder import NOTES, write_text
from sxtstudio.library.records import LibraryAnnotation, LibraryCell, Note
from sxtstudio.library.stored import StoredCell, is_id

SPECIMEN_FIELDS = ("species", "strain", "condition", "instrument")
KINDS = ("withdrawn", "restored", "superseded", "complete", "described")

_NAME = re.compile(r"(2\d{7}T\d{12}Z)-([0-9a-f]{32})\.json")
_IN_NAMES = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, kw_only=True, order=True)
class DatedNote:
    """A note and its place among the others of its cell: the newest by (time, uuid) wins."""

    stamp: str
    uuid: str
    note: Note = field(compare=False)


def new_stamp(known: Iterable[str], now: datetime) -> str:
    """Return a time for a new file that is later than those of all known ones.

    Clocks of workstations differ: what somebody says after reading the others must count after
    them, even if the clock of this machine is behind.
    """
    latest = max(known, default="")
    stamp = now.strftime(_IN_NAMES)
    if stamp > latest:
        return stamp
    later = datetime.fromisoformat(readable(latest)) + timedelta(microseconds=1)
    return later.strftime(_IN_NAMES)


def new_name(stamp: str) -> str:
    """Return the name of a new file of a time."""
    return f"{stamp}-{uuid.uuid4().hex}.json"


def parse_name(path: Path) -> tuple[str, str]:
    """Return time and uuid of a file's name.

    Raises
    ------
    FileError
        If it is not named like that.
    """
    found = _NAME.fullmatch(path.name)
    if found is None or not _is_time(found[1]):
        raise FileError(f"{path}: does not belong here; take it out of the library.")
    return found[1], found[2]


def _is_time(stamp: str) -> bool:
    try:
        datetime.fromisoformat(readable(stamp))
    except ValueError:
        return False
    return True


def write_note(folder: Path, note: Note, known: Iterable[str]) -> Path:
    """Write a note that is later than the ``known`` times; an `OSError` passes."""
    stamp = new_stamp(known, datetime.now(UTC))
    target = folder / NOTES / note.cell / new_name(stamp)
    write_text(folder, target, to_json(replace(note, time=readable(stamp))))
    return target


def readable(stamp: str) -> str:
    """Return the time of a file's name as ISO 8601."""
    date, time = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}", stamp[9:]
    return f"{date}T{time[:2]}:{time[2:4]}:{time[4:6]}.{time[6:12]}+00:00"


def read_note(path: Path) -> DatedNote:
    """Return the note of a file.

    Raises
    ------
    FileError
        If it is half-written, lies at the wrong cell, or is of a kind that is not known.
    """
    stamp, unique = parse_name(path)
    note = from_json(Note, path.read_bytes(), str(path))
    if note.cell != path.parent.name:
        raise FileError(f"{path}: is a note about another cell ({note.cell[:12]}…).")
    if note.kind not in KINDS or not _says_enough(note):
        raise FileError(f"{path}: says nothing that this program understands ({note.kind!r}).")
    return DatedNote(stamp=stamp, uuid=unique, note=replace(note, time=readable(stamp)))


def _says_enough(note: Note) -> bool:
    fields = note.fields
    if note.kind == "superseded":
        return is_id(fields.get("by", "")) and fields["by"] != note.cell
    if note.kind == "complete":
        return fields.get("annotation", "").isdecimal() and "complete" in fields
    if note.kind == "described":
        return bool(fields) and fields.keys() <= set(SPECIMEN_FIELDS)
    return note.kind != "withdrawn" or bool(fields.get("reason", ""))


def words_of(complete: Iterable[str]) -> str:
    """Return class ids as a note says them."""
    return ",".join(sorted(complete))


def corrected(cell_id: str, stored: StoredCell, notes: Iterable[DatedNote]) -> LibraryCell:
    """Return a cell as its file and the notes beside it say together."""
    cell = LibraryCell(
        id=cell_id,
        name=stored.name,
        shape=stored.shape,
        voxel_size_um=stored.voxel_size_um,
        lac_sha256=stored.lac_sha256,
        species=stored.species,
        strain=stored.strain,
        condition=stored.condition,
        instrument=stored.instrument,
        annotations=tuple(
            LibraryAnnotation(id=number, facts=item.facts, author=item.author)
            for number, item in enumerate(stored.annotations)
        ),
        histogram=stored.histogram,
        source=stored.source,
        author=stored.author,
        added=stored.added,
    )
    for dated in sorted(notes):
        cell = _apply(cell, dated.note)
    return cell


def _apply(cell: LibraryCell, note: Note) -> LibraryCell:
    if note.kind == "withdrawn":
        return replace(cell, withdrawn=note.fields["reason"])
    if note.kind == "restored":
        return replace(cell, withdrawn="", superseded_by="")
    if note.kind == "superseded":
        return replace(cell, superseded_by=note.fields["by"])
    if note.kind == "described":
        return replace(cell, **dict(note.fields))
    return _with_complete(cell, note)


def _with_complete(cell: LibraryCell, note: Note) -> LibraryCell:
    """Return the cell with an annotation's complete classes; one that it does not have is left."""
    number = int(note.fields["annotation"])
    complete = frozenset(filter(None, note.fields["complete"].split(",")))
    annotations = tuple(
        replace(item, facts=replace(item.facts, complete=complete)) if item.id == number else item
        for item in cell.annotations
    )
    return replace(cell, annotations=annotations)
