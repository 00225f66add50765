"""Work of seconds in a thread pool; its result comes back to the window's thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from sxtstudio.core.errors import SxtError

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Work(Generic[ResultT]):
    """What to do, and what to do afterwards in the window's thread."""

    function: Callable[[], ResultT]
    done: Callable[[ResultT], None]
    failed: Callable[[SxtError], None]


class Background(QObject):
    """Runs functions in a thread pool.

    The functions must not touch a project or a widget: those belong to the window's thread.
    An `SxtError` reaches ``failed``; anything else is a bug and is raised in the window's thread.
    With ``one_thread`` all of them run in the same one, in their order.
    """

    busy_changed = Signal(bool)
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None, *, one_thread: bool = False) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        if one_thread:
            self._pool.setMaxThreadCount(1)
            self._pool.setExpiryTimeout(-1)
        self._running: set[_Work] = set()
        self._ended.connect(self._hand_over)

    @property
    def busy(self) -> bool:
        """Whether something is still being worked on."""
        return bool(self._running)

    def run(
        self,
        function: Callable[[], ResultT],
        done: Callable[[ResultT], None],
        failed: Callable[[SxtError], None],
    ) -> None:
        """Start ``function``; ``done`` or ``failed`` is called later, in this thread."""
        work = _Work(function=function, done=done, failed=failed)
        self._running.add(work)
        self.busy_changed.emit(True)
        self._pool.start(_Task(self, work))

    def close(self) -> None:
        """Wait for what is running and forget its results."""
        self._running.clear()
        self._pool.clear()
        self._pool.waitForDone()

    @Slot(object, object, object)
    def _hand_over(self, work: _Work, result: object, error: Exception | None) -> None:
        if work not in self._running:
            return
        self._running.discard(work)
        self.busy_changed.emit(self.busy)
        if error is None:
            work.done(result)
        elif isinstance(error, SxtError):
            work.failed(error)
        else:
            raise error


class _Task(QRunnable):
    def __init__(self, owner: Background, work: _Work) -> None:
        super().__init__()
        self._owner = owner
        self._work = work

    def run(self) -> None:
        try:
            result, error = self._work.function(), None
        except Exception as caught:  # noqa: BLE001 - handed over to the window's thread, see above
            result, error = None, caught
        self._owner._ended.emit(self._work, result, error)
