"""Surfaces coloured object by object, by what was measured on each."""

from collections.abc import Mapping

import numpy as np
from scipy.ndimage import distance_transform_edt
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.colour_scale import ColourScale
from sxtstudio.analysis.objects import Objects
from sxtstudio.analysis.surface_files import mesh_arrays
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import VoxelSize

OBJECT = "object"
"""Cell array of a surface: the number of the object in its class, 1 is the largest, 0 unknown."""

_MARGIN = 3
_VIRIDIS = np.array(
    [
        (65, 68, 135), (53, 95, 141), (42, 120, 142), (33, 145, 140), (34, 168, 132),
        (68, 191, 112), (122, 209, 81), (189, 223, 38), (253, 231, 37),
    ],
    float,
)  # fmt: skip
"""Viridis (S. van der Walt and N. Smith, 2015; CC0) from its third of eleven colours on: the two
darkest would be lost on a dark ground."""
_UNMEASURED = (128, 128, 128)


def ramp(shares: np.ndarray) -> np.ndarray:
    """Return the colours (N, 3 uint8) of shares between 0 and 1; grey where not finite."""
    at = np.nan_to_num(shares).clip(0, 1) * (len(_VIRIDIS) - 1)
    parts = [np.interp(at, np.arange(len(_VIRIDIS)), _VIRIDIS[:, i]) for i in range(3)]
    colours = np.round(np.stack(parts, axis=-1)).astype(np.uint8)
    colours[~np.isfinite(shares)] = _UNMEASURED
    return colours


def number_objects(
    surfaces: Mapping[int, vtkPolyData], objects: Objects, voxel_size_um: VoxelSize
) -> None:
    """Write into each surface the `OBJECT` that each triangle belongs to.

    A triangle belongs to the object of its class whose voxel is nearest to its middle.
    """
    for label, surface in surfaces.items():
        write_numbers(surface, object_numbers(surface, label, objects, voxel_size_um))


def knows_objects(surfaces: Mapping[int, vtkPolyData]) -> bool:
    """Tell whether every surface says which object each triangle belongs to."""
    return all(it.GetCellData().GetArray(OBJECT) is not None for it in surfaces.values())


def write_numbers(surface: vtkPolyData, numbers: np.ndarray) -> None:
    """Write the `OBJECT` that each triangle of a surface belongs to into it."""
    array = numpy_to_vtk(numbers, deep=True)
    array.SetName(OBJECT)
    surface.GetCellData().AddArray(array)


def object_numbers(
    surface: vtkPolyData, label: int, objects: Objects, voxel_size_um: VoxelSize
) -> np.ndarray:
    """Return the object of a label that each triangle of its surface belongs to, 1 the largest."""
    points, triangles = mesh_arrays(surface)
    found = objects.of(label)
    if not found.size or not len(triangles):
        return np.zeros(len(triangles), np.int32)
    if found.size == 1:
        return np.ones(len(triangles), np.int32)
    shape = objects.ids_ZYX.shape
    boxes = [objects.boxes[i] for i in found]
    low = [max(0, min(box[a].start for box in boxes) - _MARGIN) for a in range(3)]
    high = [min(shape[a], max(box[a].stop for box in boxes) + _MARGIN) for a in range(3)]
    ids_ZYX = objects.ids_ZYX[tuple(map(slice, low, high))]
    own_ZYX = (ids_ZYX > found[0]) & (ids_ZYX <= found[-1] + 1)
    centres = points[triangles].mean(axis=1)[:, ::-1] / np.array(voxel_size_um) - low
    z, y, x = np.rint(centres).astype(int).T.clip(0, np.array(own_ZYX.shape)[:, None] - 1)
    nearest = distance_transform_edt(~own_ZYX, return_distances=False, return_indices=True)
    at = tuple(np.asarray(nearest)[:, z, y, x])
    return (ids_ZYX[at].astype(np.int64) - found[0]).astype(np.int32)


def measured_values(
    table: MeasurementTable, column: str, names: Mapping[int, str]
) -> dict[int, np.ndarray]:
    """Return for each label what was measured on its objects, number 1 first; NaN where nothing.

    Labels of which nothing was measured are left out, and so are all if there is no such column.
    """
    places = {item.name: i for i, item in enumerate(table.columns)}
    if column not in places or "object" not in places:
        return {}
    rows: dict[str, list[float]] = {}
    for row in table.rows:
        if row[places["object"]] != 0:
            value = row[places[column]]
            number = float(value) if isinstance(value, int | float) else np.nan
            rows.setdefault(str(row[places["class"]]), []).append(number)
    values = {label: np.array(rows[name]) for label, name in names.items() if name in rows}
    return {label: found for label, found in values.items() if np.isfinite(found).any()}


def triangle_colours(
    surface: vtkPolyData, values: np.ndarray, scale: ColourScale
) -> np.ndarray | None:
    """Return the colour of each triangle, None for a surface whose objects have no number."""
    numbers = surface.GetCellData().GetArray(OBJECT)
    if numbers is None:
        return None
    of_object = np.concatenate([[np.nan], values])
    number = vtk_to_numpy(numbers)
    return ramp(scale.shares(of_object[np.where(number < len(of_object), number, 0)]))
