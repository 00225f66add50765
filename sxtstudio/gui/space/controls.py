"""The controls beside the 3D view: what it shows, and how that is cut and coloured."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.analysis.distances import distance_column
from sxtstudio.analysis.morphometry import COLUMNS
from sxtstudio.analysis.overlay import column_words
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.scene import Background, Camera, Clipping, ClipPlane, Colouring, Scene
from sxtstudio.core.transfer_presets import PRESETS
from sxtstudio.gui.fields import QuietComboBox, push_button
from sxtstudio.gui.space.scene_state import SceneState
from sxtstudio.gui.space.stored_values import as_if_lac, stored_ends
from sxtstudio.gui.space.transfer_editor import TransferEditor
from sxtstudio.gui.view_state import ViewState, Voxel

MEASURED = (
    "volume_um3", "surface_um2", "equivalent_diameter_um", "longest_width_um", "lac_mean_per_um",
    "lac_sd_per_um",
)  # fmt: skip
_WIDTH_PX = 268
_TICKS = 100
_SAMPLED = 300_000
_BACKGROUNDS: tuple[tuple[str, Background], ...] = (("Dark", "dark"), ("White", "white"))


class SceneControls(QScrollArea):
    """Changes a `SceneState`; follows it when something else changes it."""

    picture_wanted = Signal()
    film_wanted = Signal()
    keep_wanted = Signal()
    return_wanted = Signal()

    def __init__(self, space: SceneState, state: ViewState, camera: Callable[[], Camera]) -> None:
        super().__init__()
        self.setObjectName("scene_controls")
        self.setWidgetResizable(True)
        self.setFixedWidth(_WIDTH_PX)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._space, self._state, self._camera = space, state, camera
        self._filling = False
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(10, 8, 10, 8)
        self._column.setSpacing(6)
        self._make_show()
        self._make_volume()
        self._make_cuts()
        self._make_colours()
        self._make_look()
        self._make_output()
        self._column.addStretch(1)
        self.setWidget(page)
        space.changed.connect(self._fill)
        state.volume_changed.connect(self._show_distribution)
        state.labels_changed.connect(self._show_columns)
        self._fill()
        self._show_distribution()

    def follow(self, cursor: Voxel) -> None:
        """Put the planes that stand in the scene where the cursor is."""
        slices = self._space.scene.slices
        z, y, x = (
            None if index is None else at for index, at in zip(slices.voxel, cursor, strict=True)
        )
        moved = replace(slices, voxel=(z, y, x), lac_window=self._state.lac_window)
        self._set(replace(self._space.scene, slices=moved))

    def shutdown(self) -> None:
        """Follow nothing any more."""
        self._state.volume_changed.disconnect(self._show_distribution)
        self._state.labels_changed.disconnect(self._show_columns)

    def _make_show(self) -> None:
        self._title("Show")
        self.surfaces = self._tick("surfaces_tick", "Surfaces", "Surfaces of the classes")
        row = QHBoxLayout()
        row.addWidget(QLabel("Planes"))
        self.planes: list[QCheckBox] = []
        for name, tip in (("XY", "across z"), ("XZ", "across y"), ("YZ", "across x")):
            tick = QCheckBox(name)
            tick.setObjectName(f"plane_{name.lower()}_tick")
            tick.setToolTip(f"The plane of the tomogram {tip}, at the crosshair")
            tick.toggled.connect(self._change_planes)
            row.addWidget(tick)
            self.planes.append(tick)
        row.addStretch(1)
        self._column.addLayout(row)
        self.surfaces.toggled.connect(lambda on: self._change(lambda it: replace(it, surfaces=on)))

    def _make_volume(self) -> None:
        self._title("Volume of LAC")
        names = ["Not shown", *(preset.name for preset in PRESETS)]
        self.preset = self._combo("volume_combo", "How LAC is drawn as a volume", names)
        self.preset.currentIndexChanged.connect(self._change_preset)
        self.editor = TransferEditor()
        self.editor.changed.connect(lambda it: self._change(lambda s: replace(s, volume=it)))
        self._column.addWidget(self.editor)

    def _make_cuts(self) -> None:
        self._title("Cut")
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        self.sides: dict[str, tuple[QSlider, QSlider]] = {}
        for row, axis in enumerate("xyz"):
            grid.addWidget(QLabel(axis.upper()), row, 0)
            pair = (self._slider(f"cut_{axis}_low", 0), self._slider(f"cut_{axis}_high", _TICKS))
            for column, (slider, words) in enumerate(zip(pair, ("low", "high"), strict=True)):
                slider.setAccessibleName(f"{axis.upper()}, {words} side of the box")
                slider.setToolTip("Move to cut the scene open from this side")
                slider.valueChanged.connect(self._change_box)
                grid.addWidget(slider, row, 1 + column)
            self.sides[axis] = pair
        self._column.addLayout(grid)
        row_of_two = QHBoxLayout()
        self.cut_here = push_button(
            "cut_here_button", "Cut at crosshair", "Take away what is nearer than the crosshair"
        )
        self.cut_here.clicked.connect(self._cut_here)
        self.no_cut = push_button("no_cut_button", "Whole", "Cut nothing")
        self.no_cut.clicked.connect(
            lambda: self._change(lambda it: replace(it, clipping=Clipping()))
        )
        row_of_two.addWidget(self.cut_here)
        row_of_two.addWidget(self.no_cut)
        self._column.addLayout(row_of_two)

    def _make_colours(self) -> None:
        self._title("Colour objects by")
        self._columns: list[str | None] = []
        self.colouring = self._combo("colouring_combo", "What colours mean", [])
        self.colouring.currentIndexChanged.connect(self._change_colouring)
        self._list_columns()

    def _make_look(self) -> None:
        self._title("Look")
        self.background = self._combo(
            "background_combo", "Background", [words for words, _ in _BACKGROUNDS]
        )
        self.background.currentIndexChanged.connect(
            lambda i: self._change(lambda it: replace(it, background=_BACKGROUNDS[i][1]))
        )
        self.parallel = self._tick("parallel_tick", "Parallel", "No perspective: lengths compare")
        self.parallel.toggled.connect(lambda on: self._change(lambda it: replace(it, parallel=on)))
        self.occlusion = self._tick(
            "occlusion_tick", "Ambient occlusion", "Hollows are darker; slow without a real GPU"
        )
        self.occlusion.toggled.connect(
            lambda on: self._change(lambda it: replace(it, occlusion=on))
        )

    def _make_output(self) -> None:
        self._title("Keep")
        grid = QGridLayout()
        grid.setSpacing(6)
        for name, words, tip, signal in (
            ("picture_button", "Picture …", "Save a picture of what is seen", self.picture_wanted),
            ("film_button", "Film …", "Make a film of what is seen", self.film_wanted),
            (
                "keep_scene_button",
                "Keep scene …",
                "Keep this view in the project",
                self.keep_wanted,
            ),
            ("show_scene_button", "Show scene …", "Go back to a kept view", self.return_wanted),
        ):
            button: QPushButton = push_button(name, words, tip)
            button.clicked.connect(signal)
            grid.addWidget(button, *divmod(grid.count(), 2))
        self._column.addLayout(grid)

    def _title(self, words: str) -> None:
        label = QLabel(words)
        label.setProperty("role", "heading")
        label.setStyleSheet("font-weight: 600; margin-top: 4px;")
        self._column.addWidget(label)

    def _tick(self, name: str, words: str, tip: str) -> QCheckBox:
        tick = QCheckBox(words)
        tick.setObjectName(name)
        tick.setToolTip(tip)
        self._column.addWidget(tick)
        return tick

    def _combo(self, name: str, words: str, items: list[str]) -> QComboBox:
        combo = QuietComboBox()
        combo.setObjectName(name)
        combo.setAccessibleName(words)
        combo.addItems(items)
        self._column.addWidget(combo)
        return combo

    def _slider(self, name: str, value: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(name)
        slider.setRange(0, _TICKS)
        slider.setValue(value)
        return slider

    def _set(self, scene: Scene) -> None:
        self._space.set_scene(scene)

    def _change(self, change: Callable[[Scene], Scene]) -> None:
        if not self._filling:
            self._set(change(self._space.scene))

    def _change_planes(self) -> None:
        if self._filling:
            return
        cursor = self._state.cursor
        z, y, x = (
            at if tick.isChecked() else None for at, tick in zip(cursor, self.planes, strict=True)
        )
        slices = replace(
            self._space.scene.slices, voxel=(z, y, x), lac_window=self._state.lac_window
        )
        self._set(replace(self._space.scene, slices=slices))

    def _change_preset(self, index: int) -> None:
        preset = PRESETS[index - 1] if 0 < index <= len(PRESETS) else None
        if index <= len(PRESETS):
            self._change(lambda it: replace(it, volume=preset))

    def _list_columns(self) -> None:
        """Offer what is measured, and the distance from each class of the labels on show."""
        names = self._state.label_map.names.values() if self._state.label_map else ()
        known = [column.name for column in COLUMNS if column.name in MEASURED]
        columns = [None, *known, *map(distance_column, names)]
        if columns == self._columns:
            return
        self._columns = columns
        self._filling = True
        self.colouring.clear()
        self.colouring.addItems([column_words(it) if it else "Class" for it in columns])
        self._filling = False

    def _show_columns(self) -> None:
        self._list_columns()
        self._fill()

    def _change_colouring(self, index: int) -> None:
        if self._filling or index < 0:
            return
        column = self._columns[index]
        wanted = None if column is None else Colouring(column=column)
        self._change(lambda it: replace(it, colouring=wanted))

    def _change_box(self) -> None:
        lows, highs = zip(
            *((low.value() / _TICKS, high.value() / _TICKS) for low, high in self.sides.values()),
            strict=True,
        )
        low, high = (lows[0], lows[1], lows[2]), (highs[0], highs[1], highs[2])
        self._change(lambda it: replace(it, clipping=replace(it.clipping, low=low, high=high)))

    def _cut_here(self) -> None:
        """Put a plane through the crosshair that faces the viewer."""
        tomogram = self._state.tomogram
        if tomogram is None:
            return
        camera = self._camera()
        away = np.subtract(camera.focus_um, camera.position_um)
        x, y, z = (away / max(float(np.linalg.norm(away)), 1e-9)).tolist()
        edges = zip(self._state.cursor, tomogram.voxel_size_um, strict=True)
        at_z, at_y, at_x = (index * edge for index, edge in edges)
        plane = ClipPlane(point_um=(at_x, at_y, at_z), normal=(x, y, z))
        self._change(lambda it: replace(it, clipping=replace(it.clipping, planes=(plane,))))

    def _fill(self) -> None:
        """Show the scene as it is."""
        scene = self._space.scene
        self._filling = True
        self.surfaces.setChecked(scene.surfaces)
        for tick, index in zip(self.planes, scene.slices.voxel, strict=True):
            tick.setChecked(index is not None)
        names = [preset.name for preset in PRESETS]
        if scene.volume is None:
            self.preset.setCurrentIndex(0)
        elif scene.volume.name in names:
            self.preset.setCurrentIndex(1 + names.index(scene.volume.name))
        self.editor.show_transfer(scene.volume)
        self.editor.setVisible(scene.volume is not None)
        for i, (low, high) in enumerate(self.sides.values()):
            low.setValue(round(scene.clipping.low[i] * _TICKS))
            high.setValue(round(scene.clipping.high[i] * _TICKS))
        column = scene.colouring.column if scene.colouring else None
        self.colouring.setCurrentIndex(
            self._columns.index(column) if column in self._columns else 0
        )
        self.background.setCurrentIndex(0 if scene.background == "dark" else 1)
        self.parallel.setChecked(scene.parallel)
        self.occlusion.setChecked(scene.occlusion)
        self._filling = False

    def _show_distribution(self) -> None:
        tomogram = self._state.tomogram
        if tomogram is None:
            return
        lac_ZYX = tomogram.lac_ZYX
        if isinstance(lac_ZYX, LazyLac):
            sample = lac_ZYX.sample
        else:
            step = max(1, round((lac_ZYX.size / _SAMPLED) ** (1 / 3)))
            sample = np.asarray(lac_ZYX[::step, ::step, ::step]).ravel()
        if self._state.is_lac:
            self.editor.show_lac(sample)
        else:
            ends = stored_ends(sample)
            self.editor.show_lac(as_if_lac(sample, ends), stored_ends=ends)
