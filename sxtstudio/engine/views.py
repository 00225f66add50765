"""A cell as it might have been measured: what the next stage sees of it, honestly.

New cells are brighter or noisier than those that were learned from, or tilted over less, and the
stage before then says other things about them. So a stage learns from what the one before really
says about a cell in several states, rather than from one field that it could get to know.
"""

import zlib
from collections.abc import Sequence

import numpy as np
import torch

from sxtstudio.core.volume import VoxelSize
from sxtstudio.engine.augmentation import vary_lac
from sxtstudio.engine.inference import predict_whole
from sxtstudio.engine.preparation import CoarseCell
from sxtstudio.engine.sampling import Batch, View
from sxtstudio.engine.unet import UNet
from sxtstudio.engine.wedge import Wedge, draw_wedge, lose_wedge

VIEWS = 6
"""Of each training cell; one of them is the cell as it is."""


def other_wedges(name: str, share: float, seed: int) -> list[Wedge | None]:
    """Return the wedge of each view of a cell other than as it is.

    ``share`` (0–1) is the part of all views that have one.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    tilted = min(VIEWS - 1, round(share * VIEWS))
    return [None] * (VIEWS - 1 - tilted) + [draw_wedge(rng) for _ in range(tilted)]


def other_views(
    network: UNet,
    cell: CoarseCell,
    voxel_size_um: VoxelSize,
    wedges: Sequence[Wedge | None],
    device: torch.device,
) -> list[View]:
    """Return views of a coarse cell that a network was not trained on, one for each wedge.

    Each has its own grey values, noise and orientation.
    """
    rng = np.random.default_rng([len(wedges), zlib.crc32(cell.name.encode())])
    views: list[View] = []
    for wedge in wedges:
        values = torch.from_numpy(cell.scaled_ZYX)
        if wedge is not None:
            values = lose_wedge(values, voxel_size_um, wedge)
        flips = [axis for axis in range(3) if rng.random() < 0.5]
        varied = vary_lac(torch.flip(values, flips)[None], rng)[0]
        found = predict_whole(network, varied.numpy(), device)[1:]
        field = np.flip(found, tuple(axis + 1 for axis in flips)).astype(np.float16)
        views.append(View(field_KZYX=np.ascontiguousarray(field), wedge=wedge))
    return views


def tilt_some(
    batch: Batch, voxel_size_um: VoxelSize, share: float, rng: np.random.Generator
) -> Batch:
    """Return a batch of whole cells of which a ``share`` lost a wedge."""
    inputs = [
        lose_wedge(element[0], voxel_size_um, draw_wedge(rng))[None]
        if rng.random() < share
        else element
        for element in batch.input_NCZYX
    ]
    return Batch(input_NCZYX=torch.stack(inputs), fraction_NMZYX=batch.fraction_NMZYX)
