"""What a coarse network makes of a whole cell, in numbers that are known."""

import math

import numpy as np
import pytest
import torch

from sxtstudio.core.events import ignore
from sxtstudio.core.novelty import describe_tomogram, novelty_words
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.features import (
    describe_look,
    describe_reference,
    doubt_of,
    look,
    sight,
    structures_of,
)
from sxtstudio.engine.inference import predict_whole
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.engine.unet import UNet
from sxtstudio.io.network_card import read_network_card
from tests.engine.cells import ONTOLOGY, TASK, ball_cell
from tests.engine.test_cascade import small_plan

CPU = torch.device("cpu")
SHAPE = (48, 48, 48)
CELLS = [ball_cell(seed, shape=SHAPE) for seed in range(5)]
PLAN = make_plan(TASK, CELLS[:2], ONTOLOGY, PlanRequest(device="cpu", steps=8, threads=1))


def small_network() -> UNet:
    torch.manual_seed(0)
    return UNet(1, 3, 4, 2).eval()


def scaled(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (8, 10, 12)).astype(np.float32)


def test_a_look_gives_probabilities_and_two_means_of_every_bottleneck_channel():
    network = small_network()

    seen = look(network, scaled(0), CPU)
    again = look(network, scaled(0), CPU)

    assert seen.p_KZYX.shape == (3, 8, 10, 12)
    assert np.allclose(seen.p_KZYX.sum(0), 1, atol=1e-5)
    assert len(seen.features) == 2 * 8
    assert all(map(math.isfinite, seen.features))
    assert seen.features == again.features
    assert seen.features != look(network, scaled(1), CPU).features


def test_one_look_gives_the_very_field_that_a_prediction_of_the_whole_gives():
    network, odd_ZYX = small_network(), scaled(2)[:7, :9]  # far faces are padded, and cut off again

    seen = look(network, odd_ZYX, CPU)

    whole_KZYX = predict_whole(network, odd_ZYX, CPU)
    assert np.array_equal(seen.p_KZYX, whole_KZYX)
    assert np.array_equal(seen.field_KZYX, whole_KZYX[1:].astype(np.float16))
    assert seen.voxels_CZYX.shape == (4 + 1, 7, 9, 12)
    assert np.array_equal(seen.voxels_CZYX[-1].numpy(), odd_ZYX)


def certain() -> np.ndarray:
    """Return a field that is sure of two nuclei of 8 voxels each, and of nothing else."""
    p_KZYX = np.zeros((3, 8, 8, 8), np.float32)
    p_KZYX[1, 1:3, 1:3, 1:3] = 1
    p_KZYX[1, 5:7, 5:7, 5:7] = 1
    p_KZYX[0] = 1 - p_KZYX[1]
    return p_KZYX


def test_volume_lac_and_number_of_a_sure_field_are_those_of_its_balls():
    lac = np.where(certain()[1] > 0, 0.4, 0.1)
    seen = structures_of(certain(), (lac - PLAN.lac_centre_per_um) / PLAN.lac_scale_per_um, PLAN)

    nucleus, lipid = seen["nucleus"], seen["lipid bodies"]
    voxel_um3 = math.prod(PLAN.voxel_size_um) * math.prod(PLAN.stages[0].factor)
    assert nucleus.objects == 2
    assert nucleus.lac_per_um == pytest.approx(0.4, abs=1e-3)
    assert nucleus.share == pytest.approx(1)
    assert nucleus.volume_um3 == pytest.approx(16 * voxel_um3, abs=1e-4)
    assert (lipid.objects, lipid.lac_per_um, lipid.share) == (0, None, 0)


def test_doubt_is_nothing_where_all_is_sure_and_a_half_where_two_are_alike():
    assert doubt_of(certain()) == 0
    torn = np.zeros((3, 4, 4, 4), np.float32)
    torn[1:] = 0.5
    assert doubt_of(torn) == pytest.approx(0.5)


def test_only_cells_that_a_network_did_not_learn_from_are_described_by_it():
    names = ["a", "b", "c", "new"]
    cells = {name: scaled(number) for number, name in enumerate(names)}

    told = sight(small_network(), cells, (names[:3], names[3:]), PLAN, CPU)

    seen = told.sightings
    assert set(seen) == set(told.fields) == set(names)
    assert set(told.distances) == {"new"}
    assert told.distances["new"].shape == (8, 10, 12)
    assert seen["new"].strangeness is not None
    assert set(seen["new"].structures) == {"nucleus", "lipid bodies"}
    assert seen["a"].strangeness is None
    assert seen["a"].doubt is None
    bare = describe_tomogram("new", CELLS[0].tomogram)
    assert describe_reference(bare) == bare
    assert describe_reference(bare, seen["a"]).structures == {}
    assert describe_reference(bare, seen["a"], seen["new"]).features == seen["a"].features
    assert describe_reference(bare, seen["a"], seen["new"]).doubt == seen["new"].doubt


def test_a_new_cell_is_described_by_what_is_seen_of_it():
    seen = look(small_network(), scaled(0), CPU)

    cell = describe_look(describe_tomogram("", CELLS[0].tomogram), seen, scaled(0), PLAN)

    assert cell.features == seen.features
    assert cell.doubt == doubt_of(seen.p_KZYX)


@pytest.mark.slow
def test_a_cell_with_other_voxels_and_noise_raises_the_alarm_and_an_ordinary_one_does_not(tmp_path):
    network = train_cascade(small_plan(12, CELLS), CELLS, ONTOLOGY, tmp_path, ignore)
    card = read_network_card(network)

    assert [it.name for it in card.references] == [cell.name for cell in CELLS]
    assert all(len(it.features) for it in card.references)
    assert all(set(it.structures) == {"nucleus", "lipid bodies"} for it in card.references)
    ordinary, foreign = (
        predict_cascade(network, cell.tomogram, tmp_path / name, ignore, device="cpu", threads=1)
        for name, cell in {
            "ordinary": ball_cell(50, shape=SHAPE),
            "foreign": ball_cell(51, shape=SHAPE, voxel_size_um=(0.2, 0.2, 0.2)),
        }.items()
    )
    assert ordinary.novelty is not None
    assert not ordinary.novelty.alarm
    assert foreign.novelty is not None
    assert foreign.novelty.alarm
    assert "Voxels (200 nm) are larger than in all 5 reference cells" in novelty_words(
        foreign.novelty, most=9
    )
    assert 1 <= len(foreign.novelty.slabs) <= 3
