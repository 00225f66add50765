"""Slices that were not drawn: the shapes between drawn ones, and copies of a neighbour.

Shapes are interpolated as Raya and Udupa (1990) do it: signed distances to the outlines of two
slices are averaged by how near each slice is, and what is positive lies inside.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.ndimage import distance_um
from sxtstudio.core.region import Box, Region, slice_box
from sxtstudio.core.tools.targets import volume_shape
from sxtstudio.core.volume import VoxelSize

_SLAB_PLANES = 32


def drawn_slices(labels_ZYX: np.ndarray, value: int, axis: int) -> list[int]:
    """Return the slices across an axis in which something of a label is drawn."""
    drawn = np.zeros(labels_ZYX.shape[axis], bool)
    others = tuple(number for number in range(3) if number != axis)
    for first in range(0, labels_ZYX.shape[0], _SLAB_PLANES):
        found = (labels_ZYX[first : first + _SLAB_PLANES] == value).any(axis=others)
        part = slice(first, first + _SLAB_PLANES) if axis == 0 else slice(None)
        drawn[part] |= found
    return np.flatnonzero(drawn).tolist()


def interpolate(
    labels_ZYX: np.ndarray,
    value: int,
    axis: int,
    voxel_size_um: VoxelSize,
    report: Report = ignore,
) -> Iterator[Coat]:
    """Yield the shapes of a label in the slices between those in which it is drawn.

    Raises
    ------
    LabelError
        If there are not two such slices with others between them.
    """
    gaps = [(a, b) for a, b in pairwise(drawn_slices(labels_ZYX, value, axis)) if b > a + 1]
    if not gaps:
        raise LabelError(
            f"There is nothing to interpolate along {'zyx'[axis]}: draw the class in two slices "
            "with others between them."
        )
    for number, (first, last) in enumerate(gaps):
        report(Progress(text="Interpolating (Esc stops)", fraction=number / len(gaps)))
        yield from _between(labels_ZYX, value, axis, (first, last), voxel_size_um)


def _between(
    labels_ZYX: np.ndarray, value: int, axis: int, ends: tuple[int, int], size_um: VoxelSize
) -> Iterator[Coat]:
    shape = volume_shape(labels_ZYX)
    planes = [labels_ZYX[slice_box(shape, axis, it).slices].squeeze(axis) == value for it in ends]
    rows, columns = (_span((planes[0] | planes[1]).any(axis=it)) for it in (1, 0))
    edges_um = tuple(edge for number, edge in enumerate(size_um) if number != axis)
    depths = [_signed_um(np.pad(plane[rows, columns], 1), edges_um) for plane in planes]
    for index in range(ends[0] + 1, ends[1]):
        share = (index - ends[0]) / (ends[1] - ends[0])
        inside = ((1 - share) * depths[0] + share * depths[1] > 0)[1:-1, 1:-1]
        low, high = [rows.start, columns.start], [rows.stop, columns.stop]
        low.insert(axis, index)
        high.insert(axis, index + 1)
        box = Box(low=(low[0], low[1], low[2]), high=(high[0], high[1], high[2]))
        region = Region(box=box, mask_ZYX=np.expand_dims(inside, axis))
        yield Coat(region=region, value=value)


def _signed_um(mask: np.ndarray, edges_um: tuple[float, ...]) -> np.ndarray:
    """Return the distance to the outline, half-way between voxels: positive inside."""
    half_um = min(edges_um) / 2
    inside, outside = distance_um(mask, edges_um), distance_um(~mask, edges_um)
    return np.where(mask, inside - half_um, half_um - outside)


def _span(used: np.ndarray) -> slice:
    at = np.flatnonzero(used)
    return slice(int(at[0]), int(at[-1]) + 1)


def copy_slice(labels_ZYX: np.ndarray, value: int, axis: int, index: int, step: int) -> Coat:
    """Return what is drawn of a label in a slice, to be painted in one some steps on.

    Raises
    ------
    LabelError
        If nothing of it is drawn there, or there is no slice to copy to.
    """
    shape = volume_shape(labels_ZYX)
    if not 0 <= index + step < shape[axis]:
        raise LabelError(f"There is no slice beyond this one along {'zyx'[axis]}.")
    mask_ZYX = labels_ZYX[slice_box(shape, axis, index).slices] == value
    if not mask_ZYX.any():
        raise LabelError("Nothing of the active class is drawn in this slice.")
    region = Region(box=slice_box(shape, axis, index + step), mask_ZYX=mask_ZYX)
    return Coat(region=region, value=value)
