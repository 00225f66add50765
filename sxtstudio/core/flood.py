"""The connected voxels of one label, or of like LAC, around a voxel, in a slice or in space.

In space the flood spreads from block to block, so that it takes memory and time for the blocks it
reaches and not for the volume: one bit a voxel. Voxels are connected where they share faces.
"""

import itertools
from collections.abc import Iterator

import numpy as np

from sxtstudio.core.edit import SLAB_VOXELS
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.mask import Mask, of_label
from sxtstudio.core.ndimage import bounds, label
from sxtstudio.core.region import Box, Region, Voxel, slice_box, whole

BLOCK = 64
"""Edge of the blocks from which a flood in space is put together."""
_BLOCKS_A_REPORT = 32

_Place = tuple[int, int, int]
"""Number of a block along (z, y, x)."""


def flood_slice(labels_ZYX: np.ndarray, seed: Voxel, axis: int) -> Region:
    """Return the voxels connected to the seed, of its label, in its slice across an axis."""
    box = slice_box(_shape(labels_ZYX), axis, seed[axis])
    return flood_box(of_label(labels_ZYX, int(labels_ZYX[seed])), box, seed)


def flood_box(mask: Mask, box: Box, seed: Voxel) -> Region:
    """Return what is meant in a box and connected to the seed, which must be meant as well."""
    numbers, _ = label(mask(box))
    z, y, x = (at - low for at, low in zip(seed, box.low, strict=True))
    number = int(numbers[z, y, x])
    inside = bounds(numbers)[number - 1]
    starts, stops = ([getattr(it, end) for it in inside] for end in ("start", "stop"))
    return Region(
        box=Box(low=(starts[0], starts[1], starts[2]), high=(stops[0], stops[1], stops[2])).moved(
            box.low
        ),
        mask_ZYX=numbers[inside] == number,
    )


def flood_volume(labels_ZYX: np.ndarray, seed: Voxel, report: Report = ignore) -> Iterator[Region]:
    """Return the voxels connected to the seed, of its label, as one region a block.

    All is found when it returns, so that the labels may change while the regions are asked for.
    ``report`` may raise `Cancelled`.
    """
    mask = of_label(labels_ZYX, int(labels_ZYX[seed]))
    return flood_mask(mask, _shape(labels_ZYX), seed, report)


def flood_mask(mask: Mask, shape: Voxel, seed: Voxel, report: Report = ignore) -> Iterator[Region]:
    """Return what is meant and connected to the seed in a volume, as `flood_volume` does."""
    flood = _Flood(mask, shape)
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

    def __init__(self, mask: Mask, shape: Voxel) -> None:
        self._meant = mask
        self._shape = shape
        self.filled: dict[_Place, np.ndarray] = {}
        self.waiting: dict[_Place, np.ndarray] = {}

    def box(self, place: _Place) -> Box:
        """Return the voxels of a block."""
        z, y, x = (number * BLOCK for number in place)
        return Box(low=(z, y, x), high=(z + BLOCK, y + BLOCK, x + BLOCK)).within(self._shape)

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
        new_ZYX = _connected(self._meant(box), seeds_ZYX)
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
        if moved[axis] * BLOCK >= self._shape[axis] or moved[axis] < 0:
            return
        box = self.box(beyond)
        face = face & self._meant(_face(box, axis, side)).squeeze(axis)
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
    number_of, count = label(open_ZYX)
    reached = np.zeros(count + 1, bool)
    reached[number_of[seeds_ZYX]] = True
    return reached[number_of]


def _face(box: Box, axis: int, side: int) -> Box:
    """Return the layer of a box that a flood enters first when it goes to a side along an axis."""
    low, high = list(box.low), list(box.high)
    if side > 0:
        high[axis] = low[axis] + 1
    else:
        low[axis] = high[axis] - 1
    return Box(low=(low[0], low[1], low[2]), high=(high[0], high[1], high[2]))


def _shape(labels_ZYX: np.ndarray) -> Voxel:
    z, y, x = labels_ZYX.shape
    return (z, y, x)
