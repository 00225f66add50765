"""Patches, augmentation, and the fields that come with them."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from sxtstudio.engine.augmentation import augment, blur, equal_axes, vary_prior
from sxtstudio.engine.losses import States
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.preparation import coarsen, prepare_cells
from sxtstudio.engine.sampling import (
    Batch,
    View,
    cut,
    draw_corner,
    make_source,
    patch_batch,
    upsample,
)
from tests.engine.cells import ONTOLOGY, TASK, ball_cell


@pytest.fixture
def prepared(tmp_path):
    cells = [ball_cell(seed) for seed in range(3)]
    plan = make_plan(TASK, cells, ONTOLOGY, PlanRequest(device="cpu", steps=10))
    return prepare_cells(cells, plan, ONTOLOGY, tmp_path)


def test_every_class_is_drawn_about_equally_often_however_rare_it_is(prepared):
    cells, states = prepared
    sources = [make_source(cell, [View()], (1, 1, 1), states, 0) for cell in cells]
    rng = np.random.default_rng(0)
    seen = np.zeros(3)

    for _ in range(600):
        index, corner = draw_corner(sources, (8, 8, 8), rng)
        middle = tuple(c + 4 for c in corner)
        mask = int(states.masks[cells[index].state_ZYX[middle]])
        seen[mask.bit_length() - 1] += 1

    voxels = sum(np.bincount(cell.state_ZYX.ravel(), minlength=3) for cell in cells)
    assert voxels.min() / voxels.sum() < 0.02
    assert seen.min() / seen.sum() > 0.1


def test_patches_lie_inside_the_cell(prepared):
    cells, states = prepared
    sources = [make_source(cell, [View()], (1, 1, 1), states, 0) for cell in cells]
    rng = np.random.default_rng(1)

    corners = [draw_corner(sources, (8, 16, 24), rng)[1] for _ in range(200)]

    assert np.min(corners) >= 0
    assert np.all(np.max(corners, axis=0) <= (16, 8, 0))


def test_a_cell_smaller_than_the_patch_is_extended_by_voxels_that_teach_nothing(prepared):
    cells, states = prepared
    source = make_source(cells[0], [View()], (1, 1, 1), states, 0)

    inputs, fraction = cut(source, View(), (0, 0, 0), (32, 24, 28), states)

    assert inputs.shape == (1, 32, 24, 28)
    assert fraction[:, 24:].sum() == 0
    assert fraction[:, :24, :, :24].sum(0).eq(1).all()


def test_the_same_step_draws_the_same_patches(prepared):
    cells, states = prepared
    sources = [make_source(cell, [View()], (1, 1, 1), states, 0) for cell in cells]

    first, second = (
        patch_batch(sources, (8, 8, 8), 2, states, np.random.default_rng([1, 2, 3]))
        for _ in range(2)
    )

    assert torch.equal(first.input_NCZYX, second.input_NCZYX)


def test_upsampled_fields_are_linear_in_position_and_cut_the_same_everywhere():
    coarse = torch.arange(6, dtype=torch.float32)[None, :, None, None].expand(1, 6, 4, 4)

    whole = upsample(coarse, (4, 3, 3), (0, 0, 0), (24, 12, 12))
    part = upsample(coarse, (4, 3, 3), (5, 2, 1), (8, 8, 8))

    expected = ((np.arange(24) + 0.5) / 4 - 0.5).clip(0, 5)
    assert np.allclose(whole[0, :, 5, 5].numpy(), expected, atol=1e-4)
    assert torch.allclose(part, whole[:, 5:13, 2:10, 1:9], atol=1e-5)


def test_coarse_fractions_add_up_to_one(prepared):
    cells, states = prepared

    coarse = coarsen(cells[0], (5, 4, 3), states)

    assert coarse.scaled_ZYX.shape == (5, 6, 8)
    assert np.allclose(coarse.fraction_MZYX.sum(0), 1, atol=1e-6)


def test_augmentation_turns_targets_with_the_tomogram():
    states = States(masks=np.array([1, 2], np.uint32), classes=2)
    rng = np.random.default_rng(0)
    present = torch.from_numpy(rng.random((4, 6, 6, 6)) < 0.3)
    batch = Batch(
        input_NCZYX=(present.float() * 40)[:, None],
        fraction_NMZYX=torch.stack([~present, present], 1).float(),
    )
    orders = equal_axes((6, 6, 6), (0.1, 0.1, 0.1))

    varied = [augment(batch, orders, np.random.default_rng(seed)) for seed in range(12)]

    assert len(states.masks) == 2
    for result in varied:
        correlation = np.corrcoef(
            result.input_NCZYX[:, 0].numpy().ravel(), result.fraction_NMZYX[:, 1].numpy().ravel()
        )[0, 1]
        assert correlation > 0.7
    turned = {result.fraction_NMZYX[0].numpy().tobytes() for result in varied}
    assert len(turned) > 8


def test_only_equal_axes_are_exchanged():
    assert len(equal_axes((8, 8, 8), (0.1, 0.1, 0.1))) == 6
    assert equal_axes((4, 8, 8), (0.1, 0.1, 0.1)) == [(0, 1, 2), (0, 2, 1)]
    assert equal_axes((8, 8, 8), (0.2, 0.1, 0.1)) == [(0, 1, 2), (0, 2, 1)]


def test_blurring_agrees_with_scipy():
    values = np.random.default_rng(0).random((1, 9, 10, 11)).astype(np.float32)

    ours = blur(torch.from_numpy(values), 0.8).numpy()[0]

    assert np.allclose(
        ours, ndimage.gaussian_filter(values[0], 0.8, mode="nearest", radius=2), atol=1e-5
    )


def test_priors_are_sometimes_missing_and_always_probabilities():
    field = torch.rand(3, 6, 6, 6)

    varied = [vary_prior(field, np.random.default_rng(seed)) for seed in range(100)]

    gone = sum(not result.any() for result in varied)
    assert 2 <= gone <= 25
    assert all(result.min() >= 0 and result.max() <= 1 for result in varied)
