"""A question to choose, painted as a card: its name, its words, its classes in their colours."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import class_colour
from sxtstudio.core.task_templates import TaskTemplate
from sxtstudio.gui.theme import tones

_SIZE = QSize(300, 88)
_MARGIN_PX = 12
_DOT_PX = 8.0


class TemplateCard(QAbstractButton):
    """One of several questions; the arrow keys go from one to the next."""

    def __init__(self, template: TaskTemplate, ontology: Ontology) -> None:
        super().__init__()
        self.template = template
        self._dots = [(item.name, class_colour(item, ontology)) for item in template.classes]
        self.setObjectName(f"template_{template.id}")
        self.setText(template.name)
        self.setAccessibleName(template.name)
        self.setAccessibleDescription(template.question)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return room for a name, two lines and the dots."""
        return _SIZE

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """Paint the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        inside = QRectF(self.rect()).adjusted(_MARGIN_PX, 9, -_MARGIN_PX, -9)
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tones().chosen_text if self.isChecked() else tones().text))
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop, self.template.name)
        if self.isChecked():
            _paint_tick(painter, inside.topRight() + QPointF(-7, 8))
        painter.setFont(self.font())
        painter.setPen(QColor(tones().dim))
        flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(inside.adjusted(0, 21, 0, -16), flags, self.template.question)
        self._paint_dots(painter, inside)
        painter.end()

    def _paint_frame(self, painter: QPainter) -> None:
        checked = self.isChecked()
        look = tones()
        back = look.chosen if checked else look.hover if self.underMouse() else look.card
        edge = look.figure if self.hasFocus() else look.accent if checked else look.card_edge
        painter.setPen(QPen(QColor(edge), 2 if checked else 1))
        painter.setBrush(QColor(back))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)

    def _paint_dots(self, painter: QPainter, inside: QRectF) -> None:
        measure = QFontMetricsF(self.font())
        x, middle = inside.left(), inside.bottom() - measure.height() / 2 + 1
        for name, colour in self._dots:
            width = measure.horizontalAdvance(name)
            if x + _DOT_PX + 5 + width > inside.right():
                break
            painter.setPen(QPen(QColor(128, 128, 128, 150), 0.8))  # seen on light ground too
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(x, middle - _DOT_PX / 2, _DOT_PX, _DOT_PX))
            painter.setPen(QColor(tones().dim))
            box = QRectF(x + _DOT_PX + 5, middle - 10, width + 2, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            x = box.right() + 11


def _paint_tick(painter: QPainter, centre: QPointF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tones().accent))
    painter.drawEllipse(centre, 8, 8)
    painter.setPen(QPen(QColor(tones().selection_text), 1.8))
    corner = centre + QPointF(-1, 3)
    painter.drawLine(centre + QPointF(-3.5, 0.5), corner)
    painter.drawLine(corner, centre + QPointF(4, -3))
