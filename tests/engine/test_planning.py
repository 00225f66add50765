"""Plans: what will be trained, and why."""

from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import CoverageError, PlanError
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import parse_task
from sxtstudio.engine.device import resolve_device
from sxtstudio.engine.planning import PlanRequest, make_plan
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

REQUEST = PlanRequest(device="cpu", steps=100, threads=1)


def plan_of(count: int, **options: object) -> Plan:
    cells = [ball_cell(seed, shape=(64, 64, 64)) for seed in range(count)]
    return make_plan(TASK, cells, ONTOLOGY, REQUEST)


def test_a_plan_survives_json():
    plan = plan_of(2)

    assert from_json(Plan, to_json(plan), "plan") == plan


def test_stage_one_holds_the_whole_cell_and_stage_two_full_resolution():
    coarse, fine = plan_of(2).stages

    assert coarse.whole
    assert coarse.factor == (2, 2, 2)
    assert all(p * f >= 64 for p, f in zip(coarse.patch, coarse.factor, strict=True))
    assert fine.factor == (1, 1, 1)
    assert coarse.share + fine.share == pytest.approx(1)


def test_a_small_cell_needs_one_stage_only():
    plan = make_plan(TASK, [ball_cell(0)], ONTOLOGY, REQUEST)

    assert len(plan.stages) == 1
    assert plan.stages[0].share == 1


def test_a_thin_slab_gets_thin_patches():
    cells = [ball_cell(seed, shape=(6, 90, 80)) for seed in range(2)]

    coarse, fine = make_plan(TASK, cells, ONTOLOGY, REQUEST).stages

    assert fine.patch == (8, 32, 32)
    assert all(edge % 4 == 0 for edge in coarse.patch)


def test_no_cell_is_both_trained_on_and_held_out():
    plan = plan_of(6)

    assert len(plan.validation) == 1
    assert not set(plan.validation) & set(plan.training)
    held_out = [name for fold in plan.folds for name in fold.held_out]
    assert sorted(held_out) == sorted(plan.training)
    assert all(not set(fold.training) & set(fold.held_out) for fold in plan.folds)


def test_few_cells_are_all_trained_on_and_the_plan_says_so():
    plan = plan_of(3)

    assert plan.validation == ()
    assert any("fewer than 5 cells" in reason for reason in plan.reasons)


def test_one_cell_cannot_be_cross_fitted_and_the_plan_says_so():
    plan = plan_of(1)

    assert plan.folds == ()
    assert any("cannot be cross-fitted" in reason for reason in plan.reasons)


def test_rare_classes_weigh_more_but_not_without_limit():
    none, nucleus, lipid = plan_of(2).class_weights

    assert none == 1 <= nucleus < lipid <= 4


def scaled_cell(seed: int, factor: float) -> Cell:
    cell = ball_cell(seed)
    lac_ZYX = cell.tomogram.lac_ZYX * np.float32(factor)
    return replace(cell, tomogram=replace(cell.tomogram, lac_ZYX=lac_ZYX))


def test_cells_are_seen_through_the_same_window_whatever_glass_is_around_them():
    glass = ball_cell(0)
    glass.tomogram.lac_ZYX[:3] = 1.1

    for cell in (glass, ball_cell(1)):
        plan = make_plan(TASK, [cell], ONTOLOGY, REQUEST)
        assert (plan.lac_centre_per_um, plan.lac_scale_per_um) == (0.25, 0.1)


@pytest.mark.parametrize("factor", [-1.0, 100.0, 0.01])
def test_values_that_cannot_be_lac_get_a_window_of_their_own(factor):
    cells = [scaled_cell(seed, factor) for seed in range(2)]

    plan = make_plan(TASK, cells, ONTOLOGY, REQUEST)

    pooled = np.concatenate([cell.tomogram.lac_ZYX for cell in cells])
    assert plan.lac_centre_per_um == pytest.approx(pooled.mean(), rel=0.01, abs=1e-4)
    assert 0.5 < plan.lac_scale_per_um / pooled.std() < 2
    assert any("no LAC of cells" in reason for reason in plan.reasons)


def test_cells_of_another_voxel_size_share_the_median_grid():
    cells = [ball_cell(0), ball_cell(1), ball_cell(2, voxel_size_um=(0.1, 0.1, 0.1))]

    assert make_plan(TASK, cells, ONTOLOGY, REQUEST).voxel_size_um == (0.05, 0.05, 0.05)


def test_no_cell_or_no_annotation_is_refused_with_a_sentence():
    with pytest.raises(CoverageError, match="no annotated cell to learn the task 'two' from"):
        make_plan(TASK, [], ONTOLOGY, REQUEST)
    with pytest.raises(CoverageError, match="'cell 0' has no annotation"):
        make_plan(TASK, [replace(ball_cell(0), annotations=())], ONTOLOGY, REQUEST)


def test_a_class_that_no_cell_shows_is_refused_by_name():
    task = parse_task("t", ["nucleus", "mitochondria"], ONTOLOGY)

    with pytest.raises(CoverageError, match="No cell shows where mitochondria is"):
        make_plan(task, [ball_cell(0)], ONTOLOGY, REQUEST)


@pytest.mark.parametrize(
    "request_", [PlanRequest(), PlanRequest(minutes=1, steps=9), PlanRequest(minutes=-1)]
)
def test_a_budget_that_makes_no_sense_is_refused(request_):
    with pytest.raises(PlanError, match="minutes"):
        make_plan(TASK, [ball_cell(0)], ONTOLOGY, request_)


def test_a_device_that_is_not_there_is_refused_with_what_to_choose():
    with pytest.raises(PlanError, match="choose auto, cpu or cuda"):
        resolve_device("tpu")


def test_flat_patches_are_trained_in_float32_where_bfloat16_gradients_are_wrong():
    flat = make_plan(TASK, [ball_cell(s, shape=(6, 90, 80)) for s in range(2)], ONTOLOGY, REQUEST)

    assert flat.precision == "float32"


@pytest.mark.parametrize("shape", [(4, 4, 4), (6, 9, 6), (40, 6, 6)])
def test_small_cells_get_networks_that_fit_into_them(shape):
    plan = make_plan(TASK, [ball_cell(3, shape=shape)], ONTOLOGY, REQUEST)

    for stage in plan.stages:
        assert max(stage.patch) // 2 ** (stage.levels - 1) >= 2


def test_the_cell_spared_for_validation_is_one_that_is_known_everywhere():
    partly = frozenset({"nucleus"})
    cells = [ball_cell(seed, complete=partly) for seed in range(5)] + [ball_cell(9)]

    plan = make_plan(TASK, cells, ONTOLOGY, REQUEST)

    assert plan.validation == ("cell 9",)


@pytest.mark.parametrize("edge", [48, 64, 90, 96, 118])
def test_stage_one_sees_the_whole_cell_on_about_32_voxels_an_edge(edge):
    cell = ball_cell(0, shape=(edge, edge, edge))

    coarse = make_plan(TASK, [cell], ONTOLOGY, REQUEST).stages[0]

    assert 24 <= max(coarse.patch) <= 36
