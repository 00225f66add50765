"""Networks that spare a cell calibrate their probabilities on it, and predict with them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sxtstudio.core.calibration import Calibration, calibrate, tempered
from sxtstudio.core.events import Notice, ignore
from sxtstudio.engine.calibration import CHANCE, MOST_VOXELS, Evidence
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.losses import States
from sxtstudio.engine.package import Cascade, load_package, save_package
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.io.network_card import read_network_card
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

STATES = States(masks=np.array([1, 2, 4, 7], np.uint32), classes=3)


def test_evidence_keeps_what_was_said_where_there_was_a_chance_of_a_class():
    state_ZYX = np.array([[[0, 1, 2, 3]]])
    p_KZYX = np.array([[0.5, 0.2, 1 - CHANCE / 2, 0.3], [0.3, 0.7, 0, 0.3], [0.2, 0.1, 0, 0.4]])
    p_KZYX = p_KZYX[:, None, None].astype(np.float32)
    evidence = Evidence(states=STATES, seed=1)
    evidence.add("a", p_KZYX, state_ZYX, size=4)
    found = evidence.calibration()
    kept = p_KZYX[:, 0, 0][:, [0, 1, 3]]
    possible = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 1]], bool)
    assert found == calibrate({"a": (kept, possible)})
    assert found is not None
    assert found.voxels == 2


def test_of_a_large_cell_a_part_is_enough():
    rng = np.random.default_rng(1)
    p_KZYX = rng.dirichlet((1, 1, 1), (10, 20, 20)).transpose(3, 0, 1, 2).astype(np.float32)
    evidence = Evidence(states=STATES, seed=1)
    evidence.add("a", p_KZYX, np.zeros((10, 20, 20), int), size=4 * MOST_VOXELS)
    found = evidence.calibration()
    assert found is not None
    assert 800 < found.voxels < 1200  # a quarter of 4,000, as of the whole cell


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    cells = [ball_cell(seed) for seed in range(2)]
    request = PlanRequest(device="cpu", steps=12, threads=1, seed=3)
    plan = make_plan(TASK, cells, ONTOLOGY, request)
    names = [cell.name for cell in cells]
    stages = tuple(replace(stage, base_channels=4) for stage in plan.stages)
    plan = replace(plan, stages=stages, training=(names[0],), validation=(names[1],), folds=())
    told: list[object] = []
    path = train_cascade(plan, cells, ONTOLOGY, tmp_path_factory.mktemp("t"), told.append)
    return path, told


@pytest.mark.slow
def test_a_network_that_spares_a_cell_says_how_it_was_calibrated(trained):
    path, told = trained
    card = read_network_card(path)
    assert card.calibration is not None
    assert card.calibration.cells == ("cell 1",)
    assert 0 <= card.calibration.error_after <= 1
    assert Notice(text=card.calibration.words) in told


@pytest.mark.slow
def test_a_prediction_is_at_the_temperature_of_its_network(trained, tmp_path):
    path, _ = trained
    cascade = load_package(path, torch.device("cpu"))
    found = {}
    for temperature in (1.0, 3.0):
        calibration = Calibration(
            temperature=temperature, error_before=0.1, error_after=0.1, voxels=9, cells=("a",)
        )
        card = replace(cascade.card, calibration=calibration)
        other = tmp_path / f"{temperature}.sxtnet"
        save_package(other, Cascade(card=card, networks=cascade.networks, folds=cascade.folds))
        tomogram = ball_cell(9).tomogram
        found[temperature] = predict_cascade(
            other, tomogram, tmp_path / f"{temperature}", ignore, device="cpu", threads=1
        )
    said, mended = found[1.0], found[3.0]
    assert np.array_equal(said.label_map.labels_ZYX, mended.label_map.labels_ZYX)
    p_KZYX = said.probability_KZYX.astype(np.float32) / 255
    p_KZYX = np.concatenate([np.maximum(1 - p_KZYX.sum(0, keepdims=True), 0), p_KZYX])
    expected = 1 - tempered(p_KZYX / p_KZYX.sum(0), 3.0).max(0)
    there = p_KZYX.min(0) > 0.05  # steps of 1/255 do not count for much there
    assert there.any()
    assert np.abs(mended.uncertainty_ZYX[there] / 255 - expected[there]).max() < 0.03
