"""A wait that can be called off: what is being done in a thread, how far it is, and Cancel."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Event, Progress, Report
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.fields import text_label

ResultT = TypeVar("ResultT")
_PAUSE_MS = 400
_WIDTH_PX = 420
_STEPS = 1000


class WaitingDialog(QDialog):
    """Comes up if an errand takes longer than a moment; closes when it has ended."""

    def __init__(self, errand: Errand, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("waiting_dialog")
        self.setWindowTitle(words)
        self.cancelled = False
        self._errand = errand
        self.words = text_label("waiting_words", "What is being done", f"{words} …")
        self.bar = QProgressBar()
        self.bar.setObjectName("waiting_progress")
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self.words)
        layout.addWidget(self.bar)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH_PX)
        errand.reported.connect(self._show)
        errand.ended.connect(self._finish)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.open)
        self._pause.start()

    def reject(self) -> None:
        """Wait no longer; what comes of the errand is not wanted any more."""
        self.cancelled = True
        self._errand.cancel()
        super().reject()

    @Slot(object)
    def _show(self, event: Event) -> None:
        if not isinstance(event, Progress):
            return
        if event.text:
            self.words.setText(event.text)
        self.bar.setRange(0, 0 if event.fraction is None else _STEPS)
        self.bar.setValue(round(_STEPS * (event.fraction or 0.0)))

    @Slot()
    def _finish(self) -> None:
        self._pause.stop()
        self.accept()
        self.deleteLater()


def wait_for(
    owner: QObject,
    dialog_parent: QWidget,
    words: str,
    function: Callable[[Report], ResultT],
    done: Callable[[ResultT], None],
    failed: Callable[[SxtError], None],
) -> WaitingDialog:
    """Do something in a thread while a dialog waits; once called off, nothing is told of it.

    ``owner`` is the session, which waits for the thread when it is closed.
    """
    errand = Errand(owner)
    dialog = WaitingDialog(errand, words, dialog_parent)

    def hand_over(result: ResultT) -> None:
        if not dialog.cancelled:
            dialog.hide()
            done(result)

    def complain(error: SxtError) -> None:
        if not dialog.cancelled:
            dialog.hide()
            failed(error)

    errand.ended.connect(errand.deleteLater)
    errand.start(function, hand_over, complain)
    return dialog
