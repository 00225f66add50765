"""Work whose older results nobody wants any more: only the newest request is answered."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Cancelled, Event, Report
from sxtstudio.gui.background import Background
from sxtstudio.gui.mailbox import Mailbox

ResultT = TypeVar("ResultT")


class Latest(QObject):
    """Runs a function in a thread; a newer request, or `cancel`, ends the older ones.

    The function gets a report that raises `Cancelled` once its result is no longer wanted, and
    `reported` repeats its events in this thread until then.
    """

    reported = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        stand_back: bool = False,
        background: Background | None = None,
    ) -> None:
        """Use threads of one's own, or those of a ``background`` that others use as well."""
        super().__init__(parent)
        self._background = background or Background(self, stand_back=stand_back)
        self._post = Mailbox[Event](self.reported.emit, self).slit()
        self._generation = 0

    def run(
        self,
        function: Callable[[Report], ResultT],
        done: Callable[[ResultT], None],
        failed: Callable[[SxtError], None],
    ) -> None:
        """Start ``function``; unless a newer request comes, ``done`` or ``failed`` is called."""
        self.cancel()
        mine = self._generation

        def report(event: Event) -> None:
            if mine != self._generation:
                raise Cancelled
            self._post(event)

        def work() -> ResultT | None:
            try:
                if mine != self._generation:  # called off while it waited for a thread
                    return None
                return function(report)
            except Cancelled:
                return None

        def hand_over(result: ResultT | None) -> None:
            if mine == self._generation and result is not None:
                done(result)

        def complain(error: SxtError) -> None:
            if mine == self._generation:
                failed(error)

        self._background.run(work, hand_over, complain)

    def cancel(self) -> None:
        """Want no result any more."""
        self._generation += 1

    def close(self) -> None:
        """Cancel and wait until the threads have ended."""
        self.cancel()
        self._background.close()
