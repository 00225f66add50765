"""Say what a library holds: its cells and what they know, as plain facts and as tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sxtstudio.core.coverage import Coverage, CoverageRow, Grouping
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.table import Column, MeasurementTable, Value
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery, LibraryCell, Note

Facts = dict[str, object]
"""Plain values, lists and dicts, as they go into JSON."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cells of a library are meant; of every field that is set, a part must be found.

    ``species`` is also looked for in the strain. ``drawn`` are names of classes of which something
    is drawn; ``voxel_nm`` is a range of the mean voxel edge.
    """

    text: str = ""
    species: str = ""
    condition: str = ""
    instrument: str = ""
    voxel_nm: tuple[float, float] | None = None
    drawn: tuple[str, ...] = ()
    with_unused: bool = False


def wanted_cells(library: Library, wanted: Wanted) -> tuple[LibraryCell, ...]:
    """Return the cells that are meant, by name.

    Raises
    ------
    LabelError
        If the vocabulary does not know a class.
    """
    ontology = library.ontology()
    query = CellQuery(
        text=wanted.text,
        voxel_nm=wanted.voxel_nm,
        drawn=frozenset(ontology.find(word).id for word in wanted.drawn),
        with_unused=wanted.with_unused,
    )
    return tuple(cell for cell in library.cells(query) if _fits(cell, wanted))


def _fits(cell: LibraryCell, wanted: Wanted) -> bool:
    pairs = (
        (wanted.species, f"{cell.species} {cell.strain}"),
        (wanted.condition, cell.condition),
        (wanted.instrument, cell.instrument),
    )
    return all(word.casefold() in text.casefold() for word, text in pairs)


def parse_voxel_range_nm(words: str) -> tuple[float, float]:
    """Return the range that "30-60" or "40" (nanometres) means; one number allows for 10 %.

    Raises
    ------
    LabelError
        If these are no one or two positive numbers, the smaller one first.
    """
    try:
        numbers = [float(word) for word in words.split("-")]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        numbers = [numbers[0] * 0.9, numbers[0] * 1.1]
    if len(numbers) != 2 or not 0 < numbers[0] <= numbers[1] < float("inf"):
        raise LabelError(
            f"{words!r} is no range of voxel sizes; write it in nanometres, like 30-60."
        )
    return numbers[0], numbers[1]


def describe_library_cell(cell: LibraryCell, notes: Sequence[Note] = ()) -> Facts:
    """Return what is known of a cell of a library; ``complete`` are class ids."""
    return {
        "name": cell.name,
        "id": cell.id,
        "kind": cell.kind,
        "species": cell.species,
        "strain": cell.strain,
        "condition": cell.condition,
        "instrument": cell.instrument,
        "shape_zyx": list(cell.shape),
        "voxel_size_nm": [round(edge * 1000, 6) for edge in cell.voxel_size_um],
        "annotations": [
            {
                "id": item.id,
                "author": item.author,
                "voxels": {item.facts.names[v]: n for v, n in item.facts.voxels.items() if v},
                "objects": {item.facts.names[v]: n for v, n in item.facts.objects.items() if v},
                "complete": sorted(item.facts.complete),
            }
            for item in cell.annotations
        ],
        "source": cell.source,
        "author": cell.author,
        "added": cell.added,
        "withdrawn": cell.withdrawn,
        "superseded_by": cell.superseded_by,
        "notes": [
            {"time": note.time, "kind": note.kind, "author": note.author, **note.fields}
            for note in notes
        ],
    }


def drawn_words(cell: LibraryCell, ontology: Ontology) -> str:
    """Return what is drawn in a cell, an asterisk at what is drawn everywhere.

    That is not so where a part of the cell may be anything: then it is known on some planes only.
    """
    complete = {
        name
        for item in cell.annotations
        if not any(
            count and item.facts.names.get(value) == IGNORE
            for value, count in item.facts.voxels.items()
        )
        for name in item.facts.complete
    }
    drawn = {
        item.facts.names[value]
        for item in cell.annotations
        for value, count in item.facts.voxels.items()
        if count and item.facts.names.get(value, IGNORE) != IGNORE
    }
    ordered = [term for term in ontology.classes if term.id in drawn]
    return ", ".join(f"{term.name}{'*' if term.id in complete else ''}" for term in ordered)


def doubts_of_complete(
    complete: frozenset[str], drawn: frozenset[str], before: frozenset[str], ontology: Ontology
) -> tuple[str, ...]:
    """Return what a user who says which classes are complete may not have meant."""

    def names(ids: frozenset[str]) -> str:
        return ", ".join(ontology.term(class_id).name for class_id in sorted(ids))

    doubts: list[str] = []
    if complete - drawn:
        doubts.append(
            f"Nothing of {names(complete - drawn)} is drawn in it, so networks learn that this "
            "cell has none."
        )
    if before - complete:
        doubts.append(f"No longer said to be drawn everywhere: {names(before - complete)}.")
    return tuple(doubts)


def narrowed(coverage: Coverage, cells: Iterable[LibraryCell]) -> Coverage:
    """Return the coverage of only some cells of a library."""
    ids = {cell.id for cell in cells}
    return replace(coverage, rows=tuple(row for row in coverage.rows if row.id in ids))


def describe_coverage(coverage: Coverage, by: Grouping) -> Facts:
    """Return totals, groups and rows of a coverage."""
    return {
        "classes": list(coverage.task.names.values()),
        "cells": len(coverage.rows),
        "totals": _totals(coverage),
        "grouped_by": by,
        "groups": {
            word: {"cells": len(group.rows), "totals": _totals(group)}
            for word, group in coverage.grouped(by).items()
        },
        "rows": [_row_facts(row) for row in coverage.rows],
    }


def _totals(coverage: Coverage) -> Facts:
    return {
        name: {
            "complete": total.complete,
            "partly": total.partly,
            "voxels": total.voxels,
            "objects": total.objects,
        }
        for name, total in coverage.totals.items()
    }


def _row_facts(row: CoverageRow) -> Facts:
    return {
        "id": row.id,
        "name": row.name,
        "origin": row.origin,
        "kind": row.kind,
        "condition": row.condition,
        "instrument": row.instrument,
        "voxel_size_nm": [round(edge * 1000, 6) for edge in row.voxel_size_um],
        "known": {
            name: {"knowledge": one.knowledge, "voxels": one.voxels, "objects": one.objects}
            for name, one in row.known.items()
        },
    }


def coverage_table(coverage: Coverage) -> MeasurementTable:
    """Return one row a cell: for each class what is known, and its voxels and objects."""
    names = list(coverage.task.names.values())
    facts = {
        "id": "of the cell in the library",
        "name": "of the cell",
        "kind": "species and strain, or the name without its number",
        "condition": "as stated",
        "instrument": "as stated",
        "voxel_nm_zyx": "edges of a voxel",
    }
    columns = [Column(name=name, description=what) for name, what in facts.items()]
    for name in names:
        columns += [
            Column(name=name, description="complete, partly or not known"),
            Column(name=f"{name} voxels", description=f"voxels drawn as {name}"),
            Column(name=f"{name} objects", description=f"connected objects of {name}"),
        ]
    return MeasurementTable(
        columns=tuple(columns), rows=tuple(_table_row(row, names) for row in coverage.rows)
    )


def _table_row(row: CoverageRow, names: Sequence[str]) -> tuple[Value, ...]:
    edges = " ".join(f"{edge * 1000:.6g}" for edge in row.voxel_size_um)
    known = [row.known[name] for name in names]
    values = [value for one in known for value in (one.knowledge, one.voxels, one.objects)]
    return (row.id, row.name, row.kind, row.condition, row.instrument, edges, *values)
