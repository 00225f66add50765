"""Whether the novelty map lies where a cell is new, and whether suggested slabs hold mistakes.

    .venv/bin/python benchmarks/novelty_map.py [--references 10] [--new 8] [--size 64] [--steps 900]

A network learns from simulated algae. Then, in cells it never saw: which part of the cell counts as
rarer than one reference voxel in 100 (ordinary algae, yeasts, lymphocytes, a missing wedge);
whether a foreign body put into an ordinary alga stands out from the rest of the cell (AUROC of its
voxels); and which part of all mistakes lies in three suggested slabs, against random ones. All
cells are told to have voxels of one size.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from novelty import CLASSES, one_voxel_size
from scipy import ndimage
from scipy.stats import mannwhitneyu

from sxtstudio.core.cell import Cell
from sxtstudio.core.events import ignore
from sxtstudio.core.novelty_map import NoveltyMap, level_of
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.slabs import Slab, suggest_slabs
from sxtstudio.core.task import Task, parse_task, targets
from sxtstudio.core.volume import Tomogram
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.simulation.cells import simulate_cell

ONTOLOGY = default_ontology()
KINDS = (
    ("ordinary algae", "alga", 1, None),
    ("yeasts", "yeast", 2, None),
    ("lymphocytes", "lymphocyte", 3, None),
    ("missing wedge", "alga", 4, 60.0),
)
BODIES = ("bright", "empty", "grey", "striped")
RANDOM = 60


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--references", type=int, default=10)
    parser.add_argument("--new", type=int, default=8)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    def cells(kind: str, count: int, stream: int, tilt_deg: float | None = None) -> list[Cell]:
        rngs = [np.random.default_rng([args.seed, stream, number]) for number in range(count)]
        made = (
            simulate_cell(kind, args.size, rng, tilt_deg=tilt_deg, name=f"{kind} {number}")
            for number, rng in enumerate(rngs)
        )
        return [one_voxel_size(cell) for cell in made]

    library = cells("alga", args.references, 0)
    task = parse_task("organelles", CLASSES, ONTOLOGY)
    with tempfile.TemporaryDirectory() as folder:
        request = PlanRequest(device="cpu", steps=args.steps, threads=1, seed=args.seed)
        plan = make_plan(task, library, ONTOLOGY, request)
        network = train_cascade(plan, library, ONTOLOGY, Path(folder), ignore)

        def told(tomogram: Tomogram) -> Prediction:
            return predict_cascade(network, tomogram, Path(folder) / "p", ignore, threads=1)

        for words, kind, stream, tilt in KINDS:
            new = cells(kind, args.new, stream, tilt)
            show_kind(words, new, [told(cell.tomogram) for cell in new], task)
        hosts = cells("alga", args.new, 1)
        for body in BODIES:
            filled = [with_body(cell, body, number) for number, cell in enumerate(hosts)]
            found = [
                stands_out(levels_of(told(tomogram)), inside_ZYX, cell)
                for cell, (tomogram, inside_ZYX) in zip(hosts, filled, strict=True)
            ]
            print(f"{body} body: AUROC within the cell {np.mean(found):.3f}", flush=True)


def levels_of(prediction: Prediction) -> np.ndarray:
    """Return the novelty of every voxel of the tomogram."""
    told = prediction.novelty_map
    assert isinstance(told, NoveltyMap)
    shape = prediction.label_map.shape
    return np.stack([told.plane(0, z, shape) for z in range(shape[0])])


def show_kind(words: str, cells: Sequence[Cell], found: Sequence[Prediction], task: Task) -> None:
    """Print how much of the cells is new, and where their mistakes are."""
    rare = level_of(0.01)
    parts = [
        float((levels_of(it)[within(cell)] >= rare).mean())
        for cell, it in zip(cells, found, strict=True)
    ]
    print(f"{words}: rarer than 1 in 100: {np.mean(parts):.1%} of the cell", flush=True)
    shares = [mistakes(cell, it, task) for cell, it in zip(cells, found, strict=True)]
    means = {way: float(np.mean([it[way] for it in shares])) for way in shares[0]}
    print("    mistakes held:", ", ".join(f"{way} {part:.3f}" for way, part in means.items()))


def within(cell: Cell) -> np.ndarray:
    """Return where anything of a cell is drawn."""
    (annotation,) = cell.annotations
    return annotation.label_map.labels_ZYX > 0


def with_body(cell: Cell, body: str, seed: int) -> tuple[Tomogram, np.ndarray]:
    """Return a tomogram with a ball that is in no alga, and where that is."""
    rng = np.random.default_rng(seed)
    lac_ZYX = np.array(cell.tomogram.lac_ZYX)
    radius = 0.09 * lac_ZYX.shape[0]
    depth_ZYX = np.asarray(ndimage.distance_transform_edt(within(cell)))
    deep = np.argwhere(depth_ZYX > min(radius, 0.7 * depth_ZYX.max()))
    centre = deep[rng.integers(len(deep))]
    grid = np.indices(lac_ZYX.shape)
    far_ZYX = np.sqrt(((grid - centre[:, None, None, None]) ** 2).sum(0))
    weight_ZYX = 1 / (1 + np.exp((far_ZYX - radius) / 0.7))
    lac_per_um: Mapping[str, np.ndarray | float] = {
        "bright": 0.95,
        "empty": 0.08,
        "grey": 0.45,
        "striped": np.where(grid[0] // 3 % 2, 0.15, 0.55),
    }
    inside_ZYX = lac_per_um[body] + rng.normal(0, 0.02, lac_ZYX.shape)
    lac_ZYX = lac_ZYX * (1 - weight_ZYX) + inside_ZYX * weight_ZYX
    return replace(cell.tomogram, lac_ZYX=lac_ZYX.astype(np.float32)), far_ZYX < radius


def stands_out(levels_ZYX: np.ndarray, inside_ZYX: np.ndarray, cell: Cell) -> float:
    """Return how well novelty tells the voxels of a body from the rest of the cell."""
    body, rest = levels_ZYX[inside_ZYX], levels_ZYX[within(cell) & ~inside_ZYX]
    return float(mannwhitneyu(body, rest).statistic / (len(body) * len(rest)))


def mistakes(cell: Cell, found: Prediction, task: Task) -> dict[str, float]:
    """Return which part of the wrong voxels lies in three slabs of three planes."""
    masks_ZYX = targets(cell.annotations[0], task, ONTOLOGY)
    labels_ZYX = np.array(found.label_map.labels_ZYX)
    wrong_ZYX = (masks_ZYX >> labels_ZYX.astype(masks_ZYX.dtype) & 1) == 0
    unsure_ZYX, told = found.uncertainty_ZYX, found.novelty_map
    rng = np.random.default_rng(0)
    return {
        "doubt": held(wrong_ZYX, suggest_slabs(unsure_ZYX)),
        "doubt in the cell": held(wrong_ZYX, suggest_slabs(unsure_ZYX, labels_ZYX)),
        "and novelty": held(wrong_ZYX, suggest_slabs(unsure_ZYX, labels_ZYX, told)),
        "random": float(np.mean([held(wrong_ZYX, anywhere(rng)) for _ in range(RANDOM)])),
    }


def held(wrong_ZYX: np.ndarray, slabs: Sequence[Slab]) -> float:
    """Return the part of what is wrong that lies in slabs."""
    drawn_ZYX = np.zeros(wrong_ZYX.shape, bool)
    for slab in slabs:
        axis = "zyx".index(slab.axis)
        drawn_ZYX[(*(slice(None),) * axis, slice(slab.start, slab.stop))] = True
    return float(wrong_ZYX[drawn_ZYX].sum() / max(1, wrong_ZYX.sum()))


def anywhere(rng: np.random.Generator, count: int = 3, planes: int = 3) -> list[Slab]:
    """Return slabs across any one axis of 60 planes at least that do not overlap."""
    axes = ("z", "y", "x")
    axis = axes[rng.integers(3)]
    starts = rng.choice(20, count, replace=False) * planes
    return [Slab(axis=axis, start=int(s), stop=int(s) + planes, doubt=0.0) for s in starts]


if __name__ == "__main__":
    main()
