"""Applying a network to a whole cell with bounded memory: Gaussian-weighted overlapping tiles."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from sxtstudio.core.grid import Box, Shape, gaussian_weights, tile_starts, tiles
from sxtstudio.core.plan import Stage
from sxtstudio.engine.device import training_precision
from sxtstudio.engine.lanes import Lanes, logits_of
from sxtstudio.engine.sampling import extend, input_channels
from sxtstudio.engine.unet import UNet

OVERLAP = 0.25
POOLED = 8
"""Tiles are multiples of this, which the networks halve three times."""

TILE_TO_PATCH = 1.5
"""Tiles are larger than training patches: fewer voxels lie near a cut face, and instance norm sees
more of the cell. Measured on simulated algae, patches of 32: mean Dice .683 with tiles of 32 that
overlap by half, .767 with tiles of 48 that overlap by a quarter, .754 with tiles of 64."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TileInput:
    """What tiles are cut from: scaled LAC and the fields of the stage before."""

    scaled_ZYX: np.ndarray
    field_KZYX: torch.Tensor | None
    factor: Shape

    @property
    def shape(self) -> Shape:
        """Number of voxels along (z, y, x)."""
        z, y, x = self.scaled_ZYX.shape
        return (z, y, x)


@dataclass(frozen=True, kw_only=True, eq=False)
class Slab:
    """Finished probabilities of the planes from ``start``: ``p_KZYX`` float32, none first."""

    start: int
    p_KZYX: np.ndarray


def tile_of(patch: Shape, shape: Shape) -> Shape:
    """Return the tiles for a cell of ``shape`` and a network trained on patches of ``patch``.

    They are as small as they can be for as many of them to cover the cell: of a cell of 96³ in
    tiles of 48 that overlap by a quarter, 3.4 times its voxels would be looked at; in as many tiles
    of 40, 2.0 times. Along an axis that the cell does not fill, a tile is no longer than the patch.
    """
    z, y, x = (_tile_edge(edge, n) for edge, n in zip(patch, shape, strict=True))
    return (z, y, x)


def _tile_edge(patch: int, length: int) -> int:
    largest = int(patch * TILE_TO_PATCH)
    if length <= largest:
        return max(patch, length)
    count = len(tile_starts(length, largest, OVERLAP))
    fitting = math.ceil(length / (1 + (count - 1) * (1 - OVERLAP)))
    return max(patch, min(largest, -(-fitting // POOLED) * POOLED))


@torch.inference_mode()
def predict_whole(network: UNet, scaled_ZYX: np.ndarray, device: torch.device) -> np.ndarray:
    """Return the probabilities (K, Z, Y, X) float32 of a whole coarse cell in one pass."""
    batch = torch.from_numpy(np.ascontiguousarray(scaled_ZYX, np.float32))[None, None].to(device)
    return torch.softmax(network(batch).float(), 1)[0].cpu().numpy()


def predict_slabs(
    network: UNet,
    source: TileInput,
    spec: Stage,
    lanes: Lanes,
    progress: Callable[[float], None],
) -> Iterator[Slab]:
    """Yield the probabilities of a cell slab by slab, from the first plane to the last.

    Convolutions are computed in the precision that the processor trains the stage in: the same
    labels, in half the time where that is bfloat16. Only the planes that tiles still add to are
    held: (K + 1) × tile depth × Y × X float32.
    """
    shape = source.shape
    tile = tile_of(spec.patch, shape)
    bfloat16 = training_precision(lanes.device, [spec]) == "bfloat16"
    boxes = tiles(shape, tile, OVERLAP)
    weights_ZYX = gaussian_weights(tile)
    weights = torch.from_numpy(weights_ZYX).to(lanes.device)
    at_once = max(2, lanes.count)
    pending = _Accumulator(shape, tile[0])
    for first in range(0, len(boxes), at_once):
        group = boxes[first : first + at_once]
        inputs = torch.stack([_cut(source, box, tile) for box in group])
        p_NKZYX = torch.softmax(logits_of(network, inputs, lanes, bfloat16=bfloat16), 1) * weights
        for box, p_KZYX in zip(group, p_NKZYX.cpu().numpy(), strict=True):
            if box[0].start > pending.start:
                yield pending.release(box[0].start)
            pending.add(box, p_KZYX, weights_ZYX)
        progress(min(1.0, (first + len(group)) / len(boxes)))
    yield pending.release(shape[0])


class _Accumulator:
    """Weighted sums of the planes that are not finished yet."""

    def __init__(self, shape: Shape, depth: int) -> None:
        self.shape, self.depth, self.start = shape, depth, 0
        self.sum: np.ndarray | None = None
        self.weight = np.zeros((depth, *shape[1:]), np.float32)

    def add(self, box: Box, p_KZYX: np.ndarray, weight_ZYX: np.ndarray) -> None:
        if self.sum is None:
            self.sum = np.zeros((len(p_KZYX), self.depth, *self.shape[1:]), np.float32)
        ends = [min(side.stop, n) for side, n in zip(box, self.shape, strict=True)]
        z, y, x = (end - side.start for end, side in zip(ends, box, strict=True))
        at = (slice(0, z), slice(box[1].start, ends[1]), slice(box[2].start, ends[2]))
        self.sum[:, *at] += p_KZYX[:, :z, :y, :x]
        self.weight[at] += weight_ZYX[:z, :y, :x]

    def release(self, stop: int) -> Slab:
        """Return the planes up to ``stop`` and move on."""
        assert self.sum is not None
        count = stop - self.start
        slab = Slab(start=self.start, p_KZYX=self.sum[:, :count] / self.weight[:count])
        for sums in (self.sum, self.weight[None]):
            sums[:, : self.depth - count] = sums[:, count:].copy()
            sums[:, self.depth - count :] = 0
        self.start = stop
        return slab


def _cut(source: TileInput, box: Box, tile: Shape) -> torch.Tensor:
    return extend(input_channels(source.scaled_ZYX, source.field_KZYX, source.factor, box), tile)
