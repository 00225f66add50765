"""A page for when there is nothing to show: why, and what can be done."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sxtstudio.gui.fields import action_button, text_label
from sxtstudio.gui.theme import set_role

_WIDTH_PX = 520


class NoticePage(QWidget):
    """A title, a sentence and buttons in the middle; ``name`` begins the names of its parts."""

    def __init__(
        self,
        name: str,
        title: str,
        words: str,
        actions: Sequence[QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        heading = text_label(f"{name}_title", "Title", title)
        heading.setStyleSheet("font-size: 14pt; font-weight: 300;")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.words = text_label(f"{name}_words", "Explanation")
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.set_words(words)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for action in actions:
            buttons.addWidget(action_button(f"{name}_{action.objectName()}", action))
        buttons.addStretch(1)
        holder = QWidget()
        holder.setMaximumWidth(_WIDTH_PX)
        column = QVBoxLayout(holder)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(self.words)
        column.addLayout(buttons)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(holder, 4)
        across.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(across)
        layout.addStretch(3)

    def set_words(self, words: str, *, warning: bool = False) -> None:
        """Say something else; a warning has the colour of one."""
        self.words.setText(words)
        set_role(self.words, "warning" if warning else "dim")
