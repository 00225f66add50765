"""Heavy work as jobs: exported from a project, run without it, brought back into it.

``export_…_job`` writes a job folder (`sxtstudio.workflow.job_folder`), `run_job` does the work in
any process and never opens the project, `sxtstudio.workflow.bringing` brings the results in.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import FileError, NetworkError, PlanError, ProjectError
from sxtstudio.core.events import Progress, Report, Wish, ignore, never, part
from sxtstudio.core.novelty import Novelty
from sxtstudio.core.plan import Plan, check_budget
from sxtstudio.core.plan_check import check_plan
from sxtstudio.core.task import Task
from sxtstudio.io.arrays import lazy_lac
from sxtstudio.io.files import sha256_of_file, system_errors
from sxtstudio.io.network_card import read_network_card
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.correcting import taught
from sxtstudio.workflow.failure import failures_kept
from sxtstudio.workflow.fetching import is_partly_fetched
from sxtstudio.workflow.gathering import Gathered, GatheredCell, gather_cells, useful_cells
from sxtstudio.workflow.job_folder import (
    JOB_FILE,
    PLAN_FILE,
    PREDICTION_FILE,
    CellSource,
    Choice,
    JobCell,
    LibrarySource,
    SegmentationJob,
    TrainingJob,
    read_job,
    read_job_cell,
    write_job,
    write_job_cell,
    write_prediction,
)
from sxtstudio.workflow.looking import open_cell
from sxtstudio.workflow.novelty import novelty_notice
from sxtstudio.workflow.preparing import plan_training, read_training
from sxtstudio.workflow.shortage import SMALLER_TOMOGRAM, shortage_told
from sxtstudio.workflow.transfer import begin_from

DEFAULT_MINUTES = 10.0
NETWORK_SUFFIX = ".sxtnet"
NETWORK_FILE = "network.sxtnet"


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    """Train ``network`` (the file to write) for a task of the project.

    With neither ``minutes`` nor ``steps``, ten minutes. ``threads`` None takes every core.
    ``resume`` goes on with what the job folder holds; the budget and the choice of cells may then
    be left out. The choice is that of `Choice`. ``begin_from`` is a network, perhaps for another
    task, that the training begins from where their stages have the same shapes. ``plan`` is one
    that somebody made or edited; its own budget counts then, and its cells are taken.
    """

    task: str
    network: Path
    minutes: float | None = None
    steps: int | None = None
    device: str = "auto"
    seed: int = 0
    threads: int | None = None
    resume: bool = False
    library: Path | None = None
    library_cells: tuple[str, ...] | None = None
    project_cells: tuple[str, ...] | None = None
    like: str = ""
    most: int = 24
    begin_from: Path | None = None
    plan: Plan | None = None

    @property
    def choice(self) -> Choice:
        """Which cells are to be taken."""
        return Choice(
            library="" if self.library is None else str(self.library.absolute()),
            library_cells=self.library_cells,
            project_cells=self.project_cells,
            like=self.like,
            most=self.most,
        )


@dataclass(frozen=True, kw_only=True)
class SegmentationRequest:
    """Segment ``cells`` (names or ids) with a network.

    Without any, every cell that this very network has not segmented yet.
    """

    network: Path
    cells: tuple[str, ...] = ()
    device: str = "auto"
    threads: int | None = None


def job_folder_of(network: Path) -> Path:
    """Return where the command line keeps a training until it has succeeded."""
    return network.with_name(network.name + ".job")


def export_training_job(
    project: Project,
    request: TrainingRequest,
    folder: Path,
    report: Report = ignore,
    *,
    task: Task | None = None,
    library: Library | None = None,
) -> None:
    """Write a training job into a folder, or make sure that the one in there can go on.

    Cells of a library are chosen here, but fetched once the job runs. ``task`` is one that the
    project does not have yet; the request then only names it. ``library`` is the request's, if it
    is open already: a share that is slow to answer is then not asked again.

    Raises
    ------
    CoverageError
        If no cell knows anything about the task.
    LibraryError, ProjectError
        If the library or a cell cannot be found.
    PlanError
        If there is nothing to go on from, the stopped training was another one, or a stopped
        training would be lost.
    FileError
        If the network cannot be written where it is asked for.
    """
    check_network_target(request.network)
    check_budget(request.minutes, request.steps, request.seed)
    task = task or project.task(request.task)
    if request.resume:
        _check_resumable(project, request, folder)
        return
    if (folder / PLAN_FILE).exists():
        raise PlanError(
            f"{folder}: holds a training that was stopped; go on with --resume, or delete that "
            "folder to start anew."
        )
    gathered = gather_cells(
        project, task, request.choice, seed=request.seed, report=report, library=library
    )
    if request.plan is not None:
        gathered = _of_plan(request.plan, task, gathered)
    with new_job_folder(folder):
        _write_training(folder, project, task, request, gathered, report)
    for notice in gathered.notices:
        report(notice)


def _of_plan(plan: Plan, task: Task, gathered: Gathered) -> Gathered:
    """Return what is gathered of the cells that a given plan names, once that can be carried out.

    What depends on the machine, or on what is in the cells, is checked where they are read.
    """
    check_plan(plan, task, [cell.name for cell in gathered.cells])
    named = {*plan.training, *plan.validation}
    kept = tuple(cell for cell in gathered.cells if cell.name in named)
    return replace(gathered, cells=kept, folds=None)


def _write_training(
    folder: Path,
    project: Project,
    task: Task,
    request: TrainingRequest,
    gathered: Gathered,
    report: Report,
) -> None:
    cells = write_all_gathered(folder, project, gathered.cells, report)
    given = request.plan
    budget = given or request
    no_budget = budget.minutes is None and budget.steps is None
    job = TrainingJob(
        task=task,
        cells=cells,
        choice=request.choice,
        folds=gathered.folds,
        extension=gathered.extension,
        network=str(request.network.resolve()),
        minutes=DEFAULT_MINUTES if no_budget else budget.minutes,
        steps=budget.steps,
        device=request.device,
        seed=request.seed,
        threads=request.threads,
        beginning=begin_from(request.begin_from, folder) if request.begin_from else None,
        given=given,
    )
    write_job(folder, job)


def check_network_target(network: Path) -> None:
    """Raise `FileError` if a network cannot be written there."""
    if network.suffix != NETWORK_SUFFIX:
        raise FileError(f"{network}: the name of a network ends in {NETWORK_SUFFIX}.")
    if network.is_dir() or not network.parent.is_dir():
        raise FileError(f"{network}: cannot be written; name a file in a folder that exists.")


def write_all_gathered(
    folder: Path, project: Project, gathered: Sequence[GatheredCell], report: Report
) -> tuple[JobCell, ...]:
    """Write what the project has of some cells, see `write_gathered`."""
    cells: list[JobCell] = []
    for number, cell in enumerate(gathered):
        report(Progress(text=f"Writing {cell.name}", fraction=number / len(gathered)))
        cells.append(write_gathered(folder, number, project, cell))
    return tuple(cells)


def write_gathered(folder: Path, number: int, project: Project, gathered: GatheredCell) -> JobCell:
    """Write what the project has of a cell; what a library has of it is fetched later."""
    entry = JobCell(id=gathered.project, name=gathered.name, voxel_size_um=gathered.voxel_size_um)
    if gathered.project:
        entry = write_job_cell(folder, number, _training_source(project, gathered))
    if not gathered.library:
        return entry
    first, *more = gathered.library
    library = LibrarySource(folder=gathered.folder, id=first, more=tuple(more))
    return replace(entry, id=gathered.project or first, library=library, fetched=False)


def _training_source(project: Project, gathered: GatheredCell) -> CellSource:
    record = project.cell(gathered.project)
    cell = Cell(
        name=gathered.name,
        tomogram=project.tomogram(record.id),
        annotations=tuple(
            taught(project.annotation(record.id, it.id), it, record)
            for it in record.versions
            if it.id in gathered.versions
        ),
        species=record.species,
        strain=record.strain,
    )
    return CellSource(id=record.id, versions=gathered.versions, cell=cell)


def _check_resumable(project: Project, request: TrainingRequest, folder: Path) -> None:
    if not (folder / JOB_FILE).exists():
        raise PlanError(
            f"{folder}: there is no stopped training to go on from; leave out --resume."
        )
    job = read_job(folder)
    if not isinstance(job, TrainingJob):
        raise PlanError(f"{folder}: holds no training; leave out --resume.")
    no_budget = request.minutes is None and request.steps is None
    same = {
        "task": job.task == project.task(request.task),
        "device": job.device == request.device,
        "seed": job.seed == request.seed,
        "minutes": no_budget or job.minutes == request.minutes,
        "steps": no_budget or job.steps == request.steps,
        "the choice of cells": request.choice in (Choice(), job.choice),
        "the plan": request.plan in (None, job.given),
        "labelled cells": _has_same_labels(project, job),
    }
    changed = [what for what, is_same in same.items() if not is_same]
    if changed:
        raise PlanError(
            f"{folder}: cannot go on with the stopped training, because {' and '.join(changed)} "
            "changed since. In the window untick “Go on”; on the command line delete that folder "
            "and leave out --resume."
        )


def _has_same_labels(project: Project, job: TrainingJob) -> bool:
    """Tell whether the project's labels are those of a job; a library may have grown since."""
    taken = {cell.id: cell.versions for cell in job.cells if cell.versions}
    useful = useful_cells(project, job.task, job.choice.project_cells)
    if job.choice.library:
        useful = {cell: versions for cell, versions in useful.items() if cell in taken}
    return useful == taken


