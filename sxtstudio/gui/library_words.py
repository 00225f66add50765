"""What the library panel says of cells, classes and notes."""

import re
from dataclasses import dataclass
from typing import Literal

from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.library.records import LibraryAnnotation, LibraryCell, Note

_MARKS = re.compile(r"\s*\[ingest [0-9a-f:]+\]")

State = Literal["everywhere", "judged", "partly", "none", "region"]


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """What an annotation says of one class.

    ``state`` "none" means that the cell has none of it, "judged" that it is drawn wherever somebody
    looked, which is not everywhere.
    """

    class_id: str
    name: str
    colour: str
    voxels: int
    objects: int
    state: State


def class_rows(annotation: LibraryAnnotation, ontology: Ontology) -> tuple[ClassRow, ...]:
    """Return a row for every class that is drawn, or known to be absent, in tree order."""
    facts = annotation.facts
    drawn: dict[str, list[int]] = {}
    for value, class_id in facts.names.items():
        if facts.voxels.get(value, 0):
            drawn.setdefault(class_id, []).append(value)
    order = {term.id: number for number, term in enumerate(ontology.classes)}
    rows: list[ClassRow] = []
    whole = not drawn.get(IGNORE)
    ids = sorted(set(drawn) | facts.complete, key=lambda it: (order.get(it, len(order)), it))
    for class_id in ids:
        term = ontology.term(class_id)
        values = drawn.get(class_id, [])
        rows.append(
            ClassRow(
                class_id=class_id,
                name="left out" if class_id == IGNORE else term.name,
                colour=term.colour,
                voxels=sum(facts.voxels[value] for value in values),
                objects=sum(facts.objects.get(value, 0) for value in values),
                state=_state(class_id, bool(values), class_id in facts.complete, whole=whole),
            )
        )
    return tuple(rows)


def _state(class_id: str, drawn: bool, complete: bool, *, whole: bool) -> State:
    if class_id == IGNORE:
        return "region"
    if not drawn:
        return "none"
    if not complete:
        return "partly"
    return "everywhere" if whole else "judged"


STATE_WORDS: dict[State, str] = {
    "everywhere": "everywhere",
    "judged": "where judged",
    "partly": "in part",
    "none": "has none",
    "region": "not judged",
}


def extent_words(cell: LibraryCell) -> str:
    """Return the edges of the volume in µm: "5.1 × 5.1 × 3.8" (z, y, x)."""
    edges_um = (n * edge for n, edge in zip(cell.shape, cell.voxel_size_um, strict=True))
    return " × ".join(f"{edge:.3g}" for edge in edges_um)


def source_words(cell: LibraryCell) -> str:
    """Return where a cell came from, without the marks by which an ingest knows it again."""
    return _MARKS.sub("", cell.source).strip()


def status_words(cell: LibraryCell) -> str:
    """Return why a cell is not in use, empty if it is."""
    if cell.withdrawn:
        return f"Withdrawn: {cell.withdrawn}"
    if cell.superseded_by:
        return "Replaced by a newer version."
    return ""


def note_words(note: Note, ontology: Ontology) -> str:
    """Return a note as a line: when, who, what."""
    who = f", {note.author}" if note.author else ""
    return f"{note.time[:16].replace('T', ' ')}{who}: {_what(note, ontology)}"


def _what(note: Note, ontology: Ontology) -> str:
    fields = note.fields
    if note.kind == "withdrawn":
        return f"withdrawn, “{fields.get('reason', '')}”"
    if note.kind == "restored":
        return "in use again"
    if note.kind == "superseded":
        return f"replaced by {fields.get('by', '')[:12]}"
    if note.kind == "complete":
        ids = [it for it in fields.get("complete", "").split(",") if it]
        names = ", ".join(ontology.term(it).name for it in ids)
        return f"drawn everywhere: {names or 'nothing'}"
    if note.kind == "described":
        return ", ".join(f"{name}: {words or '–'}" for name, words in sorted(fields.items()))
    return note.kind
