"""One program at a time: who holds a project is named, and the dead hold nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.project.lock import ProjectLock, lock_path
from sxtstudio.project.processes import is_running, process_start
from sxtstudio.project.project import Project
from tests.project.samples import sample_cell

_HOLDER = """
import sys, time
from pathlib import Path
from sxtstudio.project.project import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(600)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "study.sxt"
    Project.create(path).close()
    return path


def _owner(path: Path, **changes: object) -> None:
    """Write a lock of someone else."""
    owner: dict[str, object] = {
        "host": "beamline-pc",
        "user": "Marie",
        "pid": 4242,
        "start": "",
        "time": "2026-01-02T03:04:05+00:00",
        "token": "t",
    }
    lock_path(path).write_text(json.dumps(owner | changes))


def test_the_lock_says_who_has_the_project_open_and_goes_away_on_closing(path: Path) -> None:
    with Project.open(path):
        owner = json.loads(lock_path(path).read_text())
        assert owner["host"] == socket.gethostname()
        assert owner["pid"] == os.getpid()
        assert {"user", "time"} <= owner.keys()
    assert not lock_path(path).exists()


def test_a_project_open_on_another_computer_names_it_and_its_user(path: Path) -> None:
    _owner(path)
    with pytest.raises(
        ProjectError, match=r"open in SXT Studio on beamline-pc by Marie .* Close it there first"
    ):
        Project.open(path)
    assert lock_path(path).exists()
    with Project.open(path, read_only=True) as project:
        assert project.cells() == ()


def test_a_project_that_is_open_here_already_is_refused(path: Path) -> None:
    with Project.open(path) as first:
        with pytest.raises(ProjectError, match="is already open in this program"):
            Project.open(path)
        first.add_cell(sample_cell("a", 1))


def test_a_second_process_is_refused_until_the_first_is_killed(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(ProjectError, match=f"is open in SXT Studio on {socket.gethostname()}"):
            Project.open(path)
        with Project.open(path, read_only=True) as reader:
            assert reader.cells() == ()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with Project.open(path) as project:
        project.add_cell(sample_cell("a", 1))
        assert project.check() == ()
    assert not lock_path(path).exists()


def test_a_lock_from_before_the_last_start_of_the_computer_is_taken_over(path: Path) -> None:
    _owner(path, host=socket.gethostname(), pid=os.getpid(), start="another-boot:17")
    with Project.open(path) as project:
        assert project.cells() == ()


def test_a_lock_whose_process_is_gone_is_taken_over(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    _owner(path, host=socket.gethostname(), pid=child.pid)
    with Project.open(path) as project:
        assert project.cells() == ()


@pytest.mark.parametrize("content", ["", "{", '{"host": 3}'])
def test_a_lock_that_a_crash_left_empty_is_taken_over(path: Path, content: str) -> None:
    lock_path(path).write_text(content)
    with Project.open(path) as project:
        assert project.cells() == ()
    assert not lock_path(path).exists()


def test_only_one_of_many_takes_an_abandoned_lock_over(path: Path) -> None:
    for _ in range(20):
        _owner(path, host=socket.gethostname(), pid=os.getpid(), start="another-boot:17")
        locks: list[ProjectLock] = []

        def acquire(locks: list[ProjectLock] = locks) -> None:
            try:
                locks.append(ProjectLock.acquire(path))
            except ProjectError:
                return

        threads = [threading.Thread(target=acquire) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(locks) == 1
        locks[0].verify()
        locks[0].release()
        assert [item.name for item in path.parent.iterdir()] == ["study.sxt"]


def test_nothing_is_written_any_more_when_the_lock_was_taken_away(path: Path) -> None:
    with Project.open(path) as project:
        project.add_cell(sample_cell("a", 1))
        before = path.read_bytes()
        _owner(path)
        with pytest.raises(ProjectError, match="removed or taken by another program"):
            project.add_cell(sample_cell("b", 2))
        assert path.read_bytes() == before
        assert [cell.name for cell in project.cells()] == ["a"]
    assert json.loads(lock_path(path).read_text())["user"] == "Marie"


def test_a_folder_that_cannot_be_written_asks_for_read_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root, who runs the tests on CI, may do anything
    with pytest.raises(ProjectError, match=r"refuses a lock file .* Open it read-only"):
        ProjectLock.acquire(path)


def test_processes_are_told_apart() -> None:
    assert is_running(os.getpid())
    assert process_start(os.getpid()) == process_start(os.getpid())
    waiting = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as child:
        if sys.platform == "linux":
            assert process_start(child.pid) not in ("", process_start(os.getpid()))
        child.communicate(b"\n")
    assert not is_running(child.pid)
    assert process_start(child.pid) == ""
    if sys.platform == "linux":
        assert is_running(1)


def test_a_takeover_that_was_killed_holds_no_one_up_for_long(path: Path) -> None:
    _owner(path, host=socket.gethostname(), pid=os.getpid(), start="another-boot:17")
    guard = path.with_name("study.sxt.lock.takeover")
    guard.touch()
    with pytest.raises(ProjectError, match="another program is just opening it; try again"):
        Project.open(path)
    os.utime(guard, (0, 0))
    with Project.open(path) as project:
        assert project.cells() == ()
    assert [item.name for item in path.parent.iterdir()] == ["study.sxt"]
