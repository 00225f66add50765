"""Arrays of a project read piece by piece, so that other threads need not wait for all of one."""

from itertools import product

import h5py
import numpy as np

from sxtstudio.core.volume import LabelMap, Tomogram, check_shapes_agree
from sxtstudio.project.arrays import CHUNK
from sxtstudio.project.cells import TOMOGRAM, VERSIONS, read_linked_tomogram
from sxtstudio.project.labels import LABELS, require_prediction
from sxtstudio.project.project_file import ProjectFile
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.project.tree import dataset_at

_WHOLE_BYTES = 2**20


def read_array(file: ProjectFile, *where: str) -> np.ndarray:
    """Return all values of an array; it must be one that never changes.

    Raises
    ------
    ProjectError
        If it is missing or cannot be read.
    """

    def begin(root: h5py.File) -> np.ndarray:
        dataset = dataset_at(root, *where)
        if dataset.nbytes <= _WHOLE_BYTES:
            return dataset[()]
        return np.empty(dataset.shape, dataset.dtype)

    values = file.read(begin)
    if values.nbytes <= _WHOLE_BYTES:
        return values
    leading, inner = values.shape[:-3], values.shape[-3:]
    corners = product(*map(range, leading), *(range(0, length, CHUNK) for length in inner))
    for corner in corners:
        box = (*corner[:-3], *(slice(start, start + CHUNK) for start in corner[-3:]))

        def fill(root: h5py.File, box: tuple[int | slice, ...] = box) -> None:
            values[box] = dataset_at(root, *where)[box]

        file.read(fill)
    return values


def read_tomogram(file: ProjectFile, cell: CellRecord) -> Tomogram:
    """Return a cell's tomogram, or raise `ProjectError` if a linked file is gone or changed."""
    if cell.link is not None:
        return read_linked_tomogram(cell, cell.link, file.path)
    lac_ZYX = read_array(file, "cells", cell.id, TOMOGRAM)
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=cell.voxel_size_um)


def read_label_map(file: ProjectFile, cell: CellRecord, version: LabelVersion) -> LabelMap:
    """Return the label map of a version."""
    labels_ZYX = read_array(file, *_place(cell, version), LABELS)
    check_shapes_agree(labels_ZYX.shape, cell.shape, f"{file.path}, {cell.name} {version.id}")
    return LabelMap(labels_ZYX=labels_ZYX, names=version.names, voxel_size_um=cell.voxel_size_um)


def read_predicted(
    file: ProjectFile, cell: CellRecord, version: LabelVersion, name: str
) -> np.ndarray:
    """Return the probabilities or the uncertainty of a version.

    Raises
    ------
    ProjectError
        If the version is not a prediction.
    """
    require_prediction(version, name, f"{file.path}, {cell.name} {version.id}")
    return read_array(file, *_place(cell, version), name)


def _place(cell: CellRecord, version: LabelVersion) -> tuple[str, ...]:
    return ("cells", cell.id, VERSIONS, version.id)
