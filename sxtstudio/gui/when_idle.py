"""What ends the work on a project waits until no job runs; running ones are asked about first.

What a job has found is stored before, without a question.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.gui import messages
from sxtstudio.gui.jobs import Job, JobQueue

_STORING = "What was found is still being stored; it goes on as soon as that is done."


class WhenIdle(QObject):
    """Does something once no job is being done or waits; ``noted`` says that one is stopped."""

    noted = Signal(str)

    def __init__(self, window: QWidget, jobs: JobQueue) -> None:
        super().__init__(window)
        self._window = window
        self._jobs = jobs
        self._then: Callable[[], object] | None = None
        jobs.finished.connect(self._look)

    @property
    def waiting(self) -> bool:
        """Whether something is to be done once the jobs have ended."""
        return self._then is not None

    def do(self, then: Callable[[], object]) -> None:
        """Do something now, or once the jobs were stopped, if the user wants that."""
        if self._jobs.only_stores:
            self._then = then
            self.noted.emit(_STORING)
            return
        running = (it for it in self._jobs.jobs if not it.over and it.state != "storing")
        question = (
            f"“{next((it.title for it in running), 'A job')}” is still running. A stopped training "
            "keeps what it has learned, and can go on when this project is opened again."
        )
        if self._jobs.busy and not messages.ask(
            self._window, "A job is running", question, "Stop the job", "Keep it running"
        ):
            return
        if not self._jobs.busy:  # perhaps it has ended while that was asked
            then()
            return
        self._then = then
        self.noted.emit("Stopping the job …")
        self._jobs.cancel_all()

    @Slot(object)
    def _look(self, ended: Job) -> None:
        if ended.unstored and ended.state in ("failed", "crashed"):
            self._then = None  # stay, and say so: the user may want to make room
        if self._then is not None and not self._jobs.busy:
            QTimer.singleShot(0, self, self._do)

    def _do(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()
