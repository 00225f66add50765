"""Long reading from and writing to the project for jobs: beside the window, one after the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Cancelled, Event, Report
from sxtstudio.gui.errand import Errand

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Order(Generic[ResultT]):
    """What is to be done for whom; ``failed`` gets None where it was called off."""

    whom: object
    work: Callable[[Report], ResultT]
    done: Callable[[ResultT], None]
    failed: Callable[[Exception | None], None]


class Clerk(QObject):
    """Does one thing at a time in a thread; ``reported`` carries for whom, and an event."""

    reported = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # It does not stand back: the window may wait for a lock that it holds.
        self._errand = Errand(self)
        self._errand.reported.connect(self._pass_on)
        self._errand.ended.connect(self._look_for_cancelled)
        self._line: list[_Order[Any]] = []
        self._current: _Order[Any] | None = None
        self._telling = False

    def do(
        self,
        whom: object,
        work: Callable[[Report], ResultT],
        done: Callable[[ResultT], None],
        failed: Callable[[Exception | None], None],
    ) -> None:
        """Have something done; either ``done`` or ``failed`` is called later, in this thread.

        ``failed`` gets what was raised, a bug as well, or None once it was called off.
        """
        self._line.append(_Order(whom=whom, work=work, done=done, failed=failed))
        self._begin()

    def cancel(self, whom: object) -> None:
        """Call off what is done for somebody: where stopping is safe, or at once while it waits."""
        for order in [it for it in self._line if it.whom is whom]:
            self._line.remove(order)
            order.failed(None)
        if self._current is not None and self._current.whom is whom:
            self._errand.cancel()

    def close(self) -> None:
        """Call everything off and wait until the thread has ended; nobody is told."""
        self._line.clear()
        self._current = None
        self._errand.close()

    @Slot()
    def _begin(self) -> None:
        if self._current is None and self._line and not self._telling:
            order = self._current = self._line.pop(0)
            self._errand.start(lambda report: _attempt(order, report), self._take, self._fail)

    def _take(self, outcome: tuple[object, Exception | None]) -> None:
        result, bug = outcome
        if bug is not None:
            self._fail(bug)
        else:
            self._tell(lambda order: order.done(result))

    def _fail(self, error: Exception | None) -> None:
        self._tell(lambda order: order.failed(error))

    def _tell(self, tell: Callable[[_Order[Any]], None]) -> None:
        order, self._current = self._current, None
        if order is None:
            return
        self._telling = True
        try:
            tell(order)
        finally:
            self._telling = False
            # Later: the errand tells of its end only after this.
            QTimer.singleShot(0, self, self._begin)

    @Slot()
    def _look_for_cancelled(self) -> None:
        self._fail(None)

    @Slot(object)
    def _pass_on(self, event: Event) -> None:
        if self._current is not None:
            self.reported.emit(self._current.whom, event)


def _attempt(order: _Order[ResultT], report: Report) -> tuple[ResultT | None, Exception | None]:
    try:
        return order.work(report), None
    except (Cancelled, SxtError):
        raise
    except Exception as bug:  # noqa: BLE001 - told to whoever ordered it, who raises it again
        return None, bug
