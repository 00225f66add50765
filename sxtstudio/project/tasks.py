"""Tasks in the project file; every version of each, for networks refer to them."""

from collections.abc import Iterable
from dataclasses import replace

import h5py
import numpy as np

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.project.entries import add_entry, entries, new_id, read_record
from sxtstudio.project.tree import group_at


def read_tasks(root: h5py.Group, path: str) -> tuple[Task, ...]:
    """Return every version of all tasks, the oldest first."""
    return tuple(read_record(group, Task, path) for group in entries(group_at(root, "tasks")))


def newest(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return the newest version of each task, the oldest task first."""
    found: dict[str, Task] = {}
    for task in tasks:
        known = found.setdefault(task.name, task)
        if task.version > known.version:
            found[task.name] = task
    return tuple(found.values())


def find_task(tasks: tuple[Task, ...], name: str, path: str) -> Task:
    """Return the newest task of a name, or raise `ProjectError` naming those that exist."""
    for task in newest(tasks):
        if task.name == name:
            return task
    known = ", ".join(repr(task.name) for task in newest(tasks)) or "none yet"
    raise ProjectError(f"{path}: has no task {name!r}; its tasks are: {known}.")


def is_new_task(tasks: tuple[Task, ...], task: Task, path: str) -> bool:
    """Tell whether a task is still to be stored.

    Raises
    ------
    ProjectError
        If another task has its name: networks and predictions refer to tasks by name.
    """
    same_name = [item for item in newest(tasks) if item.name == task.name]
    if same_name and same_name[0].classes != task.classes:
        raise ProjectError(
            f"{path}: already has a task {task.name!r} with other classes; give the new one "
            "another name, or change the task that is there."
        )
    return not same_name


def next_version(task: Task, classes: tuple[TaskClass, ...]) -> Task:
    """Return a task with other classes, still the same question."""
    return replace(task, classes=classes, version=task.version + 1)


def write_task(root: h5py.Group, task: Task) -> None:
    """Add a task."""
    tasks = group_at(root, "tasks")
    group = add_entry(tasks, new_id(tasks), task)
    group.attrs["name"] = task.name
    group.attrs["version"] = np.int64(task.version)
