"""How well two label maps agree, class by class, in overlap and in µm."""

from collections.abc import Mapping
from dataclasses import dataclass

import edt
import numpy as np
from scipy.ndimage import binary_erosion, find_objects

from sxtstudio.core.grid import Box
from sxtstudio.core.scores import dice, iou
from sxtstudio.core.volume import VoxelSize, check_shapes_agree


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """Agreement of one class.

    ``dice`` and ``iou`` are 0–1 and None where the class is on neither side. The distances
    between the surfaces are in µm and None where the class is missing on one side or both.
    ``surface_p95_um`` is the greater of the 95th percentiles of both directions, as is the
    Hausdorff distance ``surface_max_um`` of the maxima; ``surface_mean_um`` is the mean over the
    surface voxels of both.
    """

    label: int
    name: str
    dice: float | None
    iou: float | None
    surface_mean_um: float | None
    surface_p95_um: float | None
    surface_max_um: float | None


def score(
    labels_ZYX: np.ndarray,
    reference_ZYX: np.ndarray,
    voxel_size_um: VoxelSize,
    names: Mapping[int, str],
) -> tuple[ClassScore, ...]:
    """Return the agreement of labels with a reference for every named class, in order of label.

    Surface voxels are those with a face towards another class or the outside; distances run
    between their centres (definitions: Maier-Hein et al., Nature Methods 21 (2024) 195).

    Raises
    ------
    LabelError
        If both differ in shape.
    """
    check_shapes_agree(_shape(labels_ZYX), _shape(reference_ZYX), "Score")
    boxes = [_boxes(array) for array in (labels_ZYX, reference_ZYX)]
    return tuple(
        _score_class(
            (label, names[label]),
            *(_cropped((labels_ZYX, reference_ZYX), label, boxes)),
            voxel_size_um,
        )
        for label in sorted(names)
    )


def _shape(array: np.ndarray) -> tuple[int, int, int]:
    z, y, x = array.shape
    return (z, y, x)


def _boxes(labels_ZYX: np.ndarray) -> dict[int, Box]:
    found = find_objects(labels_ZYX)
    return {label: box for label, box in enumerate(found, start=1) if box is not None}


def _cropped(
    arrays: tuple[np.ndarray, np.ndarray], label: int, boxes: list[dict[int, Box]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the masks of a class in both arrays, cut to the box that holds both."""
    present = [found[label] for found in boxes if label in found]
    if not present:
        return np.zeros((0, 0, 0), bool), np.zeros((0, 0, 0), bool)
    box = tuple(
        slice(min(side.start for side in sides), max(side.stop for side in sides))
        for sides in zip(*present, strict=True)
    )
    return arrays[0][box] == label, arrays[1][box] == label


def _score_class(
    who: tuple[int, str], mask_ZYX: np.ndarray, true_ZYX: np.ndarray, voxel_size_um: VoxelSize
) -> ClassScore:
    label, name = who
    known = mask_ZYX.size > 0
    distances = (None, None, None)
    if mask_ZYX.any() and true_ZYX.any():
        distances = _surface_distances_um(mask_ZYX, true_ZYX, voxel_size_um)
    return ClassScore(
        label=label,
        name=name,
        dice=dice(mask_ZYX, true_ZYX) if known else None,
        iou=iou(mask_ZYX, true_ZYX) if known else None,
        surface_mean_um=distances[0],
        surface_p95_um=distances[1],
        surface_max_um=distances[2],
    )


def _surface_distances_um(
    mask_ZYX: np.ndarray, true_ZYX: np.ndarray, voxel_size_um: VoxelSize
) -> tuple[float, float, float]:
    """Return mean, 95th percentile and maximum of the distances between two surfaces."""
    surfaces = [_surface_ZYX(mask_ZYX), _surface_ZYX(true_ZYX)]
    there = _distance_um(surfaces[1], voxel_size_um)[surfaces[0]]
    back = _distance_um(surfaces[0], voxel_size_um)[surfaces[1]]
    mean = (there.sum() + back.sum()) / (there.size + back.size)
    p95 = max(np.percentile(there, 95), np.percentile(back, 95))
    return float(mean), float(p95), float(max(there.max(), back.max()))


def _surface_ZYX(mask_ZYX: np.ndarray) -> np.ndarray:
    """Return the voxels of a mask that have a face towards anything else."""
    return mask_ZYX & np.logical_not(binary_erosion(mask_ZYX))


def _distance_um(surface_ZYX: np.ndarray, voxel_size_um: VoxelSize) -> np.ndarray:
    """Return the distance of every voxel centre to the nearest voxel of a surface."""
    away_ZYX = np.ascontiguousarray(~surface_ZYX)
    return edt.edt(away_ZYX, anisotropy=voxel_size_um, black_border=False).astype(np.float64)
