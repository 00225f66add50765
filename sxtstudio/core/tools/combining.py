"""Logic between classes: unite, intersect and subtract, near another class or in other labels."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.mask import Mask
from sxtstudio.core.ndimage import distance_um
from sxtstudio.core.region import Box, Region
from sxtstudio.core.volume import VoxelSize

Combination = Literal["unite", "intersect", "subtract"]
_BLOCK = 128


def combine(
    first: Mask,
    value: int,
    second: Mask,
    how: Combination,
    field: Box,
    report: Report = ignore,
) -> Iterator[Coat]:
    """Yield what changes when a class (``first``, of this label) is combined with other voxels.

    Unite: it takes the others; intersect: it keeps only what is of both; subtract: it loses what
    is of the others.
    """
    blocks = list(field.blocks(_BLOCK))
    for number, block in enumerate(blocks):
        report(Progress(text="Combining (Esc stops)", fraction=number / len(blocks)))
        own_ZYX, other_ZYX = first(block), second(block)
        if how == "unite":
            yield _coat(block, other_ZYX & ~own_ZYX, value)
        elif how == "intersect":
            yield _coat(block, own_ZYX & ~other_ZYX, 0)
        else:
            yield _coat(block, own_ZYX & other_ZYX, 0)


def within(mask: Mask, distance: float, field: Box, voxel_size_um: VoxelSize) -> Mask:
    """Mean the voxels of a field no farther than a distance (µm) from those meant."""
    z, y, x = (int(distance / edge_um) + 1 for edge_um in voxel_size_um)

    def near(box: Box) -> np.ndarray:
        around = box.grown((z, y, x)).common(field)
        body_ZYX = mask(around)
        if not body_ZYX.any():
            return np.zeros(box.shape, bool)
        near_ZYX = distance_um(~body_ZYX, voxel_size_um) <= distance * (1 + 1e-9)
        return near_ZYX[box.seen_from(around).slices]

    return near if distance > 0 else mask


def _coat(box: Box, mask_ZYX: np.ndarray, value: int) -> Coat:
    return Coat(region=Region(box=box, mask_ZYX=mask_ZYX), value=value)
