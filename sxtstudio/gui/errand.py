"""One long function at a time in a thread, with progress, that can be called off."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Cancelled, Event, Report
from sxtstudio.gui.background import Background
from sxtstudio.gui.mailbox import Mailbox

ResultT = TypeVar("ResultT")


class Errand(QObject):
    """Runs a function that takes a report; `reported` repeats its events in this thread.

    ``done`` gets the result, ``failed`` an `SxtError`; `ended` comes after either, and also after
    a function that was cancelled, which has no result.
    """

    reported = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject | None = None, *, stand_back: bool = False) -> None:
        super().__init__(parent)
        self._background = Background(self, stand_back=stand_back)
        self._post = Mailbox[Event](self.reported.emit, self).slit()
        self._cancelled = False

    @property
    def running(self) -> bool:
        """Whether the function still works."""
        return self._background.busy

    def start(
        self,
        function: Callable[[Report], ResultT],
        done: Callable[[ResultT], None],
        failed: Callable[[SxtError], None],
    ) -> None:
        """Start ``function``; the one before must have ended."""
        assert not self.running, "an errand runs one function at a time"
        self._cancelled = False

        def work() -> tuple[ResultT] | None:
            try:
                return (function(self._report),)
            except Cancelled:
                return None

        def hand_over(result: tuple[ResultT] | None) -> None:
            if result is not None:
                done(*result)
            self.ended.emit()

        def complain(error: SxtError) -> None:
            failed(error)
            self.ended.emit()

        self._background.run(work, hand_over, complain)

    def _report(self, event: Event) -> None:
        if self._cancelled:
            raise Cancelled
        self._post(event)

    @property
    def cancelled(self) -> bool:
        """Whether the function was asked to stop; it may have been done already."""
        return self._cancelled

    def cancel(self) -> None:
        """Ask the function to stop where stopping is safe."""
        self._cancelled = True

    def close(self) -> None:
        """Cancel, wait, and forget the result."""
        self.cancel()
        self._background.close()
