"""Decide what will be trained, from the cells and the machine, with a reason for each choice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import CoverageError, PlanError
from sxtstudio.core.folds import stratified_folds
from sxtstudio.core.grid import Shape, average, coarse_shape
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.plan import Fold, Plan, Stage, check_budget
from sxtstudio.core.task import Task
from sxtstudio.core.volume import VoxelSize
from sxtstudio.engine.device import (
    available_cores,
    device_words,
    resolve_device,
    training_precision,
)
from sxtstudio.engine.memory_plan import fitted
from sxtstudio.engine.preparation import CLIP, possible_labels, shape_on_grid
from sxtstudio.engine.risks import Shown, risks

COARSE_EDGE = {"cpu": 32, "cuda": 96}
"""Longest edge of the whole cell as stage 1 sees it, in voxels."""

FINE_PATCH = {"cpu": 48, "cuda": 96}
BASE_CHANNELS = {"cpu": 16, "cuda": 32}
COARSE_SHARE = 0.2
"""Part of the time for stage 1 where every cell knows every class."""

LARGEST_COARSE_SHARE = 0.4
FOLDS = 2
CELLS_FOR_VALIDATION = 5
"""With fewer cells, none is spared for validation of the last stage."""

CELLS_PER_CLASS = 3
"""A cell is spared for validation only if so many others know each of the classes."""

HEAVIEST_CLASS = 4.0
WEDGE_SHARE = 0.15
"""Part of what is learned from cells with a missing wedge, see `sxtstudio.engine.wedge`."""

SAMPLE = 200_000

LAC_WINDOW = (0.25, 0.1)
"""Centre and scale (µm⁻¹): cytosol 0.2–0.35, vacuole 0.18, lipid and starch 0.5–0.9, water 0.11."""

MIN_CELL_LAC, MAX_CELL_LAC = 0.03, 1.5


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What the user asks of a training; exactly one of ``minutes`` and ``steps``.

    ``folds`` are those that the cells were chosen with, None to let the plan make them.
    """

    device: str = "auto"
    minutes: float | None = None
    steps: int | None = None
    seed: int = 0
    threads: int | None = None
    folds: tuple[Fold, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the cells are.

    ``counts`` are the voxels per label that are certain, ``bounded`` whether it is also known
    where a label is not; ``known`` is the percentage of the cell's voxels that are certain of one
    label, ``told`` how many say anything. ``lac_sample`` is pooled, and so are ``resolved``,
    the voxels per label that stage 1 can see, and whether some voxel may be none of the classes.
    """

    counts: dict[str, np.ndarray]
    bounded: dict[str, np.ndarray]
    known: dict[str, int]
    told: dict[str, int]
    lac_sample: np.ndarray
    resolved: np.ndarray
    none_open: bool


def make_plan(task: Task, cells: Sequence[Cell], ontology: Ontology, request: PlanRequest) -> Plan:
    """Return a plan that these cells and this machine can carry out.

    Raises
    ------
    CoverageError
        If there is no cell, a cell has no annotation, or no cell shows some class of the task.
    PlanError
        If the request names no or two budgets, or a device that is not there.
    """
    _check_request(request)
    device = resolve_device(request.device)
    _check_cells(task, cells)
    grid_um = _common_voxel_size(cells)
    shapes = [shape_on_grid(cell.tomogram, grid_um) for cell in cells]
    stages = _stages(shapes, grid_um, device.type)
    coarse_um = _coarse_voxel_size(stages, grid_um)
    facts = _look_at(task, cells, ontology, coarse_um)
    centre, scale = _lac_window(facts.lac_sample)
    training, validation = _split(facts, request.seed)
    stages = _shared_out(stages, facts)
    plan = Plan(
        task=task,
        seed=request.seed,
        device=device.type,
        threads=request.threads or available_cores(),
        precision=training_precision(device, stages),
        minutes=request.minutes,
        steps=request.steps,
        voxel_size_um=grid_um,
        lac_centre_per_um=centre,
        lac_scale_per_um=scale,
        class_weights=_class_weights(facts),
        stages=stages,
        training=training,
        validation=validation,
        folds=_folds(training, cells, facts, request),
        reasons=(),
        risks=risks(task, _shown(facts, coarse_um), training, validation),
        wedge_share=WEDGE_SHARE,
    )
    plan, memory = fitted(plan, shapes)
    return replace(plan, reasons=(*_reasons(plan, len(cells)), memory))


def _check_request(request: PlanRequest) -> None:
    if (request.minutes is None) == (request.steps is None):
        raise PlanError("Say either how many minutes or how many steps to train, not both.")
    check_budget(request.minutes, request.steps, request.seed)


def _check_cells(task: Task, cells: Sequence[Cell]) -> None:
    if not cells:
        raise CoverageError(
            f"There is no annotated cell to learn the task {task.name!r} from; add tomograms with "
            "labels first."
        )
    for cell in cells:
        if not cell.annotations:
            raise CoverageError(f"The cell {cell.name!r} has no annotation to learn from.")


def _look_at(task: Task, cells: Sequence[Cell], ontology: Ontology, coarse_um: VoxelSize) -> _Facts:
    counts: dict[str, np.ndarray] = {}
    bounded: dict[str, np.ndarray] = {}
    told: dict[str, int] = {}
    samples: list[np.ndarray] = []
    resolved = np.zeros(len(task.classes) + 1)
    none_open = False
    for cell in cells:
        possible_ZYX = possible_labels(cell, task, ontology)
        none_open = none_open or bool((possible_ZYX & np.uint32(1)).any())
        bounded[cell.name] = _bounded(possible_ZYX, len(task.classes) + 1)
        factor = _factor(cell.tomogram.voxel_size_um, coarse_um)
        told_ZYX = possible_ZYX != np.uint32((1 << resolved.size) - 1)
        told[cell.name] = int(np.count_nonzero(told_ZYX))
        known_ZYX = average(told_ZYX, factor)
        counts[cell.name] = np.zeros(resolved.size, int)
        for label in range(resolved.size):
            certain_ZYX = possible_ZYX == np.uint32(1 << label)
            counts[cell.name][label] = np.count_nonzero(certain_ZYX)
            if counts[cell.name][label]:
                share_ZYX = average(certain_ZYX, factor)
                mostly_ZYX = share_ZYX >= 0.5 * known_ZYX
                resolved[label] += share_ZYX[mostly_ZYX].sum() * math.prod(factor)
        step = max(1, cell.tomogram.lac_ZYX.size // SAMPLE)
        samples.append(np.asarray(cell.tomogram.lac_ZYX).reshape(-1)[::step])
    seen = np.sum(list(counts.values()), axis=0)
    missing = [item.name for item, count in zip(task.classes, seen[1:], strict=True) if not count]
    if missing:
        raise CoverageError(
            f"No cell shows where {' or '.join(missing)} is, so it cannot be learnt; add a cell "
            "in which it is drawn, or leave it out of the task."
        )
    sizes = {cell.name: cell.tomogram.lac_ZYX.size for cell in cells}
    known = {name: round(100 * int(count.sum()) / sizes[name]) for name, count in counts.items()}
    return _Facts(
        counts=counts,
        bounded=bounded,
        known=known,
        told=told,
        lac_sample=np.concatenate(samples),
        resolved=resolved,
        none_open=none_open,
    )


def _bounded(possible_ZYX: np.ndarray, labels: int) -> np.ndarray:
    """Return for each label whether some voxel outside the classes is certainly not of it."""
    anything = np.uint32((1 << labels) - 1)
    open_everywhere = np.bitwise_and.reduce(
        possible_ZYX[(possible_ZYX & np.uint32(1)) > 0], initial=anything
    )
    return (int(open_everywhere) >> np.arange(labels) & 1) == 0


def _shown(facts: _Facts, coarse_um: VoxelSize) -> Shown:
    seen = np.sum(list(facts.counts.values()), axis=0)
    return Shown(
        counts=facts.counts,
        resolved=facts.resolved / np.maximum(seen, 1),
        coarse_um=coarse_um,
        none_open=facts.none_open,
    )


def _coarse_voxel_size(stages: Sequence[Stage], grid_um: VoxelSize) -> VoxelSize:
    z, y, x = (edge * f for edge, f in zip(grid_um, stages[0].factor, strict=True))
    return (z, y, x)


def _factor(voxel_size_um: VoxelSize, coarse_um: VoxelSize) -> Shape:
    """Return how many voxels of a cell of its own voxel size a coarse voxel spans."""
    z, y, x = (
        max(1, round(coarse / edge)) for coarse, edge in zip(coarse_um, voxel_size_um, strict=True)
    )
    return (z, y, x)


def _common_voxel_size(cells: Sequence[Cell]) -> VoxelSize:
    sizes = np.array([cell.tomogram.voxel_size_um for cell in cells])
    z, y, x = (float(edge) for edge in np.median(sizes, axis=0))
    return (z, y, x)


def _lac_window(sample: np.ndarray) -> tuple[float, float]:
    """Return centre and scale of the LAC that networks see, in µm⁻¹.

    The window of cells is the same for every task, and capillary glass (1.1) does not widen it.
    Values that cannot be LAC of cells get one of their own, the same for all of them.
    """
    low, upper, high = np.percentile(sample, (1, 75, 99))
    if low > -LAC_WINDOW[1] * CLIP and MIN_CELL_LAC < upper < MAX_CELL_LAC:
        return LAC_WINDOW
    scale = float(high - low) / 4
    return round(float(sample.mean()), 4), float(f"{scale:.3g}") if scale > 0 else 1.0


def _split(facts: _Facts, seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Spare one cell for validation where there are enough.

    It is one of those that show most classes, and of those the best known one. None is spared
    where a class would then be known, and where it ends, in too few of the others.
    """
    names = list(facts.counts)
    if len(names) < CELLS_FOR_VALIDATION:
        return tuple(names), ()
    worth = {name: (np.count_nonzero(facts.counts[name][1:]), facts.known[name]) for name in names}
    best = [name for name in names if worth[name] == max(worth.values())]
    order = np.random.default_rng(seed).permutation(len(best))
    for index in order:
        spared = best[int(index)]
        rest = [name for name in names if name != spared]
        if _known_by(facts, rest).min() >= CELLS_PER_CLASS:
            return tuple(rest), (spared,)
    return tuple(names), ()


def _known_by(facts: _Facts, names: Sequence[str]) -> np.ndarray:
    """Return how many cells show each class and where it ends."""
    known = [(facts.counts[name] > 0) & facts.bounded[name] for name in names]
    return np.sum(known, axis=0)[1:]


def _folds(
    training: tuple[str, ...], cells: Sequence[Cell], facts: _Facts, request: PlanRequest
) -> tuple[Fold, ...]:
    """Return the folds asked for, without what is spared, or ones balanced over classes and kinds.

    Folds are made anew where those asked for do not hold out every cell once, or where a class
    that two cells show would be missing from the training cells of one.
    """
    kept = set(training)
    given = [
        Fold(
            training=tuple(name for name in fold.training if name in kept),
            held_out=tuple(name for name in fold.held_out if name in kept),
        )
        for fold in request.folds or ()
    ]
    if _serve(given, training, facts):
        return tuple(given)
    strata = {
        cell.name: _stratum(cell, facts.counts[cell.name], facts.bounded[cell.name])
        for cell in cells
        if cell.name in kept
    }
    return stratified_folds(strata, FOLDS, request.seed + 1)


def _serve(folds: Sequence[Fold], training: Sequence[str], facts: _Facts) -> bool:
    """Tell whether folds can be used: every cell held out once, no class lost needlessly."""
    held_out = sorted(name for fold in folds for name in fold.held_out)
    if held_out != sorted(training) or not all(f.training and f.held_out for f in folds):
        return False
    shows = {name: facts.counts[name][1:] > 0 for name in training}
    common = np.sum([shows[name] for name in training], axis=0) > 1
    learnt = [np.any([shows[name] for name in fold.training], axis=0) for fold in folds]
    return all(bool(seen[common].all()) for seen in learnt)


def _stratum(cell: Cell, counts: np.ndarray, bounded: np.ndarray) -> frozenset[str]:
    """Return what a cell stands for: its kind, the labels it shows, and those that have an end."""
    shown = np.flatnonzero(counts[1:]) + 1
    ended = [label for label in shown if bounded[label]]
    return frozenset(
        {f"kind {cell.kind}", *map("label {}".format, shown), *map("end of {}".format, ended)}
    )


def _stages(shapes: Sequence[Shape], grid_um: VoxelSize, device: str) -> tuple[Stage, ...]:
    coarse = _coarse_stage(shapes, grid_um, device)
    extent = np.max(shapes, axis=0)
    patch = _patch(extent, FINE_PATCH[device])
    fine = Stage(
        factor=(1, 1, 1),
        patch=patch,
        batch_size=2,
        base_channels=BASE_CHANNELS[device],
        levels=_levels(patch),
        learning_rate=3e-3,
        share=1.0,
        whole=False,
    )
    if coarse.factor == (1, 1, 1):
        return (fine,)
    return (coarse, replace(fine, share=1 - COARSE_SHARE))


def _shared_out(stages: tuple[Stage, ...], facts: _Facts) -> tuple[Stage, ...]:
    """Return stages that share the time so that stage 1 meets each class often enough.

    Where cells know few of the classes, a whole cell teaches that much less; stage 2 draws its
    patches where something is known.
    """
    if len(stages) == 1:
        return stages
    known = float(_known_by(facts, list(facts.counts)).mean()) / len(facts.counts)
    share = round(min(LARGEST_COARSE_SHARE, COARSE_SHARE / max(known, 0.1)), 3)
    return (replace(stages[0], share=share), replace(stages[1], share=1 - share))


def _coarse_stage(shapes: Sequence[Shape], grid_um: VoxelSize, device: str) -> Stage:
    extent_um = np.max(shapes, axis=0) * np.array(grid_um)
    coarse_um = extent_um.max() / COARSE_EDGE[device]
    # Rather too coarse than too fine: 40 voxels an edge take twice the time of 32.
    z, y, x = (max(1, round(coarse_um / edge + 0.2)) for edge in grid_um)
    factor = (z, y, x)
    largest = np.max([coarse_shape(shape, factor) for shape in shapes], axis=0)
    patch = _patch(largest, int(largest.max()) + 3)
    return Stage(
        factor=factor,
        patch=patch,
        batch_size=2,
        base_channels=BASE_CHANNELS[device],
        levels=min(3, _levels(patch)),
        learning_rate=3e-3,
        share=COARSE_SHARE,
        whole=True,
    )


def _patch(extent: np.ndarray, edge: int) -> Shape:
    """Return a patch of at most ``edge``, each side a multiple of 4 that a thin cell just fills."""
    z, y, x = (min(edge - edge % 4, int(-(-n // 4) * 4)) for n in extent)
    return (z, y, x)


def _levels(patch: Shape) -> int:
    """Return how many resolutions a network can have: two voxels are left along some axis."""
    return max(1, min(4, int(math.log2(max(patch)))))


def _class_weights(facts: _Facts) -> tuple[float, ...]:
    shares = _shares(facts)
    rarity = np.sqrt(max(1 - shares.sum(), shares.max()) / shares) / 4
    weights = np.clip(rarity, 1.0, HEAVIEST_CLASS)
    return (1.0, *(round(float(weight), 2) for weight in weights))


def _shares(facts: _Facts) -> np.ndarray:
    """Return for each class its part of what is told of the cells that show it."""
    counts = np.array(list(facts.counts.values()), float)[:, 1:]
    told = np.array([facts.told[name] for name in facts.counts], float)
    return counts.sum(0) / (told[:, None] * (counts > 0)).sum(0)


def _reasons(plan: Plan, cells: int) -> tuple[str, ...]:
    device = device_words(resolve_device(plan.device), plan.threads)
    return (
        f"Device: {device}; convolutions in {plan.precision} while training, because that is what "
        "its hardware does fastest and right for these patches.",
        f"Grid: {_nm(plan.voxel_size_um)} nm, the median voxel size of the {cells} cells.",
        _window_reason(plan),
        validation_words(plan.validation),
        _fold_reason(plan.folds),
        *_stage_reasons(plan),
        f"Missing wedge: {round(100 * plan.wedge_share)} % of what is learned is as if the cell "
        "had been tilted over ± 50 to 72° only, so that flat specimens can be segmented, too.",
        "Class weights: a quarter of the square root of how much rarer a class is than the most "
        f"common one, from 1 to {HEAVIEST_CLASS:g}.",
    )


def _nm(size_um: VoxelSize) -> str:
    edges = [f"{edge * 1000:.4g}" for edge in size_um]
    return edges[0] if len(set(edges)) == 1 else " × ".join(edges)


def _window_reason(plan: Plan) -> str:
    centre, scale = plan.lac_centre_per_um, plan.lac_scale_per_um
    words = f"LAC: networks see (LAC − {centre:.3g}) / {scale:.3g}, the same for every cell; "
    if (centre, scale) == LAC_WINDOW:
        return words + "from water to lipid that is about −1.5 to 6."
    return words + "the values are no LAC of cells, so their own mean and spread are taken."


def validation_words(validation: tuple[str, ...]) -> str:
    """Return what the live Dice of a training is worth, in words."""
    if validation:
        return (
            f"Validation: {', '.join(validation)} is never trained on and shows how well it goes."
        )
    return (
        "Validation: no cell is spared, because there are few or a class is known in few; live "
        "Dice is of training cells and flatters."
    )


def _fold_reason(folds: tuple[Fold, ...]) -> str:
    if folds:
        return (
            f"Folds: stage 1 is cross-fitted in {len(folds)} folds by cell, so that stage 2 learns "
            "from fields of cells that their network had not seen."
        )
    return (
        "Folds: one cell cannot be cross-fitted; stage 2 sees fields that are better than it will "
        "meet, and may trust them too much."
    )


def _stage_reasons(plan: Plan) -> list[str]:
    reasons: list[str] = []
    for number, stage in enumerate(plan.stages, start=1):
        size = " × ".join(map(str, stage.patch))
        if stage.whole:
            reasons.append(
                f"Stage {number}: the whole cell on {size} voxels, averaged over "
                f"{' × '.join(map(str, stage.factor))}; about {COARSE_EDGE[plan.device]} an edge "
                "train in seconds a cell and show where everything lies."
            )
        else:
            reasons.append(
                f"Stage {number}: patches of {size} voxels at full resolution; small patches give "
                "more steps in the same time, context comes from the stage before."
            )
    return reasons
