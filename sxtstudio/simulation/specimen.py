"""A cell as it is: true LAC and true labels of everything that is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from sxtstudio.core.errors import SxtError
from sxtstudio.core.volume import VoxelSize
from sxtstudio.simulation import alga, lymphocyte, yeast
from sxtstudio.simulation.canvas import VALUES, Canvas
from sxtstudio.simulation.mount import CLASSES as MOUNT_CLASSES
from sxtstudio.simulation.mount import Mount, draw_debris, draw_mount
from sxtstudio.simulation.shapes import Grid

KINDS = ("alga", "yeast", "lymphocyte")
SMALLEST_SIZE = 32
FIELD_PER_DIAMETER = (1.27, 1.36)
"""Width of the field of view in diameters of the ball that holds the cell."""

_MODULES: dict[str, ModuleType] = {"alga": alga, "yeast": yeast, "lymphocyte": lymphocyte}


@dataclass(frozen=True, kw_only=True, eq=False)
class Specimen:
    """A drawn cell: ``lac_ZYX`` true LAC (µm⁻¹, float32), ``labels_ZYX`` uint8.

    ``names`` says what label values stand for, whether or not they occur; 0 is the surroundings.
    ``complete`` are the ids of all classes that are drawn wherever they are.
    """

    kind: str
    species: str
    lac_ZYX: np.ndarray
    labels_ZYX: np.ndarray
    names: Mapping[int, str]
    complete: frozenset[str]
    voxel_size_um: VoxelSize


def make_specimen(
    kind: str, size: int, rng: np.random.Generator, *, mount: Mount = "capillary"
) -> Specimen:
    """Return a random cell of a kind in a cube of ``size`` voxels an edge.

    Raises
    ------
    SxtError
        If there is no such kind, or the cube has fewer than 32 voxels an edge.
    """
    module = _MODULES.get(kind)
    if module is None:
        raise SxtError(f"There is no simulated cell of kind {kind!r}; choose {', '.join(KINDS)}.")
    if size < SMALLEST_SIZE:
        raise SxtError(
            f"A simulated cell of {size} voxels an edge would show nothing; give at least "
            f"{SMALLEST_SIZE}."
        )
    form = module.outline(rng)
    voxel_um = 2 * form.reach_um * rng.uniform(*FIELD_PER_DIAMETER) / size
    canvas = Canvas(Grid(size=size, voxel_um=voxel_um))
    slack_um = draw_mount(canvas, mount, form.reach_um, rng)
    centre_um = rng.uniform(-0.7, 0.7, 3) * slack_um
    module.draw(canvas, form.place(canvas.grid, centre_um, rng), rng)
    draw_debris(canvas, mount, form.reach_um, rng)
    return Specimen(
        kind=kind,
        species=module.SPECIES,
        lac_ZYX=canvas.lac_ZYX.clip(0),
        labels_ZYX=canvas.labels_ZYX,
        names={VALUES[class_id]: class_id for class_id in (*module.CLASSES, *MOUNT_CLASSES)},
        complete=frozenset((*module.CLASSES, *MOUNT_CLASSES)) | module.WHOLE,
        voxel_size_um=(voxel_um, voxel_um, voxel_um),
    )
