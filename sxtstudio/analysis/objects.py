"""Connected objects of every class of a label map."""

from collections.abc import Sequence
from dataclasses import dataclass

import cc3d
import numpy as np

from sxtstudio.core.grid import Box


@dataclass(frozen=True, kw_only=True, eq=False)
class Objects:
    """Connected objects, ordered by label and then from the largest to the smallest.

    ``ids_ZYX`` (uint32) is i + 1 on the voxels of object i and 0 elsewhere. ``label``, ``voxels``
    and ``centre_voxel`` (N, 3: mean index along z, y, x) are one entry an object, ``boxes`` the
    smallest boxes that hold them.
    """

    ids_ZYX: np.ndarray
    label: np.ndarray
    voxels: np.ndarray
    centre_voxel: np.ndarray
    boxes: tuple[Box, ...]

    def of(self, label: int) -> np.ndarray:
        """Return the indices of the objects of one label, largest first."""
        return np.flatnonzero(self.label == label)

    def mask_ZYX(self, index: int) -> np.ndarray:
        """Return the voxels of one object within its box."""
        return self.ids_ZYX[self.boxes[index]] == index + 1


def find_objects(labels_ZYX: np.ndarray, labels: Sequence[int]) -> Objects:
    """Return the objects of the given label values.

    Voxels of one label that share a face, an edge or a corner belong to one object
    (26-connectivity); all labels are searched in one pass.
    """
    kept = np.zeros(int(labels_ZYX.max(initial=0)) + 1, labels_ZYX.dtype)
    for label in labels:
        if 0 < label < kept.size:
            kept[label] = label
    searched_ZYX = _look_up(kept, labels_ZYX)
    found_ZYX = np.asarray(cc3d.connected_components(searched_ZYX, connectivity=26))
    statistics = cc3d.statistics(found_ZYX)
    count = int(found_ZYX.max(initial=0))
    voxels = np.asarray(statistics["voxel_counts"], np.int64)[1 : count + 1]
    label_of = np.zeros(count + 1, labels_ZYX.dtype)
    for found_YX, searched_YX in zip(found_ZYX, searched_ZYX, strict=True):
        label_of[found_YX] = searched_YX
    order = np.lexsort((-voxels, label_of[1:]))
    new_id = np.zeros(count + 1, np.uint32)
    new_id[order + 1] = np.arange(1, count + 1)
    return Objects(
        ids_ZYX=_look_up(new_id, found_ZYX),
        label=label_of[1:][order],
        voxels=voxels[order],
        centre_voxel=np.asarray(statistics["centroids"])[1:][order],
        boxes=tuple(statistics["bounding_boxes"][i + 1] for i in order),
    )


def _look_up(table: np.ndarray, values_ZYX: np.ndarray) -> np.ndarray:
    """Return ``table[values_ZYX]``, plane by plane: indexing turns indices into 8 bytes each."""
    result_ZYX = np.empty(values_ZYX.shape, table.dtype)
    for values_YX, result_YX in zip(values_ZYX, result_ZYX, strict=True):
        result_YX[...] = table[values_YX]
    return result_ZYX
