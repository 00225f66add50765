"""Where the window opens: as large as it likes to be, but inside the screen."""

from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtWidgets import QWidget

FRAME = QMargins(2, 32, 2, 4)
"""Room for title and borders; what they really take is only known of a window that is shown."""


def place_on_screen(window: QWidget, wanted: QSize) -> None:
    """Give a window that was never shown its size, and put it into the middle of its screen."""
    window.setGeometry(first_geometry(wanted, window.screen().availableGeometry()))


def first_geometry(wanted: QSize, available: QRect) -> QRect:
    """Return where a window without its frame belongs, so that the frame is on the screen too."""
    room = available.marginsRemoved(FRAME)
    size = wanted.boundedTo(room.size())
    left = room.left() + (room.width() - size.width()) // 2
    top = room.top() + (room.height() - size.height()) // 2
    return QRect(left, top, size.width(), size.height())
