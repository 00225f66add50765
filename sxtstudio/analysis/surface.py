"""Smooth closed surfaces of labelled classes, as triangle meshes in µm."""

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints, vtkSMPTools
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals, vtkSurfaceNets3D

from sxtstudio.analysis.inflation import pieces_of_points, restore_volumes
from sxtstudio.analysis.surface_files import WRITE_SUFFIXES, write_surfaces
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.region import Box
from sxtstudio.core.volume import VoxelSize

__all__ = [
    "CRUMB",
    "NEIGHBOUR",
    "TRIANGLE_BUDGET",
    "WRITE_SUFFIXES",
    "Mesher",
    "make_surfaces",
    "poly_data",
    "write_surfaces",
]

TRIANGLE_BUDGET = 300_000
"""Triangles of all surfaces together that software OpenGL still turns fluently."""

NEIGHBOUR = "neighbour"
"""Cell array of a surface: the label on the other side of each triangle, 0 for none."""

CRUMB = "crumb"
"""Cell array of a surface: 1 for triangles of pieces with less than 0.2 % of its triangles."""

_CRUMB_SHARE = 0.002
_SMOOTHING = (4, 16)


def make_surfaces(
    labels_ZYX: np.ndarray,
    voxel_size_um: VoxelSize,
    values: Sequence[int],
    report: Report = ignore,
    triangles: int = TRIANGLE_BUDGET,
) -> dict[int, vtkPolyData]:
    """Return the surface of every label value that occurs, see `Mesher`."""
    return Mesher(labels_ZYX, voxel_size_um, values).surfaces(triangles, report)


class Mesher:
    """Makes surfaces of label values, with normals, in µm, as fine as is wanted.

    Coordinates are (x, y, z); 0 is the centre of the first voxel. All labels are meshed in one
    pass (surface nets with constrained smoothing: Frisken, J. Comput. Graph. Tech. 11 (2022) 34).
    Smoothing takes 60 % of the volume of a ball of 3 voxels radius, so each closed piece is moved
    out along its normals until it has the volume of its voxels again. Surfaces are closed, also
    where a label touches the border. Each triangle carries its `NEIGHBOUR`.
    """

    def __init__(
        self, labels_ZYX: np.ndarray, voxel_size_um: VoxelSize, values: Sequence[int]
    ) -> None:
        self._box, self._present = _where_drawn(labels_ZYX, values)
        self._labels_ZYX = labels_ZYX
        self._voxel_size_um = voxel_size_um
        self._nets: dict[int, _SurfaceNet] = {}

    def surfaces(self, triangles: int, report: Report = ignore) -> dict[int, vtkPolyData]:
        """Return the surface of every label value that occurs.

        When all surfaces together have more than ``triangles``, the largest are meshed on every
        second, third … voxel, so many that the sum is about right; the small ones stay as they
        are. What was meshed for another number of triangles is used again.
        """
        surfaces: dict[int, vtkPolyData] = {}
        if not self._present:
            return surfaces
        report(Progress(text="Meshing surfaces", fraction=0.0))
        counts = {value: self._net(1).triangle_count(value) for value in self._present}
        limit = _fair_share(list(counts.values()), triangles)
        for done, value in enumerate(self._present, start=1):
            net = self._net(max(1, math.ceil(math.sqrt(counts[value] / limit))))
            if net.triangle_count(value):
                surfaces[value] = net.surface(value)
            report(Progress(text="Meshing surfaces", fraction=done / len(self._present)))
        return surfaces

    def _net(self, step: int) -> "_SurfaceNet":
        if step not in self._nets:
            image = _image(self._labels_ZYX, self._voxel_size_um, self._box, step)
            self._nets[step] = _SurfaceNet(image, self._present)
        return self._nets[step]


def _where_drawn(labels_ZYX: np.ndarray, values: Sequence[int]) -> tuple[Box, list[int]]:
    """Return the smallest box that holds all voxels of some values, and the values that occur."""
    top = max([0, *values])
    wanted = np.zeros(np.iinfo(labels_ZYX.dtype).max + 1, bool)
    wanted[[value for value in values if 0 < value < wanted.size]] = True
    found = np.zeros(top + 1, np.int64)
    rows, columns = (np.zeros(n, bool) for n in labels_ZYX.shape[1:])
    planes = np.zeros(len(labels_ZYX), bool)
    for z, labels_YX in enumerate(labels_ZYX):
        drawn_YX = wanted[labels_YX]
        planes[z] = drawn_YX.any()
        if planes[z]:
            rows |= drawn_YX.any(axis=1)
            columns |= drawn_YX.any(axis=0)
            found += np.bincount(labels_YX[drawn_YX], minlength=top + 1)
    sides = [np.flatnonzero(used) for used in (planes, rows, columns)]
    if not planes.any():
        return Box(low=(0, 0, 0), high=(0, 0, 0)), []
    z, y, x = ((int(side[0]), int(side[-1]) + 1) for side in sides)
    present = [value for value in dict.fromkeys(values) if 0 < value <= top and found[value]]
    return Box(low=(z[0], y[0], x[0]), high=(z[1], y[1], x[1])), present


