"""A VTK scene as an ordinary widget: rendered off screen, painted as an image.

No window of VTK's own is involved, so the same code works on X11, Wayland, without a display and
inside a screenshot of the widget.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSinglePointEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
from vtkmodules.vtkRenderingCore import vtkRenderer
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

from sxtstudio.analysis.graphics import Graphics, ask_graphics
from sxtstudio.analysis.offscreen import offscreen_window

_MOVING_SHARE = 0.5
_SETTLE_MS = 200
_WHEEL_STEP = 120
_CLICK_PX = 3
_PEELS = 6
_ZOOM_PER_WHEEL_STEP = 1.1
_BUTTONS = {
    Qt.MouseButton.LeftButton: "LeftButton",
    Qt.MouseButton.MiddleButton: "MiddleButton",
    Qt.MouseButton.RightButton: "RightButton",
}


class VtkCanvas(QWidget):
    """Shows a renderer and turns it by the mouse: left rotates, middle pans, right and wheel zoom.

    ``paint_over`` paints over the picture in the window's own pixels.

    While the picture moves it is drawn at half resolution, and ``on_moving`` is told. Where the
    processor does the work of a GPU it is always drawn so: ``sharp_wanted`` then asks for a sharp
    picture (its version, width and height in pixels), which `show_sharp` takes. ``clicked``
    carries where in the renderer, in its pixels from below left. Call `shutdown` before the end.
    """

    double_clicked = Signal()
    clicked = Signal(float, float)
    sharp_wanted = Signal(int, int, int)

    def __init__(
        self,
        renderer: vtkRenderer,
        paint_over: Callable[[QPainter, QSizeF], None],
        on_moving: Callable[[bool], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._version = 0
        self._stale, self._sharp = True, False
        self._on_moving = on_moving
        self._pressed_at: QPointF | None = None
        self._placed_for = 1.0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._renderer = renderer
        self._paint_over = paint_over
        # VTK's stubs know neither the overloads nor the None that these two are given below.
        self._window: Any = offscreen_window(1, 1)
        self._window.SetMultiSamples(0)
        renderer.UseFXAAOn()
        self._window.AddRenderer(renderer)
        self._interactor: Any = vtkGenericRenderWindowInteractor()
        self._interactor.SetRenderWindow(self._window)
        self._interactor.EnableRenderOff()
        style = vtkInteractorStyleTrackballCamera()
        style.SetDefaultRenderer(renderer)
        self._interactor.SetInteractorStyle(style)
        self._render_tag = self._interactor.AddObserver("RenderEvent", self._on_vtk_render)
        self._interactor.Initialize()
        self._image = QImage()
        self._graphics: Graphics | None = None
        self._closed = False
        self._pressed = False
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._stand_still)

    @property
    def graphics(self) -> Graphics:
        """What draws the scene."""
        if self._graphics is None:
            self._graphics = ask_graphics(self._window)
            if not self._graphics.software:
                self._window.AlphaBitPlanesOn()
                self._renderer.UseDepthPeelingOn()
                self._renderer.SetMaximumNumberOfPeels(_PEELS)
        return self._graphics

    @property
    def sharp(self) -> bool:
        """Whether the picture shows the scene as it is, and as well as it can."""
        return self._sharp and not self._stale

    def show_sharp(self, version: int, image: QImage) -> None:
        """Show a sharp picture, unless the scene has changed since it was asked for."""
        if version == self._version and not self._closed and not self._moving:
            self._image, self._sharp = image, True
            self.update()

    def update_picture(self) -> None:
        """Draw the scene again, sharp."""
        self._settle.stop()
        self._mark_stale()

    def update_moving_picture(self) -> None:
        """Draw the scene again: coarse and quick now, sharp as soon as it stands still."""
        self._settle.start()
        self._mark_stale()

    def turn(self, azimuth_deg: float, elevation_deg: float) -> None:
        """Turn the camera around the scene."""
        camera = self._renderer.GetActiveCamera()
        camera.Azimuth(azimuth_deg)
        camera.Elevation(elevation_deg)
        camera.OrthogonalizeViewUp()
        self._renderer.ResetCameraClippingRange()
        self.update_moving_picture()

    def zoom(self, factor: float) -> None:
        """Enlarge the scene."""
        self._renderer.GetActiveCamera().Dolly(factor)
        self._renderer.ResetCameraClippingRange()
        self.update_moving_picture()

    def fit_window(self) -> tuple[int, int]:
        """Give VTK the size of the widget and return it, in VTK's pixels.

        What fitted into the shorter edge still does: call it before the camera is placed.
        """
        if self._closed:
            return (1, 1)
        self._keep_in_view()
        size = self._full_size(_MOVING_SHARE if self._coarse else 1.0)
        if tuple(self._window.GetSize()) != size:
            self._window.SetSize(*size)
            self._interactor.SetSize(*size)
        return size

    def shutdown(self) -> None:
        """Free everything of VTK; the widget paints black from now on."""
        if self._closed:
            return
        self._closed = True
        self._settle.stop()
        self._interactor.RemoveObserver(self._render_tag)
        self._interactor.SetInteractorStyle(None)
        self._renderer.RemoveAllViewProps()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()
        self._interactor.SetRenderWindow(None)
        self._interactor.TerminateApp()
        self._image = QImage()

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """Paint the picture of the scene, rendered first if it has changed."""
        if not self._closed and (self._stale or self._image.isNull()):
            self._render()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._image.isNull():
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        else:
            painter.drawImage(self.rect(), self._image)
            self._paint_over(painter, QSizeF(self.size()))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to turn, pan or zoom."""
        self._pressed = True
        self._pressed_at = event.position()
        # VTK compares pointer positions during a drag, so the resolution changes before it.
        self.fit_window()
        self._tell_vtk(event, "Press")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a movement and draw sharp."""
        self._tell_vtk(event, "Release")
        self._pressed = False
        start, self._pressed_at = self._pressed_at, None
        if start is not None and event.button() == Qt.MouseButton.LeftButton:
            moved = (event.position() - start).manhattanLength()
            if moved <= _CLICK_PX and not self._closed:
                width, height = self.fit_window()
                at = event.position()
                share_x, share_y = at.x() / max(self.width(), 1), at.y() / max(self.height(), 1)
                self.clicked.emit(share_x * width, (1 - share_y) * height)
        self._settle.stop()
        self._stand_still()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry a movement on."""
        event.accept()
        if self._closed or not self._pressed:
            return
        self._place_pointer(event)
        self._interactor.MouseMoveEvent()
        self.update_moving_picture()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Report a double click."""
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        event.accept()
        self.zoom(_ZOOM_PER_WHEEL_STEP ** (event.angleDelta().y() / _WHEEL_STEP))

    def changeEvent(self, event: QEvent) -> None:
        """Draw again where the screen's resolution has changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._mark_stale()

    def resizeEvent(self, _event: QResizeEvent, /) -> None:
        """Draw again in the new size."""
        if not self._closed:
            self._keep_in_view()
        self._mark_stale()

    def _keep_in_view(self) -> None:
        # An event's old size says nothing here: it is missing where a hidden widget got another
        # size before it is shown, and the camera would go back and never come forward.
        if self.size().isEmpty():
            return
        before, now = self._placed_for, _narrow(self.size())
        if before == now:
            return
        self._placed_for = now
        camera = self._renderer.GetActiveCamera()
        away = np.subtract(camera.GetPosition(), camera.GetFocalPoint()) * (before / now)
        camera.SetPosition(*np.add(camera.GetFocalPoint(), away).tolist())
        camera.SetParallelScale(camera.GetParallelScale() * before / now)
        self._renderer.ResetCameraClippingRange()

    def _stand_still(self) -> None:
        if self._closed or self._stale or not self.graphics.software:
            self._mark_stale()
        else:
            self._ask_for_sharp()

    def _ask_for_sharp(self) -> None:
        width, height = self._full_size()
        self.sharp_wanted.emit(self._version, width, height)

    def _mark_stale(self) -> None:
        self._version += 1
        self._stale = True
        self.update()

    def _on_vtk_render(self, *_: object) -> None:
        self._mark_stale()

    def _tell_vtk(self, event: QMouseEvent, what: str) -> None:
        event.accept()
        button = _BUTTONS.get(event.button())
        if self._closed or button is None:
            return
        self._place_pointer(event)
        tell: Callable[[], None] = getattr(self._interactor, f"{button}{what}Event")
        tell()

    def _place_pointer(self, event: QSinglePointEvent) -> None:
        # VTK counts pixels of the render window from the lower left.
        width, height = self._window.GetSize()
        at: QPointF = event.position()
        x = round(at.x() / max(self.width(), 1) * width)
        y = round((1 - at.y() / max(self.height(), 1)) * height)
        held = event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        self._interactor.SetEventInformation(x, y, control, shift, chr(0), 0, "")

    @property
    def _moving(self) -> bool:
        return self._pressed or self._settle.isActive()

    @property
    def _coarse(self) -> bool:
        return self._moving or self.graphics.software

    def _full_size(self, share: float = 1.0) -> tuple[int, int]:
        scale = self.devicePixelRatioF() * share
        return max(1, round(self.width() * scale)), max(1, round(self.height() * scale))

    def _render(self) -> None:
        coarse = self._coarse
        self.fit_window()
        if self._on_moving is not None:
            self._on_moving(coarse)
        self._window.Render()
        self._image = window_image(self._window)
        self._stale, self._sharp = False, not coarse
        if coarse and not self._moving:
            self._ask_for_sharp()


def _narrow(size: QSize) -> float:
    """Return the width in shares of the height where it is the shorter one, else 1."""
    return min(1.0, size.width() / size.height())


def window_image(window: Any) -> QImage:
    """Return what a render window shows."""
    width, height = window.GetSize()
    values = vtkUnsignedCharArray()
    window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, values)
    pixels = vtk_to_numpy(values).reshape(height, width, 4)
    pixels[..., 3] = 255  # VTK leaves any alpha there; compositors would honour it
    borrowed = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBX8888)
    return borrowed.flipped(Qt.Orientation.Vertical)  # copies, so the buffer is free
