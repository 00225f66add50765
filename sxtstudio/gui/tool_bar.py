"""The tool bar of the window: words beside its pictures, below them, or none, as there is room."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolBar, QWidget

_Style = Qt.ToolButtonStyle
_STYLES = (
    _Style.ToolButtonTextBesideIcon,
    _Style.ToolButtonTextUnderIcon,
    _Style.ToolButtonIconOnly,
)
"""The widest first."""


class ToolBar(QToolBar):
    """Shows every action, however narrow the window is; tips say what pictures do not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tool_bar")
        self.setMovable(False)
        self.setToolButtonStyle(_STYLES[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the widest style that fits."""
        super().resizeEvent(event)
        for style in _STYLES:
            self.setToolButtonStyle(style)
            if self.sizeHint().width() <= self.width():
                break
