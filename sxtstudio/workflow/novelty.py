"""Tell whether segmented cells differ from the reference cells of their network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sxtstudio.core.events import Notice
from sxtstudio.core.novelty import (
    FEWEST_REFERENCES,
    Description,
    Novelty,
    assess,
    describe_tomogram,
    novelty_words,
)
from sxtstudio.core.volume import Tomogram
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord

FEW_WORDS = (
    f"Cannot be told: the network knows fewer than {FEWEST_REFERENCES} reference cells to compare "
    "with; train it again on more."
)


@dataclass(frozen=True, kw_only=True)
class CellNovelty:
    """How a cell of a project compares, told by its newest prediction.

    ``version`` is the id of that prediction, empty where there is none; ``novelty`` is None where
    nothing can be said.
    """

    cell: str
    version: str
    novelty: Novelty | None

    @property
    def words(self) -> str:
        """What is to be said of the cell."""
        if self.novelty is not None:
            return novelty_words(self.novelty)
        if self.version:
            return FEW_WORDS
        return "Cannot be told before a network has segmented it."


def novelty_of_cells(project: Project, names: tuple[str, ...] = ()) -> tuple[CellNovelty, ...]:
    """Return how cells (by name or id; else all) compare with the reference cells.

    Raises
    ------
    ProjectError
        If a cell is not in the project.
    """
    records = tuple(project.cell(name) for name in names) or project.cells()
    return tuple(_newest(record) for record in records)


def _newest(record: CellRecord) -> CellNovelty:
    predicted = [version for version in record.versions if version.kind == "predicted"]
    if not predicted:
        return CellNovelty(cell=record.name, version="", novelty=None)
    newest = predicted[-1]
    return CellNovelty(cell=record.name, version=newest.id, novelty=newest.novelty)


def novelty_before_segmenting(
    name: str, tomogram: Tomogram, references: Sequence[Description]
) -> Novelty | None:
    """Return how a cell compares by its voxels alone: acquisition and LAC.

    What networks see of the reference cells is left out for them, too, so that both are judged by
    the same facts. None with too few references.
    """
    bare = [
        replace(it, features=(), structures={}, doubt=None, strangeness=None) for it in references
    ]
    return assess(describe_tomogram(name, tomogram), bare)


def differs_words(cell: str) -> str:
    """Return the sentence that begins a warning."""
    return f"{cell} differs from the cells that the network knows."


def novelty_notice(cell: str, novelty: Novelty | None) -> Notice | None:
    """Return the warning about a cell that was just segmented, None where it is ordinary."""
    if novelty is None or not novelty.alarm:
        return None
    return Notice(text=f"{differs_words(cell)} {novelty_words(novelty)}", level="warning")
