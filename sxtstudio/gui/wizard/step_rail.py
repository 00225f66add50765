"""The list of steps at the wizard's left: which are done, where one stands, what is to come."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sxtstudio.gui.theme import tones

_STEP_PX = 52
_TOP_PX = 30
_CENTRE_PX = 30.0
_RADIUS_PX = 12.0
_WIDTH_PX = 176


class StepRail(QWidget):
    """Shows the steps; a click on one that is done asks to go back to it."""

    asked = Signal(int)

    def __init__(self, steps: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step_rail")
        self._steps = tuple(steps)
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.set_current(0)

    def set_current(self, step: int) -> None:
        """Say where one stands, from 0."""
        self._current = step
        words = f"Step {step + 1} of {len(self._steps)}: {self._steps[step]}"
        self.setAccessibleName(words)
        self.setToolTip("Click a step that is done to go back to it." if step else "")
        self.update()

    def sizeHint(self) -> QSize:
        """Return a narrow column."""
        return QSize(_WIDTH_PX, _TOP_PX + _STEP_PX * len(self._steps))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask to go back to a step."""
        step = int((event.position().y() - _TOP_PX + _STEP_PX / 2) // _STEP_PX)
        if 0 <= step < self._current:
            self.asked.emit(step)

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """Paint circles, joined by a line, with their words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tones().line), 1))
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())
        for step in range(len(self._steps)):
            self._paint_step(painter, step)
        painter.end()

    def _paint_step(self, painter: QPainter, step: int) -> None:
        centre = QPointF(_CENTRE_PX, _TOP_PX + step * _STEP_PX)
        done, here = step < self._current, step == self._current
        look = tones()
        if step + 1 < len(self._steps):
            painter.setPen(QPen(QColor(look.accent if done else look.card_edge), 2))
            start = centre + QPointF(0, _RADIUS_PX + 4)
            painter.drawLine(start, centre + QPointF(0, _STEP_PX - _RADIUS_PX - 4))
        painter.setPen(QPen(QColor(look.accent if done or here else look.control), 2))
        painter.setBrush(QColor(look.selection if here else look.window))
        painter.drawEllipse(centre, _RADIUS_PX, _RADIUS_PX)
        if done:
            self._paint_tick(painter, centre)
        else:
            painter.setPen(QColor(look.selection_text if here else look.dim))
            box = QRectF(centre.x() - 12, centre.y() - 12, 24, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(step + 1))
        self._paint_words(painter, step, centre)

    def _paint_tick(self, painter: QPainter, centre: QPointF) -> None:
        painter.setPen(QPen(QColor(tones().figure), 2))
        corner = centre + QPointF(-1.5, 4)
        painter.drawLine(centre + QPointF(-5, 0.5), corner)
        painter.drawLine(corner, centre + QPointF(5.5, -4))

    def _paint_words(self, painter: QPainter, step: int, centre: QPointF) -> None:
        here = step == self._current
        font = QFont(self.font())
        font.setBold(here)
        painter.setFont(font)
        done, look = step < self._current, tones()
        painter.setPen(QColor(look.strong if here else look.text if done else look.dim))
        left = centre.x() + _RADIUS_PX + 10
        box = QRectF(left, centre.y() - 14, self.width() - left - 6, 28)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._steps[step])
        painter.setFont(self.font())
