"""Where in a cell a network has seen nothing like it: how rare each place is among references."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.ndimage import blurred
from sxtstudio.core.volume import VoxelSize

DECADES = 4.0
"""The rarest that a map tells: 1 in 10⁴ voxels of reference cells."""

_FULL = 255
_PER_DECADE = 16
_BLUR_VOXELS = (1.0, 1.0, 1.0)
"""Rare places of a single coarse voxel are mostly noise."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NoveltyMap:
    """How rare each coarse voxel of a cell is among those of reference cells.

    ``levels_ZYX`` is uint8, −log10 of the rarity × 255 / `DECADES`: 0 as ordinary as any, 128 one
    voxel of reference cells in 100 is as unlike, 255 one in 10⁴ or less. ``step`` is how many
    voxels of the tomogram one of the map spans along (z, y, x); the last may be cut off.
    """

    levels_ZYX: np.ndarray
    step: tuple[float, float, float]

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the map covers a tomogram of ``shape`` and no more."""
        edges = zip(self.levels_ZYX.shape, self.step, shape, strict=True)
        return all((count - 1) * step < n <= count * step + 0.5 for count, step, n in edges)

    def plane(self, axis: int, index: int, shape: Sequence[int]) -> np.ndarray:
        """Return the levels in a plane of a tomogram of ``shape``, linear between coarse voxels.

        uint8 (rows, columns); no more than the plane is ever made.
        """
        near, far, weight = _neighbours(np.array([index]), self.step[axis], self.levels_ZYX, axis)
        before, after = (
            np.take(self.levels_ZYX, int(it[0]), axis).astype(np.float32) for it in (near, far)
        )
        values = _between(before, after, weight)
        for row, along in enumerate(it for it in range(3) if it != axis):
            places = np.arange(shape[along])
            near, far, weight = _neighbours(places, self.step[along], self.levels_ZYX, along)
            weights = weight.reshape((-1, 1) if row == 0 else (1, -1))
            values = _between(np.take(values, near, row), np.take(values, far, row), weights)
        return np.rint(values).astype(np.uint8)


def rarity_of(level: float) -> float:
    """Return the part of the voxels of reference cells that are as unlike as a level tells."""
    return 10 ** (-level / _FULL * DECADES)


def level_of(rarity: float) -> int:
    """Return the level of a rarity (above 0, 1 at most)."""
    return round(min(DECADES, -math.log10(rarity)) / DECADES * _FULL)


def spread_out(distance_ZYX: np.ndarray) -> np.ndarray:
    """Return distances as they are compared: blurred a little, float32."""
    return blurred(distance_ZYX, _BLUR_VOXELS)


def ordinary_distances(distances: Sequence[np.ndarray]) -> np.ndarray:
    """Return which distance one voxel in 10^(i / 16) of these exceeds, i from 0 upwards, float32.

    It ends where there are no more than one voxel as rare, at 10⁴ at the latest; empty without
    any distances.
    """
    known = np.concatenate([it.ravel() for it in distances]) if distances else np.empty(0)
    if not known.size:
        return np.empty(0, np.float32)
    last = int(min(DECADES, math.log10(known.size)) * _PER_DECADE)
    rarities = 10.0 ** (-np.arange(last + 1) / _PER_DECADE)
    return np.quantile(known, 1 - rarities).astype(np.float32)


def novelty_levels(distance_ZYX: np.ndarray, ordinary: np.ndarray) -> np.ndarray:
    """Return the levels (see `NoveltyMap`) of distances, by those that `ordinary_distances` told.

    What lies beyond all of them is as rare as the rarest.
    """
    decades = np.arange(len(ordinary)) / _PER_DECADE
    told = np.interp(distance_ZYX, ordinary, decades)
    return np.rint(told / DECADES * _FULL).astype(np.uint8)


def coarse_voxel_size(step: tuple[float, float, float], voxel_size_um: VoxelSize) -> VoxelSize:
    """Return the size (µm) of the voxels of a map."""
    z, y, x = (many * edge for many, edge in zip(step, voxel_size_um, strict=True))
    return (z, y, x)


def _neighbours(
    places: np.ndarray, step: float, levels_ZYX: np.ndarray, axis: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the coarse voxels before and after places on the fine grid, and the weight of these.

    Beyond the centres of the first and the last, they alone count.
    """
    last = levels_ZYX.shape[axis] - 1
    at = np.clip((places + 0.5) / step - 0.5, 0, last)
    near = np.floor(at).astype(np.intp)
    return near, np.minimum(near + 1, last), (at - near).astype(np.float32)


def _between(near: np.ndarray, far: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return near + (far - near) * weight
