"""How well two label maps agree, voxel by voxel."""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import numpy as np
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

from sxtstudio.core.grid import Box

_erosion = cast("Callable[..., np.ndarray]", ndimage.binary_erosion)  # pyright: ignore[reportUnknownMemberType]
_distance = cast("Callable[..., np.ndarray]", ndimage.distance_transform_edt)  # pyright: ignore[reportUnknownMemberType]

NONE = "none of the classes"
"""What a confusion calls the label 0."""


def dice(predicted_ZYX: np.ndarray, true_ZYX: np.ndarray) -> float:
    """Return 2 |A ∩ B| / (|A| + |B|) of two boolean masks, NaN when both are empty."""
    size = int(np.count_nonzero(predicted_ZYX)) + int(np.count_nonzero(true_ZYX))
    both = int(np.count_nonzero(predicted_ZYX & true_ZYX))
    return 2 * both / size if size else float("nan")


def iou(predicted_ZYX: np.ndarray, true_ZYX: np.ndarray) -> float:
    """Return |A ∩ B| / |A ∪ B| of two boolean masks, NaN when both are empty."""
    size = int(np.count_nonzero(predicted_ZYX | true_ZYX))
    both = int(np.count_nonzero(predicted_ZYX & true_ZYX))
    return both / size if size else float("nan")


def surface_dice(predicted_ZYX: np.ndarray, true_ZYX: np.ndarray, tolerance: float = 1.0) -> float:
    """Return the share of both surfaces that lies within a tolerance, in voxels, of the other.

    The normalised surface Dice of Nikolov et al. (2021, doi:10.2196/26151), with the voxels of a
    mask that touch others by a face for its surface. Where a mask is cut off by the edge of the
    volume is no surface. NaN where neither mask has a surface.
    """
    box = _box(predicted_ZYX | true_ZYX)
    first_ZYX, second_ZYX = (_surface(mask[box]) for mask in (predicted_ZYX, true_ZYX))
    size = int(np.count_nonzero(first_ZYX)) + int(np.count_nonzero(second_ZYX))
    near = _near(first_ZYX, second_ZYX, tolerance) + _near(second_ZYX, first_ZYX, tolerance)
    return near / size if size else float("nan")


def _box(mask_ZYX: np.ndarray) -> Box:
    """Return the box of all true voxels and one voxel about it, where there is one."""
    ends: list[slice] = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        there = np.flatnonzero(mask_ZYX.any(axis=others))
        first, last = (int(there[0]), int(there[-1])) if there.size else (0, 0)
        ends.append(slice(max(0, first - 1), last + 2))
    z, y, x = ends
    return (z, y, x)


def _surface(mask_ZYX: np.ndarray) -> np.ndarray:
    return mask_ZYX & ~_erosion(mask_ZYX, border_value=1)


def _near(surface_ZYX: np.ndarray, other_ZYX: np.ndarray, tolerance: float) -> int:
    """Return how many voxels of a surface lie within the tolerance of another."""
    if not other_ZYX.any():
        return 0
    distance_ZYX = _distance(~other_ZYX)
    return int(np.count_nonzero(distance_ZYX[surface_ZYX] <= tolerance))


def certain_dice(predicted_ZYX: np.ndarray, possible_ZYX: np.ndarray, label: int) -> float:
    """Return the Dice of one label over the voxels where a partial annotation is certain of it.

    ``possible_ZYX`` are the bits of `sxtstudio.core.task.targets`. NaN where the label is neither
    certainly present nor predicted in the certain region.
    """
    bit = np.uint32(1 << label)
    present_ZYX = possible_ZYX == bit
    certain_ZYX = present_ZYX | ((possible_ZYX & bit) == 0)
    return dice((predicted_ZYX == label) & certain_ZYX, present_ZYX)


def confusion(
    predicted_ZYX: np.ndarray, possible_ZYX: np.ndarray, names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return, of the voxels that are certainly of a class, the share that is taken for each class.

    ``names`` are those of the labels from 1, `NONE` stands for 0. The shares of a row add up to 1;
    a class without a certain voxel has no row, and what it is never taken for is left out of it.
    """
    words = (NONE, *names)
    rows: dict[str, dict[str, float]] = {}
    for label, word in enumerate(words):
        found = predicted_ZYX[possible_ZYX == np.uint32(1 << label)]
        if found.size:
            shares = np.bincount(found, minlength=len(words)) / found.size
            rows[word] = {
                other: round(float(share), 4)
                for other, share in zip(words, shares, strict=True)
                if share > 0
            }
    return rows


def mean_known(values: Iterable[float]) -> float:
    """Return the mean of the values that are numbers, NaN if none is."""
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else float("nan")
