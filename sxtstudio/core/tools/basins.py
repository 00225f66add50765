"""Watershed paint: a stroke takes the whole basins of the LAC's steepness that it touches.

Basins are like supervoxels: each begins at the flattest voxel of a cell of a regular grid, and
they meet where the LAC changes most.
"""

from itertools import product

import numpy as np

from sxtstudio.core.ndimage import steepness
from sxtstudio.core.region import Box, Region
from sxtstudio.core.tools.targets import check_holdable
from sxtstudio.core.tools.watershed import watershed
from sxtstudio.core.volume import LacArray, VoxelSize

LARGEST_BOX = 2_000_000
_MARGIN_GRAINS = 2.0
_BLUR_GRAINS = 0.15


def box_for(stroke: Box, grain_um: float, voxel_size_um: VoxelSize, field: Box) -> Box:
    """Return the box in which the basins around a stroke are looked for."""
    z, y, x = (round(_MARGIN_GRAINS * grain_um / edge_um) + 1 for edge_um in voxel_size_um)
    return stroke.grown((z, y, x)).common(field)


def touched_basins(
    lac_ZYX: LacArray, stroke: Region, field: Box, grain_um: float, voxel_size_um: VoxelSize
) -> Region:
    """Return the basins that a stroke touches; ``grain_um`` is about their size.

    Raises
    ------
    LabelError
        If the stroke is so long that its box is too large.
    """
    box = box_for(stroke.box, grain_um, voxel_size_um, field)
    check_holdable(box, LARGEST_BOX)
    numbers = basins(np.asarray(lac_ZYX[box.slices]), grain_um, voxel_size_um)
    shared = stroke.box.common(box)
    touched = numbers[shared.seen_from(box).slices][
        stroke.mask_ZYX[shared.seen_from(stroke.box).slices]
    ]
    wanted = np.zeros(int(numbers.max(initial=0)) + 1, bool)
    wanted[touched] = True
    return Region(box=box, mask_ZYX=wanted[numbers])


def basins(lac_ZYX: np.ndarray, grain_um: float, voxel_size_um: VoxelSize) -> np.ndarray:
    """Return the number of the basin of each voxel, from 1."""
    edges = tuple(
        min(max(round(grain_um / edge_um), 1), n)
        for edge_um, n in zip(voxel_size_um, lac_ZYX.shape, strict=True)
    )
    sigma = tuple(
        0.0 if n == 1 else _BLUR_GRAINS * grain_um / edge_um
        for edge_um, n in zip(voxel_size_um, lac_ZYX.shape, strict=True)
    )
    steep_ZYX = _steepness(lac_ZYX, sigma)
    return watershed(steep_ZYX, _flattest(steep_ZYX, edges), np.ones(lac_ZYX.shape, bool))


def _steepness(lac_ZYX: np.ndarray, sigma: tuple[float, ...]) -> np.ndarray:
    """Return how steeply the LAC rises; an axis with one voxel has no slope."""
    thick = [axis for axis, n in enumerate(lac_ZYX.shape) if n > 1]
    if not thick:
        return np.zeros(lac_ZYX.shape, np.float32)
    flat = tuple(axis for axis in range(3) if axis not in thick)
    inner = steepness(lac_ZYX.squeeze(flat), tuple(max(sigma[axis], 0.5) for axis in thick))
    return np.expand_dims(inner, flat)


def _flattest(steep_ZYX: np.ndarray, edges: tuple[int, ...]) -> np.ndarray:
    """Return markers from 1: the flattest voxel of each cell of a grid."""
    markers = np.zeros(steep_ZYX.shape, np.int32)
    corners = [range(0, n, edge) for n, edge in zip(steep_ZYX.shape, edges, strict=True)]
    for number, corner in enumerate(product(*corners), start=1):
        cut = tuple(slice(at, at + edge) for at, edge in zip(corner, edges, strict=True))
        cell = steep_ZYX[cut]
        inside = np.unravel_index(int(np.argmin(cell)), cell.shape)
        markers[tuple(at + int(i) for at, i in zip(corner, inside, strict=True))] = number
    return markers
