"""Grids of voxels: area averaging, tiles that cover a volume, and the weights that blend them."""

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import cast

import numpy as np
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

from sxtstudio.core.planes import slabs_along_z
from sxtstudio.core.volume import ArrayLike

_zoom = cast("Callable[..., object]", ndimage.zoom)  # pyright: ignore[reportUnknownMemberType]

Shape = tuple[int, int, int]
Box = tuple[slice, slice, slice]


def coarse_shape(shape: Shape, factor: Shape) -> Shape:
    """Return the shape after averaging over ``factor`` voxels; a cut-off rest counts as one."""
    z, y, x = (math.ceil(n / f) for n, f in zip(shape, factor, strict=True))
    return (z, y, x)


def average(values_ZYX: np.ndarray, factor: Shape) -> np.ndarray:
    """Return the mean over blocks of ``factor`` voxels, float32.

    Blocks cut off by the far faces are the mean of the voxels they have.
    """
    result = np.asarray(values_ZYX, np.float32)
    for axis, step in enumerate(factor):
        if step > 1:
            starts = np.arange(0, result.shape[axis], step, dtype=np.intp)
            counts = np.diff(starts, append=result.shape[axis]).astype(np.float32)
            sums = np.add.reduceat(result, starts, axis=axis, dtype=np.float32)
            result = sums / counts.reshape([-1 if i == axis else 1 for i in range(3)])
    return result


def resample(values_ZYX: np.ndarray, shape: Shape, order: int) -> np.ndarray:
    """Return values on a grid of another shape over the same box, of the same type.

    ``order`` 0 takes the nearest voxel (labels), 1 interpolates linearly.
    """
    zoom = [new / old for new, old in zip(shape, values_ZYX.shape, strict=True)]
    result = np.empty(shape, values_ZYX.dtype)
    _zoom(values_ZYX, zoom, output=result, order=order, mode="nearest", grid_mode=True)
    return result


def resampled_planes(values_ZYX: ArrayLike, shape: Shape) -> Iterator[np.ndarray]:
    """Yield the planes of values on a grid of another shape over the same box, float32.

    Along an axis that gets coarser a new voxel is the mean of what it covers, so that noise is
    averaged as it is in a tomogram of such voxels; along one that gets finer, values are linear
    between the centres of voxels. ``values_ZYX`` are read once, some planes at a time.
    """
    depth, rows, columns = (
        _parts(old, new) for old, new in zip(values_ZYX.shape, shape, strict=True)
    )
    source = enumerate(plane for slab_ZYX in slabs_along_z(values_ZYX) for plane in slab_ZYX)
    near: dict[int, np.ndarray] = {}
    last = -1
    for places, weights in zip(*depth, strict=True):
        wanted = places[weights > 0]
        near = {place: plane for place, plane in near.items() if place >= wanted[0]}
        while last < wanted[-1]:
            last, plane = next(source)
            if last >= wanted[0]:
                near[last] = _mixed(_mixed(plane.astype(np.float32), rows, 0), columns, 1)
        mixed = np.zeros(shape[1:], np.float32)
        for at, share in zip(places.tolist(), weights, strict=True):
            if share > 0:
                mixed += near[at] * share
        yield mixed


_Parts = tuple[np.ndarray, np.ndarray]
"""For each new voxel along an axis, the old ones it is made of, and their weights, (new, few)."""


def _parts(old: int, new: int) -> _Parts:
    if new >= old:
        centres = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
        first = np.floor(centres).astype(np.intp)
        places = np.stack([first, np.minimum(first + 1, old - 1)], 1)
        far = centres - first
        return places, np.stack([1 - far, far], 1).astype(np.float32)
    edges = np.arange(new + 1) * (old / new)
    first = np.floor(edges[:-1]).astype(np.intp)
    places = first[:, None] + np.arange(math.ceil(old / new) + 1)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights = np.where(places < old, covered.clip(0), 0) * (new / old)
    return np.minimum(places, old - 1), weights.astype(np.float32)


def _mixed(values_YX: np.ndarray, parts: _Parts, axis: int) -> np.ndarray:
    """Return what new voxels along one axis of a plane are made of."""
    places, weights = (it.T[:, :, None] if axis == 0 else it.T[:, None] for it in parts)
    mixed = values_YX.take(places[0].ravel(), axis) * weights[0]
    for at, share in zip(places[1:], weights[1:], strict=True):
        mixed += values_YX.take(at.ravel(), axis) * share
    return mixed


def tile_starts(length: int, tile: int, overlap: float) -> list[int]:
    """Return where tiles start along one axis so that they cover it and overlap evenly.

    ``overlap`` is the least fraction (0 to below 1) that neighbours share.
    """
    if length <= tile:
        return [0]
    count = math.ceil((length - tile) / (tile * (1 - overlap))) + 1
    return [round(i * (length - tile) / (count - 1)) for i in range(count)]


def tiles(shape: Shape, tile: Shape, overlap: float) -> list[Box]:
    """Return boxes that cover ``shape``, in order of z, then y, then x.

    Along an axis shorter than the tile, the box ends where the volume does.
    """
    starts = [tile_starts(n, t, overlap) for n, t in zip(shape, tile, strict=True)]
    return [
        (slice(z, z + tile[0]), slice(y, y + tile[1]), slice(x, x + tile[2]))
        for z, y, x in product(*starts)
    ]


def gaussian_weights(tile: Shape, relative_sigma: float = 0.125) -> np.ndarray:
    """Return the weight of each voxel of a tile, float32, 1 at most and nowhere below 1e-3.

    ``relative_sigma`` is the standard deviation in tile edges; 1/8 is nnU-Net's choice.
    """
    axes = [np.exp(-0.5 * ((np.arange(n) - (n - 1) / 2) / (n * relative_sigma)) ** 2) for n in tile]
    weights_ZYX = axes[0][:, None, None] * axes[1][:, None] * axes[2]
    return np.maximum(weights_ZYX / weights_ZYX.max(), 1e-3).astype(np.float32)
