"""Which cells a training takes: those of a project and those of a library, told alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sxtstudio.core.coverage import AnnotationFacts, Coverage, annotation_facts
from sxtstudio.core.errors import CoverageError, LibraryError, PlanError
from sxtstudio.core.events import Notice, Progress, Report, ignore
from sxtstudio.core.ontology import Extension, Ontology, default_ontology, terms_for
from sxtstudio.core.plan import Fold
from sxtstudio.core.similarity import CellProfile, profile_of
from sxtstudio.core.task import Task
from sxtstudio.core.volume import VoxelSize
from sxtstudio.library.coverage import library_coverage
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery, LibraryAnnotation, LibraryCell
from sxtstudio.library.selection import Selection, select
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.job_folder import Choice
from sxtstudio.workflow.tasks import drawn_versions, useful_versions
from sxtstudio.workflow.vocabulary import members_of, unknown_words

_EVERYTHING = CellQuery()
_ANYHOW = Choice()


@dataclass(frozen=True, kw_only=True)
class Known:
    """One tomogram and all that is drawn in it, in the project and in a library.

    ``cell`` has the annotations of both; its id is the project's if that has the tomogram, too,
    otherwise the library's. ``project`` is then empty. ``library`` are the ids of all cells of the
    library with this tomogram.
    """

    cell: LibraryCell
    project: str = ""
    library: tuple[str, ...] = ()


def project_cells(project: Project, report: Report = ignore) -> tuple[LibraryCell, ...]:
    """Return the cells of a project in which something is drawn, told as a library does.

    Labels of projects that older programs wrote are read, to count voxels. The tomograms are not,
    so there are no histograms.
    """
    drawn = [(cell, versions) for cell in project.cells() if (versions := drawn_versions(cell))]
    told: list[LibraryCell] = []
    for number, (cell, versions) in enumerate(drawn):
        report(Progress(text=f"Looking at {cell.name}", fraction=number / len(drawn)))
        annotations = tuple(
            LibraryAnnotation(
                id=place,
                facts=_facts(project, cell, version),
                author=version.author,
            )
            for place, version in enumerate(versions)
        )
        told.append(_told(cell, annotations))
    return tuple(told)


def _facts(project: Project, cell: CellRecord, version: LabelVersion) -> AnnotationFacts:
    return (
        version.facts
        if version.voxels
        else annotation_facts(project.annotation(cell.id, version.id))
    )


def _told(cell: CellRecord, annotations: tuple[LibraryAnnotation, ...]) -> LibraryCell:
    return LibraryCell(
        id=cell.id,
        name=cell.name,
        shape=cell.shape,
        voxel_size_um=cell.voxel_size_um,
        lac_sha256=cell.lac_sha256,
        species=cell.species,
        strain=cell.strain,
        condition=cell.condition,
        instrument=cell.instrument,
        annotations=annotations,
        source=cell.source,
    )


def known_together(own: Iterable[LibraryCell], others: Iterable[LibraryCell]) -> tuple[Known, ...]:
    """Return the cells of a project and of a library, each tomogram once, the project's first.

    What is drawn in the same tomogram in several places adds up.
    """
    mine: dict[str, list[LibraryCell]] = {}
    theirs: dict[str, list[LibraryCell]] = {}
    for cell in own:
        mine.setdefault(cell.lac_sha256, []).append(cell)
    for cell in others:
        theirs.setdefault(cell.lac_sha256, []).append(cell)
    known = [
        _known(cell, theirs.get(lac, []), project=cell.id)
        for lac, cells in mine.items()
        for cell in cells
    ]
    for lac, cells in theirs.items():
        if lac not in mine:
            newest, *rest = sorted(cells, key=lambda it: (it.added, it.id), reverse=True)
            known.append(_known(newest, [newest, *rest], project=""))
    return tuple(known)


def _known(first: LibraryCell, shelf: Sequence[LibraryCell], project: str) -> Known:
    """Return a tomogram as the project (``first``) and some cells of the library know it."""
    annotations = list(first.annotations)
    for cell in shelf:
        annotations += [] if cell is first else cell.annotations
    histogram = first.histogram or next((cell.histogram for cell in shelf), ())
    numbered = tuple(replace(item, id=place) for place, item in enumerate(annotations))
    merged = replace(first, annotations=numbered, histogram=histogram)
    return Known(cell=merged, project=project, library=tuple(cell.id for cell in shelf))


def coverage_of(
    project: Project | None,
    library: Library | None,
    task: Task,
    *,
    query: CellQuery = _EVERYTHING,
    own: Sequence[LibraryCell] | None = None,
) -> Coverage:
    """Return what the cells of a project and of a library know about a task.

    ``query`` narrows down the library. ``own`` is what `project_cells` returns, if that is known.
    """
    if own is None:
        own = () if project is None else project_cells(project)
    others = () if library is None else library.cells(query)
    known = known_together(own, others)
    coverage = library_coverage([it.cell for it in known], task, shared_ontology(project, library))
    rows = (
        replace(row, origin="project") if it.project else row
        for it, row in zip(known, coverage.rows, strict=True)
    )
    return replace(coverage, rows=tuple(rows))


def shared_ontology(project: Project | None, library: Library | None) -> Ontology:
    """Return the vocabulary of a project and a library together."""
    ontology = default_ontology() if library is None else library.ontology()
    return ontology if project is None else ontology.extended(project.extension())


def gather(
    project: Project,
    library: Library,
    task: Task,
    choice: Choice = _ANYHOW,
    *,
    own: Sequence[LibraryCell] | None = None,
    seed: int = 0,
) -> Selection:
    """Return which cells of a project and of a library to train on, and why.

    The cells of the project that know something are always among them, unless ``choice`` names
    others; so are those of the library that it names. ``own`` is what `project_cells` returns, if
    that is known.

    Raises
    ------
    CoverageError
        If no cell shows some class of the task.
    LibraryError, ProjectError
        If a cell that is named is not there, or not in use.
    """
    own = project_cells(project) if own is None else own
    return _select(project, library, task, choice, _candidates(project, library, choice, own), seed)


def _candidates(
    project: Project, library: Library, choice: Choice, own: Sequence[LibraryCell]
) -> tuple[Known, ...]:
    """Return the cells to choose from; what is drawn elsewhere in their tomograms counts, too."""
    if choice.project_cells is not None:
        named = {project.cell(word).id for word in choice.project_cells}
        own = [cell for cell in own if cell.id in named]
    shelf = library.cells()
    if choice.library_cells is not None:
        wanted = {_cell_in_use(library, word).lac_sha256 for word in choice.library_cells}
        wanted |= {cell.lac_sha256 for cell in own}
        shelf = tuple(cell for cell in shelf if cell.lac_sha256 in wanted)
    return known_together(own, shelf)


def _cell_in_use(library: Library, word: str) -> LibraryCell:
    cell = library.cell(word)
    if cell.withdrawn:
        why = cell.withdrawn.rstrip(".")
        raise LibraryError(
            f"{library.folder}: {cell.name!r} was withdrawn ({why}); restore it, or leave it out."
        )
    if cell.superseded_by:
        raise LibraryError(
            f"{library.folder}: of {cell.name!r} ({cell.id[:12]}) there is a newer version; take "
            f"that ({cell.superseded_by[:12]}) instead."
        )
    return cell


def _select(
    project: Project,
    library: Library,
    task: Task,
    choice: Choice,
    known: Sequence[Known],
    seed: int,
) -> Selection:
    include = {it.project for it in known if it.project}
    if choice.library_cells is not None:
        include |= {it.cell.id for it in known}
    return select(
        [it.cell for it in known],
        task,
        shared_ontology(project, library),
        like=_profile(project, choice.like) if choice.like else None,
        include=frozenset(include),
        most=choice.most,
        seed=seed,
    )


def _profile(project: Project, name: str) -> CellProfile:
    record = project.cell(name)
    return profile_of(project.tomogram(record.id), _told(record, ()).kind)


@dataclass(frozen=True, kw_only=True)
class GatheredCell:
    """A cell that a training takes.

    ``project`` is its id there and ``versions`` those of its labels, both empty for a cell of the
    library alone; ``library`` are the ids of the cells in the library ``folder`` that are fetched.
    ``name`` is unique in the training.
    """

    name: str
    voxel_size_um: VoxelSize
    project: str = ""
    versions: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What a training takes: cells, folds by their names (None: the plan's own), and its words."""

    cells: tuple[GatheredCell, ...]
    folds: tuple[Fold, ...] | None = None
    extension: Extension = field(default_factory=Extension)
    notices: tuple[Notice, ...] = ()


