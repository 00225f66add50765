"""Three-dimensional arrays and what their numbers mean.

Arrays are (z, y, x), always, and their names carry the axes. Lengths are micrometres;
``voxel_size_um`` is (z, y, x). LAC, the linear absorption coefficient, is in µm⁻¹.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from sxtstudio.core.errors import LabelError, UnitError

VoxelSize = tuple[float, float, float]
"""Edge lengths of a voxel in µm, (z, y, x)."""

SMALLEST_VOXEL_UM = 1e-4
LARGEST_VOXEL_UM = 100.0


class ArrayLike(Protocol):
    """What `Volume` needs of an array: numpy, a memory map and an HDF5 dataset all have it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values along each axis."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored values."""
        ...

    def __getitem__(self, key: Any, /) -> Any: ...


class LacArray(ArrayLike, Protocol):
    """LAC as an array of float32, perhaps in a file (`sxtstudio.core.planes.LazyLac`).

    Indexing gives numpy arrays. What needs everything says so: ``numpy.asarray(lac_ZYX)``.
    """

    @property
    def ndim(self) -> int:
        """Three."""
        ...

    @property
    def size(self) -> int:
        """Number of voxels."""
        ...

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        ...

    def __len__(self) -> int: ...

    def __array__(self) -> np.ndarray: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Volume:
    """A 3D array from a file; what its numbers mean is not yet known.

    ``values_ZYX`` may be read lazily. ``voxel_size_um`` is None where the file does not say it.
    ``lac_per_unit`` turns stored values into LAC (µm⁻¹) and is None where the file does not say
    it. ``class_names`` and ``class_colours`` (``#rrggbb``) belong to label values, where the file
    carries them. ``notes`` are sentences about what was odd in the file or had to be assumed.
    """

    values_ZYX: ArrayLike
    voxel_size_um: VoxelSize | None = None
    lac_per_unit: float | None = None
    class_names: Mapping[int, str] = field(default_factory=dict[int, str])
    class_colours: Mapping[int, str] = field(default_factory=dict[int, str])
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (z, y, x)."""
        z, y, x = self.values_ZYX.shape
        return (z, y, x)


@dataclass(frozen=True, kw_only=True, eq=False)
class Tomogram:
    """Reconstructed linear absorption coefficient: ``lac_ZYX`` float32 in µm⁻¹, all finite.

    ``lac_ZYX`` may stay in its file; what needs all of it calls ``numpy.asarray(lac_ZYX)``.
    """

    lac_ZYX: LacArray
    voxel_size_um: VoxelSize

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (z, y, x)."""
        z, y, x = self.lac_ZYX.shape
        return (z, y, x)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelMap:
    """Integer labels of a tomogram: ``labels_ZYX`` uint8 or uint16, ``names`` value → class id.

    0 is *unlabelled*, never "background"; it has no name.
    """

    labels_ZYX: np.ndarray
    names: Mapping[int, str]
    voxel_size_um: VoxelSize

    def __post_init__(self) -> None:
        if 0 in self.names:
            raise LabelError("Label 0 means unlabelled and cannot carry a class; renumber it.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (z, y, x)."""
        z, y, x = self.labels_ZYX.shape
        return (z, y, x)


def parse_voxel_size_um(size_um: tuple[float, ...], where: str) -> VoxelSize:
    """Return a voxel size that can be true.

    Raises
    ------
    UnitError
        If an edge is not a positive number between 0.1 nm and 100 µm.
    """
    if len(size_um) != 3:
        raise UnitError(f"{where}: a voxel size needs three edges (z, y, x), not {len(size_um)}.")
    for edge_um in size_um:
        if not math.isfinite(edge_um) or not SMALLEST_VOXEL_UM <= edge_um <= LARGEST_VOXEL_UM:
            raise UnitError(
                f"{where}: a voxel edge of {edge_um * 1000:.6g} nm cannot be true; give the voxel "
                "size in nanometres (for example 40)."
            )
    z, y, x = (float(edge) for edge in size_um)
    return (z, y, x)


def voxel_volume_um3(voxel_size_um: VoxelSize) -> float:
    """Return the volume of one voxel in µm³."""
    return math.prod(voxel_size_um)


def check_shapes_agree(
    labels: tuple[int, int, int], tomogram: tuple[int, int, int], where: str
) -> None:
    """Raise `LabelError` if labels and tomogram are not voxel for voxel on the same grid."""
    if labels != tomogram:
        words = [" × ".join(map(str, shape)) for shape in (labels, tomogram)]
        raise LabelError(
            f"{where}: the labels have {words[0]} voxels (z, y, x) but the tomogram has "
            f"{words[1]}; labels must lie on the tomogram's own grid."
        )
