"""What the tools use of SciPy's sparse graphs, with the types that SciPy does not tell.

Nodes are numbered from 0, an edge is a row of two numbers.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none
from scipy.sparse import csgraph, linalg  # pyright: ignore[reportMissingTypeStubs] - as above

_sparse = cast("Any", sparse)
_csgraph = cast("Any", csgraph)
_linalg = cast("Any", linalg)


def components(edges: np.ndarray, count: int) -> np.ndarray:
    """Return for each node the number, from 0, of the connected part that it belongs to."""
    matrix = _matrix(edges, np.ones(len(edges), np.float32), count)
    return np.asarray(_csgraph.connected_components(matrix, directed=False)[1], np.int64)


def spanning_tree(edges: np.ndarray, weights: np.ndarray, count: int) -> np.ndarray:
    """Return the edges of a tree (or forest) that joins all nodes and is as light as can be.

    Weights must be greater than 0.
    """
    tree = _csgraph.minimum_spanning_tree(_matrix(edges, weights, count)).tocoo()
    return np.stack([tree.row, tree.col], axis=1)


def grid_edges(shape: tuple[int, ...], axis: int) -> np.ndarray:
    """Return the edges between voxels that are neighbours along an axis, numbered in C order."""
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    before = np.delete(numbers, -1, axis).ravel()
    after = np.delete(numbers, 0, axis).ravel()
    return np.stack([before, after], axis=1)


class Laplacian:
    """The graph's Laplacian: sum of the weights of a node's edges, minus the weights."""

    def __init__(self, edges: np.ndarray, weights: np.ndarray, count: int) -> None:
        half = _matrix(edges, weights, count)
        joined = half + half.T
        self._matrix = (_sparse.diags(np.asarray(joined.sum(axis=0)).ravel()) - joined).tocsr()

    def held(self, inner: np.ndarray, outer: np.ndarray) -> "Dirichlet":
        """Return the problem in which the values at the outer nodes are held."""
        rows = self._matrix[inner]
        return Dirichlet(rows[:, inner], rows[:, outer])


class Dirichlet:
    """Values at the inner nodes follow from those at the outer ones."""

    def __init__(self, inside: Any, across: Any) -> None:
        self._inside = inside
        self._across = across
        self._scale = _sparse.diags(1 / inside.diagonal())

    def solve(
        self, outer: np.ndarray, accuracy: float, step: Callable[[], None], most: int
    ) -> np.ndarray:
        """Return the values at the inner nodes; ``step`` is called at each of ``most`` steps."""

        def tell(_: np.ndarray) -> None:
            step()

        right = -(self._across @ outer)
        found, _ = _linalg.cg(
            self._inside,
            right,
            rtol=accuracy,
            maxiter=most,
            M=self._scale,
            callback=tell,
        )
        return np.asarray(found)


def _matrix(edges: np.ndarray, weights: np.ndarray, count: int) -> Any:
    return _sparse.coo_matrix((weights, (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
