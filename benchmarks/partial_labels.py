"""Train on eight cells that each show one or two of four organelles, and score unseen cells.

    .venv/bin/python benchmarks/partial_labels.py FOLDER [--steps 2000] [--seeds 1 2]

The same eight simulated algae are learned from in four ways: with everything drawn (``full``); with
what each cell shows and its unlabelled voxels taken for what they are, unknown (``marginal``); with
unlabelled voxels taken for background (``background``); with unlabelled voxels left out
(``ignored``). Each organelle is drawn in three of the eight cells.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.scores import certain_dice
from sxtstudio.core.task import Task, parse_task, targets
from sxtstudio.core.volume import LabelMap
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.simulation.cells import simulate_cell

ORGANELLES = ("nucleus", "mitochondria", "lipid", "starch")
DRAWN = ((0, 1), (2,), (3, 0), (1,), (2, 3), (0,), (1, 2), (3,))
WAYS = ("full", "marginal", "background", "ignored")
UNSEEN = 3


def main() -> None:
    """Run the benchmark and print one JSON line a training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    args = parser.parse_args()
    task = parse_task("organelles", ORGANELLES, default_ontology())
    for seed in args.seeds:
        rng = np.random.default_rng(seed)
        cells = [
            simulate_cell("alga", args.size, rng, name=f"alga-{number}")
            for number in range(len(DRAWN) + UNSEEN)
        ]
        known, unseen = cells[: len(DRAWN)], cells[len(DRAWN) :]
        for way in args.ways:
            learned = [_shown(cell, drawn, way) for cell, drawn in zip(known, DRAWN, strict=True)]
            folder = args.folder / f"{way}-{seed}"
            request = PlanRequest(steps=args.steps, seed=seed, threads=args.threads)
            result = _train_and_score(task, learned, unseen, request, folder)
            print(json.dumps({"way": way, "seed": seed, "steps": args.steps, **result}), flush=True)


def _shown(cell: Cell, drawn: tuple[int, ...], way: str) -> Cell:
    """Return a cell with the annotation that one way of training gets to see."""
    if way == "full":
        return cell
    annotation = cell.annotations[0]
    shown = {ORGANELLES[index] for index in drawn}
    names = {v: name for v, name in annotation.label_map.names.items() if name in shown}
    labels_ZYX = annotation.label_map.labels_ZYX
    labels_ZYX = np.where(np.isin(labels_ZYX, list(names)), labels_ZYX, 0)
    complete = {"marginal": shown, "background": set(ORGANELLES), "ignored": set[str]()}[way]
    label_map = LabelMap(
        labels_ZYX=labels_ZYX.astype(np.uint8),
        names=names,
        voxel_size_um=cell.tomogram.voxel_size_um,
    )
    return replace(
        cell, annotations=(Annotation(label_map=label_map, complete=frozenset(complete)),)
    )


def _train_and_score(
    task: Task, cells: list[Cell], unseen: list[Cell], request: PlanRequest, folder: Path
) -> dict[str, object]:
    """Return the mean Dice of every class on unseen cells, and what it cost."""
    folder.mkdir(parents=True)
    ontology = default_ontology()
    plan = make_plan(task, cells, ontology, request)
    spent = time.process_time()
    network = train_cascade(plan, cells, ontology, folder, lambda _: None)
    spent = time.process_time() - spent
    rows: list[list[float]] = []
    for number, cell in enumerate(unseen):
        work = folder / f"predicted-{number}"
        prediction = predict_cascade(
            network, cell.tomogram, work, lambda _: None, threads=request.threads
        )
        truth_ZYX = targets(cell.annotations[0], task, ontology)
        labels_ZYX = prediction.label_map.labels_ZYX
        rows.append(
            [certain_dice(labels_ZYX, truth_ZYX, value) for value in range(1, len(ORGANELLES) + 1)]
        )
    dice = dict(zip(ORGANELLES, np.round(np.nanmean(rows, axis=0), 3).tolist(), strict=True))
    return {
        "mean_dice": round(float(np.nanmean(rows)), 3),
        "dice": dice,
        "core_seconds": round(spent),
        "trained_on": len(plan.training),
    }


if __name__ == "__main__":
    main()