def useful_cells(
    project: Project, task: Task, chosen: Sequence[str] | None
) -> dict[str, tuple[str, ...]]:
    """Return cell id → ids of the label versions that help to learn a task.

    ``chosen`` are names or ids, None for all.

    Raises
    ------
    ProjectError
        If the project has no cell of that name.
    """
    ontology = project.ontology()
    cells = project.cells() if chosen is None else tuple(map(project.cell, chosen))
    useful = {cell.id: useful_versions(cell, task, ontology) for cell in cells}
    return {
        cell: tuple(version.id for version in versions)
        for cell, versions in useful.items()
        if versions
    }


def gather_cells(
    project: Project,
    task: Task,
    choice: Choice,
    *,
    seed: int = 0,
    report: Report = ignore,
    library: Library | None = None,
) -> Gathered:
    """Return the cells that a training of a project takes, from there and from a library.

    ``library`` is the one that the choice names, if it is open already.

    Raises
    ------
    CoverageError
        If no cell shows some class of the task.
    LibraryError, ProjectError
        If the library, or a cell that is named, is not there.
    """
    if choice.library and library is not None:
        return _gather_both(project, library, task, choice, seed, report)
    if choice.library:
        with Library.open(Path(choice.library), report=report) as opened:
            return _gather_both(project, opened, task, choice, seed, report)
    if choice.library_cells is not None or choice.like:
        raise PlanError("Cells of a library were chosen, but no library; give it with --library.")
    if choice.project_cells == ():
        raise PlanError(
            "Neither cells of the project nor of a library are left to learn from; name a library "
            "with --library, or leave out --without-project-cells."
        )
    useful = useful_cells(project, task, choice.project_cells)
    if not useful:
        raise CoverageError(
            f"{project.path.name}: no cell has labels that say anything about the task "
            f"{task.name!r}; add tomograms with labels first (sxtstudio add … --labels)."
        )
    own = tuple(_of_project(project.cell(cell), versions) for cell, versions in useful.items())
    unknown = tuple(_unknown(project, useful, project.ontology()))
    return Gathered(cells=own, extension=project.extension(), notices=unknown)


