"""Jobs as they are asked for in the window, and trainings that were stopped earlier."""

import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, class_colour
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.settings import settings
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.workflow.failure import why_stuck
from sxtstudio.workflow.improving import ImprovementRequest, export_improvement_job
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    export_segmentation_job,
    export_training_job,
    job_folder_of,
)
from sxtstudio.workflow.stopped import stopped_trainings

_FOLDERS = "training_folders"
_MOST_REMEMBERED = 50
_STOPPED = "Stopped before its end."
_KEPT = "What it has learned is kept; it can go on."


def new_training(
    project: Project, request: TrainingRequest, jobs: JobQueue, ontology: Ontology
) -> Job:
    """Export a training and return it; a stopped one of the same network is thrown away.

    Raises
    ------
    PlanError
        If that network is being trained just now, or the stopped one cannot go on.
    """
    folder = job_folder_of(request.network)
    jobs.require_free(folder)
    if not request.resume and folder.exists():
        shutil.rmtree(folder)
    export_training_job(project, request, folder)
    return training_job(folder, project.task(request.task), ontology)


def new_improvement(
    project: Project,
    request: ImprovementRequest,
    jobs: JobQueue,
    ontology: Ontology,
    library: Library | None,
) -> Job:
    """Export the improvement of a network and return it; ``library`` is the one that is open.

    Raises
    ------
    CoverageError, PlanError
        If nothing was corrected, or that network is being trained just now.
    """
    folder = job_folder_of(request.target)
    jobs.require_free(folder)
    found = export_improvement_job(project, request, folder, library=library)
    job = training_job(folder, found.card.plan.task, ontology)
    job.title = f"Improve {request.network.stem}"
    return job


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


def new_segmentation(project: Project, request: SegmentationRequest) -> Job:
    """Export a segmentation and return it."""
    folder = new_job_folder("segment-")
    export_segmentation_job(project, request, folder)
    names = [project.cell(cell).name for cell in request.cells]
    title = f"Segment {names[0]}" if len(names) == 1 else f"Segment {len(names)} cells"
    return Job(kind="segmentation", title=title, folder=folder)


def list_stopped(project: Project, jobs: JobQueue) -> None:
    """List the trainings of a project that were stopped earlier, so that they can go on."""
    for folder, stopped in stopped_trainings(project, _remembered()):
        job = training_job(folder, stopped.task, stopped.ontology)
        job.stuck = why_stuck(folder)
        job.text = f"{_STOPPED} {job.stuck}" if job.stuck else f"{_STOPPED} {_KEPT}"
        jobs.show_paused(job)


def _remembered() -> list[Path]:
    stored = settings().value(_FOLDERS, [])
    names = [stored] if isinstance(stored, str) else stored
    return [Path(str(name)) for name in names] if isinstance(names, list) else []


def new_job_folder(prefix: str) -> Path:
    """Return a new folder for a job that belongs to no file of the user's."""
    cache = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    parent = Path(cache) / "jobs"
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
