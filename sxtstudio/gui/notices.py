"""The notices of a job: readable one by one, warnings first to the eye."""

from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from sxtstudio.core.events import Notice
from sxtstudio.gui.theme import tones

_MOST_NOTICES = 2000
_SPACE_PX = 5


class NoticeList(QTextEdit):
    """Plain text, a paragraph a notice; the newest is scrolled to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("job_notices")
        self.setAccessibleName("Notices of the job")
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.document().setMaximumBlockCount(_MOST_NOTICES)

    def add(self, notice: Notice) -> None:
        """Write a notice down."""
        paragraph = QTextBlockFormat()
        paragraph.setBottomMargin(_SPACE_PX)
        letters = QTextCharFormat()
        mark = ""
        if notice.level == "warning":
            letters.setForeground(QColor(tones().warning))
            mark = "Note: "
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.document().isEmpty():
            cursor.insertBlock()
        cursor.setBlockFormat(paragraph)
        cursor.insertText(mark + notice.text, letters)
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
