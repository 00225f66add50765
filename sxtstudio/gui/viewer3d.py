"""The 3D view: surfaces of the classes on show, meshed in a thread, drawn by VTK."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkCamera

from sxtstudio.analysis.object_colours import knows_objects, write_numbers
from sxtstudio.analysis.overlay import AXIS_COLOURS, um_per_pixel
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.core.scene import Background, Scene
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui.panel import Panel
from sxtstudio.gui.space.controls import SceneControls
from sxtstudio.gui.space.meshes import Meshes, Surfaces
from sxtstudio.gui.space.objects import Numbered, ObjectFinder
from sxtstudio.gui.space.scene_state import SceneState, view_ground
from sxtstudio.gui.space.shown_volume import ShownVolume
from sxtstudio.gui.space.stills import Still, Stills
from sxtstudio.gui.theme import icon
from sxtstudio.gui.view_overlay import (
    Axis,
    paint_arms,
    paint_axes,
    paint_colour_bar,
    paint_scale_bar,
)
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.vtk_canvas import VtkCanvas

BUSY_TEXT = "Computing surfaces…"
NO_LABELS_TEXT = "No labels to draw in 3D"
_KEY_TURN_DEG = 5.0
_ARM_SHARE = 0.03

_CORNER_PX = 6


class Viewer3D(Panel):
    """Watches the `ViewState`; ``surfaces_ready`` follows each new set of surfaces.

    Colour, opacity and visibility of a class change without meshing again. ``picked`` carries the
    label of an organelle that was clicked and the number of the object, 1 the largest.
    """

    # A frame is told of changes while it is being made.
    _ground: Background | Literal[""] = ""

    surfaces_ready = Signal()
    picked = Signal(int, int)

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__("3D", parent)
        self._state = state
        self.space = SceneState(self)
        self._ground = view_ground()
        self.space.set_scene(replace(self.space.scene, background=self._ground))
        self._scene = SceneRenderer(self.space.scene, colour_bar=False)
        self._meshes = Meshes(self)
        self._objects = ObjectFinder(self)
        self._stills = Stills(self)
        self._levels: tuple[Surfaces, Surfaces] = ({}, {})
        self._for_stills: Surfaces = {}
        self._closed = False
        self._framed: Tomogram | None = None
        self.canvas = VtkCanvas(self._scene.renderer, self._paint_over, self._scene.set_moving)
        self.volume = ShownVolume(self._scene, lambda: self.canvas.graphics, self)
        self.canvas.setAccessibleName("3D view of the surfaces")
        self.canvas.setToolTip("Drag to turn, middle-drag to pan, wheel to zoom, R to reset")
        self._message = QLabel()
        self._message.setObjectName("viewMessage")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._message.setParent(self.canvas)
        self.controls = SceneControls(self.space, state, lambda: self._scene.camera)
        self.controls.hide()
        self._look_button = _controls_button(self.canvas, self.controls)
        self._arrange()
        self._connect()
        self._show_labels()

    def _arrange(self) -> None:
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.controls)
        self.setFocusProxy(self.canvas)
        self.canvas.installEventFilter(self)

    def _connect(self) -> None:
        state = self._state
        self.canvas.double_clicked.connect(self.maximise_wanted)
        self.canvas.clicked.connect(self._pick)
        self.canvas.sharp_wanted.connect(self._ask_for_still)
        self._stills.drawn.connect(self.canvas.show_sharp)
        self._stills.failed.connect(self.set_position)
        self.volume.said.connect(self.set_position)
        self.volume.changed.connect(self.canvas.update_moving_picture)
        self.volume.failed.connect(self._say)
        self._meshes.ready.connect(self._take)
        self._meshes.failed.connect(self._say)
        self._objects.found.connect(self.picked)
        self._objects.measured.connect(self._colour)
        self._objects.failed.connect(self.set_position)
        self.space.changed.connect(self._show_scene)
        state.volume_changed.connect(self._show_tomogram)
        state.labels_changed.connect(self._show_labels)
        state.labels_edited.connect(self._meshes.patch)
        state.classes_changed.connect(self._show_classes)
        state.cursor_moved.connect(self._follow_cursor)
        state.reader.arrived.connect(self._show_arrived)

    @property
    def message(self) -> str:
        """What stands in the view's middle while it has no surfaces to show."""
        return self._message.text()

    @property
    def table(self) -> MeasurementTable | None:
        """What was measured on the objects that are coloured, if they are."""
        return self._objects.table if self.space.scene.colouring else None

    @property
    def scene(self) -> Scene:
        """What is seen, as a record that can be kept and drawn again."""
        return replace(
            self.space.scene,
            styles=self._state.classes,
            camera=self._scene.camera if self._framed else None,
            scale_bar=True,
            axes=True,
        )

    def show_kept(self, scene: Scene) -> None:
        """Look at the cell as it was looked at when a scene was kept."""
        if scene.styles:
            self._state.set_classes(scene.styles)
        plain = replace(scene, styles=(), camera=None, scale_bar=False, axes=False, legend=False)
        self.space.set_scene(plain)
        if scene.camera is not None:
            self.canvas.fit_window()  # a size that is still to be told must not move it afterwards
            self._scene.set_camera(scene.camera)
        self.canvas.update_picture()

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
        for signal, slot in (
            (self._state.volume_changed, self._show_tomogram),
            (self._state.labels_changed, self._show_labels),
            (self._state.labels_edited, self._meshes.patch),
            (self._state.classes_changed, self._show_classes),
            (self._state.reader.arrived, self._show_arrived),
        ):
            signal.disconnect(slot)
        self._meshes.close()
        self._objects.close()
        self.volume.close()
        self._stills.close()
        self.controls.shutdown()
        self._look_button.hide()
        self.canvas.shutdown()

    def changeEvent(self, event: QEvent) -> None:
        """Stand on the ground of another theme, unless another one was chosen."""
        super().changeEvent(event)
        before, self._ground = self._ground, view_ground()
        if before not in ("", self._ground) and self.space.scene.background == before:
            self.space.set_scene(replace(self.space.scene, background=self._ground))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the message in the middle of the drawing area, the button in its corner."""
        if watched is self.canvas and event.type() == QEvent.Type.Resize:
            self._message.setGeometry(self.canvas.rect())
            button = self._look_button
            button.adjustSize()
            button.move(self.canvas.width() - button.width() - _CORNER_PX, _CORNER_PX)
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

    def _show_tomogram(self) -> None:
        self._scene.set_tomogram(self._state.tomogram, self._plane)
        self._show_scene()

    def _plane(self, axis: int, index: int) -> np.ndarray:
        return self._state.reader.lac(axis, index).values

    def _show_arrived(self, axis: int) -> None:
        if self.space.scene.slices.voxel[axis] is not None:
            self._scene.refresh_slice(axis)
            self.canvas.update_moving_picture()

    def _show_labels(self) -> None:
        label_map = self._state.label_map
        self._objects.forget()
        if self._state.tomogram is not self._framed:
            self._framed = None
            self._draw({}, {})
        if label_map is None:
            self._meshes.cancel()
            self._draw({}, {})
            self._say("" if _shows_tomogram(self._state, self.space.scene) else NO_LABELS_TEXT)
            return
        self._say("" if self._framed else BUSY_TEXT)
        self._meshes.software = self.canvas.graphics.software
        self._meshes.make(label_map)

    def _take(self, fine: Surfaces, light: Surfaces) -> None:
        self._draw(fine, light)
        self._say("" if fine or _shows_tomogram(self._state, self.space.scene) else NO_LABELS_TEXT)
        if self._framed is not self._state.tomogram:
            self._framed = self._state.tomogram
            self.reset()
        self._measure()
        self.canvas.update_picture()
        self.surfaces_ready.emit()

    def _draw(self, fine: Surfaces, light: Surfaces) -> None:
        self._levels = (fine, light)
        self._for_stills = _borrowed(fine)
        # Whoever draws nothing yet need not know what draws.
        here = light if fine and self.canvas.graphics.software else fine
        self._scene.set_surfaces(here, light)
        self._show_classes()

    def _ask_for_still(self, version: int, width: int, height: int) -> None:
        """Let the picture that is seen be drawn as well as it can, beside this thread."""
        scene = replace(self.space.scene, styles=self._state.classes, camera=self._scene.camera)
        label_map = self._state.label_map
        self._stills.ask(
            Still(
                version=version,
                size=(width, height),
                scene=scene,
                graphics=self.canvas.graphics,
                surfaces=self._for_stills,
                tomogram=self._state.tomogram,
                volume=self.volume.copy,
                table=self.table,
                names=label_map.names if label_map else {},
            )
        )

    def _show_classes(self) -> None:
        for display in self._state.classes:
            self._scene.set_style(display)
        self.canvas.update_moving_picture()

    def _show_scene(self) -> None:
        self._scene.set_scene(self.space.scene)
        self.volume.show(self._state.tomogram, self.space.scene.volume, is_lac=self._state.is_lac)
        if self._message.text() == NO_LABELS_TEXT and _shows_tomogram(
            self._state, self.space.scene
        ):
            self._say("")
            self._framed = self._state.tomogram
            self.reset()  # nothing was there to be framed
        self._measure()
        self.canvas.update_moving_picture()

    def _measure(self) -> None:
        """Measure the objects, if they are to be coloured and the surfaces do not know them."""
        tomogram, label_map = self._state.tomogram, self._state.label_map
        if self.space.scene.colouring is None or tomogram is None or label_map is None:
            return
        fine, light = self._levels
        if not fine or fine is light:  # finer ones are coming
            return
        column = self.space.scene.colouring.column
        if not knows_objects(fine) or self._objects.lacks(column, label_map):
            self.set_position("Measuring objects …")
            self._objects.number(tomogram, label_map, column, self._levels)

    def _colour(self, numbered: Numbered) -> None:
        label_map = self._state.label_map
        if label_map is None:
            return
        for level, numbers in zip(self._levels, (numbered.fine, numbered.light), strict=True):
            _write(level, numbers)
        self._for_stills = _borrowed(self._levels[0])
        self._scene.set_measurements(numbered.table, label_map.names)
        self.set_position("")
        self.canvas.update_picture()

    def _pick(self, x: float, y: float) -> None:
        """Move the cursor to what was clicked, and tell which object it is."""
        tomogram, label_map = self._state.tomogram, self._state.label_map
        found = self._scene.pick(x, y)
        if found is None or tomogram is None or label_map is None:
            return
        label, (at_x, at_y, at_z) = found
        edges = zip((at_z, at_y, at_x), tomogram.voxel_size_um, tomogram.shape, strict=True)
        z, y_, x_ = (min(max(round(at / edge), 0), n - 1) for at, edge, n in edges)
        self._state.set_cursor((z, y_, x_))
        self._objects.pick(label_map, label, (z, y_, x_))

    def _follow_cursor(self) -> None:
        """Let the planes in the scene go where the cursor is."""
        slices = self.space.scene.slices
        if any(index is not None for index in slices.voxel):
            self.controls.follow(self._state.cursor)
        self.canvas.update()

    def _paint_over(self, painter: QPainter, window: QSizeF) -> None:
        # Painted by Qt rather than in the scene: sharp also while the scene is drawn coarsely.
        if self._framed is None:
            return
        camera = self._scene.renderer.GetActiveCamera()
        if self._state.tomogram is not None:
            paint_arms(painter, _cursor_arms(self._state, self._state.tomogram, camera, window))
        paint_scale_bar(painter, 1 / um_per_pixel(camera, round(window.height())), window)
        paint_axes(painter, _axes(camera), window)
        if self._scene.colour_scale is not None:
            paint_colour_bar(painter, self._scene.colour_scale, window)

    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.setVisible(bool(text))


def _shows_tomogram(state: ViewState, scene: Scene) -> bool:
    """Tell whether there is something to see besides surfaces, or nothing to miss."""
    planes = any(index is not None for index in scene.slices.voxel)
    return state.tomogram is None or scene.volume is not None or planes


_TURNS = {
    Qt.Key.Key_Left.value: (1, 0),
    Qt.Key.Key_Right.value: (-1, 0),
    Qt.Key.Key_Up.value: (0, -1),
    Qt.Key.Key_Down.value: (0, 1),
}


def _controls_button(canvas: VtkCanvas, controls: SceneControls) -> QToolButton:
    button = QToolButton(canvas)
    button.setObjectName("scene_controls_button")
    button.setAccessibleName("How the scene looks")
    button.setToolTip("Volume, planes, cuts, colours: how the scene looks")
    button.setIcon(icon("sliders"))
    button.setCheckable(True)
    button.toggled.connect(controls.setVisible)
    return button


def _write(surfaces: Surfaces, numbers: Mapping[int, np.ndarray]) -> None:
    """Write the numbers of objects into the surfaces that they were found for."""
    for label, surface in surfaces.items():
        if label in numbers and len(numbers[label]) == surface.GetNumberOfPolys():
            write_numbers(surface, numbers[label])


def _borrowed(surfaces: Surfaces) -> Surfaces:
    """Return surfaces that share the arrays of others, for another thread to add its own to."""
    borrowed: dict[int, vtkPolyData] = {}
    for label, surface in surfaces.items():
        surface.ComputeBounds()  # kept with the points that both use
        borrowed[label] = vtkPolyData()
        borrowed[label].ShallowCopy(surface)
    return borrowed


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


def _cursor_arms(
    state: ViewState, tomogram: Tomogram, camera: vtkCamera, window: QSizeF
) -> list[QPointF]:
    """Return both ends of short arms along x, y and z through the cursor, on the screen."""
    size_um = np.array(tomogram.voxel_size_um)
    arm_um = _ARM_SHARE * float(np.max(tomogram.shape * size_um))
    arms_ZYX = np.repeat(np.eye(3), 2, axis=0) * np.array([1, -1] * 3)[:, None] * arm_um
    return _on_screen(np.array(state.cursor) * size_um + arms_ZYX, camera, window)


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
