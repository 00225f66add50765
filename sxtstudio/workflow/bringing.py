"""What a job found is brought into the project, and its folder removed."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.core.events import Report, ignore, part
from sxtstudio.io.files import write_atomically
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import (
    PREDICTION_FILE,
    JobCell,
    SegmentationJob,
    TrainingJob,
    read_job,
    read_prediction,
)
from sxtstudio.workflow.jobs import NETWORK_FILE


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What came into a project from a job: a sentence, and cell and id of each label version."""

    text: str
    versions: tuple[tuple[str, str], ...] = ()


def finish_job(project: Project, folder: Path, report: Report = ignore) -> str:
    """Bring the results of a job into the project, remove the folder, and return a sentence.

    See `bring_in`.
    """
    return bring_in(project, folder, report).text


def bring_in(project: Project, folder: Path, report: Report = ignore) -> Brought:
    """Bring the results of a job into the project, and remove the folder.

    Of a segmentation that was stopped, the cells that were finished are brought in. What is in the
    project already, because the program ended before it could remove the folder, is not brought in
    twice.

    Raises
    ------
    FileError
        If the job has no result, or the network cannot be written; the folder stays.
    ProjectError
        If the project cannot be written; the folder stays.
    """
    job = read_job(folder)
    if isinstance(job, SegmentationJob):
        brought = _bring_in_predictions(project, folder, job.cells, report)
    elif job.labels_first:
        brought = _bring_in_predictions(project, folder, job.cells[:1], report)
    else:
        brought = Brought(text=_bring_in_network(project, folder, job))
    shutil.rmtree(folder, ignore_errors=True)
    return brought


def has_results(folder: Path) -> bool:
    """Return whether a stopped job has something that `finish_job` can bring in."""
    finished = folder.glob(f"results/*/{PREDICTION_FILE}")
    return (folder / NETWORK_FILE).exists() or any(finished)


def _bring_in_network(project: Project, folder: Path, job: TrainingJob) -> str:
    trained, target = folder / NETWORK_FILE, Path(job.network)
    if not trained.exists():
        raise FileError(f"{folder}: this training has not ended yet; there is no network in it.")
    card = read_network_card(trained)
    with write_atomically(target) as temporary:
        shutil.copyfile(trained, temporary)
    project.add_network(target, card)
    cells = f"{len(card.cells)} cell{'s' * (len(card.cells) != 1)}"
    return f"Trained {target.name} for {job.task.name!r} on {cells}."


def _bring_in_predictions(
    project: Project, folder: Path, cells: Sequence[JobCell], report: Report
) -> Brought:
    done: list[str] = []
    versions: list[tuple[str, str]] = []
    for number, entry in enumerate(cells):
        result = folder / "results" / str(number)
        if (result / PREDICTION_FILE).exists():
            within = part(report, number / len(cells), (number + 1) / len(cells))
            versions.append((entry.id, _stored_version(project, entry, result, within)))
            done.append(entry.name)
    if not done:
        raise FileError(f"{folder}: this job has segmented no cell yet.")
    text = f"Segmented {', '.join(done)}."
    if len(done) < len(cells):
        text = f"Segmented {len(done)} of {len(cells)} cells before it stopped: {', '.join(done)}."
    return Brought(text=text, versions=tuple(versions))


def _stored_version(project: Project, entry: JobCell, result: Path, report: Report) -> str:
    """Return the id of the label version that a prediction is, or becomes, in the project."""
    prediction = read_prediction(result)
    for version in project.cell(entry.id).versions:
        if version.kind == "predicted" and version.made_by == prediction.made_by:
            return version.id
    return project.add_prediction(entry.id, prediction, report).id


def unstored_segmentations(project: Project, folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of some job folders that hold labels of cells of a project.

    The program ended before they were in it. Folders that cannot be read are passed over.
    """
    own = {cell.id for cell in project.cells()}
    return tuple(folder for folder in folders if has_results(folder) and _segmented(folder, own))


def _segmented(folder: Path, own: set[str]) -> bool:
    try:
        job = read_job(folder)
    except SxtError:
        return False  # it was never whole, or belongs to a newer program
    return isinstance(job, SegmentationJob) and {cell.id for cell in job.cells} <= own
