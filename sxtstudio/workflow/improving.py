"""Improve a network with what was corrected since: whom it learns from, and what became of it."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sxtstudio.core.coverage import knowledge_of
from sxtstudio.core.errors import CoverageError, FileError, PlanError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.ontology import Extension, Ontology
from sxtstudio.core.plan import Beginning, check_budget
from sxtstudio.core.task import Task
from sxtstudio.core.wording import counted, listed
from sxtstudio.io.files import sha256_of_file, system_errors
from sxtstudio.io.network_card import read_network_card
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.gathering import (
    GatheredCell,
    Known,
    known_together,
    project_cells,
    shared_ontology,
    terms_needed,
    unique_names,
)
from sxtstudio.workflow.job_folder import (
    PARENT_FILE,
    JobBeginning,
    JobCell,
    TrainingJob,
    read_job,
    write_job,
)
from sxtstudio.workflow.jobs import (
    check_network_target,
    new_job_folder,
    write_all_gathered,
)
from sxtstudio.workflow.preparing import has_begun
from sxtstudio.workflow.tasks import drawn_versions, useful_versions

DEFAULT_MINUTES = 4.0

GENTLENESS = 0.3
"""Part of the learning rates of its own plan with which a trained network goes on."""

MUCH = 0.02
"""A change of the mean Dice below this is within the noise of one training."""


@dataclass(frozen=True, kw_only=True)
class ImprovementRequest:
    """Improve ``network`` into ``target``, a file of its own.

    ``cells`` are names or ids of corrected cells, None for all. ``library`` is where earlier cells
    are looked for that the project does not have. Without ``minutes`` or ``steps``, some minutes.
    """

    network: Path
    target: Path
    minutes: float | None = None
    steps: int | None = None
    cells: tuple[str, ...] | None = None
    library: Path | None = None
    device: str = "auto"
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """Who would teach an improvement.

    ``corrected`` and ``earlier`` are names of cells to learn from; ``spared`` are corrected ones
    and ``checked`` earlier ones that only measure it. ``missing`` are cells that the network
    learned from and that are neither in the project nor in the library.
    """

    card: NetworkCard
    cells: tuple[GatheredCell, ...]
    extension: Extension
    corrected: tuple[str, ...]
    spared: tuple[str, ...]
    earlier: tuple[str, ...]
    checked: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The plan in sentences."""
        words = [f"Learns from {_counted_names(self.corrected, 'corrected cell')}."]
        if self.earlier:
            words.append(
                f"Half of the time goes to {counted(len(self.earlier), 'earlier cell')}, so that "
                "nothing is forgotten."
            )
        else:
            words.append(
                "None of the cells that it learned from before was found, so it may forget what "
                "it knew."
            )
        if self.missing:
            words.append(
                f"Not found: {listed(self.missing)}. With the library that holds "
                f"{'it' if len(self.missing) == 1 else 'them'}, what they taught would be "
                "learned again."
            )
        words.append(_measured_words(self.spared, self.checked))
        return tuple(words)


def _counted_names(names: Sequence[str], noun: str) -> str:
    return f"{counted(len(names), noun)}: {listed(names)}"


def _measured_words(spared: Sequence[str], checked: Sequence[str]) -> str:
    if spared and checked:
        return (
            f"{listed(spared)} and {listed(checked)} are not learned from: they tell what is won "
            "and what is forgotten."
        )
    if spared:
        return (
            f"{listed(spared)} is not learned from and tells what is won; what is forgotten can "
            "only be told on cells that are learned from."
        )
    if checked:
        return (
            f"{listed(checked)} is not learned from and tells what is forgotten; correct one more "
            "cell to tell honestly what is won."
        )
    return "No cell can be spared to measure with, so the scores will flatter; correct one more."


@dataclass(frozen=True, kw_only=True)
class _Sorted:
    """The cells of a project and a library, by what an earlier network knows of them."""

    corrected: tuple[Known, ...]
    again: tuple[Known, ...]
    earlier: tuple[Known, ...]
    checked: tuple[Known, ...]
    spared: tuple[Known, ...] = ()

    @property
    def learned(self) -> tuple[Known, ...]:
        """The cells with corrections that teach."""
        return tuple(it for it in (*self.corrected, *self.again) if it not in self.spared)


