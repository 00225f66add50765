"""How long a step of each stage takes on this machine, found by taking some."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sxtstudio.core.cell import Cell
from sxtstudio.core.events import Event, Metrics
from sxtstudio.core.grid import coarse_shape
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.plan import Plan
from sxtstudio.engine.augmentation import augment
from sxtstudio.engine.device import resolve_device
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.losses import States
from sxtstudio.engine.package import make_network
from sxtstudio.engine.preparation import PreparedCell, coarsen, prepare_cells
from sxtstudio.engine.sampling import Batch, View, make_source, patch_batch, whole_batch
from sxtstudio.engine.scoring import Checkup
from sxtstudio.engine.training import Budget, Course, Lessons, Training

WARM_UP_STEPS = 2
TIMED_STEPS = 4
AS_IT_IS = [(0, 1, 2)]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bench:
    """What all stages are timed with."""

    plan: Plan
    cell: PreparedCell
    states: States
    lanes: Lanes
    folder: Path


def measure_steps(plan: Plan, cells: Sequence[Cell], ontology: Ontology) -> tuple[float, ...]:
    """Return the seconds of a training step of each stage, drawing its batch included.

    Real steps are taken on the smallest training cell, with networks that are thrown away. The
    random numbers of a training are left alone.
    """
    smallest = min(
        (cell for cell in cells if cell.name in plan.training),
        key=lambda cell: cell.tomogram.lac_ZYX.size,
    )
    with (
        tempfile.TemporaryDirectory(prefix="sxtstudio-", ignore_cleanup_errors=True) as place,
        torch.random.fork_rng(devices=[]),
        closing(Lanes(resolve_device(plan.device), plan.threads)) as lanes,
    ):
        (cell,), states = prepare_cells([smallest], plan, ontology, Path(place))
        bench = _Bench(plan=plan, cell=cell, states=states, lanes=lanes, folder=Path(place))
        return tuple(_step_s(bench, stage) for stage in range(len(plan.stages)))


def _step_s(bench: _Bench, stage: int) -> float:
    plan, times_s = bench.plan, list[float]()

    def note(event: Event) -> None:
        if isinstance(event, Metrics):
            times_s.append(event.step_s)

    torch.manual_seed(plan.seed)
    network = make_network(plan, stage).to(bench.lanes.device).train()
    course = Course(
        stage=stage + 1,
        fold=0,
        identity="timing",
        budget=Budget(steps=WARM_UP_STEPS + TIMED_STEPS, seconds=None),
        learning_rate=plan.stages[stage].learning_rate,
        states=bench.states,
        class_weights=plan.class_weights,
        lanes=bench.lanes,
        bfloat16=plan.precision == "bfloat16",
        lessons=Lessons(draw=_draw(bench, stage), validate=lambda _: Checkup()),
        ends_early=lambda _: False,
    )
    Training(network, course, bench.folder / f"{stage}.safetensors", note).run()
    return float(np.median(times_s[WARM_UP_STEPS:]))


def _draw(bench: _Bench, stage: int) -> Callable[[int], Batch]:
    """Return what draws batches as a stage's training does; the stage before is taken to say 0."""
    plan, cell, states = bench.plan, bench.cell, bench.states
    spec = plan.stages[stage]
    if spec.whole:
        coarse = coarsen(cell, spec.factor, states)

        def draw_whole(step: int) -> Batch:
            rng = np.random.default_rng([plan.seed, step])
            return augment(whole_batch([coarse], spec.patch, spec.batch_size, rng), AS_IT_IS, rng)

        return draw_whole
    field_KZYX, factor = None, spec.factor
    if stage:
        factor = plan.stages[stage - 1].factor
        shape = coarse_shape(cell.shape, factor)
        field_KZYX = np.zeros((len(plan.task.classes), *shape), np.float16)
    source = make_source(cell, [View(field_KZYX=field_KZYX)], factor, states, plan.seed)

    def draw_patches(step: int) -> Batch:
        rng = np.random.default_rng([plan.seed, step])
        return augment(
            patch_batch([source], spec.patch, spec.batch_size, states, rng), AS_IT_IS, rng
        )

    return draw_patches
