"""The tool that paints in the planes, and the keys that change what it does."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.events import Report
from sxtstudio.core.flood import flood_slice, flood_volume, labelled
from sxtstudio.core.region import Region, Voxel
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.settings import UNLABELLED, PaintSettings, ToolName
from sxtstudio.gui.slices.planes import Plane
from sxtstudio.gui.slices.tool import Point, Pointer, Tool, ToScreen
from sxtstudio.gui.view_state import ViewState

HINTS: dict[ToolName, str] = {
    "look": "Click moves the crosshair. {tool_brush} brush, {tool_eraser} eraser, "
    "{tool_fill} fill, {tool_pick} pick",
    "brush": "Drag paints. {brush_smaller} and {brush_larger} or {size} size, "
    "{class_1}–{class_9} class, {reach} 2D/3D, {undo} undo",
    "eraser": "Drag takes labels away. {brush_smaller} and {brush_larger} or {size} size, "
    "{reach} 2D/3D",
    "fill": "Click gives what is connected to the active class. {class_1}–{class_9} class, "
    "{reach} 2D/3D",
    "pick": "Click makes the class under the mouse the active one",
}
_HALO = QColor(0, 0, 0, 190)
_NO_CLASS = "#f2f4f6"
_CROSS_PX = 5.0


class PaintTool(Tool):
    """Paints, erases, fills or picks, as the settings say; looking, it lets the mouse through."""

    name = "Paint"

    def __init__(self, editing: Editing, view: ViewState) -> None:
        self._editing = editing
        self._settings: PaintSettings = editing.settings
        self._view = view
        self._at: Point | None = None
        self._over: Plane | None = None
        self._last: Point | None = None

    @property
    def hint(self) -> str:  # type: ignore[override] - it changes with the settings
        """What the mouse and the keys do now, with the names of commands for their keys."""
        return HINTS[self._settings.tool]

    # The mouse

    def press(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Begin a stroke, fill or pick."""
        tool = self._settings.tool
        if tool == "look" or not self._editing.active:
            return False
        if self._editing.busy:
            return True
        if pointer.ctrl or tool == "pick":
            self._pick(voxel)
        elif tool == "fill":
            self._fill(voxel, plane)
        else:
            self._last = voxel
            self._editing.begin_stroke(self._words())
            self._stroke(voxel, plane)
        return True

    def move(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Go on with a stroke, and show the brush where the mouse is."""
        self._at, self._over = voxel, plane
        if self._last is not None and pointer.held:
            self._stroke(voxel, plane)
            return True
        # The plane must still hear of the mouse; the outline follows it all the same.
        return self._settings.tool != "look" and not pointer.held

    def release(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:  # noqa: ARG002 - Tool
        """End a stroke."""
        if self._last is None:
            return False
        self._last = None
        self._editing.end_stroke()
        return True

    def wheel(self, steps: int, plane: Plane, pointer: Pointer) -> bool:  # noqa: ARG002 - Tool
        """Change the size of the brush."""
        if not pointer.sizing or self._settings.tool not in ("brush", "eraser"):
            return False
        self._settings.grow(steps)
        return True

    def key(self, key: int, plane: Plane, pointer: Pointer) -> bool:  # noqa: ARG002 - Tool
        """Stop a fill with Escape; all other keys are those of commands."""
        if key != Qt.Key.Key_Escape.value or not self._editing.busy:
            return False
        self._editing.cancel()
        return True

    def leave(self) -> None:
        """Show no brush where no mouse is."""
        self._at = self._over = None

    def deactivate(self) -> None:
        """Give up what was begun."""
        self.leave()
        if self._last is not None:
            self._last = None
            self._editing.end_stroke()

    # What it does

    def _stroke(self, voxel: Point, plane: Plane) -> None:
        assert self._last is not None
        self._editing.paint(self._brushed(self._last, voxel, plane))
        self._last = voxel

    def _brushed(self, start: Point, stop: Point, plane: Plane) -> Region:
        label_map = self._view.label_map
        assert label_map is not None
        size_um, shape, radius_um = (
            label_map.voxel_size_um,
            label_map.shape,
            self._settings.radius_um,
        )
        if self._settings.reach == "slice":
            return disc_stroke(start, stop, radius_um, size_um, shape, plane.axis)
        return ball_stroke(start, stop, radius_um, size_um, shape)

    def _fill(self, voxel: Point, plane: Plane) -> None:
        at, editor = self._voxel(voxel), self._editing.editor
        if at is None or editor is None:
            return
        labels_ZYX, reach = editor.labels_ZYX, self._settings.reach
        label = int(labels_ZYX[at])
        if editor.is_spared(label):
            self._editing.noted.emit(f"“{self._class_name(label)}” may not be painted over now.")
            return
        if label == self._settings.value:
            self._editing.noted.emit(f"That is “{self._class_name(label)}” already.")
            return

        def find(report: Report):  # noqa: ANN202 - regions, in one of three ways
            if reach == "slice":
                return [flood_slice(labels_ZYX, at, plane.axis)]
            if reach == "space":
                return flood_volume(labels_ZYX, at, report)
            return labelled(labels_ZYX, label)

        self._editing.apply(self._words(), find)

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

    def _words(self) -> str:
        """Return the name of an edit, as "Undo" says it."""
        tool, name = self._settings.tool, self._class_name(self._settings.value)
        if tool == "eraser":
            return "eraser"
        return f"{tool} {name}"

    def _class_name(self, label: int) -> str:
        names = {display.label: display.name for display in self._view.classes}
        return "unlabelled" if label == UNLABELLED else names.get(label, f"label {label}")

    # What it looks like

    def paint(self, painter: QPainter, plane: Plane, to_screen: ToScreen) -> None:
        """Paint the outline of the brush, or a small cross, in the colour of the class."""
        if self._at is None or self._over is not plane or self._settings.tool == "look":
            return
        centre = to_screen(self._at)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in self._pens():
            painter.setPen(pen)
            if self._settings.tool in ("brush", "eraser"):
                radius = self._radius_px(plane, to_screen)
                painter.drawEllipse(centre, radius, radius)
            else:
                _draw_cross(painter, centre)

    def _pens(self) -> tuple[QPen, QPen]:
        colours = {display.label: display.colour for display in self._view.classes}
        ink = QPen(QColor(colours.get(self._settings.value, _NO_CLASS)), 1.6)
        if self._settings.reach == "space" and self._settings.tool != "pick":
            ink.setWidthF(2.6)  # a ball reaches out of the plane
        if self._settings.tool == "eraser":
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
