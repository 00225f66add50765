"""Surfaces made in a thread: soon the light ones, then the fine ones, patched while one draws."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.surface import TRIANGLE_BUDGET, Mesher
from sxtstudio.analysis.surface_patch import patch_surfaces
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.region import Box
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.background import Background
from sxtstudio.gui.latest import Latest

Surfaces = Mapping[int, vtkPolyData]

LIGHT_TRIANGLES = 90_000
"""What software draws while the scene turns."""
GPU_TRIANGLES = 3_000_000
PAUSE_MS = 150
"""Surfaces follow an edit when nothing was painted for so long."""


class Meshes(QObject):
    """Surfaces of one label map; ``ready`` carries the fine and the light ones.

    It comes twice where the fine ones take their time: first with the light ones in both places.
    """

    ready = Signal(object, object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # One thread for all: several would take turns in keeping Python's lock from the window.
        threads = Background(self, one_thread=True)
        self._meshing = Latest(self, background=threads)
        self._patching = Latest(self, background=threads)
        self._label_map: LabelMap | None = None
        self._fine: Surfaces = {}
        self._light: Surfaces = {}
        self._edited: Box | None = None
        self._patching_now = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._patch_after_pause)
        self.software = True

    def make(self, label_map: LabelMap) -> None:
        """Make the surfaces of a label map, instead of those that are being made."""
        self._label_map = label_map
        self._patching.cancel()
        self._pause.stop()
        self._edited, self._patching_now = None, False
        values = sorted(label_map.names)
        mesher: list[Mesher] = []

        def light(report: Report) -> Surfaces:
            mesher.append(Mesher(label_map.labels_ZYX, label_map.voxel_size_um, values))
            triangles = LIGHT_TRIANGLES if self.software else TRIANGLE_BUDGET
            return mesher[0].surfaces(triangles, report)

        def fine(report: Report) -> Surfaces:
            return mesher[0].surfaces(TRIANGLE_BUDGET if self.software else GPU_TRIANGLES, report)

        def take_light(surfaces: Surfaces) -> None:
            self._take(surfaces, surfaces)
            self._meshing.run(fine, lambda found: self._take(found, surfaces), self._fail)

        self._meshing.run(light, take_light, self._fail)

    def patch(self, box: Box) -> None:
        """Follow an edit of the labels in a box; `make` sets it right once the editing pauses.

        A stroke goes before: while the mouse moves, neither this thread nor the others mesh or draw
        in three dimensions.
        """
        self._edited = box if self._edited is None else self._edited.union(box)
        self._pause.start()

    def _patch_after_pause(self) -> None:
        if not self._patching_now and self._fine:
            self._patch()

    def cancel(self) -> None:
        """Want no surfaces any more."""
        self._pause.stop()
        self._meshing.cancel()
        self._patching.cancel()
        self._fine, self._light, self._edited, self._patching_now = {}, {}, None, False

    def close(self) -> None:
        """Cancel and wait until the threads have ended."""
        self._pause.stop()
        self._meshing.close()
        self._patching.close()

    def _patch(self) -> None:
        label_map, box = self._label_map, self._edited
        if label_map is None or box is None:
            return
        self._edited, self._patching_now = None, True
        old, values = (self._fine, self._light), sorted(label_map.names)

        def work(_: Report) -> tuple[Surfaces, Surfaces]:
            labels_ZYX, size_um = label_map.labels_ZYX, label_map.voxel_size_um
            fine, light = (patch_surfaces(level, labels_ZYX, size_um, values, box) for level in old)
            return fine, light

        def done(patched: tuple[Surfaces, Surfaces]) -> None:
            self._patching_now = False
            self._take(*patched)
            if not self._pause.isActive():
                self._patch()

        self._patching.run(work, done, self._fail)

    def _take(self, fine: Surfaces, light: Surfaces) -> None:
        self._fine, self._light = fine, light
        self.ready.emit(fine, light)

    def _fail(self, error: SxtError) -> None:
        self._patching_now = False
        self.failed.emit(str(error))
