"""Random walker: unlabelled voxels get the label of the seeds that a random walk reaches first.

Grady (2006): a walker crosses from voxel to voxel with the weight exp(−β Δ² / σ²) / d², Δ being the
difference and σ the standard deviation of the LAC, d the distance of the voxels' centres. The
probabilities solve one sparse linear system for each label.
"""

import numpy as np

from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.graphs import Dirichlet, Laplacian, grid_edges
from sxtstudio.core.volume import VoxelSize

LARGEST_BOX = 2_000_000
_LEAST_WEIGHT = 1e-3
_ACCURACY = 1e-3
_MOST_STEPS = 2000
_USUAL_STEPS = 200
_STEPS_A_REPORT = 10


def random_walk(
    lac_ZYX: np.ndarray,
    seeds_ZYX: np.ndarray,
    voxel_size_um: VoxelSize,
    beta: float,
    report: Report = ignore,
) -> np.ndarray:
    """Return the label of every voxel; ``seeds_ZYX`` (int) are from 0, and −1 where unknown.

    Raises
    ------
    LabelError
        If there are fewer than two labels among the seeds.
    """
    known = seeds_ZYX.ravel() >= 0
    labels = np.unique(seeds_ZYX.ravel()[known])
    if labels.size < 2:
        raise LabelError(
            "The random walker needs something to start from: draw a little of one class inside "
            "the region, or of two."
        )
    inner, outer = np.flatnonzero(~known), np.flatnonzero(known)
    result = seeds_ZYX.ravel().copy()
    if not inner.size:
        return result.reshape(seeds_ZYX.shape)
    problem = _laplacian(lac_ZYX, voxel_size_um, beta).held(inner, outer)
    best = np.full(inner.size, -np.inf)
    found = np.zeros(inner.size, result.dtype)
    for number, label in enumerate(labels):
        begun = (number / labels.size, 1 / labels.size)
        share = _probability(problem, result[outer] == label, report, begun)
        better = share > best
        best[better], found[better] = share[better], label
    result[inner] = found
    return result.reshape(seeds_ZYX.shape)


def _laplacian(lac_ZYX: np.ndarray, voxel_size_um: VoxelSize, beta: float) -> Laplacian:
    variance = float(lac_ZYX.var()) or 1.0
    shortest = min(voxel_size_um)
    edges: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    for axis, edge_um in enumerate(voxel_size_um):
        step = np.diff(lac_ZYX.astype(np.float64), axis=axis)
        weight = np.exp(-beta * step**2 / variance) * (shortest / edge_um) ** 2
        weights.append(np.maximum(weight, _LEAST_WEIGHT).ravel())
        edges.append(grid_edges(lac_ZYX.shape, axis))
    return Laplacian(np.concatenate(edges), np.concatenate(weights), lac_ZYX.size)


def _probability(
    problem: Dirichlet, outer: np.ndarray, report: Report, begun: tuple[float, float]
) -> np.ndarray:
    """Return how likely a walker from each unknown voxel reaches a seed of one label first."""
    steps = 0

    def tell() -> None:
        nonlocal steps
        steps += 1
        if steps % _STEPS_A_REPORT == 0:
            share = begun[0] + begun[1] * min(steps / _USUAL_STEPS, 1.0)
            report(Progress(text="Random walker (Esc stops)", fraction=share))

    return problem.solve(outer.astype(float), _ACCURACY, tell, _MOST_STEPS)


def rimmed(labels_ZYX: np.ndarray, *, flat_axis: int | None) -> np.ndarray:
    """Return the seeds of a box: what is labelled, and its unlabelled rim as label 0.

    In a slice across ``flat_axis`` the rim is the slice's.
    """
    seeds_ZYX = np.where(labels_ZYX > 0, labels_ZYX.astype(np.int32), np.int32(-1))
    for axis in range(3):
        if axis == flat_axis:
            continue
        for end in (0, -1):
            face = seeds_ZYX[(slice(None),) * axis + (end,)]
            face[face < 0] = 0
    return seeds_ZYX
