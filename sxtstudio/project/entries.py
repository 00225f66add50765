"""Records in the project file: each is JSON in an attribute of a group, with its sha256."""

import hashlib
import secrets
from typing import TypeVar

import h5py
import numpy as np

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.records import from_json, to_json
from sxtstudio.project.tree import groups_in, integer_at

RecordT = TypeVar("RecordT")


def new_id(parent: h5py.Group) -> str:
    """Return 12 hex digits that no entry of a group has."""
    while (entry_id := secrets.token_hex(6)) in parent:
        pass
    return entry_id


def add_entry(parent: h5py.Group, entry_id: str, record: object) -> h5py.Group:
    """Add a group with a record; it remembers which commit brought it."""
    group = parent.create_group(entry_id)
    group.attrs["generation"] = np.int64(integer_at(parent.file, "generation") + 1)
    write_record(group, record)
    return group


def write_record(group: h5py.Group, record: object, name: str = "record") -> None:
    """Write, or write anew, the record of a group."""
    text = to_json(record)
    group.attrs[name] = text
    group.attrs[f"{name}_sha256"] = _sha256(text)


def read_record(
    group: h5py.Group, kind: type[RecordT], path: str, *, name: str = "record"
) -> RecordT:
    """Return the record of a group.

    Raises
    ------
    ProjectError
        If it is missing or is not what was written; ``path`` names the project in the message.
    """
    where = f"{path}, {group.name}"
    text = group.attrs.get(name)
    if not isinstance(text, str) or group.attrs.get(f"{name}_sha256") != _sha256(text):
        raise ProjectError(f"{where}: its {name} is damaged; restore the project from a backup.")
    return from_json(kind, text, where)


def entries(parent: h5py.Group) -> list[h5py.Group]:
    """Return the groups of a part of the project, the oldest first."""
    return sorted(
        groups_in(parent), key=lambda group: (integer_at(group, "generation"), str(group.name))
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
