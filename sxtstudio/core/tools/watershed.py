"""Watersheds: each voxel belongs to the marker that is reached by the lowest pass.

Cousty et al. (2009): these are the trees of a minimum spanning forest rooted in the markers, an
edge being as high as the higher of its two voxels.
"""

import numpy as np

from sxtstudio.core.graphs import components, grid_edges, spanning_tree


def watershed(height: np.ndarray, markers: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the marker (from 1) to which each voxel of a mask belongs, 0 outside.

    Markers outside the mask do not count; parts without a marker are 0.
    """
    markers = np.where(mask, markers, 0)
    edges, weights = _edges(height, mask)
    seeds = np.flatnonzero(markers)
    root = height.size
    roots = np.stack([np.full(seeds.size, root), seeds], axis=1)
    lightest = np.full(seeds.size, 0.5)
    tree = spanning_tree(
        np.concatenate([roots, edges]), np.concatenate([lightest, weights]), root + 1
    )
    part = components(tree[(tree != root).all(axis=1)], root + 1)
    label_of = np.zeros(int(part.max()) + 1, markers.dtype)
    label_of[part[seeds]] = markers.ravel()[seeds]
    return label_of[part[:root]].reshape(height.shape)


def _edges(height: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges within a mask and their heights, from 1 up."""
    flat, inside = height.ravel() - height.min() + 1.0, mask.ravel()
    found = [grid_edges(height.shape, axis) for axis in range(height.ndim)]
    edges = np.concatenate([it[inside[it].all(axis=1)] for it in found])
    return edges, flat[edges].max(axis=1)
