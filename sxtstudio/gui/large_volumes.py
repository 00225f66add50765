"""Volumes that are looked at where they lie: shown at once, the rest follows in threads.

First the central planes, then the labels, unpacked into a memory map, then small copies for the 3D
view and for planes that are still on their way. Copies are kept in the cache folder.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from platformdirs import user_cache_path
from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Event, Progress, Report
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.pyramid import Pyramid, build_pyramid, open_pyramid, sketch
from sxtstudio.core.volume import LabelMap
from sxtstudio.core.volume_cache import trim_cache, unpacked
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.mailbox import Mailbox
from sxtstudio.gui.settings import largest_cache_bytes
from sxtstudio.gui.view_state import ClassDisplay, ViewState
from sxtstudio.io.files import system_errors
from sxtstudio.workflow.looking import OpenVolume, checked_once

ResultT = TypeVar("ResultT")

SMALL_VOXELS = 2**22
"""A volume of 161³ is its own small copy."""


class LargeVolumes(QObject):
    """Shows an `OpenVolume` in a `ViewState` and makes its copies.

    ``shown`` follows once its planes are there; ``reported`` carries a `Progress`, or None once
    nothing is being made any more; ``pyramid_ready`` tells that `pyramid` has come.
    """

    shown = Signal(object)
    reported = Signal(object)
    pyramid_ready = Signal()
    failed = Signal(str)

    def __init__(
        self,
        view: ViewState,
        parent: QObject | None = None,
        *,
        cache: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._cache = cache or user_cache_path("sxtstudio") / "volumes"
        self._opened: OpenVolume | None = None
        self._pyramid: Pyramid | None = None
        self._opening, self._labels = Latest(self), Latest(self)
        self._copying = Latest(self, stand_back=True)
        for work in (self._labels, self._copying):
            work.reported.connect(self._pass_on)
        view.reader.failed.connect(self.failed)
        self._post_sketch = Mailbox(self._take_sketch, self).slit()

    @property
    def cache(self) -> Path:
        """The folder that copies are kept in."""
        return self._cache

    @property
    def pyramid(self) -> Pyramid | None:
        """Small copies of the tomogram on show, None while there are none."""
        return self._pyramid if self._is_shown() else None

    def show(self, volume: OpenVolume, classes: Sequence[ClassDisplay] = ()) -> None:
        """Show a volume as soon as its central planes are read."""
        if self._opened is not None and self._is_shown() and self._opened.where == volume.where:
            self._show_labels(volume, classes)
            return
        self.forget()
        self._opened = volume

        def read() -> bool:
            lac_ZYX = volume.tomogram.lac_ZYX
            if isinstance(lac_ZYX, LazyLac):
                _ = lac_ZYX.sample  # of the central sections: read in this thread, kept for ours
            return True

        def put(_: object) -> None:
            self._view.show(volume.tomogram, is_lac=volume.is_lac)
            self.shown.emit(volume)
            self._show_labels(volume, classes)
            self._copy(volume)

        self._opening.run(lambda _: read(), put, self._complain)

    def forget(self) -> None:
        """Show nothing more of the volume shown last, and stop making copies of it."""
        self._opened, self._pyramid = None, None
        self._opening.cancel()
        self.stop_copying()

    def stop_copying(self) -> None:
        """Unpack no labels and make no small copies of the volume on show."""
        self._labels.cancel()
        self._copying.cancel()
        self.reported.emit(None)

    def close(self) -> None:
        """Forget everything and wait for the threads."""
        self.forget()
        for work in (self._opening, self._labels, self._copying):
            work.close()
        self._view.reader.close()

    def _is_shown(self) -> bool:
        return self._opened is not None and self._view.tomogram is self._opened.tomogram

    def _show_labels(self, volume: OpenVolume, classes: Sequence[ClassDisplay]) -> None:
        labels = volume.labels
        if labels is None:
            self._labels.cancel()
            self._view.set_labels(None)
            return
        folder = self._cache / f"labels-{volume.labels_key}"

        def put(labels_ZYX: np.ndarray) -> None:
            self.reported.emit(None)
            if self._is_shown() and self._view.tomogram is not None:
                size_um = self._view.tomogram.voxel_size_um
                label_map = LabelMap(
                    labels_ZYX=labels_ZYX, names=volume.names, voxel_size_um=size_um
                )
                self._view.set_labels(label_map, classes)

        self._run(self._labels, folder, lambda report: unpacked(labels, folder, report), put)

    def _copy(self, volume: OpenVolume) -> None:
        lac_ZYX, check = volume.tomogram.lac_ZYX, volume.check
        folder = self._cache / f"pyramid-{volume.key}"
        largest = largest_cache_bytes()

        def make(report: Report) -> tuple[Pyramid | None]:
            trim_cache(self._cache, largest)
            pyramid = open_pyramid(folder)
            if pyramid is None and lac_ZYX.size > SMALL_VOXELS:
                self._post_sketch((volume, sketch(lac_ZYX, report)))
                pyramid = build_pyramid(lac_ZYX, folder, report)
            if check is not None:
                checked_once(check, self._cache / f"checked-{volume.key}", report)
            return (pyramid,)

        def put(made: tuple[Pyramid | None]) -> None:
            self.reported.emit(None)
            if self._is_shown():
                self._pyramid = made[0]
                self._view.reader.stand_in(made[0])
                self.pyramid_ready.emit()

        self._run(self._copying, folder, make, put)

    def _take_sketch(self, sketched: tuple[OpenVolume, Pyramid]) -> None:
        volume, rough = sketched
        if self._is_shown() and volume is self._opened:
            self._view.reader.stand_in(rough)

    def _run(
        self,
        work: Latest,
        folder: Path,
        function: Callable[[Report], ResultT],
        done: Callable[[ResultT], None],
    ) -> None:
        def guarded(report: Report) -> ResultT:
            with system_errors(folder, "written"):
                return function(report)

        work.run(guarded, done, self._complain)

    def _pass_on(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.reported.emit(event)

    def _complain(self, error: SxtError) -> None:
        self.reported.emit(None)
        self.failed.emit(str(error))
