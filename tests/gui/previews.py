"""Previews of a training, made up voxel by voxel."""

import zlib
from collections.abc import Sequence

import numpy as np

from sxtstudio.core.events import UNKNOWN, Preview, PreviewPlane


def plane(
    labels: np.ndarray,
    drawn: np.ndarray | None = None,
    *,
    grey: int = 100,
    spacing_um: tuple[float, float] = (0.05, 0.05),
) -> PreviewPlane:
    """Return a plane of one grey value with these labels; nothing drawn is unknown."""
    rows, columns = labels.shape
    known = np.full(labels.shape, UNKNOWN) if drawn is None else drawn
    return PreviewPlane(
        shape=(rows, columns),
        spacing_um=spacing_um,
        lac=np.full(labels.shape, grey, np.uint8).tobytes(),
        labels=zlib.compress(labels.astype(np.uint8).tobytes()),
        drawn=zlib.compress(known.astype(np.uint8).tobytes()),
    )


def preview(*, spared: bool = True, step: int = 1, planes: Sequence[PreviewPlane] = ()) -> Preview:
    """Return a preview of stage 2; every plane is class 1 above class 2 unless given."""
    labels = np.repeat([[1], [2]], 8, axis=1).repeat(4, axis=0)
    xy, xz, yz = planes or (plane(labels, labels),) * 3
    return Preview(stage=2, step=step, cell="cell 3", spared=spared, planes=(xy, xz, yz))
