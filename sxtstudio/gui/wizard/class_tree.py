"""The classes of the task: merged by dragging one onto another, split by dragging a member out."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from sxtstudio.core import task_editing
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import class_colour
from sxtstudio.core.task_editing import Classes
from sxtstudio.gui.theme import tones
from sxtstudio.gui.wizard.class_delegate import (
    COLOUR_ROLE,
    PLACE_ROLE,
    TERM_ROLE,
    WORDS_ROLE,
    ClassDelegate,
    swatch_rect,
)
from sxtstudio.gui.wizard.vocabulary_tree import TERM_MIME

CLASS_MIME = "application/x-sxtstudio-class"
_EDGE_SHARE = 0.25
_BESIDE = QPoint(-14, -10)
_DRAG_PX, _DRAG_OPACITY = 260, 0.7
_EMPTY_WORDS = "Tick structures at the left,\nor drag them here."


@dataclass(frozen=True)
class _Target:
    """Where a drop would go: into the class at ``place``, or between, before ``place``."""

    place: int
    into: bool


class ClassTree(QTreeWidget):
    """Shows classes and asks for others: ``changed`` carries the classes as the user wants them.

    ``colour_asked`` carries the place of a class whose colour was clicked.
    """

    changed = Signal(object)
    colour_asked = Signal(int)

    def __init__(self, ontology: Ontology) -> None:
        super().__init__()
        self.setObjectName("task_classes")
        self.setAccessibleName("Classes of the task")
        self._ontology = ontology
        self._classes: Classes = ()
        self._target: _Target | None = None
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setItemDelegate(ClassDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.itemChanged.connect(self._item_changed)

    def show_classes(self, classes: Classes) -> None:
        """Show these classes; the selection stays at its places."""
        if classes == self._classes and self.topLevelItemCount() == len(classes):
            return
        chosen = self.selected_places()
        self._classes = classes
        self.blockSignals(True)
        self.clear()
        for place in range(len(classes)):
            self._add_item(place)
        self.expandAll()
        for place in chosen:
            item = self.topLevelItem(place)
            if item is not None:
                item.setSelected(True)
        self.blockSignals(False)
        self.itemSelectionChanged.emit()
        self.viewport().update()

    def selected_places(self) -> list[int]:
        """Return the places of the selected classes; a member stands for its class."""
        return sorted({item.data(0, PLACE_ROLE) for item in self.selectedItems()})

    def selected_terms(self) -> list[str]:
        """Return the ids of the selected members."""
        return [term for item in self.selectedItems() if (term := item.data(0, TERM_ROLE))]

    def merge_selected(self) -> None:
        """Let the first of the selected classes gather the others."""
        classes, places = self._classes, self.selected_places()
        for place in reversed(places[1:]):
            classes = task_editing.merge_classes(classes, place, places[0], self._ontology)
        self._ask(classes, places[:1])

    def split_selected(self) -> None:
        """Take the selected members out, or take the selected classes apart altogether."""
        classes, terms = self._classes, self.selected_terms()
        for term in terms:
            holder = task_editing.holder_of(classes, term)
            at = len(classes) if holder is None else holder + 1
            classes = task_editing.add_term(classes, term, self._ontology, at=at)
        if not terms:
            for place in reversed(self.selected_places()):
                classes = task_editing.split_class(classes, place, self._ontology)
        self._ask(classes)

    def remove_selected(self) -> None:
        """Take the selected members or classes out of the task."""
        classes, terms = self._classes, self.selected_terms()
        for term in terms:
            classes = task_editing.remove_term(classes, term, self._ontology)
        if not terms:
            for place in reversed(self.selected_places()):
                classes = task_editing.remove_class(classes, place)
        self._ask(classes)

    def rename_selected(self) -> None:
        """Open the field for the name of the first selected class."""
        for place in self.selected_places()[:1]:
            item = self.topLevelItem(place)
            if item is not None:
                self.editItem(item, 0)

    def _add_item(self, place: int) -> None:
        classes, ontology = self._classes, self._ontology
        item = QTreeWidgetItem(self, [classes[place].name])
        words = task_editing.gathered_words(classes, place, ontology)
        item.setData(0, COLOUR_ROLE, class_colour(classes[place], ontology))
        item.setData(0, WORDS_ROLE, words)
        item.setData(0, PLACE_ROLE, place)
        item.setToolTip(0, f"{classes[place].name}: {words}" if words else classes[place].name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        members = classes[place].members
        for term in members if len(members) > 1 else ():
            child = QTreeWidgetItem(item, [ontology.term(term).name])
            child.setData(0, COLOUR_ROLE, ontology.term(term).colour)
            child.setData(0, PLACE_ROLE, place)
            child.setData(0, TERM_ROLE, term)
            child.setToolTip(0, "Drag it out, or press Split, to make it a class of its own.")

    def _ask(self, classes: Classes, select: Sequence[int] = ()) -> None:
        self.clearSelection()
        self.changed.emit(classes)
        for place in select:
            item = self.topLevelItem(place)
            if item is not None:
                item.setSelected(True)
                self.setCurrentItem(item)

    def _item_changed(self, item: QTreeWidgetItem) -> None:
        if item.parent() is None:
            place, name = item.data(0, PLACE_ROLE), item.text(0)
            renamed = task_editing.rename_class(self._classes, place, name, self._ontology)
            # Later: the field that was typed into still belongs to a row that is made anew then.
            QTimer.singleShot(0, self, lambda: self.changed.emit(renamed))

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes out, Return renames; everything else is the tree's own."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() == Qt.Key.Key_Delete and not editing:
            self.remove_selected()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.rename_selected()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for another colour where a colour is clicked."""
        at = event.position().toPoint()
        item = self.itemAt(at)
        if item is not None and item.parent() is None and self._is_swatch(item, at):
            self.colour_asked.emit(item.data(0, PLACE_ROLE))
        else:
            super().mousePressEvent(event)

    def _is_swatch(self, item: QTreeWidgetItem, at: QPoint) -> bool:
        return swatch_rect(self.visualItemRect(item)).adjusted(-4, -4, 4, 4).contains(at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the words wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    # Dragging and dropping

    def mimeTypes(self) -> list[str]:
        """Return what may be dropped here."""
        return [CLASS_MIME, TERM_MIME]

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Drag a faint picture of the row, beside the pointer: what is below stays in sight."""
        item = self.currentItem()
        if item is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([item]))
        drag.setPixmap(_faint(self.viewport().grab(self.visualItemRect(item))))
        drag.setHotSpot(_BESIDE)
        drag.exec(supported)

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Return the place of the dragged class, or the id of the dragged member."""
        data = QMimeData()
        term = items[0].data(0, TERM_ROLE)
        if term:
            data.setData(TERM_MIME, str(term).encode())
        else:
            data.setData(CLASS_MIME, str(items[0].data(0, PLACE_ROLE)).encode())
        return data

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome classes and terms."""
        if any(event.mimeData().hasFormat(kind) for kind in self.mimeTypes()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where it would go."""
        self._set_target(self._target_at(event.position().toPoint()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        self._set_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Merge, move, add or split."""
        target = self._target_at(event.position().toPoint())
        self._set_target(None)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._ask(self._after_drop(event.mimeData(), target))

    def _after_drop(self, data: QMimeData, target: _Target) -> Classes:
        if data.hasFormat(CLASS_MIME):
            source = int(_text(data.data(CLASS_MIME)))
            if target.into:
                return task_editing.merge_classes(
                    self._classes, source, target.place, self._ontology
                )
            return task_editing.move_class(self._classes, source, target.place)
        term = _text(data.data(TERM_MIME))
        into, at = (target.place, None) if target.into else (None, target.place)
        return task_editing.add_term(self._classes, term, self._ontology, into=into, at=at)

    def _target_at(self, at: QPoint) -> _Target:
        item = self.itemAt(at)
        if item is None:
            return _Target(len(self._classes), into=False)
        place = item.data(0, PLACE_ROLE)
        rect = self.visualItemRect(item)
        share = (at.y() - rect.top()) / max(1, rect.height())
        if item.parent() is None and share < _EDGE_SHARE:
            return _Target(place, into=False)
        if share > 1 - _EDGE_SHARE and item.childCount() == 0 and item.parent() is None:
            return _Target(place + 1, into=False)
        return _Target(place, into=True)

    def _set_target(self, target: _Target | None) -> None:
        self._target = target
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the classes, and above them where a drop would go."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._classes:
            painter.setPen(QColor(tones().faint))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, _EMPTY_WORDS)
        if self._target is not None:
            self._paint_target(painter, self._target)
        painter.end()

    def _paint_target(self, painter: QPainter, target: _Target) -> None:
        painter.setPen(QPen(QColor(tones().focus), 2))
        if target.into:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self._card(target.place)).adjusted(2, 2, -2, -2), 5, 5)
            return
        last = target.place >= len(self._classes)
        card = self._card(min(target.place, len(self._classes) - 1))
        y = card.bottom() if last else card.top()
        painter.drawLine(card.left() + 4, y, self.viewport().width() - 6, y)

    def _card(self, place: int) -> QRect:
        item = self.topLevelItem(place)
        rect = self.visualItemRect(item) if item is not None else QRect(0, 0, 0, 2)
        for row in range(item.childCount() if item is not None else 0):
            child = item.child(row) if item is not None else None
            rect = rect.united(self.visualItemRect(child)) if child is not None else rect
        return rect


def _faint(picture: QPixmap) -> QPixmap:
    """Return a picture of a row, half seen through and not too wide."""
    faint = QPixmap(picture.size())
    faint.setDevicePixelRatio(picture.devicePixelRatio())
    faint.fill(Qt.GlobalColor.transparent)
    painter = QPainter(faint)
    painter.setOpacity(_DRAG_OPACITY)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    width = round(_DRAG_PX * picture.devicePixelRatio())
    return faint.copy(0, 0, min(width, faint.width()), faint.height())


def _text(data: QByteArray) -> str:
    return bytes(data.data()).decode()
