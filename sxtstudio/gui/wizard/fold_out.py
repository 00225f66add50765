"""A heading that folds out what most people never need."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget


class FoldOut(QWidget):
    """Shows ``content`` below a heading once that was pressed."""

    def __init__(self, name: str, words: str, content: QWidget) -> None:
        super().__init__()
        self.setObjectName(name)
        self.button = QToolButton()
        self.button.setObjectName(f"{name}_button")
        self.button.setText(words)
        self.button.setAccessibleName(words)
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.content = content
        content.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(content, 1)
        layout.addStretch(0)
        self.button.toggled.connect(self._fold)

    @Slot(bool)
    def _fold(self, open_: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow
        self.button.setArrowType(arrow)
        self.content.setVisible(open_)
