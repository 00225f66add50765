"""Region growing: what is connected to a seed and has the LAC of its surroundings."""

import numpy as np

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.flood import flood_box
from sxtstudio.core.mask import Mask
from sxtstudio.core.region import Box, Region, Voxel
from sxtstudio.core.tools.targets import check_holdable
from sxtstudio.core.volume import LacArray, VoxelSize

ROUNDS = 6
_LARGEST = 16_000_000


def grow_region(  # noqa: PLR0913 - where, how far and how alike are the tool's own settings
    lac_ZYX: LacArray,
    allowed: Mask,
    seed: Voxel,
    box: Box,
    *,
    deviations: float,
    radius_um: float,
    voxel_size_um: VoxelSize,
    report: Report = ignore,
) -> Region:
    """Return what in a box is connected to a seed and within some deviations of its mean LAC.

    Mean and standard deviation are first those of the allowed voxels within ``radius_um`` of the
    seed, then those of what was found, until that no longer changes (at most `ROUNDS` times).

    Raises
    ------
    LabelError
        If the box is too large.
    """
    check_holdable(box, _LARGEST)
    lac = np.asarray(lac_ZYX[box.slices])
    allowed_ZYX = allowed(box)
    found = _first(seed, box, radius_um, voxel_size_um)
    found &= allowed_ZYX
    region = Region(box=box, mask_ZYX=found)
    for number in range(ROUNDS):
        report(Progress(text="Growing the region (Esc stops)", fraction=number / ROUNDS))
        values = lac[found]
        mean, spread = float(values.mean()), float(values.std())
        alike_ZYX = (np.abs(lac - mean) <= deviations * spread) & allowed_ZYX
        alike_ZYX[tuple(i - low for i, low in zip(seed, box.low, strict=True))] = True
        region = flood_box(lambda _, alike=alike_ZYX: alike, box, seed)
        new = np.zeros_like(found)
        new[region.box.seen_from(box).slices] = region.mask_ZYX
        if np.array_equal(new, found):
            break
        found = new
    return region


def _first(seed: Voxel, box: Box, radius_um: float, voxel_size_um: VoxelSize) -> np.ndarray:
    """Return the voxels around a seed, as a mask of the box; in a flat box a disc."""
    z, y, x = (float(i - low) for i, low in zip(seed, box.low, strict=True))
    at = (z, y, x)
    flat = [axis for axis in range(3) if box.shape[axis] == 1]
    ball = (
        disc_stroke(at, at, radius_um, voxel_size_um, box.shape, flat[0])
        if flat
        else ball_stroke(at, at, radius_um, voxel_size_um, box.shape)
    )
    mask_ZYX = np.zeros(box.shape, bool)
    mask_ZYX[ball.box.slices] = ball.mask_ZYX
    return mask_ZYX
