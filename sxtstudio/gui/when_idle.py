"""What ends the work on a project waits until no job runs; running ones are asked about first."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.gui import messages
from sxtstudio.gui.jobs import JobQueue


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
        current = self._jobs.current
        question = (
            f"“{current.title if current else 'A job'}” is still running. A stopped training keeps "
            "what it has learned, and can go on when this project is opened again."
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

    @Slot()
    def _look(self) -> None:
        if self._then is not None and not self._jobs.busy:
            QTimer.singleShot(0, self, self._do)

    def _do(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()
