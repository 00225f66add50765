"""Planes that cut a scene open."""

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPlane, vtkPlaneCollection

from sxtstudio.core.scene import Clipping, ClipPlane, Point


def clip_planes(clipping: Clipping, low_um: Point, high_um: Point) -> tuple[ClipPlane, ...]:
    """Return the planes that cut; sides of the box at the volume's own sides cut nothing."""
    low, high = np.array(low_um), np.array(high_um)
    planes: list[ClipPlane] = []
    for axis in range(3):
        for share, outermost, sign in ((clipping.low, 0.0, 1.0), (clipping.high, 1.0, -1.0)):
            if sign * (share[axis] - outermost) > 0:
                point, normal = low.copy(), np.zeros(3)
                point[axis] += share[axis] * (high - low)[axis]
                normal[axis] = sign
                planes.append(ClipPlane(point_um=_point(point), normal=_point(normal)))
    return (*planes, *clipping.planes)


def vtk_planes(planes: tuple[ClipPlane, ...]) -> vtkPlaneCollection | None:
    """Return the planes as VTK wants them, None where nothing is cut."""
    if not planes:
        return None
    collection = vtkPlaneCollection()
    for plane in planes:
        item = vtkPlane()
        item.SetOrigin(*plane.point_um)
        item.SetNormal(*plane.normal)
        collection.AddItem(item)
    return collection


def _point(values: np.ndarray) -> Point:
    x, y, z = values.tolist()
    return (x, y, z)
