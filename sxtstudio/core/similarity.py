"""How much two cells are alike to a network, told from a few numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.planes import slabs_along_z
from sxtstudio.core.volume import LacArray, Tomogram, VoxelSize

HISTOGRAM_EDGES_PER_UM = tuple(round(0.02 * i - 0.1, 2) for i in range(66))
"""Edges (µm⁻¹) of the LAC histogram kept for each cell: 65 bins of 0.02 from −0.1 to 1.2."""

_BIN_PER_UM = 0.02
_BINS = len(HISTOGRAM_EDGES_PER_UM) - 1

STRANGE_LAC_PER_UM = 0.1
"""So large a mean shift of LAC counts as much as another kind: cytosol to lipid is 0.3."""

NEARLY_THE_SAME = 0.1
"""Parts of a distance below this are called the same."""


@dataclass(frozen=True, kw_only=True)
class CellProfile:
    """What is compared of a cell.

    ``histogram`` holds the part of the voxels in each bin of `HISTOGRAM_EDGES_PER_UM`; it is empty
    where it is not known.
    """

    histogram: tuple[float, ...]
    voxel_size_um: VoxelSize
    shape: tuple[int, int, int]
    kind: str


def profile_of(tomogram: Tomogram, kind: str) -> CellProfile:
    """Return the profile of a cell of some kind."""
    return CellProfile(
        histogram=lac_histogram(tomogram.lac_ZYX),
        voxel_size_um=tomogram.voxel_size_um,
        shape=tomogram.shape,
        kind=kind,
    )


def lac_histogram(lac_ZYX: LacArray) -> tuple[float, ...]:
    """Return the part of the voxels in each bin; the outer bins take what lies beyond them."""
    counts = np.zeros(_BINS, np.int64)
    for plane in (plane for slab_ZYX in slabs_along_z(lac_ZYX) for plane in slab_ZYX):
        place = np.floor((plane - HISTOGRAM_EDGES_PER_UM[0]) / _BIN_PER_UM)
        counts += np.bincount(place.clip(0, _BINS - 1).astype(np.intp).ravel(), minlength=_BINS)
    return tuple(round(float(part), 7) for part in counts / max(1, lac_ZYX.size))


def distance(one: CellProfile, other: CellProfile) -> float:
    """Return how unlike two cells are: 0 for the same, about 1 for each thing that differs much."""
    return sum(part(one, other) for part, _ in _PARTS)


def reasons(one: CellProfile, other: CellProfile) -> tuple[str, ...]:
    """Return what makes ``one`` like or unlike ``other``, in words, the greatest difference first.

    They go on after "this cell has …": "the same kind (yeast)", "voxels 2 times as large".
    """
    weighed = sorted(_PARTS, key=lambda pair: -pair[0](one, other))
    return tuple(words(one, other) for _, words in weighed)


def mean_edge_um(voxel_size_um: VoxelSize) -> float:
    """Return the edge of a cube as large as a voxel, in µm."""
    return math.prod(voxel_size_um) ** (1 / 3)


def _lac(one: CellProfile, other: CellProfile) -> float:
    shift = _lac_shift_per_um(one, other)
    return 1.0 if shift is None else shift / STRANGE_LAC_PER_UM


def _lac_shift_per_um(one: CellProfile, other: CellProfile) -> float | None:
    """Return the Wasserstein distance of two LAC histograms in µm⁻¹, None if one is not known."""
    if not one.histogram or not other.histogram:
        return None
    difference = np.cumsum(np.subtract(one.histogram, other.histogram))
    return float(np.abs(difference).sum()) * _BIN_PER_UM


def _lac_words(one: CellProfile, other: CellProfile) -> str:
    shift = _lac_shift_per_um(one, other)
    if shift is None:
        return "a LAC that cannot be compared"
    if shift < NEARLY_THE_SAME * STRANGE_LAC_PER_UM:
        return "the same LAC"
    return f"a LAC that differs by {shift:.2f} µm⁻¹ on average"


def _voxel_ratio(one: CellProfile, other: CellProfile) -> float:
    return mean_edge_um(one.voxel_size_um) / mean_edge_um(other.voxel_size_um)


def _voxels(one: CellProfile, other: CellProfile) -> float:
    return abs(math.log2(_voxel_ratio(one, other)))


def _voxel_words(one: CellProfile, other: CellProfile) -> str:
    return _ratio_words(_voxel_ratio(one, other), "voxels of the same size", "voxels")


def _size_ratio(one: CellProfile, other: CellProfile) -> float:
    edges = (mean_edge_um(it.voxel_size_um) * math.prod(it.shape) ** (1 / 3) for it in (one, other))
    return next(edges) / next(edges)


def _size(one: CellProfile, other: CellProfile) -> float:
    # Half, because a tomogram may show more around a cell without the cell being another.
    return abs(math.log2(_size_ratio(one, other))) / 2


def _size_words(one: CellProfile, other: CellProfile) -> str:
    return _ratio_words(_size_ratio(one, other), "the same extent", "an extent")


def _ratio_words(ratio: float, same: str, thing: str) -> str:
    if abs(math.log2(ratio)) < NEARLY_THE_SAME:
        return same
    return f"{thing} {max(ratio, 1 / ratio):.2g} times as {'large' if ratio > 1 else 'small'}"


def _kind(one: CellProfile, other: CellProfile) -> float:
    mine, theirs = (it.kind.casefold().split(", ") for it in (one, other))
    if mine == theirs:
        return 0.0
    return 0.5 if mine[0] == theirs[0] else 1.0


def _kind_words(one: CellProfile, other: CellProfile) -> str:
    unlike = _kind(one, other)
    if not unlike:
        return f"the same kind ({one.kind})"
    if unlike < 1:
        return f"another strain ({one.kind})"
    return f"another kind ({one.kind})"


_Part = Callable[[CellProfile, CellProfile], float]
_Words = Callable[[CellProfile, CellProfile], str]
_PARTS: tuple[tuple[_Part, _Words], ...] = (
    (_kind, _kind_words),
    (_lac, _lac_words),
    (_voxels, _voxel_words),
    (_size, _size_words),
)
