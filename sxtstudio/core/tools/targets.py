"""What the tools for objects work on: an object in a slice, one in space, or a whole class."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.flood import flood_slice, flood_volume
from sxtstudio.core.mask import Target, of_label, of_regions
from sxtstudio.core.region import Box, Region, Voxel, slice_box, whole

Reach = Literal["slice", "space", "everywhere"]
"""The object in its slice, the object in space, or all voxels of its class."""

LARGEST_BOX = 64_000_000
"""Voxels of a box that a tool may have to hold in memory at once."""
_BLOCK = 128


def target_at(
    labels_ZYX: np.ndarray, seed: Voxel, axis: int, reach: Reach, report: Report = ignore
) -> Target:
    """Return the object under a voxel, or all of its class.

    Raises
    ------
    LabelError
        If nothing is drawn at the voxel.
    """
    value, shape = int(labels_ZYX[seed]), volume_shape(labels_ZYX)
    if not value:
        raise LabelError("Nothing is drawn there; click an object.")
    if reach == "everywhere":
        box = whole(shape)
        return Target(mask=of_label(labels_ZYX, value), box=box, field=box, value=value)
    if reach == "slice":
        regions, field = [flood_slice(labels_ZYX, seed, axis)], slice_box(shape, axis, seed[axis])
    else:
        regions, field = list(flood_volume(labels_ZYX, seed, report)), whole(shape)
    mask, box = of_regions(regions)
    return Target(mask=mask, box=box, field=field, value=value)


def class_in_slice(labels_ZYX: np.ndarray, value: int, axis: int, index: int) -> Target:
    """Return all of one class in one slice."""
    field = slice_box(volume_shape(labels_ZYX), axis, index)
    return Target(mask=of_label(labels_ZYX, value), box=field, field=field, value=value)


def regions_of(target: Target) -> Iterator[Region]:
    """Yield the voxels of a target block by block."""
    for block in target.box.common(target.field).blocks(_BLOCK):
        mask_ZYX = target.mask(block)
        if mask_ZYX.any():
            yield Region(box=block, mask_ZYX=mask_ZYX)


def repainted(target: Target, value: int) -> Iterator[Coat]:
    """Give all voxels of a target another label; 0 takes it away."""
    for region in regions_of(target):
        yield Coat(region=region, value=value)


def held(target: Target, margin: int = 0) -> Region:
    """Return a target as one region in memory, with some voxels around it.

    Raises
    ------
    LabelError
        If its box has more voxels than a tool may hold.
    """
    box = target.box.grown((margin, margin, margin)).common(target.field)
    check_holdable(box)
    return Region(box=box, mask_ZYX=target.mask(box))


def check_holdable(box: Box, largest: int = LARGEST_BOX) -> None:
    """Raise `LabelError` if a box has more voxels than a tool may hold."""
    if box.size > largest:
        raise LabelError(
            f"This would need {box.size / 1e6:.0f} million voxels at once, and {largest / 1e6:.0f} "
            "million is the most; take a smaller object or region, or work in 2D."
        )


def volume_shape(labels_ZYX: np.ndarray) -> Voxel:
    """Return the number of voxels along (z, y, x)."""
    z, y, x = labels_ZYX.shape
    return (z, y, x)
