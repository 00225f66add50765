"""A flat picture with labels over it: draws, zooms, pans, and says what the mouse asks for."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QWidget

from sxtstudio.gui import view_overlay as overlay
from sxtstudio.gui.gestures import OWN, DragAct
from sxtstudio.gui.slices.camera import Camera, fit, scale_limits
from sxtstudio.gui.slices.layers import Layers
from sxtstudio.gui.theme import tones

_WHEEL_STEP = 120
_ROOM_FOR_AXES_PX = 160
_ZOOM_PER_WHEEL_STEP = 1.2
_ZOOM_PER_DRAG = 8.0
_PAGE = 10
_CLICK_PX = 4
_SMOOTH_BELOW_PX_PER_VOXEL = 10.0

Pixel = tuple[int, int]
"""Column and row of a picture."""


class SliceCanvas(pg.GraphicsView):
    """The drawing area of one plane.

    ``picked`` and ``hovered`` carry (column, row), ``hovered`` None where there is no voxel.
    ``window_dragged`` carries how far the right button has dragged since it went down, to the
    right and up, in shares of the area's size.
    """

    picked = Signal(object)
    hovered = Signal(object)
    steps_wanted = Signal(int)
    window_drag_started = Signal()
    window_dragged = Signal(float, float)
    window_drag_ended = Signal()
    double_clicked = Signal()
    focus_lost = Signal()

    # pyqtgraph resizes the area while it is being made.
    _shape: Pixel | None = None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=tones().canvas)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.layers = Layers()
        self.scene().addItem(self.layers)
        self._voxel_um = (1.0, 1.0)
        self._camera = Camera(right_um=0.0, down_um=0.0, px_per_um=1.0)
        self._fitted = True
        self._crosshair: tuple[Pixel, QColor, QColor] | None = None
        self._reading = ""
        self.axes: tuple[overlay.Axis, ...] = ()
        self._legend: tuple[tuple[str, str], ...] = ()
        self._foreground: Callable[[QPainter], None] | None = None
        self.gestures = OWN
        self._press: QPointF | None = None
        self._last = QPointF()
        self._act: DragAct | None = None
        self._wheel_rest = 0
        self._hand = False

    # What is drawn

    def set_picture(self, grey: np.ndarray | None, voxel_um: tuple[float, float]) -> None:
        """Draw grey values; ``voxel_um`` is the size of a pixel (right, down).

        A picture of another size is fitted to the area.
        """
        if grey is None:
            self._shape = None
            self.layers.clear()
            self.viewport().update()
            return
        rows, columns = grey.shape
        changed = (columns, rows) != self._shape or voxel_um != self._voxel_um
        self._shape, self._voxel_um = (columns, rows), voxel_um
        self.layers.set_grey(grey)
        if changed:
            self.layers.set_voxel(voxel_um)
            self.fit()

    def set_crosshair(self, at: Pixel, upright: QColor, level: QColor) -> None:
        """Draw the crosshair through a pixel."""
        self._crosshair = (at, upright, level)
        self.viewport().update()

    def set_reading(self, text: str) -> None:
        """Show a short text over the picture; an empty one takes it away."""
        self._reading = text
        self.viewport().update()

    def set_legend(self, legend: Sequence[tuple[str, str]]) -> None:
        """Say in a corner what colours (``#rrggbb``) mean; an empty legend goes away."""
        self._legend = tuple(legend)
        self.viewport().update()

    def set_foreground(self, paint: Callable[[QPainter], None]) -> None:
        """Let something be painted over the picture, in the pixels of the area."""
        self._foreground = paint

    # Where it is drawn

    @property
    def has_picture(self) -> bool:
        """Whether there is something to look at."""
        return self._shape is not None

    @property
    def panning(self) -> bool:
        """Whether the left button drags the picture."""
        return self._hand

    @property
    def camera(self) -> Camera:
        """Where the picture lies in the area."""
        return self._camera

    def fit(self) -> None:
        """Show the whole picture, and keep doing so when the area changes its size."""
        self._fitted = True
        if self._shape is not None:
            self._look(fit(self._picture_um(), self._window()))

    def zoom(self, factor: float, fixed: QPointF | None = None) -> None:
        """Enlarge the picture; what lies under ``fixed`` (the middle by default) stays there."""
        if self._shape is None:
            return
        window = self._window()
        at = fixed or QPointF(window.width() / 2, window.height() / 2)
        least, greatest = scale_limits(self._picture_um(), max(self._voxel_um), window)
        scale = min(max(self._camera.px_per_um * factor, least), greatest)
        self._fitted = False
        self._look(self._camera.zoomed(scale, at, window))

    def place_at(self, point: QPointF) -> tuple[float, float]:
        """Return column and row under a point of the area; whole numbers are middles of pixels."""
        at = self._camera.to_picture(point, self._window())
        return at.x() / self._voxel_um[0] - 0.5, at.y() / self._voxel_um[1] - 0.5

    def pixel_at(self, point: QPointF) -> Pixel | None:
        """Return the picture's pixel under a point of the area, or None beside the picture."""
        if self._shape is None:
            return None
        column, row = (math.floor(place + 0.5) for place in self.place_at(point))
        inside = 0 <= column < self._shape[0] and 0 <= row < self._shape[1]
        return (column, row) if inside else None

    def point_of(self, pixel: tuple[float, float]) -> QPointF:
        """Return where a place of the picture lies in the area; a pixel stands for its middle."""
        middle_um = QPointF(*((i + 0.5) * d for i, d in zip(pixel, self._voxel_um, strict=True)))
        return self._camera.to_window(self._window()).map(middle_um)

    def _window(self) -> QSizeF:
        return QSizeF(self.viewport().size())

    def _picture_um(self) -> QSizeF:
        columns, rows = self._shape or (1, 1)
        return QSizeF(columns * self._voxel_um[0], rows * self._voxel_um[1])

    def _look(self, camera: Camera) -> None:
        self._camera = camera
        self.layers.setTransform(camera.to_window(self._window()))
        px_per_voxel = camera.px_per_um * max(self._voxel_um)
        self.layers.set_smooth(px_per_voxel < _SMOOTH_BELOW_PX_PER_VOXEL)
        self.viewport().update()

    # Qt

    def changeEvent(self, ev: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(ev)
        if ev.type() == QEvent.Type.PaletteChange:
            self.setBackground(tones().canvas)

    def resizeEvent(self, ev: QResizeEvent) -> None:
        """Keep the picture fitted, or its middle in the middle."""
        super().resizeEvent(ev)
        if self._shape is None:
            return
        if self._fitted:
            self.fit()
        else:
            self._look(self._camera)

    def drawForeground(self, painter: QPainter, _rect: QRectF | Any, /) -> None:
        """Paint crosshair, tool, scale bar, legend and reading in the window's own pixels."""
        if self._shape is None:
            return
        painter.save()
        painter.resetTransform()
        painter.setFont(self.font())
        window = self._window()
        if self._crosshair is not None:
            at, upright, level = self._crosshair
            crosshair = overlay.Crosshair(
                at=self.point_of(at), upright_colour=upright, level_colour=level
            )
            overlay.paint_crosshair(painter, crosshair, window)
        if self._foreground is not None:
            self._foreground(painter)
        if self.axes and min(window.width(), window.height()) >= _ROOM_FOR_AXES_PX:
            overlay.paint_axes(painter, self.axes, window)
        overlay.paint_scale_bar(painter, self._camera.px_per_um, window)
        if self._legend:
            overlay.paint_legend(painter, self._legend, window)
        if self._reading:
            overlay.paint_reading(painter, self._reading, window)
        painter.restore()

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """Ask for other slices, or zoom at the pointer."""
        ev.accept()
        act = self.gestures.wheel_act(ev.modifiers())
        # Alt turns the wheel sideways on some desktops; Shift does on others.
        turned = ev.angleDelta().y() or ev.angleDelta().x()
        if act == "zoom":
            self.zoom(_ZOOM_PER_WHEEL_STEP ** (turned / _WHEEL_STEP), ev.position())
            return
        # Touch pads send small parts of a step.
        self._wheel_rest += turned
        steps = int(self._wheel_rest / _WHEEL_STEP)
        self._wheel_rest -= steps * _WHEEL_STEP
        if steps:
            self.steps_wanted.emit(steps * _PAGE if act == "page" else steps)

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Pick a pixel, or start to pan, zoom or window."""
        ev.accept()
        self._press = self._last = ev.position()
        hand = self._hand and ev.button() == Qt.MouseButton.LeftButton
        self._act = "pan" if hand else self.gestures.drag_act(ev.button(), ev.modifiers())
        if self._act == "crosshair":
            self._pick(self.pixel_at(ev.position()))
        elif self._act == "window" and self._shape is not None:
            self.window_drag_started.emit()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Report the pixel under the mouse and carry on a drag."""
        ev.accept()
        at = ev.position()
        self.hovered.emit(self.pixel_at(at))
        if not ev.buttons() and self.gestures.moves_crosshair(ev.modifiers()):
            self._pick(self.pixel_at(at))
        if self._press is None or self._shape is None or not ev.buttons():
            return
        by, self._last = at - self._last, at
        if self._act == "pan":
            self._fitted = False
            self._look(self._camera.moved(by))
        elif self._act == "zoom":
            self.zoom(_ZOOM_PER_DRAG ** (-by.y() / self._window().height()), self._press)
        elif self._act == "crosshair":
            self._pick(self._nearest_pixel(at))
        elif self._act == "window":
            by, window = at - self._press, self._window()
            self.window_dragged.emit(by.x() / window.width(), -by.y() / window.height())

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        """End a drag; where the left button pans, a click without one picks."""
        ev.accept()
        start, act, self._press, self._act = self._press, self._act, None, None
        if act == "window":
            self.window_drag_ended.emit()
        elif act == "pan" and ev.button() == Qt.MouseButton.LeftButton and not self._hand:
            moved = (ev.position() - start).manhattanLength() if start is not None else 0
            if moved <= _CLICK_PX:
                self._pick(self.pixel_at(ev.position()))

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        """Report a double click of the left button."""
        ev.accept()
        if ev.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def leaveEvent(self, ev: QEvent) -> None:
        """Report that no voxel is under the mouse any more."""
        super().leaveEvent(ev)
        self.hovered.emit(None)

    def focusOutEvent(self, ev: QFocusEvent) -> None:
        """Say so: the release of a key that is held now will not be heard."""
        super().focusOutEvent(ev)
        self._set_hand(False)
        self.focus_lost.emit()

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Drag the picture while a key is held; other keys are for the view around this area."""
        if self.gestures.is_held(self.gestures.hand, ev.key()):
            self._set_hand(True)
        else:
            ev.ignore()

    def keyReleaseEvent(self, ev: QKeyEvent) -> None:
        """Let go of the picture when its key is released."""
        if not self.gestures.is_held(self.gestures.hand, ev.key()):
            ev.ignore()
        elif not ev.isAutoRepeat():
            self._set_hand(False)

    def _set_hand(self, hand: bool) -> None:
        self._hand = hand
        shape = Qt.CursorShape.OpenHandCursor if hand else Qt.CursorShape.CrossCursor
        self.setCursor(shape)

    def _pick(self, pixel: Pixel | None) -> None:
        if pixel is not None:
            self.picked.emit(pixel)

    def _nearest_pixel(self, at: QPointF) -> Pixel | None:
        # A drag that leaves the picture keeps moving the crosshair along its edge.
        if self._shape is None:
            return None
        first = self.point_of((0, 0))
        last = self.point_of((self._shape[0] - 1, self._shape[1] - 1))
        x = min(max(at.x(), first.x()), last.x())
        y = min(max(at.y(), first.y()), last.y())
        return self.pixel_at(QPointF(x, y))
