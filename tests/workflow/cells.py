"""Small cells of known shape: a ball with a nucleus and a lipid body in it."""

from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.volume import LabelMap, Tomogram, Volume
from sxtstudio.io.volumes import write_volume

VOXEL_UM = (0.06, 0.05, 0.04)
NAMES = {1: "nucleus", 2: "lipid"}


def ball(shape: tuple[int, int, int], centre: tuple[float, ...], radius: float) -> np.ndarray:
    """Return the mask of a ball, in voxels."""
    z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
    return (z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2 <= radius**2


def ball_cell(name: str = "ball", seed: int = 0, edge: int = 24, *, labelled: bool = True) -> Cell:
    """Return a cell of LAC 0.3 in water, nucleus 0.2 and lipid body 0.6, a little noise."""
    rng = np.random.default_rng(seed)
    shape = (edge, edge + 2, edge + 4)
    middle = np.array(shape) / 2 + rng.uniform(-1, 1, 3)
    labels_ZYX = np.zeros(shape, np.uint8)
    labels_ZYX[ball(shape, tuple(middle - edge / 8), edge / 6)] = 1
    labels_ZYX[ball(shape, tuple(middle + edge / 5), edge / 10)] = 2
    lac_ZYX = np.where(ball(shape, tuple(middle), edge / 2.3), 0.3, 0.11)
    lac_ZYX[labels_ZYX == 1] = 0.2
    lac_ZYX[labels_ZYX == 2] = 0.6
    lac_ZYX += rng.normal(0, 0.02, shape)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM)
    annotation = Annotation(
        label_map=label_map, complete=frozenset(NAMES.values()), author="the test"
    )
    return Cell(
        name=name,
        tomogram=Tomogram(lac_ZYX=lac_ZYX.astype(np.float32), voxel_size_um=VOXEL_UM),
        annotations=(annotation,) if labelled else (),
    )


def write_cell(cell: Cell, folder: Path) -> tuple[Path, Path]:
    """Write a cell as an MRC tomogram and AmiraMesh labels, and return both paths."""
    tomogram, labels = folder / f"{cell.name}.mrc", folder / f"{cell.name}_labels.am"
    size = cell.tomogram.voxel_size_um
    write_volume(
        tomogram,
        Volume(values_ZYX=cell.tomogram.lac_ZYX, voxel_size_um=size, lac_per_unit=1.0),
    )
    write_volume(
        labels,
        Volume(
            values_ZYX=cell.annotations[0].label_map.labels_ZYX,
            voxel_size_um=size,
            class_names=NAMES,
        ),
    )
    return tomogram, labels
