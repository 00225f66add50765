"""Tiled prediction with bounded memory."""

import numpy as np
import pytest
import torch
from torch import nn

from sxtstudio.core.plan import Stage
from sxtstudio.engine.inference import TileInput, predict_slabs, predict_whole
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
