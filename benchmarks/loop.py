"""How many slices of a new kind of cell must be drawn by hand, with suggested and random slabs.

    .venv/bin/python benchmarks/loop.py FOLDER [--seeds 1 2] [--rounds 6] [--steps 200]

One simulated cell of a kind that no network knows. The slab through its middle is drawn (copied
from the truth); a first network learns from what is drawn and labels the rest of the cell; the next
slab is drawn where that network doubts most (``suggested``), or anywhere (``random``); and so on.
Dice is that of the part of the cell that was not drawn. Networks are small, so that a round takes
seconds.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import ignore
from sxtstudio.core.ontology import IGNORE, default_ontology
from sxtstudio.core.plan import Plan
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.scores import certain_dice
from sxtstudio.core.slabs import suggest_slabs
from sxtstudio.core.task import Task, parse_task, targets
from sxtstudio.core.volume import LabelMap
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.simulation.cells import simulate_cell
from sxtstudio.workflow.first_network import dealt

CLASSES = {
    "yeast": ("nucleus", "vacuole", "lipid bodies"),
    "alga": ("nucleus", "lipid bodies", "starch granules"),
    "lymphocyte": ("nucleus", "mitochondria", "lipid bodies"),
}
WAYS = ("suggested", "random")
GOAL = 0.85
ONTOLOGY = default_ontology()
Planes = tuple[int, int, int]
"""Axis, first plane, and the plane after the last one."""


def main() -> None:
    """Run the benchmark and print one JSON line a round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", default="yeast", choices=CLASSES)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--planes", type=int, default=1, help="planes of a slab")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--channels", type=int, default=8)
    args = parser.parse_args()
    task = parse_task("loop", CLASSES[args.kind], ONTOLOGY)
    for seed in args.seeds:
        cell = known_only(
            simulate_cell(args.kind, args.size, np.random.default_rng(seed), name="new"), task
        )
        for way in args.ways:
            run(cell, task, way, seed, args)


def known_only(cell: Cell, task: Task) -> Cell:
    """Return a cell in which just the classes of the task are drawn, everywhere."""
    (annotation,) = cell.annotations
    wanted = {member for item in task.classes for member in item.members}
    names = {v: name for v, name in annotation.label_map.names.items() if name in wanted}
    labels_ZYX = annotation.label_map.labels_ZYX
    labels_ZYX = np.where(np.isin(labels_ZYX, list(names)), labels_ZYX, 0).astype(np.uint8)
    label_map = replace(annotation.label_map, labels_ZYX=labels_ZYX, names=names)
    return replace(cell, annotations=(Annotation(label_map=label_map, complete=frozenset(wanted)),))


def run(cell: Cell, task: Task, way: str, seed: int, args: argparse.Namespace) -> None:
    """Draw slab after slab, and tell how well the rest of the cell is found."""
    rng = np.random.default_rng([seed, 1])
    truth_ZYX = targets(cell.annotations[0], task, ONTOLOGY)
    first = (args.size - args.planes) // 2
    slabs: list[Planes] = [(0, first, first + args.planes)]
    for number in range(1, args.rounds + 1):
        spent = time.process_time()
        drawn_ZYX = drawn(truth_ZYX.shape, slabs)
        folder = args.folder / f"{args.kind}-{seed}-{way}-{number}"
        found = learn(cell, drawn_ZYX, task, folder, args)
        labels_ZYX = np.array(found.label_map.labels_ZYX)
        dice = [
            certain_dice(labels_ZYX[~drawn_ZYX], truth_ZYX[~drawn_ZYX], label)
            for label in task.names
        ]
        told = {
            "kind": args.kind,
            "seed": seed,
            "way": way,
            "slices": args.planes * len(slabs),
            "mean_dice": round(float(np.nanmean(dice)), 3),
            "dice": dict(zip(task.names.values(), np.round(dice, 3).tolist(), strict=True)),
            "slab": slabs[-1],
            "core_seconds": round(time.process_time() - spent),
        }
        print(json.dumps(told), flush=True)
        if np.nanmean(dice) >= GOAL:
            return
        slabs.append(
            suggested(found, drawn_ZYX, args.planes)
            if way == "suggested"
            else anywhere(truth_ZYX.shape, slabs, args.planes, rng)
        )


def drawn(shape: Sequence[int], slabs: Sequence[Planes]) -> np.ndarray:
    """Return which voxels were drawn."""
    drawn_ZYX = np.zeros(shape, bool)
    for axis, start, stop in slabs:
        drawn_ZYX[(*(slice(None),) * axis, slice(start, stop))] = True
    return drawn_ZYX


def suggested(found: Prediction, drawn_ZYX: np.ndarray, planes: int) -> Planes:
    """Return the slab that the program would have drawn, of those that were not drawn."""
    doubt_ZYX = np.where(drawn_ZYX, 0, found.uncertainty_ZYX)
    (slab,) = suggest_slabs(
        doubt_ZYX, found.label_map.labels_ZYX, found.novelty_map, count=1, planes=planes
    )
    return "zyx".index(slab.axis), slab.start, slab.stop


def anywhere(
    shape: Sequence[int], slabs: Sequence[Planes], planes: int, rng: np.random.Generator
) -> Planes:
    """Return a slab that was not drawn: any axis, any place."""
    while True:
        axis = int(rng.integers(3))
        start = int(rng.integers(shape[axis] - planes + 1))
        if (axis, start, start + planes) not in slabs:
            return axis, start, start + planes


def learn(
    cell: Cell, drawn_ZYX: np.ndarray, task: Task, folder: Path, args: argparse.Namespace
) -> Prediction:
    """Train on what is drawn; return what the network says of the whole cell."""
    (whole,) = cell.annotations
    unknown = max(whole.label_map.names) + 1
    label_map = LabelMap(
        labels_ZYX=np.where(drawn_ZYX, whole.label_map.labels_ZYX, unknown).astype(np.uint8),
        names={**whole.label_map.names, unknown: IGNORE},
        voxel_size_um=cell.tomogram.voxel_size_um,
    )
    shown = replace(whole, label_map=label_map)
    cells = [
        replace(cell, name=f"{cell.name} {number}", annotations=(part,))
        for number, part in enumerate(dealt(shown), start=1)
    ]
    folder.mkdir(parents=True)
    plan = small(make_plan(task, cells, ONTOLOGY, _request(args)), args.channels)
    network = train_cascade(plan, cells, ONTOLOGY, folder, ignore)
    return predict_cascade(network, cell.tomogram, folder / "predicted", ignore, threads=1)


def _request(args: argparse.Namespace) -> PlanRequest:
    return PlanRequest(device="cpu", steps=args.steps, threads=1, seed=0)


def small(plan: Plan, channels: int) -> Plan:
    """Return a plan with narrower networks and patches that a step learns from quickly."""
    stages = tuple(
        replace(
            stage,
            base_channels=channels,
            patch=stage.patch if stage.whole else (24, 24, 24),
            levels=min(3, stage.levels),
        )
        for stage in plan.stages
    )
    return replace(plan, stages=stages, precision="float32")


if __name__ == "__main__":
    main()