def _is_ours(item: Path) -> bool:
    """Tell whether something in a job folder is what a job that was cut off left there."""
    return item.name in ("inputs", "work", "results", JOB_FILE) or ".part" in item.name


@contextmanager
def new_job_folder(folder: Path) -> Iterator[None]:
    """Make an empty job folder, in place of one that never began; leave none behind on failure."""
    if folder.is_file() or (folder.is_dir() and not all(map(_is_ours, folder.iterdir()))):
        raise FileError(f"{folder}: is in the way and not a job; move it, or use another name.")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with system_errors(folder, "written"):
            folder.mkdir(parents=True)
            yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def export_segmentation_job(
    project: Project, request: SegmentationRequest, folder: Path, report: Report = ignore
) -> tuple[str, ...]:
    """Write a segmentation job into a folder and return the names of its cells.

    Raises
    ------
    FileError
        If the network cannot be read.
    ProjectError
        If a cell is not in the project, or no cell is left to segment.
    """
    read_network_card(request.network)
    sha256 = sha256_of_file(request.network)
    records = cells_to_segment(project, request.cells, sha256)
    with new_job_folder(folder):
        cells: list[JobCell] = []
        for number, record in enumerate(records):
            report(Progress(text=f"Writing {record.name}", fraction=number / len(records)))
            cells.append(write_job_cell(folder, number, _bare_source(project, record, report)))
        job = SegmentationJob(
            cells=tuple(cells),
            network=str(request.network.resolve()),
            network_sha256=sha256,
            device=request.device,
            threads=request.threads,
        )
        write_job(folder, job)
    return tuple(record.name for record in records)


