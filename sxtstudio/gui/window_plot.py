"""The distribution of the LAC of a cell, with the LAC window to drag and the ranges of classes."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from sxtstudio.gui.lac_ranges import Band, LacCounts, Range
from sxtstudio.gui.theme import theme_name, tones

Part = Literal["low", "high", "both"]

_SIZE = QSize(240, 170)
_EDGE_PX = 10.0
_RAMP_PX = 6.0
_GRIP_PX = 7.0
_LANE_PX = 5.0
_MOST_LANES = 8
_BETWEEN_TICKS_PX = 6
_ROOM_FOR_TICK_PX = 44.0


class WindowPlot(QWidget):
    """Drag an edge of the window or its middle; a double click asks for the first window again.

    ``window_wanted`` carries LAC (µm⁻¹) to be drawn black and white.
    """

    window_wanted = Signal(float, float)
    default_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("window_plot")
        self.setAccessibleName("Distribution of the LAC, with the window that is shown")
        self.setMinimumHeight(110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._counts: LacCounts | None = None
        self._bands: tuple[Band, ...] = ()
        self._window: Range = (0.0, 1.0)
        self._dragged: Part | None = None
        self._start: tuple[float, Range] = (0.0, (0.0, 1.0))

    def sizeHint(self) -> QSize:
        """Return how large it likes to be."""
        return _SIZE

    def show_counts(self, counts: LacCounts | None) -> None:
        """Show a distribution, or none."""
        self._counts = counts
        self.update()

    def show_bands(self, bands: Sequence[Band]) -> None:
        """Show the ranges of structures."""
        self._bands = tuple(bands)[:_MOST_LANES]
        self.update()

    def show_window(self, low: float, high: float) -> None:
        """Show which LAC are drawn black and white."""
        self._window = (low, high)
        self.update()

    def x_of(self, lac_per_um: float) -> float:
        """Return where a LAC lies, in pixels from the left."""
        plot = self._plot()
        low, high = self._range()
        return plot.left() + (lac_per_um - low) / (high - low) * plot.width()

    def lac_at(self, x: float) -> float:
        """Return the LAC at a distance from the left."""
        plot = self._plot()
        low, high = self._range()
        return low + (x - plot.left()) / plot.width() * (high - low)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of what lies under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and self._counts is not None:
            self._dragged = self._part_at(event.position().x())
            self._start = (self.lac_at(event.position().x()), self._window)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held."""
        x = event.position().x()
        part = self._dragged or self._part_at(x)
        both = part == "both"
        self.setCursor(Qt.CursorShape.SizeAllCursor if both else Qt.CursorShape.SplitHCursor)
        if self._dragged is None:
            return
        begin, (low, high) = self._start
        by = self.lac_at(x) - begin
        if self._dragged != "high":
            low += by
        if self._dragged != "low":
            high += by
        if low < high:
            self.window_wanted.emit(low, high)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragged = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the first window again."""
        event.accept()
        self.default_wanted.emit()

    def event(self, event) -> bool:  # noqa: ANN001 (QEvent; Qt hands over its subclasses)
        """Say in a tip which structures have the LAC under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(float(event.pos().x())), self)
            return True
        return super().event(event)

    def words_at(self, x: float) -> str:
        """Return which LAC lies at a distance from the left, and what has it."""
        lac = self.lac_at(x)
        names = [it.name for it in self._bands if it.range_per_um[0] <= lac <= it.range_per_um[1]]
        words = f"{lac:.3f} µm⁻¹".replace("-", "−")
        return f"{words}: {', '.join(names)}" if names else words

    def _part_at(self, x: float) -> Part:
        low, high = (self.x_of(lac) for lac in self._window)
        if low + _GRIP_PX < x < high - _GRIP_PX:
            return "both"
        return "low" if abs(x - low) < abs(x - high) else "high"

    def _range(self) -> Range:
        return self._counts.range_per_um if self._counts is not None else (0.0, 1.0)

    def _plot(self) -> QRectF:
        words_px = self.fontMetrics().height()
        lanes_px = _LANE_PX * len(self._bands)
        below = words_px + _RAMP_PX + 8
        return QRectF(self.rect()).adjusted(_EDGE_PX, 6 + lanes_px, -_EDGE_PX, -below)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ranges, distribution, window and axis."""
        if self._counts is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        self._paint_axis(painter, plot)
        self._paint_counts(painter, plot)
        self._paint_bands(painter, plot)
        self._paint_window(painter, plot)
        painter.end()

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        palette = self.palette()
        painter.fillRect(plot, palette.color(QPalette.ColorRole.Base))
        found = ticks(self._range(), plot.width())
        places = self._tick_places(found, plot)
        for tick in found:
            x = self.x_of(tick)
            painter.setPen(QColor(tones().line))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            if tick in places:
                painter.drawText(places[tick], Qt.AlignmentFlag.AlignHCenter, _tick_words(tick))

    def _tick_places(self, found: Sequence[float], plot: QRectF) -> dict[float, QRectF]:
        """Return where the words of ticks stand, without those that would touch others."""
        metrics = self.fontMetrics()
        places: dict[float, QRectF] = {}
        for tick in sorted(found, key=bool):  # 0 has the unit, so it goes first
            wide = metrics.horizontalAdvance(_tick_words(tick)) + _BETWEEN_TICKS_PX
            left = max(self.x_of(tick) - wide / 2, 0.0)
            place = QRectF(left, plot.bottom() + _RAMP_PX + 4, wide, metrics.height())
            if not any(place.intersects(other) for other in places.values()):
                places[tick] = place
        return places

    def _paint_counts(self, painter: QPainter, plot: QRectF) -> None:
        assert self._counts is not None
        # Square roots, so that what is small and dense shows beside the water around it.
        heights = np.sqrt(self._counts.counts / max(int(self._counts.counts.max()), 1))
        outline = [QPointF(plot.left(), plot.bottom())]
        edges = pairwise(float(edge) for edge in self._counts.edges_per_um)
        for height, (left, right) in zip(heights, edges, strict=True):
            y = plot.bottom() - float(height) * (plot.height() - 3)
            outline += [QPointF(self.x_of(left), y), QPointF(self.x_of(right), y)]
        outline.append(QPointF(plot.right(), plot.bottom()))
        accent = self.palette().color(QPalette.ColorRole.Accent)
        painter.setPen(QPen(accent, 1.0))
        face = QColor(accent)
        face.setAlphaF(0.45)
        painter.setBrush(face)
        painter.drawPolygon(QPolygonF(outline))

    def _paint_bands(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        top = 4.0
        for band in self._bands:
            left, right = (
                min(max(self.x_of(lac), plot.left()), plot.right()) for lac in band.range_per_um
            )
            painter.setBrush(QColor(band.colour))
            lane = QRectF(left, top, max(right - left, 2.0), _LANE_PX - 2)
            painter.drawRoundedRect(lane, 1.5, 1.5)
            top += _LANE_PX

    def _paint_window(self, painter: QPainter, plot: QRectF) -> None:
        left, right = (min(max(self.x_of(lac), plot.left()), plot.right()) for lac in self._window)
        shade = QColor(0, 0, 0, 110 if theme_name() == "dark" else 45)
        painter.fillRect(QRectF(plot.topLeft(), QPointF(left, plot.bottom())), shade)
        painter.fillRect(QRectF(QPointF(right, plot.top()), plot.bottomRight()), shade)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.BrightText), 1.5))
        for x in (left, right):
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        ramp = QRectF(plot.left(), plot.bottom() + 2, plot.width(), _RAMP_PX)
        low, high = (self.x_of(lac) for lac in self._window)
        shades = QLinearGradient(QPointF(low, 0), QPointF(high, 0))
        shades.setColorAt(0.0, QColor("#000000"))
        shades.setColorAt(1.0, QColor("#ffffff"))
        painter.fillRect(ramp, shades)


def _tick_words(tick: float) -> str:
    return f"{tick:g}".replace("-", "−") if tick else "0 µm⁻¹"


def ticks(range_per_um: Range, width_px: float) -> list[float]:
    """Return round LAC between two, with room for their words."""
    low, high = range_per_um
    least = (high - low) * _ROOM_FOR_TICK_PX / max(width_px, _ROOM_FOR_TICK_PX)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(it * power for it in (1.0, 2.0, 5.0, 10.0) if it * power >= least)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(number * step, 6) for number in range(first, last + 1)]
