"""Axis-aligned planes of an array that need not be in memory, and LAC that stays in its file.

An array in C order gives planes across its fastest axis one value a cache line, and from a file one
value a page: whoever takes one plane had better take its neighbours with it. So planes are read a
slab at a time where that pays. One slab an axis is kept, and two along the axis that was read last.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np

from sxtstudio.core.volume import ArrayLike

SLAB_BYTES = 128 * 2**20
"""A slab is at most about this large."""
SCATTERED_BYTES = 128
"""Of each row, where planes across the fastest axis are read together: two cache lines."""
DIRECT = 0
_SLABS_KEPT = 2
_SAMPLED_VALUES = 300_000
_SMALL_PLANE_BYTES = 2 * 2**20
_SMALL_FILE_BYTES = 32 * 2**20

PASS_BYTES = 64 * 2**20

Slabs = tuple[int, int, int]
"""Planes read together along each axis; `DIRECT` where one plane costs only itself."""


def slabs_along_z(values_ZYX: ArrayLike, most_bytes: int = PASS_BYTES) -> Iterator[np.ndarray]:
    """Yield an array's values in order of z, a few planes at a time.

    Slabs thicker than the usual chunks of 64 planes are some of those thick.
    """
    depth, height, width = values_ZYX.shape
    step = max(1, most_bytes // max(1, values_ZYX.dtype.itemsize * height * width))
    step -= step % 64 if step > 64 else 0
    for start in range(0, depth, step):
        yield np.asarray(values_ZYX[start : start + step])


class Planes:
    """Planes of a 3D array, contiguous, in the array's own type.

    ``slabs`` says how many planes are read together along each axis. ``in_file`` tells whether a
    plane that is not at hand must be waited for. Several threads may use it.
    """

    def __init__(self, values_ZYX: ArrayLike, slabs: Slabs, *, in_file: bool) -> None:
        self._values_ZYX = values_ZYX
        self._slabs = slabs
        self._in_file = in_file
        self._kept: tuple[OrderedDict[int, np.ndarray], ...] = tuple(OrderedDict() for _ in slabs)
        self._used = [-1, -1, -1]
        self._alone: dict[tuple[int, int], np.ndarray] = {}
        self._lock = threading.Lock()

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values along (z, y, x)."""
        return self._values_ZYX.shape

    def at_hand(self, axis: int, index: int) -> bool:
        """Tell whether a plane can be had without waiting for a disk."""
        if not self._in_file or self._slabs[axis] == DIRECT or (axis, index) in self._alone:
            return True
        return self._slab_number(axis, index) in self._kept[axis]

    def plane(self, axis: int, index: int) -> np.ndarray:
        """Return the plane that cuts ``axis`` at ``index``; its slab is read if need be."""
        thickness = self._slabs[axis]
        if thickness == DIRECT:
            return np.ascontiguousarray(self._values_ZYX[_across(axis, index)])
        alone = self._alone.get((axis, index))
        if alone is not None:
            return alone
        number = self._used[axis] = self._slab_number(axis, index)
        slab = self._slab(axis, number)
        return np.ascontiguousarray(slab[_across(_kept_axis(axis), index - number * thickness)])

    def read_alone(self, axis: int, index: int) -> np.ndarray:
        """Read one plane without its slab, for a first look, and keep it."""
        plane = np.ascontiguousarray(self._values_ZYX[_across(axis, index)])
        self._alone = {**self._alone, (axis, index): plane}
        return plane

    def neighbour(self, axis: int, index: int, step: int) -> int | None:
        """Return a plane whose slab is worth reading now: this one's, or the next in step's way.

        None if they are kept.
        """
        thickness = self._slabs[axis]
        if thickness == DIRECT:
            return None
        number = self._slab_number(axis, index)
        if number not in self._kept[axis]:
            return index
        number += (step > 0) - (step < 0)
        inside = 0 <= number * thickness < self.shape[axis]
        return number * thickness if inside and number not in self._kept[axis] else None

    def read_slab(self, axis: int, index: int) -> None:
        """Read the slab of a plane, so that its planes are at hand."""
        if self._slabs[axis] != DIRECT:
            self._slab(axis, self._slab_number(axis, index))

    def value(self, z: int, y: int, x: int) -> Any:
        """Return one value, from a slab at hand if there is one."""
        voxel = (z, y, x)
        for axis, index in enumerate(voxel):
            thickness = self._slabs[axis]
            if thickness == DIRECT:
                continue
            number = self._slab_number(axis, index)
            slab = self._kept[axis].get(number)
            if slab is not None:
                within = [i - number * thickness * (a == axis) for a, i in enumerate(voxel)]
                return slab[tuple(within if axis < 2 else (within[2], *within[:2]))]
        return self._values_ZYX[voxel]

    def _slab_number(self, axis: int, index: int) -> int:
        return index // self._slabs[axis]

    def _slab(self, axis: int, number: int) -> np.ndarray:
        kept, thickness = self._kept[axis], self._slabs[axis]
        with self._lock:
            slab = kept.get(number)
            if slab is not None:
                kept.move_to_end(number)
                return slab
        # Not within the lock: the window must get what is at hand while a thread reads.
        part = slice(number * thickness, min((number + 1) * thickness, self.shape[axis]))
        slab = np.ascontiguousarray(self._values_ZYX[_across(axis, part)])
        slab = _planes_first(slab) if axis == 2 else slab
        with self._lock:
            kept[number] = slab
            for a, other in enumerate(self._kept):
                self._trim(a, number if other is kept else None)
        return slab

    def _trim(self, axis: int, newest: int | None) -> None:
        """Forget slabs along an axis, last of all those that are being looked at or just came."""
        kept, used = self._kept[axis], self._used[axis]
        most = _SLABS_KEPT if newest is not None else 1
        spare = [number for number in kept if number not in (used, newest)]
        last = [number for number in kept if number not in spare]
        for number in [*spare, *last][: max(0, len(kept) - most)]:
            del kept[number]


