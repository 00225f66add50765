"""Which earlier network a training for another task may begin from."""

import shutil
from pathlib import Path

from sxtstudio.core.plan import Beginning
from sxtstudio.core.task import Task
from sxtstudio.io.files import sha256_of_file, system_errors
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import PARENT_FILE, JobBeginning

GENTLENESS = 1.0
"""Learning rates are those of the plan: what is new must be learned from the ground up."""


def nearest_network(project: Project, task: Task) -> Path | None:
    """Return the network of a project that shares most classes with a task, the newest of those.

    Networks whose files are not there, or that share no class, are passed over.
    """
    best: tuple[int, int] = (0, -1)
    nearest: Path | None = None
    for number, network in enumerate(project.networks()):
        path = Path(network.path)
        shared = shared_classes(task, project.network_card(network.id).plan.task)
        if path.is_file() and shared and (shared, number) > best:
            best, nearest = (shared, number), path
    return nearest


def shared_classes(task: Task, other: Task) -> int:
    """Return how many classes of two tasks gather the same terms."""
    mine, theirs = ({frozenset(item.members) for item in it.classes} for it in (task, other))
    return len(mine & theirs)


def begin_from(network: Path, folder: Path) -> JobBeginning:
    """Copy a network into a job folder, for the training in it to begin from.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    copy = folder / PARENT_FILE
    with system_errors(network, "read"):
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(network, copy)
    beginning = Beginning(network=sha256_of_file(copy), file=network.name, gentleness=GENTLENESS)
    return JobBeginning(file=PARENT_FILE, plan=beginning)