def cells_to_segment(
    project: Project, names: Sequence[str], network_sha256: str
) -> tuple[CellRecord, ...]:
    """Return the named cells, or else those that a network has not segmented yet."""
    if names:
        return tuple(project.cell(name) for name in names)
    cells = project.cells()
    if not cells:
        raise ProjectError(f"{project.path.name}: holds no cell; add a tomogram first.")
    left = tuple(cell for cell in cells if not _is_segmented(cell, network_sha256))
    if not left:
        raise ProjectError(
            f"{project.path.name}: this network has segmented every cell already; name the cells "
            "to segment again (--cell NAME)."
        )
    return left


def _is_segmented(cell: CellRecord, network_sha256: str) -> bool:
    return any(version.network_sha256 == network_sha256 for version in cell.versions)


def _bare_source(project: Project, record: CellRecord, report: Report) -> CellSource:
    opened = open_cell(project, record, None)
    if opened.check is not None:
        opened.check(report)
    cell = Cell(name=record.name, tomogram=opened.tomogram)
    return CellSource(id=record.id, versions=(), cell=cell)


def run_job(
    folder: Path,
    report: Report = ignore,
    *,
    threads: int | None = None,
    finish: Wish = never,
) -> str:
    """Do the job of a folder and return a sentence about it.

    What was finished before a stop is not done again. ``threads`` counts where the job itself
    does not say how many. ``finish`` ends a training early and keeps the network as it is then.
    """
    job = read_job(folder)
    if job.threads is None:
        job = replace(job, threads=threads)
    if isinstance(job, TrainingJob):
        advice = "train on fewer cells, or on cells that are cropped or binned"
        with failures_kept(folder), shortage_told("The training", advice):
            return _train(folder, job, report, finish)
    return _segment(folder, job, report)


