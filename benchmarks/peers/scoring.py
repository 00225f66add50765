"""What a tool's segmentations of unseen cells are worth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from peers.cells import Known
from sxtstudio.core.scores import dice, mean_known, surface_dice

TOLERANCE = 1.0
"""Of the surface Dice, in voxels."""

Scores = dict[str, object]


def scored(folder: Path, cells: Sequence[Known], classes: Sequence[str], suffix: str) -> Scores:
    """Return Dice and surface Dice of each class, the mean over the cells that have it.

    The means over classes count every class once.
    """
    rows = [_of_cell(folder, cell, classes, suffix) for cell in cells]
    means = [mean_known(column) for column in zip(*rows, strict=True)]
    by_class = dict(zip(classes, means[::2], strict=True))
    by_surface = dict(zip(classes, means[1::2], strict=True))
    return {
        "dice": _rounded(by_class),
        "mean_dice": round(mean_known(by_class.values()), 4),
        "surface_dice": _rounded(by_surface),
        "mean_surface_dice": round(mean_known(by_surface.values()), 4),
    }


def _of_cell(folder: Path, cell: Known, classes: Sequence[str], suffix: str) -> list[float]:
    found_ZYX = np.load(folder / f"{cell.name}_predicted{suffix}.npy")
    if found_ZYX.shape != cell.labels_ZYX.shape:
        raise ValueError(f"{cell.name}: {found_ZYX.shape} instead of {cell.labels_ZYX.shape}.")
    row: list[float] = []
    for label in range(1, len(classes) + 1):
        pair = (found_ZYX == label, cell.labels_ZYX == label)
        row += [dice(*pair), surface_dice(*pair, TOLERANCE)]
    return row


def _rounded(values: dict[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(v) else round(v, 4) for name, v in values.items()}
