"""The connected voxels of one label around a voxel, in a slice or in space.

In space the flood spreads from block to block, so that it takes memory and time for the blocks it
reaches and not for the volume: one bit a voxel. Voxels are connected where they share faces.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

from sxtstudio.core.edit import SLAB_VOXELS
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.region import Box, Region, Voxel, slice_box, whole

BLOCK = 64
"""Edge of the blocks from which a flood in space is put together."""
_BLOCKS_A_REPORT = 32

_scipy = cast("Any", ndimage)  # its types are unknown; these two we know
_label = cast("Callable[[np.ndarray], tuple[np.ndarray, int]]", _scipy.label)
_bounds = cast("Callable[[np.ndarray], list[Any]]", _scipy.find_objects)

_Place = tuple[int, int, int]
"""Number of a block along (z, y, x)."""


def flood_slice(labels_ZYX: np.ndarray, seed: Voxel, axis: int) -> Region:
    """Return the voxels connected to the seed, of its label, in its slice across an axis."""
    box = slice_box(_shape(labels_ZYX), axis, seed[axis])
    plane = labels_ZYX[box.slices].squeeze(axis)
    number_of, _ = _label(plane == labels_ZYX[seed])
    at = [index for number, index in enumerate(seed) if number != axis]
    number = int(number_of[at[0], at[1]])
    inside: list[slice] = list(_bounds(number_of)[number - 1])
    mask = np.expand_dims(number_of[tuple(inside)] == number, axis)
    inside.insert(axis, slice(seed[axis], seed[axis] + 1))
    return Region(
        box=Box(
            low=(inside[0].start, inside[1].start, inside[2].start),
            high=(inside[0].stop, inside[1].stop, inside[2].stop),
        ),
        mask_ZYX=mask,
    )


def flood_volume(labels_ZYX: np.ndarray, seed: Voxel, report: Report = ignore) -> Iterator[Region]:
    """Return the voxels connected to the seed, of its label, as one region a block.

    All is found when it returns, so that the labels may change while the regions are asked for.
    ``report`` may raise `Cancelled`.
    """
    flood = _Flood(labels_ZYX, int(labels_ZYX[seed]))
    flood.seed(seed)
    for number in itertools.count():
        if not flood.waiting:
            break
        if number % _BLOCKS_A_REPORT == 0:
            done = len(flood.filled) * BLOCK**3 / 1e6
            report(Progress(text=f"Filling: up to {done:.0f} million voxels so far (Esc stops)"))
        flood.spread()
    return (Region(box=flood.box(place), mask_ZYX=flood.mask(place)) for place in flood.filled)


def labelled(labels_ZYX: np.ndarray, value: int, box: Box | None = None) -> Iterator[Region]:
    """Yield all voxels of one label in a box (or the volume), slab by slab as it is asked."""
    for slab in (box or whole(_shape(labels_ZYX))).slabs(SLAB_VOXELS):
        mask_ZYX = labels_ZYX[slab.slices] == value
        if mask_ZYX.any():
            yield Region(box=slab, mask_ZYX=mask_ZYX)


class _Flood:
    """Blocks that are filled in part, as packed bits, and seeds that wait in other blocks."""

    def __init__(self, labels_ZYX: np.ndarray, value: int) -> None:
        self._labels_ZYX = labels_ZYX
        self._value = value
        self.filled: dict[_Place, np.ndarray] = {}
        self.waiting: dict[_Place, np.ndarray] = {}

    def box(self, place: _Place) -> Box:
        """Return the voxels of a block."""
        z, y, x = (number * BLOCK for number in place)
        return Box(low=(z, y, x), high=(z + BLOCK, y + BLOCK, x + BLOCK)).within(
            _shape(self._labels_ZYX)
        )

    def mask(self, place: _Place) -> np.ndarray:
        """Return which voxels of a block are filled."""
        shape = self.box(place).shape
        size = shape[0] * shape[1] * shape[2]
        bits = self.filled.get(place)
        if bits is None:
            return np.zeros(shape, bool)
        return np.unpackbits(bits, count=size).view(bool).reshape(shape)

    def seed(self, voxel: Voxel) -> None:
        """Start from one voxel."""
        z, y, x = (index // BLOCK for index in voxel)
        box = self.box((z, y, x))
        seeds_ZYX = np.zeros(box.shape, bool)
        seeds_ZYX[voxel[0] - box.low[0], voxel[1] - box.low[1], voxel[2] - box.low[2]] = True
        self.waiting[z, y, x] = np.packbits(seeds_ZYX)

    def spread(self) -> None:
        """Fill what is connected to the seeds of one block, and seed its neighbours."""
        place, bits = self.waiting.popitem()
        box = self.box(place)
        seeds_ZYX = np.unpackbits(bits, count=box.size).view(bool).reshape(box.shape)
        was_ZYX = self.mask(place)
        seeds_ZYX &= ~was_ZYX
        if not seeds_ZYX.any():
            return
        new_ZYX = _connected(self._labels_ZYX[box.slices] == self._value, seeds_ZYX)
        self.filled[place] = np.packbits(was_ZYX | new_ZYX)
        for axis in range(3):
            for side in (-1, 1):
                self._pass_on(place, new_ZYX, axis, side)

    def _pass_on(self, place: _Place, new_ZYX: np.ndarray, axis: int, side: int) -> None:
        """Seed the neighbour across a face with the voxels that are new at that face."""
        face = new_ZYX.take(-1 if side > 0 else 0, axis=axis)
        moved = list(place)
        moved[axis] += side
        beyond = (moved[0], moved[1], moved[2])
        if moved[axis] * BLOCK >= self._labels_ZYX.shape[axis] or moved[axis] < 0:
            return
        box = self.box(beyond)
        open_ZYX = self._labels_ZYX[box.slices].take(0 if side > 0 else -1, axis=axis)
        face = face & (open_ZYX == self._value)
        if not face.any():
            return
        seeds_ZYX = np.zeros(box.shape, bool)
        if beyond in self.waiting:
            bits = self.waiting[beyond]
            seeds_ZYX = np.unpackbits(bits, count=box.size).view(bool).reshape(box.shape)
        inner = [slice(None)] * 3
        inner[axis] = slice(0, 1) if side > 0 else slice(-1, None)
        seeds_ZYX[tuple(inner)] |= np.expand_dims(face, axis)
        self.waiting[beyond] = np.packbits(seeds_ZYX)


def _connected(open_ZYX: np.ndarray, seeds_ZYX: np.ndarray) -> np.ndarray:
    """Return the voxels of a mask that are connected to seeds, all of which lie in it."""
    if open_ZYX.all():
        return open_ZYX
    number_of, count = _label(open_ZYX)
    reached = np.zeros(count + 1, bool)
    reached[number_of[seeds_ZYX]] = True
    return reached[number_of]


def _shape(labels_ZYX: np.ndarray) -> Voxel:
    z, y, x = labels_ZYX.shape
    return (z, y, x)
