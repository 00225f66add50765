"""The frame around each view: its colour, name, a line of text, buttons to make room for it."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.gui.theme import icon, tones

_ICON_PX = 16
_EDGE_PX, _ROUND_PX = 2, 4


class PositionLabel(QLabel):
    """Ends in "…" where there is no room for all: half a number would be read as another."""

    @property
    def seen(self) -> str:
        """As much of the text as there is room for."""
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what there is room for."""
        event.accept()
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            self.isEnabled(),
            self.seen,
            self.foregroundRole(),
        )
        painter.end()


class Panel(QFrame):
    """A titled frame; what it shows goes into ``body``.

    The button that undocks it is shown once somebody can undock it.
    """

    maximise_wanted = Signal()
    undock_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(f"{name} view")
        self.name = name
        self._position = PositionLabel()
        self._position.setObjectName("panelPosition")
        # Words never keep a view from being made small.
        self._position.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button, self._undock = QToolButton(), QToolButton()
        for button, wanted in (
            (self._button, self.maximise_wanted),
            (self._undock, self.undock_wanted),
        ):
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.clicked.connect(wanted)
        self._undock.hide()
        self.set_maximised(False)
        self.body = QWidget()
        layout = QVBoxLayout(self)
        inside = 2 * _EDGE_PX
        layout.setContentsMargins(inside, inside, inside, inside)
        layout.setSpacing(0)
        layout.addWidget(self._header())
        layout.addWidget(self.body, stretch=1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the edge in the colour that the theme gives the view."""
        super().paintEvent(event)
        look = tones()
        colour = {"XY": look.xy, "XZ": look.xz, "YZ": look.yz}.get(self.name, look.space)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour), _EDGE_PX))
        half = _EDGE_PX / 2
        edge = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(edge, _ROUND_PX - half, _ROUND_PX - half)
        painter.end()

    def set_position(self, text: str) -> None:
        """Say where the view stands."""
        self._position.setText(text)
        self._position.setToolTip(text)

    @property
    def position(self) -> str:
        """Where the view stands, in words."""
        return self._position.text()

    def set_maximised(self, maximised: bool) -> None:
        """Let the button offer what it would do next."""
        word = "Restore" if maximised else "Maximise"
        self._button.setIcon(icon(word.lower()))
        self._button.setToolTip(f"{word} this view (double click)")
        self._button.setAccessibleName(f"{word} {self.name} view")

    def set_undocked(self, undocked: bool) -> None:
        """Let the other button offer a window of its own, or the way back."""
        words = "Put this view back" if undocked else "Show this view in a window of its own"
        self._undock.setIcon(icon("dock" if undocked else "undock"))
        self._undock.setToolTip(words)
        self._undock.setAccessibleName(f"{'Dock' if undocked else 'Undock'} {self.name} view")
        self._undock.show()
        self._button.setVisible(not undocked)

    def _header(self) -> QWidget:
        name = QLabel(self.name)
        name.setObjectName("panelName")
        name.setProperty("view", self.name)
        header = QWidget()
        header.setObjectName("panelHeader")
        row = QHBoxLayout(header)
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(10)
        row.addWidget(name)
        row.addWidget(self._position, stretch=1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self._undock)
        buttons.addWidget(self._button)
        row.addLayout(buttons)
        return header
