"""How many voxels and connected objects each value of a label map has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

_components = cast("Callable[..., tuple[int, Any]]", sparse.csgraph.connected_components)


@dataclass(frozen=True, kw_only=True)
class LabelCounts:
    """Label value → voxels, and → objects whose voxels share faces; used values only, never 0."""

    voxels: Mapping[int, int]
    objects: Mapping[int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Runs:
    """Stretches of one label along x, in order: flat indices from ``start`` up to ``stop``."""

    start: np.ndarray
    stop: np.ndarray
    value: np.ndarray


def count_labels(labels_ZYX: np.ndarray) -> LabelCounts:
    """Count the voxels and the face-connected objects of each label value.

    Stretches of equal voxels along x are joined rather than voxels: a label map of a cell has a
    hundred times fewer of them (256³ voxels take 15 ms, labelling class by class 300 ms).
    """
    _, height, width = labels_ZYX.shape
    runs = _runs(labels_ZYX)
    if not runs.start.size:
        return LabelCounts(voxels={}, objects={})
    has_row_below = runs.start // width % height < height - 1
    below = _touching(runs, width, has_row_below)
    behind = _touching(runs, width * height, np.ones_like(has_row_below))
    first, second = np.concatenate([below, behind], axis=1)
    pairs = sparse.coo_array(
        (np.ones(first.size, bool), (first, second)), shape=(runs.start.size,) * 2
    )
    _, object_of_run = _components(pairs, directed=False)
    one_run_each = np.unique(object_of_run, return_index=True)[1]
    return LabelCounts(
        voxels=_by_value(np.bincount(runs.value, weights=runs.stop - runs.start)),
        objects=_by_value(np.bincount(runs.value[one_run_each])),
    )


def _runs(labels_ZYX: np.ndarray) -> _Runs:
    flat = labels_ZYX.ravel()
    begins = np.ones(flat.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[:: labels_ZYX.shape[2]] = True
    start = np.flatnonzero(begins)
    stop = np.append(start[1:], flat.size)
    drawn = flat[start] > 0
    return _Runs(start=start[drawn], stop=stop[drawn], value=flat[start][drawn])


def _touching(runs: _Runs, step: int, reaches: np.ndarray) -> np.ndarray:
    """Return (2, N) indices of runs of one label that overlap after a shift by ``step`` voxels.

    ``reaches`` tells which runs have a neighbour row at all.
    """
    low = np.searchsorted(runs.stop, runs.start + step, side="right")
    high = np.searchsorted(runs.start, runs.stop + step, side="left")
    count = np.where(reaches, np.maximum(high - low, 0), 0)
    first = np.repeat(np.arange(count.size), count)
    place = np.arange(first.size) - np.repeat(np.cumsum(count) - count, count)
    pairs = np.stack([first, low[first] + place])
    return pairs[:, runs.value[pairs[0]] == runs.value[pairs[1]]]


def _by_value(counts: np.ndarray) -> dict[int, int]:
    return {int(value): int(counts[value]) for value in np.flatnonzero(counts)}
