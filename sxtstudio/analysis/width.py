"""The longest width of an object."""

import numpy as np
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import cdist

from sxtstudio.core.volume import VoxelSize

_FEW = 500
_CHUNK = 2000


def longest_width_um(mask_ZYX: np.ndarray, voxel_size_um: VoxelSize) -> float:
    """Return the greatest distance (µm) between the centres of two voxels of a mask.

    This is the longest Feret diameter (calliper width) of the voxel centres; it is 0 for one
    voxel.
    """
    points = _hull_corners(_row_ends(mask_ZYX)) * np.array(voxel_size_um)
    starts = range(0, len(points), _CHUNK)
    return max(float(cdist(points[i : i + _CHUNK], points).max()) for i in starts)


def _row_ends(mask_ZYX: np.ndarray) -> np.ndarray:
    """Return the first and last voxel (N, 3) of every row: the farthest two are among them.

    Each once: sorting them to find twins would keep all other threads waiting.
    """
    z, y = np.nonzero(mask_ZYX.any(axis=2))
    rows = mask_ZYX[z, y]
    first = rows.argmax(axis=1)
    last = rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)
    long = last > first
    ends = np.column_stack([z[long], y[long], last[long]])
    return np.vstack([np.column_stack([z, y, first]), ends])


def _hull_corners(points: np.ndarray) -> np.ndarray:
    if len(points) <= _FEW:
        return points
    varied = points[:, np.ptp(points, axis=0) > 0]
    try:
        return points[ConvexHull(varied).vertices] if varied.shape[1] > 1 else points
    except QhullError:  # all voxels lie in one oblique plane: then they are few
        return points
