"""The voxels that a brush touches: discs in a plane, balls in space, and both drawn along a line.

A voxel is touched when its centre is no farther than the radius (µm) from the line along which the
brush moved. Positions are voxel indices that may lie between voxels; whole numbers are centres.
"""

import math

import numpy as np

from sxtstudio.core.region import Box, Region, Voxel
from sxtstudio.core.volume import VoxelSize

Position = tuple[float, float, float]
"""A point in voxel indices, (z, y, x); whole numbers are the centres of voxels."""


def ball_stroke(
    start: Position, stop: Position, radius_um: float, voxel_size_um: VoxelSize, shape: Voxel
) -> Region:
    """Return what a ball touches on the way between two points of a volume of this shape."""
    return _stroke(start, stop, (radius_um, radius_um, radius_um), voxel_size_um, shape)


def disc_stroke(
    start: Position,
    stop: Position,
    radius_um: float,
    voxel_size_um: VoxelSize,
    shape: Voxel,
    axis: int,
) -> Region:
    """Return what a disc touches on the way within the slice of ``start`` across an axis."""
    flat = list(stop)
    flat[axis] = start[axis]
    radii_um = [radius_um] * 3
    radii_um[axis] = 0.0
    end = (flat[0], flat[1], flat[2])
    return _stroke(start, end, (radii_um[0], radii_um[1], radii_um[2]), voxel_size_um, shape)


def _stroke(
    start: Position, stop: Position, radii_um: Position, size_um: VoxelSize, shape: Voxel
) -> Region:
    """Return the voxels of a capsule; an axis with the radius 0 has one slice.

    Along the axes in which the brush did not move the distance is the same all along the line, so
    only the others need arithmetic for every voxel.
    """
    radius_um = _least_radius(max(radii_um), start, stop, size_um)
    box = _box(start, stop, [radius_um if r else 0.0 for r in radii_um], size_um).within(shape)
    flat = [axis for axis in range(3) if not radii_um[axis]]
    away = [_offsets(box, axis, start, size_um) for axis in range(3)]
    for axis in flat:
        away[axis] = np.zeros_like(away[axis])
    step_um = [(b - a) * d for a, b, d in zip(start, stop, size_um, strict=True)]
    moving = [axis for axis in range(3) if step_um[axis]]
    along = np.float32(0)
    path = np.float32(0)
    for axis in moving:
        along = along + away[axis] * np.float32(step_um[axis])
        path = path + away[axis] ** 2
    length2 = np.float32(sum(step_um[axis] ** 2 for axis in moving))
    if length2:
        share = np.clip(along / length2, 0, 1)
        path = path - share * (2 * along - share * length2)
    still = np.float32(radius_um**2 * (1 + 1e-5))
    for axis in range(3):
        if axis not in moving:
            still = still - away[axis] ** 2
    mask_ZYX = np.array(np.broadcast_to(path <= still, box.shape))
    for end in (start, stop):
        _touch(mask_ZYX, end, box)
    return Region(box=box, mask_ZYX=mask_ZYX)


def _least_radius(radius_um: float, start: Position, stop: Position, size_um: VoxelSize) -> float:
    """Return the radius, or that of the thinnest line without gaps."""
    moved = [d for a, b, d in zip(start, stop, size_um, strict=True) if a != b]
    return max(radius_um, 0.5 * max(moved, default=0.0))


def _box(start: Position, stop: Position, radii_um: list[float], size_um: VoxelSize) -> Box:
    low: list[int] = []
    high: list[int] = []
    for a, b, radius_um, edge_um in zip(start, stop, radii_um, size_um, strict=True):
        reach = radius_um / edge_um
        # The voxels nearest to both ends belong to it, however small the brush.
        low.append(min(math.ceil(min(a, b) - reach), _nearest(a), _nearest(b)))
        high.append(max(math.floor(max(a, b) + reach), _nearest(a), _nearest(b)) + 1)
    return Box(low=(low[0], low[1], low[2]), high=(high[0], high[1], high[2]))


def _nearest(at: float) -> int:
    return math.floor(at + 0.5)


def _offsets(box: Box, axis: int, start: Position, size_um: VoxelSize) -> np.ndarray:
    """Return how far (µm) the slices of a box lie from the start, shaped to be broadcast."""
    index = np.arange(box.low[axis], box.high[axis], dtype=np.float32)
    shape = [1, 1, 1]
    shape[axis] = index.size
    return ((index - np.float32(start[axis])) * np.float32(size_um[axis])).reshape(shape)


def _touch(mask_ZYX: np.ndarray, end: Position, box: Box) -> None:
    z, y, x = map(_nearest, end)
    if box.holds((z, y, x)):
        mask_ZYX[z - box.low[0], y - box.low[1], x - box.low[2]] = True
