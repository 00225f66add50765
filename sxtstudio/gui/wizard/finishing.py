"""The end of the wizard: the task goes into the project, and the training into the queue."""

import shutil
from pathlib import Path

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.task_draft import TaskDraft
from sxtstudio.gui.job_fields import spare_threads
from sxtstudio.gui.job_orders import training_job
from sxtstudio.gui.session import Session
from sxtstudio.gui.wizard.preparer import Preparer
from sxtstudio.workflow.jobs import (
    NETWORK_SUFFIX,
    TrainingRequest,
    check_network_target,
    export_training_job,
    job_folder_of,
)


def training_request(session: Session, draft: TaskDraft) -> TrainingRequest:
    """Return the training that a draft asks for."""
    rows = draft.taken_rows
    library = session.library.library
    theirs = tuple(sorted(row.id for row in rows if row.origin == "library"))
    mine = tuple(row.id for row in rows if row.origin == "project")
    placeholder = session.folder / f"study{NETWORK_SUFFIX}"
    return TrainingRequest(
        task=draft.clean_name,
        network=Path(draft.network) if draft.network else placeholder,
        minutes=draft.minutes,
        device=draft.device,
        threads=spare_threads(),
        project_cells=mine,
        library=library.folder if library else None,
        library_cells=theirs if library else None,
        most=max(1, len(rows)),
    )


def start_training(session: Session, draft: TaskDraft, preparer: Preparer) -> None:
    """Queue the training of a draft; its task is in the project then.

    Raises
    ------
    SxtError
        If the file of the network, or the task, is not as it should be; nothing has changed.
    """
    task, request = draft.finish(), training_request(session, draft)
    folder, project = job_folder_of(request.network), session.require_project()
    session.jobs.require_free(folder)
    check_network_target(request.network)
    library = session.library.library if request.library else None
    prepared = preparer.hand_over(task, request, folder)

    def export(report: Report) -> None:
        if not prepared:
            export_training_job(project, request, folder, report, task=task, library=library)

    try:
        session.add_task(task)
    except SxtError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    session.jobs.submit(training_job(folder, task, session.ontology), export)


def proposed_network(session: Session, name: str) -> Path:
    """Return a file for the network of a study that does not exist yet."""
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    stem = "-".join(filter(None, stem.split("-"))) or "study"
    number, path = 1, session.folder / f"{stem}{NETWORK_SUFFIX}"
    while path.exists() or job_folder_of(path).exists():
        number += 1
        path = session.folder / f"{stem}-{number}{NETWORK_SUFFIX}"
    return path


def network_problem(network: str) -> str:
    """Return what is wrong with a file for the network, empty if nothing."""
    path = Path(network.strip())
    if path.suffix != NETWORK_SUFFIX:
        return f"The name of the network's file must end in {NETWORK_SUFFIX}."
    if not path.parent.is_dir() or path.is_dir():
        return "Choose a file for the network in a folder that exists."
    if path.exists():
        return f"There is a network {path.name} already; choose another name."
    if job_folder_of(path).exists():
        return f"A training of {path.name} was begun earlier; choose another name."
    return ""
