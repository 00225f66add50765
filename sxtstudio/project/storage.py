"""Transactions for one file, under h5py's Python file-object driver, without a second file.

The invariant: on disk, the pages that hold committed bytes never change outside `Store.commit`.
Until then changed pages wait in memory, and new data goes behind them at once. A commit

1. syncs the new data: a power cut could otherwise keep the journal and lose what it stands for,
2. writes a journal (`sxtstudio.project.journal`) with the changed pages behind all data,
3. syncs: from here on the commit holds,
4. writes the pages to their places and syncs,
5. cuts the journal off.

Opening finishes a commit that was cut off in step 4 or 5, and takes no notice of anything else
behind the committed end. A reader that knows nothing of this sees an ordinary file at all times but
those few milliseconds.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sxtstudio.project import journal
from sxtstudio.project.disk import PAGE, Disk, read_bytes

LengthOf = Callable[[Disk], int]


def whole_file(disk: Disk) -> int:
    """Take everything in a file for committed: the length of a file that no one cut off."""
    return disk.size()


class Store(io.RawIOBase):
    """A file with `commit`: either all changes since the last one are durable, or none is.

    HDF5 does not get over a failed write: h5py swallows the error where it closes a dataset, so
    that a flush reports success, and HDF5 2.0 may crash the program later. So HDF5 is never told.
    The first error is remembered, from then on nothing is written, and `commit` raises it.

    Parameters
    ----------
    disk
        The file; it belongs to the store from now on and is closed with it.
    length_of
        Tells how many bytes of a file without journal are committed; the rest is what an
        unfinished transaction left behind.
    read_only
        A commit that was cut off is then completed in memory, and the file never touched.
    """

    def __init__(
        self, disk: Disk, *, length_of: LengthOf = whole_file, read_only: bool = False
    ) -> None:
        super().__init__()
        self._disk = disk
        self._read_only = read_only
        self._pages: dict[int, bytearray] = {}
        self._position = 0
        self._error: BaseException | None = None
        self._abandoned = False
        unfinished = journal.find(disk)
        size = unfinished.size if unfinished else min(length_of(disk), disk.size())
        if unfinished and read_only:
            self._pages = {
                patch.offset // PAGE: bytearray(patch.data.ljust(PAGE, b"\0"))
                for patch in unfinished.patches
            }
        elif unfinished:
            journal.apply(disk, unfinished)
            disk.sync()
        if not read_only and disk.size() > size:
            disk.cut(size)
            disk.sync()
        self._start_transaction(size)

    def _start_transaction(self, size: int) -> None:
        self._committed = self._end = size
        self._kept = size  # committed bytes from here on were truncated away: they read as zeros
        self._edge = -(-size // PAGE) * PAGE  # behind it, writing touches no committed page

    @property
    def committed_size(self) -> int:
        """Length of the file after the last commit, in bytes."""
        return self._committed

    @property
    def error(self) -> BaseException | None:
        """The first error of the disk; the store then only waits to be abandoned."""
        return self._error

    def readable(self) -> bool:
        """Tell that bytes can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that the position can be set."""
        return True

    def writable(self) -> bool:
        """Tell whether bytes can be written."""
        return not self._read_only

    def tell(self) -> int:
        """Return the position of the next read or write."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Set the position of the next read or write."""
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._end}
        self._position = origins[whence] + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as the file reaches; return the number of bytes."""
        view = memoryview(buffer).cast("B")
        start = self._position
        view = view[: max(0, min(len(view), self._end - start))]
        stop = start + len(view)
        try:
            self._disk.read_into(view, start)
        except BaseException as error:
            self._error = self._error or error
            raise
        hidden = slice(max(start, self._kept) - start, max(start, min(stop, self._edge)) - start)
        if hidden.start < hidden.stop:
            view[hidden] = bytes(hidden.stop - hidden.start)
        for page in self._pages_within(start, stop):
            first, last = max(start, page * PAGE), min(stop, (page + 1) * PAGE)
            view[first - start : last - start] = self._pages[page][
                first - page * PAGE : last - page * PAGE
            ]
        self._position = stop
        return len(view)

    def _pages_within(self, start: int, stop: int) -> list[int]:
        pages = range(start // PAGE, -(-stop // PAGE))
        if len(pages) < len(self._pages):
            return [page for page in pages if page in self._pages]
        return [page for page in self._pages if page in pages]

    def write(self, data: Any, /) -> int:
        """Write all of ``data`` at the position; committed pages change in memory only."""
        self._check_writable()
        view = memoryview(data).cast("B")
        start = self._position
        inside = max(0, min(len(view), self._edge - start))
        if self._listens:
            with self._keeping_errors():
                self._write_pages(view[:inside], start)
                if inside < len(view):
                    self._disk.write(view[inside:], start + inside)
        self._position += len(view)
        self._end = max(self._end, self._position)
        return len(view)

    def _write_pages(self, view: memoryview, start: int) -> None:
        done = 0
        while done < len(view):
            page, first = divmod(start + done, PAGE)
            count = min(PAGE - first, len(view) - done)
            if page not in self._pages:
                self._pages[page] = self._read_committed(page)
            self._pages[page][first : first + count] = view[done : done + count]
            done += count

    def _read_committed(self, page: int) -> bytearray:
        offset = page * PAGE
        length = max(0, min(PAGE, self._kept - offset))
        return read_bytes(self._disk, offset, length).ljust(PAGE, b"\0")

    def truncate(self, size: int | None = None, /) -> int:
        """Make the file ``size`` bytes long; what a later growth uncovers reads as zeros."""
        self._check_writable()
        size = self._position if size is None else size
        if size < self._end and self._listens:
            with self._keeping_errors():
                self._forget_behind(size)
        self._end = size
        return size

    def _forget_behind(self, size: int) -> None:
        self._kept = min(self._kept, size)
        for page in [page for page in self._pages if page * PAGE >= size]:
            del self._pages[page]
        page, first = divmod(size, PAGE)
        if page in self._pages:
            self._pages[page][first:] = bytes(PAGE - first)
        if self._disk.size() > max(size, self._committed):
            self._disk.cut(max(size, self._committed))

    def flush(self) -> None:
        """Do nothing: h5py calls this often, and durability is the business of `commit`."""

    def commit(self) -> None:
        """Make all changes since the last commit durable, or raise `OSError` and make none.

        After an error the store must be abandoned and the file opened again. The last commit is
        what opening finds; only where step 4 failed does it find this one, complete.
        """
        self._check_writable()
        if self._error is not None:
            raise self._error
        if not self._pages and self._end == self._committed:
            return
        start = -(-max(self._end, self._committed) // PAGE) * PAGE
        changes = journal.Journal(size=self._end, patches=tuple(self._patches()))
        try:
            self._write_journal(changes, start)
            journal.apply(self._disk, changes)
            self._disk.sync()
            self._disk.cut(self._end)
        except BaseException as error:
            self._error = error
            raise
        self._pages.clear()
        self._start_transaction(self._end)

    def _patches(self) -> Iterator[journal.Patch]:
        """Yield the pages that will differ from the disk, up to the new end."""
        uncovered = range(self._kept // PAGE, -(-min(self._end, self._edge) // PAGE))
        forgotten = set(uncovered) if self._kept < min(self._end, self._committed) else set[int]()
        for page in sorted(forgotten | self._pages.keys()):
            data = self._pages.get(page) or self._read_committed(page)
            offset = page * PAGE
            if offset < self._end:
                yield journal.Patch(offset=offset, data=bytes(data[: self._end - offset]))

    def _write_journal(self, changes: journal.Journal, start: int) -> None:
        try:
            if self._end > self._edge:
                self._disk.sync()
            self._disk.write(journal.encode(changes, start), start)
            self._disk.sync()
        except BaseException:
            # After a failed sync the system may have dropped written pages, so a journal that still
            # reads well proves nothing: it must go.
            with suppress(OSError):
                self._disk.cut(self._committed)
            raise

    @property
    def _listens(self) -> bool:
        """Whether writes have an effect."""
        return self._error is None and not self._abandoned

    @contextmanager
    def _keeping_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - raised by commit, see the class
            self._error = error

    def _check_writable(self) -> None:
        if self._read_only:
            raise io.UnsupportedOperation("opened read-only")

    def abandon(self) -> None:
        """Drop all changes since the last commit; from now on writes have no effect.

        Called before h5py's file is closed, so that closing it changes nothing.
        """
        self._abandoned = True

    def close(self) -> None:
        """Close the file, cutting off what an unfinished transaction left behind the end.

        After an error the file is left as it is: its journal may be what opening needs.
        """
        if self.closed:
            return
        try:
            if not self._read_only and self._error is None and self._disk.size() > self._committed:
                self._disk.cut(self._committed)
        finally:
            self._disk.close()
            super().close()
