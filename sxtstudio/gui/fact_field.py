"""A form field for a fact that a file may already state."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget


class FactField(QWidget):
    """Shows what the file states, or asks for it; "Change" asks although the file states it."""

    changed = Signal()

    def __init__(self, name: str, words: str, placeholder: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}_field")
        self._stated = QLabel()
        self._stated.setObjectName(f"{name}_stated")
        self._stated.setAccessibleName(f"{words} in the file")
        self._stated.setTextFormat(Qt.TextFormat.PlainText)
        self._stated.setWordWrap(True)
        self.edit = QLineEdit()
        self.edit.setObjectName(name)
        self.edit.setAccessibleName(words)
        self.edit.setPlaceholderText(placeholder)
        self.edit.textChanged.connect(self.changed)
        self.change_button = QToolButton()
        self.change_button.setObjectName(f"{name}_change")
        self.change_button.setText("Change")
        self.change_button.setAccessibleName(f"Change: {words}")
        self.change_button.clicked.connect(self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stated, 1)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.change_button)
        self.state("")

    @property
    def asking(self) -> bool:
        """Whether the user has to fill it in."""
        return not self.edit.isHidden()

    def state(self, words: str) -> None:
        """Show what the file states; empty words ask the user instead."""
        self.edit.clear()
        self._stated.setText(words)
        self._show(asking=not words)

    @Slot()
    def _ask(self) -> None:
        self._show(asking=True)
        self.edit.setFocus()

    def _show(self, *, asking: bool) -> None:
        self._stated.setVisible(not asking)
        self.change_button.setVisible(not asking)
        self.edit.setVisible(asking)
        self.changed.emit()
