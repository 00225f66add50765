"""When a disk fails or fills, a change is there completely or not at all, and the user is told."""

import errno
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.project import project_file
from sxtstudio.project.disk import Disk
from sxtstudio.project.project import Project
from sxtstudio.project.project_file import open_project_file
from tests.project.disks import (
    FailingDisk,
    Failures,
    FullDisk,
    MemoryDisk,
    RecordingDisk,
    Step,
    page_by_page,
    play,
)
from tests.project.samples import TASK, sample_annotation, sample_cell, sample_prediction


def _work(project: Project) -> list[str]:
    """Make four changes; return what happened to each."""
    outcomes: list[str] = []
    for change in (
        partial(project.add_prediction, "a", sample_prediction(3)),
        partial(project.add_cell, sample_cell("b", 2)),
        partial(project.rename_cell, "a", "c"),
        partial(project.add_task, TASK),
    ):
        try:
            change()
        except ProjectError as error:
            outcomes.append(str(error))
        else:
            outcomes.append("done")
    return outcomes


def _state(project: Project) -> tuple[bool, ...]:
    """Return which of the four changes are in a project, having verified all of it."""
    assert project.check() == ()
    names = [cell.name for cell in project.cells()]
    return (
        len(project.cells()[0].versions) == 2,
        "b" in names,
        "c" in names,
        project.tasks() == (TASK,),
    )


@pytest.mark.slow
def test_whichever_access_to_the_disk_fails_each_change_is_there_or_not(path: Path) -> None:
    content = path.read_bytes()
    reported = 0
    for nth in range(1, 1000):
        path.write_bytes(content)
        failures = Failures(nth)
        file = open_project_file(path, open_disk=partial(FailingDisk, failures=failures))
        with Project(file) as project:
            outcomes = _work(project)
            state = _state(project)
        assert state == tuple(outcome == "done" for outcome in outcomes)
        told = [outcome for outcome in outcomes if outcome != "done"]
        assert all("could not be written" in sentence for sentence in told)
        assert all("Nothing was changed" in sentence for sentence in told)
        reported += len(told)
        with Project.open(path) as again:
            assert _state(again) == state
        if not failures.happened:
            break
    assert nth > 30
    assert reported > 20


@pytest.mark.slow
def test_every_prefix_of_what_a_project_writes_opens_as_before_or_after(
    path: Path, tmp_path: Path
) -> None:
    steps: list[Step] = []
    disk = MemoryDisk(path.read_bytes())
    with Project(open_project_file(path, open_disk=partial(RecordingDisk, steps=steps))) as project:
        _work(project)
    crashed = tmp_path / "crashed.sxt"
    states: list[int] = []
    for step in page_by_page(steps):
        crashed.write_bytes(disk.data)
        with Project.open(crashed, read_only=True) as project:
            seen = _state(project)
        with Project.open(crashed) as project:
            state = _state(project)
        assert seen == state
        assert sorted(state, reverse=True) == list(state)  # the changes come one after another
        states.append(sum(state))
        play(disk, [step])
    assert states == sorted(states)
    assert set(states) == {0, 1, 2, 3, 4}


def test_a_disk_that_fails_for_good_says_so_and_loses_nothing(path: Path) -> None:
    content = path.read_bytes()
    for nth in range(1, 40):
        path.write_bytes(content)
        failures = Failures(nth, forever=True)
        file = open_project_file(path, open_disk=partial(FailingDisk, failures=failures))
        with Project(file) as project:
            outcomes = _work(project)
        assert all(outcome == "done" or str(path) in outcome for outcome in outcomes)
        with Project.open(path) as again:
            state = _state(again)
        for outcome, there in zip(outcomes, state, strict=True):
            assert outcome != "done" or there


