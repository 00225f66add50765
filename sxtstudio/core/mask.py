"""Voxels that are meant, asked for box by box, so that no mask of a whole volume is ever made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.region import Box, Region, Voxel
from sxtstudio.core.volume import LacArray

Mask = Callable[[Box], np.ndarray]
"""Which voxels of a box are meant: bool of the box's shape."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """What a tool works on: voxels of one label, the box they lie in, and how far it may reach.

    ``field`` is the part of the volume that counts: all of it, or one slice, or one object's box.
    """

    mask: Mask
    box: Box
    field: Box
    value: int


def of_label(labels_ZYX: np.ndarray, value: int) -> Mask:
    """Mean the voxels of one label, as they are when they are asked for."""
    return lambda box: labels_ZYX[box.slices] == value


def of_lac(labels_ZYX: np.ndarray, lac_ZYX: LacArray, seed: Voxel, tolerance_per_um: float) -> Mask:
    """Mean voxels of the seed's label whose LAC differs from the seed's by no more than this."""
    label, lac = labels_ZYX[seed], float(lac_ZYX[seed])

    def mask(box: Box) -> np.ndarray:
        near = np.abs(np.asarray(lac_ZYX[box.slices]) - lac) <= tolerance_per_um
        return near & (labels_ZYX[box.slices] == label)

    return mask


def of_range(lac_ZYX: LacArray, range_per_um: tuple[float, float]) -> Mask:
    """Mean voxels whose LAC lies in a range, both ends included."""
    low, high = range_per_um

    def mask(box: Box) -> np.ndarray:
        lac = np.asarray(lac_ZYX[box.slices])
        return (lac >= low) & (lac <= high)

    return mask


def of_regions(regions: Iterable[Region]) -> tuple[Mask, Box]:
    """Mean the voxels of regions, and return the smallest box that holds all their boxes."""
    parts = list(regions)
    bounds = parts[0].box
    for part in parts[1:]:
        bounds = bounds.union(part.box)

    def mask(box: Box) -> np.ndarray:
        found_ZYX = np.zeros(box.shape, bool)
        for part in parts:
            shared = part.box.common(box)
            if shared.size:
                inside = part.mask_ZYX[shared.seen_from(part.box).slices]
                found_ZYX[shared.seen_from(box).slices] |= inside
        return found_ZYX

    return mask, bounds


def meant(region: Region, mask: Mask) -> Region:
    """Return the voxels of a region that are meant as well."""
    return Region(box=region.box, mask_ZYX=region.mask_ZYX & mask(region.box))
