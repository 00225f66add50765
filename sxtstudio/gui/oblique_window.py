"""A slice at any angle, in a window of its own."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from sxtstudio.core.events import Report
from sxtstudio.core.grid import coarse_shape
from sxtstudio.core.pyramid import Pyramid
from sxtstudio.core.volume import ArrayLike, Tomogram
from sxtstudio.gui.fields import text_label
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.slices.canvas import SliceCanvas
from sxtstudio.gui.slices.label_picture import label_colours
from sxtstudio.gui.slices.oblique import ObliquePlane
from sxtstudio.gui.view_state import ViewState

READING = "Reading …"
_LARGEST_VOXELS = 2**27
"""Volumes above 512³ are cut as their small copies know them."""
_SIZE = (560, 560)


class ObliqueWindow(QDialog):
    """Shows what the `ViewState` shows, on another plane; the slider moves along its normal."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("oblique_window")
        self.setWindowTitle("Oblique slice")
        self.resize(*_SIZE)
        self._state = state
        self._plane: ObliquePlane | None = None
        self._read: tuple[Tomogram, np.ndarray, int] | None = None
        self._reading = Latest(self)
        self.canvas = SliceCanvas()
        self.canvas.setAccessibleName("Oblique slice")
        self.slider = QSlider(Qt.Orientation.Vertical)
        self.slider.setAccessibleName("Distance of the oblique slice")
        self.position = text_label("oblique_position", "Where the oblique slice lies")
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.canvas, stretch=1)
        row.addWidget(self.slider)
        column = QVBoxLayout(self)
        column.addLayout(row, stretch=1)
        column.addWidget(self.position)
        self._connect()

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._show)
        self.canvas.steps_wanted.connect(lambda it: self.slider.setValue(self.slider.value() + it))
        self._state.window_changed.connect(self._show_window)
        self._state.labels_changed.connect(self._show)
        self._state.classes_changed.connect(self._show)
        self._state.volume_changed.connect(self._forget)
        self._state.reader.stood_in.connect(self._show)

    def show_plane(self, plane: ObliquePlane) -> None:
        """Show a plane through the tomogram on show."""
        self._plane = plane
        self.slider.blockSignals(True)
        near, far = (round(reach / plane.pixel_um) for reach in plane.reach_um)
        self.slider.setRange(near, far)
        self.slider.setValue(0)
        self.slider.blockSignals(False)
        self._show_window()
        self.show()
        self._show()
        self.raise_()

    def _show(self) -> None:
        plane, tomogram = self._plane, self._state.tomogram
        if plane is None or tomogram is None or not self.isVisible():
            return
        lac_ZYX = tomogram.lac_ZYX
        if isinstance(lac_ZYX, np.ndarray):
            self._put(plane, lac_ZYX, 1)
        elif self._read is not None and self._read[0] is tomogram:
            self._put(plane, *self._read[1:])
        else:
            self._fetch(tomogram)

    def _fetch(self, tomogram: Tomogram) -> None:
        """Read what stays in its file, in a thread."""
        self.position.setText(READING)
        source, factor = _source(tomogram, self._state.reader.pyramid)
        if source is None:
            return  # its small copies are still being made

        def read(_: Report) -> tuple[np.ndarray, int]:
            return np.asarray(source[:], np.float32), factor

        def done(found: tuple[np.ndarray, int]) -> None:
            self._read = (tomogram, *found)
            self._show()

        self._reading.run(read, done, lambda error: self.position.setText(str(error)))

    def _put(self, plane: ObliquePlane, lac_ZYX: np.ndarray, factor: int) -> None:
        offset_um = self.slider.value() * plane.pixel_um
        lac = plane.cut(lac_ZYX, offset_um, factor=factor)
        self.canvas.set_picture(lac, (plane.pixel_um, plane.pixel_um))
        label_map = self._state.label_map
        if label_map is None:
            self.canvas.layers.set_labels(None, np.zeros((256, 4), np.uint8))
        else:
            labels = plane.cut(np.asarray(label_map.labels_ZYX), offset_um, order=0)
            self.canvas.layers.set_labels(labels, label_colours(self._state.classes, labels.dtype))
        words = f"{offset_um:+.2f} µm from the three points".replace("-", "−")
        coarse = "" if factor == 1 else f", at 1/{factor} resolution"
        self.position.setText(words + coarse)

    def _show_window(self) -> None:
        self.canvas.layers.set_levels(*self._state.lac_window)

    def _forget(self) -> None:
        self._plane, self._read = None, None
        self._reading.cancel()
        self.hide()


def _source(tomogram: Tomogram, pyramid: Pyramid | None) -> tuple[ArrayLike | None, int]:
    """Return what a cut is made of, and over how many voxels an edge its values are means."""
    lac_ZYX = tomogram.lac_ZYX
    if lac_ZYX.size <= _LARGEST_VOXELS:
        return lac_ZYX, 1
    if pyramid is None:
        return None, 1
    level, factor = pyramid.level_within(_LARGEST_VOXELS)
    # A sketch that stands in for the pyramid has steps of its own.
    same = level.shape == coarse_shape(tomogram.shape, (factor, factor, factor))
    return (level, factor) if same else (None, 1)
