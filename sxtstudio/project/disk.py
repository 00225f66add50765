"""Positioned, unbuffered reads and writes on one file, the same on every system."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

PAGE = 4096
"""Bytes that are changed together: no disk sector holds parts of two pages."""

Mode = Literal["read", "change", "create"]

_OPEN_MODES: dict[Mode, Literal["rb", "r+b", "x+b"]] = {
    "read": "rb",
    "change": "r+b",
    "create": "x+b",
}


if sys.platform == "darwin":
    import fcntl

    def _sync(descriptor: int) -> None:
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync stops at the drive's own cache here
        except OSError:  # network drives know only fsync
            os.fsync(descriptor)

else:
    _sync = os.fsync


class Disk:
    """One open file whose bytes are addressed by offset; nothing is buffered in the process.

    Windows has no ``pread``, so every access seeks first: use it from one thread at a time.
    """

    def __init__(self, path: Path, mode: Mode) -> None:
        self._file = path.open(_OPEN_MODES[mode], buffering=0)

    def size(self) -> int:
        """Return the length of the file in bytes."""
        return os.fstat(self._file.fileno()).st_size

    def read_into(self, target: memoryview, offset: int) -> None:
        """Fill ``target``; what lies behind the end of the file reads as zeros."""
        self._file.seek(offset)
        done = 0
        while done < len(target):
            count = self._file.readinto(target[done:])
            if not count:
                target[done:] = bytes(len(target) - done)
                return
            done += count

    def write(self, data: bytes | bytearray | memoryview, offset: int) -> None:
        """Write all of ``data``, growing the file where needed; a gap reads as zeros."""
        view = memoryview(data)
        self._file.seek(offset)
        done = 0
        while done < len(view):
            done += self._file.write(view[done:]) or 0

    def cut(self, size: int) -> None:
        """Make the file ``size`` bytes long."""
        self._file.truncate(size)

    def sync(self) -> None:
        """Return when everything written so far survives a power cut."""
        _sync(self._file.fileno())

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._file.close()


def sync_ahead(path: Path) -> None:
    """Wait until most of what was written to a file so far is on its disk.

    Nothing is promised: a commit that follows has less to wait for, and hears of every error
    itself, because this opens the file on its own.
    """
    with suppress(OSError), path.open("r+b", buffering=0) as file:
        os.fsync(file.fileno())


def read_bytes(disk: Disk, offset: int, length: int) -> bytearray:
    """Return ``length`` bytes; what lies behind the end of the file reads as zeros."""
    data = bytearray(length)
    disk.read_into(memoryview(data), offset)
    return data
