"""What the cells of a project know about the classes of a task."""

from collections.abc import Iterable

from sxtstudio.core.cell import kind_of
from sxtstudio.core.coverage import Coverage, CoverageRow, knower
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.tasks import drawn_versions


def project_coverage(cells: Iterable[CellRecord], task: Task, ontology: Ontology) -> Coverage:
    """Return what people drew in the cells of a project; predictions do not count."""
    known = knower(task, ontology)
    return Coverage(
        task=task,
        rows=tuple(
            CoverageRow(
                id=cell.id,
                name=cell.name,
                origin="project",
                kind=kind_of(cell.name, cell.species, cell.strain),
                condition=cell.condition,
                instrument=cell.instrument,
                voxel_size_um=cell.voxel_size_um,
                known=known(version.facts for version in drawn_versions(cell)),
            )
            for cell in cells
        ),
    )
