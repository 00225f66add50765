"""Smooth closed surfaces of labelled classes, as triangle meshes in µm."""

import math
from collections.abc import Sequence

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints, vtkSMPTools
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals, vtkSurfaceNets3D

from sxtstudio.analysis.inflation import restore_volumes
from sxtstudio.analysis.surface_files import WRITE_SUFFIXES, write_surfaces
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.volume import VoxelSize

__all__ = ["NEIGHBOUR", "TRIANGLE_BUDGET", "WRITE_SUFFIXES", "make_surfaces", "write_surfaces"]

TRIANGLE_BUDGET = 300_000
"""Triangles of all surfaces together that software OpenGL still turns fluently."""

NEIGHBOUR = "neighbour"
"""Cell array of a surface: the label on the other side of each triangle, 0 for none."""

_SMOOTHING = (4, 16)


def make_surfaces(
    labels_ZYX: np.ndarray,
    voxel_size_um: VoxelSize,
    values: Sequence[int],
    report: Report = ignore,
    triangles: int = TRIANGLE_BUDGET,
) -> dict[int, vtkPolyData]:
    """Return the surface of every label value that occurs, with normals, in µm.

    Coordinates are (x, y, z); 0 is the centre of the first voxel. All labels are meshed in one
    pass (surface nets with constrained smoothing: Frisken, J. Comput. Graph. Tech. 11 (2022) 34).
    Smoothing takes 60 % of the volume of a ball of 3 voxels radius, so each closed piece is moved
    out along its normals until it has the volume of its voxels again. Surfaces are closed, also
    where a label touches the border. Each triangle carries its `NEIGHBOUR`.

    When all surfaces together have more than ``triangles``, the largest are meshed on every
    second, third … voxel, so many that the sum is about right; the small ones stay as they are.
    """
    present = [value for value in values if value and np.any(labels_ZYX == value)]
    surfaces: dict[int, vtkPolyData] = {}
    if not present:
        return surfaces
    report(Progress(text="Meshing surfaces", fraction=0.0))
    nets = {1: _SurfaceNet(labels_ZYX, voxel_size_um, present)}
    counts = {value: nets[1].triangle_count(value) for value in present}
    limit = _fair_share(list(counts.values()), triangles)
    for done, value in enumerate(present, start=1):
        step = max(1, math.ceil(math.sqrt(counts[value] / limit)))
        if step not in nets:
            nets[step] = _SurfaceNet(labels_ZYX, voxel_size_um, present, step)
        if nets[step].triangle_count(value):
            surfaces[value] = nets[step].surface(value)
        report(Progress(text="Meshing surfaces", fraction=done / len(present)))
    return surfaces


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
    """The mesh between all labels, on every voxel or every ``step``-th along each axis."""

    def __init__(
        self,
        labels_ZYX: np.ndarray,
        voxel_size_um: VoxelSize,
        values: Sequence[int],
        step: int = 1,
    ) -> None:
        vtkSMPTools.SetBackend("STDThread")
        net = vtkSurfaceNets3D()
        net.SetInputData(_image(labels_ZYX, voxel_size_um, step))
        net.SetBackgroundLabel(0)
        net.SetOutputMeshTypeToTriangles()
        for index, value in enumerate(values):
            net.SetValue(index, value)
        self._rough = _points_after(net, 0)
        self._smoothed = [_points_after(net, iterations) for iterations in _SMOOTHING]
        mesh = net.GetOutput()
        self._triangles = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)
        self._sides = vtk_to_numpy(mesh.GetCellData().GetArray("BoundaryLabels"))

    def triangle_count(self, value: int) -> int:
        """Return how many triangles the surface of a label has."""
        return int(np.count_nonzero(self._sides == value))

    def surface(self, value: int) -> vtkPolyData:
        """Return the closed surface of one label, triangles counterclockwise from outside."""
        chosen = (self._sides == value).any(axis=1)
        sides = self._sides[chosen]
        second = sides[:, 1] == value
        triangles = self._triangles[chosen]
        triangles[second] = triangles[second, ::-1]
        used, triangles = np.unique(triangles, return_inverse=True)
        triangles = triangles.reshape(-1, 3)
        smoothed = [points[used] for points in self._smoothed]
        points = restore_volumes(self._rough[used], smoothed, triangles)
        return _poly_data(points, triangles, np.where(second, sides[:, 0], sides[:, 1]))


def _image(labels_ZYX: np.ndarray, voxel_size_um: VoxelSize, step: int) -> vtkImageData:
    """Return every ``step``-th voxel as VTK image, x fastest, with a margin of unlabelled ones."""
    first = step // 2
    padded_ZYX = np.pad(labels_ZYX[first::step, first::step, first::step], 1)
    image = vtkImageData()
    image.SetDimensions(*padded_ZYX.shape[::-1])
    image.SetSpacing(*(step * edge_um for edge_um in voxel_size_um[::-1]))
    image.SetOrigin(*((first - step) * edge_um for edge_um in voxel_size_um[::-1]))
    image.GetPointData().SetScalars(numpy_to_vtk(padded_ZYX.ravel(), deep=True))
    return image


def _points_after(net: vtkSurfaceNets3D, iterations: int) -> np.ndarray:
    net.SetSmoothing(iterations > 0)
    net.SetNumberOfIterations(iterations)
    net.Update()
    return vtk_to_numpy(net.GetOutput().GetPoints().GetData()).astype(np.float64)


def _poly_data(points: np.ndarray, triangles: np.ndarray, neighbour: np.ndarray) -> vtkPolyData:
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
    return _with_normals(surface)


def _with_normals(surface: vtkPolyData) -> vtkPolyData:
    normals = vtkPolyDataNormals()
    normals.SetInputData(surface)
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()
