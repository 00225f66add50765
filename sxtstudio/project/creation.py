"""A new, empty project file."""

import os
import uuid
from pathlib import Path

import h5py
import numpy as np

from sxtstudio import __version__
from sxtstudio.core.errors import ProjectError
from sxtstudio.project.clock import now
from sxtstudio.project.disk import Disk
from sxtstudio.project.history import append_history, create_history
from sxtstudio.project.lock import ProjectLock
from sxtstudio.project.storage import Store
from sxtstudio.project.structure import FORMAT, GROUPS, SCHEMA


def create_project_file(path: Path) -> None:
    """Write an empty project, which appears under its name only when it is complete.

    Raises
    ------
    ProjectError
        If there is something of that name already, or the folder cannot be written.
    """
    if not path.parent.is_dir():
        raise ProjectError(f"{path}: there is no folder {path.parent}; create it first.")
    lock = ProjectLock.acquire(path)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        if path.exists():
            raise ProjectError(
                f"{path}: there is already a file of this name; open it, or choose another name."
            )
        _write_empty(draft)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ProjectError(f"{path}: cannot be created ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)
        lock.release()


def _write_empty(path: Path) -> None:
    store = Store(Disk(path, "create"))
    try:
        with h5py.File(store, "w", libver="earliest", locking=False) as root:
            _fill(root)
            root.flush()
            store.commit()
            store.abandon()
    finally:
        store.close()


def _fill(root: h5py.File) -> None:
    time = now()
    root.attrs["format"] = FORMAT
    root.attrs["schema"] = np.int64(SCHEMA)
    root.attrs["schema_min_reader"] = np.int64(SCHEMA)
    root.attrs["app_version"] = __version__
    root.attrs["project_uuid"] = str(uuid.uuid4())
    root.attrs["created"] = time
    root.attrs["modified"] = time
    root.attrs["generation"] = np.int64(1)
    root.attrs["axes"] = "ZYX"
    for name in GROUPS:
        root.create_group(name)
    create_history(root)
    append_history(root, 1, "create", "")


def _sync_folder(folder: Path) -> None:
    """Make a new name durable, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
