"""Cells as a training needs them: scaled LAC and target states on the plan's grid, on disk."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Cell
from sxtstudio.core.grid import Shape, average, resample
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.plan import Plan
from sxtstudio.core.task import Task, combine, targets
from sxtstudio.core.volume import Tomogram, VoxelSize
from sxtstudio.engine.losses import States

CLIP = 8.0
"""Scaled LAC beyond this (gold, glass) carries no more meaning for a network."""

SAME_GRID = 0.1
"""Voxel sizes that differ by less than this fraction count as the same grid."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedCell:
    """Memory-mapped arrays of one cell: ``scaled_ZYX`` float16, ``state_ZYX`` uint8."""

    name: str
    voxel_size_um: VoxelSize
    scaled_ZYX: np.ndarray
    state_ZYX: np.ndarray

    @property
    def shape(self) -> Shape:
        """Number of voxels along (z, y, x) of the plan's grid."""
        z, y, x = self.state_ZYX.shape
        return (z, y, x)


@dataclass(frozen=True, kw_only=True, eq=False)
class CoarseCell:
    """A cell averaged for a stage: ``scaled_ZYX`` float32, ``fraction_MZYX`` of each state."""

    name: str
    scaled_ZYX: np.ndarray
    fraction_MZYX: np.ndarray


def lac_sha256(cell: Cell) -> str:
    """Return the sha256 of a cell's LAC values, by which projects and libraries know it, too."""
    return hashlib.sha256(np.ascontiguousarray(cell.tomogram.lac_ZYX).data).hexdigest()


def scale_lac(lac_ZYX: np.ndarray, plan: Plan) -> np.ndarray:
    """Return what networks see: (LAC − centre) / scale, float32, the same for every cell."""
    scaled = (lac_ZYX - np.float32(plan.lac_centre_per_um)) / np.float32(plan.lac_scale_per_um)
    return np.clip(scaled, -CLIP, CLIP).astype(np.float32, copy=False)


def shape_on_grid(tomogram: Tomogram, grid_um: VoxelSize) -> Shape:
    """Return the shape a tomogram has on a grid of another voxel size; its own where they agree."""
    ratios = [a / b for a, b in zip(tomogram.voxel_size_um, grid_um, strict=True)]
    if all(abs(ratio - 1) <= SAME_GRID for ratio in ratios):
        return tomogram.shape
    z, y, x = (max(1, round(n * r)) for n, r in zip(tomogram.shape, ratios, strict=True))
    return (z, y, x)


def possible_labels(cell: Cell, task: Task, ontology: Ontology) -> np.ndarray:
    """Return the possible labels (bits) of a cell from all its annotations, uint32."""
    said = [targets(annotation, task, ontology) for annotation in cell.annotations]
    return reduce(combine, said)


def resample_possible(possible_ZYX: np.ndarray, shape: Shape, labels: int) -> np.ndarray:
    """Return possible labels on another grid: of the nearest voxel about which something is known.

    Only voxels that a new one covers are looked at. With the nearest alone, drawn planes could
    fall between the new ones.
    """
    anything = np.uint32((1 << labels) - 1)
    if not (possible_ZYX == anything).any():
        return resample(possible_ZYX, shape, order=0)
    for axis, wanted in enumerate(shape):
        possible_ZYX = _resample_axis(possible_ZYX, axis, wanted, anything)
    return possible_ZYX


def _resample_axis(
    possible_ZYX: np.ndarray, axis: int, wanted: int, anything: np.uint32
) -> np.ndarray:
    ratio = possible_ZYX.shape[axis] / wanted
    nearest = np.floor((np.arange(wanted) + 0.5) * ratio).astype(int)
    resampled = possible_ZYX.take(nearest, axis)
    if ratio <= 1:
        return resampled
    first = np.floor(np.arange(wanted) * ratio).astype(int)
    last = np.ceil((np.arange(wanted) + 1) * ratio).astype(int) - 1
    reach = math.ceil(ratio / 2)
    for step in sorted(range(-reach, reach + 1), key=abs):
        found = possible_ZYX.take(np.clip(nearest + step, first, last), axis)
        resampled = np.where(resampled == anything, found, resampled)
    return resampled


def prepare_cells(
    cells: Sequence[Cell], plan: Plan, ontology: Ontology, folder: Path
) -> tuple[list[PreparedCell], States]:
    """Write every cell into ``folder`` as the plan needs it, and return memory maps of them."""
    folder.mkdir(parents=True, exist_ok=True)
    classes = len(plan.task.classes) + 1
    masks: list[int] = []
    prepared: list[PreparedCell] = []
    for index, cell in enumerate(cells):
        shape = shape_on_grid(cell.tomogram, plan.voxel_size_um)
        lac_ZYX = np.asarray(cell.tomogram.lac_ZYX)
        possible_ZYX = possible_labels(cell, plan.task, ontology)
        if shape != cell.tomogram.shape:
            lac_ZYX = resample(lac_ZYX, shape, order=1)
            possible_ZYX = resample_possible(possible_ZYX, shape, classes)
        masks += [int(mask) for mask in np.unique(possible_ZYX) if int(mask) not in masks]
        state_ZYX = np.zeros(shape, np.uint8)
        for place, mask in enumerate(masks):
            state_ZYX[possible_ZYX == np.uint32(mask)] = place
        scaled = scale_lac(lac_ZYX, plan).astype(np.float16)
        prepared.append(
            PreparedCell(
                name=cell.name,
                voxel_size_um=plan.voxel_size_um,
                scaled_ZYX=_on_disk(folder / f"{index}.lac.npy", scaled),
                state_ZYX=_on_disk(folder / f"{index}.state.npy", state_ZYX),
            )
        )
    return prepared, States(masks=np.array(masks, np.uint32), classes=classes)


def coarsen(cell: PreparedCell, factor: Shape, states: States) -> CoarseCell:
    """Return a cell averaged over ``factor`` voxels, its states as fractions."""
    fractions = [average(cell.state_ZYX == state, factor) for state in range(len(states.masks))]
    return CoarseCell(
        name=cell.name,
        scaled_ZYX=average(cell.scaled_ZYX, factor),
        fraction_MZYX=np.stack(fractions),
    )


def _on_disk(path: Path, values: np.ndarray) -> np.ndarray:
    np.save(path, values, allow_pickle=False)
    return np.load(path, mmap_mode="r", allow_pickle=False)
