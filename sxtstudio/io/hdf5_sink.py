"""A file for HDF5 to write to that never fails, because HDF5 does not survive a disk that fills.

Once a write has failed, HDF5 cannot close its file, forgets to say so, and ends the process when
the handle is collected. So errors are kept here and raised after HDF5 has closed.
"""

import os
from typing import IO


class HDF5Sink:
    """The file object that h5py writes a new file through (its ``fileobj`` driver).

    After the first ``error``, bytes are kept in memory so that HDF5 reads back what it wrote; the
    caller looks at ``error`` often, stops writing and throws the file away.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.error: OSError | None = None
        self._file = file
        self._at = 0
        self._end = 0
        self._late: list[tuple[int, bytes]] = []

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, counted from the start or, as h5py asks for the length, from the end."""
        self._at = offset + (self._end if whence == os.SEEK_END else 0)
        return self._at

    def tell(self) -> int:
        """Return where the next byte goes."""
        return self._at

    def write(self, data: memoryview) -> int:
        """Write all bytes, or remember why not."""
        content = bytes(data)
        if self.error is None:
            self._try_to_write(content)
        if self.error is not None:
            self._late.append((self._at, content))
        self._at += len(content)
        self._end = max(self._end, self._at)
        return len(content)

    def _try_to_write(self, content: bytes) -> None:
        try:
            self._file.seek(self._at)
            written = 0
            while written < len(content):
                written += self._file.write(content[written:])
        except OSError as error:
            self.error = error

    def readinto(self, room: memoryview) -> int:
        """Read what was written, on the disk or after the error; zeros where nothing was."""
        found = bytearray(len(room))
        self._file.seek(self._at)
        there = self._file.read(len(room))
        found[: len(there)] = there
        for start, content in self._late:
            first, last = max(start, self._at), min(start + len(content), self._at + len(room))
            if first < last:
                found[first - self._at : last - self._at] = content[first - start : last - start]
        room[:] = found
        self._at += len(room)
        return len(room)

    def read(self, count: int) -> bytes:
        """Read as `readinto` does; h5py takes an object with ``read`` for a file."""
        room = bytearray(count)
        self.readinto(memoryview(room))
        return bytes(room)

    def truncate(self, size: int) -> int:
        """Cut or lengthen the file."""
        self._end = size
        try:
            self._file.truncate(size)
        except OSError as error:
            self.error = self.error or error
        return size

    def flush(self) -> None:
        """Do nothing: the file is unbuffered, and who swaps it in syncs it."""
