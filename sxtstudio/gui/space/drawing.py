"""Pictures and films drawn beside the window: in a thread with a renderer of its own."""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QProgressDialog, QWidget

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Event, Progress, Report
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.jobs_panel import duration_words

_PATIENCE_MS = 600
"""What is drawn sooner shows no progress."""
_NICENESS = 10
_STEPS = 1000
_FORETOLD_FROM_S = 3.0


class Drawing(QObject):
    """One picture or film at a time; ``noted`` and ``failed`` carry sentences."""

    noted = Signal(str)
    failed = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._errand = Errand(self)
        self._errand.reported.connect(self._show)
        self._errand.ended.connect(self._end)
        self._progress: QProgressDialog | None = None
        self._phase = ("", 0.0)

    @property
    def busy(self) -> bool:
        """Whether something is being drawn."""
        return self._errand.running

    def start(self, what: str, path: Path, draw: Callable[[Report], None]) -> None:
        """Draw something into a file; ``what`` is its word in sentences ("picture").

        Raises
        ------
        ProjectError
            If something is being drawn already.
        """
        if self.busy:
            raise ProjectError("A picture or film is being drawn; wait for it, or cancel it.")
        self._phase = ("", 0.0)
        self._progress = self._dialog(f"Drawing the {what} …")

        def work(report: Report) -> bool:
            _stand_back()
            draw(report)
            return True

        self._errand.start(
            work,
            lambda _: self.noted.emit(f"Wrote {path}"),
            lambda error: self.failed.emit(str(error)),
        )

    def close(self) -> None:
        """Break off what is being drawn and wait for the thread."""
        self._errand.close()
        self._end()

    def _dialog(self, words: str) -> QProgressDialog:
        dialog = QProgressDialog(words, "Cancel", 0, _STEPS, self._window)
        dialog.setWindowTitle("SXT Studio")
        dialog.setObjectName("drawing_progress")
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.setMinimumDuration(_PATIENCE_MS)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        dialog.setMinimumWidth(360)
        dialog.canceled.connect(self._errand.cancel)
        return dialog

    @Slot(object)
    def _show(self, event: Event) -> None:
        dialog = self._progress
        if dialog is None or dialog.wasCanceled() or not isinstance(event, Progress):
            return
        if event.text != self._phase[0]:
            self._phase = (event.text, time.monotonic())
        share = event.fraction
        spent_s = time.monotonic() - self._phase[1]
        left = ""
        if share and spent_s > _FORETOLD_FROM_S:
            left = f", about {duration_words(spent_s * (1 - share) / share)} left"
        dialog.setLabelText(f"{event.text} …{left}")
        dialog.setMaximum(0 if share is None else _STEPS)  # without an end the bar runs to and fro
        dialog.setValue(round(_STEPS * (share or 0.0)))

    @Slot()
    def _end(self) -> None:
        if self._progress is not None:
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None


def _stand_back() -> None:
    """Let the window's thread go first; the drawing's own threads inherit this."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
