"""What a missing wedge does, and that networks learn from cells that have one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.preparation import CoarseCell, prepare_cells
from sxtstudio.engine.sampling import Batch, View, cut, make_source
from sxtstudio.engine.unet import UNet
from sxtstudio.engine.views import VIEWS, other_views, other_wedges, tilt_some
from sxtstudio.engine.wedge import Wedge, draw_wedge, lose_wedge
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

CUBE_UM = (0.05, 0.05, 0.05)
ALONG_Z = Wedge(beam=0, across=2, tilt_deg=60.0, middle_deg=0.0, gain=1.0)
CPU = torch.device("cpu")


def wave(shape, periods):
    z, y, x = np.meshgrid(*[np.arange(n) / n for n in shape], indexing="ij")
    phase = periods[0] * z + periods[1] * y + periods[2] * x
    return torch.from_numpy(np.cos(2 * np.pi * phase).astype(np.float32))


@pytest.mark.parametrize(
    ("periods", "left"),
    [((3, 0, 0), 0.0), ((0, 0, 3), 1.0), ((0, 3, 0), 1.0), ((5, 0, 3), 1.0), ((6, 0, 3), 0.0)],
)
def test_waves_along_the_beam_are_lost_and_those_across_it_stay(periods, left):
    values = wave((24, 24, 24), periods)

    kept = lose_wedge(values, CUBE_UM, ALONG_Z)

    assert torch.allclose(kept, left * values, atol=1e-5)


def test_angles_are_those_of_the_specimen_where_voxels_are_not_cubes():
    flat_um = (0.1, 0.05, 0.05)
    values = wave((24, 24, 24), (5, 0, 3))  # 40 degrees off the detector, not 59

    kept = lose_wedge(values, flat_um, Wedge(beam=0, across=2, tilt_deg=45, middle_deg=0, gain=1))

    assert torch.allclose(kept, values, atol=1e-5)


def test_a_tilt_range_that_is_not_centred_loses_other_waves():
    tilted = Wedge(beam=0, across=2, tilt_deg=60.0, middle_deg=10.0, gain=1.0)
    one_way, other_way = wave((24, 24, 24), (6, 0, 3)), wave((24, 24, 24), (6, 0, -3))

    assert torch.allclose(lose_wedge(one_way, CUBE_UM, tilted), one_way, atol=1e-5)
    assert lose_wedge(other_way, CUBE_UM, tilted).abs().max() < 1e-5


@given(seed=st.integers(0, 10_000))
def test_a_drawn_wedge_keeps_the_mean_and_never_more_than_its_gain(seed):
    rng = np.random.default_rng(seed)
    wedge = draw_wedge(rng)
    values = torch.from_numpy(rng.standard_normal((9, 12, 10)).astype(np.float32))

    kept = lose_wedge(values, CUBE_UM, wedge)

    assert wedge.beam != wedge.across
    assert float(kept.mean()) == pytest.approx(float(values.mean()), abs=1e-5)
    assert float(kept.std()) < wedge.gain * float(values.std())


def test_a_ball_is_smeared_along_the_beam():
    z, y, x = np.meshgrid(*[np.arange(32) - 15.5] * 3, indexing="ij")
    ball = torch.from_numpy((z**2 + y**2 + x**2 < 36).astype(np.float32))

    kept = lose_wedge(ball, CUBE_UM, ALONG_Z).numpy()

    above = kept > 0.5 * kept.max()
    assert np.abs(z[above]).max() > 1.15 * np.abs(x[above]).max()


@pytest.fixture
def prepared(tmp_path):
    cells = [ball_cell(0)]
    plan = make_plan(TASK, cells, ONTOLOGY, PlanRequest(device="cpu", steps=10))
    return prepare_cells(cells, plan, ONTOLOGY, tmp_path)


@pytest.mark.parametrize("corner", [(8, 4, 12), (8, 8, 8)])
def test_a_patch_of_a_tilted_view_is_that_of_the_tilted_cell_with_the_targets_of_the_cell(
    prepared, corner
):
    (cell,), states = prepared
    source = make_source(cell, [View()], (1, 1, 1), states, 0)

    plain, targets = cut(source, View(), corner, (8, 8, 8), states)
    tilted, same = cut(source, View(wedge=ALONG_Z), corner, (8, 8, 8), states)

    z, y, x = corner
    whole = lose_wedge(torch.from_numpy(np.array(cell.scaled_ZYX)), cell.voxel_size_um, ALONG_Z)
    expected = whole[z : z + 8, y : y + 8, x : x + 8]
    assert torch.equal(same, targets)
    assert tilted.shape == plain.shape
    near = float((tilted[0] - expected).abs().mean())
    assert near < 0.5 * float((tilted[0] - plain[0]).abs().mean())


def test_a_patch_larger_than_the_cell_can_be_of_a_tilted_view(prepared):
    (cell,), states = prepared
    source = make_source(cell, [View()], (1, 1, 1), states, 0)

    inputs, fraction = cut(source, View(wedge=ALONG_Z), (0, 0, 0), (32, 24, 28), states)

    assert inputs.shape == (1, 32, 24, 28)
    assert fraction[:, 24:].sum() == 0
    assert torch.isfinite(inputs).all()


def voxelwise_network() -> UNet:
    """Return a network that looks at one voxel at a time, so that orientation does not matter."""
    torch.manual_seed(0)
    network = UNet(1, 3, 4, 1).eval()
    for block in network.down:
        for layer in block.children():
            if isinstance(layer, torch.nn.Conv3d):
                middle = layer.weight.data[:, :, 1:2, 1:2, 1:2].clone()
                layer.weight.data.zero_()
                layer.weight.data[:, :, 1:2, 1:2, 1:2] = middle
    return network


def test_views_lie_as_the_cell_lies_and_differ_from_one_another():
    values = np.random.default_rng(0).standard_normal((7, 8, 9)).astype(np.float32).cumsum(2)
    cell = CoarseCell(name="a", scaled_ZYX=values, fraction_MZYX=np.ones((1, 7, 8, 9), np.float32))
    network = voxelwise_network()

    views = other_views(network, cell, CUBE_UM, [None] * 5, CPU)

    expected = torch.softmax(network(torch.from_numpy(values)[None, None]), 1)[0, 1:]
    turns = [(), (1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)]
    for view in views:
        assert view.field_KZYX.dtype == np.float16
        fits = [
            np.corrcoef(np.flip(view.field_KZYX, turn).ravel(), expected.detach().numpy().ravel())
            for turn in turns
        ]
        assert np.argmax([fit[0, 1] for fit in fits]) == 0
    assert len({view.field_KZYX.tobytes() for view in views}) == len(views)


@pytest.mark.parametrize(("share", "tilted"), [(0.0, 0), (0.15, 1), (0.5, 3), (1.0, VIEWS - 1)])
def test_the_share_of_tilted_views_is_that_of_the_plan(share, tilted):
    wedges = other_wedges("a cell", share, 3)

    assert len(wedges) == VIEWS - 1
    assert sum(wedge is not None for wedge in wedges) == tilted
    assert wedges == other_wedges("a cell", share, 3)
    assert share == 0 or wedges != other_wedges("another", share, 3)


def test_whole_cells_lose_a_wedge_as_often_as_asked():
    values = torch.randn(400, 1, 4, 5, 6)
    batch = Batch(input_NCZYX=values, fraction_NMZYX=torch.ones(400, 1, 4, 5, 6))

    some = tilt_some(batch, CUBE_UM, 0.25, np.random.default_rng(0))

    changed = (some.input_NCZYX != values).flatten(1).any(1).float().mean()
    assert 0.18 < float(changed) < 0.32
    assert torch.equal(some.fraction_NMZYX, batch.fraction_NMZYX)
