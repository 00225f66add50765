"""Which cells a query asks for."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from sxtstudio.core.errors import LibraryError
from sxtstudio.core.ontology import Ontology
from sxtstudio.library.records import CellQuery, LibraryCell

_SHORTEST_PREFIX = 4


def matching(
    cells: Iterable[LibraryCell], query: CellQuery, ontology: Ontology
) -> tuple[LibraryCell, ...]:
    """Return the cells that a query asks for, by name and id.

    A class counts as drawn where something inside it is: a nucleolus is nucleus, too. A word that
    means a class finds the cells where it is drawn, whatever it is called there; and others only
    where it stands as a word of its own: "LD" is not meant to find a folder "old".
    """
    words = [query.text] if ontology.id_of(query.text) else query.text.split()
    meanings = [(word.strip().casefold(), _meaning(word, ontology)) for word in words]
    groups = [_inside(class_id, ontology) for class_id in query.drawn]
    found = [
        cell
        for cell in cells
        if (query.with_unused or cell.in_use)
        and _fits(cell, query)
        and (not groups or _has_drawn(cell, groups))
        and (not words or _mentions(cell, meanings, ontology))
    ]
    return tuple(sorted(found, key=lambda cell: (cell.name.casefold(), cell.id)))


def _fits(cell: LibraryCell, query: CellQuery) -> bool:
    if query.voxel_nm is not None:
        low, high = query.voxel_nm
        if not low <= 1000 * sum(cell.voxel_size_um) / 3 <= high:
            return False
    return (
        query.kind in ("", cell.kind)
        and query.condition in ("", cell.condition)
        and query.instrument in ("", cell.instrument)
    )


def _inside(class_id: str, ontology: Ontology) -> frozenset[str]:
    if class_id not in ontology:
        return frozenset({class_id})
    return frozenset(ontology.descendants(class_id))


def drawn_classes(cell: LibraryCell) -> frozenset[str]:
    """Return the ids of the classes of which at least one voxel is drawn."""
    return frozenset(
        item.facts.names[value]
        for item in cell.annotations
        for value, count in item.facts.voxels.items()
        if count and value in item.facts.names
    )


def _has_drawn(cell: LibraryCell, groups: list[frozenset[str]]) -> bool:
    drawn = drawn_classes(cell)
    return all(drawn & group for group in groups)


def _meaning(word: str, ontology: Ontology) -> frozenset[str]:
    class_id = ontology.id_of(word)
    return frozenset() if class_id is None else _inside(class_id, ontology)


def _mentions(
    cell: LibraryCell, meanings: list[tuple[str, frozenset[str]]], ontology: Ontology
) -> bool:
    drawn = drawn_classes(cell)
    specimen = (cell.species, cell.strain, cell.condition, cell.instrument)
    written = " ".join((cell.name, *specimen, cell.source, cell.author)).casefold()
    names = (ontology[class_id].name for class_id in drawn if class_id in ontology)
    everything = " ".join((written, *drawn, *names)).casefold()
    return all(
        bool(drawn & group) or _stands_alone(word, written) if group else word in everything
        for word, group in meanings
    )


def _stands_alone(word: str, written: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", written) is not None


def find(cells: Mapping[str, LibraryCell], word: str, folder: Path) -> LibraryCell:
    """Return the cell with an id, a name or the start of an id; one in use goes before others.

    Raises
    ------
    LibraryError
        If there is none, or more than one.
    """
    if word in cells:
        return cells[word]
    found = [cell for cell in cells.values() if cell.name == word]
    found = [cell for cell in found if cell.in_use] or found
    if not found and len(word) >= _SHORTEST_PREFIX:
        found = [cell for cell in cells.values() if cell.id.startswith(word)]
    if not found:
        raise LibraryError(f"{folder}: has no cell {word!r}.")
    if len(found) > 1:
        ids = ", ".join(sorted(cell.id[:12] for cell in found))
        raise LibraryError(f"{folder}: {word!r} is {len(found)} cells ({ids}); give the id of one.")
    return found[0]
