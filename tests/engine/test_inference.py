"""Tiled prediction with bounded memory."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sxtstudio.core.grid import tile_starts, tiles
from sxtstudio.core.plan import Stage
from sxtstudio.engine.inference import (
    OVERLAP,
    TILE_TO_PATCH,
    TileInput,
    predict_slabs,
    predict_whole,
    tile_of,
)
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.unet import UNet

CPU = torch.device("cpu")
LANES = Lanes(CPU, 1)


def stage_of(patch: tuple[int, int, int]) -> Stage:
    return Stage(
        factor=(1, 1, 1),
        patch=patch,
        batch_size=2,
        base_channels=8,
        levels=2,
        learning_rate=1e-3,
        share=1.0,
        whole=False,
    )


class Pointwise(nn.Module):
    """A network whose answer at a voxel depends on that voxel alone."""

    def forward(self, batch_NCZYX: torch.Tensor) -> torch.Tensor:
        value = batch_NCZYX[:, :1]
        return torch.cat([value, -value, batch_NCZYX.sum(1, keepdim=True)], 1)


@pytest.mark.parametrize("shape", [(20, 13, 9), (5, 30, 8), (8, 8, 8), (3, 4, 5)])
def test_tiles_of_a_pointwise_network_blend_into_its_answer_for_the_whole(shape):
    scaled = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    network = Pointwise()
    whole = predict_whole(network, scaled, CPU)  # type: ignore[arg-type] - any module will do
    source = TileInput(scaled_ZYX=scaled, field_KZYX=None, factor=(1, 1, 1))

    slabs = list(predict_slabs(network, source, stage_of((8, 8, 8)), LANES, lambda _: None))  # type: ignore[arg-type]

    starts = [slab.start for slab in slabs]
    tiled = np.concatenate([slab.p_KZYX for slab in slabs], axis=1)
    assert starts == sorted(starts)
    assert tiled.shape == whole.shape
    assert np.allclose(tiled, whole, atol=1e-5)


def test_tiles_get_the_field_of_their_own_place():
    field = torch.rand(2, 5, 4, 3, generator=torch.Generator().manual_seed(0))
    scaled = np.zeros((10, 12, 9), np.float32)
    source = TileInput(scaled_ZYX=scaled, field_KZYX=field, factor=(2, 3, 3))

    class SumOfFields(nn.Module):
        def forward(self, batch_NCZYX: torch.Tensor) -> torch.Tensor:
            return torch.log(batch_NCZYX[:, 1:] + 1e-3)

    slabs = predict_slabs(SumOfFields(), source, stage_of((4, 4, 4)), LANES, lambda _: None)  # type: ignore[arg-type]
    tiled = np.concatenate([slab.p_KZYX for slab in slabs], axis=1)

    from sxtstudio.engine.sampling import upsample

    fine = upsample(field, (2, 3, 3), (0, 0, 0), scaled.shape).numpy() + 1e-3
    assert np.allclose(tiled, fine / fine.sum(0), atol=1e-4)


@given(patch=st.sampled_from([8, 32, 48, 96]), length=st.integers(1, 700))
def test_tiles_are_as_small_as_the_same_number_of_them_can_be(patch, length):
    (edge, *_) = tile_of((patch,) * 3, (length,) * 3)

    largest = int(patch * TILE_TO_PATCH)
    starts = tile_starts(length, edge, OVERLAP)
    assert patch <= edge <= largest
    assert len(starts) == len(tile_starts(length, largest, OVERLAP))
    assert starts[-1] + edge >= length
    assert all(b - a <= edge * (1 - OVERLAP) + 1 for a, b in pairwise(starts))


def test_a_cell_of_96_is_looked_at_twice_over_at_most():
    tile = tile_of((32, 32, 32), (96, 96, 96))

    assert len(tiles((96, 96, 96), tile, OVERLAP)) * np.prod(tile) < 2 * 96**3


def test_progress_ends_at_one():
    source = TileInput(
        scaled_ZYX=np.zeros((9, 9, 9), np.float32), field_KZYX=None, factor=(1, 1, 1)
    )
    seen: list[float] = []

    list(predict_slabs(Pointwise(), source, stage_of((4, 4, 4)), LANES, seen.append))  # type: ignore[arg-type]

    assert seen == sorted(seen)
    assert seen[-1] == 1


@pytest.mark.parametrize("shape", [(8, 8, 8), (5, 7, 9), (1, 2, 33), (1, 1, 1), (4, 4, 4)])
def test_the_network_keeps_any_shape(shape):
    network = UNet(2, 4, 4, 3).eval()

    with torch.inference_mode():
        logits = network(torch.zeros(1, 2, *shape))

    assert logits.shape == (1, 4, *shape)
