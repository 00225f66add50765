"""Whether a plan that somebody edited can be carried out, and which value would do instead."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from sxtstudio.core.errors import PlanError
from sxtstudio.core.grid import coarse_shape
from sxtstudio.core.plan import Plan, Shape, Stage, check_budget
from sxtstudio.core.task import Task
from sxtstudio.core.volume import LARGEST_VOXEL_UM, SMALLEST_VOXEL_UM
from sxtstudio.core.wording import listed

MOST_LEVELS = 6
MOST_CHANNELS = 512
LARGEST_BATCH = 256
LONGEST_EDGE = 1024
FULL: Shape = (1, 1, 1)
_PATCH_STEP = 4
"""Patches are cut in steps of 4 voxels; what deeper networks lack they pad themselves."""

_SHARE_ERROR = 1e-3


def check_plan(plan: Plan, task: Task, annotated: Collection[str]) -> None:
    """Raise `PlanError` unless a plan is for ``task`` and can be carried out with some cells.

    ``annotated`` are the names of all cells that could be learned from. The sentence names the
    first key whose value cannot be, and a value that can.
    """
    _check_task(plan.task, task)
    _check_figures(plan)
    _check_stages(plan.stages)
    _check_cells(plan, annotated)
    _check_folds(plan)


def check_whole(plan: Plan, shapes: Mapping[str, Shape]) -> None:
    """Raise `PlanError` if the patch of a stage that sees whole cells is smaller than one of them.

    ``shapes`` are those of the cells on the plan's grid, by name.
    """
    for number, stage in enumerate(plan.stages):
        if not stage.whole:
            continue
        needed = [coarse_shape(shape, stage.factor) for shape in shapes.values()]
        largest = tuple(max(edges) for edges in zip(stage.patch, *needed, strict=True))
        if largest != stage.patch:
            room = tuple(_PATCH_STEP * math.ceil(edge / _PATCH_STEP) for edge in largest)
            _refuse(
                f"stages[{number}].patch",
                _triple(stage.patch),
                f"the whole of every cell has to be in it, so give {_triple(room)}, or larger "
                "factors",
            )


def _refuse(key: str, value: object, remedy: str) -> None:
    raise PlanError(f"The plan's {key} is {value}; {remedy}.")


def _triple(values: Iterable[object]) -> str:
    return f"[{', '.join(map(str, values))}]"


def _check_task(mine: Task, wanted: Task) -> None:
    if mine.name != wanted.name:
        _refuse(
            "task.name",
            repr(mine.name),
            f"{wanted.name!r} is to be trained, so name the plan's task or use a plan for that one",
        )
    if mine != wanted:
        raise PlanError(
            f"The plan's task {mine.name!r} has other classes, terms, colours or another version "
            f"than that of the project (version {wanted.version}: "
            f"{listed(list(wanted.names.values()))}); write the plan again with sxtstudio plan."
        )


def _check_figures(plan: Plan) -> None:
    if (plan.minutes is None) == (plan.steps is None):
        both = f"{plan.minutes} and its steps are {plan.steps}"
        _refuse("minutes", both, "give one of the two and null for the other")
    check_budget(plan.minutes, plan.steps)
    if plan.seed < 0:
        _refuse("seed", plan.seed, "give 0 or more")
    if plan.device not in ("cpu", "cuda"):
        _refuse("device", repr(plan.device), "give cpu or cuda")
    if plan.threads < 1:
        _refuse("threads", plan.threads, "give 1 or more")
    sides = plan.voxel_size_um
    if not all(SMALLEST_VOXEL_UM <= edge <= LARGEST_VOXEL_UM for edge in sides):
        _refuse(
            "voxel_size_um",
            _triple(sides),
            f"give three edges from {SMALLEST_VOXEL_UM:g} to {LARGEST_VOXEL_UM:g} µm, [0.05, 0.05, "
            "0.05] say",
        )
    if not plan.lac_scale_per_um > 0:
        _refuse("lac_scale_per_um", plan.lac_scale_per_um, "give more than 0, 0.1 for LAC of cells")
    _check_weights(plan)


def _check_weights(plan: Plan) -> None:
    weights, labels = plan.class_weights, len(plan.task.classes) + 1
    if len(weights) != labels:
        raise PlanError(
            f"The plan has {len(weights)} class_weights; give {labels}: one for none of the "
            f"classes, then for {listed(list(plan.task.names.values()))}."
        )
    for number, weight in enumerate(weights):
        if not weight > 0:
            _refuse(f"class_weights[{number}]", weight, "give more than 0, 1 for an ordinary class")


def _check_stages(stages: Sequence[Stage]) -> None:
    if len(stages) not in (1, 2):
        raise PlanError(
            f"The plan has {len(stages)} stages; give one at full resolution, or one that sees "
            "whole cells before it."
        )
    for number, stage in enumerate(stages):
        _check_resolution(f"stages[{number}]", stage, last=number == len(stages) - 1)
        _check_network(f"stages[{number}]", stage)
        _check_patch(f"stages[{number}]", stage)
    total = sum(stage.share for stage in stages)
    if abs(total - 1) > _SHARE_ERROR:
        rest = 1 - sum(stage.share for stage in stages[:-1])
        remedy = f"give the last {rest:.3g}" if rest > 0 else "give each a part of 1, 0.2 and 0.8"
        _refuse("shares", f"{total:.4g} together", f"they have to add up to 1, so {remedy}")


def _check_resolution(key: str, stage: Stage, *, last: bool) -> None:
    if last and stage.factor != FULL:
        remedy = "the last stage works at full resolution, so give [1, 1, 1]"
        _refuse(f"{key}.factor", _triple(stage.factor), remedy)
    if not last and (min(stage.factor) < 1 or max(stage.factor) < 2):
        remedy = "factors go down from the first stage to [1, 1, 1], so give [2, 2, 2] or more"
        _refuse(f"{key}.factor", _triple(stage.factor), remedy)
    if stage.whole is last:
        remedy = "the last stage sees patches" if last else "a stage before the last sees the whole"
        value = str(not last).lower()
        _refuse(f"{key}.whole", str(stage.whole).lower(), f"{remedy}, so give {value}")


def _check_network(key: str, stage: Stage) -> None:
    counts = {
        "batch_size": (stage.batch_size, LARGEST_BATCH),
        "base_channels": (stage.base_channels, MOST_CHANNELS),
        "levels": (stage.levels, MOST_LEVELS),
    }
    for name, (value, most) in counts.items():
        if not 1 <= value <= most:
            _refuse(f"{key}.{name}", value, f"give 1 to {most}")
    if not 0 < stage.learning_rate <= 1:
        remedy = "give more than 0 and at most 1, 0.003 say"
        _refuse(f"{key}.learning_rate", stage.learning_rate, remedy)
    if not 0 < stage.share <= 1:
        _refuse(f"{key}.share", stage.share, "give more than 0 and at most 1")


def _check_patch(key: str, stage: Stage) -> None:
    step = min(_PATCH_STEP, 2 ** (stage.levels - 1))
    nearest = tuple(
        min(LONGEST_EDGE, max(_PATCH_STEP, step * round(edge / step))) for edge in stage.patch
    )
    fits = all(edge > 0 and edge <= LONGEST_EDGE and edge % step == 0 for edge in stage.patch)
    if not fits:
        remedy = (
            f"the network halves its edges, so give multiples of {step} up to {LONGEST_EDGE}, "
            f"{_triple(nearest)} say"
        )
        _refuse(f"{key}.patch", _triple(stage.patch), remedy)
    most = max(1, int(math.log2(max(stage.patch))))
    if stage.levels > most:
        remedy = (
            f"an edge of {max(stage.patch)} voxels can be halved for {most} at most, so give that, "
            f"or an edge of {2**stage.levels}"
        )
        _refuse(f"{key}.levels", stage.levels, remedy)


def _check_cells(plan: Plan, annotated: Collection[str]) -> None:
    if not plan.training:
        _refuse("training", "empty", f"name cells to learn from, of {_names(annotated)}")
    for key in ("training", "validation"):
        names: tuple[str, ...] = getattr(plan, key)
        for number, name in enumerate(names):
            if name not in annotated:
                _refuse(
                    f"{key}[{number}]",
                    repr(name),
                    f"no chosen cell with labels for the task has that name; there are "
                    f"{_names(annotated)}",
                )
            if name in names[:number]:
                _refuse(f"{key}[{number}]", repr(name), "it is there twice; leave it out once")
    for number, name in enumerate(plan.validation):
        if name in plan.training:
            remedy = "it is among the training cells; leave it out of one of the two"
            _refuse(f"validation[{number}]", repr(name), remedy)


def _names(names: Collection[str]) -> str:
    return listed(sorted(names)) or "none"


def _check_folds(plan: Plan) -> None:
    for number, fold in enumerate(plan.folds):
        for key in ("training", "held_out"):
            names: tuple[str, ...] = getattr(fold, key)
            place = f"folds[{number}].{key}"
            if not names:
                _refuse(place, "empty", f"name cells, of {_names(plan.training)}, or drop the fold")
            for name in names:
                if name not in plan.training:
                    remedy = f"only training cells can be, {_names(plan.training)}; leave it out"
                    _refuse(place, _triple(map(repr, names)), f"{name!r} is in it, but {remedy}")
        both = sorted(set(fold.training) & set(fold.held_out))
        if both:
            remedy = f"{both[0]!r} is among its training cells; leave it out of one of the two"
            _refuse(f"folds[{number}].held_out", _triple(map(repr, fold.held_out)), remedy)
