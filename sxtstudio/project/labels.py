"""Label versions of a cell in the project file: immutable label maps and probabilities."""

from collections.abc import Mapping
from dataclasses import replace

import h5py
import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import LabelError, ProjectError
from sxtstudio.core.label_counts import count_labels
from sxtstudio.core.novelty_map import coarse_voxel_size
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap, VoxelSize, check_shapes_agree
from sxtstudio.project.arrays import slabs
from sxtstudio.project.aside import LaidArray
from sxtstudio.project.clock import now
from sxtstudio.project.entries import add_entry, read_record
from sxtstudio.project.lock import user_name
from sxtstudio.project.records import CellRecord, Kind, LabelVersion
from sxtstudio.project.tree import groups_in, last_name

LABELS = "labels"
PROBABILITIES = "probabilities"
UNCERTAINTY = "uncertainty"
NOVELTY = "novelty"

_VOXEL_TOLERANCE = 0.01


def check_label_map(label_map: LabelMap, cell: CellRecord) -> None:
    """Raise `LabelError` if labels do not lie on a cell's grid or have values without a name."""
    check_shapes_agree(label_map.shape, cell.shape, cell.name)
    if label_map.labels_ZYX.dtype not in (np.uint8, np.uint16):
        raise LabelError(
            f"{cell.name}: labels must be uint8 or uint16, not {label_map.labels_ZYX.dtype}."
        )
    if not np.allclose(label_map.voxel_size_um, cell.voxel_size_um, rtol=_VOXEL_TOLERANCE, atol=0):
        raise LabelError(
            f"{cell.name}: the labels have voxels of {label_map.voxel_size_um} µm (z, y, x), but "
            f"the tomogram of {cell.voxel_size_um} µm; give both the same voxel size."
        )
    nameless = sorted(used_values(label_map.labels_ZYX) - label_map.names.keys())
    if nameless:
        raise LabelError(
            f"{cell.name}: the label value {nameless[0]} is used but stands for no class; name it."
        )


def used_values(labels_ZYX: np.ndarray | h5py.Dataset) -> set[int]:
    """Return the label values other than 0 that occur, read by slabs."""
    counts = np.zeros(int(np.iinfo(labels_ZYX.dtype).max) + 1, np.int64)
    for slab in slabs(labels_ZYX.shape):
        for labels_YX in labels_ZYX[slab]:  # one by one: other threads get their turn in between
            counts += np.bincount(labels_YX.ravel(), minlength=counts.size)
    return {int(value) for value in np.flatnonzero(counts)} - {0}


def annotation_version(
    annotation: Annotation, cell: CellRecord, kind: Kind, comment: str, ontology: Ontology
) -> LabelVersion:
    """Return the record of what a person drew, still without an id."""
    names = dict(annotation.label_map.names)
    return LabelVersion(
        id="",
        kind=kind,
        names=names,
        colours={value: ontology.term(name).colour for value, name in names.items()},
        complete=annotation.complete,
        task=None,
        network_sha256=None,
        comment=comment,
        author=annotation.author or user_name(),
        time=now(),
        has_probabilities=False,
        made_by=annotation.made_by
        or made_by("sxtstudio.project.add_annotation", {"kind": kind}, (cell.lac_sha256,)),
    )


def prediction_version(prediction: Prediction) -> LabelVersion:
    """Return the record of what a network says, still without an id."""
    return LabelVersion(
        id="",
        kind="predicted",
        names=dict(prediction.label_map.names),
        colours=dict(prediction.colours),
        complete=frozenset(),
        task=prediction.task,
        network_sha256=prediction.network_sha256,
        comment="",
        author=user_name(),
        time=now(),
        has_probabilities=True,
        made_by=prediction.made_by,
        novelty=prediction.novelty,
        novelty_step=prediction.novelty_map.step if prediction.novelty_map else None,
    )


def prediction_arrays(prediction: Prediction) -> dict[str, np.ndarray]:
    """Return the arrays of a prediction by their names in the file."""
    arrays = {
        LABELS: prediction.label_map.labels_ZYX,
        PROBABILITIES: prediction.probability_KZYX,
        UNCERTAINTY: prediction.uncertainty_ZYX,
    }
    if prediction.novelty_map is not None:
        arrays[NOVELTY] = prediction.novelty_map.levels_ZYX
    return arrays


