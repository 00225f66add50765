"""Sharp pictures of the 3D view, drawn in a thread where the processor does the work of a GPU.

The window's own thread draws what moves, coarse and quick; a sharp picture takes longer than a
window may stand still.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.graphics import Graphics
from sxtstudio.analysis.offscreen import offscreen_window
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.analysis.volume_layer import VolumeCopy
from sxtstudio.core.errors import SxtError
from sxtstudio.core.scene import Scene
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui.background import Background
from sxtstudio.gui.vtk_canvas import window_image

Surfaces = Mapping[int, vtkPolyData]


@dataclass(frozen=True, kw_only=True, eq=False)
class Still:
    """All that a picture depends on; nobody changes any of it. ``size`` is in pixels.

    ``version`` tells for which state of the view it was asked.
    """

    version: int
    size: tuple[int, int]
    scene: Scene
    graphics: Graphics
    surfaces: Surfaces
    tomogram: Tomogram | None = None
    volume: VolumeCopy | None = None
    table: MeasurementTable | None = None
    names: Mapping[int, str]


class Stills(QObject):
    """Draws the still that was asked for last; ``drawn`` carries its version and the picture.

    ``failed`` carries a sentence: a plane in the scene may lie in a file that cannot be read.
    """

    drawn = Signal(int, QImage)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self, one_thread=True)
        self._studio: _Studio | None = None
        self._wanted: Still | None = None
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return self._background.busy

    def ask(self, still: Still) -> None:
        """Draw a still as soon as the one before is done; those between are left out."""
        self._wanted = still
        if not self.busy and not self._closed:
            self._start()

    def forget(self) -> None:
        """Want no picture that is not being drawn yet."""
        self._wanted = None

    def close(self) -> None:
        """Wait for the picture being drawn, and free what VTK holds."""
        self._closed = True
        self._background.close()
        if self._studio is not None:
            self._studio.close()
            self._studio = None

    def _start(self) -> None:
        still, self._wanted = self._wanted, None
        if still is None:
            return

        def work() -> QImage:
            if self._studio is None:
                self._studio = _Studio()
            return self._studio.picture(still)

        def done(image: QImage) -> None:
            self.drawn.emit(still.version, image)
            self._go_on()

        def fail(error: SxtError) -> None:
            self.failed.emit(str(error))
            self._go_on()

        self._background.run(work, done, fail)

    def _go_on(self) -> None:
        if not self._closed:
            self._start()


class _Studio:
    """A renderer that belongs to the thread; `close` may be called once the thread has ended."""

    def __init__(self) -> None:
        # VTK's stubs do not know what the windows of the platforms have in common.
        self._window: Any = offscreen_window(8, 8)
        self._window.SetMultiSamples(0)
        self._scene = SceneRenderer(colour_bar=False)
        self._scene.renderer.UseFXAAOn()
        self._window.AddRenderer(self._scene.renderer)
        self._surfaces: Surfaces = {}
        self._volume: VolumeCopy | None = None
        self._tomogram: Tomogram | None = None

    def picture(self, still: Still) -> QImage:
        """Draw a still; what has not changed since the last one is kept."""
        scene = self._scene
        if still.tomogram is not self._tomogram:
            self._tomogram = still.tomogram
            scene.set_tomogram(still.tomogram)
        if still.surfaces is not self._surfaces:
            self._surfaces = still.surfaces
            scene.set_surfaces(still.surfaces)
        if still.volume is not self._volume:
            self._volume = still.volume
            scene.volume.set_copy(still.volume, still.graphics)
        scene.set_measurements(still.table, still.names)
        scene.set_scene(still.scene)
        if still.scene.camera is not None:
            scene.set_camera(still.scene.camera)
        self._window.SetSize(*still.size)
        self._window.Render()
        image = window_image(self._window)
        # Else software keeps the pictures of sizes that came before, up to hundreds of MB of them.
        self._window.WaitForCompletion()
        self._window.ReleaseCurrent()
        return image

    def close(self) -> None:
        """Free everything."""
        self._scene.renderer.RemoveAllViewProps()
        self._window.RemoveRenderer(self._scene.renderer)
        self._window.Finalize()
