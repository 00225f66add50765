"""A slice at any angle, in a window of its own."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from sxtstudio.gui.fields import text_label
from sxtstudio.gui.slices.canvas import SliceCanvas
from sxtstudio.gui.slices.label_picture import label_colours
from sxtstudio.gui.slices.oblique import ObliquePlane
from sxtstudio.gui.view_state import ViewState

TOO_LARGE = "This cell stays in its file because it is large; an oblique slice needs all of it."
_LARGEST_BYTES = 2**30
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
        if plane is None or tomogram is None:
            return
        if tomogram.lac_ZYX.nbytes > _LARGEST_BYTES:
            self.position.setText(TOO_LARGE)
            return
        offset_um = self.slider.value() * plane.pixel_um
        lac = plane.cut(np.asarray(tomogram.lac_ZYX), offset_um)
        self.canvas.set_picture(lac, (plane.pixel_um, plane.pixel_um))
        label_map = self._state.label_map
        if label_map is None:
            self.canvas.layers.set_labels(None, np.zeros((256, 4), np.uint8))
        else:
            labels = plane.cut(np.asarray(label_map.labels_ZYX), offset_um, order=0)
            self.canvas.layers.set_labels(labels, label_colours(self._state.classes, labels.dtype))
        self.position.setText(f"{offset_um:+.2f} µm from the three points".replace("-", "−"))

    def _show_window(self) -> None:
        self.canvas.layers.set_levels(*self._state.lac_window)

    def _forget(self) -> None:
        self._plane = None
        self.hide()
