"""What a tool wants to paint: regions and the label that each gets, packed until it is painted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.region import Box, Region


@dataclass(frozen=True, kw_only=True, eq=False)
class Coat:
    """A region and the label that its voxels get."""

    region: Region
    value: int


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedCoat:
    """A coat that takes one bit a voxel: ``bits`` are those of the mask, in C order.

    ``voxels`` is how many of them are set.
    """

    box: Box
    bits: np.ndarray
    value: int
    voxels: int

    @property
    def mask_ZYX(self) -> np.ndarray:
        """Which voxels of the box are meant."""
        size = self.box.size
        return np.unpackbits(self.bits, count=size).view(bool).reshape(self.box.shape)

    @property
    def coat(self) -> Coat:
        """The coat as it was."""
        return Coat(region=Region(box=self.box, mask_ZYX=self.mask_ZYX), value=self.value)


def pack(coat: Coat) -> PackedCoat | None:
    """Return a coat packed, its box no larger than it must be; None where nothing is meant."""
    mask_ZYX, low, high = coat.region.mask_ZYX, [0, 0, 0], [0, 0, 0]
    for axis in range(3):
        others = tuple(it for it in range(3) if it != axis)
        used = np.flatnonzero(mask_ZYX.any(axis=others))
        if not used.size:
            return None
        low[axis], high[axis] = int(used[0]), int(used[-1]) + 1
    inside = Box(low=(low[0], low[1], low[2]), high=(high[0], high[1], high[2]))
    z, y, x = coat.region.box.low
    cut_ZYX = mask_ZYX[inside.slices]
    return PackedCoat(
        box=inside.moved((z, y, x)),
        bits=np.packbits(cut_ZYX),
        value=coat.value,
        voxels=int(np.count_nonzero(cut_ZYX)),
    )


def pack_all(coats: Iterable[Coat]) -> tuple[PackedCoat, ...]:
    """Return coats packed, as they come; those in which nothing is meant are left out."""
    return tuple(packed for packed in map(pack, coats) if packed is not None)


def coated(regions: Iterable[Region], value: int) -> Iterator[Coat]:
    """Yield regions that all get the same label."""
    for region in regions:
        yield Coat(region=region, value=value)
