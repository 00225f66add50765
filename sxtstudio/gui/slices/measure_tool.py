"""Tools that take points in the planes: a line, an angle, LAC along a line, an oblique plane."""

# ruff: noqa: ARG002 (points are taken alike in all planes and with all keys)

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from sxtstudio.gui.slices.measurements import angle_deg, length_um
from sxtstudio.gui.slices.planes import Plane
from sxtstudio.gui.slices.tool import Point, Pointer, Tool, ToScreen
from sxtstudio.gui.view_overlay import paint_words
from sxtstudio.gui.view_state import ViewState

Kind = Literal["line", "angle", "profile", "oblique"]

_NAMES: dict[Kind, str] = {
    "line": "Measure length",
    "angle": "Measure angle",
    "profile": "LAC along a line",
    "oblique": "Oblique slice",
}
_HINTS: dict[Kind, str] = {
    "line": "Drag from end to end, or click both ends; Esc puts the tool away",
    "angle": "Click one end, the corner, the other end; Esc puts the tool away",
    "profile": "Drag along the line whose LAC is to be plotted; Esc puts the tool away",
    "oblique": "Click three points of the plane, in any of the views; Esc puts the tool away",
}
_POINTS: dict[Kind, int] = {"line": 2, "angle": 3, "profile": 2, "oblique": 3}
_DRAGGED_VOXELS = 1.5
_OFF_PLANE_VOXELS = 0.75
_INK, _HALO = QColor("#ffe082"), QColor(0, 0, 0, 170)
_MARK_PX = 3.5


class MeasureTool(Tool):
    """Takes points until it has enough, calls ``done`` with them, and shows them until the next."""

    def __init__(
        self,
        kind: Kind,
        state: ViewState,
        done: Callable[[Kind, tuple[Point, ...]], None],
        put_away: Callable[[], None],
    ) -> None:
        self.kind: Kind = kind
        self.name, self.hint = _NAMES[kind], _HINTS[kind]
        self._state, self._done, self._put_away = state, done, put_away
        self.points: tuple[Point, ...] = ()
        self._open = False

    def press(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Take a point, the first of a new measurement if the last one is complete."""
        if not self._open:
            self.points, self._open = (voxel, voxel), True
        elif pointer.double:
            pass  # the second press of a double click is where the first one was
        else:
            self._settle(voxel)
        return True

    def move(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Let the newest point follow the mouse."""
        if not self._open:
            return False
        self.points = (*self.points[:-1], voxel)
        return True

    def release(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Take the end of a drag for a point."""
        begin = self.points[-2] if len(self.points) > 1 else voxel
        if self._open and max(abs(a - b) for a, b in zip(begin, voxel, strict=True)) > (
            _DRAGGED_VOXELS
        ):
            self._settle(voxel)
        return True

    def key(self, key: int, plane: Plane, pointer: Pointer) -> bool:
        """Begin anew with Escape; with nothing begun, go."""
        if key != Qt.Key.Key_Escape.value:
            return False
        if self._open:
            self.deactivate()
        else:
            self._put_away()
        return True

    def deactivate(self) -> None:
        """Forget what was begun."""
        self.points, self._open = (), False

    def _settle(self, voxel: Point) -> None:
        self.points = (*self.points[:-1], voxel)
        if len(self.points) == _POINTS[self.kind]:
            self._open = False
            self._done(self.kind, self.points)
        else:
            self.points = (*self.points, voxel)

    def words(self) -> str:
        """Return what is measured, in words; empty while there is too little."""
        tomogram = self._state.tomogram
        if tomogram is None or len(self.points) < 2 or self.kind == "oblique":
            return ""
        size_um = tomogram.voxel_size_um
        if self.kind == "angle" and len(self.points) == 3:
            return f"{angle_deg(*self.points, size_um):.1f}°"
        return f"{length_um(self.points[-2], self.points[-1], size_um):.3f} µm"

    def paint(self, painter: QPainter, plane: Plane, to_screen: ToScreen) -> None:
        """Paint the points, the lines between them, and what they measure."""
        if not self.points:
            return
        index = self._state.cursor[plane.axis]
        off = max(abs(point[plane.axis] - index) for point in self.points)
        places = [to_screen(point) for point in self.points]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        here = off <= _OFF_PLANE_VOXELS
        style = Qt.PenStyle.SolidLine if here else Qt.PenStyle.DotLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((_HALO, 3.5), (_INK, 1.6)):
            painter.setPen(QPen(colour, width, style))
            painter.drawPolyline(places)
            for place in places:
                painter.drawEllipse(place, _MARK_PX, _MARK_PX)
        words = self.words()
        if words and here:
            paint_words(painter, words, places[-1] + QPointF(12, -12))
