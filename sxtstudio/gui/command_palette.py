"""The command palette: every command of the menus, found by a few letters and run with Enter."""

from collections.abc import Iterator

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.command_search import Entry, find
from sxtstudio.gui.fields import line_edit, text_label
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings

_RECENT = "recent_commands"
_MOST_RECENT = 12
_WIDTH_PX, _ROWS_SEEN, _ROW_PX, _TOP_PX = 640, 11, 34, 112
_ICON_PX, _GAP_PX = 18, 10
_ENTRY = Qt.ItemDataRole.UserRole
_NO_PROJECT, _NO_LIBRARY = "Open a project first", "Open a library first"
_NOT_NOW = "Not possible now"
_KEYS = (
    Qt.Key.Key_Up.value, Qt.Key.Key_Down.value, Qt.Key.Key_PageUp.value, Qt.Key.Key_PageDown.value,
)  # fmt: skip


class CommandPalette(QDialog):
    """A field and a list below it; typing finds, Enter runs, Escape closes."""

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("command_palette")
        self.setWindowTitle("Find a command")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window = window
        self._focus = QApplication.focusWidget()
        self._actions = dict(_menu_actions(window))
        self._entries = [_entry(path, action, session) for path, action in self._actions.items()]
        self.field = line_edit("palette_field", "Command", "What do you want to do?")
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("palette_list")
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.empty = text_label("palette_empty", "Nothing found", "No command has these words.")
        self.empty.setProperty("role", "dim")
        self.empty.setContentsMargins(8, 8, 8, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        for part in (self.field, self.empty, self.list):
            column.addWidget(part)
        self.field.setMinimumHeight(34)
        self.field.textChanged.connect(self._search)
        self.list.itemClicked.connect(self._run)
        self._search("")
        self._place()

    def _place(self) -> None:
        room = self._window.rect()
        width = min(_WIDTH_PX, room.width() - 2 * _TOP_PX)
        self.list.setFixedHeight(_ROWS_SEEN * _ROW_PX + 2 * self.list.frameWidth())
        self.setFixedWidth(width)
        left = (room.width() - width) // 2
        self.move(self._window.mapToGlobal(QPoint(left, _TOP_PX)))

    def paintEvent(self, _event: QEvent, /) -> None:
        """Paint a rim, as the window manager gives none."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Light))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows and Enter in the field move through the list and run."""
        if watched is not self.field or not isinstance(event, QKeyEvent):
            return False
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() in _KEYS:
            QApplication.sendEvent(self.list, event)
            return True
        if event.key() in (Qt.Key.Key_Return.value, Qt.Key.Key_Enter.value):
            self._run(self.list.currentItem())
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Close when another window is chosen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            # Not at once: this comes in the midst of closing, too, and closing twice at a time
            # leaves the window without any mouse on X11.
            QTimer.singleShot(0, self, self._leave)

    @Slot()
    def _leave(self) -> None:
        if self.isVisible() and not self.isActiveWindow():
            self.reject()

    @Slot(str)
    def _search(self, text: str) -> None:
        self.list.clear()
        for entry in find(self._entries, text, recent_commands()):
            item = QListWidgetItem(self._actions[entry.path, entry.words].icon(), entry.words)
            item.setData(_ENTRY, entry)
            item.setSizeHint(QSize(0, _ROW_PX))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.why_not or entry.key)
            item.setToolTip(entry.why_not)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.empty.setVisible(not self.list.count())

    @Slot(QListWidgetItem)
    def _run(self, item: QListWidgetItem | None) -> None:
        """Close, give the focus back, and do it: some commands are for the view that had it."""
        if item is None or not item.data(_ENTRY).possible:
            return
        entry: Entry = item.data(_ENTRY)
        action, focus = self._actions[entry.path, entry.words], self._focus
        _remember(entry.name)
        self.accept()
        if focus is not None:
            self._window.activateWindow()
            focus.setFocus()
        QTimer.singleShot(0, self._window, action.trigger)


