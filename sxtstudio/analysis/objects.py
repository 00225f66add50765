"""Connected objects of every class of a label map."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cc3d
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sxtstudio.core.grid import Box

SLAB_VOXELS = 2**22


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


def find_objects(
    labels_ZYX: np.ndarray, labels: Sequence[int], *, slab_voxels: int = SLAB_VOXELS
) -> Objects:
    """Return the objects of the given label values.

    Voxels of one label that share a face, an edge or a corner belong to one object
    (26-connectivity); all labels are searched in one pass. Objects are searched slab by slab and
    joined, because cc3d lets no other thread of Python work meanwhile.
    """
    kept = np.zeros(int(labels_ZYX.max(initial=0)) + 1, labels_ZYX.dtype)
    for label in labels:
        if 0 < label < kept.size:
            kept[label] = label
    pieces = _find_pieces(_look_up(kept, labels_ZYX), slab_voxels)
    count, object_of = _join(pieces.touching, len(pieces.label))
    voxels = np.bincount(object_of, pieces.voxels, count).astype(np.int64)
    sums = [np.bincount(object_of, pieces.voxels * it, count) for it in pieces.centre_voxel.T]
    label_of = np.zeros(count, labels_ZYX.dtype)
    label_of[object_of] = pieces.label
    low, high = np.full((count, 3), np.iinfo(np.int64).max), np.zeros((count, 3), np.int64)
    np.minimum.at(low, object_of, pieces.low)
    np.maximum.at(high, object_of, pieces.high)
    order = np.lexsort((-voxels, label_of))
    new_id = np.empty(count, np.uint32)
    new_id[order] = np.arange(1, count + 1)
    table = np.concatenate([np.zeros(1, np.uint32), new_id[object_of]])
    return Objects(
        ids_ZYX=_look_up(table, pieces.ids_ZYX),
        label=label_of[order],
        voxels=voxels[order],
        centre_voxel=(np.stack(sums, axis=1) / np.maximum(voxels, 1)[:, None])[order],
        boxes=tuple(_box(*ends) for ends in zip(low[order], high[order], strict=True)),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pieces:
    """Objects within slabs: ``touching`` (M, 2) are pieces of one label in neighbouring slabs.

    ``ids_ZYX`` is i + 1 on the voxels of piece i. All else is one entry a piece.
    """

    ids_ZYX: np.ndarray
    touching: np.ndarray
    label: np.ndarray
    voxels: np.ndarray
    centre_voxel: np.ndarray
    low: np.ndarray
    high: np.ndarray


def _find_pieces(searched_ZYX: np.ndarray, slab_voxels: int) -> _Pieces:
    planes = max(1, slab_voxels // max(1, searched_ZYX[:1].size))
    ids_ZYX = np.zeros(searched_ZYX.shape, np.uint32)
    touching, label, voxels = [np.zeros((0, 2), int)], [np.zeros(0, int)], [np.zeros(0)]
    centres, ends, count = [np.zeros((0, 3))], [np.zeros((0, 3, 2), int)], 0
    for start in range(0, len(searched_ZYX), planes):
        slab_ZYX = searched_ZYX[start : start + planes]
        found_ZYX = np.asarray(cc3d.connected_components(slab_ZYX, connectivity=26))
        facts = cc3d.statistics(found_ZYX)
        here = len(facts["voxel_counts"]) - 1
        of_label = np.zeros(here + 1, int)
        for found_YX, slab_YX in zip(found_ZYX, slab_ZYX, strict=True):
            of_label[found_YX] = slab_YX
        label.append(of_label[1:])
        voxels.append(np.asarray(facts["voxel_counts"], float)[1:])
        centres.append(np.add(facts["centroids"][1:], (start, 0, 0)).reshape(-1, 3))
        boxes = [[(it.start, it.stop) for it in box] for box in facts["bounding_boxes"][1:]]
        ends.append(np.array(boxes, int).reshape(-1, 3, 2) + np.array([[start], [0], [0]]))
        table = np.concatenate([[0], np.arange(count + 1, count + here + 1)]).astype(np.uint32)
        ids_ZYX[start : start + planes] = _look_up(table, found_ZYX)
        if start:
            both = slice(start - 1, start + 1)
            touching.append(_touching(ids_ZYX[both], searched_ZYX[both]))
        count += here
    low, high = np.moveaxis(np.concatenate(ends), 2, 0)
    return _Pieces(
        ids_ZYX=ids_ZYX,
        touching=np.concatenate(touching),
        label=np.concatenate(label),
        voxels=np.concatenate(voxels),
        centre_voxel=np.concatenate(centres),
        low=low,
        high=high,
    )


def _touching(ids_ZYX: np.ndarray, searched_ZYX: np.ndarray) -> np.ndarray:
    """Return pairs of pieces (M, 2) of one label that touch between two planes."""
    pairs = [np.zeros((0, 2), int)]
    for down, right in product((-1, 0, 1), repeat=2):
        rows, columns = (
            _overlap(n, by) for n, by in zip(ids_ZYX.shape[1:], (down, right), strict=True)
        )
        above, below = (0, rows[0], columns[0]), (1, rows[1], columns[1])
        same = (searched_ZYX[above] == searched_ZYX[below]) & (searched_ZYX[above] > 0)
        both = np.stack([ids_ZYX[above][same], ids_ZYX[below][same]], axis=1).astype(int) - 1
        pairs.append(np.unique(both, axis=0))
    return np.unique(np.concatenate(pairs), axis=0)


def _overlap(length: int, shift: int) -> tuple[slice, slice]:
    """Return the parts of two rows that lie on each other when the second is shifted."""
    first = slice(max(0, -shift), length - max(0, shift))
    return first, slice(first.start + shift, first.stop + shift)


def _join(touching: np.ndarray, count: int) -> tuple[int, np.ndarray]:
    """Return the number of objects, and the object of each of ``count`` pieces."""
    ones = np.ones(len(touching))
    graph = coo_array((ones, (touching[:, 0], touching[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False) if count else (0, np.zeros(0, int))


def _box(low: np.ndarray, high: np.ndarray) -> Box:
    z, y, x = (slice(int(start), int(stop)) for start, stop in zip(low, high, strict=True))
    return (z, y, x)


def _look_up(table: np.ndarray, values_ZYX: np.ndarray) -> np.ndarray:
    """Return ``table[values_ZYX]``, plane by plane: indexing turns indices into 8 bytes each."""
    result_ZYX = np.empty(values_ZYX.shape, table.dtype)
    for values_YX, result_YX in zip(values_ZYX, result_ZYX, strict=True):
        result_YX[...] = table[values_YX]
    return result_ZYX
