"""A first network from a few slices that were drawn in one cell; it labels the rest of that cell.

What is drawn is dealt to two copies of the cell, slice by slice in turn. So stage 1 is cross-fitted
between them, and stage 2 learns from fields of slices that their network had not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import CoverageError
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.plan import check_budget
from sxtstudio.core.scope import Slices, drawn_slices, left_open
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.correcting import taught
from sxtstudio.workflow.job_folder import CellSource, TrainingJob, write_job, write_job_cell
from sxtstudio.workflow.jobs import new_job_folder
from sxtstudio.workflow.tasks import drawn_versions
from sxtstudio.workflow.transfer import begin_from, nearest_network

DEFAULT_MINUTES = 2.5
_FEW_SLICES = 12
"""Up to so many are dealt one by one; of more, neighbours look too much alike to be told apart."""


@dataclass(frozen=True, kw_only=True)
class FirstRequest:
    """How a first network is trained; without ``minutes`` or ``steps``, two and a half minutes.

    With ``transfer`` it begins from the nearest network of the project, if one shares a class.
    """

    minutes: float | None = None
    steps: int | None = None
    device: str = "auto"
    seed: int = 0
    threads: int | None = None
    transfer: bool = False


def drawn_so_far(label_map: LabelMap) -> Annotation:
    """Return labels of which some slices are drawn, and those completely.

    Raises
    ------
    LabelError
        If nothing is drawn.
    """
    ignored = next((value for value, name in label_map.names.items() if name == IGNORE), None)
    scope = drawn_slices(label_map.labels_ZYX, ignored)
    used = np.unique(label_map.labels_ZYX)
    names = {value: name for value, name in label_map.names.items() if value in used}
    complete = frozenset(name for name in names.values() if name != IGNORE)
    return Annotation(
        label_map=left_open(replace(label_map, names=names), scope), complete=complete
    )


def saved_annotation(project: Project, cell: CellRecord) -> Annotation:
    """Return what was drawn last in a cell; where nothing is said to be complete, its slices are.

    Raises
    ------
    CoverageError
        If nothing was drawn in it.
    """
    drawn = drawn_versions(cell)
    if not drawn:
        raise CoverageError(
            f"{cell.name}: nothing was drawn in it; draw two or three slices first."
        )
    annotation = taught(project.annotation(cell.id, drawn[-1].id), drawn[-1], cell)
    return annotation if annotation.complete else drawn_so_far(annotation.label_map)


def first_task(cell: str, annotation: Annotation, ontology: Ontology) -> Task:
    """Return the task of telling apart what was drawn, a class for each term."""
    names = sorted(set(annotation.label_map.names.values()) - {IGNORE})
    classes = tuple(
        TaskClass(name=ontology.term(name).name if name in ontology else name, members=(name,))
        for name in names
    )
    return Task(name=f"first network of {cell}", classes=classes)


def export_first_job(
    project: Project,
    cell: CellRecord,
    annotation: Annotation,
    request: FirstRequest,
    folder: Path,
) -> Task:
    """Write the training of a first network into a job folder, and return its task.

    Raises
    ------
    PlanError
        If the time makes no sense.
    ProjectError
        If the tomogram cannot be read.
    """
    check_budget(request.minutes, request.steps, request.seed)
    ontology = project.ontology()
    task = first_task(cell.name, annotation, ontology)
    copies = _copies(cell, project.tomogram(cell.id), annotation)
    no_budget = request.minutes is None and request.steps is None
    with new_job_folder(folder):
        cells = tuple(
            write_job_cell(folder, number, CellSource(id=cell.id, versions=(), cell=copy))
            for number, copy in enumerate(copies)
        )
        nearest = nearest_network(project, task) if request.transfer else None
        job = TrainingJob(
            task=task,
            cells=cells,
            extension=project.extension(),
            network=str(project.path.with_suffix(".first.sxtnet")),
            minutes=DEFAULT_MINUTES if no_budget else request.minutes,
            steps=request.steps,
            device=request.device,
            seed=request.seed,
            threads=request.threads,
            labels_first=True,
            beginning=begin_from(nearest, folder) if nearest else None,
        )
        write_job(folder, job)
    return task


def _copies(record: CellRecord, tomogram: Tomogram, annotation: Annotation) -> tuple[Cell, ...]:
    """Return copies of a cell that share out what was drawn in it."""
    return tuple(
        Cell(
            name=f"{record.name} ({number})" if number > 1 else record.name,
            tomogram=tomogram,
            annotations=(part,),
            species=record.species,
            strain=record.strain,
        )
        for number, part in enumerate(dealt(annotation), start=1)
    )


def dealt(annotation: Annotation) -> tuple[Annotation, ...]:
    """Return an annotation dealt to two, slice by slice in turn; one slice cannot be dealt."""
    label_map = annotation.label_map
    names = dict(label_map.names)
    ignored = next((value for value, name in names.items() if name == IGNORE), None)
    scope = _known_slices(label_map.labels_ZYX, ignored)
    groups = _groups(scope.indices)
    if len(groups) < 2:
        return (annotation,)
    ignored = ignored or next(it for it in range(1, 256) if it not in names)
    names[ignored] = IGNORE
    parts: list[Annotation] = []
    for group in groups:
        others = tuple(sorted(set(scope.indices).difference(group)))
        labels_ZYX = label_map.labels_ZYX.copy()
        labels_ZYX[_planes(Slices(axis=scope.axis, indices=others))] = ignored
        part = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=label_map.voxel_size_um)
        parts.append(replace(annotation, label_map=part))
    return tuple(parts)


def _known_slices(labels_ZYX: np.ndarray, ignored: int | None) -> Slices:
    """Return the slices that say anything, across the axis along which there are the fewest."""
    if ignored is None:
        return drawn_slices(labels_ZYX, None)
    known_ZYX = labels_ZYX != ignored
    used = [known_ZYX.any(axis=tuple({0, 1, 2} - {axis})) for axis in range(3)]
    axis = min(range(3), key=lambda it: float(used[it].mean()))
    return Slices(axis=axis, indices=tuple(np.flatnonzero(used[axis]).tolist()))


def _groups(indices: Sequence[int]) -> list[tuple[int, ...]]:
    if len(indices) > _FEW_SLICES:
        half = len(indices) // 2
        return [tuple(indices[:half]), tuple(indices[half:])]
    return [tuple(part) for part in (indices[0::2], indices[1::2]) if part]


def _planes(slices: Slices) -> tuple[slice | tuple[int, ...], ...]:
    return (*(slice(None),) * slices.axis, slices.indices)
