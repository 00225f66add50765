"""One plane through the tomogram on show, with its slider, crosshair and keys."""

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QWidget,
)

from sxtstudio.analysis.overlay import AXIS_COLOURS
from sxtstudio.core.region import Box
from sxtstudio.core.volume import ArrayLike
from sxtstudio.gui.panel import Panel
from sxtstudio.gui.slices.canvas import Pixel, SliceCanvas
from sxtstudio.gui.slices.label_picture import heat_colours, novelty_colours
from sxtstudio.gui.slices.overlays import Overlays
from sxtstudio.gui.slices.peek import Peek
from sxtstudio.gui.slices.planes import AXIS_NAMES, PLANES, Plane
from sxtstudio.gui.slices.tool import Tool
from sxtstudio.gui.slices.tool_events import ToolEvents
from sxtstudio.gui.view_overlay import Axis
from sxtstudio.gui.view_state import ViewState, Voxel

READING_WORDS = "Reading …"
"""Over a plane whose values are still on their way from a file."""

_PAGE = 10
_WIDTH_PER_DRAG = 2.0

Window = tuple[float, float]


class SliceView(Panel):
    """The tomogram cut by one plane; ``hovered`` carries the voxel under the mouse, or None.

    ``tool_used`` tells that the tool made use of the mouse or a key.
    """

    hovered = Signal(object)
    tool_used = Signal()

    def __init__(
        self,
        plane: Plane,
        state: ViewState,
        overlays: Overlays | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(plane.name, parent)
        self._overlays = overlays or Overlays(self)
        self.plane = plane
        self._state = state
        self._drawn_index = -1
        self._mouse: Pixel | None = None
        self._peek = Peek(state, self)
        self._drag_start: Window = state.lac_window
        self.canvas = SliceCanvas()
        self.canvas.setAccessibleName(f"{plane.name} slice")
        self._tool_events = ToolEvents(self.canvas, plane, lambda: state.cursor[plane.axis])
        self.slider = QSlider(Qt.Orientation.Vertical)
        self.slider.setAccessibleName(f"{plane.name} slice number")
        self.slider.setToolTip(f"Slice along {plane.axis_name} (wheel, PgUp, PgDn)")
        self.slider.setPageStep(_PAGE)
        palette = self.slider.palette()
        for role in (QPalette.ColorRole.Highlight, QPalette.ColorRole.Accent):
            palette.setColor(role, QColor(plane.colour))
        self.slider.setPalette(palette)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas, stretch=1)
        row.addWidget(self.slider)
        self.setFocusProxy(self.canvas)
        self.canvas.axes = tuple(
            Axis(name=name, direction=way, towards_viewer=0.0, colour=QColor(*AXIS_COLOURS[name]))
            for name, way in (
                (AXIS_NAMES[plane.right].upper(), QPointF(1, 0)),
                (AXIS_NAMES[plane.down].upper(), QPointF(0, 1)),
            )
        )
        self._connect()
        self._show_volume()

    def _connect(self) -> None:
        state, canvas = self._state, self.canvas
        state.volume_changed.connect(self._show_volume)
        state.labels_changed.connect(self._show_labels)
        state.labels_edited.connect(self._show_edit)
        state.classes_changed.connect(self._show_classes)
        state.cursor_moved.connect(self._show_cursor)
        state.reader.arrived.connect(self._show_arrived)
        state.window_changed.connect(self._show_window)
        state.overlay_changed.connect(self._show_overlay)
        self._overlays.changed.connect(self._show_overlays)
        canvas.picked.connect(self._pick)
        canvas.hovered.connect(self._hover)
        canvas.steps_wanted.connect(self.step)
        canvas.window_drag_started.connect(self._start_window_drag)
        canvas.window_dragged.connect(self._drag_window)
        canvas.window_drag_ended.connect(self._end_window_drag)
        canvas.double_clicked.connect(self.maximise_wanted)
        canvas.focus_lost.connect(self._peek.leave)
        self._tool_events.used.connect(self.tool_used)
        self.slider.valueChanged.connect(self._go_to)

    # From the state to the screen

    def _show_volume(self) -> None:
        tomogram = self._state.tomogram
        self._drawn_index = -1
        self.slider.blockSignals(True)
        self.slider.setEnabled(tomogram is not None)
        self.slider.setRange(0, tomogram.shape[self.plane.axis] - 1 if tomogram else 0)
        self.slider.blockSignals(False)
        if tomogram is None:
            self.canvas.set_picture(None, (1.0, 1.0))
            self.set_position("")
            return
        self._show_window()
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._state.tomogram is None:
            return
        index = self._state.cursor[self.plane.axis]
        if index != self._drawn_index:
            self._show_slice(index)
            if self._mouse is not None:
                self._hover(self._mouse)
        self.canvas.set_crosshair(
            self._pixel_of(self._state.cursor),
            QColor(PLANES[self.plane.right].colour),
            QColor(PLANES[self.plane.down].colour),
        )

    def _show_slice(self, index: int) -> None:
        tomogram, plane = self._state.tomogram, self.plane
        if tomogram is None:
            return
        size_um = tomogram.voxel_size_um
        self._drawn_index = index
        grey = self._state.reader.lac(plane.axis, index)
        self.canvas.set_picture(grey.values, (size_um[plane.right], size_um[plane.down]))
        self.canvas.set_reading("" if grey.sharp else READING_WORDS)
        self._show_labels()
        self.slider.blockSignals(True)
        self.slider.setValue(index)
        self.slider.blockSignals(False)
        last = tomogram.shape[plane.axis] - 1
        self.set_position(
            f"{plane.axis_name} {index} / {last}  ·  {index * size_um[plane.axis]:.2f} µm"
        )

    def _show_arrived(self, axis: int) -> None:
        if axis == self.plane.axis and self._drawn_index >= 0:
            self._show_slice(self._drawn_index)

    def _show_labels(self) -> None:
        layers, overlays, index = self.canvas.layers, self._overlays, self._drawn_index
        if self._state.tomogram is None or index < 0:
            return
        shape = self._state.tomogram.shape
        novelty = overlays.novelty_on(shape)
        if novelty is not None:
            layers.set_heat(novelty.plane(self.plane.axis, index, shape), _NOVEL)
        else:
            layers.set_heat(self._extra(overlays.uncertainty_on(shape)), _HEAT)
        labels = None
        if self._state.label_map is not None:
            labels = self._state.reader.labels(self.plane.axis, index)
        compared = overlays.compared_on(shape)
        other = self._extra(compared)
        if labels is None or (compared is not None and other is None):
            layers.set_labels(None, _NO_COLOURS)  # there are none, or they are still being read
        else:
            layers.set_labels(*overlays.label_picture(labels, self._state.classes, other))

    def _extra(self, values_ZYX: ArrayLike | None) -> np.ndarray | None:
        if values_ZYX is None:
            return None
        return self._state.reader.overlay(values_ZYX, self.plane.axis, self._drawn_index)

    def _show_overlays(self) -> None:
        self.canvas.set_legend(self._overlays.legend())
        self._show_labels()

    def _show_edit(self, box: Box) -> None:
        if box.low[self.plane.axis] <= self._drawn_index < box.high[self.plane.axis]:
            self._show_labels()

    def _show_classes(self) -> None:
        label_map = self._state.label_map
        if self._overlays.comparison is not None:
            self._show_labels()
        elif label_map is not None:
            table = self._overlays.label_table(self._state.classes, label_map.labels_ZYX.dtype)
            self.canvas.layers.set_label_table(table)

    def _show_window(self) -> None:
        self.canvas.layers.set_levels(*self._state.lac_window)

    def _show_overlay(self) -> None:
        self.canvas.layers.set_labels_shown(self._state.overlay_shown)

    def _pixel_of(self, voxel: Voxel) -> Pixel:
        return voxel[self.plane.right], voxel[self.plane.down]

    # From the user to the state

    def set_tool(self, tool: Tool | None) -> None:
        """Let a tool hear the mouse first, or none; `ToolInHand` starts and ends it."""
        self._tool_events.tool = tool
        self.canvas.viewport().update()

    def step(self, steps: int) -> None:
        """Go some slices further (or back)."""
        self._state.set_cursor(self.plane.step(self._state.cursor, steps))

    def _go_to(self, index: int) -> None:
        self.step(index - self._state.cursor[self.plane.axis])

    def _voxel_of(self, pixel: Pixel) -> Voxel:
        return self.plane.place(self._state.cursor, *pixel)

    def _pick(self, pixel: Pixel) -> None:
        self._state.set_cursor(self._voxel_of(pixel))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Take the keys of the plane under the mouse, but never from a field being typed in."""
        if not isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().enterEvent(event)

    def _hover(self, pixel: Pixel | None) -> None:
        self._mouse = pixel
        self.hovered.emit(None if pixel is None else self._voxel_of(pixel))

    def _start_window_drag(self) -> None:
        self._drag_start = self._state.lac_window
        self.canvas.set_reading(window_text(self._drag_start))

    def _drag_window(self, right: float, up: float) -> None:
        window = dragged_window(self._drag_start, right, up)
        self._state.set_lac_window(*window)
        self.canvas.set_reading(window_text(self._state.lac_window))

    def _end_window_drag(self) -> None:
        self.canvas.set_reading("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Slices, in-plane steps of the crosshair, fit, and a look below the labels."""
        key, gestures = event.key(), self.canvas.gestures
        steps = self._steps_of(event)
        if steps:
            self.step(steps)
        elif key in _ARROWS:
            right, down = _ARROWS[key]
            column, row = self._pixel_of(self._state.cursor)
            self._pick((column + right, row + down))
        elif key == Qt.Key.Key_R:
            self.canvas.fit()
        elif gestures.is_held(gestures.peek, key) and not event.modifiers():
            self._peek.press()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the labels again after a peek."""
        if not self.canvas.gestures.is_held(self.canvas.gestures.peek, event.key()):
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._peek.release()

    def _steps_of(self, event: QKeyEvent) -> int:
        page = _PAGE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        slices = self.slider.maximum() + 1
        steps = {
            Qt.Key.Key_PageUp.value: page,
            Qt.Key.Key_PageDown.value: -page,
            Qt.Key.Key_Home.value: -slices,
            Qt.Key.Key_End.value: slices,
        }
        return steps.get(event.key(), 0)


_ARROWS = {
    Qt.Key.Key_Left.value: (-1, 0),
    Qt.Key.Key_Right.value: (1, 0),
    Qt.Key.Key_Up.value: (0, -1),
    Qt.Key.Key_Down.value: (0, 1),
}
_NO_COLOURS = np.zeros((256, 4), np.uint8)
_HEAT = heat_colours()
_NOVEL = novelty_colours()


def dragged_window(start: Window, right: float, up: float) -> Window:
    """Return the LAC window after a drag over shares of the view's width and height.

    To the right widens it (less contrast), up moves it towards lower LAC (brighter).
    """
    low, high = start
    width = (high - low) * float(np.exp(_WIDTH_PER_DRAG * right))
    middle = (low + high) / 2 - up * (high - low)
    return middle - width / 2, middle + width / 2


def window_text(window: Window) -> str:
    """Return the LAC window in words."""
    low, high = (f"{lac:.3f}".replace("-", "−") for lac in window)
    return f"LAC {low} to {high} µm⁻¹"
