"""A task can be changed; what it was stays readable, for networks refer to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.project.project import Project
from sxtstudio.project.tasks import write_task
from tests.project.samples import TASK

FEWER = (TaskClass(name="nucleus", members=("nucleus",)),)


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "study.sxt") as project:
        project.add_task(TASK)
        yield project


def test_a_changed_task_has_the_next_version_and_the_old_one_stays(project: Project) -> None:
    other = Task(name="other", classes=FEWER)
    project.add_task(other)

    changed = project.change_task(TASK.name, FEWER)

    assert changed == replace(TASK, classes=FEWER, version=2)
    assert project.task(TASK.name) == changed
    assert project.tasks() == (changed, other)
    assert project.task_versions(TASK.name) == (TASK, changed)
    assert project.task_versions("nothing") == ()
    assert project.check() == ()


def test_a_change_that_changes_nothing_makes_no_version(project: Project) -> None:
    assert project.change_task(TASK.name, TASK.classes) == TASK
    assert project.task_versions(TASK.name) == (TASK,)


def test_adding_a_task_that_is_there_is_nothing_new_whatever_its_version(project: Project) -> None:
    changed = project.change_task(TASK.name, FEWER)

    project.add_task(replace(changed, version=1))

    assert project.task_versions(TASK.name) == (TASK, changed)
    with pytest.raises(ProjectError, match="change the task"):
        project.add_task(TASK)


def test_an_unknown_task_cannot_be_changed(project: Project) -> None:
    with pytest.raises(ProjectError, match="its tasks are: 'Kern & Öl'"):
        project.change_task("x", FEWER)


def test_two_tasks_of_one_name_and_version_are_told_by_a_check(project: Project) -> None:
    with project._file.transaction("damage") as root:
        write_task(root, replace(TASK, classes=FEWER))

    assert any("two of them are called 'Kern & Öl'" in problem for problem in project.check())