def _across(axis: int, index: int | slice) -> tuple[int | slice, ...]:
    return (*(slice(None),) * axis, index, *(slice(None),) * (2 - axis))


def _kept_axis(axis: int) -> int:
    return 0 if axis == 2 else axis


def _planes_first(slab_ZYX: np.ndarray) -> np.ndarray:
    """Return a slab with x first: this thread turns it, so that the window's need not gather."""
    z, y, x = slab_ZYX.shape
    slab_XZY = np.empty((x, z, y), slab_ZYX.dtype)
    for index, slab_YX in enumerate(slab_ZYX):  # one at a time fits the processor's cache
        slab_XZY[:, index] = slab_YX.T
    return slab_XZY


def slabs_in_memory(values_ZYX: np.ndarray) -> Slabs:
    """Return the slabs for an array in memory: only along the axis where neighbours touch."""
    fastest = int(np.argmin(np.abs(values_ZYX.strides)))
    thick = _thickness(fastest, values_ZYX.shape, values_ZYX.itemsize)
    plane = values_ZYX.nbytes // max(values_ZYX.shape[fastest], 1)
    z, y, x = (thick if i == fastest and plane > _SMALL_PLANE_BYTES else DIRECT for i in range(3))
    return (z, y, x)


def slabs_in_file(shape: Sequence[int], itemsize: int) -> Slabs:
    """Return the slabs for an array that lies in a file in one piece.

    Along every axis: on a cold disk a plane across any of them can take seconds.
    """
    if math.prod(shape) * itemsize <= _SMALL_FILE_BYTES:
        return (DIRECT, DIRECT, DIRECT)
    z, y, x = (_thickness(axis, shape, itemsize) for axis in range(3))
    return (z, y, x)


