"""How good networks are: on cells they were not trained on, where there are any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from sxtstudio.core.calibration import Calibration
from sxtstudio.core.network_card import StageScore
from sxtstudio.core.plan import Plan
from sxtstudio.core.scores import certain_dice, confusion, mean_known
from sxtstudio.core.task import Task
from sxtstudio.engine.calibration import Evidence
from sxtstudio.engine.inference import TileInput, predict_slabs, predict_whole
from sxtstudio.engine.lanes import Lanes, logits_of
from sxtstudio.engine.losses import States
from sxtstudio.engine.preparation import CoarseCell, PreparedCell
from sxtstudio.engine.sampling import Batch, upsample
from sxtstudio.engine.unet import UNet


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """How good a network is now: Dice per class, and what each class is taken for."""

    dice: Mapping[str, float] = field(default_factory=dict[str, float])
    confusion: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )


def check_coarse(
    network: UNet,
    cells: Sequence[CoarseCell],
    states: States,
    task: Task,
    device: torch.device,
) -> Checkup:
    """Check on the coarse grid, each voxel counted as its main state; Dice is the cells' mean."""
    labels = [predict_whole(network, cell.scaled_ZYX, device).argmax(0) for cell in cells]
    possible = [states.masks[_main_state(cell, states)] for cell in cells]
    rows = [_dice_row(*pair, task) for pair in zip(labels, possible, strict=True)]
    taken = confusion(_flat(labels), _flat(possible), list(task.names.values()))
    return Checkup(dice=_by_name(rows, task), confusion=taken)


def _main_state(cell: CoarseCell, states: States) -> np.ndarray:
    """Return the state of most of each voxel, of what is known there if anything is.

    Otherwise a cell with some drawn planes would say nothing at all on a coarse grid.
    """
    fraction_MZYX = cell.fraction_MZYX
    if states.silent is not None:
        fraction_MZYX = fraction_MZYX.copy()
        fraction_MZYX[states.silent] *= 1e-6
    return fraction_MZYX.argmax(0)


def check_patches(network: UNet, batch: Batch, states: States, task: Task, lanes: Lanes) -> Checkup:
    """Check over all voxels of some fixed patches together."""
    parts = batch.input_NCZYX.split(max(2, lanes.count))
    labels = [logits_of(network, part, lanes).argmax(1).cpu() for part in parts]
    possible = states.masks[batch.fraction_NMZYX.argmax(1).numpy()]
    nothing = batch.fraction_NMZYX.sum(1).numpy() < 0.5
    possible = np.where(nothing, np.uint32((1 << states.classes) - 1), possible)
    found = torch.cat(labels).numpy()
    return Checkup(
        dice=_by_name([_dice_row(found, possible, task)], task),
        confusion=confusion(found, possible, list(task.names.values())),
    )


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])


def score_cascade(
    plan: Plan,
    networks: Sequence[UNet],
    cells: Mapping[str, PreparedCell],
    states: States,
    fields: Mapping[str, np.ndarray],
    lanes: Lanes,
) -> tuple[tuple[StageScore, ...], Calibration | None]:
    """Return the Dice of every stage on the same cells, at full resolution, and the calibration.

    The cells are the spared ones, or one training cell with its out-of-fold field if none was; then
    there is no calibration.
    """
    names = plan.validation or plan.training[:1]
    evidence = Evidence(states=states, seed=plan.seed)
    rows: list[list[list[float]]] = [[] for _ in plan.stages]
    for name in names:
        cell = cells[name]
        possible_ZYX = states.masks[cell.state_ZYX]
        found = _labels_of_stages(plan, networks, cell, fields, lanes, evidence)
        for index, labels_ZYX in enumerate(found):
            rows[index].append(_dice_row(labels_ZYX, possible_ZYX, plan.task))
    scores = tuple(
        StageScore(
            stage=index + 1,
            dice=_by_name(rows[index], plan.task),
            cells=tuple(names),
            honest=bool(plan.validation),
        )
        for index in range(len(plan.stages))
    )
    return scores, evidence.calibration() if plan.validation else None


def unhelpful_words(scores: Sequence[StageScore]) -> str:
    """Return what to say where the last stage is no better than the first alone, else nothing."""
    first, last = (mean_known(list(score.dice.values())) for score in (scores[0], scores[-1]))
    if len(scores) < 2 or not last <= first:
        return ""
    return (
        f"Stage {len(scores)} does not help yet: mean Dice {last:.2f} on cells not trained on, "
        f"where stage 1 alone has {first:.2f}. Train for more minutes, or draw more."
    )


def _labels_of_stages(
    plan: Plan,
    networks: Sequence[UNet],
    cell: PreparedCell,
    fields: Mapping[str, np.ndarray],
    lanes: Lanes,
    evidence: Evidence,
) -> list[np.ndarray]:
    results: list[np.ndarray] = []
    field = None
    factor, finest = plan.stages[0].factor, plan.stages[-1]
    if len(plan.stages) > 1:
        field = torch.from_numpy(fields[cell.name])
        fine = upsample(field, factor, (0, 0, 0), cell.shape).numpy()
        every = np.concatenate([1 - fine.sum(0, keepdims=True), fine])
        results.append(every.argmax(0).astype(np.uint8))
    source = TileInput(scaled_ZYX=cell.scaled_ZYX, field_KZYX=field, factor=factor)
    slabs = predict_slabs(networks[-1], source, finest, lanes, lambda _: None)
    labels: list[np.ndarray] = []
    for slab in slabs:
        labels.append(slab.p_KZYX.argmax(0).astype(np.uint8))
        planes = slice(slab.start, slab.start + slab.p_KZYX.shape[1])
        evidence.add(cell.name, slab.p_KZYX, cell.state_ZYX[planes], cell.state_ZYX.size)
    results.append(np.concatenate(labels))
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
