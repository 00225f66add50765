"""How a tomogram was taken, told from its voxels: noise, and directions that no beam came from."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sxtstudio.core.planes import slabs_along_z
from sxtstudio.core.similarity import mean_edge_um
from sxtstudio.core.volume import LacArray, Tomogram, VoxelSize

_SECTOR_DEG = 5.0
_SECTORS = int(180 / _SECTOR_DEG)
_RADII = 16
_FREQUENCIES = (0.12, 0.45)
"""Annulus that is looked at, in cycles per (largest) voxel edge: noise, not the cell's outline."""

_MOST_PLANES = 24
_FEWEST_VOXELS = 24
"""An axis with fewer tells no directions apart."""

_EMPTY = 0.3
"""A sector with less than this part of the usual power counts as missing."""

_MAD_TO_SD = 1.4826


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """Facts of one tomogram.

    ``edge_um`` is that of a cube as large as a voxel. ``noise_per_um`` is the standard deviation
    of fine-grained LAC (µm⁻¹). ``weakest`` is log10 of the power in the weakest 15° of directions
    over the usual power: about 0 for a full turn, below −0.5 with a missing wedge; None where the
    volume is too thin to tell. ``missing_deg`` is how wide the gap is, ``beam`` the axis ("z") that
    lies nearest to its middle.
    """

    edge_um: float
    noise_per_um: float
    weakest: float | None
    missing_deg: float
    beam: str


def measure_acquisition(tomogram: Tomogram) -> Acquisition:
    """Return what a tomogram tells of how it was taken."""
    gaps = [
        found
        for pair in combinations(range(3), 2)
        if (found := _gap(tomogram.lac_ZYX, tomogram.voxel_size_um, pair)) is not None
    ]
    weakest, missing_deg, beam = min(gaps, default=(None, 0.0, ""))
    return Acquisition(
        edge_um=mean_edge_um(tomogram.voxel_size_um),
        noise_per_um=noise_per_um(tomogram.lac_ZYX),
        weakest=None if weakest is None else round(weakest, 4),
        missing_deg=missing_deg,
        beam=beam,
    )


def noise_per_um(lac_ZYX: LacArray) -> float:
    """Return the standard deviation of what a voxel's four neighbours in its plane do not explain.

    Robust (median absolute deviation), so that edges in the cell hardly count. White noise keeps
    its standard deviation; noise that neighbours share is told smaller than it is.
    """
    residues: list[np.ndarray] = []
    for plane in _spread(len(lac_ZYX)):
        p_YX = np.asarray(lac_ZYX[plane], np.float32)
        around = p_YX[:-2, 1:-1] + p_YX[2:, 1:-1] + p_YX[1:-1, :-2] + p_YX[1:-1, 2:]
        residues.append((p_YX[1:-1, 1:-1] - around / 4).ravel())
    residue = np.concatenate(residues)
    if not residue.size:
        return 0.0
    spread = float(np.median(np.abs(residue - np.median(residue))))
    return _MAD_TO_SD * spread / math.sqrt(1 + 1 / 4)


def _spread(length: int) -> list[int]:
    """Return up to `_MOST_PLANES` planes of the middle half, evenly spread."""
    count = min(_MOST_PLANES, max(1, length // 2))
    return sorted({round(p) for p in np.linspace(length * 0.25, length * 0.75 - 1, count)})


def _gap(
    lac_ZYX: LacArray, voxel_size_um: VoxelSize, pair: tuple[int, int]
) -> tuple[float, float, str] | None:
    """Return (weakest, missing degrees, axis in its middle) of directions in one kind of plane."""
    shape = (lac_ZYX.shape[pair[0]], lac_ZYX.shape[pair[1]])
    if min(shape) < _FEWEST_VOXELS:
        return None
    (axis,) = {0, 1, 2} - set(pair)
    sectors = _sectors(
        _plane_power(lac_ZYX, axis, shape), (voxel_size_um[pair[0]], voxel_size_um[pair[1]])
    )
    if sectors is None:
        return None
    usual = float(np.median(sectors))
    empty = sectors < usual + math.log10(_EMPTY)
    # Angle 0 is along the first axis of the pair, 90° along the second.
    middle = float(np.argmin(sectors)) * _SECTOR_DEG + _SECTOR_DEG / 2
    first = min(middle, 180 - middle) < 45
    beam = "zyx"[pair[0] if first else pair[1]]
    return float(sectors.min()) - usual, float(empty.sum()) * _SECTOR_DEG, beam


def _plane_power(lac_ZYX: LacArray, axis: int, shape: tuple[int, int]) -> np.ndarray:
    """Return the mean power spectrum of planes across ``axis``, faded out at their edges."""
    window = np.hanning(shape[0])[:, None] * np.hanning(shape[1])
    power = np.zeros(shape)
    for plane in _planes(lac_ZYX, axis):
        values = np.asarray(plane, np.float64)
        power += np.abs(np.fft.fft2((values - values.mean()) * window)) ** 2
    return power


def _planes(lac_ZYX: LacArray, axis: int) -> Iterator[np.ndarray]:
    """Yield the planes across ``axis`` that are looked at."""
    places = _spread(lac_ZYX.shape[axis])
    if axis == 0:
        yield from (np.asarray(lac_ZYX[place]) for place in places)
        return
    # All in one pass: from a file, a single plane across y or x costs as much as everything.
    parts = [slab_ZYX.take(places, axis) for slab_ZYX in slabs_along_z(lac_ZYX)]
    yield from np.moveaxis(np.concatenate(parts), axis, 0)


def _sectors(power: np.ndarray, edges_um: tuple[float, float]) -> np.ndarray | None:
    """Return log10 of the power by direction, smoothed over three sectors; None without any."""
    largest = max(edges_um)
    first, second = (
        np.fft.fftfreq(n, edge / largest) for n, edge in zip(power.shape, edges_um, strict=True)
    )
    radius = np.hypot(first[:, None], second[None, :])
    angle = np.degrees(np.arctan2(second[None, :], first[:, None])) % 180
    inside = (radius > _FREQUENCIES[0]) & (radius < _FREQUENCIES[1]) & (power > 0)
    if not inside.any():
        return None
    width = (_FREQUENCIES[1] - _FREQUENCIES[0]) / _RADII
    ring = ((radius[inside] - _FREQUENCIES[0]) / width).astype(int).clip(0, _RADII - 1)
    logs = np.log10(power[inside])
    # What a ring has more than others is the object or the optic, not a direction.
    logs = logs - (np.bincount(ring, logs) / np.bincount(ring).clip(1))[ring]
    sector = (angle[inside] / _SECTOR_DEG).astype(int) % _SECTORS
    counts = np.bincount(sector, minlength=_SECTORS)
    sums = np.bincount(sector, logs, minlength=_SECTORS)
    near = [np.roll(counts, shift) for shift in (-1, 0, 1)]
    total = np.maximum(sum(near), 1)
    return sum(np.roll(sums, shift) for shift in (-1, 0, 1)) / total
