"""What was won and what was forgotten: the same cells with the network before and the new one."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch

from sxtstudio.core.grid import average
from sxtstudio.core.network_card import Compared, Which
from sxtstudio.core.plan import Plan
from sxtstudio.core.scores import certain_dice
from sxtstudio.engine.inference import TileInput, predict_slabs, predict_whole
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.losses import States
from sxtstudio.engine.preparation import PreparedCell
from sxtstudio.engine.unet import UNet

MOST_TRAINED = 2
"""So many training cells are compared where none of their sort is spared."""

BeforeAfter = tuple[Sequence[UNet], Sequence[UNet]]


def compare(
    plan: Plan,
    networks: BeforeAfter,
    cells: Mapping[str, PreparedCell],
    known: Collection[str],
    states: States,
    lanes: Lanes,
) -> tuple[Compared, ...]:
    """Return the Dice of some cells before and after an improvement.

    They are the spared ones. Of the corrected or the earlier cells, where none is spared, some
    that were trained on. ``known`` are the names of cells that the network before learned from.
    """
    found: list[Compared] = []
    for which, name in _chosen(plan):
        before, after = (_dice(plan, some, cells[name], states, lanes) for some in networks)
        honest = name in plan.validation and name not in known
        found.append(Compared(cell=name, which=which, honest=honest, before=before, after=after))
    return tuple(found)


def _chosen(plan: Plan) -> list[tuple[Which, str]]:
    """Return which cells to compare, those with corrections first."""
    earlier = plan.beginning.earlier if plan.beginning else ()
    chosen: list[tuple[Which, str]] = []
    sorts: tuple[Which, Which] = ("corrected", "earlier")
    for which in sorts:
        spared, trained = (
            [name for name in names if (name in earlier) == (which == "earlier")]
            for names in (plan.validation, plan.training)
        )
        chosen.extend((which, name) for name in spared or trained[:MOST_TRAINED])
    return chosen


def _dice(
    plan: Plan, networks: Sequence[UNet], cell: PreparedCell, states: States, lanes: Lanes
) -> dict[str, float]:
    """Return the Dice of every class that the cell's annotation is certain of, by name."""
    labels_ZYX = label_whole(plan, networks, cell, lanes)
    possible_ZYX = states.masks[cell.state_ZYX]
    dice = {
        name: certain_dice(labels_ZYX, possible_ZYX, label)
        for label, name in plan.task.names.items()
    }
    return {name: round(value, 4) for name, value in dice.items() if not np.isnan(value)}


def label_whole(
    plan: Plan, networks: Sequence[UNet], cell: PreparedCell, lanes: Lanes
) -> np.ndarray:
    """Return the labels that a cascade gives a prepared cell, as it would a new one."""
    factor = plan.stages[0].factor
    field = None
    if len(networks) > 1:
        coarse_ZYX = average(cell.scaled_ZYX, factor)
        p_KZYX = predict_whole(networks[0], coarse_ZYX, lanes.device)
        field = torch.from_numpy(p_KZYX[1:].astype(np.float16))
    source = TileInput(scaled_ZYX=cell.scaled_ZYX, field_KZYX=field, factor=factor)
    slabs = predict_slabs(networks[-1], source, plan.stages[-1], lanes, lambda _: None)
    return np.concatenate([slab.p_KZYX.argmax(0).astype(np.uint8) for slab in slabs])
