"""Tasks in the project file."""

import h5py

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.task import Task
from sxtstudio.project.entries import add_entry, entries, new_id, read_record
from sxtstudio.project.tree import group_at


def read_tasks(root: h5py.Group, path: str) -> tuple[Task, ...]:
    """Return all tasks, the oldest first."""
    return tuple(read_record(group, Task, path) for group in entries(group_at(root, "tasks")))


def find_task(tasks: tuple[Task, ...], name: str, path: str) -> Task:
    """Return the task of a name, or raise `ProjectError` naming those that exist."""
    for task in tasks:
        if task.name == name:
            return task
    known = ", ".join(repr(task.name) for task in tasks) or "none yet"
    raise ProjectError(f"{path}: has no task {name!r}; its tasks are: {known}.")


def is_new_task(tasks: tuple[Task, ...], task: Task, path: str) -> bool:
    """Tell whether a task is still to be stored.

    Raises
    ------
    ProjectError
        If another task has its name: networks and predictions refer to tasks by name.
    """
    same_name = [item for item in tasks if item.name == task.name]
    if same_name and same_name[0] != task:
        raise ProjectError(
            f"{path}: already has a task {task.name!r} with other classes; give the new one "
            "another name."
        )
    return not same_name


def write_task(root: h5py.Group, task: Task) -> None:
    """Add a task."""
    tasks = group_at(root, "tasks")
    group = add_entry(tasks, new_id(tasks), task)
    group.attrs["name"] = task.name
