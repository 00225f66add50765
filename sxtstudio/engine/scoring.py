"""How good networks are: on cells they were not trained on, where there are any."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from sxtstudio.core.network_card import StageScore
from sxtstudio.core.plan import Plan
from sxtstudio.core.scores import certain_dice, mean_known
from sxtstudio.core.task import Task
from sxtstudio.engine.inference import TileInput, predict_slabs, predict_whole, tile_of
from sxtstudio.engine.lanes import Lanes, logits_of
from sxtstudio.engine.losses import States
from sxtstudio.engine.preparation import CoarseCell, PreparedCell
from sxtstudio.engine.sampling import Batch, upsample
from sxtstudio.engine.unet import UNet


def coarse_dice(
    network: UNet,
    cells: Sequence[CoarseCell],
    states: States,
    task: Task,
    device: torch.device,
) -> dict[str, float]:
    """Return the mean Dice per class on the coarse grid, each voxel counted as its main state."""
    rows: list[list[float]] = []
    for cell in cells:
        labels_ZYX = predict_whole(network, cell.scaled_ZYX, device).argmax(0)
        possible_ZYX = states.masks[cell.fraction_MZYX.argmax(0)]
        rows.append(_dice_row(labels_ZYX, possible_ZYX, task))
    return _by_name(rows, task)


def patch_dice(
    network: UNet, batch: Batch, states: States, task: Task, lanes: Lanes
) -> dict[str, float]:
    """Return the Dice per class over all voxels of some fixed patches together."""
    parts = batch.input_NCZYX.split(max(2, lanes.count))
    labels = [logits_of(network, part, lanes).argmax(1).cpu() for part in parts]
    possible = states.masks[batch.fraction_NMZYX.argmax(1).numpy()]
    nothing = batch.fraction_NMZYX.sum(1).numpy() < 0.5
    possible = np.where(nothing, np.uint32((1 << states.classes) - 1), possible)
    return _by_name([_dice_row(torch.cat(labels).numpy(), possible, task)], task)


def score_cascade(
    plan: Plan,
    networks: Sequence[UNet],
    cells: Mapping[str, PreparedCell],
    states: States,
    fields: Mapping[str, np.ndarray],
    lanes: Lanes,
) -> tuple[StageScore, ...]:
    """Return the Dice of every stage on the same cells, at full resolution.

    The cells are the spared ones, or one training cell with its out-of-fold field if none was.
    """
    names = plan.validation or plan.training[:1]
    rows: list[list[list[float]]] = [[] for _ in plan.stages]
    for name in names:
        cell = cells[name]
        possible_ZYX = states.masks[cell.state_ZYX]
        for index, labels_ZYX in enumerate(_labels_of_stages(plan, networks, cell, fields, lanes)):
            rows[index].append(_dice_row(labels_ZYX, possible_ZYX, plan.task))
    return tuple(
        StageScore(
            stage=index + 1,
            dice=_by_name(rows[index], plan.task),
            cells=tuple(names),
            honest=bool(plan.validation),
        )
        for index in range(len(plan.stages))
    )


def _labels_of_stages(
    plan: Plan,
    networks: Sequence[UNet],
    cell: PreparedCell,
    fields: Mapping[str, np.ndarray],
    lanes: Lanes,
) -> list[np.ndarray]:
    finest = plan.stages[-1]
    results: list[np.ndarray] = []
    field = None
    factor = plan.stages[0].factor
    if len(plan.stages) > 1:
        field = torch.from_numpy(fields[cell.name])
        fine = upsample(field, factor, (0, 0, 0), cell.shape).numpy()
        every = np.concatenate([1 - fine.sum(0, keepdims=True), fine])
        results.append(every.argmax(0).astype(np.uint8))
    source = TileInput(scaled_ZYX=cell.scaled_ZYX, field_KZYX=field, factor=factor)
    slabs = predict_slabs(
        networks[-1], source, tile_of(finest.patch, cell.shape), lanes, lambda _: None
    )
    results.append(np.concatenate([slab.p_KZYX.argmax(0).astype(np.uint8) for slab in slabs]))
    return results


def _dice_row(labels_ZYX: np.ndarray, possible_ZYX: np.ndarray, task: Task) -> list[float]:
    return [certain_dice(labels_ZYX, possible_ZYX, k) for k in range(1, len(task.classes) + 1)]


def _by_name(rows: Sequence[Sequence[float]], task: Task) -> dict[str, float]:
    """Return the mean of each column that is known, by class name; unknown ones are left out."""
    means = [mean_known(column) for column in zip(*rows, strict=True)]
    return {
        item.name: round(mean, 4)
        for item, mean in zip(task.classes, means, strict=True)
        if not np.isnan(mean)
    }
