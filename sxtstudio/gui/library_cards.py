"""How a cell of the library is painted: its planes, its name, and what is drawn in it."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from sxtstudio.gui.library_model import CELL_ROLE, MARKS_ROLE, PLANES_ROLE
from sxtstudio.gui.theme import tones
from sxtstudio.library.records import LibraryCell

_LARGE_PX, _SMALL_PX, _GAP_PX, _PAD_PX = 124, 60, 4, 8
_DOT_PX, _DOT_STEP_PX = 9, 13
_CARD_GAP_PX = 8
_EMPTY_FACE = QColor("#000000")
_WARNING = QColor("#ffb74d")  # it stands on black, in any theme
_VEIL = QColor(23, 26, 30, 150)


class CellCard(QStyledItemDelegate):
    """Paints a card: XY large, XZ and YZ small, name, kind and voxel size, a dot a class.

    A full dot is a class that is drawn everywhere in the cell, a ring one that is drawn in part.
    """

    def sizeHint(self, option: QStyleOptionViewItem, _index: object) -> QSize:
        """Return the size of every card, with the gap to its neighbours."""
        lines = 2 * option.fontMetrics.lineSpacing()
        width = _LARGE_PX + _GAP_PX + _SMALL_PX + 2 * _PAD_PX + _CARD_GAP_PX
        return QSize(width, _LARGE_PX + 2 * _PAD_PX + lines + 6 + _DOT_STEP_PX + 8 + _CARD_GAP_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        cell: LibraryCell = index.data(CELL_ROLE)
        half = _CARD_GAP_PX // 2
        card = option.rect.adjusted(half, half, -half, -half)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tones()
        edge, face = (look.focus, look.chosen) if chosen else (look.card_edge, look.card)
        painter.setPen(QPen(QColor(edge), 1.5 if chosen else 1))
        painter.setBrush(QColor(face))
        painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), 5, 5)
        corner = card.topLeft() + QPoint(_PAD_PX, _PAD_PX)
        _paint_planes(painter, corner, index.data(PLANES_ROLE))
        if not cell.in_use:
            _paint_veil(painter, corner, "withdrawn" if cell.withdrawn else "replaced")
        self._paint_words(painter, option, card, cell)
        _paint_dots(painter, card, index.data(MARKS_ROLE))
        painter.restore()

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, card: QRect, cell: LibraryCell
    ) -> None:
        width = card.width() - 2 * _PAD_PX
        left, top = card.left() + _PAD_PX, card.top() + _PAD_PX + _LARGE_PX + 6
        for words, colour, weight in (
            (cell.name, QColor(tones().text), QFont.Weight.DemiBold),
            (short_words(cell), QColor(tones().dim), QFont.Weight.Normal),
        ):
            font = QFont(option.font)
            font.setWeight(weight)
            metrics = QFontMetrics(font)
            line = QRect(left, top, width, metrics.lineSpacing())
            elided = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, width)
            painter.setFont(font)
            painter.setPen(colour)
            painter.drawText(
                line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided
            )
            top += metrics.lineSpacing()


def short_words(cell: LibraryCell) -> str:
    """Return voxel size, kind and condition in one short line."""
    edges_nm = [1000 * edge for edge in cell.voxel_size_um]
    voxel = f"{sum(edges_nm) / 3:.3g} nm"
    stated = ", ".join(filter(None, (cell.species, cell.strain)))
    return " · ".join(filter(None, (voxel, stated, cell.condition)))


def _paint_planes(painter: QPainter, corner: QPoint, planes: Sequence[QPixmap] | None) -> None:
    x, y = corner.x(), corner.y()
    right, below = x + _LARGE_PX + _GAP_PX, y + _SMALL_PX + _GAP_PX
    places = (
        QRect(x, y, _LARGE_PX, _LARGE_PX),
        QRect(right, y, _SMALL_PX, _SMALL_PX),
        QRect(right, below, _SMALL_PX, _SMALL_PX),
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for number, place in enumerate(places):
        painter.fillRect(place, _EMPTY_FACE)
        if planes:
            painter.drawPixmap(place, planes[number])
    if planes is not None and not planes:
        painter.setPen(_WARNING)
        painter.drawText(places[0], Qt.AlignmentFlag.AlignCenter, "no preview")


def _paint_veil(painter: QPainter, corner: QPoint, words: str) -> None:
    whole = QRect(corner, QSize(_LARGE_PX + _GAP_PX + _SMALL_PX, _LARGE_PX))
    painter.fillRect(whole, _VEIL)
    painter.setPen(_WARNING)
    painter.drawText(whole, Qt.AlignmentFlag.AlignCenter, words)


def _paint_dots(painter: QPainter, card: QRect, marks: Sequence[tuple[str, bool]]) -> None:
    top = card.bottom() - _PAD_PX - _DOT_PX
    left = card.left() + _PAD_PX
    if not marks:
        painter.setPen(QColor(tones().dim))
        line = QRect(left, top - 4, card.width() - 2 * _PAD_PX, _DOT_PX + 8)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, "nothing drawn")
    for colour, complete in marks[: (card.width() - 2 * _PAD_PX) // _DOT_STEP_PX]:
        painter.setPen(QPen(QColor(colour).lighter(130), 1.6))
        painter.setBrush(QColor(colour) if complete else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRect(left, top, _DOT_PX, _DOT_PX))
        left += _DOT_STEP_PX
