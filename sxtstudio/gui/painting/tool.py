"""The tool that paints in the planes, and the keys that change what it does."""

from math import floor

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.mask import meant, of_range
from sxtstudio.core.region import Region, Voxel
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.range_picker import RangePicker
from sxtstudio.gui.painting.seeking import Place, Seeking
from sxtstudio.gui.painting.settings import UNLABELLED, PaintSettings
from sxtstudio.gui.painting.toolbox import TOOLS, Gesture, ToolName
from sxtstudio.gui.slices.planes import Plane
from sxtstudio.gui.slices.tool import Point, Pointer, Tool, ToScreen
from sxtstudio.gui.view_state import ViewState

_HALO = QColor(0, 0, 0, 190)
_NO_CLASS = "#f2f4f6"
_CROSS_PX = 5.0
_LEAST_PRESSURE = 0.1
_STEP_VOXELS = 0.5
_ENTER = (Qt.Key.Key_Return.value, Qt.Key.Key_Enter.value)


class PaintTool(Tool):
    """Paints, or asks a tool about a place, as the settings say; looking, it lets the mouse by.

    What is drawn by hand, line or corners, lies in one plane until it is ended or dropped.
    """

    name = "Paint"

    def __init__(self, editing: Editing, view: ViewState) -> None:
        self._editing = editing
        self._settings: PaintSettings = editing.settings
        self._view = view
        self.seeking = Seeking(editing, view)
        self.range_picker: RangePicker | None = None
        self._at: Point | None = None
        self._over: Plane | None = None
        self._last: Point | None = None
        self._line: list[Point] = []
        self._drawn_in: Plane | None = None
        self._tool: ToolName = self._settings.tool
        self._settings.changed.connect(self._look_at_settings)

    @property
    def hint(self) -> str:  # type: ignore[override] - it changes with the settings
        """What the mouse and the keys do now."""
        if self.seeking.preview.shown:
            return "Enter applies what is shown, Esc drops it; another setting tries again"
        return TOOLS[self._settings.tool].hint

    @property
    def _gesture(self) -> Gesture:
        return TOOLS[self._settings.tool].gesture

    # The mouse

    def press(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Begin a stroke, a line or a drag, set a corner, or click."""
        tool = self._settings.tool
        if tool == "look" or not self._editing.active:
            return False
        if self._editing.busy:
            return True
        if pointer.ctrl or tool == "pick":
            self._pick(voxel)
        elif self._gesture == "stroke":
            self._last = voxel
            self._editing.begin_stroke(self.seeking.words())
            self._stroke(voxel, plane, pointer)
        elif self._gesture == "corners":
            self._set_corner(voxel, plane, last=pointer.double)
        elif self._gesture in ("line", "pair"):
            self._line, self._drawn_in = [voxel], plane
        else:
            self._click(voxel, plane)
        return True

    def move(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Go on with what was begun, and show the tool where the mouse is."""
        self._at, self._over = voxel, plane
        if self._last is not None and pointer.held:
            self._stroke(voxel, plane, pointer)
            return True
        if self._drawn_in is not None and pointer.held and self._gesture in ("line", "pair"):
            self._draw_on(voxel)
            return True
        # The plane must still hear of the mouse; the outline follows it all the same.
        return self._settings.tool != "look" and not pointer.held

    def _draw_on(self, voxel: Point) -> None:
        far = max(abs(a - b) for a, b in zip(voxel, self._line[-1], strict=True))
        if self._gesture == "pair":
            self._line = [self._line[0], voxel]
        elif far >= _STEP_VOXELS:
            self._line.append(voxel)

    def release(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:  # noqa: ARG002 - Tool
        """End a stroke or a line."""
        if self._last is not None:
            self._last = None
            self._editing.end_stroke()
            return True
        if self._drawn_in is None or self._gesture == "corners":
            return False
        self._end_line(voxel)
        return True

    def wheel(self, steps: int, plane: Plane, pointer: Pointer) -> bool:  # noqa: ARG002 - Tool
        """Change the size of the brush."""
        if not pointer.sizing or "size" not in TOOLS[self._settings.tool].options:
            return False
        self._settings.grow(steps)
        return True

    def key(self, key: int, plane: Plane, pointer: Pointer) -> bool:  # noqa: ARG002 - Tool
        """Apply or drop what is drawn, looked for or shown; other keys are those of commands."""
        return not (pointer.ctrl or pointer.alt) and self._finish(key)

    def _finish(self, key: int) -> bool:
        if key == Qt.Key.Key_Backspace.value and self._gesture == "corners" and self._line:
            self._line.pop()
            self._drawn_in = self._drawn_in if self._line else None
            return True
        if key not in (*_ENTER, Qt.Key.Key_Escape.value):
            return False
        if self._editing.busy:
            if key == Qt.Key.Key_Escape.value:
                self._editing.cancel()
        elif self._drawn_in is not None:
            if key in _ENTER:
                self._end_line(self._line[-1])
            self._drop_line()
        elif self.seeking.preview.shown:
            _ = self.seeking.apply() if key in _ENTER else self.seeking.drop()
        else:
            return False
        return True

    def leave(self) -> None:
        """Show no brush where no mouse is."""
        self._at = self._over = None

    def deactivate(self) -> None:
        """Give up what was begun."""
        self.leave()
        self._drop_line()
        self.seeking.drop()
        if self._last is not None:
            self._last = None
            self._editing.end_stroke()

    def _look_at_settings(self) -> None:
        """Drop what was drawn for another tool."""
        if self._settings.tool != self._tool:
            self._tool = self._settings.tool
            self._drop_line()

    def _drop_line(self) -> None:
        self._line, self._drawn_in = [], None

    # What it does

    def _stroke(self, voxel: Point, plane: Plane, pointer: Pointer) -> None:
        assert self._last is not None
        region = self._brushed(self._last, voxel, plane, pointer.pressure)
        tomogram = self._view.tomogram
        if self._settings.tool == "range" and tomogram is not None:
            region = meant(region, of_range(tomogram.lac_ZYX, self._settings.options.range_per_um))
        self._editing.paint(region)
        self._last = voxel

    def _brushed(self, start: Point, stop: Point, plane: Plane, pressure: float) -> Region:
        label_map = self._view.label_map
        assert label_map is not None
        size_um, shape, radius_um = (
            label_map.voxel_size_um,
            label_map.shape,
            self._settings.radius_um,
        )
        if self._settings.options.pressure:
            radius_um *= max(pressure, _LEAST_PRESSURE)
        if self._settings.reach == "slice":
            return disc_stroke(start, stop, radius_um, size_um, shape, plane.axis)
        return ball_stroke(start, stop, radius_um, size_um, shape)

    def _set_corner(self, voxel: Point, plane: Plane, *, last: bool) -> None:
        if self._drawn_in is not None and (
            plane is not self._drawn_in or voxel[plane.axis] != self._line[0][plane.axis]
        ):
            self._drop_line()  # the mouse went to another slice
        self._drawn_in = plane
        if not last:
            self._line.append(voxel)
        elif len(self._line) > 1:
            self._end_line(voxel)

    def _end_line(self, voxel: Point) -> None:
        plane, line = self._drawn_in, tuple(self._line)
        self._drop_line()
        if plane is None:
            return
        first, last = self._nearest(line[0]), self._nearest(voxel)
        place = Place(axis=plane.axis, voxel=last, first=first, line=line)
        self.seeking.seek(place)

    def _click(self, voxel: Point, plane: Plane) -> None:
        at, editor = self._voxel(voxel), self._editing.editor
        if at is None or editor is None:
            return
        label = int(editor.labels_ZYX[at])
        if self._settings.tool in ("fill", "relabel"):
            if editor.is_spared(label):
                words = f"“{self._class_name(label)}” may not be painted over now."
                self._editing.noted.emit(words)
                return
            if label == self._settings.value:
                self._editing.noted.emit(f"That is “{self._class_name(label)}” already.")
                return
        self.seeking.seek(Place(axis=plane.axis, voxel=at))

    def _pick(self, voxel: Point) -> None:
        at, editor = self._voxel(voxel), self._editing.editor
        if at is not None and editor is not None:
            self._settings.set_label(int(editor.labels_ZYX[at]))

    def _voxel(self, point: Point) -> Voxel | None:
        """Return the voxel at a place, None beside the volume."""
        label_map = self._view.label_map
        z, y, x = (int(place + 0.5) if place > -0.5 else -1 for place in point)
        if label_map is None or not all(
            0 <= i < n for i, n in zip((z, y, x), label_map.shape, strict=True)
        ):
            return None
        return (z, y, x)

    def _nearest(self, point: Point) -> Voxel:
        """Return the voxel at a place, or the nearest one of the volume."""
        label_map = self._view.label_map
        assert label_map is not None
        z, y, x = (
            min(max(floor(place + 0.5), 0), n - 1)
            for place, n in zip(point, label_map.shape, strict=True)
        )
        return (z, y, x)

    def _class_name(self, label: int) -> str:
        names = {display.label: display.name for display in self._view.classes}
        return "unlabelled" if label == UNLABELLED else names.get(label, f"label {label}")

    # What it looks like

    def paint(self, painter: QPainter, plane: Plane, to_screen: ToScreen) -> None:
        """Paint what was found, what is being drawn, and the brush or a small cross."""
        index = self._view.cursor[plane.axis]
        if self.range_picker is not None:
            self.range_picker.paint_tint(painter, plane, index, to_screen)
        self.seeking.preview.paint(painter, plane, index, to_screen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_line(painter, plane, to_screen)
        if self._at is None or self._over is not plane or self._settings.tool == "look":
            return
        centre = to_screen(self._at)
        for pen in self._pens():
            painter.setPen(pen)
            if "size" in TOOLS[self._settings.tool].options:
                radius = self._radius_px(plane, to_screen)
                painter.drawEllipse(centre, radius, radius)
            else:
                _draw_cross(painter, centre)

    def _paint_line(self, painter: QPainter, plane: Plane, to_screen: ToScreen) -> None:
        if self._drawn_in is not plane or not self._line:
            return
        points = [to_screen(point) for point in self._line]
        if self._gesture == "corners" and self._at is not None and self._over is plane:
            points.append(to_screen(self._at))
        closed = self._settings.tool in ("lasso", "polygon", "threshold", "walker")
        for pen in self._pens():
            painter.setPen(pen)
            if closed:
                painter.drawPolygon(QPolygonF(points))
            else:
                painter.drawPolyline(QPolygonF(points))

    def _pens(self) -> tuple[QPen, QPen]:
        colours = {display.label: display.colour for display in self._view.classes}
        ink = QPen(QColor(colours.get(self._settings.value, _NO_CLASS)), 1.6)
        if self._settings.reach == "space" and "space" in TOOLS[self._settings.tool].reaches:
            ink.setWidthF(2.6)  # a ball reaches out of the plane
        if self._settings.tool in ("eraser", "delete", "shrink"):
            ink.setStyle(Qt.PenStyle.DashLine)
        return QPen(_HALO, ink.widthF() + 2), ink

    def _radius_px(self, plane: Plane, to_screen: ToScreen) -> float:
        assert self._at is not None
        label_map = self._view.label_map
        if label_map is None:
            return 1.0
        beside = list(self._at)
        beside[plane.right] += self._settings.radius_um / label_map.voxel_size_um[plane.right]
        across = to_screen((beside[0], beside[1], beside[2])) - to_screen(self._at)
        return max(abs(across.x()), 1.5)


def _draw_cross(painter: QPainter, at: QPointF) -> None:
    painter.drawLine(at - QPointF(_CROSS_PX, 0), at + QPointF(_CROSS_PX, 0))
    painter.drawLine(at - QPointF(0, _CROSS_PX), at + QPointF(0, _CROSS_PX))
