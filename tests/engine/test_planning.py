"""Plans: what will be trained, and why."""

from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import CoverageError, PlanError
from sxtstudio.core.plan import Fold, Plan
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import parse_task
from sxtstudio.engine.device import resolve_device
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.risks import Shown, risks
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

    assert fine.patch == (8, 48, 48)
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
    assert any("no cell is spared" in reason for reason in plan.reasons)


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
    cells = [ball_cell(seed, complete=partly) for seed in range(5)]
    cells += [ball_cell(seed) for seed in range(5, 9)]

    plan = make_plan(TASK, cells, ONTOLOGY, REQUEST)

    assert plan.validation[0] in {"cell 5", "cell 6", "cell 7", "cell 8"}


def test_no_cell_is_spared_where_a_class_is_known_in_few():
    partly = frozenset({"nucleus"})
    cells = [without(ball_cell(seed, complete=partly), 2) for seed in range(5)]
    cells += [ball_cell(seed) for seed in range(5, 8)]

    plan = make_plan(TASK, cells, ONTOLOGY, REQUEST)

    assert plan.validation == ()
    assert len(plan.training) == 8


def test_a_class_weighs_the_same_whether_all_or_few_cells_show_it():
    full = [ball_cell(seed) for seed in range(4)]
    parts = [
        without(ball_cell(seed, complete=frozenset({name})), other)
        for seed, (name, other) in enumerate([("nucleus", 2), ("lipid", 1)] * 2)
    ]

    weights = [make_plan(TASK, cells, ONTOLOGY, REQUEST).class_weights for cells in (full, parts)]

    assert weights[0] == pytest.approx(weights[1], rel=0.25)


def test_stage_one_gets_more_of_the_time_where_cells_know_few_of_the_classes():
    full = [ball_cell(seed, shape=(64, 64, 64)) for seed in range(4)]
    parts = [
        without(ball_cell(seed, shape=(64, 64, 64), complete=frozenset({name})), other)
        for seed, (name, other) in enumerate([("nucleus", 2), ("lipid", 1)] * 2)
    ]

    plans = [make_plan(TASK, cells, ONTOLOGY, REQUEST) for cells in (full, parts)]

    assert [plan.stages[0].share for plan in plans] == [0.2, 0.4]
    assert all(sum(stage.share for stage in plan.stages) == 1 for plan in plans)


@pytest.mark.parametrize("edge", [48, 64, 90, 96, 118])
def test_stage_one_sees_the_whole_cell_on_about_32_voxels_an_edge(edge):
    cell = ball_cell(0, shape=(edge, edge, edge))

    coarse = make_plan(TASK, [cell], ONTOLOGY, REQUEST).stages[0]

    assert 24 <= max(coarse.patch) <= 36


def test_the_folds_that_cells_were_chosen_with_are_taken_without_the_spared_cell():
    cells = [ball_cell(seed) for seed in range(6)]
    names = [cell.name for cell in cells]
    given = tuple(
        Fold(training=tuple(n for n in names if n not in group), held_out=tuple(group))
        for group in (names[:2], names[2:4], names[4:])
    )

    plan = make_plan(TASK, cells, ONTOLOGY, replace(REQUEST, folds=given))

    assert len(plan.folds) == 3
    assert {name for fold in plan.folds for name in fold.held_out} == set(plan.training)
    for fold, original in zip(plan.folds, given, strict=True):
        assert set(fold.held_out) == set(original.held_out) - set(plan.validation)


@pytest.mark.parametrize("groups", [([0, 1], [2]), ([0, 1, 2, 3, 4], []), ([0, 1], [2, 3, 9])])
def test_folds_that_leave_cells_out_are_made_anew(groups):
    cells = [ball_cell(seed) for seed in range(4)]
    given = tuple(
        Fold(training=("cell 0",), held_out=tuple(f"cell {i}" for i in group)) for group in groups
    )

    plan = make_plan(TASK, cells, ONTOLOGY, replace(REQUEST, folds=given[:2]))

    assert sorted(n for fold in plan.folds for n in fold.held_out) == list(plan.training)


def without(cell: Cell, label: int) -> Cell:
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX
    labels_ZYX[labels_ZYX == label] = 0
    return cell


def test_cells_that_show_enough_of_everything_carry_no_risk():
    assert plan_of(2).risks == ()


def test_a_class_in_one_cell_only_is_a_risk_told_by_name():
    cells = [ball_cell(0, shape=(40, 40, 40)), without(ball_cell(1, shape=(40, 40, 40)), 2)]

    (risk,) = make_plan(TASK, cells, ONTOLOGY, REQUEST).risks

    assert risk.startswith("Only cell 0 shows lipid bodies")


def test_a_single_cell_is_one_risk_not_one_a_class():
    (risk,) = make_plan(TASK, [ball_cell(0, shape=(40, 40, 40))], ONTOLOGY, REQUEST).risks

    assert "only one cell" in risk


def test_few_voxels_are_counted():
    cells = [ball_cell(0), ball_cell(1)]
    count = sum(int((cell.annotations[0].label_map.labels_ZYX == 2).sum()) for cell in cells)
    assert count < 500

    plan = make_plan(TASK, cells, ONTOLOGY, REQUEST)

    assert f"Only {count} voxels are certainly lipid bodies" in plan.risks[0]


def test_a_class_thinner_than_a_voxel_of_stage_one_is_told_with_its_size():
    cells = [ball_cell(seed, shape=(128, 128, 128)) for seed in range(2)]
    for cell in cells:
        labels_ZYX = without(cell, 2).annotations[0].label_map.labels_ZYX
        labels_ZYX[::16, ::8, :] = 2

    plan = make_plan(TASK, cells, ONTOLOGY, REQUEST)

    assert plan.stages[0].factor == (4, 4, 4)
    assert any(
        "lipid bodies is mostly smaller than a voxel of stage 1 (200 nm)" in it for it in plan.risks
    )


def test_a_background_that_is_nowhere_certain_is_a_risk():
    partly = frozenset({"nucleus"})
    cells = [ball_cell(seed, shape=(40, 40, 40), complete=partly) for seed in range(2)]

    assert "none of the classes" in make_plan(TASK, cells, ONTOLOGY, REQUEST).risks[0]


def test_a_class_that_the_spared_cell_lacks_is_told():
    many = np.array([9000, 9000, 9000])
    shown = Shown(
        counts={"a": many, "b": many, "c": many * [1, 1, 0]},
        resolved=np.ones(3),
        coarse_um=(0.2, 0.2, 0.2),
        none_open=True,
    )

    (risk,) = risks(TASK, shown, ("a", "b"), ("c",))

    assert risk.startswith("c, spared for validation, shows no lipid bodies")
