"""The 3D view: surfaces of the classes on show, meshed in a thread, drawn by VTK."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkCamera

from sxtstudio.analysis.overlay import AXIS_COLOURS, um_per_pixel
from sxtstudio.analysis.scene import Scene, SceneRenderer
from sxtstudio.analysis.surface import make_surfaces
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.panel import Panel
from sxtstudio.gui.view_overlay import Axis, paint_arms, paint_axes, paint_scale_bar
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.vtk_canvas import VtkCanvas

COLOUR = "#7d8894"
BUSY_TEXT = "Computing surfaces…"
NO_LABELS_TEXT = "No labels to draw in 3D"
_KEY_TURN_DEG = 5.0
_ARM_SHARE = 0.03

Surfaces = dict[int, vtkPolyData]


class Viewer3D(Panel):
    """Watches the `ViewState`; ``surfaces_ready`` follows each new set of surfaces.

    Colour, opacity and visibility of a class change without meshing again.
    """

    surfaces_ready = Signal()

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__("3D", COLOUR, parent)
        self._state = state
        self._scene = SceneRenderer(Scene(scale_bar=False, axes=False))
        self._meshing = Latest(self)
        self._closed = False
        self._framed: Tomogram | None = None
        self.canvas = VtkCanvas(self._scene.renderer, self._paint_over)
        self.canvas.setAccessibleName("3D view of the surfaces")
        self.canvas.setToolTip("Drag to turn, middle-drag to pan, wheel to zoom, R to reset")
        self._message = QLabel()
        self._message.setObjectName("viewMessage")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._message.setParent(self.canvas)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.setFocusProxy(self.canvas)
        self.canvas.installEventFilter(self)
        self.canvas.double_clicked.connect(self.maximise_wanted)
        state.labels_changed.connect(self._show_labels)
        state.classes_changed.connect(self._show_classes)
        state.cursor_moved.connect(self.canvas.update)
        self._show_labels()

    @property
    def message(self) -> str:
        """What stands in the view's middle while it has no surfaces to show."""
        return self._message.text()

    def reset(self) -> None:
        """Look at everything from the first direction."""
        self.canvas.fit_window()  # the camera frames for the shape of the window
        self._scene.reset_camera()
        self.canvas.update_picture()

    def shutdown(self) -> None:
        """End the meshing and free what VTK holds; nothing is drawn from now on."""
        if self._closed:
            return
        self._closed = True
        self._state.labels_changed.disconnect(self._show_labels)
        self._state.classes_changed.disconnect(self._show_classes)
        self._meshing.close()
        self.canvas.shutdown()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the message in the middle of the drawing area."""
        if watched is self.canvas and event.type() == QEvent.Type.Resize:
            self._message.setGeometry(self.canvas.rect())
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """R looks at everything again, the arrows turn."""
        turn = _TURNS.get(event.key())
        if event.key() == Qt.Key.Key_R:
            self.reset()
        elif turn is not None:
            self.canvas.turn(turn[0] * _KEY_TURN_DEG, turn[1] * _KEY_TURN_DEG)
        else:
            super().keyPressEvent(event)

    def _show_labels(self) -> None:
        label_map = self._state.label_map
        if self._state.tomogram is not self._framed:
            self._framed = None
            self._draw({})
        if label_map is None:
            self._meshing.cancel()
            self._draw({})
            self._say(NO_LABELS_TEXT if self._state.tomogram else "")
            return
        self._say(BUSY_TEXT)
        self._meshing.run(lambda report: _mesh(label_map, report), self._take, self._complain)

    def _take(self, surfaces: Surfaces) -> None:
        self._draw(surfaces)
        self._say("" if surfaces else NO_LABELS_TEXT)
        if self._framed is not self._state.tomogram:
            self._framed = self._state.tomogram
            self.reset()
        self.canvas.update_picture()
        self.surfaces_ready.emit()

    def _draw(self, surfaces: Surfaces) -> None:
        self._scene.set_surfaces(surfaces)
        self._show_classes()

    def _show_classes(self) -> None:
        for display in self._state.classes:
            self._scene.set_style(display)
        self.canvas.update_moving_picture()

    def _paint_over(self, painter: QPainter, window: QSizeF) -> None:
        # Painted by Qt rather than in the scene: sharp also while the scene is drawn coarsely.
        if self._framed is None:
            return
        camera = self._scene.renderer.GetActiveCamera()
        paint_arms(painter, self._cursor_arms(camera, window))
        paint_scale_bar(painter, 1 / um_per_pixel(camera, round(window.height())), window)
        paint_axes(painter, _axes(camera), window)

    def _cursor_arms(self, camera: vtkCamera, window: QSizeF) -> list[QPointF]:
        """Return both ends of short arms along x, y and z through the cursor, on the screen."""
        tomogram = self._state.tomogram
        if tomogram is None:
            return []
        size_um = np.array(tomogram.voxel_size_um)
        arm_um = _ARM_SHARE * float(np.max(tomogram.shape * size_um))
        arms_ZYX = np.repeat(np.eye(3), 2, axis=0) * np.array([1, -1] * 3)[:, None] * arm_um
        return _on_screen(np.array(self._state.cursor) * size_um + arms_ZYX, camera, window)

    def _complain(self, error: SxtError) -> None:
        self._say(str(error))

    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.setVisible(bool(text))


_TURNS = {
    Qt.Key.Key_Left.value: (1, 0),
    Qt.Key.Key_Right.value: (-1, 0),
    Qt.Key.Key_Up.value: (0, -1),
    Qt.Key.Key_Down.value: (0, 1),
}


def _mesh(label_map: LabelMap, report: Report) -> Surfaces:
    values = sorted(label_map.names)
    return make_surfaces(label_map.labels_ZYX, label_map.voxel_size_um, values, report)


def _axes(camera: vtkCamera) -> list[Axis]:
    matrix = camera.GetViewTransformMatrix()
    return [
        Axis(
            name=name,
            direction=QPointF(matrix.GetElement(0, i), -matrix.GetElement(1, i)),
            towards_viewer=matrix.GetElement(2, i),
            colour=QColor(*colour),
        )
        for i, (name, colour) in enumerate(AXIS_COLOURS.items())
    ]


def _on_screen(points_ZYX_um: np.ndarray, camera: vtkCamera, window: QSizeF) -> list[QPointF]:
    """Return points of the scene in pixels of the widget; none if one lies behind the viewer."""
    width, height = window.width(), max(window.height(), 1.0)
    elements = camera.GetCompositeProjectionTransformMatrix(width / height, -1.0, 1.0)
    matrix = np.array([[elements.GetElement(i, j) for j in range(4)] for i in range(4)])
    homogeneous = np.column_stack([points_ZYX_um[:, ::-1], np.ones(len(points_ZYX_um))])
    x, y, _, w = (matrix @ homogeneous.T).tolist()
    if min(w) <= 0:
        return []
    return [
        QPointF((a / c + 1) / 2 * width, (1 - b / c) / 2 * height)
        for a, b, c in zip(x, y, w, strict=True)
    ]
