"""The sheet of all keys and mouse gestures, to look through or to search."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.gui.fields import QuietComboBox, line_edit, text_label
from sxtstudio.gui.key_profiles import KeyProfiles, key_profiles
from sxtstudio.gui.key_sheet import Group, Row, sheet

_COLUMN_PX, _MOST_COLUMNS = 370, 4
_SHARE = 0.92
_STYLE = """
QLabel#keycap {
    background: palette(button); color: palette(button-text);
    border: 1px solid palette(light); border-bottom: 2px solid palette(light);
    border-radius: 4px; padding: 1px 6px;
}
QLabel#sheet_group { font-weight: 600; font-size: 11pt; }
"""


class CheatSheet(QDialog):
    """Groups of keys in columns; the field above hides what does not fit."""

    def __init__(self, profiles: KeyProfiles, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("cheat_sheet")
        self.setWindowTitle("Keys and mouse")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet(_STYLE)
        self._profiles = profiles
        self._groups: list[_GroupBox] = []
        self.field = line_edit("sheet_field", "Search", "Search keys")
        self.field.setClearButtonEnabled(True)
        self.box = QuietComboBox()
        self.box.setObjectName("sheet_profile")
        self.box.setAccessibleName("Keys as in")
        for profile in key_profiles():
            self.box.addItem(profile.name, profile.id)
        self.words = text_label("sheet_words", "About these keys")
        self.words.setProperty("role", "dim")
        self.empty = text_label("sheet_empty", "Nothing found", "No key does this.")
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._arrange()
        room = window.size() * _SHARE
        self._columns = max(1, min(_MOST_COLUMNS, (room.width() - 60) // _COLUMN_PX))
        self.resize(min(room.width(), self._columns * _COLUMN_PX + 60), room.height())
        self.field.textChanged.connect(self._search)
        self.box.activated.connect(lambda row: profiles.choose(self.box.itemData(row)))
        profiles.changed.connect(self._fill)
        self._fill()
        self.field.setFocus()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        self.field.setMinimumWidth(260)
        caption = text_label("sheet_caption", "Keys as in", "Keys as in")
        caption.setWordWrap(False)
        for part in (self.field, caption, self.box):
            top.addWidget(part)
        top.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 8, 8)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.empty)
        column.addWidget(self._area, 1)

    @Slot()
    def _fill(self) -> None:
        profile = self._profiles.current
        self.box.setCurrentIndex(self.box.findData(profile.id))
        self.words.setText(profile.words)
        page = QWidget()
        across = QHBoxLayout(page)
        across.setContentsMargins(0, 0, 12, 0)
        across.setSpacing(28)
        self._groups = []
        for groups in in_columns(sheet(profile), self._columns):
            column = QVBoxLayout()
            column.setSpacing(18)
            for group in groups:
                self._groups.append(_GroupBox(group))
                column.addWidget(self._groups[-1])
            column.addStretch(1)
            across.addLayout(column, 1)
        self._area.setWidget(page)
        self._search(self.field.text())

    @Slot(str)
    def _search(self, text: str) -> None:
        found = [group.search(text) for group in self._groups]
        self.empty.setVisible(not any(found))


class _GroupBox(QWidget):
    """One group: its title, and a line of key caps and words for each row."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self._group = group
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        title = text_label("sheet_group", group.title, group.title)
        grid.addWidget(title, 0, 0, 1, 2)
        self._rows = [(row, _caps(row), _words(row)) for row in group.rows]
        for number, (_, caps, words) in enumerate(self._rows, start=1):
            grid.addWidget(caps, number, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(words, number, 1)

    def search(self, text: str) -> bool:
        """Show the rows with all words of a text, and return whether there are any."""
        typed = text.casefold().split()
        shown = False
        for row, caps, words in self._rows:
            known = f"{row.words} {' '.join(row.keys)} {self._group.title}".casefold()
            fits = all(word in known for word in typed)
            caps.setVisible(fits)
            words.setVisible(fits)
            shown = shown or fits
        self.setVisible(shown)
        return shown


def _caps(row: Row) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(4)
    for key in row.keys:
        cap = text_label("keycap", key, key)
        cap.setWordWrap(False)
        line.addWidget(cap)
    return holder


def _words(row: Row) -> QWidget:
    words = text_label("sheet_row", row.words, row.words)
    words.setMinimumWidth(120)
    return words


def in_columns(groups: Sequence[Group], columns: int) -> list[list[Group]]:
    """Share groups out among columns in their order, so that none is much longer than another."""
    lines = [len(group.rows) + 2 for group in groups]
    least = max((sum(lines) + columns - 1) // columns, max(lines, default=0))
    for height in range(least, sum(lines) + 1):
        shared: list[list[Group]] = [[]]
        used = 0
        for group, count in zip(groups, lines, strict=True):
            if used + count > height and shared[-1]:
                shared.append([])
                used = 0
            shared[-1].append(group)
            used += count
        if len(shared) <= columns:
            return shared
    return [list(groups)]
