"""Bending a transfer function by its points, over the distribution of the LAC."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QColorDialog, QSizePolicy, QWidget

from sxtstudio.core.scene import TransferFunction, TransferPoint
from sxtstudio.core.transfer_presets import DENSEST_PER_UM

SPAN_PER_UM = (0.0, 1.2)
_BINS = 120
_SIZE = QSize(240, 130)
_GRAB_PX = 8.0
_OWN = "Own"


class TransferEditor(QWidget):
    """Opacity over LAC (µm⁻¹). Drag a point; double-click adds one; right-click takes one away.

    Ctrl+click gives a point another colour. ``changed`` carries the `TransferFunction`.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transfer_editor")
        self.setAccessibleName("Opacity over LAC")
        self.setToolTip(
            "Drag a point: LAC and opacity. Double-click adds one, right-click takes one away, "
            "Ctrl+click gives it a colour."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._transfer: TransferFunction | None = None
        self._heights: np.ndarray = np.zeros(_BINS)
        self._dragged: int | None = None
        self._stored_ends: tuple[float, float] | None = None

    def show_lac(
        self, sample: np.ndarray, *, stored_ends: tuple[float, float] | None = None
    ) -> None:
        """Show how the LAC of a sample is distributed; heights are square roots.

        With ``stored_ends`` the axis tells the stored values that stand for 0 and the densest.
        """
        self._stored_ends = stored_ends
        counts = np.histogram(sample, _BINS, SPAN_PER_UM)[0]
        self._heights = np.sqrt(counts / max(int(counts.max(initial=0)), 1))
        self.update()

    def show_transfer(self, transfer: TransferFunction | None) -> None:
        """Show a function."""
        self._transfer = transfer
        self.update()

    def sizeHint(self) -> QSize:
        """Return how large it likes to be."""
        return _SIZE

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a point, take it away, or give it a colour."""
        index = self._point_at(event.position())
        if self._transfer is None or index is None:
            return
        if event.button() == Qt.MouseButton.RightButton and len(self._transfer.points) > 2:
            points = list(self._transfer.points)
            del points[index]
            self._change(tuple(points))
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._ask_colour(index)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._dragged = index

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the point that is held, between its neighbours."""
        if self._transfer is None or self._dragged is None:
            return
        points, index = list(self._transfer.points), self._dragged
        lac, opacity = self._value_at(event.position())
        low = points[index - 1].lac_per_um if index else SPAN_PER_UM[0]
        high = points[index + 1].lac_per_um if index + 1 < len(points) else SPAN_PER_UM[1]
        points[index] = replace(
            points[index],
            lac_per_um=float(f"{min(max(lac, low), high):.5g}"),
            opacity=round(opacity, 4),
        )
        self._change(tuple(points))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let the point go."""
        self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Add a point."""
        if self._transfer is None or self._point_at(event.position()) is not None:
            return
        lac, opacity = self._value_at(event.position())
        nearest = min(self._transfer.points, key=lambda it: abs(it.lac_per_um - lac))
        new = TransferPoint(lac_per_um=lac, opacity=opacity, colour=nearest.colour)
        points = sorted([*self._transfer.points, new], key=lambda it: it.lac_per_um)
        self._change(tuple(points))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the distribution, the function in its colours, and its points."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        painter.fillRect(plot, self.palette().base())
        ink = self.palette().text().color()
        self._paint_axis(painter, plot, ink)
        bars = [QPointF(plot.left(), plot.bottom())]
        for i, height in enumerate(self._heights.tolist()):
            x = plot.left() + (i + 0.5) / _BINS * plot.width()
            bars.append(QPointF(x, plot.bottom() - height * plot.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink.red(), ink.green(), ink.blue(), 60))
        painter.drawPolygon(QPolygonF([*bars, QPointF(plot.right(), plot.bottom())]))
        if self._transfer is not None:
            self._paint_points(painter, plot, self._transfer, ink)
        painter.end()

    def _paint_axis(self, painter: QPainter, plot: QRectF, ink: QColor) -> None:
        painter.setPen(QPen(QColor(ink.red(), ink.green(), ink.blue(), 150)))
        height = self.fontMetrics().height()
        for tick, words in self._ticks():
            x = self._place(tick, 0.0, plot).x()
            left = min(max(x - 26, 0.0), self.width() - 52.0)
            side = Qt.AlignmentFlag.AlignHCenter
            if tick == 0:
                side = Qt.AlignmentFlag.AlignLeft
            elif tick == SPAN_PER_UM[1]:
                side = Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(left, plot.bottom() + 2, 52, height), side, words)

    def _ticks(self) -> list[tuple[float, str]]:
        """Return places on the axis and what stands there."""
        if self._stored_ends is None:
            return [(0.0, "0 µm⁻¹"), *((tick, f"{tick:g}") for tick in (0.3, 0.6, 0.9, 1.2))]
        low, high = self._stored_ends
        return [(0.0, f"{low:.2g}"), (DENSEST_PER_UM, f"{high:.2g}")]

    def _paint_points(
        self, painter: QPainter, plot: QRectF, transfer: TransferFunction, ink: QColor
    ) -> None:
        places = [self._place(it.lac_per_um, it.opacity, plot) for it in transfer.points]
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(places))
        for place, point in zip(places, transfer.points, strict=True):
            painter.setBrush(QColor(point.colour))
            painter.drawEllipse(place, 5, 5)

    def _plot(self) -> QRectF:
        below = self.fontMetrics().height() + 6
        return QRectF(self.rect()).adjusted(8, 8, -8, -below)

    def _place(self, lac_per_um: float, opacity: float, plot: QRectF) -> QPointF:
        low, high = SPAN_PER_UM
        x = plot.left() + (lac_per_um - low) / (high - low) * plot.width()
        return QPointF(x, plot.bottom() - opacity**0.5 * plot.height())  # faint is common

    def _value_at(self, at: QPointF) -> tuple[float, float]:
        plot, (low, high) = self._plot(), SPAN_PER_UM
        share_x = min(max((at.x() - plot.left()) / max(plot.width(), 1), 0), 1)
        share_y = min(max((plot.bottom() - at.y()) / max(plot.height(), 1), 0), 1)
        return low + share_x * (high - low), share_y**2

    def _point_at(self, at: QPointF) -> int | None:
        if self._transfer is None:
            return None
        plot = self._plot()
        for index, point in enumerate(self._transfer.points):
            away = self._place(point.lac_per_um, point.opacity, plot) - at
            if away.manhattanLength() <= _GRAB_PX:
                return index
        return None

    def _ask_colour(self, index: int) -> None:
        assert self._transfer is not None
        points = list(self._transfer.points)
        chosen = QColorDialog.getColor(QColor(points[index].colour), self, "Colour of this LAC")
        if chosen.isValid():
            points[index] = replace(points[index], colour=chosen.name())
            self._change(tuple(points))

    def _change(self, points: tuple[TransferPoint, ...]) -> None:
        assert self._transfer is not None
        self._transfer = replace(self._transfer, name=_OWN, points=points)
        self.update()
        self.changed.emit(self._transfer)
