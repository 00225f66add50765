"""What an annotator looked at: the whole cell, some slices, or a box; the rest is not known.

Whatever is unlabelled outside carries the label `IGNORE` in what is saved, so that "complete" is
said of the part that was looked at alone. While the labels are edited on it is unlabelled again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.region import Box, Voxel, whole
from sxtstudio.core.volume import LabelMap

AXES = "zyx"
_SLAB_VOXELS = 1 << 23


@dataclass(frozen=True, kw_only=True)
class Slices:
    """Some slices across an axis."""

    axis: int
    indices: tuple[int, ...]


Scope = Slices | Box | None
"""What was looked at; None is the whole cell."""


def scope_words(scope: Scope) -> str:
    """Return "z 3, 10, 20", "z 0-19, y 5-60, x 3-40" (both ends included), or nothing."""
    match scope:
        case None:
            return ""
        case Slices(axis=axis, indices=indices):
            return f"{AXES[axis]} {', '.join(map(str, indices))}"
        case Box(low=low, high=high):
            ends = zip(AXES, low, high, strict=True)
            return ", ".join(f"{axis} {first}-{stop - 1}" for axis, first, stop in ends)


def parse_slices(words: str, shape: Voxel) -> Slices:
    """Return the slices that "z 3, 10, 20-22" means.

    Raises
    ------
    LabelError
        If the words are not like that, or a slice is not in the volume.
    """
    found = re.fullmatch(r"\s*([zyx])\s*((?:\d+(?:\s*[-–]\s*\d+)?[\s,;]*)+)", words.lower())
    if found is None:
        raise LabelError(f"{words!r} does not name slices; write them like “z 3, 10, 20-22”.")
    axis = AXES.index(found[1])
    indices: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", found[2]):
        stop = int(last or first)
        if stop >= shape[axis]:
            raise LabelError(f"There is no slice {stop} along {found[1]}: they go from 0 to "
                             f"{shape[axis] - 1}.")  # fmt: skip
        indices.update(range(int(first), stop + 1))
    return Slices(axis=axis, indices=tuple(sorted(indices)))


def parse_box(words: str, shape: Voxel) -> Box:
    """Return the box that "z 0-19, y 5-60, x 3-40" means, both ends included.

    Raises
    ------
    LabelError
        If the words are not like that, or the box does not lie in the volume.
    """
    found = re.findall(r"([zyx])\s*(\d+)\s*[-–]\s*(\d+)", words.lower())
    ends = {axis: (int(first), int(last)) for axis, first, last in found}
    if len(found) != 3 or set(ends) != set(AXES):
        raise LabelError(f"{words!r} is no box; write it like “z 0-19, y 5-60, x 3-40”.")
    for axis, n in zip(AXES, shape, strict=True):
        first, last = ends[axis]
        if not first <= last < n:
            raise LabelError(
                f"{axis} {first}-{last} does not lie in the volume; {axis} goes from 0 to {n - 1}."
            )
    (z0, z1), (y0, y1), (x0, x1) = (ends[axis] for axis in AXES)
    return Box(low=(z0, y0, x0), high=(z1 + 1, y1 + 1, x1 + 1))


def parse_scope(words: str, shape: Voxel) -> Scope:
    """Return what `scope_words` wrote."""
    if not words:
        return None
    return parse_box(words, shape) if words.count("-") == len(AXES) else parse_slices(words, shape)


def drawn_slices(labels_ZYX: np.ndarray, ignored: int | None) -> Slices:
    """Return the slices with anything drawn, across the axis along which there are the fewest.

    Raises
    ------
    LabelError
        If nothing is drawn.
    """
    used = _used(labels_ZYX, ignored)
    axis = min(range(3), key=lambda it: (int(used[it].sum()) / used[it].size, it))
    return Slices(axis=axis, indices=tuple(np.flatnonzero(used[axis]).tolist()))


def drawn_box(labels_ZYX: np.ndarray, ignored: int | None) -> Box:
    """Return the smallest box that holds all that is drawn.

    Raises
    ------
    LabelError
        If nothing is drawn.
    """
    (z0, z1), (y0, y1), (x0, x1) = (
        (int(it[0]), int(it[-1]) + 1) for it in map(np.flatnonzero, _used(labels_ZYX, ignored))
    )
    return Box(low=(z0, y0, x0), high=(z1, y1, x1))


def _used(labels_ZYX: np.ndarray, ignored: int | None) -> list[np.ndarray]:
    """Return for each axis in which slices anything is drawn."""
    used = [np.zeros(n, bool) for n in labels_ZYX.shape]
    for slab in whole(_shape(labels_ZYX)).slabs(_SLAB_VOXELS):
        part = labels_ZYX[slab.slices]
        drawn = part != 0 if ignored is None else (part != 0) & (part != ignored)
        for axis in range(3):
            others = tuple(it for it in range(3) if it != axis)
            used[axis][slab.slices[axis]] |= drawn.any(axis=others)
    if not used[0].any():
        raise LabelError("Nothing is drawn yet, so there are no slices to be complete.")
    return used


def left_open(label_map: LabelMap, scope: Scope) -> LabelMap:
    """Return labels whose unlabelled voxels outside a scope are `IGNORE`, in an array of their own.

    Raises
    ------
    LabelError
        If the labels have no value left for it.
    """
    if scope is None:
        return label_map
    value = _ignore_value(label_map)
    labels_ZYX = label_map.labels_ZYX.copy()
    _replace_outside(labels_ZYX, scope, (0, value))
    return _with_ignored(label_map, labels_ZYX, value)


def known_inside(label_map: LabelMap, scope: Scope) -> LabelMap:
    """Return labels of which nothing outside a scope is known: all there is `IGNORE`.

    What a network predicted outside was looked at by nobody, so that no network may learn it.

    Raises
    ------
    LabelError
        If the labels have no value left for it.
    """
    if scope is None:
        return label_map
    value = _ignore_value(label_map)
    labels_ZYX = np.array(label_map.labels_ZYX)
    for slab in whole(_shape(labels_ZYX)).slabs(_SLAB_VOXELS):
        labels_ZYX[slab.slices][~_inside(scope, slab)] = value
    return _with_ignored(label_map, labels_ZYX, value)


def _ignore_value(label_map: LabelMap) -> int:
    """Return the value that means `IGNORE`, or the lowest free one."""
    names = label_map.names
    known = _ignored(names)
    if known is not None:
        return known
    largest = int(np.iinfo(label_map.labels_ZYX.dtype).max)
    free = next((it for it in range(1, largest + 1) if it not in names), None)
    if free is None:
        raise LabelError("All values of these labels are taken; none is left for “not looked at”.")
    return free


def _with_ignored(label_map: LabelMap, labels_ZYX: np.ndarray, value: int) -> LabelMap:
    names = {**label_map.names, value: IGNORE}
    return LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=label_map.voxel_size_um)


def open_again(label_map: LabelMap, scope: Scope) -> None:
    """Make what was ignored outside a scope unlabelled again, in place."""
    value = _ignored(label_map.names)
    if scope is not None and value is not None:
        _replace_outside(label_map.labels_ZYX, scope, (value, 0))


def _replace_outside(labels_ZYX: np.ndarray, scope: Slices | Box, values: tuple[int, int]) -> None:
    old, new = values
    for slab in whole(_shape(labels_ZYX)).slabs(_SLAB_VOXELS):
        part = labels_ZYX[slab.slices]
        part[(part == old) & ~_inside(scope, slab)] = new


def _inside(scope: Slices | Box, slab: Box) -> np.ndarray:
    mask_ZYX = np.zeros(slab.shape, bool)
    if isinstance(scope, Box):
        mask_ZYX[scope.common(slab).seen_from(slab).slices] = True
        return mask_ZYX
    first = slab.low[scope.axis]
    here = [it - first for it in scope.indices if first <= it < slab.high[scope.axis]]
    mask_ZYX[(slice(None),) * scope.axis + (here,)] = True
    return mask_ZYX


def _ignored(names: Mapping[int, str]) -> int | None:
    return next((value for value, name in names.items() if name == IGNORE), None)


def _shape(labels_ZYX: np.ndarray) -> Voxel:
    z, y, x = labels_ZYX.shape
    return (z, y, x)
