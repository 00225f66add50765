"""Arrays that stay in their file, and arrays made fit for a file."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from sxtstudio.core.errors import FileError
from sxtstudio.core.planes import DIRECT, LazyLac, Slabs, slabs_along_z, slabs_in_file
from sxtstudio.core.volume import ArrayLike, LacArray
from sxtstudio.io.memory import forget_pages

Index = tuple[int | slice, int | slice, int | slice]

SLAB_BYTES = 64 * 2**20
"""Volumes are written, and searched for their extremes, in slabs of about this size."""
_LARGEST_WHOLE = 2**24  # whole numbers up to here are exact in float32


class LazyArray:
    """A 3D array whose values are read when it is indexed, always in the machine's byte order.

    ``read`` gets one whole number or slice for each of the three axes. Other ways of indexing
    read everything first. ``slabs`` says how many planes along each axis are best read together,
    see `sxtstudio.core.planes`.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        read: Callable[[Index], Any],
        slabs: Slabs = (DIRECT, DIRECT, DIRECT),
    ) -> None:
        self.shape = shape
        self.dtype = dtype.newbyteorder("=")
        self.slabs = slabs
        self._read = read

    def __getitem__(self, key: Any) -> Any:
        index = _as_index(key)
        if index is None:
            return self[...][key]
        return np.asarray(self._read(index)).astype(self.dtype, copy=False)[()]

    def __array__(
        self, dtype: np.dtype[Any] | None = None, *, copy: bool | None = None
    ) -> np.ndarray:
        if copy is False:
            raise ValueError("values in a file cannot be had without a copy")
        return np.asarray(self[...], dtype)


def lazy_lac(values_ZYX: ArrayLike, lac_per_unit: float) -> LacArray:
    """Return stored values as LAC: in their file where they are, else in memory."""
    if isinstance(values_ZYX, LazyArray):
        return LazyLac(values_ZYX, lac_per_unit, values_ZYX.slabs)
    if isinstance(values_ZYX, np.memmap):
        mapped = _foreseeing(cast("np.memmap[Any, Any]", values_ZYX))
        return LazyLac(mapped, lac_per_unit, mapped.slabs)
    lac_ZYX = np.ascontiguousarray(values_ZYX, np.float32)
    return lac_ZYX if lac_per_unit == 1 else lac_ZYX * np.float32(lac_per_unit)


def byte_ordered(mapped: np.ndarray) -> ArrayLike:
    """Return a memory map, or what reads it in the machine's byte order."""
    return mapped if mapped.dtype.isnative else _foreseeing(cast("np.memmap[Any, Any]", mapped))


def _foreseeing(mapped: "np.memmap[Any, Any]") -> LazyArray:
    """Return a memory map that tells the system what it will read, so that a disk is not idle.

    A plane across y is a thousand short pieces; one after the other they take a cold disk many
    seconds.
    """

    def read(index: Index) -> np.ndarray:
        if mapped.flags.c_contiguous and index[1] != slice(None):
            with suppress(OSError), Path(str(mapped.filename)).open("rb", buffering=0) as file:
                foretell(file, _pieces(mapped, index))
        if index == (slice(None), slice(None), slice(None)):
            return mapped  # who needs everything copies it as well
        values = np.array(mapped[index])
        forget_pages(mapped)
        return values

    slabs = slabs_in_file(mapped.shape, mapped.itemsize)
    return LazyArray(mapped.shape, mapped.dtype, read, slabs)


def _pieces(mapped: "np.memmap[Any, Any]", index: Index) -> Iterator[tuple[int, int]]:
    """Yield offset and length of the rows that an index takes from each section."""
    rows = _range(index[1], mapped.shape[1])
    if not rows:
        return
    first, last = min(rows), max(rows)
    section, row = mapped.strides[0], mapped.strides[1]
    for z in _range(index[0], mapped.shape[0]):
        yield mapped.offset + z * section + first * row, (last + 1 - first) * row


def _range(part: int | slice, length: int) -> range:
    if isinstance(part, slice):
        return range(*part.indices(length))
    return range(part % length, part % length + 1)


def foretell(file: IO[bytes], pieces: Iterable[tuple[int, int]]) -> None:
    """Tell the system which pieces (offset, length) of a file will be read; it may not listen."""
    if sys.platform == "linux":
        for offset, length in pieces:
            os.posix_fadvise(file.fileno(), offset, length, os.POSIX_FADV_WILLNEED)


def _as_index(key: Any) -> Index | None:
    keys = list(cast("tuple[Any, ...]", key)) if isinstance(key, tuple) else [key]
    dots = [at for at, part in enumerate(keys) if part is Ellipsis] or [len(keys)]
    keys[dots[0] : dots[0] + 1] = [slice(None)] * (3 - sum(part is not Ellipsis for part in keys))
    if len(keys) != 3 or not all(map(_is_simple, keys)):
        return None
    return (keys[0], keys[1], keys[2])


def _is_simple(part: Any) -> bool:
    if isinstance(part, slice):
        step = cast("slice[Any, Any, int | None]", part).step
        return step is None or step > 0
    return isinstance(part, (int, np.integer)) and not isinstance(part, bool)


def slabs(values_ZYX: ArrayLike) -> Iterator[np.ndarray]:
    """Yield an array's values in order of z, a few slices at a time."""
    for slab_ZYX in slabs_along_z(values_ZYX, SLAB_BYTES):
        yield slab_ZYX
        forget_pages(values_ZYX)


def limits(values_ZYX: ArrayLike) -> tuple[float, float]:
    """Return the smallest and the largest value; NaN does not count, (0, 0) if there is no other.

    Whole numbers come back as they are, not as float64.
    """
    found: list[float] = []
    for slab in slabs(values_ZYX):
        known = slab[~np.isnan(slab)] if slab.dtype.kind == "f" else slab
        if known.size:
            found += [known.min().item(), known.max().item()]
    return (min(found), max(found)) if found else (0, 0)


def fit_dtype(
    values_ZYX: ArrayLike, allowed: tuple[str, ...], path: Path
) -> tuple[np.dtype[Any], tuple[str, ...]]:
    """Return the number type in which a format can hold an array, and a note if digits are lost.

    ``allowed`` are numpy type names, best first, among them ``float32``. An allowed type is
    kept; whole numbers go into the first integer type that holds them all, else into float32
    where they stay exact.

    Raises
    ------
    FileError
        If the values are no real numbers, or whole numbers too large for the format.
    """
    dtype = values_ZYX.dtype.newbyteorder("=")
    if dtype.name in allowed:
        return dtype, ()
    if dtype.kind == "f":
        if dtype.itemsize > 4:
            return np.dtype("float32"), ("The values are rounded to 32-bit floating point.",)
        return np.dtype("float32"), ()
    if dtype.kind not in "biu":
        raise FileError(f"{path}: cannot be written: {dtype} values are not real numbers.")
    low, high = limits(values_ZYX)
    for name in allowed:
        kind = np.dtype(name)
        if kind.kind in "iu" and np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return kind, ()
    if max(-low, high) <= _LARGEST_WHOLE:
        return np.dtype("float32"), ()
    raise FileError(
        f"{path}: cannot be written: this format has no number type for whole numbers from "
        f"{low} to {high}; write HDF5 (.h5) instead."
    )
