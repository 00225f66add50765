"""Small volumes for the views: no two edges alike, no two voxel edges alike."""

import numpy as np

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.view_state import ClassDisplay

SHAPE = (20, 30, 40)
VOXEL_UM = (0.1, 0.05, 0.04)
NAMES = {1: "nucleus", 2: "mitochondria", 3: "lipid", 4: "starch", 5: "vacuole"}


def numbered_tomogram() -> Tomogram:
    """Return a tomogram where every voxel has its own LAC: its index / 10,000."""
    lac_ZYX = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE) / 1e4
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM)


def five_balls(size: int = 48) -> tuple[Tomogram, LabelMap, tuple[ClassDisplay, ...]]:
    """Return five balls side by side, one a class, in a grey volume."""
    z, y, x = np.indices((size, size, size)) / size
    centres = ((0.3, 0.3, 0.25), (0.3, 0.3, 0.75), (0.3, 0.75, 0.25), (0.3, 0.75, 0.75), (0.7,) * 3)
    labels_ZYX = np.zeros((size, size, size), np.uint8)
    for label, (cz, cy, cx) in enumerate(centres, start=1):
        labels_ZYX[(z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < 0.17**2] = label
    lac_ZYX = np.where(labels_ZYX > 0, 0.3, 0.1).astype(np.float32)
    voxel_um = (0.05, 0.05, 0.05)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=voxel_um)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=voxel_um)
    return tomogram, label_map, class_displays(NAMES, {}, default_ontology())
