"""What goes on beside the window, with progress: a picture, a film, an export, a check."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QProgressDialog, QWidget

from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.events import Event, Notice, Progress, Report
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.jobs_panel import duration_words

ResultT = TypeVar("ResultT")

_PATIENCE_MS = 600
"""What is written sooner shows no progress."""
_STEPS = 1000
_FORETOLD_FROM_S = 3.0


class FileErrand(QObject):
    """Writes or reads one file at a time; ``noted`` and ``failed`` carry sentences.

    ``told`` carries what a format could not hold, a sentence a line.
    """

    noted = Signal(str)
    failed = Signal(str)
    told = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._errand = Errand(self, stand_back=True)
        self._errand.reported.connect(self._show)
        self._errand.ended.connect(self._end)
        self._progress: QProgressDialog | None = None
        self._over = True
        self._phase = ("", 0.0)
        self._notices: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._errand.running

    def start(self, words: str, path: Path, write: Callable[[Report], None]) -> None:
        """Write a file in a thread; ``words`` say what is done until ``write`` reports more.

        Raises
        ------
        ProjectError
            If something is being written already.
        """

        def work(report: Report) -> bool:
            write(report)
            return True

        self.run(words, work, lambda _: self._tell(path))

    def run(
        self, words: str, function: Callable[[Report], ResultT], done: Callable[[ResultT], None]
    ) -> None:
        """Do something in a thread; ``done`` gets its result in this one.

        Raises
        ------
        ProjectError
            If a file is being written already.
        """
        if self.busy:
            raise ProjectError("Another file is being written; wait for it, or cancel it.")
        self._phase, self._notices = ("", 0.0), []
        self._progress = self._dialog(f"{words} …")

        self._over = False

        def finish(result: ResultT) -> None:
            self._over = True
            done(result)

        def fail(error: SxtError) -> None:
            self._over = True
            self.failed.emit(str(error))

        self._errand.start(function, finish, fail)

    def close(self) -> None:
        """Break off what is being written and wait for the thread."""
        self._errand.close()
        self._end()

    def _dialog(self, words: str) -> QProgressDialog:
        dialog = QProgressDialog(words, "Cancel", 0, _STEPS, self._window)
        dialog.setWindowTitle("SXT Studio")
        dialog.setObjectName("file_progress")
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.setMinimumDuration(_PATIENCE_MS)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        dialog.setMinimumWidth(360)
        dialog.canceled.connect(self._errand.cancel)
        return dialog

    def _tell(self, path: Path) -> None:
        self.noted.emit(f"Wrote {path}")
        if self._notices:
            self.told.emit("\n".join(self._notices))

    @Slot(object)
    def _show(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._notices.append(event.text)
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
            if self._progress.wasCanceled() and not self._over:
                self.noted.emit("That was called off; nothing was written.")
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None
