"""Connected parts of a target, found slab by slab: small ones, the largest, and holes."""

from collections.abc import Iterator

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.graphs import components
from sxtstudio.core.mask import Mask, Target
from sxtstudio.core.ndimage import label
from sxtstudio.core.region import Box, Region
from sxtstudio.core.volume import VoxelSize, voxel_volume_um3

_NO_IDS = np.zeros(0, np.int64)
_NO_PAIRS = np.zeros((0, 2), np.int64)

SLAB_VOXELS = 1 << 23
"""Voxels whose parts are numbered at once; their numbers take four bytes each."""


class Parts:
    """The connected parts of what is meant in a box; ``sizes`` are in voxels.

    ``touches_rim`` tells which lie at a face of the box across one of ``rim_axes``. The mask is
    asked twice, at first and for `regions`, and must answer the same.
    """

    def __init__(
        self,
        mask: Mask,
        box: Box,
        report: Report = ignore,
        rim_axes: tuple[int, ...] = (0, 1, 2),
    ) -> None:
        self._mask = mask
        self._slabs = _planes(box)
        self._report = report
        self._offsets: list[int] = []
        counts, seams, rims = [_NO_IDS], [_NO_PAIRS], [_NO_IDS]
        last: np.ndarray | None = None
        total = 0
        for slab, numbers in self._numbered():
            self._offsets.append(total)
            ids = np.where(numbers > 0, numbers.astype(np.int64) + total, 0)
            counts.append(np.bincount(numbers.ravel())[1:])
            total += counts[-1].size
            if last is not None:
                seams.append(_pairs(last, ids))
            last = ids
            rims += [_face_ids(ids, slab, box, axis) for axis in rim_axes]
        self._root = components(np.concatenate(seams) - 1, total)
        voxels = np.concatenate(counts)
        self.sizes = np.zeros(int(self._root.max(initial=-1)) + 1, np.int64)
        np.add.at(self.sizes, self._root, voxels)
        self.touches_rim = np.zeros(self.sizes.size, bool)
        self.touches_rim[self._root[np.concatenate(rims) - 1]] = True

    def regions(self, wanted: np.ndarray) -> Iterator[Region]:
        """Yield the voxels of the parts that are wanted, bool of the shape of `sizes`."""
        for (slab, numbers), offset in zip(self._numbered(), self._offsets, strict=True):
            here = np.zeros(int(numbers.max(initial=0)) + 1, bool)
            here[1:] = wanted[self._root[offset : offset + here.size - 1]]
            mask_ZYX = here[numbers]
            if mask_ZYX.any():
                yield Region(box=slab, mask_ZYX=mask_ZYX)

    def _numbered(self) -> Iterator[tuple[Box, np.ndarray]]:
        for number, slab in enumerate(self._slabs):
            share = number / len(self._slabs)
            self._report(Progress(text="Looking for parts (Esc stops)", fraction=share))
            yield slab, label(self._mask(slab))[0]


def remove_small(
    target: Target, smallest_um3: float, voxel_size_um: VoxelSize, report: Report = ignore
) -> Iterator[Coat]:
    """Yield the parts of a target that are smaller than this; they become unlabelled."""
    parts = Parts(target.mask, target.box.common(target.field), report)
    small = parts.sizes * voxel_volume_um3(voxel_size_um) < smallest_um3
    return _gone(parts, small)


def keep_largest(target: Target, report: Report = ignore) -> Iterator[Coat]:
    """Yield all parts of a target but the largest (of equals, the first); they go."""
    parts = Parts(target.mask, target.box.common(target.field), report)
    others = np.ones(parts.sizes.size, bool)
    others[int(np.argmax(parts.sizes))] = False
    return _gone(parts, others)


def fill_holes(labels_ZYX: np.ndarray, target: Target, report: Report = ignore) -> Iterator[Coat]:
    """Yield the unlabelled voxels that a target encloses; other classes inside it stay.

    A hole does not touch the face of the field, and its voxels are connected by faces.
    """
    box = target.box.grown((1, 1, 1)).common(target.field)
    # In a slice every voxel lies at the faces across its axis: those do not count.
    axes = tuple(axis for axis in range(3) if target.field.shape[axis] > 1)
    parts = Parts(lambda part: ~target.mask(part), box, report, axes)
    for region in parts.regions(~parts.touches_rim):
        bare = region.mask_ZYX & (labels_ZYX[region.box.slices] == 0)
        yield Coat(region=Region(box=region.box, mask_ZYX=bare), value=target.value)


def _gone(parts: Parts, which: np.ndarray) -> Iterator[Coat]:
    for region in parts.regions(which):
        yield Coat(region=region, value=0)


def _planes(box: Box) -> list[Box]:
    """Return a box in parts of whole planes."""
    _, tall, wide = box.shape
    return list(box.slabs(max(SLAB_VOXELS, tall * wide)))


def _pairs(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return which ids of two slabs meet where the one ends and the other begins."""
    one, other = before[-1].ravel(), after[0].ravel()
    both = (one > 0) & (other > 0)
    return np.unique(np.stack([one[both], other[both]], axis=1), axis=0)


def _face_ids(ids: np.ndarray, slab: Box, box: Box, axis: int) -> np.ndarray:
    """Return the ids at the faces of a box across an axis, as far as they lie in a slab."""
    found = [_NO_IDS]
    if slab.low[axis] == box.low[axis]:
        found.append(np.unique(ids.take(0, axis)))
    if slab.high[axis] == box.high[axis]:
        found.append(np.unique(ids.take(-1, axis)))
    together = np.concatenate(found)
    return together[together > 0]
