"""What an improvement won and what it forgot, class by class: keep or discard it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.network_card import NetworkCard
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.workflow.verdict import MUCH, Change, changes, is_better, verdict_words

_HEADERS = ("Cells", "Class", "Dice before", "Dice after", "Change")
_SORTS = {"corrected": "Corrected", "earlier": "Earlier"}
_BETTER, _WORSE = QColor("#3fae6b"), QColor("#e0605a")
_SIZE = (560, 440)


class VerdictDialog(QDialog):
    """Shows the scores before and after; `verdict` is "keep", "discard" or, if closed, nothing."""

    def __init__(self, name: str, card: NetworkCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict_dialog")
        self.setWindowTitle(f"Keep {name}?")
        self.verdict = ""
        self.table = _table(changes(card))
        parent_name = card.parent.file if card.parent else "the network before"
        self.words = text_label(
            "verdict_words",
            "What was won and forgotten",
            f"{verdict_words(card)}\n{parent_name} stays as it is in any case.",
        )
        self.keep_button = push_button("keep_improved_button", "Keep", "Bring it into the project")
        self.discard_button = push_button(
            "discard_improved_button", "Discard", "Delete the new network"
        )
        self.later_button = push_button(
            "decide_later_button", "Decide later", "It waits; Improve network asks again"
        )
        (self.keep_button if is_better(card) else self.later_button).setDefault(True)
        buttons = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        for button, role in (
            (self.keep_button, roles.AcceptRole),
            (self.discard_button, roles.DestructiveRole),
            (self.later_button, roles.RejectRole),
        ):
            buttons.addButton(button, role)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        self.resize(*_SIZE)
        self.keep_button.clicked.connect(lambda: self._decide("keep"))
        self.discard_button.clicked.connect(lambda: self._decide("discard"))
        self.later_button.clicked.connect(self.reject)

    def _decide(self, verdict: str) -> None:
        self.verdict = verdict
        self.accept()


def _table(rows: Sequence[Change]) -> QTableWidget:
    table = QTableWidget(len(rows), len(_HEADERS))
    table.setObjectName("verdict_table")
    table.setAccessibleName("Dice before and after")
    table.setHorizontalHeaderLabels(_HEADERS)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    for row, change in enumerate(rows):
        _fill(table, row, change)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    return table


def _fill(table: QTableWidget, row: int, change: Change) -> None:
    sign = "+" if change.gain >= 0 else "−"
    words = (
        _SORTS[change.which],
        change.name or "mean",
        f"{change.before:.3f}",
        f"{change.after:.3f}",
        f"{sign}{abs(change.gain):.3f}",
    )
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for column, text in enumerate(words):
        item = QTableWidgetItem(text)
        if column == len(words) - 1 and abs(change.gain) >= MUCH:
            item.setForeground(_BETTER if change.gain > 0 else _WORSE)
        if column > 1:
            item.setTextAlignment(right)
        if not change.name:
            font = item.font()
            font.setBold(True)
            item.setFont(font)
        table.setItem(row, column, item)
