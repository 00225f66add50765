"""Work of seconds in threads of their own; its result comes back to the window's thread."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.gui.mailbox import Mailbox

ResultT = TypeVar("ResultT")

_NICENESS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class _Work(Generic[ResultT]):
    """What to do, and what to do afterwards in the window's thread."""

    function: Callable[[], ResultT]
    done: Callable[[ResultT], None]
    failed: Callable[[SxtError], None]


_Outcome = tuple[_Work, object, Exception | None]


class Background(QObject):
    """Runs functions in threads.

    The functions must not touch a project or a widget: those belong to the window's thread.
    An `SxtError` reaches ``failed``; anything else is a bug and is raised in the window's thread.
    With ``one_thread`` all of them run in the same one, in their order. Those that ``stand_back``
    let the window's thread, and what it waits for, go first where the processors are few.
    """

    busy_changed = Signal(bool)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        one_thread: bool = False,
        stand_back: bool = False,
    ) -> None:
        super().__init__(parent)
        self._one_thread = one_thread
        self._begin = _stand_back if stand_back else None
        self._threads: ThreadPoolExecutor | None = None
        self._running: set[_Work] = set()
        self._mailbox: Mailbox[_Outcome] = Mailbox(self._hand_over, self)

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
        if self._threads is None:
            most = 1 if self._one_thread else os.cpu_count()
            self._threads = ThreadPoolExecutor(most, "background", self._begin)
        self._threads.submit(do_and_post, [work], self._mailbox.slit())

    def close(self) -> None:
        """Wait for what is running and forget its results."""
        self._running.clear()
        self._let_go(wait=True)

    def _let_go(self, *, wait: bool) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=wait, cancel_futures=True)
            self._threads = None

    def _hand_over(self, outcome: _Outcome) -> None:
        work, result, error = outcome
        if work not in self._running:
            return
        self._running.discard(work)
        if not self._running and not self._one_thread:
            self._let_go(wait=False)
        self.busy_changed.emit(self.busy)
        if error is None:
            work.done(result)
        elif isinstance(error, SxtError):
            work.failed(error)
        else:
            raise error


def _stand_back() -> None:
    """Let others go first from now on; threads that this one starts inherit it."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def do_and_post(held: list[_Work], post: Callable[[_Outcome], None]) -> None:
    """Do the work that is ``held`` and post what came of it, without keeping anything of it.

    A thread that lets go of an object of Qt as the last one ends it outside the window's thread.
    """
    post(_outcome(held.pop()))


def _outcome(work: _Work) -> _Outcome:
    try:
        return work, work.function(), None
    except Exception as caught:  # noqa: BLE001 - handed over to the window's thread, see above
        return work, None, caught
