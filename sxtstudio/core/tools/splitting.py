"""Split touching objects where they are thinnest, and join objects across a gap."""

from collections.abc import Iterator

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.mask import Target
from sxtstudio.core.ndimage import distance_um, label
from sxtstudio.core.region import Box, Region
from sxtstudio.core.tools.targets import check_holdable, held
from sxtstudio.core.tools.watershed import watershed
from sxtstudio.core.volume import VoxelSize

LEVELS = 24


def split(
    target: Target, depth: float, voxel_size_um: VoxelSize, report: Report = ignore
) -> Iterator[Coat]:
    """Yield thin cuts through an object at its necks; they become unlabelled.

    Two parts are two if each is thicker, by the share ``depth`` of the object's greatest thickness,
    than the neck between them. After the cut they share no face of a voxel.

    Raises
    ------
    LabelError
        If there is no such neck, or the object is too large to be held.
    """
    body = held(target, margin=1)
    thick_ZYX = distance_um(body.mask_ZYX, voxel_size_um)
    markers, count = _cores(thick_ZYX, depth, report)
    if count < 2:
        raise LabelError(
            "No neck was found at which this object could be split; try a smaller depth, or cut "
            "it with the eraser."
        )
    owner_ZYX = watershed(-thick_ZYX, markers, body.mask_ZYX)
    yield Coat(region=Region(box=body.box, mask_ZYX=_seams(owner_ZYX)), value=0)


def _cores(thick_ZYX: np.ndarray, depth: float, report: Report) -> tuple[np.ndarray, int]:
    """Return what is left of each part just inside its neck, numbered, and how many there are.

    The object is peeled in `LEVELS` steps; where it falls apart, only parts that stay for
    ``depth`` more count.
    """
    top = float(thick_ZYX.max())
    lasting = depth * top
    cores: list[np.ndarray] = [thick_ZYX > 0]
    for step in range(LEVELS):
        report(Progress(text="Splitting (Esc stops)", fraction=step / LEVELS))
        level = top * step / LEVELS
        later: list[np.ndarray] = []
        for core in cores:
            numbers, count = label(core & (thick_ZYX > level))
            parts = [numbers == number for number in range(1, count + 1)] if count < 200 else []
            lasts = [it for it in parts if float(thick_ZYX[it].max()) - level >= lasting]
            later += lasts or [core]
        cores = later
    markers = np.zeros(thick_ZYX.shape, np.int32)
    for number, core in enumerate(cores, start=1):
        markers[core & (thick_ZYX >= thick_ZYX[core].max())] = number
    return markers, len(cores)


def _seams(owner_ZYX: np.ndarray) -> np.ndarray:
    """Return the voxels that touch another owner with a higher number by a face."""
    seam_ZYX = np.zeros(owner_ZYX.shape, bool)
    for axis in range(3):
        lower = owner_ZYX.take(range(owner_ZYX.shape[axis] - 1), axis)
        upper = owner_ZYX.take(range(1, owner_ZYX.shape[axis]), axis)
        differ = (lower != upper) & (lower > 0) & (upper > 0)
        cut = [slice(None)] * 3
        cut[axis] = slice(0, -1)
        seam_ZYX[tuple(cut)] |= differ & (lower < upper)
        cut[axis] = slice(1, None)
        seam_ZYX[tuple(cut)] |= differ & (upper < lower)
    return seam_ZYX


def merge(
    labels_ZYX: np.ndarray,
    first: Target,
    second: Target,
    gap_um: float,
    voxel_size_um: VoxelSize,
) -> Iterator[Coat]:
    """Give the second object the first one's class, and bridge the gap between them.

    The bridge are unlabelled voxels no farther than ``gap_um`` from both objects.

    Raises
    ------
    LabelError
        If the box around both is too large to be held.
    """
    margin = tuple(round(gap_um / edge_um) + 1 for edge_um in voxel_size_um)
    near = (margin[0], margin[1], margin[2])
    between = first.box.grown(near).common(second.box.grown(near)).common(first.field)
    if between.size:
        around = between.grown(near).common(first.field)
        check_holdable(around)
        yield _bridge(labels_ZYX, (first, second), around, gap_um, voxel_size_um)
    if second.value != first.value:
        region = held(second)
        yield Coat(region=region, value=first.value)


def _bridge(
    labels_ZYX: np.ndarray,
    ends: tuple[Target, Target],
    box: Box,
    gap_um: float,
    voxel_size_um: VoxelSize,
) -> Coat:
    mask_ZYX = labels_ZYX[box.slices] == 0
    for end in ends:
        body_ZYX = end.mask(box)
        if not body_ZYX.any():
            mask_ZYX[:] = False
            break
        mask_ZYX &= distance_um(~body_ZYX, voxel_size_um) <= gap_um * (1 + 1e-9)
    return Coat(region=Region(box=box, mask_ZYX=mask_ZYX), value=ends[0].value)