def _fair_share(counts: list[int], budget: int) -> float:
    """Return the greatest limit an item for which all items together stay within a budget."""
    left = float(budget)
    for place, count in enumerate(sorted(counts)):
        share = left / (len(counts) - place)
        if count > share:
            return max(1.0, share)
        left -= count
    return math.inf


class _SurfaceNet:
    """The mesh between all labels of an image."""

    def __init__(self, image: vtkImageData, values: Sequence[int]) -> None:
        vtkSMPTools.SetBackend("STDThread")
        self._net = vtkSurfaceNets3D()
        self._net.SetInputData(image)
        self._net.SetBackgroundLabel(0)
        self._net.SetOutputMeshTypeToTriangles()
        for index, value in enumerate(values):
            self._net.SetValue(index, value)
        self._rough = _points_after(self._net, 0)
        mesh = self._net.GetOutput()
        self._triangles = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)
        self._sides = vtk_to_numpy(mesh.GetCellData().GetArray("BoundaryLabels"))
        self._counts = np.bincount(self._sides.ravel())

    @cached_property
    def _smoothed(self) -> list[np.ndarray]:
        return [_points_after(self._net, iterations) for iterations in _SMOOTHING]

    def triangle_count(self, value: int) -> int:
        """Return how many triangles the surface of a label has."""
        return int(self._counts[value]) if value < len(self._counts) else 0

    def surface(self, value: int) -> vtkPolyData:
        """Return the closed surface of one label, triangles counterclockwise from outside."""
        chosen = (self._sides == value).any(axis=1)
        sides = self._sides[chosen]
        second = sides[:, 1] == value
        triangles = self._triangles[chosen]
        triangles[second] = triangles[second, ::-1]
        used = np.zeros(len(self._rough), bool)
        used[triangles.ravel()] = True
        triangles = (np.cumsum(used) - 1)[triangles]
        smoothed = [points[used] for points in self._smoothed]
        piece = pieces_of_points(int(used.sum()), triangles)
        points = restore_volumes(self._rough[used], smoothed, triangles, piece)
        surface = poly_data(points, triangles, np.where(second, sides[:, 0], sides[:, 1]))
        _mark_crumbs(surface, piece[triangles[:, 0]])
        return surface


def _mark_crumbs(surface: vtkPolyData, piece: np.ndarray) -> None:
    """Mark the triangles of pieces that are next to nothing of their class."""
    sizes = np.bincount(piece)
    crumbs = numpy_to_vtk((sizes < _CRUMB_SHARE * len(piece))[piece].astype(np.uint8), deep=True)
    crumbs.SetName(CRUMB)
    surface.GetCellData().AddArray(crumbs)


def _image(labels_ZYX: np.ndarray, voxel_size_um: VoxelSize, box: Box, step: int) -> vtkImageData:
    """Return every ``step``-th voxel of a box as VTK image, x fastest, in a margin of 0."""
    first = [low + step // 2 for low in box.low]
    parts = zip(first, box.high, strict=True)
    z, y, x = (slice(min(start, high - 1), high, step) for start, high in parts)
    padded_ZYX = np.pad(labels_ZYX[z, y, x], 1)
    image = vtkImageData()
    image.SetDimensions(*padded_ZYX.shape[::-1])
    image.SetSpacing(*(step * edge_um for edge_um in voxel_size_um[::-1]))
    starts = zip((x, y, z), voxel_size_um[::-1], strict=True)
    image.SetOrigin(*((part.start - step) * edge_um for part, edge_um in starts))
    image.GetPointData().SetScalars(numpy_to_vtk(padded_ZYX.ravel(), deep=True))
    return image


def _points_after(net: vtkSurfaceNets3D, iterations: int) -> np.ndarray:
    net.SetSmoothing(iterations > 0)
    net.SetNumberOfIterations(iterations)
    net.Update()
    return vtk_to_numpy(net.GetOutput().GetPoints().GetData()).astype(np.float64)


def poly_data(
    points: np.ndarray,
    triangles: np.ndarray,
    neighbour: np.ndarray,
    normals: np.ndarray | None = None,
) -> vtkPolyData:
    """Return a surface; ``neighbour`` is one label a triangle, normals are made if not given."""
    surface = vtkPolyData()
    vtk_points = vtkPoints()
    vtk_points.SetData(numpy_to_vtk(points.astype(np.float32), deep=True))
    surface.SetPoints(vtk_points)
    cells = vtkCellArray()
    cells.SetData(3, numpy_to_vtkIdTypeArray(triangles.astype(np.int64).ravel(), deep=True))
    surface.SetPolys(cells)
    array = numpy_to_vtk(np.ascontiguousarray(neighbour), deep=True)
    array.SetName(NEIGHBOUR)
    surface.GetCellData().AddArray(array)
    if normals is None:
        return _with_normals(surface)
    surface.GetPointData().SetNormals(numpy_to_vtk(normals.astype(np.float32), deep=True))
    return surface


def _with_normals(surface: vtkPolyData) -> vtkPolyData:
    normals = vtkPolyDataNormals()
    normals.SetInputData(surface)
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()
