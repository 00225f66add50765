"""Grow, shrink and smooth by lengths in µm, block by block with as much around as is needed.

Distances run from voxel centre to voxel centre, along each axis by its own edge length. What lies
beyond the field counts as more of the same: an object that is cut by a face does not shrink there.
"""

import math
from collections.abc import Iterator

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.mask import Target
from sxtstudio.core.ndimage import blurred, distance_um
from sxtstudio.core.region import Box, Region, Voxel
from sxtstudio.core.volume import VoxelSize

BLOCK = 128
_SIGMAS = 3.0
_ROUNDING = 1 + 1e-9


def grow(
    target: Target, radius_um: float, voxel_size_um: VoxelSize, report: Report = ignore
) -> Iterator[Coat]:
    """Yield what lies within a distance of a target, and not in it."""
    for block, around, mask_ZYX in _blocks(target, radius_um, voxel_size_um, report, "Growing"):
        if mask_ZYX.any():
            near_ZYX = distance_um(~mask_ZYX, voxel_size_um) <= radius_um * _ROUNDING
            yield _coat(near_ZYX & ~mask_ZYX, block, around, target.value)


def shrink(
    target: Target, radius_um: float, voxel_size_um: VoxelSize, report: Report = ignore
) -> Iterator[Coat]:
    """Yield what of a target lies within a distance of what is not of it; it becomes unlabelled."""
    for block, around, mask_ZYX in _blocks(target, radius_um, voxel_size_um, report, "Shrinking"):
        if mask_ZYX.any() and not mask_ZYX.all():
            near_ZYX = distance_um(mask_ZYX, voxel_size_um) <= radius_um * _ROUNDING
            yield _coat(near_ZYX & mask_ZYX, block, around, 0)


def smooth(
    target: Target, length_um: float, voxel_size_um: VoxelSize, report: Report = ignore
) -> Iterator[Coat]:
    """Yield what a target gains and loses when its blurred mask is cut at one half.

    ``length_um`` is the standard deviation of the Gaussian: features of about this size go.
    """
    reach_um = _SIGMAS * length_um
    sigma = tuple(length_um / edge_um for edge_um in voxel_size_um)
    for block, around, mask_ZYX in _blocks(target, reach_um, voxel_size_um, report, "Smoothing"):
        if not mask_ZYX.any():
            continue
        flat = tuple(0.0 if n == 1 else s for s, n in zip(sigma, around.shape, strict=True))
        smooth_ZYX = blurred(mask_ZYX, flat) > 0.5
        yield _coat(smooth_ZYX & ~mask_ZYX, block, around, target.value)
        yield _coat(mask_ZYX & ~smooth_ZYX, block, around, 0)


def _blocks(
    target: Target, reach_um: float, voxel_size_um: VoxelSize, report: Report, words: str
) -> Iterator[tuple[Box, Box, np.ndarray]]:
    """Yield the blocks that may change, each with the box around it that decides, and its mask."""
    margin = _margin(reach_um, voxel_size_um)
    blocks = list(target.box.grown(margin).common(target.field).blocks(BLOCK))
    for number, block in enumerate(blocks):
        report(Progress(text=f"{words} (Esc stops)", fraction=number / len(blocks)))
        around = block.grown(margin).common(target.field)
        yield block, around, target.mask(around)


def _margin(reach_um: float, voxel_size_um: VoxelSize) -> Voxel:
    z, y, x = (math.ceil(reach_um / edge_um) + 1 for edge_um in voxel_size_um)
    return (z, y, x)


def _coat(mask_ZYX: np.ndarray, block: Box, around: Box, value: int) -> Coat:
    inside = mask_ZYX[block.seen_from(around).slices]
    return Coat(region=Region(box=block, mask_ZYX=inside), value=value)
