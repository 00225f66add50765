"""How well two label maps agree, voxel by voxel."""

from collections.abc import Iterable

import numpy as np


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


def mean_known(values: Iterable[float]) -> float:
    """Return the mean of the values that are numbers, NaN if none is."""
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else float("nan")
