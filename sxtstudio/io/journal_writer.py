"""Writing a journal of edits in a thread: on the disk within a second, whatever the disk does.

When the disk is full, or the folder has gone, what was told waits in memory and is tried again
every second; nobody who tells anything waits for it.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sxtstudio.core.edit_log import Entry
from sxtstudio.core.errors import FileError
from sxtstudio.io.edit_journal import JournalHeader, encode, encode_header
from sxtstudio.io.files import sync_folder, system_errors

PAUSE_S = 0.5
"""Time that entries are gathered before they are written together."""
RETRY_S = 1.0


class JournalWriter:
    """Appends what it is told to a file, from a thread of its own.

    The file is made with the first entry. A journal that is there already goes on behind ``end``
    (see `JournalSummary`). ``told`` is called in the thread with a sentence when writing fails and
    with an empty one when it works again.
    """

    def __init__(
        self,
        path: Path,
        header: JournalHeader,
        *,
        end: int = 0,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.path = path
        self._header = header
        self._end = end
        self._made = end > 0
        self._told = told
        self._problem = ""
        self._condition = threading.Condition()
        self._waiting: list[tuple[float, Entry]] = []
        self._unwritten: list[bytes] = []
        self._closing = False
        self._hurry = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why the journal cannot be written just now, empty if it can."""
        return self._problem

    def tell(self, entry: Entry) -> None:
        """Take an entry down; returns at once."""
        with self._condition:
            self._waiting.append((time.time(), entry))
            self._condition.notify_all()

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until all that was told is on the disk; False if that did not come about."""
        until = time.monotonic() + timeout_s
        with self._condition:
            self._hurry = True
            self._condition.notify_all()
            while self._waiting or self._unwritten:
                if not self._condition.wait(until - time.monotonic()):
                    return False
        return True

    def close(self, *, keep: bool) -> bool:
        """Write what waits and end the thread; unless ``keep``, the file goes away.

        Returns whether all that was told is on the disk.
        """
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()
        if not keep:
            with system_errors(self.path, "written"):
                self.path.unlink(missing_ok=True)
        return not self._unwritten

    def _run(self) -> None:
        closing = False
        while not closing:
            closing = self._gather()
            self._write()

    def _gather(self) -> bool:
        """Wait for something to write, and a little longer for more; tell whether to close."""
        with self._condition:
            if not self._unwritten:
                self._condition.wait_for(lambda: self._waiting or self._closing)
            pause_s = RETRY_S if self._unwritten else PAUSE_S
            self._condition.wait_for(lambda: self._closing or self._hurry, pause_s)
            self._hurry = False
            taken, self._waiting = self._waiting, []
            self._unwritten += [b""] * bool(taken)  # `flush` goes on waiting while we encode
            closing = self._closing
        self._unwritten += [encode(entry, at) for at, entry in taken]
        return closing

    def _write(self) -> None:
        if not self._unwritten:
            return
        try:
            self._append(b"".join(self._unwritten))
        except FileError as error:
            self._say(f"{error} The edits are kept in memory until they can be written.")
            return
        with self._condition:
            self._unwritten = []
            self._condition.notify_all()
        self._say("")

    def _append(self, data: bytes) -> None:
        """Write behind the last whole record, and see to it that it is on the disk.

        What a failed attempt wrote is written over: after a failed sync nobody knows what of it is
        on the disk.
        """
        if not self._end:
            data = encode_header(self._header, time.time()) + data
        with system_errors(self.path, "written"):
            handle = os.open(self.path, self._flags(), 0o666)
            try:
                self._made = True
                self._check(handle)
                os.ftruncate(handle, self._end)
                os.lseek(handle, self._end, os.SEEK_SET)
                _write_all(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
            if not self._end:
                sync_folder(self.path.parent)
        self._end += len(data)

    def _flags(self) -> int:
        # A journal that nobody asked to continue is never written over.
        create = 0 if self._made else os.O_CREAT | os.O_EXCL
        return os.O_WRONLY | create | getattr(os, "O_BINARY", 0)

    def _check(self, handle: int) -> None:
        if os.fstat(handle).st_size < self._end:
            raise FileError(
                f"{self.path}: another program has shortened this journal of edits; save a version "
                "to keep the work."
            )

    def _say(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._told(problem)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
