"""What a line drawn by hand encloses in a slice: lasso and polygon, with depth or without."""

import math
from collections.abc import Sequence

import numpy as np

from sxtstudio.core.region import Box, Region, Voxel

Position = tuple[float, float, float]


def enclosed(points: Sequence[Position], axis: int, shape: Voxel, depth: int = 1) -> Region:
    """Return the voxels whose centres a closed line encloses, in its slice across an axis.

    ``points`` are (z, y, x) in voxels, all of one slice; the last is joined to the first. What is
    enclosed twice is outside again. ``depth`` slices get the same, the slice in their middle.
    """
    rows, columns = (number for number in range(3) if number != axis)
    down = np.array([point[rows] for point in points])
    right = np.array([point[columns] for point in points])
    box = _bounds(down, right, points[0][axis], axis, depth).within(shape)
    plane = _even_odd(
        down,
        right,
        np.arange(box.low[rows], box.high[rows], dtype=float),
        np.arange(box.low[columns], box.high[columns], dtype=float),
    )
    mask_ZYX = np.broadcast_to(np.expand_dims(plane, axis), box.shape)
    return Region(box=box, mask_ZYX=mask_ZYX)


def box_around(points: Sequence[Position], axis: int, shape: Voxel, depth: int = 1) -> Box:
    """Return the box that a line needs, in its slice or with depth."""
    rows, columns = (number for number in range(3) if number != axis)
    down = np.array([point[rows] for point in points])
    right = np.array([point[columns] for point in points])
    return _bounds(down, right, points[0][axis], axis, depth).within(shape)


def depth_of(points: Sequence[Position], axis: int, voxel_size_um: Position) -> int:
    """Return how many slices are as deep as a line is wide (the longer of its two sides, in µm)."""
    across = [number for number in range(3) if number != axis]
    width_um = max(
        (max(point[it] for point in points) - min(point[it] for point in points))
        * voxel_size_um[it]
        for it in across
    )
    return 2 * round(width_um / voxel_size_um[axis] / 2) + 1


def _bounds(down: np.ndarray, right: np.ndarray, at: float, axis: int, depth: int) -> Box:
    low = [math.ceil(down.min()), math.ceil(right.min())]
    high = [math.floor(down.max()) + 1, math.floor(right.max()) + 1]
    first = math.floor(at + 0.5) - depth // 2
    low.insert(axis, first)
    high.insert(axis, first + depth)
    return Box(low=(low[0], low[1], low[2]), high=(high[0], high[1], high[2]))


def _even_odd(
    down: np.ndarray, right: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Return which crossings of rows and columns lie inside: odd numbers of edges to their left."""
    inside = np.zeros((rows.size, columns.size), bool)
    for y0, x0, y1, x1 in zip(down, right, np.roll(down, -1), np.roll(right, -1), strict=True):
        crossed = np.flatnonzero((rows >= min(y0, y1)) & (rows < max(y0, y1)))
        if crossed.size:
            at = x0 + (rows[crossed] - y0) * (x1 - x0) / (y1 - y0)
            inside[crossed] ^= columns[None, :] > at[:, None]
    return inside
