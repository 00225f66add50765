"""A window of its own for one view, on another screen where there is one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QScreen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sxtstudio.gui.panel import Panel

_SHARE = 0.7


class UndockedView(QWidget):
    """Holds a panel; ``closed`` when the user shuts the window."""

    closed = Signal()

    def __init__(self, panel: Panel, beside: QWidget) -> None:
        super().__init__(beside, Qt.WindowType.Window)
        self.setObjectName(f"undocked_{panel.name.lower()}")
        self.setWindowTitle(f"{panel.name} – SXT Studio")
        self.panel = panel
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        self._put_on(other_screen(beside))
        panel.show()

    def _put_on(self, screen: QScreen) -> None:
        room = screen.availableGeometry()
        size = room.size() * _SHARE
        self.resize(size)
        self.move(room.center() - self.rect().center())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say so; the panel goes back to the others."""
        event.accept()
        self.closed.emit()


def other_screen(widget: QWidget) -> QScreen:
    """Return a screen that a widget is not on, or its own if there is only one."""
    own = widget.screen()
    return next((it for it in QGuiApplication.screens() if it is not own), own)
