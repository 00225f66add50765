"""What the cells of a project know about the classes of a task."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, target_bits
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.tasks import drawn_versions

Knowledge = Literal["complete", "partly", "not"]


@dataclass(frozen=True, kw_only=True)
class CellCoverage:
    """What one cell knows: task class name → whether it is drawn everywhere, somewhere or not."""

    cell: str
    known: dict[str, Knowledge]

    @property
    def useful(self) -> bool:
        """Whether a network can learn at least one class from this cell."""
        return any(word != "not" for word in self.known.values())


def coverage(
    cells: Iterable[CellRecord], task: Task, ontology: Ontology
) -> tuple[CellCoverage, ...]:
    """Return what every cell knows about a task's classes; predictions do not count."""
    return tuple(
        CellCoverage(cell=cell.name, known=_cell_knows(cell, task, ontology)) for cell in cells
    )


def _cell_knows(cell: CellRecord, task: Task, ontology: Ontology) -> dict[str, Knowledge]:
    known: dict[str, Knowledge] = dict.fromkeys(task.names.values(), "not")
    for version in drawn_versions(cell):
        for name, word in _version_knows(version, task, ontology).items():
            if known[name] == "not" or word == "complete":
                known[name] = word
    return known


def _version_knows(version: LabelVersion, task: Task, ontology: Ontology) -> dict[str, Knowledge]:
    bits = target_bits(version.names, version.complete, task, ontology)
    known: dict[str, Knowledge] = {}
    for label, name in task.names.items():
        bit = 1 << label
        if not bits[0] & bit:
            known[name] = "complete"
        elif any(mask == bit for value, mask in bits.items() if value):
            known[name] = "partly"
    return known
