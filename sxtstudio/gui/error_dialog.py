"""The dialog of an error: what was wanted, why it did not work, what to do, how to get help."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.gui.diagnostics import source_for
from sxtstudio.gui.error_words import Complaint
from sxtstudio.gui.fields import push_button, text_label

_WIDTH_PX, _DETAILS_PX, _ICON_PX = 560, 220, 36
_COPIED = "Copied"


class ErrorDialog(QDialog):
    """Plain text throughout: what a file says of itself is never read as HTML."""

    def __init__(
        self, told: Complaint, parent: QWidget | None = None, *, bug: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName("message_box")
        self.setWindowTitle("SXT Studio")
        self._told = told
        self.title = text_label("pageTitle", "What did not work", told.title)
        self.cause = _selectable("error_cause", "Why", told.cause)
        self.advice = _selectable("error_advice", "What to do", told.advice)
        self.advice.setStyleSheet("font-weight: 600;")
        self.advice.setVisible(bool(told.advice))
        self.details = QPlainTextEdit(told.details)
        self.details.setObjectName("error_details")
        self.details.setAccessibleName("Details")
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setFixedHeight(_DETAILS_PX)
        self.details.hide()
        self.copy_button = push_button("copy_report_button", "Copy details", "Copy all of this")
        self.bundle_button = push_button(
            "save_bundle_button", "Save diagnostic bundle …", "A zip of text, no image data"
        )
        self.more_button = push_button("show_details_button", "Show details")
        self.more_button.setVisible(bool(told.details))
        self._arrange(bug=bug)
        self.copy_button.clicked.connect(self._copy)
        self.bundle_button.clicked.connect(self._save_bundle)
        self.more_button.clicked.connect(self._show_details)
        self.bundle_button.setEnabled(source_for(parent) is not None)

    def _arrange(self, *, bug: bool) -> None:
        icon = QLabel()
        pixmap = QStyle.StandardPixmap
        kind = pixmap.SP_MessageBoxCritical if bug else pixmap.SP_MessageBoxWarning
        icon.setPixmap(self.style().standardIcon(kind).pixmap(_ICON_PX, _ICON_PX))
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(10)
        for part in (self.title, self.cause, self.advice):
            words.addWidget(part)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(icon)
        top.addLayout(words, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self.accept)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        for button in (self.copy_button, self.bundle_button, self.more_button):
            bottom.addWidget(button)
        bottom.addStretch(1)
        bottom.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(18)
        column.addLayout(top)
        column.addWidget(self.details)
        column.addLayout(bottom)
        self.setFixedWidth(_WIDTH_PX)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setDefault(True)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setFocus()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._told.text)
        self.copy_button.setText(_COPIED)

    @Slot()
    def _save_bundle(self) -> None:
        source = source_for(self.parentWidget())
        if source is not None:
            source.wanted.emit(self._told.text, self)

    @Slot()
    def _show_details(self) -> None:
        shown = not self.details.isVisible()
        self.details.setVisible(shown)
        self.more_button.setText("Hide details" if shown else "Show details")
        self.adjustSize()


def _selectable(name: str, words: str, text: str) -> QLabel:
    label = text_label(name, words, text)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
