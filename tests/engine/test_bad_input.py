"""Cells and tomograms that nobody wishes for: they work, or a sentence says what to change."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import CoverageError, PlanError, ShortageError
from sxtstudio.core.events import Notice, ignore
from sxtstudio.core.plan import Plan
from sxtstudio.core.volume import Tomogram
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from tests.engine.cells import NAMES, ONTOLOGY, TASK, ball_cell

SHAPE = (48, 48, 48)
THICK_UM = (0.25, 0.05, 0.05)


def small_plan(cells: list[Cell]) -> Plan:
    """Return a plan of the real planner with networks so small that they train in a moment."""
    plan = make_plan(TASK, cells, ONTOLOGY, PlanRequest(device="cpu", steps=4, threads=1))
    stages = tuple(replace(stage, base_channels=4) for stage in plan.stages)
    return replace(plan, stages=stages, precision="float32")


def with_labels(cell: Cell, labels_ZYX: np.ndarray, complete: frozenset[str]) -> Cell:
    """Return a cell in which something else is drawn."""
    label_map = replace(cell.annotations[0].label_map, labels_ZYX=labels_ZYX)
    return replace(cell, annotations=(Annotation(label_map=label_map, complete=complete),))


def without_lipid(seed: int) -> Cell:
    cell = ball_cell(seed, shape=SHAPE)
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX
    return with_labels(cell, np.where(labels_ZYX == 2, 0, labels_ZYX), frozenset({"nucleus"}))


def with_a_speck(seed: int) -> Cell:
    """Return a cell with two voxels of lipid, far apart."""
    cell = without_lipid(seed)
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX.copy()
    labels_ZYX[3, 3, 3] = labels_ZYX[35, 8, 30] = 2
    return with_labels(cell, labels_ZYX, frozenset(NAMES.values()))


CELLS = {
    "one cell": [ball_cell(0, shape=SHAPE)],
    "two cells": [ball_cell(seed, shape=SHAPE) for seed in range(2)],
    "a class in one cell only": [ball_cell(0, shape=SHAPE), without_lipid(1), without_lipid(2)],
    "a class of two voxels": [with_a_speck(seed) for seed in range(2)],
    "voxels of 1 : 5": [
        ball_cell(seed, shape=(8, 40, 40), voxel_size_um=THICK_UM) for seed in range(2)
    ],
    "cells of very different size": [
        ball_cell(0, shape=(80, 70, 60)),
        ball_cell(1, shape=(9, 9, 9)),
    ],
    "a slab of ten planes": [ball_cell(seed, shape=(10, 40, 44)) for seed in range(2)],
    "voxels three times as large": [
        ball_cell(0, shape=SHAPE),
        ball_cell(1, shape=(14, 14, 14), voxel_size_um=(0.15, 0.15, 0.15)),
        ball_cell(2, shape=SHAPE),
    ],
    "one cell of which nothing is known": [
        ball_cell(0, shape=SHAPE),
        with_labels(ball_cell(1, shape=SHAPE), np.zeros(SHAPE, np.uint8), frozenset()),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_unusual_cells_train_a_network_that_segments_each_of_them(name, tmp_path):
    cells = CELLS[name]

    network = train_cascade(small_plan(cells), cells, ONTOLOGY, tmp_path / "work", ignore)

    for cell in cells:
        prediction = predict_cascade(
            network, cell.tomogram, tmp_path / cell.name, ignore, device="cpu", threads=1
        )
        assert prediction.label_map.shape == cell.tomogram.shape
        assert prediction.label_map.labels_ZYX.max() <= 2
        # The likeliest of three has at least a third; wrong numbers (NaN) would be stored as 0.
        assert prediction.uncertainty_ZYX.max() <= 255 * 2 / 3 + 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one cell", "only one cell to learn from"),
        ("a class in one cell only", "Only cell 0 shows lipid bodies"),
        ("a class of two voxels", "Only 4 voxels are certainly lipid bodies"),
        ("a class of two voxels", "lipid bodies is mostly smaller than a voxel of stage 1"),
        ("one cell of which nothing is known", "Only cell 0 shows nucleus"),
    ],
)
def test_the_plan_warns_of_what_unusual_cells_cannot_teach(name, words):
    assert any(words in risk for risk in small_plan(CELLS[name]).risks)


def test_cells_in_which_nothing_is_drawn_are_refused_with_what_to_do():
    nothing = np.zeros(SHAPE, np.uint8)
    cells = [
        with_labels(ball_cell(seed, shape=SHAPE), nothing, complete)
        for seed, complete in enumerate([frozenset[str](), frozenset(NAMES.values())])
    ]

    with pytest.raises(CoverageError, match=r"nucleus or lipid bodies is, .* add a cell in which"):
        small_plan(cells)


@pytest.mark.parametrize("minutes", [0.0, -1.0, 1e9, float("nan"), float("inf")])
def test_minutes_in_which_nobody_can_train_are_refused_with_those_that_would_do(minutes):
    with pytest.raises(PlanError, match=re.escape("is no time to train; give 0.1 to 10080")):
        make_plan(TASK, CELLS["two cells"], ONTOLOGY, PlanRequest(minutes=minutes))


def test_a_negative_seed_is_refused():
    with pytest.raises(PlanError, match="The seed -1 is negative; give 0 or more"):
        make_plan(TASK, CELLS["two cells"], ONTOLOGY, PlanRequest(steps=4, seed=-1))


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    cells = CELLS["two cells"]
    return train_cascade(small_plan(cells), cells, ONTOLOGY, folder, ignore)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "voxel_size_um"),
    [
        ((20, 20, 20), (0.05, 0.05, 0.05)),
        ((5, 100, 100), (0.05, 0.05, 0.05)),
        ((2, 64, 64), (0.05, 0.05, 0.05)),
        ((3, 2, 4), (0.05, 0.05, 0.05)),
        ((60, 60, 60), (0.017, 0.017, 0.017)),
        ((14, 14, 14), (0.15, 0.15, 0.15)),
        ((10, 50, 50), THICK_UM),
    ],
)
def test_tomograms_of_any_shape_and_voxel_size_come_back_on_their_own_grid(
    network, tmp_path, shape, voxel_size_um
):
    lac_ZYX = np.random.default_rng(0).normal(0.3, 0.05, shape).astype(np.float32)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=voxel_size_um)
    notices: list[str] = []

    def listen(event: object) -> None:
        if isinstance(event, Notice) and event.level == "warning":
            notices.append(event.text)

    prediction = predict_cascade(network, tomogram, tmp_path, listen, device="cpu", threads=1)

    assert prediction.label_map.shape == shape
    assert prediction.probability_KZYX.shape == (2, *shape)
    assert prediction.uncertainty_ZYX.max() <= 255 * 2 / 3 + 1
    p_KZYX = np.asarray(prediction.probability_KZYX, int)
    every_KZYX = np.concatenate([255 - p_KZYX.sum(0, keepdims=True), p_KZYX])
    chosen = np.take_along_axis(every_KZYX, prediction.label_map.labels_ZYX[None].astype(int), 0)
    assert (every_KZYX.max(0) - chosen[0] <= 2).all()  # rounding
    resampled = voxel_size_um != (0.05, 0.05, 0.05)
    assert ["resampled" in text for text in notices] == [True] * resampled


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2, 60_000, 60_000), (4000, 9000, 9000)])
def test_a_tomogram_for_which_there_is_no_room_is_refused_before_it_is_read(
    network, tmp_path, shape
):
    lac_ZYX = np.broadcast_to(np.float32(0.3), shape)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(0.05, 0.05, 0.05))

    with pytest.raises(ShortageError, match=r"GiB.* are free; "):
        predict_cascade(network, tomogram, tmp_path, ignore, device="cpu", threads=1)

    assert not list(tmp_path.iterdir())
