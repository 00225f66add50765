"""Jobs as they are asked for in the window, and trainings that were stopped earlier."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from sxtstudio.core.events import Report
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, class_colour
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.settings import settings
from sxtstudio.io.network_card import read_network_card
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import unstored_segmentations
from sxtstudio.workflow.failure import why_stuck
from sxtstudio.workflow.improving import ImprovementRequest, export_improvement_job
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    check_network_target,
    export_segmentation_job,
    export_training_job,
    job_folder_of,
)
from sxtstudio.workflow.stopped import stopped_trainings

_FOLDERS = "training_folders"
_MOST_REMEMBERED = 50
_SEGMENT = "segment-"
_EARLIER = "Earlier segmentation"
_STOPPED = "Stopped before its end."
_KEPT = "What it has learned is kept; it can go on."


Export = Callable[[Report], object]
"""Writes what a job needs into its folder; takes its time."""


def new_training(
    project: Project, request: TrainingRequest, jobs: JobQueue, ontology: Ontology
) -> tuple[Job, Export]:
    """Return a training and what exports it; a stopped one of the same network is thrown away.

    Raises
    ------
    PlanError
        If that network is being trained just now, or the stopped one cannot go on.
    """
    folder, task = job_folder_of(request.network), project.task(request.task)
    jobs.require_free(folder)
    check_network_target(request.network)

    def export(report: Report) -> None:
        if not request.resume and folder.exists():
            shutil.rmtree(folder)
        export_training_job(project, request, folder, report)

    if request.resume:
        export_training_job(project, request, folder)  # only looks whether it can go on
        return training_job(folder, task, ontology), _nothing
    return training_job(folder, task, ontology), export


def new_improvement(
    project: Project,
    request: ImprovementRequest,
    jobs: JobQueue,
    ontology: Ontology,
    library: Library | None,
) -> tuple[Job, Export]:
    """Return the improvement of a network and what exports it; ``library`` is the open one.

    Raises
    ------
    NetworkError, PlanError
        If the network cannot be read, or is being trained just now.
    """
    folder = job_folder_of(request.target)
    jobs.require_free(folder)
    job = training_job(folder, read_network_card(request.network).plan.task, ontology)
    job.title = f"Improve {request.network.stem}"
    return job, lambda report: export_improvement_job(
        project, request, folder, report, library=library
    )


def first_job(folder: Path, cell: str, task: Task, ontology: Ontology) -> Job:
    """Return the training of a first network that was exported into a folder."""
    colours = {item.name: class_colour(item, ontology) for item in task.classes}
    title = f"First network of {cell}"
    return Job(kind="training", title=title, folder=folder, colours=colours, quiet=True)


def training_job(folder: Path, task: Task, ontology: Ontology) -> Job:
    """Return a training that was exported into a folder, and remember where it lives."""
    others = [it for it in _remembered() if it != folder and it.is_dir()]
    settings().setValue(_FOLDERS, [str(it) for it in (folder, *others)][:_MOST_REMEMBERED])
    colours = {item.name: class_colour(item, ontology) for item in task.classes}
    return Job(kind="training", title=f"Train {task.name}", folder=folder, colours=colours)


def new_segmentation(project: Project, request: SegmentationRequest) -> tuple[Job, Export]:
    """Return a segmentation and what exports it."""
    names = [project.cell(cell).name for cell in request.cells]
    title = f"Segment {names[0]}" if len(names) == 1 else f"Segment {len(names)} cells"
    folder = new_job_folder(_SEGMENT)
    job = Job(kind="segmentation", title=title, folder=folder)
    return job, lambda report: export_segmentation_job(project, request, folder, report)


def _nothing(_: Report) -> None:
    return


def list_stopped(project: Project, jobs: JobQueue) -> None:
    """List the trainings of a project that were stopped earlier, so that they can go on.

    What a segmentation found before the program ended is stored.
    """
    for folder, stopped in stopped_trainings(project, _remembered()):
        job = training_job(folder, stopped.task, stopped.ontology)
        job.stuck = why_stuck(folder)
        job.text = f"{_STOPPED} {job.stuck}" if job.stuck else f"{_STOPPED} {_KEPT}"
        jobs.show_paused(job)
    for folder in unstored_segmentations(project, _job_folders().glob(f"{_SEGMENT}*")):
        job = Job(kind="segmentation", title=_EARLIER, folder=folder, unstored=True)
        jobs.show_paused(job)
        jobs.store(job)


def _remembered() -> list[Path]:
    stored = settings().value(_FOLDERS, [])
    names = [stored] if isinstance(stored, str) else stored
    return [Path(str(name)) for name in names] if isinstance(names, list) else []


def new_job_folder(prefix: str) -> Path:
    """Return a new folder for a job that belongs to no file of the user's."""
    parent = _job_folders()
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))


def _job_folders() -> Path:
    cache = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    return Path(cache) / "jobs"
