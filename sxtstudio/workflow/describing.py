"""Say what a file holds: a volume, a project or a network."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.volume import Volume
from sxtstudio.io.network_card import read_network_card
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.tasks import network_notice

Facts = dict[str, object]
"""Plain values, lists and dicts, as they go into JSON."""


def describe(path: Path, dataset: str | None = None) -> Facts:
    """Return what a file holds; ``kind`` is ``volume``, ``project`` or ``network``.

    Projects (.sxt) and networks (.sxtnet) are known by their suffix, all else is a volume.

    Raises
    ------
    FileError, ProjectError
        If the file is missing, damaged, or of no known kind.
    """
    suffix = path.suffix.lower()
    if suffix == ".sxtnet":
        return describe_network(read_network_card(path))
    if suffix == ".sxt":
        with Project.open(path, read_only=True) as project:
            return describe_project(project)
    return describe_volume(read_volume(path, dataset=dataset))


def describe_volume(volume: Volume) -> Facts:
    """Return shape, units, range and classes of a volume; ``voxel_size_nm`` is (z, y, x)."""
    values_ZYX = np.asarray(volume.values_ZYX[...])
    finite = values_ZYX[np.isfinite(values_ZYX)] if values_ZYX.dtype.kind == "f" else values_ZYX
    size_um = volume.voxel_size_um
    return {
        "kind": "volume",
        "shape_zyx": list(values_ZYX.shape),
        "type": str(values_ZYX.dtype),
        "voxel_size_nm": [round(edge * 1000, 6) for edge in size_um] if size_um else None,
        "lac_per_unit": volume.lac_per_unit,
        "minimum": finite.min().item() if finite.size else None,
        "maximum": finite.max().item() if finite.size else None,
        "not_finite": int(values_ZYX.size - finite.size),
        "classes": _text_keys(volume.class_names),
        "colours": _text_keys(volume.class_colours),
        "notes": list(volume.notes),
    }


def describe_project(project: Project) -> Facts:
    """Return cells with their label versions, tasks, networks and measurements of a project."""
    return {
        "kind": "project",
        "cells": [describe_cell(cell) for cell in project.cells()],
        "tasks": [
            {
                "name": task.name,
                "version": task.version,
                "classes": _text_keys(task.names),
                "members": {item.name: list(item.members) for item in task.classes},
            }
            for task in project.tasks()
        ],
        "networks": [
            {
                "path": str(network.path),
                "task": network.task,
                "task_version": project.network_card(network.id).plan.task.version,
                "sha256": network.sha256,
                "notice": network_notice(project, project.network_card(network.id)),
            }
            for network in project.networks()
        ],
        "vocabulary": {term.id: term.name for term in project.extension().terms},
        "measurements": len(project.measurements()),
    }


def describe_cell(cell: CellRecord) -> Facts:
    """Return what the project knows of a cell; its newest labels come last."""
    return {
        "name": cell.name,
        "id": cell.id,
        "shape_zyx": list(cell.shape),
        "voxel_size_nm": [round(edge * 1000, 6) for edge in cell.voxel_size_um],
        "linked": cell.link is not None,
        "labels": [
            {
                "id": version.id,
                "kind": version.kind,
                "classes": _text_keys(version.names),
                "complete": sorted(version.complete),
                "task": version.task,
                "time": version.time,
            }
            for version in cell.versions
        ],
    }


def describe_network(card: NetworkCard) -> Facts:
    """Return task, classes, training and scores of a network."""
    plan = card.plan
    return {
        "kind": "network",
        "task": plan.task.name,
        "task_version": plan.task.version,
        "classes": _text_keys(plan.task.names),
        "members": {item.name: list(item.members) for item in plan.task.classes},
        "voxel_size_nm": [round(edge * 1000, 6) for edge in plan.voxel_size_um],
        "stages": len(plan.stages),
        "steps": card.steps_done,
        "training_s": card.training_s,
        "seed": plan.seed,
        "training_cells": [cell.name for cell in card.cells],
        "scores": [
            {
                "stage": score.stage,
                "dice": dict(score.dice),
                "cells": list(score.cells),
                "honest": score.honest,
            }
            for score in card.scores
        ],
        "calibration": asdict(card.calibration) if card.calibration else None,
        "reasons": list(plan.reasons),
        "made_by": {"version": card.made_by.version, "time": card.made_by.time},
    }


def _text_keys(names: Mapping[int, str]) -> dict[str, str]:
    return {str(value): name for value, name in sorted(names.items())}
