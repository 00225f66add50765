"""Small projects and files for the window to work on."""

from pathlib import Path

import mrcfile
import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.project.project import Project
from sxtstudio.project.records import LabelVersion

VOXEL_UM = (0.05, 0.05, 0.05)
NAMES = {1: "nucleus", 2: "mitochondria", 3: "lipid", 4: "starch", 5: "vacuole"}
CENTRES = ((0.35, 0.35, 0.3), (0.3, 0.3, 0.72), (0.3, 0.72, 0.3), (0.3, 0.72, 0.72), (0.7,) * 3)


def five_balls_cell(
    name: str, size: int = 24, *, complete: frozenset[str] | None = None, labelled: bool = True
) -> Cell:
    """Return a cell with one ball a class, each with a LAC of its own."""
    z, y, x = np.indices((size, size, size)) / size
    labels_ZYX = np.zeros((size, size, size), np.uint8)
    for label, (cz, cy, cx) in enumerate(CENTRES, start=1):
        labels_ZYX[(z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < 0.17**2] = label
    noise_ZYX = np.random.default_rng(1).normal(0, 0.01, labels_ZYX.shape)
    lac_ZYX = (0.1 + 0.1 * labels_ZYX + noise_ZYX).astype(np.float32)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM)
    known = frozenset(NAMES.values()) if complete is None else complete
    return Cell(
        name=name,
        tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM),
        annotations=(Annotation(label_map=label_map, complete=known),) if labelled else (),
    )


def write_project(path: Path, *cells: Cell, task: bool = True) -> Path:
    """Write a project of these cells and a task of the five classes."""
    with Project.create(path) as project:
        for cell in cells:
            project.add_cell(cell, source="test")
        if task:
            words = list(NAMES.values())
            project.add_task(parse_task("organelles", words, default_ontology()))
    return path


def two_cell_project(path: Path, size: int = 24) -> Path:
    """Write a project with one labelled and one bare cell."""
    bare = five_balls_cell("bare", size, labelled=False)
    return write_project(path, five_balls_cell("drawn", size), bare)


def write_mrc(path: Path, values_ZYX: np.ndarray, voxel_nm: float | None) -> Path:
    """Write an MRC file, with or without a voxel size."""
    with mrcfile.new(path) as file:
        file.set_data(values_ZYX)
        if voxel_nm is not None:
            file.voxel_size = voxel_nm * 10  # ångström
    return path


def add_shifted_prediction(
    project: Project, shift: int = 2, novelty_map: NoveltyMap | None = None
) -> LabelVersion:
    """Add what a network could say of the first cell: its balls, moved along x, unsure at rims."""
    cell = project.cells()[0]
    drawn = project.label_map(cell.id)
    labels_ZYX = np.roll(drawn.labels_ZYX, shift, axis=2)
    unsure_ZYX = np.where(labels_ZYX == drawn.labels_ZYX, 0, 200).astype(np.uint8)
    prediction = Prediction(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM),
        probability_KZYX=np.zeros((len(NAMES), *labels_ZYX.shape), np.uint8),
        uncertainty_ZYX=unsure_ZYX,
        task="organelles",
        network_sha256="0" * 64,
        colours={},
        made_by=made_by("tests.predict"),
        novelty_map=novelty_map,
    )
    return project.add_prediction(cell.id, prediction)
