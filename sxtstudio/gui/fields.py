"""The small widgets that dialogs and panels are made of: each with a name and plain text."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QLineEdit, QPushButton


class QuietComboBox(QComboBox):
    """A box that a wheel passing over it does not change: lists are scrolled with the wheel."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what the box lies in."""
        event.ignore()


def text_label(name: str, words: str, text: str = "") -> QLabel:
    """Return a label that shows plain text and wraps it; ``words`` is its accessible name."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setAccessibleName(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def problem_label(name: str) -> QLabel:
    """Return a label for what keeps a dialog from being accepted."""
    label = text_label(name, "What is still missing")
    label.setProperty("role", "problem")
    return label


def line_edit(name: str, words: str, placeholder: str = "") -> QLineEdit:
    """Return a one-line text field."""
    edit = QLineEdit()
    edit.setObjectName(name)
    edit.setAccessibleName(words)
    edit.setPlaceholderText(placeholder)
    return edit


def push_button(name: str, words: str, tip: str = "") -> QPushButton:
    """Return a button; its accessible name is its text."""
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAccessibleName(words.rstrip(" …"))
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def action_button(name: str, action: QAction) -> QPushButton:
    """Return a button that does what an action does, and is offered whenever that is."""
    button = push_button(name, action.text().replace("&", ""), action.toolTip())
    button.clicked.connect(action.trigger)
    button.setEnabled(action.isEnabled())
    action.enabledChanged.connect(button.setEnabled)
    return button


def accept_buttons(name: str, words: str) -> tuple[QDialogButtonBox, QPushButton]:
    """Return Cancel and a default button labelled ``words``."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    accept = buttons.addButton(words, QDialogButtonBox.ButtonRole.AcceptRole)
    accept.setObjectName(name)
    accept.setAccessibleName(words)
    accept.setDefault(True)
    return buttons, accept