def _of_project(cell: CellRecord, versions: tuple[str, ...]) -> GatheredCell:
    return GatheredCell(
        name=cell.name, voxel_size_um=cell.voxel_size_um, project=cell.id, versions=versions
    )


def _gather_both(
    project: Project, library: Library, task: Task, choice: Choice, seed: int, report: Report
) -> Gathered:
    candidates = _candidates(project, library, choice, project_cells(project, report))
    selection = _select(project, library, task, choice, candidates, seed)
    taken = {cell.id for cell in selection.cells}
    known = [it for it in candidates if it.cell.id in taken]
    names = unique_names(known)
    useful = useful_cells(project, task, [it.project for it in known if it.project])
    cells = tuple(
        GatheredCell(
            name=names[it.cell.id],
            voxel_size_um=it.cell.voxel_size_um,
            project=it.project,
            versions=useful.get(it.project, ()),
            library=it.library,
            folder=choice.library,
        )
        for it in known
    )
    return Gathered(
        cells=cells,
        folds=_named_folds(selection.folds, names),
        extension=terms_needed(known, task, shared_ontology(project, library)),
        notices=(
            *_notices(known, names, selection),
            *_unknown(project, useful, shared_ontology(project, library)),
        ),
    )


def _unknown(
    project: Project, useful: Mapping[str, tuple[str, ...]], ontology: Ontology
) -> Iterator[Notice]:
    """Yield a warning for each cell with labels that the vocabulary does not know."""
    for cell_id, versions in useful.items():
        cell = project.cell(cell_id)
        names = {name for it in cell.versions if it.id in versions for name in it.names.values()}
        words = unknown_words(names, ontology, cell.name)
        if words:
            yield Notice(text=words, level="warning")


def unique_names(known: Sequence[Known]) -> dict[str, str]:
    """Return id → name, each name once; a cell of the library gives way to one of the project."""
    names: dict[str, str] = {}
    taken = {it.cell.name for it in known if it.project}
    for it in known:
        name, number = it.cell.name, 1
        while not it.project and name in taken:
            name = f"{it.cell.name} (library{f' {number}' if number > 1 else ''})"
            number += 1
        taken.add(name)
        names[it.cell.id] = name
    return names


def _named_folds(folds: Sequence[Fold], names: Mapping[str, str]) -> tuple[Fold, ...]:
    return tuple(
        Fold(
            training=tuple(names[cell] for cell in fold.training),
            held_out=tuple(names[cell] for cell in fold.held_out),
        )
        for fold in folds
    )


def terms_needed(known: Sequence[Known], task: Task, ontology: Ontology) -> Extension:
    """Return what the program's own vocabulary lacks to understand some cells and a task."""
    words = set(members_of(task))
    for it in known:
        for item in it.cell.annotations:
            words |= {*item.facts.names.values(), *item.facts.complete}
    return terms_for(words, ontology, default_ontology())


def _notices(
    known: Sequence[Known], names: Mapping[str, str], selection: Selection
) -> Iterator[Notice]:
    """Yield what is taken from a library and why, and what to expect of it."""
    mine = sum(bool(it.project) for it in known)
    yield Notice(
        text=f"Training on {len(known)} cells: {mine} of the project, {len(known) - mine} of the "
        f"library; {len(selection.left_out)} others are left out."
    )
    for it in known:
        name = names[it.cell.id]
        if it.project and it.library:
            yield Notice(
                text=f"{name} is in the project and in the library: it is used once, with what is "
                "drawn in both. Where they contradict each other, either may be true."
            )
        elif not it.project:
            yield Notice(text=f"{name}: {selection.reasons[it.cell.id]}")
    for text in selection.warnings:
        yield Notice(text=text, level="warning")
