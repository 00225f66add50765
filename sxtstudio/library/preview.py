"""A small picture of a cell: its three middle planes, kept in its file."""

import numpy as np

from sxtstudio.core.grid import average, resample
from sxtstudio.core.volume import Tomogram

EDGE = 96
PREVIEW_SHAPE = (3, EDGE, EDGE)
BRIGHTEST_PER_UM = 0.8


def make_preview(tomogram: Tomogram) -> np.ndarray:
    """Return the middle XY, XZ and YZ planes, (3, 96, 96) uint8, white at 0.8 µm⁻¹ and above.

    All three have the same scale: the longest edge of the cell fills the picture, the rest is 0.
    """
    longest_um = max(
        n * edge for n, edge in zip(tomogram.shape, tomogram.voxel_size_um, strict=True)
    )
    return np.stack([_plane(tomogram, axis, EDGE / longest_um) for axis in range(3)])


def _plane(tomogram: Tomogram, axis: int, pixels_per_um: float) -> np.ndarray:
    middle = tomogram.shape[axis] // 2
    across = slice(middle, middle + 1)
    plane = tomogram.lac_ZYX[(slice(None),) * axis + (across,)]
    shown = [
        1 if i == axis else max(1, round(n * edge * pixels_per_um))
        for i, (n, edge) in enumerate(zip(tomogram.shape, tomogram.voxel_size_um, strict=True))
    ]
    factor = [max(1, n // wanted) for n, wanted in zip(plane.shape, shown, strict=True)]
    small = resample(
        average(plane, (factor[0], factor[1], factor[2])), (shown[0], shown[1], shown[2]), order=1
    )
    grey = np.clip(small / BRIGHTEST_PER_UM, 0, 1) * 255
    return _centred(np.squeeze(grey.round().astype(np.uint8), axis))


def _centred(picture: np.ndarray) -> np.ndarray:
    padded = np.zeros((EDGE, EDGE), np.uint8)
    top, left = ((EDGE - n) // 2 for n in picture.shape)
    padded[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return padded