def propose_improvement(
    project: Project,
    network: Path,
    cells: tuple[str, ...] | None = None,
    library: Library | None = None,
    report: Report = ignore,
) -> Improvement:
    """Return who would teach an improvement of a network.

    Raises
    ------
    FileError
        If the network cannot be read.
    PlanError
        If the task was changed since it was trained.
    CoverageError
        If no cell was corrected that it could learn from.
    ProjectError
        If a cell that is named is not there.
    """
    card = read_network_card(network)
    _check_task(project, card, network)
    ontology = shared_ontology(project, library)
    shelf = () if library is None else library.cells()
    known = [
        it
        for it in known_together(project_cells(project, report), shelf)
        if _teaches(it, card.plan.task, ontology)
    ]
    found = _sort(project, card, known, cells)
    found = replace(found, spared=_to_spare(found, card.plan.task, ontology))
    if not found.learned:
        raise CoverageError(
            f"{project.path.name}: no cell was drawn or corrected since {network.name} was "
            "trained; correct what it got wrong in a cell, and save the labels."
        )
    return _improvement(project, card, found, library)


def _improvement(
    project: Project, card: NetworkCard, found: _Sorted, library: Library | None
) -> Improvement:
    taken = [*found.learned, *found.spared, *found.earlier, *found.checked]
    names = unique_names(taken)
    here = {it.cell.lac_sha256 for it in taken}
    folder = "" if library is None else str(library.folder.absolute())
    ontology = shared_ontology(project, library)
    return Improvement(
        card=card,
        cells=tuple(_gathered(project, it, names, card.plan.task, folder) for it in taken),
        extension=terms_needed(taken, card.plan.task, ontology),
        corrected=tuple(names[it.cell.id] for it in found.learned),
        spared=tuple(names[it.cell.id] for it in found.spared),
        earlier=tuple(names[it.cell.id] for it in found.earlier),
        checked=tuple(names[it.cell.id] for it in found.checked),
        missing=tuple(cell.name for sha, cell in card.learned.items() if sha not in here),
    )


def _check_task(project: Project, card: NetworkCard, network: Path) -> None:
    task = card.plan.task
    now = [it for it in project.tasks() if it.name == task.name]
    if now and now[0].classes != task.classes:
        raise PlanError(
            f"{network.name}: was trained for version {task.version} of the task {task.name!r}, "
            f"which is at version {now[0].version} now and has other classes; train a network "
            "for the task as it is now."
        )


def _teaches(known: Known, task: Task, ontology: Ontology) -> bool:
    facts = [item.facts for item in known.cell.annotations]
    return any(it.knowledge != "not" for it in knowledge_of(facts, task, ontology).values())


def _sort(
    project: Project, card: NetworkCard, known: Sequence[Known], cells: tuple[str, ...] | None
) -> _Sorted:
    wanted = None if cells is None else {project.cell(word).id for word in cells}
    spared = {cell.sha256 for cell in card.spared}
    corrected: list[Known] = []
    again: list[Known] = []
    earlier: list[Known] = []
    checked: list[Known] = []
    for it in known:
        sha256 = it.cell.lac_sha256
        asked = bool(it.project) and (wanted is None or it.project in wanted)
        if sha256 in spared:
            checked.append(it)
        elif sha256 in card.learned:
            since = asked and _corrected_since(project.cell(it.project), card.made_by.time)
            (again if since else earlier).append(it)
        elif asked:
            corrected.append(it)
    return _Sorted(
        corrected=tuple(corrected),
        again=tuple(again),
        earlier=tuple(earlier),
        checked=tuple(checked),
    )


def _corrected_since(cell: CellRecord, time: str) -> bool:
    drawn = drawn_versions(cell)
    return bool(drawn) and drawn[-1].kind == "corrected" and drawn[-1].time > time


def _to_spare(found: _Sorted, task: Task, ontology: Ontology) -> tuple[Known, ...]:
    """Return the corrected cell that measures the gain: of two or more, one that shows most."""
    if len(found.corrected) < 2:
        return ()

    def shown(known: Known) -> int:
        facts = [item.facts for item in known.cell.annotations]
        return sum(it.voxels > 0 for it in knowledge_of(facts, task, ontology).values())

    return (max(found.corrected, key=shown),)


