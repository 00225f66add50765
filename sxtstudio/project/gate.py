"""One thread at a time, in turn: whoever has waited longest goes first."""

import threading
from collections import deque
from types import TracebackType


class Gate:
    """A lock that its owner may take again, and that nobody can take twice past one who waits.

    Python's own locks are not fair: a thread that gives one up and takes it again at once, as
    reading in pieces does, would keep the window's thread waiting until its last piece.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._changed:
            if self._owner != me:
                self._wait()
                self._owner = me
            self._depth += 1

    def _wait(self) -> None:
        ticket = object()
        self._line.append(ticket)
        try:
            self._changed.wait_for(lambda: self._owner is None and self._line[0] is ticket)
        finally:
            self._line.remove(ticket)
            self._changed.notify_all()  # the next in line may be first now

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._depth -= 1
            if not self._depth:
                self._owner = None
                self._changed.notify_all()

    def give_way(self) -> None:
        """Let those go first who wait; only for the owner to call."""
        with self._changed:
            if not self._line:
                return
            depth, self._depth, self._owner = self._depth, 0, None
            self._changed.notify_all()
        self.__enter__()
        self._depth = depth
