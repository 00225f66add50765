"""How much memory a training and its predictions take, and plans that fit into what is free.

What a network keeps of a batch for its gradients is counted, not guessed: the real network runs on
torch's ``meta`` device, where tensors have shapes and no values, and what autograd keeps is added
up. It grows with batch × voxels of the patch × Σ over levels (channels / 8^level) × 4 bytes.

    training a stage    PROCESS + LANE × lanes + TRAINING × kept(batch) + WEIGHTS × weights
    predicting          PROCESS + PREDICTING × kept(tiles at once) + slab of probabilities
    preparing cells     PROCESS + VOXEL × voxels of the largest cell

A plan needs the largest of these; what is kept counts `BFLOAT16` times where convolutions are
computed in that. Constants are from the peak memory of processes on a CPU (torch 2.13, float32,
batch × edge × channels): 2 × 32³ × 16 took 0.48 GB (estimated 0.76), 2 × 64³ × 16 1.09 (1.37),
1 × 80³ × 24 1.63 (1.77), all on one thread; 2 × 48³ × 16 on two threads 1.36 (1.24). Tiles took 1.1
to 1.4 times what is kept of them. On a GPU nothing was measured. Cells were not measured, either:
their bytes are counted from what the code holds at once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import torch

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import PlanError
from sxtstudio.core.grid import Shape
from sxtstudio.core.plan import Plan, Stage
from sxtstudio.engine.device import resolve_device, training_precision
from sxtstudio.engine.inference import tile_of
from sxtstudio.engine.package import make_network
from sxtstudio.engine.preparation import shape_on_grid
from sxtstudio.io.memory import available_bytes

PROCESS = {"cpu": 400e6, "cuda": 500e6}
"""Interpreter, torch and its first buffers."""

LANE = 250e6
"""What convolutions and the allocator hold for each thread that learns from a part of a batch."""

TRAINING, PREDICTING, BFLOAT16 = 2.6, 1.5, 0.7
WEIGHTS = 6
"""The weights themselves, their average, gradients, momentum, and what a step makes meanwhile."""

VOXEL = 32
"""Bytes for each voxel of a cell while it is prepared, and its places of classes are looked for."""

USABLE = 0.8
"""Part of the free memory that a plan may take, so that the machine stays usable."""

LEAST_PATCH = 16
_FLOAT = 4


@dataclass(frozen=True, kw_only=True)
class Need:
    """Bytes that training each stage takes at its peak, and what all else takes."""

    stages: tuple[int, ...]
    predicting: int
    preparing: int

    @property
    def peak(self) -> int:
        """The most that is taken at any time."""
        return max(*self.stages, self.predicting, self.preparing)


def memory_need(plan: Plan, shapes: Sequence[Shape]) -> Need:
    """Return what a plan takes where its cells have these ``shapes`` on its grid."""
    process = PROCESS[plan.device]
    precise = BFLOAT16 if plan.precision == "bfloat16" else 1.0
    stages: list[int] = []
    for number, stage in enumerate(plan.stages):
        kept, weights = _kept(plan, number, stage.batch_size, stage.patch)
        lanes = min(plan.threads, stage.batch_size) if plan.device == "cpu" else 1
        fixed = process + LANE * lanes + WEIGHTS * weights
        stages.append(round(fixed + precise * TRAINING * kept))
    largest = max(shapes, key=math.prod)
    return Need(
        stages=tuple(stages),
        predicting=round(process + _predicting(plan, largest, precise)),
        preparing=round(process + VOXEL * math.prod(largest)) if plan.device == "cpu" else 0,
    )


def memory_gb(plan: Plan, cells: Sequence[Cell]) -> float:
    """Return the most that a plan takes at a time with some cells, in GB."""
    named = {*plan.training, *plan.validation}
    tomograms = [cell.tomogram for cell in cells if cell.name in named]
    shapes = [shape_on_grid(tomogram, plan.voxel_size_um) for tomogram in tomograms]
    return round(memory_need(plan, shapes).peak / 1e9, 2)


def _predicting(plan: Plan, shape: Shape, precise: float) -> float:
    last = len(plan.stages) - 1
    tile = tile_of(plan.stages[last].patch, shape)
    at_once = max(2, plan.threads if plan.device == "cpu" else 1)
    kept, weights = _kept(plan, last, at_once, tile)
    planes = (len(plan.task.classes) + 2) * tile[0] * shape[1] * shape[2] * _FLOAT
    # Finished planes are copied out of the sums, so that they are there twice for a while.
    return precise * PREDICTING * kept + weights + (2 * planes if plan.device == "cpu" else 0)


def _kept(plan: Plan, stage: int, batch: int, patch: Shape) -> tuple[int, int]:
    """Return the bytes that autograd keeps of one batch, and those of the network's weights."""
    storages: list[torch.UntypedStorage] = []

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storages.append(tensor.untyped_storage())
        return tensor

    with torch.device("meta"), torch.enable_grad():
        network = make_network(plan, stage)
        channels = 1 if stage == 0 else 1 + len(plan.task.classes)
        inputs = torch.empty(batch, channels, *patch)
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            network(inputs)
    weights = _sizes(parameter.untyped_storage() for parameter in network.parameters())
    kept = {one: size for one, size in _sizes(storages).items() if one not in weights}
    return sum(kept.values()), sum(weights.values())


