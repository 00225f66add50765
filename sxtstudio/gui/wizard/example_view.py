"""A small 3D picture of a cell in the colours of the task, drawn anew when the classes change."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSizeF, Qt, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.scene import Scene, SceneRenderer
from sxtstudio.analysis.surface import make_surfaces
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress, Report
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task
from sxtstudio.gui.fields import QuietComboBox
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.space.scene_state import view_ground
from sxtstudio.gui.theme import tones
from sxtstudio.gui.vtk_canvas import VtkCanvas
from sxtstudio.gui.wizard.example import (
    Example,
    as_task_sees_it,
    has_class,
    shown_words,
    simulated_example,
    task_styles,
)
from sxtstudio.simulation.specimen import KINDS

TRIANGLES = 120_000
_NOTHING = "Choose a structure to see it here."


@dataclass(frozen=True, eq=False)
class _Picture:
    surfaces: dict[int, vtkPolyData]
    missing: str


class ExampleView(QWidget):
    """Shows ``cell`` (that of the main window) or a simulated one. Call `shutdown` at last."""

    # A widget may be told of changes while it is being made.
    _made = False

    def __init__(self, ontology: Ontology, cell: Example | None = None) -> None:
        super().__init__()
        self.setObjectName("example_view")
        self._ontology = ontology
        self._task: Task | None = None
        self._examples: dict[str, Callable[[], Example]] = {
            kind: lambda kind=kind: simulated_example(kind) for kind in KINDS
        }
        self._known: dict[str, Example] = {}
        self._framed = ""
        self._drawn: tuple[str, object] | None = None
        self._scene = SceneRenderer(_plain_scene())
        self._meshing = Latest(self)
        self.canvas = VtkCanvas(self._scene.renderer, self._paint_over)
        self._made = True
        self.canvas.setAccessibleName("The task's classes in three dimensions")
        self.canvas.setToolTip("Drag to turn, wheel to zoom")
        self.combo = QuietComboBox()
        self.combo.setObjectName("example_combo")
        self.combo.setAccessibleName("Cell in the picture")
        if cell is not None:
            self._known["cell"] = cell
            self.combo.addItem(f"{cell.name} (on show)", "cell")
        for kind in KINDS:
            self.combo.addItem(f"simulated {kind}", kind)
        self._message = _NOTHING
        self._arrange()
        self.combo.currentIndexChanged.connect(self._update)

    @property
    def message(self) -> str:
        """What is written over the picture."""
        return self._message

    @property
    def labels_shown(self) -> tuple[int, ...]:
        """Label values that have a surface in the picture."""
        return tuple(sorted(self._surfaces))

    def show_task(self, task: Task | None) -> None:
        """Draw these classes, or ask for one."""
        self._task = task
        self._update()

    def prefer(self, kind: str, task: Task | None) -> None:
        """Show the user's cell if it has some class of the task, else the simulated one."""
        mine = self._known.get("cell")
        has_some = mine is not None and (task is None or has_class(mine, task, self._ontology))
        self.combo.setCurrentIndex(self.combo.findData("cell" if has_some else kind))

    def shutdown(self) -> None:
        """End the meshing and free what VTK holds."""
        self._meshing.close()
        self.canvas.shutdown()

    def changeEvent(self, event: QEvent) -> None:
        """Stand on the ground of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._made:
            self._scene.set_scene(_plain_scene())
            self.canvas.update_picture()

    def _arrange(self) -> None:
        self._surfaces: dict[int, vtkPolyData] = {}
        row = QHBoxLayout()
        row.addWidget(QLabel("Shown on"))
        row.addWidget(self.combo)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.canvas, 1)
        self.canvas.setMinimumHeight(150)

    @Slot()
    def _update(self) -> None:
        task, key = self._task, str(self.combo.currentData())
        if task is None:
            self._meshing.cancel()
            self._drawn = None
            self._draw({}, _NOTHING)
            return
        wanted = (key, tuple(item.members for item in task.classes))
        if wanted == self._drawn:
            self._style(task)
            return
        self._drawn = wanted
        self._message = self._message if self._surfaces else "Drawing …"
        self._meshing.run(
            lambda report: self._mesh(key, task, report),
            lambda picture: self._take(picture, task),
            self._complain,
        )

    def _mesh(self, key: str, task: Task, report: Report) -> _Picture:
        """Work in a thread: simulate the cell once, turn its labels, mesh them."""
        report(Progress(text="Simulating an example"))
        example = self._known.get(key) or self._examples[key]()
        self._known[key] = example
        label_map = as_task_sees_it(example, task, self._ontology)
        values = sorted(label_map.names)
        surfaces = make_surfaces(
            label_map.labels_ZYX, label_map.voxel_size_um, values, report, TRIANGLES
        )
        return _Picture(surfaces, shown_words(label_map, task))

    def _take(self, picture: _Picture, task: Task) -> None:
        self._draw(picture.surfaces, picture.missing)
        self._style(task)
        key = str(self.combo.currentData())
        if picture.surfaces and key != self._framed:
            self._framed = key
            self.canvas.fit_window()
            self._scene.reset_camera()
        self.canvas.update_picture()

    def _draw(self, surfaces: dict[int, vtkPolyData], message: str) -> None:
        self._surfaces = surfaces
        self._message = message
        self._scene.set_surfaces(surfaces)
        self.canvas.update_picture()

    def _style(self, task: Task) -> None:
        for style in task_styles(task, self._ontology):
            self._scene.set_style(style)
        self.canvas.update_moving_picture()

    def _complain(self, error: SxtError) -> None:
        self._draw({}, str(error))

    def _paint_over(self, painter: QPainter, _window: QSizeF) -> None:
        if not self._message:
            return
        painter.setPen(QColor(tones().dim))
        where = Qt.AlignmentFlag.AlignBottom if self._surfaces else Qt.AlignmentFlag.AlignVCenter
        flags = int(Qt.AlignmentFlag.AlignHCenter | where) | int(Qt.TextFlag.TextWordWrap)
        box = self.canvas.rect().adjusted(12, 8, -12, -8)
        painter.drawText(box, flags, self._message)


def _plain_scene() -> Scene:
    return Scene(scale_bar=False, axes=False, background=view_ground())
