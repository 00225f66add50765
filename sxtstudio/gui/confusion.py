"""What the classes are taken for: a small heat map, and the worst of it in words."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from sxtstudio.core.scores import NONE
from sxtstudio.gui.theme import tones

Confusion = Mapping[str, Mapping[str, float]]

_WORTH_A_WORD = 0.05
_MOST_WORDS = 3
_LEAST_SEEN = 0.005
_RIGHT, _WRONG = "#2f9e77", "#e8833a"
_SWATCH_PX, _EDGE_PX, _GAP_PX = 10, 8, 2
_LONGEST_NAME_PX = 130
_HIGHEST_CELL_PX = 26
_NARROWEST_CELL_PX = 18
_NONE_COLOUR = "#6b747e"


def confusion_words(confusion: Confusion) -> tuple[str, ...]:
    """Return what is confused worst, the worst first, or that nothing much is."""
    wrong = [
        (share, name, other)
        for name, row in confusion.items()
        for other, share in row.items()
        if other != name and share >= _WORTH_A_WORD
    ]
    worst = sorted(wrong, key=lambda it: -it[0])[:_MOST_WORDS]
    if not worst:
        return (f"Nothing is taken for something else in {_WORTH_A_WORD:.0%} of its voxels.",)
    return tuple(_sentence(*it) for it in worst)


def _sentence(share: float, name: str, other: str) -> str:
    what = f"what is {NONE}" if name == NONE else name
    return f"{share:.0%} of {what} taken for {other}."


class ConfusionMap(QWidget):
    """Rows are what is drawn, columns what the network says, cells the share of the row's voxels.

    ``colours`` are by class name, in the order of rows and columns.
    """

    def __init__(self, colours: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusion_map")
        self.setAccessibleName("What the classes are taken for")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._colours = {**colours, NONE: _NONE_COLOUR}
        self._confusion: Confusion = {}

    def show_confusion(self, confusion: Confusion) -> None:
        """Show the shares of a validation."""
        self._confusion = confusion
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for all rows."""
        rows = len(self._colours) * (_HIGHEST_CELL_PX + _GAP_PX)
        return QSize(240, rows + self._head_px() + _EDGE_PX)

    def minimumSizeHint(self) -> QSize:
        """Return the narrowest that still shows a number in each cell."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint names, swatches and cells."""
        painter = QPainter(self)
        for index, (name, colour) in enumerate(self._colours.items()):
            self._paint_heads(painter, index, name, QColor(colour))
            for column, other in enumerate(self._colours):
                share = self._confusion.get(name, {}).get(other, 0.0)
                self._paint_cell(painter, self._cell(index, column), share, right=name == other)

    def _paint_heads(self, painter: QPainter, index: int, name: str, colour: QColor) -> None:
        row, column = self._cell(index, 0), self._cell(0, index)
        swatch = QRectF(0, 0, _SWATCH_PX, _SWATCH_PX)
        swatch.moveCenter(QPointF(_EDGE_PX + _SWATCH_PX / 2, row.center().y()))
        painter.fillRect(swatch, colour)
        swatch.moveCenter(QPointF(column.center().x(), self._head_px() - _SWATCH_PX / 2 - 3))
        painter.fillRect(swatch, colour)
        place = QRectF(row)
        place.setLeft(swatch_right := _EDGE_PX + _SWATCH_PX + 6)
        place.setRight(row.left() - 6)
        painter.setPen(QColor(tones().text))
        width = int(row.left() - 6 - swatch_right)
        words = QFontMetrics(self.font()).elidedText(name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        if not index:
            painter.setPen(QColor(tones().dim))
            painter.drawText(QPointF(_EDGE_PX, self._head_px() - 4), "drawn ↓   said →")

    def _paint_cell(self, painter: QPainter, cell: QRectF, share: float, *, right: bool) -> None:
        colour = QColor(_RIGHT if right else _WRONG)
        seen = share >= _LEAST_SEEN
        colour.setAlphaF(min(1.0, 0.08 + 0.92 * share) if seen else 0.0)
        painter.fillRect(cell, QColor(tones().base))
        painter.fillRect(cell, colour)
        if seen:
            painter.setPen(QColor(tones().text if share > 0.02 else tones().dim))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.0f}")

    def event(self, event: QEvent) -> bool:
        """Say the share under the mouse as a sentence."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(event.pos()), self)
            return True
        return super().event(event)

    def words_at(self, point: QPoint) -> str:
        """Return the share at a point of this widget as a sentence."""
        for row, name in enumerate(self._colours):
            for column, other in enumerate(self._colours):
                if self._cell(row, column).contains(QPointF(point)) and name in self._confusion:
                    return _sentence(self._confusion[name].get(other, 0.0), name, other)
        return ""

    def _head_px(self) -> int:
        return max(QFontMetrics(self.font()).height(), _SWATCH_PX) + 6

    def _cell(self, row: int, column: int) -> QRectF:
        count = len(self._colours)
        metrics = QFontMetrics(self.font())
        longest = max(metrics.horizontalAdvance(name) for name in self._colours)
        names = min(longest, _LONGEST_NAME_PX) + _SWATCH_PX + 14 + _EDGE_PX
        width = (self.width() - names - _EDGE_PX) / count - _GAP_PX
        width = max(float(_NARROWEST_CELL_PX), width)
        left = names + column * (width + _GAP_PX)
        top = self._head_px() + row * (_HIGHEST_CELL_PX + _GAP_PX)
        return QRectF(left, top, width, _HIGHEST_CELL_PX)
