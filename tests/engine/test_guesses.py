"""Guesses of an averaged network where an annotation leaves labels open."""

import numpy as np
import torch

from sxtstudio.engine.guesses import Teacher, open_states
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.losses import States, one_hot_states
from sxtstudio.engine.unet import UNet

LANES = Lanes(torch.device("cpu"), 1)
STATES = States(masks=np.array([0b010, 0b101, 0b111], np.uint32), classes=3)
CERTAIN, OPEN, SILENT = 0, 1, 2


def biased_teacher(*logits: float) -> tuple[Teacher, dict[str, torch.Tensor]]:
    """Return a teacher that says the same of every voxel, and its weights."""
    network = UNet(1, 3, 4, 1)
    torch.nn.init.zeros_(network.head.weight)
    assert network.head.bias is not None
    network.head.bias.data = torch.tensor(logits)
    return Teacher(network, STATES, LANES), network.state_dict()


def guess(teacher: tuple[Teacher, dict[str, torch.Tensor]], state: int):
    fractions = one_hot_states(torch.full((1, 4, 4, 4), state), 3)
    return teacher[0].guess(teacher[1], torch.zeros(1, 1, 4, 4, 4), fractions, bfloat16=False)


def test_only_states_with_some_labels_but_not_all_are_open():
    assert open_states(STATES).tolist() == [False, True, False]


def test_a_guess_is_the_likeliest_of_the_possible_labels():
    guesses = guess(biased_teacher(0.0, 9.0, 4.0), OPEN)

    assert (guesses.label_NZYX == 2).all()
    assert (guesses.share_NZYX == 1).all()


def test_a_doubtful_guess_does_not_count():
    guesses = guess(biased_teacher(0.0, 9.0, 1.0), OPEN)

    assert not guesses.share_NZYX.any()


def test_where_the_annotation_is_certain_or_silent_nothing_is_guessed():
    teacher = biased_teacher(0.0, 0.0, 9.0)

    assert not guess(teacher, CERTAIN).share_NZYX.any()
    assert not guess(teacher, SILENT).share_NZYX.any()


def test_a_voxel_that_is_open_in_part_counts_for_that_part():
    teacher, weights = biased_teacher(9.0, 0.0, 0.0)
    fractions = torch.zeros(1, 3, 4, 4, 4)
    fractions[:, CERTAIN], fractions[:, OPEN] = 0.25, 0.75

    guesses = teacher.guess(weights, torch.zeros(1, 1, 4, 4, 4), fractions, bfloat16=False)

    assert np.allclose(guesses.share_NZYX, 0.75)
