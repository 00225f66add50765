"""The cells that every tool learns from and is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from sxtstudio.core.cell import Cell
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task, targets
from sxtstudio.simulation.cells import KINDS, simulate_cell

CLASSES = {
    "alga": ("nucleus", "mitochondria", "lipid", "starch", "chloroplast"),
    "yeast": ("nucleus", "mitochondria", "lipid", "vacuole"),
    "lymphocyte": ("nucleus", "nucleolus", "mitochondria"),
    "slab": ("mitochondria",),
}
"""What is asked of each kind; lymphocytes have next to no lipid bodies."""

TILT_DEG = 60.0
SLAB = Path(__file__).parents[3] / "shared/data/real/cryo_sxt_slab"
SLAB_VOXEL_UM = (0.01, 0.02, 0.02)
HALVES = ("slab, right half unseen", "slab, left half unseen")
DOMAIN = 20261122
"""First word of every seed here, so that no training ever draws the same cells."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """A cell with everything known: ``labels_ZYX`` uint8, k is the k-th class asked for."""

    name: str
    lac_ZYX: np.ndarray
    labels_ZYX: np.ndarray
    voxel_size_um: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """Cells to train on, and unseen ones by the name of their test set."""

    kind: str
    classes: tuple[str, ...]
    training: tuple[Known, ...]
    unseen: dict[str, tuple[Known, ...]]


def simulated(
    kind: str, size: int, seed: int, sets: Sequence[str], counts: tuple[int, int]
) -> Trial:
    """Return cells of one kind: all trained on are turned wholly, ``wedge`` ones tilted ± 60°.

    ``counts`` are the cells to train on and those of each test set. Classes that no cell to train
    on shows (in tiny ones) are left out.
    """
    learned = [_cell(kind, size, [seed, 0, n], None, f"train{n}") for n in range(counts[0])]
    unseen: dict[str, list[Cell]] = {}
    for number, (name, tilt_deg) in enumerate({"ordinary": None, "wedge": TILT_DEG}.items(), 1):
        if name in sets:
            unseen[name] = [
                _cell(kind, size, [seed, number, n], tilt_deg, f"{name}{n}")
                for n in range(counts[1])
            ]
    classes = tuple(name for name in CLASSES[kind] if any(_shows(cell, name) for cell in learned))
    return Trial(
        kind=kind,
        classes=classes,
        training=tuple(_known(cell, classes) for cell in learned),
        unseen={name: tuple(_known(c, classes) for c in cells) for name, cells in unseen.items()},
    )


def _cell(kind: str, size: int, words: list[int], tilt_deg: float | None, name: str) -> Cell:
    rng = np.random.default_rng([DOMAIN, KINDS.index(kind), *words])
    return simulate_cell(kind, size, rng, tilt_deg=tilt_deg, name=name)


def _shows(cell: Cell, name: str) -> bool:
    return bool((_known(cell, (name,)).labels_ZYX == 1).any())


def _known(cell: Cell, classes: Sequence[str]) -> Known:
    ontology = default_ontology()
    task = parse_task("benchmark", classes, ontology)
    possible_ZYX = targets(cell.annotations[0], task, ontology)
    labels_ZYX = np.log2(possible_ZYX).astype(np.uint8)
    if not (np.uint32(1) << labels_ZYX.astype(np.uint32) == possible_ZYX).all():
        raise ValueError(f"{cell.name}: not every voxel is known.")
    return Known(
        name=cell.name,
        lac_ZYX=np.asarray(cell.tomogram.lac_ZYX),
        labels_ZYX=labels_ZYX,
        voxel_size_um=cell.tomogram.voxel_size_um,
    )


def slab_halves() -> list[Trial]:
    """Return the real slab twice: one half trains, the other is unseen; empty where it is absent.

    Its grey values are not calibrated and are given as they are.
    """
    if not SLAB.is_dir():
        return []
    raw_ZYX = tifffile.imread(SLAB / "raw.tif").astype(np.float32)
    labels_ZYX = tifffile.imread(SLAB / "mitochondria.tif").astype(np.uint8)
    middle = raw_ZYX.shape[2] // 2
    sides = [slice(0, middle), slice(middle, None)]
    halves = [
        Known(
            name=name,
            lac_ZYX=np.ascontiguousarray(raw_ZYX[:, :, side]),
            labels_ZYX=np.ascontiguousarray(labels_ZYX[:, :, side]),
            voxel_size_um=SLAB_VOXEL_UM,
        )
        for name, side in zip(("left", "right"), sides, strict=True)
    ]
    return [
        Trial(kind="slab", classes=CLASSES["slab"], training=(here,), unseen={name: (there,)})
        for name, here, there in zip(HALVES, halves, reversed(halves), strict=True)
    ]
