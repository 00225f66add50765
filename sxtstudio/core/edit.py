"""What an edit of labels changed: boxes with run lengths of old and new values.

A stretch of voxels, in the order z, y, x within its box, that had one value and got another is one
run, so a stroke of a brush takes some bytes for each row that it touched. Applying and reverting
are exact, and what was not touched is not stored.
"""

from dataclasses import dataclass

import numpy as np

from sxtstudio.core.region import Box

SLAB_VOXELS = 1 << 21
"""Voxels that are changed at once; more would take memory in proportion."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Difference:
    """Runs of changed voxels in a box of at most `SLAB_VOXELS` or one row.

    ``start`` and ``length`` (uint32) count voxels of the box in C order, ``before`` and ``after``
    are label values, all of one length.
    """

    box: Box
    start: np.ndarray
    length: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        arrays = (self.start, self.length, self.before, self.after)
        return sum(values.nbytes for values in arrays) + _OVERHEAD_BYTES

    @property
    def voxels(self) -> int:
        """Number of changed voxels."""
        return int(self.length.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """One step that can be undone: its name, such as "brush nucleus", and what it changed."""

    name: str
    differences: tuple[Difference, ...]

    @property
    def box(self) -> Box:
        """The smallest box that holds all changes."""
        first, *others = (difference.box for difference in self.differences)
        for other in others:
            first = first.union(other)
        return first

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return sum(difference.nbytes for difference in self.differences)

    @property
    def voxels(self) -> int:
        """Number of changed voxels, one that changed twice counted twice."""
        return sum(difference.voxels for difference in self.differences)


_DENSE = 16
_OVERHEAD_BYTES = 700
"""About what Python and numpy add to the bytes of four small arrays and a box."""


def change(
    labels_ZYX: np.ndarray, box: Box, after: int | np.ndarray, where_ZYX: np.ndarray
) -> Difference | None:
    """Write values into the voxels of a box and return what that changed, None if nothing.

    ``where_ZYX`` is bool of the box's shape; ``after`` is one value or one for each voxel.
    """
    view = labels_ZYX[box.slices]
    changed = where_ZYX & (view != after)
    place = np.flatnonzero(changed)
    if not place.size:
        return None
    before = view[changed]
    new = np.broadcast_to(np.asarray(after, labels_ZYX.dtype), view.shape)[changed]
    first = np.ones(place.size, bool)
    first[1:] = (place[1:] != place[:-1] + 1) | (before[1:] != before[:-1]) | (new[1:] != new[:-1])
    starts = np.flatnonzero(first)
    np.copyto(view, np.asarray(after, labels_ZYX.dtype), where=changed)
    return Difference(
        box=box,
        start=place[starts].astype(np.uint32),
        length=np.diff(starts, append=place.size).astype(np.uint32),
        before=before[starts],
        after=new[starts],
    )


def apply(labels_ZYX: np.ndarray, edit: Edit) -> None:
    """Do an edit again."""
    for difference in edit.differences:
        write(labels_ZYX, difference, difference.after)


def revert(labels_ZYX: np.ndarray, edit: Edit) -> None:
    """Take an edit back; the labels must be as it left them."""
    for difference in reversed(edit.differences):
        write(labels_ZYX, difference, difference.before)


def write(labels_ZYX: np.ndarray, difference: Difference, values: np.ndarray) -> None:
    """Write one value a run into the voxels of a difference."""
    view = labels_ZYX[difference.box.slices]
    if _is_dense(difference, view.size):
        _write_dense(view, difference, values)
        return
    block = np.ascontiguousarray(view)
    block.reshape(-1)[_places(difference)] = np.repeat(values, difference.length)
    if block is not view:
        view[...] = block


def _is_dense(difference: Difference, size: int) -> bool:
    """Tell whether long runs fill so much of a box that it is better written as a whole."""
    voxels = difference.voxels
    return voxels * _DENSE > size and voxels > _DENSE * len(difference.start)


def _write_dense(view: np.ndarray, difference: Difference, values: np.ndarray) -> None:
    """Write runs and the gaps between them in one sweep, ten times as fast as voxel by voxel."""
    start, length = (it.astype(np.int64) for it in (difference.start, difference.length))
    lengths = np.empty(2 * len(start) + 1, np.int64)
    lengths[::2] = np.append(start, view.size) - np.append(0, start + length)
    lengths[1::2] = length
    inside = np.zeros(len(lengths), bool)
    inside[1::2] = True
    written = np.zeros(len(lengths), values.dtype)
    written[1::2] = values
    where_ZYX = np.repeat(inside, lengths).reshape(view.shape)
    np.copyto(view, np.repeat(written, lengths).reshape(view.shape), where=where_ZYX)


def fits(labels_ZYX: np.ndarray, difference: Difference) -> bool:
    """Tell whether labels are as they were before a difference."""
    if difference.box.within(labels_ZYX.shape) != difference.box:
        return False
    block = np.ascontiguousarray(labels_ZYX[difference.box.slices]).reshape(-1)
    before = np.repeat(difference.before, difference.length)
    return bool(np.array_equal(block[_places(difference)], before))


def _places(difference: Difference) -> np.ndarray:
    """Return the place of every changed voxel in its box, in order."""
    length = difference.length.astype(np.int64)
    ends = np.cumsum(length)
    places = np.arange(int(ends[-1]), dtype=np.int64)
    places += np.repeat(difference.start.astype(np.int64) - (ends - length), length)
    return places
