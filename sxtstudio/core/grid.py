"""Grids of voxels: area averaging, tiles that cover a volume, and the weights that blend them."""

import math
from collections.abc import Callable
from itertools import product
from typing import cast

import numpy as np
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

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
