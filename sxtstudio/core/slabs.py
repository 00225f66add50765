"""Which slabs of a cell are best drawn by hand: where a network doubts most, far apart."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

Axis = Literal["z", "y", "x"]

_AXES: tuple[Axis, Axis, Axis] = ("z", "y", "x")
_REACH = 0.15
"""Slabs nearer than this part of the axis show much of the same, and count less."""


@dataclass(frozen=True, kw_only=True)
class Slab:
    """Planes ``start`` to ``stop`` (exclusive) across ``axis``; ``doubt`` is their mean (0–1)."""

    axis: Axis
    start: int
    stop: int
    doubt: float

    @property
    def words(self) -> str:
        """Where it lies, both ends included; planes count from 0, as they do in the window."""
        return f"{self.axis} {self.start}–{self.stop - 1}"


def suggest_slabs(
    uncertainty_ZYX: np.ndarray, *, count: int = 3, planes: int = 3
) -> tuple[Slab, ...]:
    """Return up to ``count`` slabs of ``planes`` planes that do not overlap, the best first.

    They lie across the axis along which such slabs hold most of the doubt. ``uncertainty_ZYX`` is
    uint8 (255 is complete doubt), perhaps weighted by what is new; where there is no doubt at all,
    no slab is returned.
    """
    sums = _sums_by_plane(uncertainty_ZYX)
    chosen = [
        _choose(axis, sums[number], uncertainty_ZYX.size // len(sums[number]), count, planes)
        for number, axis in enumerate(_AXES)
    ]
    return max(chosen, key=lambda slabs: sum(slab.doubt for slab in slabs))


def _sums_by_plane(uncertainty_ZYX: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sum over every plane across each axis, read plane by plane."""
    by_z, by_y, by_x = (np.zeros(n, np.float64) for n in uncertainty_ZYX.shape)
    for z, plane in enumerate(uncertainty_ZYX):
        rows = plane.sum(1, dtype=np.float64)
        by_z[z] = rows.sum()
        by_y += rows
        by_x += plane.sum(0, dtype=np.float64)
    return by_z, by_y, by_x


def _choose(axis: Axis, sums: np.ndarray, area: int, count: int, planes: int) -> tuple[Slab, ...]:
    """Return the slabs across one axis, greedily: doubt × distance from those chosen already."""
    thick = min(planes, len(sums))
    doubt = np.convolve(sums, np.ones(thick), "valid") / (thick * max(1, area) * 255)
    starts = np.arange(len(doubt))
    worth = doubt.copy()
    slabs: list[Slab] = []
    while len(slabs) < count and worth.max(initial=0) > 0:
        start = int(worth.argmax())
        slabs.append(
            Slab(axis=axis, start=start, stop=start + thick, doubt=round(float(doubt[start]), 4))
        )
        far = np.abs(starts - start)
        reach = max(thick, math.ceil(_REACH * len(sums)))
        worth *= np.where(far < thick, 0.0, np.minimum(1.0, far / reach))
    return tuple(slabs)
