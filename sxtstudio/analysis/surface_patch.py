"""Surfaces after an edit: only the box that changed is meshed again."""

from collections.abc import Mapping, Sequence

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.surface import NEIGHBOUR, Mesher, poly_data
from sxtstudio.analysis.surface_files import mesh_arrays
from sxtstudio.core.region import Box
from sxtstudio.core.volume import VoxelSize

_CHANGED = 4
"""Smoothing carries an edit visibly so many voxels far."""
_REACH = 16
"""Beyond so many voxels the border of what is meshed is not felt."""
_ALL = 10**9


def patch_surfaces(
    surfaces: Mapping[int, vtkPolyData],
    labels_ZYX: np.ndarray,
    voxel_size_um: VoxelSize,
    values: Sequence[int],
    box: Box,
) -> dict[int, vtkPolyData]:
    """Return surfaces that follow an edit of the labels in ``box``; the others stay the same.

    ``labels_ZYX`` is the whole volume after the edit. Old and new triangles meet without being
    joined, within a fraction of a voxel: good to look at while one draws, not to measure or to
    export.
    """
    shape = labels_ZYX.shape
    inner = _grown(box, _CHANGED).within((shape[0], shape[1], shape[2]))
    outer = _grown(inner, _REACH - _CHANGED).within((shape[0], shape[1], shape[2]))
    if not inner.size:
        return dict(surfaces)
    local = Mesher(labels_ZYX[outer.slices], voxel_size_um, values).surfaces(_ALL)
    edges_um = np.array(voxel_size_um[::-1])
    shift_um = np.array(outer.low[::-1]) * edges_um
    low_um = (np.array(inner.low[::-1]) - 0.5) * edges_um
    high_um = (np.array(inner.high[::-1]) - 0.5) * edges_um
    patched: dict[int, vtkPolyData] = {}
    for value in dict.fromkeys([*surfaces, *local]):
        parts: list[_Mesh] = []
        if value in surfaces:
            parts.append(_Mesh(surfaces[value], 0 * shift_um, (low_um, high_um), inside=False))
        if value in local:
            parts.append(_Mesh(local[value], shift_um, (low_um, high_um), inside=True))
        joined = _join(parts)
        if joined is not None:
            patched[value] = joined
    return patched


class _Mesh:
    """The triangles of a surface whose centres lie in a box, or outside it."""

    def __init__(
        self,
        surface: vtkPolyData,
        shift_um: np.ndarray,
        bounds_um: tuple[np.ndarray, np.ndarray],
        *,
        inside: bool,
    ) -> None:
        points, triangles = mesh_arrays(surface)
        points = points + shift_um
        centres = points[triangles].mean(axis=1)
        kept = ((centres >= bounds_um[0]) & (centres < bounds_um[1])).all(axis=1) == inside
        triangles = triangles[kept]
        used = np.zeros(len(points), bool)
        used[triangles.ravel()] = True
        self.points = points[used]
        self.normals = vtk_to_numpy(surface.GetPointData().GetNormals())[used]
        self.triangles = (np.cumsum(used) - 1)[triangles]
        self.neighbour = vtk_to_numpy(surface.GetCellData().GetArray(NEIGHBOUR))[kept]


def _join(parts: Sequence[_Mesh]) -> vtkPolyData | None:
    starts = np.cumsum([0, *(len(part.points) for part in parts)])
    triangles = [part.triangles + start for part, start in zip(parts, starts, strict=False)]
    if not sum(map(len, triangles)):
        return None
    return poly_data(
        np.concatenate([part.points for part in parts]),
        np.concatenate(triangles),
        np.concatenate([part.neighbour for part in parts]),
        np.concatenate([part.normals for part in parts]),
    )


def _grown(box: Box, margin: int) -> Box:
    (z0, y0, x0), (z1, y1, x1) = box.low, box.high
    low = (z0 - margin, y0 - margin, x0 - margin)
    return Box(low=low, high=(z1 + margin, y1 + margin, x1 + margin))
