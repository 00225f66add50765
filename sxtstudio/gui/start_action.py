"""One of the things to begin with on the start page: picture, words, what it does, its key."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from sxtstudio.gui.ringed_button import RingedButton
from sxtstudio.gui.theme import tones

_PAD_PX, _ICON_PX, _GAP_PX, _RADIUS_PX = 10, 24, 14, 6


class StartAction(RingedButton):
    """Does what an action does; follows its words, its key and whether it can be done."""

    def __init__(self, action: QAction, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._about = about
        self.setObjectName(f"start_{action.objectName()}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        words = self._action.text().replace("&", "")
        self.setText(words)
        self.setIcon(self._action.icon())
        self.setEnabled(self._action.isEnabled())
        self.setAccessibleName(words.rstrip(" …"))
        self.setAccessibleDescription(self._about)
        self.setToolTip(self._action.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for two lines of words."""
        lines = 2 * self.fontMetrics().lineSpacing()
        words = QFontMetrics(self.font()).horizontalAdvance(self._about)
        return QSize(words + _ICON_PX + _GAP_PX + 2 * _PAD_PX, lines + 2 * _PAD_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the row; its ground only shows while the mouse or the focus is there."""
        look = tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.pressed if self.isDown() else look.hover))
            painter.drawRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        if self._ringed:
            painter.setPen(QPen(QColor(look.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        top = (self.height() - _ICON_PX) // 2
        self.icon().paint(painter, QRect(_PAD_PX, top, _ICON_PX, _ICON_PX))
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        look = tones()
        left = _PAD_PX + _ICON_PX + _GAP_PX
        lines = QRect(left, _PAD_PX, self.width() - left - _PAD_PX, self.height() - 2 * _PAD_PX)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        flags = Qt.AlignmentFlag
        painter.setPen(QColor(look.text if self.isEnabled() else look.disabled))
        painter.setFont(bold)
        painter.drawText(lines, flags.AlignTop | flags.AlignLeft, self.text())
        painter.setFont(self.font())
        painter.setPen(QColor(look.dim if self.isEnabled() else look.disabled))
        key = self._action.shortcut().toString()
        painter.drawText(lines, flags.AlignTop | flags.AlignRight, key)
        cut = self.fontMetrics().elidedText(self._about, Qt.TextElideMode.ElideRight, lines.width())
        painter.drawText(lines, flags.AlignBottom | flags.AlignLeft, cut)
