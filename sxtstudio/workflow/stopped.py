"""Trainings of a project that were stopped or cut off: found beside the networks they were for."""

from collections.abc import Iterable
from pathlib import Path

from sxtstudio.core.errors import PlanError, SxtError
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import from_json
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import has_results
from sxtstudio.workflow.job_folder import JOB_FILE, PLAN_FILE, TrainingJob, read_job
from sxtstudio.workflow.jobs import NETWORK_SUFFIX, job_folder_of
from sxtstudio.workflow.preparing import has_begun


def stopped_trainings(
    project: Project, others: Iterable[Path] = ()
) -> tuple[tuple[Path, TrainingJob], ...]:
    """Return folder and job of every training of a project that began and is not brought in yet.

    They are looked for beside the project and its networks, and in ``others``; folders that cannot
    be read are passed over.
    """
    networks = (Path(it.path) for it in project.networks())
    places = {path.resolve().parent for path in (project.path, *networks)}
    ending = job_folder_of(Path(f"*{NETWORK_SUFFIX}")).name
    beside = (folder for place in places for folder in place.glob(ending))
    found: list[tuple[Path, TrainingJob]] = []
    for folder in sorted({*beside, *(other.resolve() for other in others)}):
        job = _training(folder)
        if job is not None and _belongs_to(job, project):
            found.append((folder, job))
    return tuple(found)


def require_keepable(folder: Path) -> None:
    """Make sure that a stopped training has come so far that its network can be kept as it is.

    Raises
    ------
    PlanError
        If its last stage was not validated yet.
    """
    if has_results(folder):
        return
    path = folder / PLAN_FILE
    if path.exists():
        from sxtstudio.engine.cascade import is_keepable  # torch: only once it is needed

        if is_keepable(from_json(Plan, path.read_bytes(), str(path)), folder / "work"):
            return
    raise PlanError(
        f"{folder}: the last stage of this training was not validated before it stopped, so there "
        "is no network to keep yet; go on with --resume alone."
    )


def _training(folder: Path) -> TrainingJob | None:
    try:
        if not (folder / JOB_FILE).is_file() or not (has_begun(folder) or has_results(folder)):
            return None
        job = read_job(folder)
    except (SxtError, OSError):
        return None  # it was never whole, belongs to a newer program, or a share is away
    return job if isinstance(job, TrainingJob) else None


def _belongs_to(job: TrainingJob, project: Project) -> bool:
    """Tell whether a project has the cells that a training took from one, or else its task."""
    own = {cell.id for cell in job.cells if cell.versions}
    if own:
        return own <= {cell.id for cell in project.cells()}
    return job.task.name in {task.name for task in project.tasks()}
