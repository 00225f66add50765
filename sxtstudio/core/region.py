"""Boxes of voxels, and which voxels in a box a tool means."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Voxel = tuple[int, int, int]
"""Index of a voxel, (z, y, x)."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """Voxels from ``low`` up to, not including, ``high``, (z, y, x)."""

    low: Voxel
    high: Voxel

    @property
    def shape(self) -> Voxel:
        """Number of voxels along (z, y, x), none negative."""
        z, y, x = (max(h - lo, 0) for lo, h in zip(self.low, self.high, strict=True))
        return (z, y, x)

    @property
    def size(self) -> int:
        """Number of voxels."""
        z, y, x = self.shape
        return z * y * x

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """What cuts the box out of a volume."""
        z, y, x = map(slice, self.low, self.high)
        return (z, y, x)

    def union(self, other: "Box") -> "Box":
        """Return the smallest box that holds both."""
        return Box(low=_each(min, self.low, other.low), high=_each(max, self.high, other.high))

    def within(self, shape: Voxel) -> "Box":
        """Return the part of the box that lies in a volume of a shape."""
        low = _each(min, _each(max, self.low, (0, 0, 0)), shape)
        return Box(low=low, high=_each(max, _each(min, self.high, shape), low))

    def holds(self, voxel: Voxel) -> bool:
        """Tell whether a voxel lies in the box."""
        return all(lo <= i < h for lo, i, h in zip(self.low, voxel, self.high, strict=True))

    def moved(self, by: Voxel) -> "Box":
        """Return the box elsewhere."""
        return Box(low=_each(_plus, self.low, by), high=_each(_plus, self.high, by))

    def seen_from(self, origin: "Box") -> "Box":
        """Return the box as it lies in an array that was cut out by another."""
        z, y, x = origin.low
        return self.moved((-z, -y, -x))

    def common(self, other: "Box") -> "Box":
        """Return what two boxes have in common, with no voxels where that is nothing."""
        low = _each(max, self.low, other.low)
        return Box(low=low, high=_each(max, _each(min, self.high, other.high), low))

    def grown(self, by: Voxel) -> "Box":
        """Return the box with some voxels more on both sides of each axis."""
        less = _each(_minus, self.low, by)
        return Box(low=less, high=_each(_plus, self.high, by))

    def blocks(self, edge: int) -> Iterator["Box"]:
        """Yield the box in cubes of an edge, cut off where the box ends."""
        for corner in itertools.product(
            *(range(lo, h, edge) for lo, h in zip(self.low, self.high, strict=True))
        ):
            z, y, x = corner
            yield Box(low=(z, y, x), high=_each(min, (z + edge, y + edge, x + edge), self.high))

    def slabs(self, voxels: int) -> Iterator["Box"]:
        """Yield the box in parts along z and, where one plane has too many voxels, along y."""
        if not self.size:
            return
        deep, tall, wide = self.shape
        planes = max(voxels // (tall * wide), 1)
        rows = tall if planes > 1 else max(voxels // wide, 1)
        (z0, y0, x0), (z1, y1, x1) = self.low, self.high
        for z in range(z0, z0 + deep, planes):
            for y in range(y0, y0 + tall, rows):
                high = (min(z + planes, z1), min(y + rows, y1), x1)
                yield Box(low=(z, y, x0), high=high)


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """The voxels of a box that a tool means: ``mask_ZYX`` is bool of the box's shape."""

    box: Box
    mask_ZYX: np.ndarray


def whole(shape: Voxel) -> Box:
    """Return the box of a whole volume."""
    return Box(low=(0, 0, 0), high=shape)


def slice_box(shape: Voxel, axis: int, index: int) -> Box:
    """Return the box of one slice at right angles to an axis of (z, y, x)."""
    low, high = [0, 0, 0], list(shape)
    low[axis], high[axis] = index, index + 1
    return Box(low=(low[0], low[1], low[2]), high=(high[0], high[1], high[2]))


def _plus(a: int, b: int) -> int:
    return a + b


def _minus(a: int, b: int) -> int:
    return a - b


def _each(function: Callable[[int, int], int], a: Voxel, b: Voxel) -> Voxel:
    z, y, x = map(function, a, b)
    return (z, y, x)