def _sizes(storages: Iterable[torch.UntypedStorage]) -> dict[int, int]:
    """Return the bytes of some storages, each once; several tensors may share one."""
    return {storage._cdata: storage.nbytes() for storage in storages}


def free_bytes(device: str) -> int:
    """Return the memory that is free now, of the machine or of its GPU."""
    if device == "cuda":
        return int(torch.cuda.mem_get_info(resolve_device(device))[0])
    return available_bytes()


def fitted(plan: Plan, shapes: Sequence[Shape], free: int | None = None) -> tuple[Plan, str]:
    """Return a plan that fits into what is free, and why it is as it is, in words.

    Where a stage takes more, its batch is halved, then its patch, unless that holds whole cells.
    """
    free = free_bytes(plan.device) if free is None else free
    smaller = _smaller(plan, shapes, free)
    words = need_words(memory_need(smaller, shapes).peak, free)
    if smaller == plan:
        return plan, words
    precision = training_precision(resolve_device(plan.device), smaller.stages)
    smaller = replace(smaller, precision=precision)
    before = memory_need(plan, shapes).peak
    changes = [
        f"stage {number} from {_figures(old)} to {_figures(new)}"
        for number, (old, new) in enumerate(zip(plan.stages, smaller.stages, strict=True), 1)
        if old != new
    ]
    return smaller, (
        f"{words} It was made smaller, {' and '.join(changes)}, because it would have needed "
        f"about {size_words(before)}."
    )


def _figures(stage: Stage) -> str:
    return f"batches of {stage.batch_size} × {' × '.join(map(str, stage.patch))} voxels"


def _smaller(plan: Plan, shapes: Sequence[Shape], free: int) -> Plan:
    """Return a plan whose stages fit, as far as smaller batches and patches help."""
    while True:
        need = memory_need(plan, shapes)
        stages = list(plan.stages)
        for number, (stage, taken) in enumerate(zip(plan.stages, need.stages, strict=True)):
            last = number == len(stages) - 1
            if taken > USABLE * free or (last and need.predicting > USABLE * free):
                batch_helps = stage.batch_size > 1 and taken > USABLE * free
                stages[number] = _halved(stage, batch=batch_helps)
        if tuple(stages) == plan.stages:
            return plan
        plan = replace(plan, stages=tuple(stages))


def _halved(stage: Stage, *, batch: bool) -> Stage:
    if batch:
        return replace(stage, batch_size=stage.batch_size // 2)
    if stage.whole:
        return stage
    step = max(4, 2 ** (stage.levels - 1))
    z, y, x = (
        edge if edge <= LEAST_PATCH else max(LEAST_PATCH, edge // 2 // step * step)
        for edge in stage.patch
    )
    return replace(stage, patch=(z, y, x), levels=min(stage.levels, int(math.log2(max(z, y, x)))))


def check_memory(plan: Plan, shapes: Sequence[Shape], free: int | None = None) -> None:
    """Raise `PlanError` if a plan takes more than is free, with what would fit.

    A plan may take all that is free, if somebody wants that; a plan that is made takes less.
    """
    free = free_bytes(plan.device) if free is None else free
    need = memory_need(plan, shapes)
    if need.peak <= free:
        return
    if need.preparing > free:
        remedy = "close other programs, or take smaller cells or a coarser voxel_size_um"
    else:
        remedy = _remedy(plan, shapes, free)
    taken, left = size_words(need.peak), size_words(free)
    raise PlanError(f"The plan needs about {taken} of memory and {left} are free; {remedy}.")


def _remedy(plan: Plan, shapes: Sequence[Shape], free: int) -> str:
    """Return which batch, or which patch, of the stages that are too large would fit."""
    smaller = _smaller(plan, shapes, free)
    if memory_need(smaller, shapes).peak > free:
        return (
            "close other programs, give fewer base_channels, or larger factors to the first stage"
        )
    return " and ".join(
        f"stages[{number}] fits with {_alternatives(plan, number, new, shapes, free)}"
        for number, (old, new) in enumerate(zip(plan.stages, smaller.stages, strict=True))
        if old != new
    )


def _alternatives(
    plan: Plan, number: int, smaller: Stage, shapes: Sequence[Shape], free: int
) -> str:
    """Return the batch and patch that fit, or a patch that does with the batch asked for."""
    words = f"batch_size {smaller.batch_size}"
    old = plan.stages[number]
    if smaller.patch != old.patch:
        words += f" and patch [{', '.join(map(str, smaller.patch))}]"
    if old.whole or smaller.batch_size == old.batch_size:
        return words
    patched = old
    while max(patched.patch) > LEAST_PATCH:
        patched = _halved(patched, batch=False)
        stages = (*plan.stages[:number], patched, *plan.stages[number + 1 :])
        if memory_need(replace(plan, stages=stages), shapes).stages[number] <= USABLE * free:
            return f"{words}, or with patch [{', '.join(map(str, patched.patch))}]"
    return words


def need_words(peak: int, free: int) -> str:
    """Return what a plan takes of what is free, in a sentence."""
    return f"Memory: needs about {size_words(peak)} of the {size_words(free)} that are free."


def size_words(size: float) -> str:
    """Return a number of bytes as "0.7 GB" or "20 GB"."""
    return f"{size / 1e9:.1f} GB" if size < 9.95e9 else f"{size / 1e9:.0f} GB"
