"""LAC as a volume in the 3D view: prepared in a thread as soon as it is wanted."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from sxtstudio.analysis.graphics import Graphics
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.analysis.volume_layer import (
    VolumeCopy,
    ceiling_of,
    coarser,
    copy_volume,
    without_denser,
)
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.pyramid import Pyramid
from sxtstudio.core.scene import TransferFunction
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.space.stored_values import tomogram_as_if_lac


class ShownVolume(QObject):
    """Puts a copy of the tomogram on show into a scene, a coarser one where software draws.

    ``said`` carries who draws it and how finely, or nothing; ``changed`` tells that the scene looks
    different; ``failed`` carries a sentence. ``pyramid`` gives small copies where there are some.
    """

    said = Signal(str)
    changed = Signal()
    failed = Signal(str)

    def __init__(
        self, scene: SceneRenderer, graphics: Callable[[], Graphics], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.pyramid: Callable[[], Pyramid | None] = lambda: None
        self._scene, self._graphics = scene, graphics
        self._preparing = Latest(self)
        self._tomogram: Tomogram | None = None
        self._copy: VolumeCopy | None = None
        self._whole: VolumeCopy | None = None
        self._ceiling: float | None = None

    @property
    def copy(self) -> VolumeCopy | None:
        """The copy that a sharp picture is drawn from, if there is one."""
        return self._copy

    def show(
        self,
        tomogram: Tomogram | None,
        transfer: TransferFunction | None,
        *,
        is_lac: bool = True,
    ) -> None:
        """Draw the volume so, once a copy of this tomogram is there.

        Without ``is_lac`` its values are stretched to where cells have their LAC.
        """
        if tomogram is not self._tomogram and self._copy is not None:
            self._copy = self._whole = None
            self._scene.volume.set_copy(None, self._graphics())
        self._tomogram = tomogram
        if transfer is None or tomogram is None:
            self._preparing.cancel()
            self.said.emit("")
        elif self._copy is not None and self._ceiling == ceiling_of(transfer):
            self.said.emit(self._copy.words(self._graphics()))
        else:
            self._prepare(tomogram, transfer, is_lac)

    def close(self) -> None:
        """Wait for the thread."""
        self._preparing.close()

    def _prepare(self, tomogram: Tomogram, transfer: TransferFunction, is_lac: bool) -> None:
        graphics, pyramid = self._graphics(), self.pyramid() if is_lac else None
        levels = pyramid.levels if pyramid else ()

        ceiling, known = ceiling_of(transfer), self._whole

        def work(report: Report) -> tuple[VolumeCopy, VolumeCopy, VolumeCopy]:
            whole = known
            if whole is None:
                lac = tomogram if is_lac else tomogram_as_if_lac(tomogram)
                whole = copy_volume(lac, graphics, levels, report)
            copy = without_denser(whole, ceiling)
            return whole, copy, coarser(copy) if graphics.software else copy

        def done(copies: tuple[VolumeCopy, VolumeCopy, VolumeCopy]) -> None:
            self._whole, self._copy, here = copies
            self._ceiling = ceiling
            self._scene.volume.set_copy(here, graphics)
            self.said.emit(self._copy.words(graphics))
            self.changed.emit()

        self.said.emit("Preparing the volume …")
        self._preparing.run(work, done, self._fail)

    def _fail(self, error: SxtError) -> None:
        self.failed.emit(str(error))