def _thickness(axis: int, shape: Sequence[int], itemsize: int) -> int:
    plane = math.prod(n for i, n in enumerate(shape) if i != axis) * itemsize
    return max(1, min(SCATTERED_BYTES // itemsize, SLAB_BYTES // max(plane, 1)))


def chunked_slabs(shape: Sequence[int], chunk: Sequence[int], itemsize: int) -> Slabs:
    """Return the slabs for an array in chunks: a chunk thick, or a part of it in large arrays."""
    size = math.prod(shape) * itemsize
    thicknesses: list[int] = []
    for n, thickness in zip(shape, chunk, strict=True):
        while thickness > 1 and thickness * size // max(n, 1) > SLAB_BYTES:
            thickness = (thickness + 1) // 2  # noqa: PLW2901 - halved until it fits
        thicknesses.append(max(1, thickness))
    z, y, x = thicknesses
    return (z, y, x)


class LazyLac:
    """LAC (float32, µm⁻¹) of stored values that stay in their file: numpy's indexing, copies.

    LAC is the stored value × ``lac_per_unit``. What needs everything calls `numpy.asarray`.
    """

    ndim = 3

    def __init__(self, values_ZYX: ArrayLike, lac_per_unit: float, slabs: Slabs) -> None:
        self._values_ZYX = values_ZYX
        self._scale = np.float32(lac_per_unit)
        self._planes = Planes(values_ZYX, slabs, in_file=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of voxels along (z, y, x)."""
        return self._values_ZYX.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Always float32."""
        return np.dtype(np.float32)

    @property
    def size(self) -> int:
        """Number of voxels."""
        z, y, x = self.shape
        return z * y * x

    @property
    def nbytes(self) -> int:
        """Bytes of all LAC values, were they in memory."""
        return self.size * 4

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        if _is_voxel(key):
            z, y, x = (int(i) % n for i, n in zip(key, self.shape, strict=True))
            return np.float32(self._planes.value(z, y, x)) * self._scale
        return self._lac(self._values_ZYX[key])

    def __array__(
        self, dtype: np.dtype[Any] | None = None, *, copy: bool | None = None
    ) -> np.ndarray:
        if copy is False:
            raise ValueError("LAC in a file cannot be had without a copy")
        return np.asarray(self._lac(self._values_ZYX[:]), dtype)

    def _lac(self, values: Any) -> Any:
        lac = np.array(values, np.float32, order="C")
        if self._scale != 1:
            lac *= self._scale
        return lac[()]

    def at_hand(self, axis: int, index: int) -> bool:
        """Tell whether a plane can be had without waiting for a disk."""
        return self._planes.at_hand(axis, index)

    def plane(self, axis: int, index: int) -> np.ndarray:
        """Return the LAC of a plane; its neighbours are then at hand too."""
        return self._lac(self._planes.plane(axis, index))

    def read_alone(self, axis: int, index: int) -> None:
        """Read one plane without its neighbours, for a first look, and keep it."""
        self._planes.read_alone(axis, index)

    def neighbour(self, axis: int, index: int, step: int) -> int | None:
        """Return a plane whose slab is worth reading now, see `Planes.neighbour`."""
        return self._planes.neighbour(axis, index, step)

    def read_slab(self, axis: int, index: int) -> None:
        """Read the slab of a plane, so that its planes are at hand."""
        self._planes.read_slab(axis, index)

    @cached_property
    def sample(self) -> np.ndarray:
        """LAC of some voxels of the central section, flat: enough to judge a contrast by."""
        values = self._lac(self._planes.read_alone(0, len(self) // 2)).ravel()
        some = values[:: max(1, values.size // _SAMPLED_VALUES)]
        finite = some[np.isfinite(some)]
        return finite if finite.size else np.zeros(1, np.float32)


def _is_voxel(key: Any) -> bool:
    return (
        isinstance(key, tuple)
        and len(key) == 3  # pyright: ignore[reportUnknownArgumentType] any tuple
        and all(isinstance(i, (int, np.integer)) for i in key)  # pyright: ignore[reportUnknownVariableType] any tuple
    )


def planes_of(values_ZYX: Any) -> Planes | LazyLac:
    """Return what gives the planes of a lazy or an ordinary array."""
    if isinstance(values_ZYX, LazyLac):
        return values_ZYX
    if isinstance(values_ZYX, np.memmap):
        mapped = cast("np.ndarray", values_ZYX)
        return Planes(mapped, slabs_in_file(mapped.shape, mapped.itemsize), in_file=True)
    return Planes(values_ZYX, slabs_in_memory(values_ZYX), in_file=False)
