"""How well two label maps agree, voxel by voxel."""

from collections.abc import Iterable, Sequence

import numpy as np

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
