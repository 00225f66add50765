"""Planes of the tomogram standing in the scene, in grey."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersSources import vtkPlaneSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkTexture

from sxtstudio.core.volume import VoxelSize

_AXES = {0: (2, 1), 1: (2, 0), 2: (1, 0)}
"""For a plane across an axis of (z, y, x): the axes of its columns and of its rows."""


class SliceLayer:
    """Up to three planes, one across each axis of (z, y, x)."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._planes = tuple(_Plane(renderer, axis) for axis in range(3))

    def show(
        self,
        axis: int,
        index: int,
        lac: np.ndarray,
        lac_window: tuple[float, float],
        voxel_size_um: VoxelSize,
    ) -> None:
        """Show the plane with this index: its LAC, black and white at the ends of the window."""
        self._planes[axis].show(index, _grey(lac, lac_window), voxel_size_um)

    def hide(self, axis: int) -> None:
        """Show no plane across an axis."""
        self._planes[axis].actor.VisibilityOff()


class _Plane:
    def __init__(self, renderer: vtkRenderer, axis: int) -> None:
        self._axis = axis
        self._source = vtkPlaneSource()
        self._texture = vtkTexture()
        self._texture.InterpolateOn()
        self._texture.SetEdgeClamp(True)
        mapper = vtkPolyDataMapper()
        mapper.SetInputConnection(self._source.GetOutputPort())
        self.actor = vtkActor()
        self.actor.SetMapper(mapper)
        self.actor.SetTexture(self._texture)
        self.actor.GetProperty().LightingOff()
        self.actor.PickableOff()
        self.actor.VisibilityOff()
        renderer.AddActor(self.actor)

    def show(self, index: int, grey: np.ndarray, voxel_size_um: VoxelSize) -> None:
        columns, rows = _AXES[self._axis]
        origin = [-edge / 2 for edge in voxel_size_um]
        origin[self._axis] = index * voxel_size_um[self._axis]
        right, up = list(origin), list(origin)
        right[columns] += grey.shape[1] * voxel_size_um[columns]
        up[rows] += grey.shape[0] * voxel_size_um[rows]
        self._source.SetOrigin(*origin[::-1])
        self._source.SetPoint1(*right[::-1])
        self._source.SetPoint2(*up[::-1])
        image = vtkImageData()
        image.SetDimensions(grey.shape[1], grey.shape[0], 1)
        colours = np.repeat(grey.ravel()[:, None], 3, axis=1)
        image.GetPointData().SetScalars(numpy_to_vtk(colours, deep=True))
        self._texture.SetInputData(image)
        self.actor.VisibilityOn()


def _grey(lac: np.ndarray, lac_window: tuple[float, float]) -> np.ndarray:
    low, high = lac_window
    share = (np.asarray(lac, np.float32) - low) / max(high - low, 1e-9)
    return (np.nan_to_num(share).clip(0, 1) * 255).astype(np.uint8)
