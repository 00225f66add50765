"""The many ways in which an HDF5 file says how large a voxel is."""

# h5py is written in Cython and ships no types, so strict checking would only see "unknown".
# pyright: standard

from typing import Any

import h5py
import numpy as np

from sxtstudio.core.volume import VoxelSize
from sxtstudio.io.units import believable_voxel_size, um_per_unit

LARGEST_ATTRIBUTE = 2**20
_UNIT_NAMES = ("voxel_units", "voxel_size_units", "voxel_size_unit", "voxel_unit")
_UNEVEN = 0.01
"""Largest relative deviation of an axis' steps from their mean that counts as even."""


def find_voxel_size(found: h5py.Dataset, notes: list[str]) -> VoxelSize | None:
    """Return the voxel size (µm; z, y, x) of a dataset; what cannot be used adds a note.

    In this order: ``element_size_um``, ``voxel_size`` with a unit, on the dataset or the group it
    lies in; then the even steps of NeXus axes with units.
    """
    size_um = None
    for holder in (found, found.parent):
        size_um = size_um or _element_size(holder) or _with_unit(holder, notes)
    size_um = size_um or _nexus_steps(found)
    if size_um is None:
        return None
    voxel_size_um, size_notes = believable_voxel_size(size_um, "The file")
    notes += size_notes
    return voxel_size_um


def text_attribute(holder: Any, name: str) -> str:
    """Return an attribute that is one text, "" where it is missing or something else."""
    value = _attribute(holder, name)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _attribute(holder: Any, name: str) -> Any:
    if name not in holder.attrs:
        return None
    if holder.attrs.get_id(name).get_storage_size() > LARGEST_ATTRIBUTE:
        return None
    value = holder.attrs[name]
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


def _three_numbers(holder: Any, name: str) -> tuple[float, ...] | None:
    value = _attribute(holder, name)
    if isinstance(value, np.ndarray) and value.shape == (3,) and value.dtype.kind in "iuf":
        return tuple(float(edge) for edge in value)
    return None


def _element_size(holder: Any) -> tuple[float, ...] | None:
    return _three_numbers(holder, "element_size_um")


def _with_unit(holder: Any, notes: list[str]) -> tuple[float, ...] | None:
    edges = _three_numbers(holder, "voxel_size")
    if edges is None:
        return None
    units = filter(None, (text_attribute(holder, name) for name in _UNIT_NAMES))
    factor = um_per_unit(next(units, ""))
    if factor is None:
        notes.append("The file gives a voxel size without a unit of length; it is not used.")
        return None
    return tuple(edge * factor for edge in edges)


def _nexus_steps(found: h5py.Dataset) -> tuple[float, ...] | None:
    """Return the steps of the axes of the NXdata group in which a dataset lies."""
    names = _attribute(found.parent, "axes")
    if not isinstance(names, np.ndarray) or names.shape != (3,) or len(found.shape) != 3:
        return None
    steps = [
        _step_um(found.parent, name, n) for name, n in zip(names.tolist(), found.shape, strict=True)
    ]
    known = tuple(step for step in steps if step is not None)
    return known if len(known) == 3 else None


def _step_um(group: Any, name: Any, count: int) -> float | None:
    word = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    if "/" in word or not isinstance(group.get(word, getlink=True), h5py.HardLink):
        return None
    axis = group[word]
    if not isinstance(axis, h5py.Dataset) or axis.shape != (count,) or axis.dtype.kind not in "iuf":
        return None
    factor = um_per_unit(text_attribute(axis, "units"))
    if factor is None or count < 2 or axis.external or axis.is_virtual:
        return None
    steps = np.diff(axis[...].astype(np.float64))
    mean = float(steps.mean())
    return mean * factor if np.abs(steps - mean).max() <= _UNEVEN * abs(mean) else None
