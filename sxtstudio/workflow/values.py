"""The stored values of a volume, looked through once, a slab at a time: finite, how large, which.

Whether they can be LAC as they are is judged here.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.volume import ArrayLike, Volume, VoxelSize
from sxtstudio.io.arrays import slabs

LAC_RANGE_PER_UM = (-1.0, 25.0)
"""Noise goes a little below 0; gold, the densest thing met, has 23.5 µm⁻¹ at 517 eV."""
LEAST_LAC_PER_UM = 0.08
"""A tomogram whose brightest voxels absorb less than water, less its noise, is not in µm⁻¹."""
_SAMPLED_VALUES = 4_000_000
_SAMPLED_PLANES = 5


@dataclass(frozen=True, kw_only=True)
class ValueFacts:
    """What was seen of stored values.

    ``low`` and ``high`` are the extremes, ``usual`` the 0.1 and 99.9 percentile of evenly spaced
    voxels. ``lac_sha256`` is of the values × the scale that was asked for (float32,
    little-endian, z slowest).
    """

    dtype: np.dtype[Any]
    low: float
    high: float
    usual: tuple[float, float]
    lac_sha256: str

    @property
    def looks_like_lac(self) -> bool:
        """Whether floating-point values lie in the range of LAC in µm⁻¹."""
        return _looks_like_lac(self.dtype, self.usual)


def look_through(volume: Volume, where: str, scale: float, report: Report = ignore) -> ValueFacts:
    """Return what the values of a volume are like, all of which must be finite numbers.

    Raises
    ------
    FileError
        If the volume is not a stack of numbers, or some of them are not finite.
    """
    values_ZYX = volume.values_ZYX
    _check_is_volume(values_ZYX, where)
    size = int(np.prod(values_ZYX.shape, dtype=np.int64))
    every = max(1, size // _SAMPLED_VALUES)
    digest, bad, done = hashlib.sha256(), 0, 0
    extremes: list[Any] = []
    sample: list[np.ndarray] = []
    for slab in slabs(values_ZYX):
        report(Progress(text=f"Looking through {where}", fraction=done / size))
        flat = np.ascontiguousarray(slab).reshape(-1)
        finite = np.count_nonzero(np.isfinite(flat)) if flat.dtype.kind == "f" else flat.size
        bad += flat.size - int(finite)
        extremes += [flat.min(), flat.max()]
        sample.append(flat[-done % every :: every].astype(np.float64))
        digest.update(scaled(flat, scale).astype("<f4", copy=False).data)
        done += flat.size
    if bad:
        raise FileError(
            f"{where}: {bad} of {size} voxels hold no number (NaN or infinite); replace them in "
            "the program that wrote the file."
        )
    if min(extremes) == max(extremes):
        raise FileError(
            f"{where}: every voxel holds the same value, {extremes[0]:g}, so there is nothing to "
            "see in it; choose another file or dataset."
        )
    return ValueFacts(
        dtype=values_ZYX.dtype,
        low=min(extremes),
        high=max(extremes),
        usual=_usual(np.concatenate(sample)),
        lac_sha256=digest.hexdigest(),
    )


def scaled(values: np.ndarray, scale: float) -> np.ndarray:
    """Return values × a scale, contiguous float32."""
    lac = np.ascontiguousarray(values, np.float32)
    return lac if scale == 1.0 else lac * np.float32(scale)


def voxel_words(voxel_size_um: VoxelSize) -> str:
    """Return a voxel size in nanometres as words for the user."""
    edges = [f"{edge * 1000:.6g}" for edge in voxel_size_um]
    return f"{edges[0]} nm" if len(set(edges)) == 1 else f"{' × '.join(edges)} nm (z, y, x)"


def may_be_lac(values_ZYX: ArrayLike) -> bool:
    """Tell from some planes whether values look like LAC; `look_through` has the last word."""
    if values_ZYX.dtype.kind != "f" or 0 in values_ZYX.shape:
        return False
    size = int(np.prod(values_ZYX.shape, dtype=np.int64))
    planes = slice(None)
    if size > _SAMPLED_VALUES:
        planes = slice(None, None, max(1, values_ZYX.shape[0] // _SAMPLED_PLANES))
    flat = np.ascontiguousarray(values_ZYX[planes]).reshape(-1)
    sample = flat[:: max(1, flat.size // _SAMPLED_VALUES)]
    return _looks_like_lac(values_ZYX.dtype, _usual(sample.astype(np.float64)))


def _check_is_volume(values_ZYX: ArrayLike, where: str) -> None:
    if len(values_ZYX.shape) != 3 or min(values_ZYX.shape) < 2:
        shape = " × ".join(map(str, values_ZYX.shape))
        raise FileError(
            f"{where}: holds {shape} values, which is no volume; a tomogram has at least two "
            "slices along each of its three axes."
        )
    if values_ZYX.dtype.kind not in "biuf":
        raise FileError(f"{where}: holds {values_ZYX.dtype} values, which cannot be LAC.")


def _usual(sample: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(sample, (0.1, 99.9))
    return float(low), float(high)


def _looks_like_lac(dtype: np.dtype[Any], usual: tuple[float, float]) -> bool:
    low, high = usual
    return (
        dtype.kind == "f"
        and LAC_RANGE_PER_UM[0] <= low
        and LEAST_LAC_PER_UM <= high <= LAC_RANGE_PER_UM[1]
    )
