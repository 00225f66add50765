"""How a class of the task looks in its list: a card with colour, name, and what it gathers."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from sxtstudio.gui.theme import tones

COLOUR_ROLE = Qt.ItemDataRole.UserRole
WORDS_ROLE = Qt.ItemDataRole.UserRole + 1
PLACE_ROLE = Qt.ItemDataRole.UserRole + 2
TERM_ROLE = Qt.ItemDataRole.UserRole + 3
"""Id of the term that a member's row stands for; the rows of classes have none."""

SWATCH_PX = 14
_LEFT_PX = 34
_NAME_PX = 20
_MARGIN_PX = 7
_MEMBER_PX = 24
_FLAGS = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class ClassDelegate(QStyledItemDelegate):
    """Paints cards in a tree; members of a class are plain rows below it."""

    def __init__(self, tree: QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(
        self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return room for the name and for its words as they wrap."""
        width = self._tree.viewport().width() - self._tree.indentation()
        if index.data(TERM_ROLE):
            return QSize(width, _MEMBER_PX)
        words = index.data(WORDS_ROLE)
        space = QRect(0, 0, max(40, width - _LEFT_PX - 12), 10_000)
        measure = QFontMetrics(self._tree.font())
        height = measure.boundingRect(space, int(_FLAGS), words).height() if words else 0
        return QSize(width, 2 * _MARGIN_PX + _NAME_PX + height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a class as a card, a member as a line."""
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] (stub lacks it)
        state = option.state  # pyright: ignore[reportAttributeAccessIssue] (stub lacks it)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(TERM_ROLE):
            _paint_member(
                painter, rect, index, selected=bool(state & QStyle.StateFlag.State_Selected)
            )
        else:
            _paint_card(
                painter, rect, index, selected=bool(state & QStyle.StateFlag.State_Selected)
            )
        painter.restore()

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Put the field over the name."""
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] (stub lacks it)
        top = rect.top() + _MARGIN_PX - 4
        editor.setGeometry(
            rect.left() + _LEFT_PX - 4, top, rect.width() - _LEFT_PX - 4, _NAME_PX + 8
        )


def swatch_rect(rect: QRect) -> QRect:
    """Return where the colour of a card is, to click on."""
    return QRect(rect.left() + 11, rect.top() + _MARGIN_PX + 3, SWATCH_PX, SWATCH_PX)


def _paint_card(
    painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, *, selected: bool
) -> None:
    look = tones()
    edge, face = (look.accent, look.chosen) if selected else (look.card_edge, look.card)
    painter.setPen(QPen(QColor(edge), 1.5 if selected else 1))
    painter.setBrush(QColor(face))
    painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -2), 5, 5)
    painter.setPen(QPen(QColor(look.control), 1))
    painter.setBrush(QColor(index.data(COLOUR_ROLE)))
    painter.drawRoundedRect(QRectF(swatch_rect(rect)), 3, 3)
    inside = rect.adjusted(_LEFT_PX, _MARGIN_PX, -8, -_MARGIN_PX)
    font = QFont(painter.font())
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(tones().text))
    name = QFontMetrics(font).elidedText(
        index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, inside.width()
    )
    box = QRect(inside.left(), inside.top(), inside.width(), _NAME_PX)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
    font.setBold(False)
    painter.setFont(font)
    painter.setPen(QColor(tones().dim))
    painter.drawText(inside.adjusted(0, _NAME_PX, 0, 4), int(_FLAGS), index.data(WORDS_ROLE))


def _paint_member(
    painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, *, selected: bool
) -> None:
    if selected:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones().chosen))
        painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), 4, 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(index.data(COLOUR_ROLE)))
    painter.drawEllipse(QRectF(rect.left() + 14, rect.center().y() - 4, 9, 9))
    painter.setPen(QColor(tones().text))
    box = rect.adjusted(_LEFT_PX, 0, -6, 0)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, index.data(Qt.ItemDataRole.DisplayRole))
