"""Cells in which only some planes were drawn: trained on as far as they are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sxtstudio.core.cell import Cell
from sxtstudio.core.coverage import annotation_facts, knowledge_of
from sxtstudio.core.events import Event, Metrics
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.task import parse_task
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.package import make_network
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.preparation import coarsen, prepare_cells, resample_possible
from sxtstudio.engine.sampling import View, cut, draw_corner, make_source
from sxtstudio.engine.scoring import check_coarse
from sxtstudio.io.network_card import read_network_card
from sxtstudio.simulation.cells import simulate_cell
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

EVERY = 8
ANYTHING = 0b111


def only_planes(cell: Cell, planes: slice) -> Cell:
    """Return a cell of whose labels only some planes were drawn; the others are ignored."""
    (annotation,) = cell.annotations
    label_map = annotation.label_map
    value = max(label_map.names) + 1
    labels_ZYX = np.full_like(label_map.labels_ZYX, value)
    labels_ZYX[planes] = label_map.labels_ZYX[planes]
    drawn = replace(label_map, labels_ZYX=labels_ZYX, names={**label_map.names, value: IGNORE})
    return replace(cell, annotations=(replace(annotation, label_map=drawn),))


def test_a_sparse_cell_is_known_in_part_and_where_its_classes_end():
    cell = only_planes(ball_cell(0), slice(4, None, EVERY))

    known = knowledge_of([annotation_facts(cell.annotations[0])], TASK, ONTOLOGY)

    assert [(it.knowledge, it.bounded) for it in known.values()] == [("partly", True)] * 2


def test_a_sparse_cell_is_planned_for_what_is_known_of_it():
    dense = [ball_cell(seed, shape=(64, 64, 64)) for seed in range(2)]
    sparse = [only_planes(cell, slice(4, None, EVERY)) for cell in dense]
    request = PlanRequest(device="cpu", steps=40, threads=1)

    full, few = (make_plan(TASK, cells, ONTOLOGY, request) for cells in (dense, sparse))

    assert few.stages == full.stages
    assert few.class_weights == pytest.approx(full.class_weights, rel=0.25)
    assert not any("smaller than a voxel of stage 1" in risk for risk in few.risks)


def sources_of(cells, tmp_path):
    plan = make_plan(TASK, cells, ONTOLOGY, PlanRequest(device="cpu", steps=10, threads=1))
    prepared, states = prepare_cells(cells, plan, ONTOLOGY, tmp_path)
    return [make_source(cell, [View()], (1, 1, 1), states, 0) for cell in prepared], states


def test_no_patch_is_drawn_in_which_nothing_is_known(tmp_path):
    sparse = only_planes(ball_cell(0, shape=(96, 24, 24)), slice(48, 49))
    sources, states = sources_of([sparse, ball_cell(1)], tmp_path)
    rng = np.random.default_rng(0)
    patch = (8, 8, 8)
    beginnings = set()

    for _ in range(300):
        index, corner = draw_corner(sources, patch, rng)
        _, fraction = cut(sources[index], View(), corner, patch, states)
        assert fraction[states.silent].sum() < 8**3
        if index == 0:
            beginnings.add(corner[0])

    assert min(beginnings) >= 41
    assert max(beginnings) <= 48
    assert len(beginnings) > 4


def test_a_cell_of_which_nothing_is_known_is_not_drawn_from(tmp_path):
    silent = only_planes(ball_cell(0), slice(0, 0))
    sources, _ = sources_of([silent, ball_cell(1)], tmp_path)
    rng = np.random.default_rng(0)

    assert {draw_corner(sources, (8, 8, 8), rng)[0] for _ in range(100)} == {1}


def test_a_sparse_cell_is_checked_on_the_coarse_grid_where_it_is_known(tmp_path):
    cells = [only_planes(ball_cell(0, shape=(64, 64, 64)), slice(4, None, EVERY))]
    plan = make_plan(TASK, cells, ONTOLOGY, PlanRequest(device="cpu", steps=10, threads=1))
    prepared, states = prepare_cells(cells, plan, ONTOLOGY, tmp_path)
    coarse = coarsen(prepared[0], plan.stages[0].factor, states)

    found = check_coarse(make_network(plan, 0), [coarse], states, TASK, torch.device("cpu"))

    assert set(found.dice) == {"nucleus", "lipid bodies"}


@pytest.mark.parametrize("planes", [(0, 8, 16), (1, 9, 17), (2, 3, 22)])
@pytest.mark.parametrize("wanted", [12, 9, 7])
def test_drawn_planes_do_not_fall_between_those_of_a_coarser_grid(planes, wanted):
    possible_ZYX = np.full((24, 6, 6), ANYTHING, np.uint32)
    for plane in planes:
        possible_ZYX[plane] = 0b010

    coarser = resample_possible(possible_ZYX, (wanted, 3, 6), 3)

    expected = sorted({int(plane * wanted / 24) for plane in planes})
    assert coarser.shape == (wanted, 3, 6)
    for plane in expected:
        assert (coarser[plane] == 0b010).all()
    assert set(np.unique(coarser)) == {0b010, ANYTHING}
    assert np.count_nonzero((coarser == 0b010).any((1, 2))) <= 2 * len(expected)


def test_possible_labels_on_a_finer_grid_are_those_of_the_nearest_voxel():
    possible_ZYX = np.full((4, 4, 4), ANYTHING, np.uint32)
    possible_ZYX[1] = 0b001

    finer = resample_possible(possible_ZYX, (8, 4, 4), 3)

    assert (finer[2:4] == 0b001).all()
    assert (finer[[0, 1, 4, 5, 6, 7]] == ANYTHING).all()


@pytest.mark.slow
def test_a_sparse_simulated_cell_trains_and_its_loss_falls(tmp_path):
    names = ["nucleus", "vacuole", "lipid bodies"]
    task = parse_task("three", names, ONTOLOGY)
    whole = simulate_cell("yeast", 48, np.random.default_rng(5))
    cell = only_planes(whole, slice(3, None, EVERY))
    plan = make_plan(task, [cell], ONTOLOGY, PlanRequest(device="cpu", steps=40, threads=1))
    small = replace(plan.stages[-1], base_channels=8, levels=2, patch=(16, 16, 16))
    plan = replace(plan, stages=(*plan.stages[:-1], small), precision="float32")
    events: list[Event] = []

    card = read_network_card(train_cascade(plan, [cell], ONTOLOGY, tmp_path, events.append))

    # The loss that is told is a mean over some 20 steps, so it lags behind.
    losses = [it.loss for it in events if isinstance(it, Metrics) and it.stage == len(plan.stages)]
    assert len(whole.annotations[0].label_map.labels_ZYX[3::EVERY]) == 6
    assert card.steps_done == pytest.approx(40, abs=len(plan.stages))
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.93 * losses[0]
    assert set(card.scores[-1].dice) == set(names)
