"""Which slabs of a cell are best drawn by hand: doubtful, unlike any reference, far apart."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sxtstudio.core.ndimage import distance_um, label
from sxtstudio.core.novelty_map import NoveltyMap

Axis = Literal["z", "y", "x"]

_AXES: tuple[Axis, Axis, Axis] = ("z", "y", "x")
_REACH = 0.15
"""Slabs nearer than this part of the axis show much of the same, and count less."""
_EXTENT_EDGE = 64
"""The cell's place is found on about so many voxels an edge."""
_SPECK = 0.1
"""Pieces smaller than this part of the largest are no part of the cell's place."""
_MARGIN = 0.05
"""A network may have missed what lies nearer than this part of the longest edge to its labels."""


@dataclass(frozen=True, kw_only=True)
class Slab:
    """Planes ``start`` to ``stop`` (exclusive) across ``axis``; ``doubt`` is their mean (0–1).

    Outside the cell no doubt counts; what is new counts up to twice.
    """

    axis: Axis
    start: int
    stop: int
    doubt: float

    @property
    def words(self) -> str:
        """Where it lies, both ends included; planes count from 0, as they do in the window."""
        return f"{self.axis} {self.start}–{self.stop - 1}"


def suggest_slabs(
    uncertainty_ZYX: np.ndarray,
    labels_ZYX: np.ndarray | None = None,
    novelty_map: NoveltyMap | None = None,
    *,
    count: int = 3,
    planes: int = 3,
) -> tuple[Slab, ...]:
    """Return up to ``count`` slabs of ``planes`` planes that do not overlap, the best first.

    A voxel is worth its doubt × (1 + novelty) within the cell, see `extent_of`, and nothing
    outside. The slabs lie across the axis along which such slabs hold most of it.
    ``uncertainty_ZYX`` is uint8 (255 is complete doubt); where there is no doubt at all, no slab is
    returned. Without ``labels_ZYX``, or any label, the cell may be anywhere.
    """
    sums = _sums_by_plane(uncertainty_ZYX, labels_ZYX, novelty_map)
    chosen = [
        _choose(axis, sums[number], uncertainty_ZYX.size // len(sums[number]), count, planes)
        for number, axis in enumerate(_AXES)
    ]
    return max(chosen, key=lambda slabs: sum(slab.doubt for slab in slabs))


def extent_of(labels_ZYX: np.ndarray) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Return where the cell is, boolean on a coarser grid, and every how many voxels that lies.

    A voxel is within the cell if along two of the axes labels lie on both sides of it, for what has
    no name there belongs to it, too; or if it lies near such a one. Specks do not count. Without
    labels, all is within.
    """
    z, y, x = (max(1, math.ceil(n / _EXTENT_EDGE)) for n in labels_ZYX.shape)
    numbers, count = label(np.asarray(labels_ZYX[::z, ::y, ::x]) != 0)
    if not count:
        return np.ones(numbers.shape, bool), (z, y, x)
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    mask = (sizes >= _SPECK * sizes.max())[numbers]
    between = [_between(mask, axis).astype(np.uint8) for axis in range(3)]
    outside = sum(between, np.zeros(mask.shape, np.uint8)) < 2
    far = distance_um(outside, (z, y, x))  # in voxels of the labels
    return far <= _MARGIN * max(labels_ZYX.shape), (z, y, x)


def _between(mask: np.ndarray, axis: int) -> np.ndarray:
    """Return what lies between the first and the last voxel of a mask along an axis."""
    after = np.logical_or.accumulate(mask, axis)
    before = np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis), axis)
    return after & before


def _sums_by_plane(
    uncertainty_ZYX: np.ndarray, labels_ZYX: np.ndarray | None, novelty_map: NoveltyMap | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the worth of every plane across each axis, read plane by plane."""
    by_z, by_y, by_x = (np.zeros(n, np.float64) for n in uncertainty_ZYX.shape)
    extent = None if labels_ZYX is None else extent_of(labels_ZYX)
    for z, plane in enumerate(uncertainty_ZYX):
        worth = plane.astype(np.float32)
        if novelty_map is not None:
            worth *= 1 + novelty_map.plane(0, z, uncertainty_ZYX.shape) / np.float32(255)
        if extent is not None:
            inside_ZYX, (step_z, step_y, step_x) = extent
            inside = inside_ZYX[z // step_z].repeat(step_y, 0).repeat(step_x, 1)
            worth *= inside[: worth.shape[0], : worth.shape[1]]
        rows = worth.sum(1, dtype=np.float64)
        by_z[z] = rows.sum()
        by_y += rows
        by_x += worth.sum(0, dtype=np.float64)
    return by_z, by_y, by_x


def _choose(axis: Axis, sums: np.ndarray, area: int, count: int, planes: int) -> tuple[Slab, ...]:
    """Return the slabs across one axis, greedily: worth × distance from those chosen already."""
    thick = min(planes, len(sums))
    doubt = np.convolve(sums, np.ones(thick), "valid") / (thick * max(1, area) * 255)
    starts = np.arange(len(doubt))
    worth = doubt.copy()
    slabs: list[Slab] = []
    while len(slabs) < count and worth.max(initial=0) > 0:
        start = int(worth.argmax())
        slabs.append(
            Slab(axis=axis, start=start, stop=start + thick, doubt=round(float(doubt[start]), 4))
        )
        far = np.abs(starts - start)
        reach = max(thick, math.ceil(_REACH * len(sums)))
        worth *= np.where(far < thick, 0.0, np.minimum(1.0, far / reach))
    return tuple(slabs)
