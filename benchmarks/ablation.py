"""What each part of a training brings: the plan as it is, and with one of its numbers changed.

    .venv/bin/python benchmarks/ablation.py FOLDER --minutes 2 --ways plan no-wedge

Seven simulated cells of 96³ to learn from, four ordinary and four with a missing wedge to test; new
cells for each seed, none of them those of `benchmarks/engine.py`. Minutes are of two idle cores:
120 core-seconds each. FOLDER/rows.jsonl gets a line a training; what is in it is not run again.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from peers.cells import Known, Trial, simulated
from peers.job import Clock, core_seconds, wall_clock_of_core_seconds

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import Event
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.plan import Plan
from sxtstudio.core.scores import dice, mean_known
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import LabelMap, Tomogram

CELLS = (7, 4)
FIRST_SEED = 900
SCORING_SHARE = 0.04


def _one_stage(plan: Plan) -> Plan:
    return replace(plan, stages=(replace(plan.stages[-1], share=1.0),))


def _patches_of_32(plan: Plan) -> Plan:
    *before, last = plan.stages
    return replace(plan, stages=(*before, replace(last, patch=(32, 32, 32))))


WAYS: dict[str, Callable[[Plan], Plan]] = {
    "plan": lambda plan: plan,
    "no-wedge": lambda plan: replace(plan, wedge_share=0.0),
    "wedge-half": lambda plan: replace(plan, wedge_share=0.5),
    "one-stage": _one_stage,
    "not-cross-fitted": lambda plan: replace(plan, folds=()),
    "patches-of-32": _patches_of_32,
    "equal-weights": lambda plan: replace(plan, class_weights=(1.0,) * len(plan.class_weights)),
}


def main() -> None:
    """Train in every way that is asked for and not there yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--kind", default="alga")
    parser.add_argument("--size", type=int, default=96)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = args.folder / "rows.jsonl"
    done = [json.loads(line) for line in rows.read_text().splitlines()] if rows.exists() else []
    wall_clock_of_core_seconds(1)
    for seed in args.seeds:
        trial = simulated(args.kind, args.size, FIRST_SEED + seed, ["ordinary", "wedge"], CELLS)
        for way in args.ways:
            facts = {"way": way, "seed": seed, "minutes": args.minutes, "kind": args.kind}
            if not any(facts.items() <= row.items() for row in done):
                row = facts | _trained(trial, WAYS[way], args.minutes * 120, seed, args.folder)
                with rows.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                print(json.dumps(row), flush=True)


def _trained(
    trial: Trial, edit: Callable[[Plan], Plan], budget_core_s: float, seed: int, folder: Path
) -> dict[str, object]:
    """Return the Dice of every class on unseen cells of both sets, and what it took."""
    from sxtstudio.engine.cascade import train_cascade
    from sxtstudio.engine.planning import PlanRequest, make_plan
    from sxtstudio.engine.predicting import predict_cascade

    ontology = default_ontology()
    task = parse_task("ablation", trial.classes, ontology)
    cells = [_cell(known, trial.classes) for known in trial.training]
    clock = Clock(budget_core_s)
    minutes = budget_core_s * (1 - SCORING_SHARE) / 60
    request = PlanRequest(device="cpu", minutes=minutes, seed=seed, threads=1)
    place = folder / "training"
    shutil.rmtree(place, ignore_errors=True)
    plan = edit(make_plan(task, cells, ontology, request))
    network = train_cascade(plan, cells, ontology, place, _silence)
    training_core_s, start = clock.spent, core_seconds()
    row: dict[str, object] = {"training_core_s": round(training_core_s, 1)}
    for name, unseen in trial.unseen.items():
        rows: list[list[float]] = []
        for known in unseen:
            tomogram = Tomogram(lac_ZYX=known.lac_ZYX, voxel_size_um=known.voxel_size_um)
            said = predict_cascade(network, tomogram, place, _silence, device="cpu", threads=1)
            pairs = enumerate(trial.classes, start=1)
            found_ZYX = np.asarray(said.label_map.labels_ZYX)
            rows.append([dice(found_ZYX == k, known.labels_ZYX == k) for k, _ in pairs])
        means = [mean_known(column) for column in zip(*rows, strict=True)]
        row[name] = {c: round(mean, 3) for c, mean in zip(trial.classes, means, strict=True)}
        row[f"{name} mean"] = round(mean_known(means), 3)
    return row | {"predicting_core_s": round(core_seconds() - start, 1)}


def _cell(known: Known, classes: tuple[str, ...]) -> Cell:
    label_map = LabelMap(
        labels_ZYX=known.labels_ZYX,
        names=dict(enumerate(classes, start=1)),
        voxel_size_um=known.voxel_size_um,
    )
    return Cell(
        name=known.name,
        tomogram=Tomogram(lac_ZYX=known.lac_ZYX, voxel_size_um=known.voxel_size_um),
        annotations=(Annotation(label_map=label_map, complete=frozenset(classes)),),
    )


def _silence(_event: Event) -> None:
    """Say nothing of the progress."""


if __name__ == "__main__":
    main()
