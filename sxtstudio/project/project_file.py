"""The open project file: transactions, going back to the last commit, reading beside a writer."""

import errno
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np

from sxtstudio import __version__
from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.project.clock import now
from sxtstudio.project.disk import Disk, Mode
from sxtstudio.project.gate import Gate
from sxtstudio.project.history import append_history
from sxtstudio.project.lock import ProjectLock
from sxtstudio.project.storage import Store
from sxtstudio.project.structure import check_format, check_structure, check_writable
from sxtstudio.project.superblock import hdf5_length
from sxtstudio.project.tree import integer_at

ResultT = TypeVar("ResultT")
OpenDisk = Callable[[Path, Mode], Disk]

_SPARE_BYTES = 16 * 2**20
_READ_TRIES = 10
_READ_WAIT_S = 0.05
_READ_PATIENCE_S = 20.0


class ProjectFile:
    """One HDF5 file that changes only by whole transactions.

    Threads wait for one another. ``open_disk`` is how files are opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock: ProjectLock | None,
        open_disk: OpenDisk = Disk,
    ) -> None:
        """Open an existing project; without a lock read-only."""
        self.path = path
        self._lock = lock
        self._open_disk = open_disk
        self._in_transaction = False
        self._is_closed = False
        self.gate = Gate()
        self._openings = 0
        self._store, self._h5 = self._open()

    @property
    def read_only(self) -> bool:
        """Whether transactions are refused."""
        return self._lock is None

    def _open(self) -> tuple[Store, h5py.File]:
        """Return the store and the HDF5 file as the last commit left them."""
        self._openings += 1
        self._fingerprint = _fingerprint(self.path) if self.read_only else None
        disk = self._open_disk(self.path, "read" if self.read_only else "change")
        try:
            store = Store(disk, length_of=hdf5_length, read_only=self.read_only)
            return store, h5py.File(
                store, "r" if self.read_only else "r+", libver="earliest", locking=False
            )
        except BaseException:
            disk.close()
            raise

    def close(self) -> None:
        """Close the file as the last commit left it, and give up the lock."""
        with self.gate:
            self._is_closed = True
            self._shut()
        if self._lock is not None:
            self._lock.release()

    def _shut(self) -> None:
        self._store.abandon()
        with suppress(OSError, RuntimeError):  # what HDF5 wanted to write is not wanted any more
            self._h5.close()
        with suppress(OSError):  # opening cuts the tail off as well
            self._store.close()

    def _reopen(self) -> None:
        self._shut()
        try:
            self._store, self._h5 = self._open()
        except (OSError, RuntimeError) as error:
            raise ProjectError(
                f"{self.path}: cannot be read any more ({error}). What was saved before is in the "
                "file; close the project and open it again when the disk works."
            ) from error

    def read(self, function: Callable[[h5py.File], ResultT]) -> ResultT:
        """Return what a function reads from the last committed state.

        Read-only, the file may be changed by another program meanwhile: then it is opened again and
        the function called once more.
        """
        with self.gate:
            return self._read(function)

    def _read(self, function: Callable[[h5py.File], ResultT]) -> ResultT:
        if not self.read_only:
            return self._guarded(function)
        patience = time.monotonic() + _READ_PATIENCE_S
        faults = 0
        while True:
            try:
                self._follow()
                result = self._guarded(function)
                if not self._is_outdated():
                    return result
            except ProjectError:
                # Half of somebody's commit looks like damage; real damage is still there later.
                faults += not self._is_outdated()
                if self._is_closed or faults == _READ_TRIES:
                    raise
            if time.monotonic() > patience:
                raise ProjectError(
                    f"{self.path}: another program is changing it; try again in a moment."
                )
            time.sleep(_READ_WAIT_S)

    def _is_outdated(self) -> bool:
        return self._fingerprint != _fingerprint(self.path)

    def _follow(self) -> None:
        """Open the file again if another program changed it, or was just doing so."""
        lost = not self._h5 and not self._is_closed
        if lost or self._is_outdated():
            self._reopen()

    def _require_open(self) -> None:
        if not self._h5:
            raise ProjectError(_closed(self.path))

    def _guarded(self, function: Callable[[h5py.File], ResultT]) -> ResultT:
        self._require_open()
        try:
            return function(self._h5)
        except (OSError, RuntimeError, KeyError) as error:
            raise ProjectError(
                f"{self.path}: a part of it cannot be read ({error}). Check the project, and "
                "restore it from a backup if it is damaged."
            ) from error

    def make_room(self, new_bytes: int) -> int:
        """Make sure that so much can be written in pieces; return what `piece` wants to know.

        Raises
        ------
        ProjectError
            If the project is closed or read-only, or the disk has no room.
        """
        with self.gate:
            self._prepare(new_bytes)
            return self._openings

    def give_way(self) -> None:
        """Let other threads read and commit before a long function goes on to `read`.

        Raises
        ------
        ProjectError
            If the file was closed or opened again meanwhile.
        """
        opening = self._openings
        self.gate.give_way()
        self._require_same(opening)

    def _require_same(self, opening: int) -> None:
        self._require_open()
        if opening != self._openings:
            raise ProjectError(
                f"{self.path}: another change could not be written meanwhile, so this was broken "
                "off as well. Nothing was changed; try again."
            )

    @contextmanager
    def piece(self, opening: int) -> Iterator[h5py.File]:
        """Write a part of something that nothing refers to yet; others go on between two of them.

        ``opening`` is what `make_room` returned.

        Raises
        ------
        ProjectError
            If it cannot be written, or the file was closed or opened again since.
        """
        with self.gate:
            self._require_same(opening)
            try:
                yield self._h5
                fault = self._store.error
            except (OSError, RuntimeError) as error:
                fault = self._store.error or error
            if fault is not None:
                self._reopen()
                if not isinstance(fault, Exception):
                    raise fault
                raise ProjectError(_could_not_write(self.path, fault)) from fault

    @contextmanager
    def transaction(
        self, action: str, subject: str = "", *, new_bytes: int = 0
    ) -> Iterator[h5py.File]:
        """Make all changes of the ``with`` block one durable commit, or none of them.

        On any exception the file is opened again at the last commit. ``new_bytes`` is about how
        much the file will grow; ``action`` and ``subject`` go into the history.

        Raises
        ------
        ProjectError
            If the project is read-only, the disk has no room, or writing fails.
        """
        with self.gate, self._transaction(action, subject, new_bytes) as root:
            yield root

    @contextmanager
    def _transaction(self, action: str, subject: str, new_bytes: int) -> Iterator[h5py.File]:
        self._prepare(new_bytes)
        generation = integer_at(self._h5, "generation") + 1
        self._in_transaction = True
        try:
            yield self._h5
            _stamp(self._h5, generation, action, subject)
            self._commit()
        except BaseException as error:
            if not self._survives(error, generation):
                raise
        finally:
            self._in_transaction = False

    def _prepare(self, new_bytes: int) -> None:
        if self.read_only:
            raise ProjectError(
                f"{self.path}: is open read-only; open it for changes, or save a copy and change "
                "that."
            )
        if self._is_closed:
            raise ProjectError(_closed(self.path))
        if self._in_transaction:
            raise RuntimeError("a transaction within a transaction")
        if not self._h5 or self._store.error is not None:
            self._reopen()
        free = shutil.disk_usage(self.path.parent).free
        if new_bytes and free < new_bytes + _SPARE_BYTES:
            raise ProjectError(
                f"{self.path}: the disk has {free / 1e6:.0f} MB free, but "
                f"{(new_bytes + _SPARE_BYTES) / 1e6:.0f} MB are needed; make room and try again. "
                "Nothing was changed."
            )

    def _commit(self) -> None:
        self._h5.flush()
        if self._lock is not None:
            self._lock.verify()
        self._store.commit()

    def _survives(self, error: BaseException, generation: int) -> bool:
        """Go back to the last commit; tell whether that is the one that seemed to fail.

        Writing the pages in place may fail after the journal made the commit hold; opening the file
        again then finishes it.
        """
        fault = self._store.error
        self._reopen()
        if not isinstance(error, Exception) or isinstance(error, SxtError):
            return False
        if isinstance(fault, Exception):
            if integer_at(self._h5, "generation") == generation:
                return True
            raise ProjectError(_could_not_write(self.path, fault)) from error
        if isinstance(error, OSError):
            raise ProjectError(_could_not_write(self.path, error)) from error
        return False


def open_project_file(
    path: Path, *, read_only: bool = False, open_disk: OpenDisk = Disk
) -> ProjectFile:
    """Open a project file.

    Raises
    ------
    ProjectError
        If it is missing, not a project, damaged, of a newer program, or in use.
    """
    if not path.is_file():
        raise ProjectError(f"{path}: there is no such project file; create it, or check the name.")
    lock = None if read_only else ProjectLock.acquire(path)
    try:
        # Without a lock another program may be in the middle of a commit.
        tries = 1 if lock else _READ_TRIES
        schema = _inspect(path, open_disk, tries)
        if lock is not None:
            check_writable(schema, str(path))
        return _opened(path, lock, open_disk, tries)
    except (OSError, RuntimeError) as error:
        _release(lock)
        raise _refusal(path, error) from error
    except BaseException:
        _release(lock)
        raise


def _release(lock: ProjectLock | None) -> None:
    if lock is not None:
        lock.release()


def _opened(path: Path, lock: ProjectLock | None, open_disk: OpenDisk, tries: int) -> ProjectFile:
    for _ in range(tries - 1):
        with suppress(OSError, RuntimeError):
            return ProjectFile(path, lock=lock, open_disk=open_disk)
        time.sleep(_READ_WAIT_S)
    return ProjectFile(path, lock=lock, open_disk=open_disk)


def _inspect(path: Path, open_disk: OpenDisk, tries: int) -> int:
    """Return the schema of a project after a look that changes no byte of the file."""
    file = _opened(path, None, open_disk, tries)
    try:
        return file.read(lambda root: _checked_schema(root, str(path)))
    finally:
        file.close()


def _checked_schema(root: h5py.File, path: str) -> int:
    schema = check_format(root, path)
    check_structure(root, path)
    return schema


def _refusal(path: Path, error: Exception) -> ProjectError:
    if isinstance(error, PermissionError):
        return ProjectError(
            f"{path}: you have no permission to open it like this; open it read-only, or copy it "
            "to a folder of yours."
        )
    if not h5py.is_hdf5(path):
        return ProjectError(f"{path}: is not a project of SXT Studio (.sxt), nor any HDF5 file.")
    if "truncated" in str(error):
        return ProjectError(
            f"{path}: is truncated, its end is missing (perhaps it was not copied completely). "
            "Copy it again, or restore it from a backup."
        )
    return ProjectError(f"{path}: is damaged and cannot be opened; restore it from a backup.")


def _fingerprint(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _closed(path: Path) -> str:
    return f"{path}: is closed; open it again."


def _could_not_write(path: Path, error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{path}: the disk is full; make room and try again. Nothing was changed."
    return f"{path}: could not be written ({error}). Nothing was changed; check the disk."


def _stamp(root: h5py.File, generation: int, action: str, subject: str) -> None:
    root.attrs["generation"] = np.int64(generation)
    root.attrs["modified"] = now()
    root.attrs["app_version"] = __version__
    append_history(root, generation, action, subject)