@pytest.mark.slow
def test_a_full_disk_changes_nothing_and_work_goes_on_when_there_is_room(path: Path) -> None:
    content = path.read_bytes()
    for spare in range(0, 120_000, 3_001):
        path.write_bytes(content)
        limit = [len(content) + spare]
        full = partial(FullDisk, room=lambda limit=limit: limit[0])
        with Project(open_project_file(path, open_disk=full)) as project:
            outcomes = _work(project)
            assert _state(project) == tuple(outcome == "done" for outcome in outcomes)
            assert all(
                outcome == "done" or "the disk is full; make room and try again" in outcome
                for outcome in outcomes
            )
            assert "done" not in outcomes[:1] or spare > 20_000
            limit[0] = 10**9
            project.add_cell(sample_cell("later", 4))
            assert project.check() == ()
        with Project.open(path) as again:
            assert again.cell("later").name == "later"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_large_change_is_refused_before_it_starts_when_there_is_no_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    usage = Usage(10**9, 10**9 - 5_000_000, 5_000_000)
    monkeypatch.setattr(project_file.shutil, "disk_usage", lambda folder: usage)
    with Project.open(path) as project:
        with pytest.raises(ProjectError, match=r"the disk has 5 MB free, but 17 MB are needed"):
            project.add_cell(sample_cell("b", 2))
        assert path.read_bytes() == before
        project.rename_cell("a", "c")


def test_a_read_error_is_reported_and_the_next_change_works(path: Path) -> None:
    class TemporarilyUnreadable(Disk):
        broken = False

        def read_into(self, target: memoryview, offset: int) -> None:
            if self.broken and len(target) > 10_000:
                raise OSError(errno.EIO, "injected")
            super().read_into(target, offset)

    with Project(open_project_file(path, open_disk=TemporarilyUnreadable)) as project:
        TemporarilyUnreadable.broken = True
        with pytest.raises(ProjectError, match="a part of it cannot be read"):
            project.tomogram("a")
        TemporarilyUnreadable.broken = False
        project.add_annotation("a", sample_annotation(5), kind="corrected")
        assert project.tomogram("a").lac_ZYX.shape == project.cell("a").shape
        assert project.check() == ()


def test_ctrl_c_within_a_change_leaves_the_project_as_it_was(path: Path) -> None:
    class InterruptedDisk(Disk):
        armed = False

        def write(self, data: bytes | bytearray | memoryview, offset: int) -> None:
            if self.armed:
                type(self).armed = False
                raise KeyboardInterrupt
            super().write(data, offset)

    with Project(open_project_file(path, open_disk=InterruptedDisk)) as project:
        InterruptedDisk.armed = True
        with pytest.raises(KeyboardInterrupt):
            project.add_cell(sample_cell("b", 2))
        assert [cell.name for cell in project.cells()] == ["a"]
        project.add_cell(sample_cell("b", 2))
        assert project.check() == ()


_LIMITED = """
import resource, sys
from pathlib import Path
from sxtstudio.core.errors import ProjectError
from sxtstudio.project.project import Project
from tests.project.samples import sample_cell

path = Path(sys.argv[1])
with Project.open(path) as project:
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]), resource.RLIM_INFINITY))
    count = 0
    try:
        while True:
            project.add_cell(sample_cell(f"cell {count}", count, shape=(20, 20, 20)))
            count += 1
    except ProjectError as error:
        assert "the disk is full" in str(error), error
    assert len(project.cells()) == count + 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    project.add_cell(sample_cell("later", 7))
    assert project.check() == ()
    print(count)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
@pytest.mark.parametrize("room", [1, 30_000, 70_000, 100_000])
def test_a_limit_of_the_system_is_met_like_a_full_disk(path: Path, room: int) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path), str(room)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert result.returncode == 0, result.stderr
    with Project.open(path) as project:
        assert len(project.cells()) == int(result.stdout) + 2
        assert np.array_equal(
            project.tomogram("later").lac_ZYX, sample_cell("later", 7).tomogram.lac_ZYX
        )
