"""What the cells of a library know about the classes of a task."""

from collections.abc import Iterable

from sxtstudio.core.coverage import Coverage, CoverageRow, knower
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task
from sxtstudio.library.records import LibraryCell


def library_coverage(cells: Iterable[LibraryCell], task: Task, ontology: Ontology) -> Coverage:
    """Return what cells know, in use or not, from what their annotations count."""
    known = knower(task, ontology)
    return Coverage(
        task=task,
        rows=tuple(
            CoverageRow(
                id=cell.id,
                name=cell.name,
                origin="library",
                kind=cell.kind,
                condition=cell.condition,
                instrument=cell.instrument,
                voxel_size_um=cell.voxel_size_um,
                known=known(annotation.facts for annotation in cell.annotations),
            )
            for cell in cells
        ),
    )
