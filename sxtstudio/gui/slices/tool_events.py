"""Lets a tool hear the mouse and keys of a plane before the plane's own handling."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QInputEvent, QKeyEvent, QMouseEvent, QPainter, QTabletEvent, QWheelEvent

from sxtstudio.gui.slices.canvas import SliceCanvas
from sxtstudio.gui.slices.planes import Plane
from sxtstudio.gui.slices.tool import Point, Pointer, Tool

_WHEEL_STEP = 120
_PEN = (QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease)
_LEFT = Qt.MouseButton.LeftButton


class ToolEvents(QObject):
    """Between a canvas and the tool in hand; ``used`` when the tool made use of something."""

    used = Signal()

    def __init__(self, canvas: SliceCanvas, plane: Plane, index: Callable[[], int]) -> None:
        super().__init__(canvas)
        self.tool: Tool | None = None
        self._canvas, self._plane, self._index = canvas, plane, index
        self._held = False
        self._wheel_rest = 0
        self._pressure = 1.0
        canvas.viewport().installEventFilter(self)
        canvas.installEventFilter(self)
        canvas.set_foreground(self._paint)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Offer an event to the tool; what it uses does not reach the canvas."""
        if self.tool is None or not self._canvas.has_picture:
            return False
        if event.type() in _PEN:  # what a pen does comes again as what a mouse does
            up = event.type() == QEvent.Type.TabletRelease
            self._pressure = 1.0 if up else cast("QTabletEvent", event).pressure()
            event.ignore()
            return True
        if watched is self._canvas:
            used = event.type() == QEvent.Type.KeyPress and self._key(cast("QKeyEvent", event))
        else:
            used = self._mouse(event)
        if used:
            self.used.emit()
        return used

    def _mouse(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(cast("QMouseEvent", event))
        if kind == QEvent.Type.MouseMove:
            return self._move(cast("QMouseEvent", event))
        if kind == QEvent.Type.MouseButtonRelease:
            return self._release(cast("QMouseEvent", event))
        if kind == QEvent.Type.Wheel:
            return self._wheel(cast("QWheelEvent", event))
        if kind == QEvent.Type.Leave and self.tool is not None:
            self.tool.leave()
            self.used.emit()
        return False

    def _press(self, event: QMouseEvent) -> bool:
        if event.button() != _LEFT or self._canvas.panning or self.tool is None:
            return False
        if self._canvas.gestures.takes_from_tools(event.modifiers()):
            return False
        double = event.type() == QEvent.Type.MouseButtonDblClick
        pointer = self._pointer(event, held=True, double=double)
        self._held = self.tool.press(self._voxel(event), self._plane, pointer)
        return self._held

    def _move(self, event: QMouseEvent) -> bool:
        held = bool(event.buttons() & _LEFT)
        other = event.buttons() & ~_LEFT
        if other or self.tool is None or (held and not self._held):
            return False  # a drag that the canvas has begun is its own
        used = self.tool.move(self._voxel(event), self._plane, self._pointer(event, held=held))
        if used:
            self._canvas.hovered.emit(self._canvas.pixel_at(event.position()))
        # The crosshair follows the mouse when it is wanted to, whatever the tool.
        return used and (held or not self._canvas.gestures.moves_crosshair(event.modifiers()))

    def _release(self, event: QMouseEvent) -> bool:
        if event.button() != _LEFT or not self._held or self.tool is None:
            return False
        self._held = False
        self.tool.release(self._voxel(event), self._plane, self._pointer(event, held=False))
        return True

    def _wheel(self, event: QWheelEvent) -> bool:
        # Alt turns the wheel sideways on some desktops; Shift does on others.
        sizing = self._canvas.gestures.wheel_act(event.modifiers()) == "size"
        turned = event.angleDelta().y() or event.angleDelta().x()
        steps = int((self._wheel_rest + turned) / _WHEEL_STEP)
        pointer = self._pointer(event, held=self._held, sizing=sizing)
        if self.tool is None or not self.tool.wheel(steps, self._plane, pointer):
            self._wheel_rest = 0
            return False
        self._wheel_rest += turned - steps * _WHEEL_STEP
        return True

    def _key(self, event: QKeyEvent) -> bool:
        if self.tool is None:
            return False
        return self.tool.key(event.key(), self._plane, self._pointer(event, held=self._held))

    def _voxel(self, event: QMouseEvent) -> Point:
        column, row = self._canvas.place_at(event.position())
        place = [0.0, 0.0, 0.0]
        place[self._plane.axis] = float(self._index())
        place[self._plane.right], place[self._plane.down] = column, row
        z, y, x = place
        return (z, y, x)

    def _pointer(
        self, event: QInputEvent, *, held: bool, double: bool = False, sizing: bool = False
    ) -> Pointer:
        keys = event.modifiers()
        return Pointer(
            held=held,
            double=double,
            sizing=sizing,
            shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
            ctrl=bool(keys & Qt.KeyboardModifier.ControlModifier),
            alt=bool(keys & Qt.KeyboardModifier.AltModifier),
            pressure=self._pressure,
        )

    def _paint(self, painter: QPainter) -> None:
        if self.tool is not None:
            self.tool.paint(painter, self._plane, self._to_screen)

    def _to_screen(self, voxel: Point) -> QPointF:
        return self._canvas.point_of((voxel[self._plane.right], voxel[self._plane.down]))
