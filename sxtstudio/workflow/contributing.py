"""Give cells of a project to a library: what people drew, never what a network says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.ontology import terms_for
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.tasks import drawn_versions
from sxtstudio.workflow.vocabulary import classes_of


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What became of the cells that were to go into a library, by name.

    ``added`` are new there, ``updated`` are new versions of cells that were there, of ``unchanged``
    everything was there already. All three map to the id in the library, ``left_out`` to a reason.
    """

    added: Mapping[str, str] = field(default_factory=dict[str, str])
    updated: Mapping[str, str] = field(default_factory=dict[str, str])
    unchanged: Mapping[str, str] = field(default_factory=dict[str, str])
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])


def contribute(
    project: Project,
    library: Library,
    cells: Sequence[str] = (),
    author: str = "",
    report: Report = ignore,
) -> Contribution:
    """Add cells of a project (names or ids; all without any) with their labels to a library.

    What is there already is not added again. Labels that came later, or corrections of labels that
    this project gave, become a new version of the cell. Stopped in between, what was added stays.

    Raises
    ------
    ProjectError
        If the project has no cell of that name.
    LibraryError
        If the library cannot be written.
    """
    records = tuple(map(project.cell, cells)) if cells else project.cells()
    told: dict[str, dict[str, str]] = {}
    for number, record in enumerate(records):
        text = f"Adding {record.name} ({number + 1} of {len(records)})"
        report(Progress(text=text, fraction=number / len(records)))
        outcome, word = _give(project, library, record, author)
        told.setdefault(outcome, {})[record.name] = word
    return Contribution(**told)


def _give(project: Project, library: Library, record: CellRecord, author: str) -> tuple[str, str]:
    """Return the field of `Contribution` that tells of a cell, and its id or a reason."""
    if not drawn_versions(record):
        return "left_out", "nobody has drawn or corrected labels in it"
    cell = _drawn_cell(project, record)
    words = classes_of(cell.annotations)
    library.extend(terms_for(words, project.ontology(), library.ontology()), author)
    source = f"{project.path.name}, cell {record.name}"
    old = next((it for it in library.cells() if it.lac_sha256 == record.lac_sha256), None)
    if old is None:
        return "added", library.add_cell(cell, source=source, author=author).id
    there = library.read_cell(old.id)
    wanted = (*_by_others(there, project, record), *cell.annotations)
    if len(wanted) == len(there.annotations) and all(_is_among(it, there) for it in wanted):
        return "unchanged", old.id
    new = library.add_cell(replace(there, annotations=wanted), source=source, author=author)
    library.supersede(old.id, new.id, author)
    return "updated", new.id


def _drawn_cell(project: Project, record: CellRecord) -> Cell:
    """Return a cell of the project with the labels that people drew and that hold now."""
    return Cell(
        name=record.name,
        tomogram=project.tomogram(record.id),
        annotations=tuple(project.annotation(record.id, it.id) for it in drawn_versions(record)),
        species=record.species,
        strain=record.strain,
        condition=record.condition,
        instrument=record.instrument,
    )


def _by_others(there: Cell, project: Project, record: CellRecord) -> list[Annotation]:
    """Return the annotations of a library's cell that did not come from this project's cell."""
    versions = [it.id for it in record.versions if it.kind != "predicted"]
    given = replace(there, annotations=tuple(project.annotation(record.id, it) for it in versions))
    return [it for it in there.annotations if not _is_among(it, given)]


def _is_among(annotation: Annotation, cell: Cell) -> bool:
    """Tell whether a cell has these labels; which are complete may have been corrected since."""
    mine = annotation.label_map
    return any(
        mine.names == it.label_map.names
        and np.array_equal(mine.labels_ZYX, it.label_map.labels_ZYX)
        for it in cell.annotations
    )
