"""How often the alarm rings for cells unlike the library, and for ordinary ones.

    .venv/bin/python benchmarks/novelty.py [--network] [--references 10] [--new 20] [--size 48]

A library of simulated algae in capillaries; new cells never seen: ordinary algae, yeasts,
lymphocytes, algae with a missing wedge, and the real tomograms where they are at hand. Prints AUROC
against the ordinary cells, the part of alarms, and the words of one alarm. Without ``--network``
only what the voxels tell counts: acquisition and LAC. ``--same-voxels`` tells every cell to have
voxels of one size, so that kinds are not told apart by the size of their voxels alone.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import mannwhitneyu

from sxtstudio.core.cell import Cell
from sxtstudio.core.events import ignore
from sxtstudio.core.novelty import Novelty, assess, describe_tomogram, novelty_words
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import Tomogram
from sxtstudio.io.volumes import read_volume
from sxtstudio.simulation.cells import simulate_cell

CLASSES = ["nucleus", "mitochondria", "lipid bodies", "starch granules"]
REAL = Path(__file__).parents[1] / ".." / "shared" / "data" / "real"
Assess = Callable[[Tomogram], Novelty]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", type=int, default=10)
    parser.add_argument("--new", type=int, default=20)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--network", action="store_true")
    parser.add_argument("--same-voxels", action="store_true")
    args = parser.parse_args()

    def cells(kind: str, count: int, stream: int, tilt_deg: float | None = None) -> list[Cell]:
        rngs = [np.random.default_rng([args.seed, stream, number]) for number in range(count)]
        made = [
            simulate_cell(kind, args.size, rng, tilt_deg=tilt_deg, name=f"{kind} {number}")
            for number, rng in enumerate(rngs)
        ]
        return [one_voxel_size(cell) for cell in made] if args.same_voxels else made

    library = cells("alga", args.references, 0)
    with tempfile.TemporaryDirectory() as folder:
        told = (
            with_network(library, args.steps, args.seed, Path(folder))
            if args.network
            else without_network(library)
        )
        ordinary = [told(cell.tomogram) for cell in cells("alga", args.new, 1)]
        show("ordinary algae", ordinary, ordinary)
        for name, kind, stream, tilt in (
            ("yeasts", "yeast", 2, None),
            ("lymphocytes", "lymphocyte", 3, None),
            ("missing wedge", "alga", 4, 60.0),
        ):
            made = cells(kind, args.new, stream, tilt)
            show(name, [told(cell.tomogram) for cell in made], ordinary)
        for name, tomogram in real_tomograms():
            show(name, [told(tomogram)], ordinary)


def one_voxel_size(cell: Cell) -> Cell:
    """Return a cell that is told to have voxels of 90 nm."""
    (annotation,) = cell.annotations
    size = (0.09, 0.09, 0.09)
    drawn = replace(annotation, label_map=replace(annotation.label_map, voxel_size_um=size))
    return replace(cell, tomogram=replace(cell.tomogram, voxel_size_um=size), annotations=(drawn,))


def without_network(library: Sequence[Cell]) -> Assess:
    """Return how cells are compared before any network was trained."""
    references = [describe_tomogram(cell.name, cell.tomogram) for cell in library]

    def told(tomogram: Tomogram) -> Novelty:
        novelty = assess(describe_tomogram("", tomogram), references)
        assert novelty is not None
        return novelty

    return told


def with_network(library: Sequence[Cell], steps: int, seed: int, folder: Path) -> Assess:
    """Train a cascade on the library, and return how it compares cells."""
    import torch

    from sxtstudio.core.grid import average, resample
    from sxtstudio.engine.cascade import train_cascade
    from sxtstudio.engine.features import describe_look, look
    from sxtstudio.engine.package import load_package
    from sxtstudio.engine.planning import PlanRequest, make_plan
    from sxtstudio.engine.preparation import scale_lac, shape_on_grid

    ontology = default_ontology()
    task = parse_task("organelles", CLASSES, ontology)
    request = PlanRequest(device="cpu", steps=steps, threads=1, seed=seed)
    plan = make_plan(task, library, ontology, request)
    network = train_cascade(plan, library, ontology, folder, ignore)

    cascade = load_package(network, torch.device("cpu"))

    def told(tomogram: Tomogram) -> Novelty:
        # As predicting does, without the fine stage, of which the verdict knows nothing.
        shape = shape_on_grid(tomogram, plan.voxel_size_um)
        lac_ZYX = np.asarray(tomogram.lac_ZYX)
        if shape != tomogram.shape:
            lac_ZYX = resample(lac_ZYX, shape, order=1)
        coarse_ZYX = average(scale_lac(lac_ZYX, plan), plan.stages[0].factor)
        seen = look(cascade.networks[0], coarse_ZYX, torch.device("cpu"))
        cell = describe_look(describe_tomogram("", tomogram), seen, coarse_ZYX, plan)
        novelty = assess(cell, cascade.card.references)
        assert novelty is not None
        return novelty

    return told


def real_tomograms() -> list[tuple[str, Tomogram]]:
    """Return the two real tomograms, LAC scaled as far as it is known."""
    capillary = REAL / "amira_projects/capillary_cell/sample_12-files/sample_12.rec"
    slab = REAL / "cryo_sxt_slab/raw.tif"
    if not (capillary.exists() and slab.exists()):
        print("real tomograms: not at hand")
        return []
    lac_ZYX = np.asarray(read_volume(capillary).values_ZYX[:], np.float32) / np.float32(0.04)
    grey_ZYX = np.asarray(read_volume(slab).values_ZYX[:], np.float32)
    dark_ZYX = (255 - grey_ZYX) / np.float32(255) * np.float32(0.6)
    return [
        ("real cell", Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(0.32,) * 3)),
        ("real slab", Tomogram(lac_ZYX=dark_ZYX, voxel_size_um=(0.01, 0.02, 0.02))),
    ]


def show(name: str, found: Sequence[Novelty], ordinary: Sequence[Novelty]) -> None:
    """Print one line about a kind of new cells."""
    scores = ([it.score for it in found], [it.score for it in ordinary])
    auroc = mannwhitneyu(*scores).statistic / (len(found) * len(ordinary))
    alarms = [it for it in found if it.alarm]
    print(f"{name}: AUROC {auroc:.3f}, alarms {len(alarms)}/{len(found)}", flush=True)
    if alarms:
        print(f"    {novelty_words(alarms[0])}", flush=True)


if __name__ == "__main__":
    main()
