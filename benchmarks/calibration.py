"""How far the probabilities of a network can be believed on cells that it never saw.

    .venv/bin/python benchmarks/calibration.py [--references 6] [--new 3] [--size 64] [--steps 500]

Trains a cascade on simulated algae, of which it spares some; its temperature is fitted on those.
Then new algae, and yeasts, of which it knows nothing, are segmented, and the expected calibration
error over the voxels in which the network saw a chance of any class is printed: as the network says
it (temperature 1), at its own temperature, and at the best one, fitted on these very cells.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sxtstudio.core.calibration import error_of, fit_temperature, tempered
from sxtstudio.core.cell import Cell
from sxtstudio.core.events import Notice, ignore
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task, targets
from sxtstudio.engine.calibration import CHANCE
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.package import Cascade, load_package, save_package
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.simulation.cells import simulate_cell

CLASSES = ["nucleus", "mitochondria", "lipid bodies", "starch granules"]
Sample = tuple[np.ndarray, np.ndarray]
"""Probabilities and possible labels of some voxels, (K, N) each."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="How far probabilities can be believed.")
    parser.add_argument("--references", type=int, default=6)
    parser.add_argument("--new", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    def cells(kind: str, count: int, stream: int) -> list[Cell]:
        rngs = [np.random.default_rng([args.seed, stream, number]) for number in range(count)]
        return [
            simulate_cell(kind, args.size, rng, name=f"{kind} {number}")
            for number, rng in enumerate(rngs)
        ]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network = train(cells("alga", args.references, 0), args.steps, args.seed, folder)
        card = load_package(network, torch.device("cpu")).card
        print(card.calibration.words if card.calibration else "no cell was spared", flush=True)
        temperature = card.calibration.temperature if card.calibration else 1.0
        raw = as_said(network, folder / "raw.sxtnet")
        for kind, stream in (("alga", 1), ("yeast", 2)):
            new = cells(kind, args.new, stream)
            samples = [sample(raw, cell, folder / f"{kind}{i}") for i, cell in enumerate(new)]
            show(f"new {kind}s", samples, temperature)


def train(library: list[Cell], steps: int, seed: int, folder: Path) -> Path:
    """Train a cascade."""
    ontology = default_ontology()
    task = parse_task("organelles", CLASSES, ontology)
    request = PlanRequest(device="cpu", steps=steps, threads=1, seed=seed)
    plan = make_plan(task, library, ontology, request)
    print(f"{len(plan.training)} cells to train on, {len(plan.validation)} spared", flush=True)
    return train_cascade(
        plan,
        library,
        ontology,
        folder,
        lambda event: print(event.text, flush=True) if isinstance(event, Notice) else None,
    )


def as_said(network: Path, path: Path) -> Path:
    """Write the network without its calibration."""
    cascade = load_package(network, torch.device("cpu"))
    card = replace(cascade.card, calibration=None)
    save_package(path, Cascade(card=card, networks=cascade.networks, folds=cascade.folds))
    return path


def sample(network: Path, cell: Cell, folder: Path) -> Sample:
    """Return what a network says of a cell where it sees a chance of any class, and the truth."""
    found = predict_cascade(network, cell.tomogram, folder, ignore, device="cpu", threads=1)
    task = load_package(network, torch.device("cpu")).card.plan.task
    p_KN = np.asarray(found.probability_KZYX, np.float32).reshape(len(CLASSES), -1) / 255
    none_N = np.maximum(1 - p_KN.sum(0), 0)
    chance = none_N < 1 - CHANCE
    p_KN = np.concatenate([none_N[None], p_KN])[:, chance]
    possible_N = targets(cell.annotations[0], task, default_ontology()).ravel()[chance]
    bits = np.arange(len(CLASSES) + 1, dtype=np.uint32)[:, None]
    return p_KN / p_KN.sum(0), (possible_N >> bits & 1).astype(bool)


def show(name: str, samples: list[Sample], temperature: float) -> None:
    """Print a line about some cells."""
    p_KN = np.concatenate([p for p, _ in samples], axis=1)
    possible_KN = np.concatenate([possible for _, possible in samples], axis=1)
    best = fit_temperature(p_KN, possible_KN)
    errors = [error_of(tempered(p_KN, it), possible_KN) for it in (1.0, temperature, best)]
    right = possible_KN[p_KN.argmax(0), np.arange(p_KN.shape[1])].mean()
    print(
        f"{name:12}  voxels {p_KN.shape[1]:8}  right {right:.3f}  error as said {errors[0]:.4f}  "
        f"at {temperature:.2f} {errors[1]:.4f}  at the best, {best:.2f}, {errors[2]:.4f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
