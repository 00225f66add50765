"""Work of seconds in a thread pool; its result comes back to the window's thread."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal, Slot

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
        # A QRunnable of Python's now and then outlives its run, with all it holds; a call does not.
        self._pool.start(partial(self._do, work))

    def close(self) -> None:
        """Wait for what is running and forget its results."""
        self._running.clear()
        self._pool.clear()
        self._pool.waitForDone()

    def _do(self, work: _Work) -> None:
        try:
            result, error = work.function(), None
        except Exception as caught:  # noqa: BLE001 - handed over to the window's thread, see above
            result, error = None, caught
        self._ended.emit(work, result, error)

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
