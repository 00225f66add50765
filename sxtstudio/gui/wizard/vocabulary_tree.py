"""The vocabulary as a tree to pick structures from, with a search that knows synonyms."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.ontology import Ontology, SemanticClass
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.theme import tones

TERM_MIME = "application/x-sxtstudio-term"
_ID = Qt.ItemDataRole.UserRole
_RANGE = Qt.ItemDataRole.UserRole + 1
_COLOUR = Qt.ItemDataRole.UserRole + 2
_LAC = 1
_LAC_PX, _BAR_PX = 146, 66
_WIDE_PX = 340
"""In a narrower tree only the bars are shown, so that the names have room."""

_GREATEST_LAC_PER_UM = 1.2
_ROW_PX = 24


class SearchEdit(QLineEdit):
    """A search field: Return takes what was found, Escape empties it, Down goes to the list."""

    taken = Signal()
    left_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Return and Escape from the wizard's buttons."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)


class VocabularyTree(QWidget):
    """Ticked is what the task names; ``ticked`` asks to add or take out a term by its id."""

    ticked = Signal(str, bool)

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ontology = ontology
        self.search_edit = SearchEdit()
        self.search_edit.setObjectName("structure_search")
        self.search_edit.setAccessibleName("Search structures")
        self.search_edit.setPlaceholderText("Search: mito, LD, starch …")
        self.search_edit.setClearButtonEnabled(True)
        self.tree = _Tree()
        self._items: dict[str, QTreeWidgetItem] = {}
        self._fill(self.tree.invisibleRootItem(), ontology.root.id)
        self.tree.expandAll()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.search_edit)
        layout.addWidget(self.tree, 1)
        self.search_edit.textChanged.connect(self._search)
        self.search_edit.taken.connect(self._take_first)
        self.search_edit.left_down.connect(self._to_tree)
        self.tree.itemChanged.connect(self._item_changed)

    def set_ticked(self, terms: frozenset[str]) -> None:
        """Tick these terms and no others."""
        self.tree.blockSignals(True)
        for term, item in self._items.items():
            item.setCheckState(
                0, Qt.CheckState.Checked if term in terms else Qt.CheckState.Unchecked
            )
        self.tree.blockSignals(False)
        self.tree.viewport().update()

    def item(self, term: str) -> QTreeWidgetItem:
        """Return the row of a term."""
        return self._items[term]

    def shown(self) -> Iterator[str]:
        """Yield the ids of the terms that the search left, from top to bottom."""
        return (term for term, item in self._items.items() if not item.isHidden())

    def _fill(self, parent: QTreeWidgetItem, class_id: str) -> None:
        for term in self._ontology.children(class_id):
            item = _term_item(parent, term)
            self._items[term.id] = item
            self._fill(item, term.id)

    def _search(self, text: str) -> None:
        found = [term.id for term in self._ontology.search(text)] if text.strip() else None
        kept = {up for term in found or () for up in self._ontology.ancestors(term)}
        for term, item in self._items.items():
            item.setHidden(found is not None and term not in kept)
            font = item.font(0)
            font.setBold(bool(found) and term in (found or ()))
            item.setFont(0, font)
        if found:
            self.tree.setCurrentItem(self._items[found[0]])
            self.tree.scrollToItem(self._items[found[0]])

    def _take_first(self) -> None:
        item = self.tree.currentItem()
        if item is not None and self.search_edit.text().strip() and not item.isHidden():
            self.ticked.emit(item.data(0, _ID), item.checkState(0) != Qt.CheckState.Checked)
            self.search_edit.selectAll()

    def _to_tree(self) -> None:
        self.tree.setFocus(Qt.FocusReason.TabFocusReason)

    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            self.ticked.emit(item.data(0, _ID), item.checkState(0) == Qt.CheckState.Checked)


class _Tree(QTreeWidget):
    """The rows; a drag carries the id of a term."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("structure_tree")
        self.setAccessibleName("Structures of the vocabulary")
        self.setHeaderLabels(["Structure", "Typical LAC (µm⁻¹)"])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setUniformRowHeights(True)
        self.setItemDelegateForColumn(_LAC, LacDelegate(self))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_LAC, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_LAC, _LAC_PX)

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Return the id of the dragged term."""
        data = QMimeData()
        data.setData(TERM_MIME, str(items[0].data(0, _ID)).encode())
        return data

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the figures out where the names would have no room."""
        wide = self.viewport().width() >= _WIDE_PX
        self.header().resizeSection(_LAC, _LAC_PX if wide else _BAR_PX)
        self.headerItem().setText(_LAC, "Typical LAC (µm⁻¹)" if wide else "LAC")
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return tick a row, as the space bar does."""
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            checked = item.checkState(0) == Qt.CheckState.Checked
            item.setCheckState(0, Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)
        else:
            super().keyPressEvent(event)


class LacDelegate(QStyledItemDelegate):
    """Paints the typical LAC of a structure as a bar on a common scale, with its numbers."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return a comfortable row."""
        return QSize(super().sizeHint(option, index).width(), _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint bar and numbers; nothing where no range is known."""
        super().paint(painter, option, index)
        lac_range_per_um = index.data(_RANGE)
        if lac_range_per_um is None:
            return
        low, high = lac_range_per_um
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] (stub lacks it)
        track = QRectF(rect.left() + 6, rect.center().y() - 3, 52, 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones().line))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(QColor(index.data(_COLOUR)))
        painter.drawRoundedRect(_part(track, low, high), 3, 3)
        painter.setPen(QColor(tones().text))
        painter.drawText(
            rect.adjusted(66, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, f"{low:.2f}–{high:.2f}"
        )
        painter.restore()


def _part(track: QRectF, low: float, high: float) -> QRectF:
    """Return the part of a track that a range of LAC covers, never too small to be seen."""
    a, b = (min(1.0, value / _GREATEST_LAC_PER_UM) * track.width() for value in (low, high))
    width = max(b - a, track.height())
    return QRectF(min(track.left() + a, track.right() - width), track.top(), width, track.height())


def _term_item(parent: QTreeWidgetItem, term: SemanticClass) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent, [term.name])
    item.setData(0, _ID, term.id)
    item.setData(_LAC, _RANGE, term.lac_range_per_um)
    item.setData(_LAC, _COLOUR, term.colour)
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    item.setIcon(0, _untinted(swatch_icon(term.colour)))
    also = f"Also called {', '.join(term.synonyms)}." if term.synonyms else ""
    low, high = term.lac_range_per_um or (0.0, 0.0)
    source = f"Typical LAC {low:.2f}–{high:.2f} µm⁻¹ from: {term.source}." if high else ""
    tip = "\n".join(filter(None, (also, source))) or term.name
    item.setToolTip(0, tip)
    item.setToolTip(_LAC, source)
    return item


def _untinted(icon: QIcon) -> QIcon:
    """Return an icon that keeps its colour in a selected row."""
    for size in icon.availableSizes():
        icon.addPixmap(icon.pixmap(size), QIcon.Mode.Selected)
    return icon
