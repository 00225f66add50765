"""One program at a time: ``NAME.sxt.lock`` beside a project says who has it open.

HDF5's own file locks are not used: they fail on many network drives.
"""

import json
import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from getpass import getuser
from pathlib import Path

import msgspec

from sxtstudio.core.errors import ProjectError
from sxtstudio.project.clock import now
from sxtstudio.project.processes import is_running, process_start

_WAIT_S = 0.05
_UNREADABLE_TRIES = 10
_ACQUIRE_TRIES = 40
_GUARD_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who holds a lock; ``start`` tells a process from a later one with the same number."""

    host: str
    user: str
    pid: int
    start: str
    time: str
    token: str


class LockRefusedError(ProjectError):
    """The folder of a project cannot be written: the project can only be read."""


class ProjectLock:
    """The right to change a project, held from `acquire` to `release`."""

    def __init__(self, path: Path, owner: Owner) -> None:
        self._path = path
        self._owner = owner

    @classmethod
    def acquire(cls, project: Path) -> "ProjectLock":
        """Take the lock, also from a program on this computer that has ended without giving it up.

        Raises
        ------
        LockRefusedError
            If the folder cannot be written.
        ProjectError
            If another program has the project open.
        """
        path = lock_path(project)
        me = _this_process()
        try:
            for _ in range(_ACQUIRE_TRIES):
                if _create(path, me):
                    return cls(path, me)
                _clear_abandoned(path, project)
        except OSError as error:
            raise LockRefusedError(
                f"{project}: cannot be opened for changes, its folder refuses a lock file "
                f"({error.strerror}). Open it read-only, or copy it to a folder of yours."
            ) from error
        raise ProjectError(f"{project}: another program is just opening it; try again.")

    def verify(self) -> None:
        """Raise `ProjectError` if someone has taken the lock away."""
        if _read(self._path) != self._owner:
            raise ProjectError(
                f"{self._path}: the lock of this project was removed or taken by another program, "
                "so nothing more is written. Close the project and open it again."
            )

    def release(self) -> None:
        """Give the lock up; a lock that is no longer ours stays."""
        if _read(self._path) == self._owner:
            self._path.unlink(missing_ok=True)


def lock_path(project: Path) -> Path:
    """Return where the lock of a project lies."""
    return project.with_name(project.name + ".lock")


def _this_process() -> Owner:
    pid = os.getpid()
    return Owner(
        host=socket.gethostname(),
        user=user_name(),
        pid=pid,
        start=process_start(pid),
        time=now(),
        token=uuid.uuid4().hex,
    )


def user_name() -> str:
    """Return the name of the user, or "unknown" on a system that does not tell."""
    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # containers without an entry for the user
        return "unknown"


def _create(path: Path, owner: Owner) -> bool:
    """Write a lock, or return False if there is one."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(asdict(owner), indent=1))
    except FileExistsError:
        return False
    return True


def _read(path: Path) -> Owner | None:
    """Return the owner of a lock, or None where there is no lock or no owner can be read in it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Owner)
    except (OSError, msgspec.MsgspecError):
        return None


def _clear_abandoned(path: Path, project: Path) -> None:
    """Remove the lock of a program that has ended, or raise `ProjectError` if it runs.

    Two programs may come upon the same abandoned lock. Only one at a time judges it, or the second
    would remove the new lock of the first.
    """
    guard = path.with_name(f"{path.name}.takeover")
    try:
        guard.touch(exist_ok=False)
    except FileExistsError:
        _clear_old_guard(guard)
        return
    try:
        owner = _wait_for_owner(path)
        if owner is not None and not _has_ended(owner):
            raise ProjectError(_in_use(path, project, owner))
        path.unlink(missing_ok=True)
    finally:
        guard.unlink(missing_ok=True)


def _clear_old_guard(guard: Path) -> None:
    """Wait for the program that judges a lock; remove its guard if it was killed meanwhile."""
    time.sleep(_WAIT_S)
    with suppress(OSError):  # it is gone already
        if time.time() - guard.stat().st_mtime > _GUARD_S:
            guard.unlink()


def _wait_for_owner(path: Path) -> Owner | None:
    """Return the owner; None if the lock is gone or has stayed empty, as a crash may leave it."""
    for _ in range(_UNREADABLE_TRIES):
        owner = _read(path)
        if owner is not None or not path.exists():
            return owner
        time.sleep(_WAIT_S)
    return None


def _has_ended(owner: Owner) -> bool:
    if owner.host != socket.gethostname():
        return False
    return not is_running(owner.pid) or process_start(owner.pid) != owner.start


def _in_use(path: Path, project: Path, owner: Owner) -> str:
    if owner.pid == os.getpid() and owner.host == socket.gethostname():
        return f"{project}: is already open in this program; close it there first."
    return (
        f"{project}: is open in SXT Studio on {owner.host} by {owner.user} since {owner.time}. "
        f"Close it there first. If that program has ended, delete {path.name}."
    )
