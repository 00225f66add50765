"""Networks that a project knows: a record and the card of each; the file stays where it is."""

from dataclasses import replace
from pathlib import Path

import h5py

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.io.files import sha256_of_file
from sxtstudio.project.clock import now
from sxtstudio.project.entries import add_entry, entries, new_id, read_record, write_record
from sxtstudio.project.links import find_file, relative_path
from sxtstudio.project.records import NetworkRecord
from sxtstudio.project.tree import group_at

CARD = "card"


def network_record(file: Path, card: NetworkCard, project: Path) -> NetworkRecord:
    """Return the record of a network file, still without id."""
    return NetworkRecord(
        id="",
        path=str(file.resolve()),
        relative_path=relative_path(file, project),
        sha256=sha256_of_file(file),
        task=card.plan.task.name,
        time=now(),
    )


def write_network(
    root: h5py.Group, record: NetworkRecord, card: NetworkCard, path: str
) -> NetworkRecord:
    """Add a network, or note the new place of one whose content is known already."""
    networks = group_at(root, "networks")
    for group in entries(networks):
        known = read_record(group, NetworkRecord, path)
        if known.sha256 == record.sha256:
            moved = replace(known, path=record.path, relative_path=record.relative_path)
            write_record(group, moved)
            return moved
    record = replace(record, id=new_id(networks))
    group = add_entry(networks, record.id, record)
    write_record(group, card, CARD)
    return record


def read_networks(root: h5py.Group, project: Path) -> tuple[NetworkRecord, ...]:
    """Return all networks, the oldest first, each with the place where its file lies now."""
    records = [
        read_record(group, NetworkRecord, str(project))
        for group in entries(group_at(root, "networks"))
    ]
    return tuple(replace(record, path=_place(record, project)) for record in records)


def _place(record: NetworkRecord, project: Path) -> str:
    found = find_file(record.relative_path, record.path, project)
    return str(found.resolve()) if found else record.path


def read_card(root: h5py.Group, network_id: str, path: str) -> NetworkCard:
    """Return the card of a network, or raise `ProjectError` if there is none of that id."""
    if network_id not in group_at(root, "networks"):
        raise ProjectError(f"{path}: has no network {network_id!r}.")
    return read_record(group_at(root, "networks", network_id), NetworkCard, path, name=CARD)
