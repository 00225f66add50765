"""What is painted over a view, in the window's own pixels: crosshair, scale bar, axes, words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPainterPath, QPen

from sxtstudio.analysis.colour_scale import ColourScale
from sxtstudio.analysis.object_colours import ramp
from sxtstudio.analysis.overlay import column_words

_GAP_PX = 7.0
_BAR_SHARE = 0.24
_LEGEND_SHARE = 0.6
_EDGE_PX = 14.0
_BAR_HEIGHT_PX = 3.0
_AXIS_PX = 26.0
_COLOUR_BAR_PX, _COLOUR_BAR_WIDE_PX = 200.0, 14.0
_STOPS, _BELOW_BUTTON_PX = 24, 44.0
_INK = QColor("#f2f4f6")
_HALO = QColor(0, 0, 0, 170)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis of space as seen on the screen: ``direction`` is at most 1 long, y down."""

    name: str
    direction: QPointF
    towards_viewer: float
    colour: QColor


@dataclass(frozen=True, kw_only=True)
class Crosshair:
    """Where two planes cut this one: pixels in the window, and the colours of those planes."""

    at: QPointF
    upright_colour: QColor
    level_colour: QColor


def scale_bar_um(px_per_um: float, longest_px: float) -> float:
    """Return the longest of 1, 2, 5 × 10ⁿ µm that is drawn in ``longest_px`` or less."""
    longest_um = longest_px / px_per_um
    power = 10.0 ** math.floor(math.log10(longest_um))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest_um * (1 + 1e-9))


def length_text(length_um: float) -> str:
    """Return a length as a scale bar says it: µm, and nm below one."""
    if length_um >= 1:
        return f"{length_um:g} µm"
    return f"{length_um * 1000:.3g} nm"


def paint_crosshair(painter: QPainter, crosshair: Crosshair, window: QSizeF) -> None:
    """Paint two lines that leave the voxel under the cursor free."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    x, y = crosshair.at.x(), crosshair.at.y()
    lines = (
        (crosshair.upright_colour, QLineF(x, 0, x, y - _GAP_PX)),
        (crosshair.upright_colour, QLineF(x, y + _GAP_PX, x, window.height())),
        (crosshair.level_colour, QLineF(0, y, x - _GAP_PX, y)),
        (crosshair.level_colour, QLineF(x + _GAP_PX, y, window.width(), y)),
    )
    for colour, line in lines:
        painter.setPen(QPen(colour, 1.0))
        painter.drawLine(line)


def paint_scale_bar(painter: QPainter, px_per_um: float, window: QSizeF) -> None:
    """Paint a bar of a round length with its length above it, lower right."""
    length_um = scale_bar_um(px_per_um, max(_BAR_SHARE * window.width(), 40.0))
    text = length_text(length_um)
    metrics = QFontMetricsF(painter.font())
    text_width = metrics.horizontalAdvance(text)
    bar_px = round(length_um * px_per_um)
    width = max(bar_px, text_width)
    left, top = window.width() - _EDGE_PX - width, window.height() - _EDGE_PX
    bar = QRectF(left + (width - bar_px) / 2, top, bar_px, _BAR_HEIGHT_PX)
    height = metrics.height() + _BAR_HEIGHT_PX + 11
    _paint_plate(painter, QRectF(left - 6, top - metrics.height() - 5, width + 12, height))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_INK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawRect(bar)
    painter.setPen(_INK)
    painter.drawText(QPointF(left + (width - text_width) / 2, top - metrics.descent() - 2), text)


def paint_arms(painter: QPainter, ends: Sequence[QPointF]) -> None:
    """Paint a line between every two points, bright with a dark rim."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for colour, width in ((_HALO, 3.5), (_INK, 1.5)):
        painter.setPen(QPen(colour, width))
        painter.drawLines([QLineF(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)])


