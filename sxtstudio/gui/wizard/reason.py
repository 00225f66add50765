"""The sentence beside the wizard's buttons that says why Next is off."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy

from sxtstudio.gui.fields import problem_label


class ReasonPlace(QAbstractButton):
    """A label where a wizard only takes buttons; it cannot be pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("reason_place")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.label = problem_label("reason")
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.addWidget(self.label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        """Show a sentence, or nothing."""
        self.label.setText(text)
        self.label.setToolTip(text)

    def sizeHint(self) -> QSize:
        """Return room for two lines."""
        return QSize(200, 2 * self.fontMetrics().lineSpacing() + 4)

    def minimumSizeHint(self) -> QSize:
        """Return room for two lines."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """Paint nothing: the label is all there is."""
