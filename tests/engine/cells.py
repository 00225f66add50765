"""Tiny annotated cells for the engine's tests: a bright ball and a brighter, smaller one."""

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import LabelMap, Tomogram, VoxelSize

ONTOLOGY = default_ontology()
TASK = parse_task("two", ["nucleus", "lipid bodies"], ONTOLOGY)
NAMES = {1: "nucleus", 2: "lipid"}
VOXEL_UM = (0.05, 0.05, 0.05)


def ball_cell(
    seed: int,
    *,
    shape: tuple[int, int, int] = (24, 24, 24),
    complete: frozenset[str] = frozenset(NAMES.values()),
    voxel_size_um: VoxelSize = VOXEL_UM,
) -> Cell:
    """Return a noisy cell with a nucleus (LAC 0.3) and a lipid body (LAC 0.7) in buffer (0.1)."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1)
    labels_ZYX = np.zeros(shape, np.uint8)
    for label, radius in ((1, 0.25), (2, 0.13)):
        centre = np.array(shape) * rng.uniform(0.35, 0.65, 3)
        distance = np.linalg.norm((grid - centre) / np.array(shape), axis=-1)
        labels_ZYX[distance < radius] = label
    lac_ZYX = np.choose(labels_ZYX, [0.1, 0.3, 0.7]) + rng.normal(0, 0.03, shape)
    return Cell(
        name=f"cell {seed}",
        tomogram=Tomogram(lac_ZYX=lac_ZYX.astype(np.float32), voxel_size_um=voxel_size_um),
        annotations=(
            Annotation(
                label_map=LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=voxel_size_um),
                complete=complete,
            ),
        ),
    )
