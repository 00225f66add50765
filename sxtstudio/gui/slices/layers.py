"""The pictures of one plane, one over the other: LAC, a heat map, labels."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QGraphicsRectItem


class _SmoothImage(pg.ImageItem):
    """Values, smooth until the voxels are large enough to be looked at one by one."""

    smooth = True

    def paint(self, painter: QPainter, *args: Any) -> None:
        """Draw the image, interpolated or as squares."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        super().paint(painter, *args)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


class Layers(QGraphicsRectItem):
    """Lies in the scene of a canvas; its own units are µm."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsRectItem.GraphicsItemFlag.ItemHasNoContents)
        self._grey = _SmoothImage(axisOrder="row-major")
        self._heat = _SmoothImage(axisOrder="row-major")
        self._labels = pg.ImageItem(axisOrder="row-major")
        self._images = (self._grey, self._heat, self._labels)
        for image in self._images:
            image.setParentItem(self)

    def clear(self) -> None:
        """Draw nothing."""
        for image in self._images:
            image.clear()

    def set_voxel(self, voxel_um: tuple[float, float]) -> None:
        """Set the size of a pixel (right, down)."""
        for image in self._images:
            image.setTransform(QTransform.fromScale(*voxel_um))

    def set_smooth(self, smooth: bool) -> None:
        """Interpolate between values, or show them as squares; labels always are squares."""
        self._grey.smooth = self._heat.smooth = smooth

    def set_grey(self, grey: np.ndarray) -> None:
        """Draw grey values."""
        self._grey.setImage(grey, autoLevels=False)

    def set_levels(self, low: float, high: float) -> None:
        """Draw ``low`` black and ``high`` white."""
        self._grey.setLevels((low, high))

    def set_heat(self, values: np.ndarray | None, table: np.ndarray) -> None:
        """Draw uint8 values over the grey ones in the colours of ``table``, or take them away."""
        if values is None:
            self._heat.clear()
            return
        self._heat.setLookupTable(table, update=False)
        self._heat.setImage(values, levels=(0, 255))

    def set_labels(self, labels: np.ndarray | None, table: np.ndarray) -> None:
        """Draw labels in the colours of ``table``, uint8 RGBA with a row for every value."""
        if labels is None:
            self._labels.clear()
            return
        self._labels.setLookupTable(table, update=False)
        self._labels.setImage(labels, autoLevels=False)

    def set_label_table(self, table: np.ndarray) -> None:
        """Draw the same labels in other colours."""
        self._labels.setLookupTable(table)

    def set_labels_shown(self, shown: bool) -> None:
        """Show or hide what lies over the grey values."""
        self._labels.setVisible(shown)
        self._heat.setVisible(shown)
