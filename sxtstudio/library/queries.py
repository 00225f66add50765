"""Which cells a query asks for."""

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

    A class counts as drawn where something inside it is: a nucleolus is nucleus, too.
    """
    words = query.text.casefold().split()
    groups = [_inside(class_id, ontology) for class_id in query.drawn]
    found = [
        cell
        for cell in cells
        if (query.with_unused or cell.in_use)
        and _fits(cell, query)
        and (not groups or _has_drawn(cell, groups))
        and (not words or _mentions(cell, words, ontology))
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


def _mentions(cell: LibraryCell, words: list[str], ontology: Ontology) -> bool:
    classes = [
        f"{class_id} {ontology[class_id].name if class_id in ontology else ''}"
        for class_id in drawn_classes(cell)
    ]
    specimen = (cell.species, cell.strain, cell.condition, cell.instrument)
    text = " ".join((cell.name, *specimen, cell.source, cell.author, *classes)).casefold()
    return all(word in text for word in words)


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
