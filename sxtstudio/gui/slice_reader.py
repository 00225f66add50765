"""Where the planes of what is on show come from: at once where they are at hand, else in a thread.

The neighbours in the direction of the last step are fetched before they are asked for.
"""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.core.planes import LazyLac, Planes, planes_of
from sxtstudio.core.pyramid import Pyramid
from sxtstudio.core.volume import ArrayLike, LabelMap, Tomogram
from sxtstudio.gui.background import Background
from sxtstudio.io.arrays import LazyArray

_Source = Planes | LazyLac

SMALL_VOXELS = 2**22
"""Overlays of 161³ voxels are read whole: unpacking them takes some hundredths of a second."""
_EXTRAS_KEPT = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """One plane, contiguous; not ``sharp`` while the true values are still being read."""

    values: np.ndarray
    sharp: bool


class SliceReader(QObject):
    """Gives planes of a tomogram and its labels; ``arrived`` tells the axis of one that has come.

    A pyramid stands in for planes that are not there yet, if there is one; ``stood_in`` tells that
    it has come.
    """

    arrived = Signal(int)
    stood_in = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pyramid: Pyramid | None = None
        self._background = Background(self)
        self._ahead = Background(self, stand_back=True)
        self._tomogram: Tomogram | None = None
        self._labels_ZYX: np.ndarray | None = None
        self._lac: _Source | None = None
        self._labels: _Source | None = None
        self._extras: dict[int, tuple[ArrayLike, _Source]] = {}
        self._last = [0, 0, 0]
        self._steps = [0, 0, 0]
        self._reading: dict[tuple[int, int], int] = {}
        self._awaited: set[tuple[int, int]] = set()

    def show(self, tomogram: Tomogram | None, label_map: LabelMap | None) -> None:
        """Give planes of these from now on."""
        if tomogram is not self._tomogram:
            self._tomogram, self._pyramid = tomogram, None
            self._lac = planes_of(tomogram.lac_ZYX) if tomogram else None
            self._reading, self._extras, self._awaited = {}, {}, set()
        labels_ZYX = label_map.labels_ZYX if label_map else None
        if labels_ZYX is not self._labels_ZYX:
            self._labels_ZYX = labels_ZYX
            in_file = isinstance(labels_ZYX, np.memmap)
            self._labels = planes_of(labels_ZYX) if in_file else None

    def lac(self, axis: int, index: int) -> Slice:
        """Return the LAC of a plane, or what is known of it by now."""
        assert self._lac is not None, "nothing is on show"
        assert self._tomogram is not None
        step = self._step(axis, index)
        sharp = self._lac.at_hand(axis, index)
        if sharp:
            values = self._lac.plane(axis, index)
            self._fetch(self._lac, axis, self._lac.neighbour(axis, index, step), ahead=True)
        else:
            self._fetch(self._lac, axis, index)
            values = self._blurred(axis, index, self._tomogram.shape)
        return Slice(values=values, sharp=sharp)

    def labels(self, axis: int, index: int) -> np.ndarray | None:
        """Return the labels of a plane, None while there are none to be had."""
        if self._labels_ZYX is None:
            return None
        if self._labels is None:
            # In memory, where they are painted on: never from a slab that would go stale.
            return np.ascontiguousarray(self._labels_ZYX[(slice(None),) * axis + (index,)])
        return self._plane(self._labels, axis, index)

    def overlay(self, values_ZYX: ArrayLike, axis: int, index: int) -> np.ndarray | None:
        """Return a plane of what lies over the LAC, on its grid; None while it is being read."""
        if id(values_ZYX) not in self._extras:
            while len(self._extras) >= _EXTRAS_KEPT:
                del self._extras[next(iter(self._extras))]
            self._extras[id(values_ZYX)] = (values_ZYX, _source_of(values_ZYX))
        return self._plane(self._extras[id(values_ZYX)][1], axis, index)

    def _plane(self, source: _Source, axis: int, index: int) -> np.ndarray | None:
        if not source.at_hand(axis, index):
            self._fetch(source, axis, index)
            return None
        ahead = source.neighbour(axis, index, self._steps[axis])
        self._fetch(source, axis, ahead, ahead=True)
        return source.plane(axis, index)

    @property
    def pyramid(self) -> Pyramid | None:
        """Small copies of the tomogram, None while there are none."""
        return self._pyramid

    def stand_in(self, pyramid: Pyramid | None) -> None:
        """Show planes of a pyramid while the true ones are being read."""
        self._pyramid = pyramid
        for axis in range(3):
            if self._lac is not None and not self._lac.at_hand(axis, self._last[axis]):
                self.arrived.emit(axis)
        self.stood_in.emit()

    def at_hand(self, axis: int, index: int) -> bool:
        """Tell whether a plane's true LAC, and its labels if there are any, can be had at once."""
        sources = [source for source in (self._lac, self._labels) if source is not None]
        return all(source.at_hand(axis, index) for source in sources)

    def close(self) -> None:
        """Wait for what is being read."""
        self._background.close()
        self._ahead.close()

    def _step(self, axis: int, index: int) -> int:
        """Return in which direction a plane was stepped last."""
        if index != self._last[axis]:
            self._steps[axis] = index - self._last[axis]
            self._last[axis] = index
        return self._steps[axis]

    def _blurred(self, axis: int, index: int, shape: tuple[int, int, int]) -> np.ndarray:
        if self._pyramid is not None:
            return self._pyramid.plane(axis, index, shape)
        return np.zeros([n for i, n in enumerate(shape) if i != axis], np.float32)

    def _fetch(self, source: _Source, axis: int, index: int | None, *, ahead: bool = False) -> None:
        """Read a plane's slab in a thread; one at a time for each axis, the newest wish last.

        Nobody is told of what was read ``ahead``: views that ask again for every slab that comes
        would push each other's out of memory for ever.
        """
        if index is None:
            return
        key = (id(source), axis)
        if not ahead:
            self._awaited.add(key)
        if key in self._reading:
            self._reading[key] = index
            return
        self._reading[key] = index

        def done(_: object) -> None:
            wanted = self._reading.pop(key, index)
            if source not in (self._lac, self._labels, *(it for _, it in self._extras.values())):
                return
            if key in self._awaited:
                self._awaited.discard(key)
                self.arrived.emit(axis)
            if wanted != index and key not in self._reading and not source.at_hand(axis, wanted):
                self._fetch(source, axis, wanted)

        def failed(error: SxtError) -> None:
            # Kept as being read, so that the same sentence does not come at every step.
            self.failed.emit(str(error))

        threads = self._ahead if ahead else self._background
        threads.run(lambda: source.read_slab(axis, index), done, failed)


def _source_of(values_ZYX: ArrayLike) -> _Source:
    if math.prod(values_ZYX.shape) <= SMALL_VOXELS:
        return planes_of(np.asarray(values_ZYX))
    if isinstance(values_ZYX, LazyArray):
        return Planes(values_ZYX, values_ZYX.slabs, in_file=True)
    return planes_of(values_ZYX)
