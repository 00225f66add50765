"""A small picture of how the LAC of a cell is distributed."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from sxtstudio.core.similarity import HISTOGRAM_EDGES_PER_UM
from sxtstudio.gui.theme import tones

_TICKS_PER_UM = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
_SIZE = QSize(220, 96)
_FACE_OPACITY = 0.45


class LacHistogram(QWidget):
    """Parts of the voxels by LAC; heights go with the square root, so that organelles show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lac_histogram")
        self.setAccessibleName("Distribution of the LAC")
        self.setToolTip("How many voxels have which LAC (µm⁻¹); heights are square roots")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parts: tuple[float, ...] = ()

    def show_parts(self, parts: Sequence[float]) -> None:
        """Show the part of the voxels in each bin of `HISTOGRAM_EDGES_PER_UM`."""
        self._parts = tuple(parts)
        self.update()

    def sizeHint(self) -> QSize:
        """Return how large it likes to be."""
        return _SIZE

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint bars above an axis in µm⁻¹."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line_px = self.fontMetrics().height()
        plot = QRectF(self.rect()).adjusted(8, 4, -8, -line_px - 4)
        painter.fillRect(plot, QColor(tones().base))
        for tick in _TICKS_PER_UM:
            x = self._x(tick, plot)
            painter.setPen(QColor(tones().line))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(tones().dim))
            words = f"{tick:g}" if tick else "0 µm⁻¹"
            place = QRectF(x - 24, plot.bottom() + 2, 48, line_px)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, words)
        if len(self._parts) == len(HISTOGRAM_EDGES_PER_UM) - 1:
            face = QColor(tones().accent)
            painter.setPen(face)
            face.setAlphaF(_FACE_OPACITY)
            painter.setBrush(face)
            painter.drawPolygon(self._outline(plot))
        painter.end()

    def _x(self, lac_per_um: float, plot: QRectF) -> float:
        first, last = HISTOGRAM_EDGES_PER_UM[0], HISTOGRAM_EDGES_PER_UM[-1]
        return plot.left() + (lac_per_um - first) / (last - first) * plot.width()

    def _outline(self, plot: QRectF) -> QPolygonF:
        highest = max(*self._parts, 1e-9) ** 0.5
        points = [QPointF(plot.left(), plot.bottom())]
        edges = pairwise(HISTOGRAM_EDGES_PER_UM)
        for part, (low, high) in zip(self._parts, edges, strict=True):
            y = plot.bottom() - part**0.5 / highest * (plot.height() - 2)
            points += [QPointF(self._x(low, plot), y), QPointF(self._x(high, plot), y)]
        return QPolygonF([*points, QPointF(plot.right(), plot.bottom())])
