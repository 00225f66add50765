"""What may go wrong with a training, in words, from what its cells show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.task import Task
from sxtstudio.core.volume import VoxelSize

FEW_VOXELS = 500
"""About a cube of 8 voxels an edge: less hardly fills one patch of the training."""

FEW_RESOLVED = 0.1
"""Part of a class's voxels that coarse voxels must mostly consist of, for stage 1 to see it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """What the cells of a plan show; arrays have one element a label, none of the classes first.

    ``counts`` are voxels that are certain, by cell; ``resolved`` the part of them that lies where
    a voxel of stage 1 (``coarse_um``) mostly consists of the class.
    ``none_open`` tells that somewhere a voxel may be none of the classes.
    """

    counts: Mapping[str, np.ndarray]
    resolved: np.ndarray
    coarse_um: VoxelSize
    none_open: bool


def risks(
    task: Task, shown: Shown, training: Sequence[str], validation: Sequence[str]
) -> tuple[str, ...]:
    """Return a sentence for whatever lets one expect a weak class."""
    found: list[str] = []
    if len(training) == 1:
        found.append(
            f"There is only one cell to learn from, {training[0]}; a network seldom knows its way "
            "in others after that. Draw some structures in 2 more cells."
        )
    for label, name in task.names.items():
        found += _class_risks(label, name, shown, training)
    for label, name in task.names.items():
        if validation and not any(shown.counts[cell][label] for cell in validation):
            found.append(
                f"{', '.join(validation)}, spared for validation, shows no {name}: how well that "
                "goes is not seen before the training has ended."
            )
    if shown.none_open and not sum(int(shown.counts[cell][0]) for cell in training):
        found.append(
            "Nowhere is it certain that a voxel is none of the classes, because no cell has every "
            "class drawn completely: the network may give a class to everything. Say in some cell "
            "which classes are drawn everywhere."
        )
    return tuple(found)


def _class_risks(label: int, name: str, shown: Shown, training: Sequence[str]) -> list[str]:
    having = [cell for cell in training if shown.counts[cell][label]]
    voxels = sum(int(shown.counts[cell][label]) for cell in having)
    found: list[str] = []
    if len(having) == 1 and len(training) > 1:
        found.append(
            f"Only {having[0]} shows {name}: expect a weak class, or draw it in 2 more cells."
        )
    if voxels < FEW_VOXELS:
        found.append(
            f"Only {voxels} voxels are certainly {name}: expect a weak class, or draw more of it."
        )
    if shown.resolved[label] < FEW_RESOLVED:
        edge_nm = 1000 * max(shown.coarse_um)
        found.append(
            f"{name} is mostly smaller than a voxel of stage 1 ({edge_nm:.0f} nm), which cannot "
            "see it; the last stage has to find it by itself."
        )
    return found