def _train(folder: Path, job: TrainingJob, report: Report, finish: Wish) -> str:
    if (folder / NETWORK_FILE).exists() and job.labels_first:
        return _label_first(folder, job, report)
    if (folder / NETWORK_FILE).exists():
        return f"The network for {job.task.name!r} was trained already."
    job, cells = read_training(folder, part(report, 0.0, 0.01), job.threads)
    from sxtstudio.engine.cascade import train_cascade  # torch: only once it is needed

    plan = plan_training(folder, job, cells, report)
    work = folder / "work"
    work.mkdir(exist_ok=True)
    parent = folder / job.beginning.file if job.beginning and plan.beginning else None
    within = part(report, 0.0, 0.95) if job.labels_first else report
    network = train_cascade(plan, cells, job.ontology, work, within, finish, parent=parent)
    network.replace(folder / NETWORK_FILE)
    if job.labels_first:
        return _label_first(folder, job, part(report, 0.95, 1.0))
    return f"Trained a network for {job.task.name!r} on {_count(len(plan.training), 'cell')}."


def _segment(folder: Path, job: SegmentationJob, report: Report) -> str:
    network = Path(job.network)
    if not network.is_file() or sha256_of_file(network) != job.network_sha256:
        raise NetworkError(f"{network}: is not the network any more that this job was made for.")
    for number in range(len(job.cells)):
        within = part(report, number / len(job.cells), (number + 1) / len(job.cells))
        novelty = _predict(folder, job, number, network, within)
        warning = novelty_notice(job.cells[number].name, novelty)
        if warning:
            report(warning)
    return f"Segmented {_count(len(job.cells), 'cell')}."


def _label_first(folder: Path, job: TrainingJob, report: Report) -> str:
    _predict(folder, job, 0, folder / NETWORK_FILE, report)
    return f"Labelled the rest of {job.cells[0].name} with a first network."


def _predict(
    folder: Path, job: TrainingJob | SegmentationJob, number: int, network: Path, report: Report
) -> Novelty | None:
    """Segment one cell of a job into its results, unless they are there; return what differs."""
    from sxtstudio.engine.predicting import predict_cascade  # torch: only once it is needed

    entry, result = job.cells[number], folder / "results" / str(number)
    if (result / PREDICTION_FILE).exists():
        return None
    report(Progress(text=f"Segmenting {entry.name}", fraction=0.0))
    tomogram = read_job_cell(folder, entry).tomogram
    tomogram = replace(tomogram, lac_ZYX=lazy_lac(tomogram.lac_ZYX, 1.0))
    work = folder / "work" / str(number)
    work.mkdir(parents=True, exist_ok=True)
    with shortage_told(f"Segmenting {entry.name}", SMALLER_TOMOGRAM):
        prediction = predict_cascade(
            network, tomogram, work, report, device=job.device, threads=job.threads
        )
    write_prediction(result, prediction)
    novelty = prediction.novelty
    del prediction, tomogram
    shutil.rmtree(work, ignore_errors=True)
    return novelty


def forget_unstarted(folder: Path) -> None:
    """Remove the folder of a training that failed before it began, if nothing is lost with it.

    Where some cells of a library were fetched already and others not, it can go on.
    """
    if not (folder / PLAN_FILE).exists() and not is_partly_fetched(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"
