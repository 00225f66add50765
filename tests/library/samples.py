"""Small cells with labels that the program's vocabulary knows, every one made from a seed."""

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap, Tomogram, VoxelSize

VOXEL_UM: VoxelSize = (0.036, 0.0361, 0.04)
SHAPE = (7, 70, 9)


def sample_annotation(
    seed: int, shape: tuple[int, int, int] = SHAPE, dtype: type = np.uint8
) -> Annotation:
    labels_ZYX = np.random.default_rng(seed).integers(0, 3, shape).astype(dtype)
    names = {1: "nucleus", 2: "mitochondria"}
    return Annotation(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=VOXEL_UM),
        complete=frozenset({"nucleus", "vacuole"}),
        author="Ada",
        made_by=made_by("tests.draw", {"seed": seed}, ("x",)),
    )


def sample_cell(
    name: str, seed: int, *, annotations: int = 1, shape: tuple[int, int, int] = SHAPE
) -> Cell:
    lac_ZYX = np.random.default_rng(seed).normal(0.3, 0.1, shape).astype(np.float32)
    return Cell(
        name=name,
        tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM),
        annotations=tuple(sample_annotation(seed + i, shape) for i in range(annotations)),
        species="Chlamydomonas reinhardtii",
        strain="cw15",
        condition="nitrogen-starved",
        instrument="XM-2",
    )


def same_cell(one: Cell, other: Cell) -> bool:
    """Tell whether two cells are the same, value by value, wherever they were read from."""
    facts = ("name", "species", "strain", "condition", "instrument")
    mine, theirs = one.tomogram, other.tomogram
    return (
        all(getattr(one, fact) == getattr(other, fact) for fact in facts)
        and mine.shape == theirs.shape
        and mine.voxel_size_um == theirs.voxel_size_um
        and mine.lac_ZYX.tobytes() == theirs.lac_ZYX.tobytes()
        and len(one.annotations) == len(other.annotations)
        and all(map(same_annotation, one.annotations, other.annotations))
    )


def same_annotation(one: Annotation, other: Annotation) -> bool:
    """Tell whether two annotations are the same, value by value."""
    mine, theirs = one.label_map, other.label_map
    return (
        mine.labels_ZYX.dtype == theirs.labels_ZYX.dtype
        and np.array_equal(mine.labels_ZYX, theirs.labels_ZYX)
        and mine.names == theirs.names
        and mine.voxel_size_um == theirs.voxel_size_um
        and (one.complete, one.author, one.made_by) == (other.complete, other.author, other.made_by)
    )