def _gathered(
    project: Project, known: Known, names: dict[str, str], task: Task, folder: str
) -> GatheredCell:
    """Return what is taken of a cell: of one of the project what holds there, else the library's.

    What a library still has of a cell that was corrected here is older than the correction.
    """
    versions: tuple[str, ...] = ()
    if known.project:
        useful = useful_versions(project.cell(known.project), task, project.ontology())
        versions = tuple(version.id for version in useful)
    return GatheredCell(
        name=names[known.cell.id],
        voxel_size_um=known.cell.voxel_size_um,
        project=known.project if versions else "",
        versions=versions,
        library=() if versions else known.library,
        folder="" if versions else folder,
    )


def next_name(network: Path) -> Path:
    """Return a free file name beside a network for its successor: "organelles-2.sxtnet"."""
    stem, _, number = network.stem.rpartition("-")
    if not (stem and number.isdecimal()):
        stem, number = network.stem, "1"
    count = int(number) + 1
    while (path := network.with_name(f"{stem}-{count}{network.suffix}")).exists():
        count += 1
    return path


def export_improvement_job(
    project: Project,
    request: ImprovementRequest,
    folder: Path,
    report: Report = ignore,
    *,
    library: Library | None = None,
) -> Improvement:
    """Write the training of an improvement into a job folder, and return who teaches it.

    ``library`` is the request's, if it is open already. The network that is begun from is copied
    into the folder.

    Raises
    ------
    CoverageError, FileError, LibraryError, PlanError, ProjectError
        See `propose_improvement`; or if the network cannot be written where it is asked for, or a
        stopped training would be lost.
    """
    check_network_target(request.target)
    if request.target.exists():
        raise FileError(
            f"{request.target}: is there already; the improved network needs a file of its own, "
            "so give it another name."
        )
    check_budget(request.minutes, request.steps, request.seed)
    if has_begun(folder):
        raise PlanError(
            f"{folder}: holds a training that was stopped; go on with --resume, or delete that "
            "folder to start anew."
        )
    if request.library is not None and library is None:
        with Library.open(request.library, report=report) as opened:
            found = propose_improvement(project, request.network, request.cells, opened, report)
    else:
        found = propose_improvement(project, request.network, request.cells, library, report)
    with new_job_folder(folder):
        cells = write_all_gathered(folder, project, found.cells, report)
        _write(folder, cells, request, found)
    return found


def _write(
    folder: Path, cells: tuple[JobCell, ...], request: ImprovementRequest, found: Improvement
) -> None:
    with system_errors(folder, "written"):
        (folder / PARENT_FILE).parent.mkdir(exist_ok=True)
        shutil.copyfile(request.network, folder / PARENT_FILE)
    beginning = Beginning(
        network=sha256_of_file(folder / PARENT_FILE),
        file=request.network.name,
        gentleness=GENTLENESS,
        earlier=(*found.earlier, *found.checked),
        improves=True,
    )
    no_budget = request.minutes is None and request.steps is None
    job = TrainingJob(
        task=found.card.plan.task,
        cells=cells,
        extension=found.extension,
        network=str(request.target.resolve()),
        minutes=DEFAULT_MINUTES if no_budget else request.minutes,
        steps=request.steps,
        device=request.device,
        seed=request.seed,
        threads=request.threads,
        beginning=JobBeginning(
            file=PARENT_FILE, plan=beginning, spared=(*found.spared, *found.checked)
        ),
    )
    write_job(folder, job)


def require_resumable(folder: Path, request: ImprovementRequest) -> None:
    """Make sure that a folder holds the stopped improvement of this very network.

    Raises
    ------
    FileError, PlanError
        If it does not.
    """
    job = read_job(folder)
    beginning = job.beginning if isinstance(job, TrainingJob) and job.improves else None
    if beginning is None or beginning.plan.network != sha256_of_file(request.network):
        raise PlanError(
            f"{folder}: holds no improvement of {request.network.name}; leave out --resume, or "
            "delete that folder."
        )
