"""Give cells of a project to a library: what people drew, never what a network says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.ontology import Ontology, terms_for
from sxtstudio.core.volume import ArrayLike, LabelMap, Tomogram
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.correcting import taught
from sxtstudio.workflow.looking import open_cell
from sxtstudio.workflow.tasks import drawn_versions
from sxtstudio.workflow.vocabulary import classes_of

Outcome = Literal["added", "updated", "unchanged"]
NOTHING_DRAWN = "nobody has drawn or corrected labels in it"


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
        offer = drawn_cell(project, record)
        outcome, word = (
            ("left_out", NOTHING_DRAWN) if offer is None else give(offer, library, author, report)
        )
        told.setdefault(outcome, {})[record.name] = word
    return Contribution(**told)


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnCell:
    """What a project can give of a cell; its arrays stay in the project's file until they are read.

    ``drawn`` are the label versions that hold now, ``given`` all that people ever drew, each with
    its labels. Any thread may read them while the project is open.
    """

    record: CellRecord
    tomogram: Tomogram
    drawn: tuple[str, ...]
    given: tuple[tuple[LabelVersion, ArrayLike], ...]
    ontology: Ontology
    source: str
    check: Callable[[Report], None] | None = None


def drawn_cell(project: Project, record: CellRecord) -> DrawnCell | None:
    """Return what a project can give of a cell without reading it, None if nothing is drawn.

    Raises
    ------
    ProjectError
        If a linked tomogram is not there.
    """
    drawn = tuple(version.id for version in drawn_versions(record))
    if not drawn:
        return None
    opened = open_cell(project, record, None)
    return DrawnCell(
        record=record,
        tomogram=opened.tomogram,
        drawn=drawn,
        given=tuple(
            (version, project.looking.labels(record, version.id))
            for version in record.versions
            if version.kind != "predicted"
        ),
        ontology=project.ontology(),
        source=f"{project.path.name}, cell {record.name}",
        check=opened.check,
    )


def give(
    offer: DrawnCell, library: Library, author: str = "", report: Report = ignore
) -> tuple[Outcome, str]:
    """Add a cell with its labels to a library; return what became of it, and its id there.

    Raises
    ------
    LibraryError
        If the library cannot be written.
    ProjectError
        If a linked tomogram is not what it was.
    """
    if offer.check is not None:
        offer.check(report)
    given = {version.id: _annotation(offer, version, labels) for version, labels in offer.given}
    cell = _cell(offer, tuple(given[version] for version in offer.drawn))
    record = offer.record
    words = classes_of(cell.annotations)
    library.extend(terms_for(words, offer.ontology, library.ontology()), author)
    old = next((it for it in library.cells() if it.lac_sha256 == record.lac_sha256), None)
    if old is None:
        return "added", library.add_cell(cell, source=offer.source, author=author).id
    there = library.read_cell(old.id)
    wanted = (*_by_others(there, tuple(given.values())), *cell.annotations)
    if len(wanted) == len(there.annotations) and all(_is_among(it, there) for it in wanted):
        return "unchanged", old.id
    whole = replace(there, annotations=wanted)
    new = library.add_cell(whole, source=offer.source, author=author)
    library.supersede(old.id, new.id, author)
    return "updated", new.id


def _annotation(offer: DrawnCell, version: LabelVersion, labels: ArrayLike) -> Annotation:
    """Return a label version with its labels read."""
    label_map = LabelMap(
        labels_ZYX=np.asarray(labels[...]),
        names=version.names,
        voxel_size_um=offer.record.voxel_size_um,
    )
    annotation = Annotation(
        label_map=label_map,
        complete=version.complete,
        author=version.author,
        made_by=version.made_by,
    )
    return taught(annotation, version, offer.record)


def _cell(offer: DrawnCell, annotations: tuple[Annotation, ...]) -> Cell:
    """Return a cell with its tomogram read."""
    record = offer.record
    lac_ZYX = np.asarray(offer.tomogram.lac_ZYX)
    return Cell(
        name=record.name,
        tomogram=replace(offer.tomogram, lac_ZYX=lac_ZYX),
        annotations=annotations,
        species=record.species,
        strain=record.strain,
        condition=record.condition,
        instrument=record.instrument,
    )


def _by_others(there: Cell, given: tuple[Annotation, ...]) -> list[Annotation]:
    """Return the annotations of a library's cell that did not come from this project's cell."""
    mine = replace(there, annotations=given)
    return [it for it in there.annotations if not _is_among(it, mine)]


def _is_among(annotation: Annotation, cell: Cell) -> bool:
    """Tell whether a cell has these labels; which are complete may have been corrected since."""
    mine = annotation.label_map
    return any(
        mine.names == it.label_map.names
        and np.array_equal(mine.labels_ZYX, it.label_map.labels_ZYX)
        for it in cell.annotations
    )
