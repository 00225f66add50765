"""Define tasks, and tell which cells of a project have something to say about one."""

from collections.abc import Sequence

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import Task, parse_task, target_bits
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion


def define_task(project: Project, name: str, class_words: Sequence[str]) -> Task:
    """Add the task that words like "nucleus=nucleus+nucleolus" describe to a project.

    Raises
    ------
    LabelError
        If a term is unknown, or used twice.
    """
    task = parse_task(name, class_words, default_ontology())
    project.add_task(task)
    return task


def drawn_versions(cell: CellRecord) -> tuple[LabelVersion, ...]:
    """Return the label versions that people drew and that hold now, oldest first.

    Imported labels add up. A correction was made in sight of what was there before, so it
    replaces everything older.
    """
    drawn = [version for version in cell.versions if version.kind != "predicted"]
    corrected = [i for i, version in enumerate(drawn) if version.kind == "corrected"]
    return tuple(drawn[corrected[-1] if corrected else 0 :])


def useful_versions(cell: CellRecord, task: Task) -> tuple[LabelVersion, ...]:
    """Return the label versions of a cell that rule anything out for a task, oldest first."""
    return tuple(version for version in drawn_versions(cell) if _says_something(version, task))


def _says_something(version: LabelVersion, task: Task) -> bool:
    anything = (1 << (len(task.classes) + 1)) - 1
    bits = target_bits(version.names, version.complete, task, default_ontology())
    return any(mask != anything for mask in bits.values())
