"""How far the objects of a cell are from a class: "lipid bodies near the nucleus"."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.spatial import KDTree

from sxtstudio.analysis.objects import Objects, find_objects
from sxtstudio.core.table import Column, MeasurementTable, Value
from sxtstudio.core.volume import LabelMap

_START, _END = "distance_to_", "_um"


def distance_column(target: str) -> str:
    """Return the name of the column of distances from the class of a name."""
    return f"{_START}{target}{_END}"


def target_of(column: str, names: Mapping[int, str]) -> int | None:
    """Return the label that a column of distances is about, None for any other column."""
    return next((label for label, it in names.items() if distance_column(it) == column), None)


def with_distances(table: MeasurementTable, label_map: LabelMap, column: str) -> MeasurementTable:
    """Return measurements with a column of distances, if its name is one of those.

    The distance of an object is the least of those between centres of its voxels and of voxels of
    the class: an object that touches the class is one voxel away. None for the class itself.
    """
    target = target_of(column, label_map.names)
    if target is None or any(it.name == column for it in table.columns):
        return table
    labels = sorted(label_map.names)
    objects = find_objects(label_map.labels_ZYX, labels)
    nearest_um = distances_um(label_map, objects, target)
    of_object: dict[tuple[Value, Value], float] = {
        (label_map.names[label], number): float(nearest_um[index])
        for label in labels
        if label != target
        for number, index in enumerate(objects.of(label), start=1)
        if np.isfinite(nearest_um[index])
    }
    places = {it.name: i for i, it in enumerate(table.columns)}
    words = f"Least distance of its voxels from those of {label_map.names[target]}."
    keys = [(row[places["class"]], row[places["object"]]) for row in table.rows]
    return replace(
        table,
        columns=(*table.columns, Column(name=column, description=words)),
        rows=tuple((*row, of_object.get(key)) for row, key in zip(table.rows, keys, strict=True)),
    )


def distances_um(label_map: LabelMap, objects: Objects, target: int) -> np.ndarray:
    """Return the distance (µm) of each object from a label; infinite where there is no such label.

    Only voxels on rims are compared: the nearest ones are among them.
    """
    edges_um = np.array(label_map.voxel_size_um)
    rim = _rim(label_map.labels_ZYX == target)
    found = np.full(len(objects.boxes), np.inf)
    if not len(rim):
        return found
    tree = KDTree(rim * edges_um)
    for index, box in enumerate(objects.boxes):
        if objects.label[index] == target:
            found[index] = 0.0
            continue
        start = [side.start for side in box]
        distances, _ = tree.query((_rim(objects.mask_ZYX(index)) + start) * edges_um)
        found[index] = float(np.min(distances))
    return found


def _rim(mask_ZYX: np.ndarray) -> np.ndarray:
    """Return the indices (N, 3) of the voxels that have a face towards what is outside."""
    inside_ZYX = mask_ZYX.copy()
    for axis in range(3):
        before = (slice(None),) * axis
        later, earlier = (*before, slice(1, None)), (*before, slice(None, -1))
        inside_ZYX[later] &= mask_ZYX[earlier]
        inside_ZYX[earlier] &= mask_ZYX[later]
        inside_ZYX[(*before, 0)] = inside_ZYX[(*before, -1)] = False
    return np.argwhere(mask_ZYX & ~inside_ZYX)
