"""What a first network finds of a cell of which three slices were drawn.

    .venv/bin/python benchmarks/first_network.py FOLDER [--kind alga] [--size 96] [--minutes 2.5]
        [--network EARLIER.sxtnet] [--whole]

One simulated cell; slices at 30, 50 and 70 % of the part with organelles are drawn completely. Dice
is that of all other slices. With ``--network`` the training begins from that network; with
``--whole`` what is drawn is not dealt to two copies, so that stage 1 is not cross-fitted.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import ignore
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.scope import Slices, left_open
from sxtstudio.core.scores import certain_dice
from sxtstudio.core.task import targets
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.simulation.cells import simulate_cell
from sxtstudio.workflow import first_network
from sxtstudio.workflow.first_network import FirstRequest, export_first_job
from sxtstudio.workflow.job_folder import read_prediction
from sxtstudio.workflow.jobs import run_job

CLASSES = {
    "alga": ("nucleus", "mitochondria", "lipid", "starch"),
    "yeast": ("nucleus", "vacuole", "mitochondria", "lipid"),
    "lymphocyte": ("nucleus", "mitochondria", "lipid"),
}
PLACES = (0.3, 0.5, 0.7)
ONTOLOGY = default_ontology()


def main() -> None:
    """Run the benchmark and print one JSON line a cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", default="alga", choices=CLASSES)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--seeds", type=int, nargs="+", default=[5])
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--network", type=Path)
    parser.add_argument("--whole", action="store_true")
    args = parser.parse_args()
    if args.whole:
        first_network.dealt = lambda annotation: (annotation,)
    for seed in args.seeds:
        rng = np.random.default_rng([seed, args.size])
        cell = simulate_cell(args.kind, args.size, rng, name=args.kind)
        told = {
            "kind": args.kind,
            "size": args.size,
            "seed": seed,
            "begins from": args.network.name if args.network else "chance",
            "dealt": not args.whole,
            "steps": args.steps,
            "minutes": args.minutes,
        }
        folder = args.folder / f"{args.kind}-{args.size}-{seed}-{time.monotonic_ns()}"
        print(json.dumps({**told, **learn(cell, folder, args)}), flush=True)


def learn(cell: Cell, folder: Path, args: argparse.Namespace) -> dict[str, object]:
    """Train on three slices of a cell, label the rest, and tell how well that went."""
    full = _known(cell, CLASSES[args.kind])
    planes = np.flatnonzero(full.label_map.labels_ZYX.any((1, 2)))
    drawn = tuple(int(planes[int(len(planes) * place)]) for place in PLACES)
    shown = replace(full, label_map=left_open(full.label_map, Slices(axis=0, indices=drawn)))
    request = FirstRequest(
        minutes=args.minutes,
        steps=args.steps,
        device="cpu",
        threads=args.threads,
        transfer=args.network is not None,
    )
    folder.mkdir(parents=True)
    with Project.create(folder / "p.sxt") as project:
        record = project.add_cell(replace(cell, annotations=()))
        if args.network is not None:
            project.add_network(args.network, read_network_card(args.network))
        task = export_first_job(project, record, shown, request, folder / "job")
    spent, began = time.process_time(), time.monotonic()
    run_job(folder / "job", ignore)
    spent, took = time.process_time() - spent, time.monotonic() - began
    labels_ZYX = read_prediction(folder / "job" / "results" / "0").label_map.labels_ZYX
    truth_ZYX = targets(full, task, ONTOLOGY)
    rest = np.setdiff1d(np.arange(len(labels_ZYX)), drawn)
    dice = [certain_dice(labels_ZYX[rest], truth_ZYX[rest], label) for label in task.names]
    return {
        "mean_dice": round(float(np.nanmean(dice)), 3),
        "dice": dict(zip(task.names.values(), np.round(dice, 3).tolist(), strict=True)),
        "drawn": drawn,
        "core_seconds": round(spent),
        "seconds": round(took),
    }


def _known(cell: Cell, classes: tuple[str, ...]) -> Annotation:
    """Return an annotation of just some classes, drawn everywhere."""
    (annotation,) = cell.annotations
    names = {v: name for v, name in annotation.label_map.names.items() if name in classes}
    labels_ZYX = annotation.label_map.labels_ZYX
    labels_ZYX = np.where(np.isin(labels_ZYX, list(names)), labels_ZYX, 0).astype(np.uint8)
    label_map = replace(annotation.label_map, labels_ZYX=labels_ZYX, names=names)
    return Annotation(label_map=label_map, complete=frozenset(names.values()))


if __name__ == "__main__":
    main()
