"""What will be trained, as data a user can read and edit: stages, folds, and a reason for each."""

from dataclasses import dataclass
from typing import Literal

from sxtstudio.core.errors import PlanError
from sxtstudio.core.task import Task
from sxtstudio.core.volume import VoxelSize

Shape = tuple[int, int, int]
LONGEST_MINUTES = 60 * 24 * 7
LEAST_STEPS = 4


def check_seed(seed: int) -> None:
    """Raise `PlanError` if no random numbers can come from a seed."""
    if seed < 0:
        raise PlanError(f"The seed {seed} is negative; give 0 or more.")


def check_budget(minutes: float | None, steps: int | None, seed: int = 0) -> None:
    """Raise `PlanError` if no network can be trained so long, or from such a seed."""
    check_seed(seed)
    if minutes is not None and not 0 < minutes <= LONGEST_MINUTES:
        raise PlanError(f"{minutes:g} minutes is no time to train; give 0.1 to {LONGEST_MINUTES}.")
    if steps is not None and steps < LEAST_STEPS:
        raise PlanError(f"{steps} steps are too few for two stages; give at least {LEAST_STEPS}.")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One network of the cascade.

    ``factor`` is how many voxels of the plan's grid one voxel of this stage spans along (z, y, x),
    by area averaging. ``patch`` is in voxels of the stage. ``share`` is this stage's part of the
    time or steps; the cross-fitted networks of a stage divide its share evenly with the kept one.
    ``whole`` tells that the patch holds the whole cell. Stage 1 sees LAC only, later stages also
    the probability fields of the stage before.
    """

    factor: Shape
    patch: Shape
    batch_size: int
    base_channels: int
    levels: int
    learning_rate: float
    share: float
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A split by cell: ``training`` and ``held_out`` are cell names."""

    training: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The network that a training begins from instead of chance.

    ``network`` is the sha256 of its package, ``file`` the name of that. Learning rates are
    multiplied by ``gentleness`` where a network begins from another. ``earlier`` are the cells of
    the plan that the network knew, so that they are learned again: where there are any, half of
    every batch is drawn from them. ``improves`` tells that it is for the very same task.
    """

    network: str
    file: str
    gentleness: float
    earlier: tuple[str, ...] = ()
    improves: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that decides a training.

    ``voxel_size_um`` is the grid of the finest stage. Networks see
    (LAC − ``lac_centre_per_um``) / ``lac_scale_per_um``, the same for every cell.
    ``precision`` is that of the convolutions while training. ``class_weights`` weigh the
    cross-entropy, none of the classes first. Either ``minutes`` (of
    this machine) or ``steps`` (reproducible; counted over all stages and folds) is set.
    ``validation`` cells are never trained on; ``folds`` cross-fit every stage but the last.
    ``wedge_share`` (0–1) is the part of what is learned from cells as if they had been tilted over
    less than half a turn.
    ``reasons`` explain the choices, ``risks`` say what may go wrong, both in words. ``beginning``
    is None where every network begins from chance.
    """

    task: Task
    seed: int
    device: str
    threads: int
    precision: Literal["float32", "bfloat16"]
    minutes: float | None
    steps: int | None
    voxel_size_um: VoxelSize
    lac_centre_per_um: float
    lac_scale_per_um: float
    class_weights: tuple[float, ...]
    stages: tuple[Stage, ...]
    training: tuple[str, ...]
    validation: tuple[str, ...]
    folds: tuple[Fold, ...]
    reasons: tuple[str, ...]
    risks: tuple[str, ...] = ()
    beginning: Beginning | None = None
    wedge_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Run:
    """The training of one network: its stage (from 1) and fold (0 is kept).

    Its ``share`` of the whole budget comes after those that add up to ``start``.
    """

    stage: int
    fold: int
    start: float
    share: float

    @property
    def stop(self) -> float:
        """Where its part of the budget ends."""
        return self.start + self.share


def runs_of(plan: Plan) -> tuple[Run, ...]:
    """Return the networks that are trained for a plan, in their order.

    The kept network of a stage comes first, so that there is a map to look at soon.
    """
    runs: list[Run] = []
    start = 0.0
    for number, spec in enumerate(plan.stages, start=1):
        folds = range(len(plan.folds) + 1) if spec.whole else [0]
        for fold in folds:
            share = spec.share / len(folds)
            runs.append(Run(stage=number, fold=fold, start=start, share=share))
            start += share
    return tuple(runs)
