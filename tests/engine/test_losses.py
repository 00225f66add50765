"""What a network is taught where an annotation leaves open which label is right."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from sxtstudio.engine.losses import (
    States,
    certain_dice_loss,
    guess_loss,
    marginal_cross_entropy,
    one_hot_states,
)

STATES = States(masks=np.array([0b001, 0b010, 0b100, 0b101, 0b111], np.uint32), classes=3)
EVEN = torch.ones(3)


def random_logits(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 3, 4, 4, 4, generator=torch.Generator().manual_seed(seed))


def random_states(count: int) -> torch.Tensor:
    return torch.randint(0, count, (2, 4, 4, 4), generator=torch.Generator().manual_seed(1))


def test_certain_voxels_give_the_ordinary_weighted_cross_entropy():
    logits, states = random_logits(), random_states(3)
    weights = torch.tensor([1.0, 2.0, 4.0])

    ours = marginal_cross_entropy(logits, one_hot_states(states, 5), STATES, weights)

    assert ours.item() == pytest.approx(
        functional.cross_entropy(logits, states, weights).item(), rel=1e-5
    )


def test_an_undrawn_voxel_may_as_well_be_none_as_an_undrawn_class():
    logits = random_logits()[:1, :, :1, :1, :1]
    fractions = one_hot_states(torch.full((1, 1, 1, 1), 3), 5)

    loss = marginal_cross_entropy(logits, fractions, STATES, EVEN)

    p = torch.softmax(logits.ravel(), 0)
    assert loss.item() == pytest.approx(-torch.log(p[0] + p[2]).item(), rel=1e-5)


def test_a_coarse_label_costs_the_log_of_the_summed_probability():
    logits = random_logits()[:1, :, :1, :1, :1]
    either = States(masks=np.array([0b110], np.uint32), classes=3)

    loss = marginal_cross_entropy(logits, torch.ones(1, 1, 1, 1, 1), either, EVEN)

    p = torch.softmax(logits.ravel(), 0)
    assert loss.item() == pytest.approx(-torch.log(p[1] + p[2]).item(), rel=1e-5)


def test_a_lean_gives_its_part_of_an_undrawn_voxel_to_none_of_the_classes():
    logits = random_logits()[:1, :, :1, :1, :1]
    fractions = one_hot_states(torch.full((1, 1, 1, 1), 3), 5)

    loss = marginal_cross_entropy(logits, fractions, STATES, EVEN, lean=0.25)

    p = torch.softmax(logits.ravel(), 0)
    expected = -0.75 * torch.log(p[0] + p[2]) - 0.25 * torch.log(p[0])
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_lean_changes_nothing_where_none_of_the_classes_is_impossible_or_all_is_certain():
    logits, states = random_logits(), random_states(3)
    either = States(masks=np.array([0b001, 0b010, 0b100, 0b110], np.uint32), classes=3)
    fractions = one_hot_states(states, 4)
    fractions[:, 3] = 0.5

    leaning = marginal_cross_entropy(logits, fractions, either, EVEN, lean=0.5)

    upright = marginal_cross_entropy(logits, fractions, either, EVEN)
    assert leaning.item() == upright.item()


def test_a_voxel_that_may_be_anything_teaches_nothing():
    logits = random_logits().requires_grad_()
    fractions = one_hot_states(torch.full((2, 4, 4, 4), 4), 5)

    loss = marginal_cross_entropy(logits, fractions, STATES, EVEN)
    loss = loss + certain_dice_loss(logits, fractions, STATES)
    loss.backward()

    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_a_coarse_voxel_costs_the_mean_of_what_it_holds():
    logits = random_logits()[:1, :, :1, :1, :1]
    half = torch.tensor([0.5, 0.5, 0, 0, 0]).view(1, 5, 1, 1, 1)

    loss = marginal_cross_entropy(logits, half, STATES, EVEN)

    log_p = torch.log_softmax(logits.ravel(), 0)
    assert loss.item() == pytest.approx(-(log_p[0] + log_p[1]).item() / 2, rel=1e-5)


def test_a_perfect_prediction_has_no_dice_loss_and_a_wrong_one_nearly_all():
    states = random_states(3)
    right = functional.one_hot(states, 3).permute(0, 4, 1, 2, 3).float() * 50
    wrong = functional.one_hot((states + 1) % 3, 3).permute(0, 4, 1, 2, 3).float() * 50
    fractions = one_hot_states(states, 5)

    assert certain_dice_loss(right, fractions, STATES).item() == pytest.approx(0, abs=1e-4)
    assert certain_dice_loss(wrong, fractions, STATES).item() > 0.9


def test_what_is_not_certain_of_a_class_does_not_change_its_dice():
    states = random_states(3)
    unsure = states.clone()
    unsure[0, 0] = 4
    logits = random_logits()
    elsewhere = logits.clone()
    elsewhere[0, :, 0] = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(7))
    fractions = one_hot_states(unsure, 5)

    first = certain_dice_loss(logits, fractions, STATES)
    second = certain_dice_loss(elsewhere, fractions, STATES)

    assert first.item() == pytest.approx(second.item(), rel=1e-6)


def test_guesses_cost_the_weighted_cross_entropy_of_the_voxels_they_are_sure_of():
    logits, labels = random_logits(), random_states(3)
    weights = torch.tensor([1.0, 2.0, 4.0])
    sure = torch.zeros(2, 4, 4, 4)
    sure[1] = 1

    ours = guess_loss(logits, labels, sure, weights)

    expected = functional.cross_entropy(logits[1:], labels[1:], weights)
    assert ours.item() == pytest.approx(expected.item(), rel=1e-5)


def test_no_sure_guess_costs_nothing():
    loss = guess_loss(random_logits(), random_states(3), torch.zeros(2, 4, 4, 4), EVEN)

    assert loss.item() == 0
