"""The history of a project: one row for each commit, never changed."""

import socket

import h5py
import numpy as np

from sxtstudio.project.clock import now
from sxtstudio.project.lock import user_name
from sxtstudio.project.records import HistoryEntry
from sxtstudio.project.structure import HISTORY
from sxtstudio.project.tree import dataset_at

_CHUNK = 64
_ROW = np.dtype(
    [
        ("generation", "<i8"),
        ("time", h5py.string_dtype()),
        ("user", h5py.string_dtype()),
        ("host", h5py.string_dtype()),
        ("action", h5py.string_dtype()),
        ("subject", h5py.string_dtype()),
    ]
)


def create_history(root: h5py.Group) -> None:
    """Add an empty history."""
    root.create_dataset(HISTORY, shape=(0,), dtype=_ROW, maxshape=(None,), chunks=(_CHUNK,))


def append_history(root: h5py.Group, generation: int, action: str, subject: str) -> None:
    """Add a row about the commit that is being made."""
    history = dataset_at(root, HISTORY)
    history.resize((len(history) + 1,))
    history[-1] = (generation, now(), user_name(), socket.gethostname(), action, subject)
    history.flush()  # h5py would swallow a write error later, when it closes the dataset


def read_history(root: h5py.Group) -> tuple[HistoryEntry, ...]:
    """Return every change, the oldest first."""
    return tuple(
        HistoryEntry(
            generation=int(row["generation"]),
            time=row["time"].decode(),
            user=row["user"].decode(),
            host=row["host"].decode(),
            action=row["action"].decode(),
            subject=row["subject"].decode(),
        )
        for row in dataset_at(root, HISTORY)[:]
    )
