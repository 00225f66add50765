"""Whether the values that a file declares can be true, and fit into this machine's memory."""

import ctypes
import mmap
import os
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np

from sxtstudio.core.errors import FileError

LARGEST_SHARE = 0.6
"""Of the memory that is free now, so that the system and the rest of the program stay alive."""
LARGEST_RATIO = 10_000
"""Declared bytes per stored byte; real volumes of a single value compress about 1,000 : 1."""
HARMLESS_BYTES = 64 * 2**20


class _WindowsMemory(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows interface."""

    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "available", "_2", "_3", "_4", "_5")),
        ("_6", ctypes.c_ulonglong),
    )


def available_bytes() -> int:
    """Return how much memory a program can take now without making the machine swap.

    Where the system does not tell (macOS) it is half of what is built in.
    """
    if sys.platform == "win32":
        status = _WindowsMemory(length=ctypes.sizeof(_WindowsMemory))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.available)
    if sys.platform == "linux":
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def check_can_hold(declared_bytes: int, path: Path) -> None:
    """Raise `FileError` if an array of this many bytes would fill the machine's memory."""
    available = available_bytes()
    if declared_bytes > LARGEST_SHARE * available:
        raise FileError(
            f"{path}: holds {_size(declared_bytes)} of values, and only {_size(available)} of "
            "memory are free; close other programs, or crop or bin the volume first."
        )


def check_ratio(declared_bytes: int, stored_bytes: int, path: Path) -> None:
    """Raise `FileError` if a file declares far more than it can hold, even compressed."""
    if declared_bytes > HARMLESS_BYTES and declared_bytes > LARGEST_RATIO * max(stored_bytes, 1):
        raise FileError(
            f"{path}: declares {_size(declared_bytes)} of values but stores only "
            f"{_size(stored_bytes)}; the file is damaged or incomplete."
        )


def _size(count: int) -> str:
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if count >= 1024**power:
            return f"{count / 1024**power:.3g} {unit}"
    return f"{count} bytes"


def forget_pages(values: object) -> None:
    """Let go of the memory that a memory map of a file took, if these values are one.

    They stay readable, what was written is kept, and the system may still hold it for the next
    reader. Else a process that once read all of a large file counts as being as large as that.
    """
    if not isinstance(values, np.memmap):
        return
    mapped = cast("np.memmap[Any, Any]", values)
    if mapped.mode == "c":
        return  # changes of a map that copies on writing are nowhere else
    base: object = mapped
    while isinstance(base, np.ndarray):
        base = cast("object", base.base)
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
