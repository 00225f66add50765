"""What older programs left out of a project, added when it is opened for changes."""

from contextlib import suppress
from dataclasses import replace

import h5py

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.label_counts import count_labels
from sxtstudio.project.cells import VERSIONS
from sxtstudio.project.entries import entries, read_record, write_record
from sxtstudio.project.labels import LABELS
from sxtstudio.project.project_file import ProjectFile
from sxtstudio.project.records import LabelVersion
from sxtstudio.project.tree import dataset_at, group_at, groups_in


def count_older_labels(file: ProjectFile) -> None:
    """Count the voxels of labels whose record does not say how many there are.

    A project that has no room for the counts is opened without them, and so are damaged labels:
    a check tells of those.
    """
    where = str(file.path)
    counted = file.read(lambda root: _counted(root, where))
    if not counted:
        return
    with suppress(ProjectError), file.transaction("count labels", "of an older program") as root:
        for place, version in counted.items():
            write_record(group_at(root, place), version)


def _counted(root: h5py.File, where: str) -> dict[str, LabelVersion]:
    """Return records with counts, by the place of their group, where there were none."""
    found: dict[str, LabelVersion] = {}
    for cell in entries(group_at(root, "cells")):
        for group in groups_in(group_at(cell, VERSIONS)):
            version = read_record(group, LabelVersion, where)
            if version.voxels or not version.names:
                continue
            with suppress(OSError, KeyError):
                counts = count_labels(dataset_at(group, LABELS)[...])
                if counts.voxels:
                    found[str(group.name)] = replace(
                        version, voxels=counts.voxels, objects=counts.objects
                    )
    return found
