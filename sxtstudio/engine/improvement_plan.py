"""The plan of an improvement: that of the earlier network, with other cells and gentler steps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import CoverageError
from sxtstudio.core.folds import stratified_folds
from sxtstudio.core.grid import Shape, coarse_shape
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.plan import Beginning, Fold, Plan, Stage, check_budget
from sxtstudio.engine.device import available_cores, resolve_device, training_precision
from sxtstudio.engine.planning import PlanRequest
from sxtstudio.engine.preparation import lac_sha256, shape_on_grid

FOLDS = 2


@dataclass(frozen=True, kw_only=True)
class Learners:
    """Who teaches an improvement, by name: ``spared`` are left to measure it."""

    earlier: frozenset[str]
    spared: frozenset[str]


def plan_improvement(
    card: NetworkCard,
    beginning: Beginning,
    cells: Sequence[Cell],
    learners: Learners,
    request: PlanRequest,
) -> Plan:
    """Return the plan of a training that goes on from a network for the same task.

    Grid, LAC window, class weights and the shape of all networks stay what they were.

    Raises
    ------
    CoverageError
        If no cell is left to learn from.
    PlanError
        If the device is not there, or the time makes no sense.
    """
    check_budget(request.minutes, request.steps)
    device = resolve_device(request.device)
    training = tuple(cell.name for cell in cells if cell.name not in learners.spared)
    if not set(training) - learners.earlier:
        raise CoverageError("No corrected cell is left to learn from; correct one more cell.")
    stages = _fitted(card.plan, cells)
    sha256 = {cell.name: lac_sha256(cell) for cell in cells if cell.name in training}
    return replace(
        card.plan,
        seed=request.seed,
        device=device.type,
        threads=request.threads or available_cores(),
        precision=training_precision(device, stages),
        minutes=request.minutes,
        steps=request.steps,
        stages=stages,
        training=training,
        validation=tuple(cell.name for cell in cells if cell.name in learners.spared),
        folds=_folds(card, sha256, learners.earlier, request.seed) if len(stages) > 1 else (),
        reasons=_reasons(beginning, training, learners),
        risks=_risks(training, learners),
        beginning=beginning,
    )


def _fitted(plan: Plan, cells: Sequence[Cell]) -> tuple[Stage, ...]:
    """Return the stages of a plan, those that see whole cells with room for the largest one."""
    shapes = [shape_on_grid(cell.tomogram, plan.voxel_size_um) for cell in cells]
    return tuple(
        replace(stage, patch=_room(stage, shapes)) if stage.whole else stage
        for stage in plan.stages
    )


def _room(stage: Stage, shapes: Sequence[Shape]) -> Shape:
    largest = np.max([coarse_shape(shape, stage.factor) for shape in shapes], axis=0)
    z, y, x = (max(edge, int(-(-n // 4) * 4)) for edge, n in zip(stage.patch, largest, strict=True))
    return (z, y, x)


def _folds(
    card: NetworkCard, sha256: Mapping[str, str], earlier: Collection[str], seed: int
) -> tuple[Fold, ...]:
    """Return folds that hold out what the earlier cross-fitted networks held out, as far as known.

    So each fold goes on from the network that never saw its earlier cells; new ones are shared out.
    """
    training = tuple(sha256)
    if not card.fold_cells:
        kinds = {name: frozenset({_sort(name, earlier)}) for name in training}
        return stratified_folds(kinds, FOLDS, seed + 1)
    count = len(card.fold_cells)
    group = {
        name: next((n for n, seen in enumerate(card.fold_cells) if sha256[name] not in seen), 0)
        for name in training
        if name in earlier
    }
    new = sorted(set(training).difference(earlier))
    order = np.random.default_rng(seed + 1).permutation(count)
    group |= {name: int(order[n % count]) for n, name in enumerate(new)}
    folds = tuple(
        Fold(
            training=tuple(name for name in training if group[name] != number),
            held_out=tuple(name for name in training if group[name] == number),
        )
        for number in range(count)
    )
    return folds if all(fold.training and fold.held_out for fold in folds) else ()


def _sort(name: str, earlier: Collection[str]) -> str:
    return "earlier" if name in earlier else "corrected"


def _reasons(beginning: Beginning, training: Sequence[str], learners: Learners) -> tuple[str, ...]:
    new = [name for name in training if name not in learners.earlier]
    old = [name for name in training if name in learners.earlier]
    replayed = (
        f"Half of every batch comes from {len(old)} earlier cell{'s' * (len(old) != 1)}, so that "
        "what they taught is not forgotten."
    )
    return (
        f"Begins from {beginning.file}: its grid, LAC window, class weights and network shapes are "
        f"kept, learning rates are {beginning.gentleness:g} of those of its plan.",
        f"Corrected cells: {', '.join(new)}.",
        *((replayed,) if old else ()),
    )


def _risks(training: Sequence[str], learners: Learners) -> tuple[str, ...]:
    risks: list[str] = []
    if not learners.earlier.intersection(training):
        risks.append(
            "No cell that the network learned from before was found: it may forget what it knew."
        )
    if not learners.spared - learners.earlier:
        risks.append(
            "No corrected cell is spared to measure the gain, because there are fewer than two "
            "that the network has never seen; scores of corrected cells flatter."
        )
    if not learners.spared & learners.earlier:
        risks.append(
            "No earlier cell was ever spared from training, so forgetting can only be measured on "
            "cells that were learned from."
        )
    return tuple(risks)