def paint_axes(painter: QPainter, axes: Sequence[Axis], window: QSizeF) -> None:
    """Paint short lines along the axes of space, lower left, the farthest first."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    middle = QPointF(_EDGE_PX + _AXIS_PX, window.height() - _EDGE_PX - _AXIS_PX)
    for axis in sorted(axes, key=lambda it: it.towards_viewer):
        end = middle + axis.direction * (0.8 * _AXIS_PX)
        letter = _letter(axis.name, painter, middle + axis.direction * (1.15 * _AXIS_PX))
        painter.strokePath(letter, _round_pen(_HALO, 3.0))
        for colour, width in ((_HALO, 4.0), (axis.colour, 2.0)):
            painter.setPen(_round_pen(colour, width))
            painter.drawLine(middle, end)
        painter.fillPath(letter, axis.colour)


def _letter(text: str, painter: QPainter, centre: QPointF) -> QPainterPath:
    """Return the outline of a text, its middle at a point."""
    path = QPainterPath()
    path.addText(QPointF(0, 0), painter.font(), text)
    return path.translated(centre - path.boundingRect().center())


def _round_pen(colour: QColor, width: float) -> QPen:
    ends, joints = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    return QPen(colour, width, Qt.PenStyle.SolidLine, ends, joints)


def paint_colour_bar(painter: QPainter, scale: ColourScale, window: QSizeF) -> None:
    """Paint what the colours of objects stand for on a plate, upper right."""
    metrics = QFontMetricsF(painter.font())
    title, ticks = column_words(scale.column), scale.ticks()
    tall = min(_COLOUR_BAR_PX, 0.45 * window.height())
    numbers = max(metrics.horizontalAdvance(words) for _, words in ticks)
    width = max(metrics.horizontalAdvance(title), _COLOUR_BAR_WIDE_PX + 10 + numbers) + 16
    if width > _LEGEND_SHARE * window.width():
        return
    plate = QRectF(0, 0, width, tall + 2.5 * metrics.height() + 8)
    plate.moveTopRight(QPointF(window.width() - _EDGE_PX + 6, _BELOW_BUTTON_PX))
    _paint_plate(painter, plate)
    painter.setPen(_INK)
    line = QRectF(plate.left(), plate.top() + 5, width, metrics.height())
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, title)
    bar = QRectF(plate.left() + 8, line.bottom() + 0.7 * metrics.height(), 0, tall)
    bar.setWidth(_COLOUR_BAR_WIDE_PX)
    colours = QLinearGradient(bar.bottomLeft(), bar.topLeft())
    for i, (red, green, blue) in enumerate(ramp(np.linspace(0, 1, _STOPS)).tolist()):
        colours.setColorAt(i / (_STOPS - 1), QColor(red, green, blue))
    painter.fillRect(bar, colours)
    for share, words in ticks:
        y = bar.bottom() - share * tall
        painter.drawLine(QLineF(bar.right(), y, bar.right() + 4, y))
        at = QRectF(bar.right() + 8, y - metrics.height() / 2, numbers + 4, metrics.height())
        painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, words)


def paint_reading(painter: QPainter, text: str, window: QSizeF) -> None:
    """Paint a short text on a plate, top middle."""
    metrics = QFontMetricsF(painter.font())
    width = metrics.horizontalAdvance(text) + 20
    plate = QRectF((window.width() - width) / 2, 10, width, metrics.height() + 10)
    _paint_plate(painter, plate)
    painter.setPen(_INK)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def paint_words(painter: QPainter, text: str, at: QPointF) -> None:
    """Paint a short text on a plate whose lower left corner is given."""
    metrics = QFontMetricsF(painter.font())
    plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
    plate.moveBottomLeft(at)
    _paint_plate(painter, plate)
    painter.setPen(_INK)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def paint_legend(painter: QPainter, legend: Sequence[tuple[str, str]], window: QSizeF) -> None:
    """Paint colours and what they mean on a plate, upper left; a small view does without."""
    metrics = QFontMetricsF(painter.font())
    line_px, swatch_px = metrics.height() + 3, 10.0
    width = max(metrics.horizontalAdvance(words) for _, words in legend) + swatch_px + 24
    if width > _LEGEND_SHARE * window.width():
        return
    plate = QRectF(8, 8, width, line_px * len(legend) + 8)
    _paint_plate(painter, plate)
    for row, (colour, words) in enumerate(legend):
        line = QRectF(plate.left() + 8, plate.top() + 4 + row * line_px, width, line_px)
        swatch = QRectF(0, 0, swatch_px, swatch_px)
        swatch.moveCenter(QPointF(line.left() + swatch_px / 2, line.center().y()))
        painter.fillRect(swatch, QColor(colour))
        painter.setPen(_INK)
        text = line.adjusted(swatch_px + 7, 0, 0, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, words)


def _paint_plate(painter: QPainter, plate: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_HALO)
    painter.drawRoundedRect(plate, 4, 4)
