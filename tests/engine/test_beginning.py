"""Beginning from an earlier network: what is copied, from whom, and whom it is scored on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sxtstudio.core.errors import CoverageError, NetworkError, PlanError
from sxtstudio.core.events import Metrics, ignore
from sxtstudio.core.network_card import NetworkCard, Parent, TrainingCell
from sxtstudio.core.plan import Beginning, Plan
from sxtstudio.core.provenance import made_by
from sxtstudio.core.task import parse_task
from sxtstudio.engine.beginning import (
    Forerunner,
    begin,
    copy_weights,
    read_forerunner,
    same_shapes,
    shared_labels,
)
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.improvement_plan import Learners, plan_improvement
from sxtstudio.engine.package import Cascade, load_package, make_network, save_package
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.preparation import CoarseCell, lac_sha256
from sxtstudio.engine.replay import replayed_wholes
from sxtstudio.io.files import sha256_of_file
from sxtstudio.io.network_card import read_network_card
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

SHAPE = (44, 44, 44)
CELLS = [ball_cell(seed, shape=SHAPE) for seed in range(3)]
NEW = [ball_cell(seed, shape=SHAPE) for seed in (11, 12)]
REQUEST = PlanRequest(device="cpu", steps=8, threads=1)
OTHER_TASK = parse_task("other", ["mitochondria", "nucleus"], ONTOLOGY)


def small(plan: Plan) -> Plan:
    stages = tuple(
        replace(s, base_channels=4, levels=2, patch=s.patch if s.whole else (16, 16, 16))
        for s in plan.stages
    )
    return replace(plan, stages=stages, precision="float32")


PLAN = small(make_plan(TASK, CELLS, ONTOLOGY, REQUEST))


def card_of(plan: Plan = PLAN, **fields) -> NetworkCard:
    cells = tuple(TrainingCell(name=it.name, sha256=lac_sha256(it)) for it in CELLS)
    known = {cell.name: cell.sha256 for cell in cells}
    folds = tuple(tuple(known[name] for name in fold.training) for fold in plan.folds)
    card = NetworkCard(
        plan=plan,
        colours={},
        cells=cells,
        scores=(),
        steps_done=1,
        training_s=1.0,
        made_by=made_by("tests"),
        fold_cells=folds,
    )
    return replace(card, **fields)


def forerunner(card: NetworkCard) -> Forerunner:
    torch.manual_seed(1)
    networks = tuple(make_network(card.plan, stage) for stage in range(len(card.plan.stages)))
    folds = tuple(make_network(card.plan, 0) for _ in card.fold_cells)
    return Forerunner(
        sha256="ab",
        file="old.sxtnet",
        cascade=Cascade(card=card, networks=networks, folds=folds),
        labels={0: 0, 1: 1, 2: 2},
    )


def test_a_network_that_copies_everything_says_the_same():
    old, new = make_network(PLAN, 1), make_network(PLAN, 1)
    batch = torch.randn(1, 3, 8, 8, 8)
    assert not torch.equal(old(batch), new(batch))

    copy_weights(new, old, {0: 0, 1: 1, 2: 2})

    assert torch.equal(old(batch), new(batch))


def test_of_other_classes_only_the_shared_ones_are_copied():
    task = replace(PLAN, task=OTHER_TASK)
    old, new = make_network(PLAN, 1), make_network(task, 1)
    fresh = new.head.weight.detach().clone()
    labels = shared_labels(OTHER_TASK, TASK)

    copy_weights(new, old, labels)

    assert labels == {0: 0, 2: 1}
    assert torch.equal(new.head.weight[2], old.head.weight[1])
    assert torch.equal(new.head.weight[1], fresh[1])
    first_new, first_old = (net.down[0][0].weight for net in (new, old))
    assert torch.equal(first_new[:, 0], first_old[:, 0])
    assert torch.equal(first_new[:, 2], first_old[:, 1])
    assert not torch.equal(first_new[:, 1], first_old[:, 2])


def test_a_fold_begins_from_a_network_that_never_saw_its_cells():
    card = card_of()
    earlier = forerunner(card)
    held_out = {name for fold in PLAN.folds[:1] for name in fold.held_out}
    unseen = {it.sha256 for it in card.cells if it.name in held_out}

    network = make_network(PLAN, 0)
    seen = begin(network, 0, earlier, unseen)

    assert seen == frozenset(card.fold_cells[0])
    assert torch.equal(network.head.weight, earlier.cascade.folds[0].head.weight)


def test_what_was_never_seen_lets_the_kept_network_be_begun_from():
    earlier = forerunner(card_of())
    network = make_network(PLAN, 0)

    seen = begin(network, 0, earlier, {"a new cell"})

    assert seen == frozenset(lac_sha256(cell) for cell in CELLS)
    assert torch.equal(network.head.weight, earlier.cascade.networks[0].head.weight)


def test_where_every_network_knows_a_held_out_cell_chance_is_begun_from():
    earlier = forerunner(card_of())
    network = make_network(PLAN, 0)
    before = network.head.weight.detach().clone()

    assert begin(network, 0, earlier, {lac_sha256(cell) for cell in CELLS}) is None
    assert torch.equal(network.head.weight, before)
    assert begin(make_network(PLAN, 1), 1, earlier, {lac_sha256(CELLS[0])}) is None


def test_what_ancestors_learned_counts_as_learned():
    ancestor = TrainingCell(name="long ago", sha256="ef" * 32)
    parent = Parent(sha256="cd", file="older.sxtnet", cells=(ancestor,))
    earlier = forerunner(card_of(parent=parent, fold_cells=()))

    assert begin(make_network(PLAN, 0), 0, earlier, {ancestor.sha256}) is None
    assert ancestor in earlier.parent().cells


def test_networks_of_folds_come_back_from_the_package(tmp_path):
    card = card_of()
    cascade = forerunner(card).cascade
    save_package(tmp_path / "n.sxtnet", cascade)

    loaded = load_package(tmp_path / "n.sxtnet", torch.device("cpu"))

    assert len(loaded.folds) == len(PLAN.folds) == 2
    for mine, theirs in zip(loaded.folds, cascade.folds, strict=True):
        assert torch.equal(mine.head.weight, theirs.head.weight)


def beginning_of(path: Path) -> Beginning:
    return Beginning(network=sha256_of_file(path), file=path.name, gentleness=0.3)


def test_only_the_network_that_was_planned_with_is_begun_from(tmp_path):
    path = tmp_path / "n.sxtnet"
    save_package(path, forerunner(card_of()).cascade)
    plan = replace(PLAN, beginning=beginning_of(path))
    assert read_forerunner(path, plan, torch.device("cpu")).labels == {0: 0, 1: 1, 2: 2}

    wider = tuple(replace(stage, base_channels=8) for stage in plan.stages)
    assert not same_shapes(wider, plan.stages)
    with pytest.raises(PlanError, match="other shapes"):
        read_forerunner(path, replace(plan, stages=wider), torch.device("cpu"))
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(NetworkError, match="not the network any more"):
        read_forerunner(path, plan, torch.device("cpu"))


def coarse(name: str, value: float) -> CoarseCell:
    return CoarseCell(
        name=name,
        scaled_ZYX=np.full((4, 4, 4), value, np.float32),
        fraction_MZYX=np.ones((1, 4, 4, 4), np.float32),
    )


@pytest.mark.parametrize("size", [2, 3, 4])
def test_half_of_every_batch_is_replayed(size):
    cells = [coarse("old 1", 1), coarse("new", 5), coarse("old 2", 2), coarse("old 3", 3)]
    earlier = ("old 1", "old 2", "old 3")
    drawn: list[int] = []
    for seed in range(40):
        batch = replayed_wholes(cells, earlier, (4, 4, 4), size, np.random.default_rng(seed))
        values = batch.input_NCZYX[:, 0, 0, 0, 0]
        assert len(values) == size
        drawn.append(int((values == 5).sum()))
    assert {*drawn} <= {size // 2, (size + 1) // 2}
    assert np.mean(drawn) == pytest.approx(size / 2, abs=0.2)


def test_without_earlier_cells_batches_are_drawn_as_ever():
    cells = [coarse("a", 1), coarse("b", 2)]
    batch = replayed_wholes(cells, (), (4, 4, 4), 2, np.random.default_rng(0))
    assert sorted(batch.input_NCZYX[:, 0, 0, 0, 0].tolist()) == [1, 2]


# The plan of an improvement


def learners(*spared: str) -> Learners:
    return Learners(earlier=frozenset(it.name for it in CELLS), spared=frozenset(spared))


def test_an_improvement_keeps_grid_window_weights_and_shapes():
    beginning = Beginning(network="ab", file="old.sxtnet", gentleness=0.3, improves=True)
    card = card_of()

    plan = plan_improvement(card, beginning, [*CELLS, *NEW], learners(NEW[1].name), REQUEST)

    assert plan.validation == (NEW[1].name,)
    assert set(plan.training) == {*(it.name for it in CELLS), NEW[0].name}
    for field in ("voxel_size_um", "lac_centre_per_um", "lac_scale_per_um", "class_weights"):
        assert getattr(plan, field) == getattr(card.plan, field)
    assert same_shapes(plan.stages, card.plan.stages)
    assert plan.beginning is beginning
    assert any("old.sxtnet" in reason for reason in plan.reasons)
    assert any("never spared" in risk or "ever spared" in risk for risk in plan.risks)


def test_every_fold_holds_out_what_its_forerunner_held_out():
    beginning = Beginning(network="ab", file="old.sxtnet", gentleness=0.3, improves=True)
    card = card_of()
    known = {it.name: it.sha256 for it in card.cells}

    plan = plan_improvement(card, beginning, [*CELLS, *NEW], learners(), REQUEST)

    held_out = [name for fold in plan.folds for name in fold.held_out]
    assert sorted(held_out) == sorted(plan.training)
    for fold, seen in zip(plan.folds, card.fold_cells, strict=True):
        assert not {known[name] for name in fold.held_out if name in known}.intersection(seen)
        assert len({it.name for it in NEW}.intersection(fold.held_out)) == 1


def test_a_larger_new_cell_fits_into_the_coarse_stage():
    beginning = Beginning(network="ab", file="old.sxtnet", gentleness=0.3, improves=True)
    large = ball_cell(21, shape=(60, 44, 44))

    plan = plan_improvement(card_of(), beginning, [*CELLS, large], learners(), REQUEST)

    assert plan.stages[0].patch[0] * plan.stages[0].factor[0] >= 60


def test_an_improvement_without_a_corrected_cell_is_refused():
    beginning = Beginning(network="ab", file="old.sxtnet", gentleness=0.3, improves=True)
    with pytest.raises(CoverageError, match="correct one more"):
        plan_improvement(card_of(), beginning, CELLS, learners(), REQUEST)


@pytest.mark.slow
def test_an_improved_network_goes_on_where_the_earlier_one_ended(tmp_path):
    old = train_cascade(replace(PLAN, steps=120), CELLS, ONTOLOGY, tmp_path / "old", ignore)
    beginning = replace(beginning_of(old), improves=True, earlier=tuple(it.name for it in CELLS))
    cells = [*CELLS, *NEW]
    card = read_network_card(old)
    plan = plan_improvement(card, beginning, cells, learners(NEW[1].name), REQUEST)
    events: list[Metrics] = []

    path = train_cascade(
        plan,
        cells,
        ONTOLOGY,
        tmp_path / "new",
        lambda event: events.append(event) if isinstance(event, Metrics) else None,
        parent=old,
    )

    new = read_network_card(path)
    assert new.parent is not None
    assert new.parent.sha256 == sha256_of_file(old)
    rows = {it.cell: it for it in new.parent.compared}
    spared = rows[NEW[1].name]
    assert (spared.which, spared.honest) == ("corrected", True)
    assert np.mean(list(spared.after.values())) > np.mean(list(spared.before.values())) - 0.1
    for fold, seen in zip(new.plan.folds, new.fold_cells, strict=True):
        sha256 = {it.name: it.sha256 for it in (*new.cells, *new.spared)}
        assert not {sha256[name] for name in fold.held_out}.intersection(seen)
    assert {(event.stage, event.fold) for event in events} == {(1, 1), (1, 2), (1, 0), (2, 0)}