class _RowDelegate(QStyledItemDelegate):
    """A row: icon, words, the menu it is in, and on the right the key or why not."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one entry."""
        entry: Entry = index.data(_ENTRY)
        rect: QRect = option.rect  # type: ignore[attr-defined] - the stubs know no members
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined] - as above
        palette: QPalette = option.palette  # type: ignore[attr-defined] - as above
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        group = QPalette.ColorGroup.Active if entry.possible else QPalette.ColorGroup.Disabled
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        words = palette.color(group, role)
        faint = words if chosen else palette.color(QPalette.ColorRole.PlaceholderText)
        inside = rect.adjusted(_GAP_PX, 0, -_GAP_PX, 0)
        right = painter.fontMetrics().horizontalAdvance(_right(entry)) + _GAP_PX
        painter.setPen(faint)
        painter.drawText(inside, _MIDDLE | Qt.AlignmentFlag.AlignRight, _right(entry))
        inside.setRight(inside.right() - right)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QIcon):
            mode = QIcon.Mode.Normal if entry.possible else QIcon.Mode.Disabled
            top = rect.center().y() - _ICON_PX // 2
            place = QRect(inside.left(), top, _ICON_PX, _ICON_PX)
            icon.paint(painter, place, Qt.AlignmentFlag.AlignCenter, mode)
        inside.setLeft(inside.left() + _ICON_PX + _GAP_PX)
        painter.setPen(words)
        painter.drawText(inside, _MIDDLE, entry.words)
        inside.setLeft(inside.left() + painter.fontMetrics().horizontalAdvance(entry.words))
        painter.setPen(faint)
        painter.drawText(inside.adjusted(_GAP_PX, 0, 0, 0), _MIDDLE, entry.path)
        painter.restore()


_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


def _right(entry: Entry) -> str:
    if entry.why_not:
        return entry.why_not
    return f"✓  {entry.key}".rstrip() if entry.on else entry.key


def recent_commands() -> list[str]:
    """Return the names of the commands run from the palette last, the newest first."""
    stored = settings().value(_RECENT, [])
    names = [stored] if isinstance(stored, str) else stored
    return [str(name) for name in names] if isinstance(names, list) else []


def _remember(name: str) -> None:
    others = [other for other in recent_commands() if other != name]
    settings().setValue(_RECENT, [name, *others][:_MOST_RECENT])


def _menu_actions(window: QMainWindow) -> Iterator[tuple[tuple[str, str], QAction]]:
    """Yield every action of the menus by path and words; menus that fill themselves are filled."""
    for top in window.menuBar().actions():
        menu = top.menu()
        if isinstance(menu, QMenu):
            yield from _actions_in(menu, _plain(top))


def _actions_in(menu: QMenu, path: str) -> Iterator[tuple[tuple[str, str], QAction]]:
    menu.aboutToShow.emit()
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _actions_in(inner, f"{path} › {_plain(action)}")
        elif not action.isSeparator() and action.isVisible() and _plain(action):
            yield (path, _plain(action)), action


def _plain(action: QAction) -> str:
    return action.text().replace("&", "").rstrip(" …")


def _entry(place: tuple[str, str], action: QAction, session: Session) -> Entry:
    path, words = place
    name = action.objectName().removeprefix("action_")
    command = next((it for it in COMMANDS if it.name == name), None)
    why_not = "" if action.isEnabled() else _NOT_NOW
    if command is not None and why_not:
        if command.needs_project and session.project is None:
            why_not = _NO_PROJECT
        elif command.needs_library and session.library.library is None:
            why_not = _NO_LIBRARY
        else:
            why_not = command.when or why_not
    return Entry(
        name=name or f"{path} › {words}",
        words=words,
        path=path,
        synonyms=f"{command.synonyms} {command.tip}" if command is not None else "",
        key=action.shortcut().toString(action.shortcut().SequenceFormat.NativeText),
        why_not=why_not,
        possible=action.isEnabled(),
        on=action.isCheckable() and action.isChecked(),
    )
