"""Which rows of a coverage are shown, and in what order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sxtstudio.core.coverage import CoverageRow, Grouping, Knowledge

GROUPINGS: tuple[Grouping, ...] = ("kind", "condition", "instrument", "voxel size")
_RANK: dict[Knowledge, int] = {"complete": 0, "partly": 1, "not": 2}


@dataclass(frozen=True, kw_only=True)
class RowFilter:
    """Which cells are looked for; everything that is set must hold.

    ``text`` is searched for, word by word, in all that is said of a cell. ``groups`` are words of
    `CoverageRow.group`, empty for any. ``knows`` is the name of a class of the task that must be
    drawn at least partly.
    """

    text: str = ""
    groups: Mapping[Grouping, str] = field(default_factory=dict[Grouping, str])
    knows: str = ""

    def matches(self, row: CoverageRow) -> bool:
        """Tell whether a cell is one of those looked for."""
        if self.knows and row.known[self.knows].knowledge == "not":
            return False
        if any(word and row.group(by) != word for by, word in self.groups.items()):
            return False
        said = " ".join((row.name, row.kind, row.condition, row.instrument, row.origin)).casefold()
        return all(word in said for word in self.text.casefold().split())


def group_words(rows: Sequence[CoverageRow], by: Grouping) -> tuple[str, ...]:
    """Return the words that the cells have for a property, in the order a person expects."""
    words = {row.group(by) for row in rows}
    if by == "voxel size":
        sizes = {row.group(by): row.voxel_size_um for row in rows}
        return tuple(sorted(words, key=lambda word: sizes[word]))
    return tuple(sorted(words, key=str.casefold))


def by_knowledge(rows: Sequence[CoverageRow], name: str) -> tuple[CoverageRow, ...]:
    """Return the cells that know a class best first; of those, the ones that show most of it."""
    return tuple(
        sorted(rows, key=lambda row: (_RANK[row.known[name].knowledge], -row.known[name].voxels))
    )


def by_distance(
    rows: Sequence[CoverageRow], distances: Mapping[str, float]
) -> tuple[CoverageRow, ...]:
    """Return the cells that are most alike first; those that were not compared come last."""
    return tuple(sorted(rows, key=lambda row: distances.get(row.id, float("inf"))))


def most_useful_first(rows: Sequence[CoverageRow]) -> tuple[CoverageRow, ...]:
    """Return the cells that know most classes first, those of the project before the others."""

    def rank(row: CoverageRow) -> tuple[int, bool, str]:
        ranks = [_RANK[it.knowledge] for it in row.known.values()]
        return sum(ranks), row.origin != "project", row.name.casefold()

    return tuple(sorted(rows, key=rank))
