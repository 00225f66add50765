"""A process that is killed at any moment loses nothing that it reported as saved."""

import random
import subprocess
import sys
import time
from pathlib import Path

import h5py
import pytest

from sxtstudio.project import journal
from sxtstudio.project.disk import Disk
from sxtstudio.project.project import Project
from tests.project.killed_worker import expected_after, holds

KILLS = 40
CHANGES_PER_FILE = 25


def _kill_while_working(path: Path, seconds: float) -> tuple[int, int]:
    """Return the numbers of the last change that was begun and of the last that was reported."""
    command = [sys.executable, "-m", "tests.project.killed_worker", str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as worker:
        assert worker.stdout is not None
        lines = [worker.stdout.readline()]
        time.sleep(seconds)
        worker.kill()
        lines += worker.stdout.readlines()
        worker.wait()
    words = [line.split() for line in lines if line.endswith("\n")]
    assert words, "the worker did not start"
    begun = max(int(number) for word, number in words if word == "begin")
    done = max((int(number) for word, number in words if word == "done"), default=begun - 1)
    return begun, done


@pytest.mark.slow
def test_nothing_reported_is_lost_and_nothing_is_half_there_after_a_kill(tmp_path: Path) -> None:
    chance = random.Random(11)
    path = tmp_path / "study.sxt"
    within_a_change = 0
    for _ in range(KILLS):
        if not path.exists():
            Project.create(path).close()
        begun, done = _kill_while_working(path, chance.uniform(0.0, 0.35))
        disk = Disk(path, "read")
        unfinished = journal.find(disk) is not None
        disk.close()
        if not unfinished:
            with h5py.File(path, "r") as root:
                assert root.attrs["generation"] - 1 in (done, begun)
        with Project.open(path) as project:
            changes = project.history()[-1].generation - 1
            assert changes in (done, begun)
            assert holds(project, expected_after(changes))
            assert project.check() == ()
        within_a_change += begun > done
        if changes > CHANGES_PER_FILE:
            path.unlink()
    assert within_a_change >= KILLS // 2