def check_prediction(prediction: Prediction, cell: CellRecord) -> None:
    """Raise `LabelError` if a prediction does not fit a cell, or its parts one another."""
    check_label_map(prediction.label_map, cell)
    check_shapes_agree(prediction.probability_KZYX.shape[-3:], cell.shape, cell.name)
    check_shapes_agree(prediction.uncertainty_ZYX.shape, cell.shape, cell.name)
    classes = len(prediction.label_map.names)
    if prediction.probability_KZYX.ndim != 4 or len(prediction.probability_KZYX) != classes:
        raise LabelError(
            f"{cell.name}: the prediction has {classes} classes, but probabilities of the shape "
            f"{prediction.probability_KZYX.shape}; it needs one map a class."
        )
    novelty_map = prediction.novelty_map
    if novelty_map is not None and not novelty_map.fits(cell.shape):
        raise LabelError(
            f"{cell.name}: the novelty map, {novelty_map.levels_ZYX.shape}, does not cover the "
            f"tomogram, {cell.shape}; segment the cell again."
        )


def _next_version_id(versions: h5py.Group) -> str:
    """Return the id after the highest that a cell has."""
    numbers = [int(last_name(group)[1:]) for group in groups_in(versions)]
    return f"v{max(numbers, default=0) + 1:06d}"


def write_version(
    versions: h5py.Group, version: LabelVersion, arrays: Mapping[str, LaidArray], cell: CellRecord
) -> LabelVersion:
    """Add a version with its arrays (`LABELS`, for predictions see `prediction_arrays`)."""
    version = replace(version, id=_next_version_id(versions))
    group = add_entry(versions, version.id, version)
    for name, values in arrays.items():
        values.link(group, name, {"voxel_size_um": voxel_size_of(name, version, cell)})
    return version


def voxel_size_of(name: str, version: LabelVersion, cell: CellRecord) -> VoxelSize:
    """Return the size of the voxels of an array of a version: that of the cell, or of its map."""
    if name == NOVELTY and version.novelty_step is not None:
        return coarse_voxel_size(version.novelty_step, cell.voxel_size_um)
    return cell.voxel_size_um


def counted(version: LabelVersion, labels_ZYX: np.ndarray) -> LabelVersion:
    """Return a version that says how many voxels and objects its labels have."""
    counts = count_labels(labels_ZYX)
    return replace(version, voxels=counts.voxels, objects=counts.objects)


def read_versions(versions: h5py.Group, path: str) -> tuple[LabelVersion, ...]:
    """Return the versions of a cell, the oldest first."""
    groups = sorted(groups_in(versions), key=last_name)
    return tuple(read_record(group, LabelVersion, path) for group in groups)


def find_version(cell: CellRecord, version_id: str | None) -> LabelVersion:
    """Return a version of a cell, the newest by default.

    Raises
    ------
    ProjectError
        If there is none.
    """
    found = [item for item in cell.versions if version_id in (None, item.id)]
    if found:
        return found[-1]
    if not cell.versions:
        raise ProjectError(f"The cell {cell.name!r} has no labels yet; import or predict some.")
    known = ", ".join(item.id for item in cell.versions)
    raise ProjectError(f"The cell {cell.name!r} has no label version {version_id!r}, only {known}.")


def find_annotation(cell: CellRecord, version_id: str | None) -> LabelVersion:
    """Return a version that a person drew or corrected, the newest by default.

    Raises
    ------
    ProjectError
        If there is none, or the version is a prediction.
    """
    if version_id is None:
        drawn = [item for item in cell.versions if item.kind != "predicted"]
        if not drawn:
            raise ProjectError(
                f"The cell {cell.name!r} has no labels drawn or corrected by a person yet."
            )
        return drawn[-1]
    version = find_version(cell, version_id)
    if version.kind == "predicted":
        raise ProjectError(
            f"{version.id} of the cell {cell.name!r} is a prediction, not an annotation; correct "
            "it first."
        )
    return version


def require_prediction(version: LabelVersion, name: str, where: str) -> None:
    """Raise `ProjectError` if a version has no array ``name`` because nothing predicted it."""
    if not version.has_probabilities:
        raise ProjectError(f"{where}: is not a prediction, so it has no {name}.")
