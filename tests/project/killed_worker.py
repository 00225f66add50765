"""A process to be killed: it changes a project, and says so before and after each change.

``python -m tests.project.killed_worker PROJECT SEED`` makes change 1, 2, 3 … for ever. Every change
follows from its number alone, so the test knows what must be there.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sxtstudio.core.task import Task, TaskClass
from sxtstudio.project.project import Project
from tests.project.samples import (
    sample_annotation,
    sample_cell,
    sample_prediction,
    sample_table,
    sample_tomogram,
)

SHAPE = (70, 40, 30)


@dataclass
class Expected:
    """What a project must hold after the first changes, by cell in the order of adding."""

    names: list[str] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    versions: list[list[int]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    measurements: int = 0


def expected_after(changes: int) -> Expected:
    """Return what the changes 1 … ``changes`` leave."""
    expected = Expected()
    for number in range(1, changes + 1):
        kind = number % 6
        if kind == 1:
            expected.names.append(f"cell {number}")
            expected.seeds.append(number)
            expected.versions.append([number])
        elif kind in (2, 4):
            expected.versions[-1].append(number)
        elif kind == 3:
            expected.names[-1] = f"renamed {number}"
        elif kind == 5:
            expected.tasks.append(f"task {number}")
        else:
            expected.measurements += 1
    return expected


def make_change(project: Project, number: int) -> None:
    """Make one change; `expected_after` knows what it does."""
    kind = number % 6
    if kind == 1:
        project.add_cell(sample_cell(f"cell {number}", number, shape=SHAPE))
        return
    cell = project.cells()[-1].id
    if kind == 2:
        annotation = sample_annotation(number, SHAPE, np.uint16)
        project.add_annotation(cell, annotation, kind="corrected", comment="x" * 40 * number)
    elif kind == 3:
        project.rename_cell(cell, f"renamed {number}")
    elif kind == 4:
        project.add_prediction(cell, sample_prediction(number, SHAPE))
    elif kind == 5:
        members = (TaskClass(name="nucleus", members=("nucleus",)),)
        project.add_task(Task(name=f"task {number}", classes=members))
    else:
        project.add_measurement(cell, "v000001", sample_table())


def holds(project: Project, expected: Expected) -> bool:
    """Tell whether a project holds exactly what is expected, array by array."""
    cells = project.cells()
    if [cell.name for cell in cells] != expected.names:
        return False
    if [task.name for task in project.tasks()] != expected.tasks:
        return False
    if [len(cell.versions) for cell in cells] != [len(item) for item in expected.versions]:
        return False
    if len(project.measurements()) != expected.measurements:
        return False
    return all(
        _cell_holds(project, cell.id, seed, numbers)
        for cell, seed, numbers in zip(cells, expected.seeds, expected.versions, strict=True)
    )


def _cell_holds(project: Project, cell: str, seed: int, numbers: list[int]) -> bool:
    if not np.array_equal(project.tomogram(cell).lac_ZYX, sample_tomogram(seed, SHAPE).lac_ZYX):
        return False
    for position, number in enumerate(numbers, start=1):
        labels_ZYX = project.label_map(cell, f"v{position:06d}").labels_ZYX
        if number % 6 == 4:
            wanted_ZYX = sample_prediction(number, SHAPE).label_map.labels_ZYX
        else:
            wanted_ZYX = sample_annotation(number, SHAPE).label_map.labels_ZYX
        if not np.array_equal(labels_ZYX, wanted_ZYX):
            return False
    return True


def say(word: str, number: int) -> None:
    """Tell the test how far the work has come, at once."""
    sys.stdout.write(f"{word} {number}\n")
    sys.stdout.flush()


def main() -> None:
    """Change the project until someone ends this process."""
    with Project.open(Path(sys.argv[1])) as project:
        number = project.history()[-1].generation  # the creation was the first
        while True:
            say("begin", number)
            make_change(project, number)
            say("done", number)
            number += 1


if __name__ == "__main__":
    main()
