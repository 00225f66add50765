"""The frame around each view: its colour, its name, a line of text, a button to maximise it."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from sxtstudio.gui.theme import icon

_ICON_PX = 16


class Panel(QFrame):
    """A titled frame; what it shows goes into ``body``."""

    maximise_wanted = Signal()

    def __init__(self, name: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(f"{name} view")
        # The frame is this panel's own; the shared style sheet cannot know its colour.
        self.setStyleSheet(f"QFrame#panel {{ border: 2px solid {colour}; }}")
        self.name = name
        self._position = QLabel()
        self._position.setObjectName("panelPosition")
        self._hint = QLabel()
        self._hint.setObjectName("panelHint")
        self._button = QToolButton()
        self._button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._button.clicked.connect(self.maximise_wanted)
        self.set_maximised(False)
        self.body = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(0)
        layout.addWidget(self._header(colour))
        layout.addWidget(self.body, stretch=1)

    def set_position(self, text: str) -> None:
        """Say where the view stands."""
        self._position.setText(text)

    @property
    def position(self) -> str:
        """Where the view stands, in words."""
        return self._position.text()

    def set_hint(self, text: str) -> None:
        """Say something short at the right of the header."""
        self._hint.setText(text)

    def set_maximised(self, maximised: bool) -> None:
        """Let the button offer what it would do next."""
        word = "Restore" if maximised else "Maximise"
        self._button.setIcon(icon(word.lower()))
        self._button.setToolTip(f"{word} this view (double click)")
        self._button.setAccessibleName(f"{word} {self.name} view")

    def _header(self, colour: str) -> QWidget:
        name = QLabel(self.name)
        name.setStyleSheet(f"color: {colour}; font-weight: 700;")
        header = QWidget()
        header.setObjectName("panelHeader")
        row = QHBoxLayout(header)
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(10)
        row.addWidget(name)
        row.addWidget(self._position)
        row.addStretch(1)
        row.addWidget(self._hint)
        row.addWidget(self._button)
        return header
