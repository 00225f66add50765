"""A folder of things that can be made again: each under its own name once it is complete.

A process that is killed leaves nothing half made under such a name. What was not used for longest
is thrown away when there is too much.
"""

import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.volume import ArrayLike

LARGEST_CACHE_BYTES = 8 * 2**30
_ABANDONED_S = 24 * 3600
_PART = ".part"
_VALUES = "values.npy"
_SLAB_BYTES = 64 * 2**20


def make_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write into a temporary folder, which then takes its name.

    If another process was faster, its folder stays. Whatever ``fill`` raises leaves nothing behind.
    """
    part = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}{_PART}")
    part.mkdir(parents=True)
    try:
        fill(part)
        with suppress(OSError):
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def mark_used(folder: Path) -> None:
    """Keep a folder longer than those that were used before."""
    with suppress(OSError):
        os.utime(folder)


def cache_bytes(cache: Path) -> int:
    """Return how much disk a cache takes."""
    if not cache.is_dir():
        return 0
    return sum(file.stat().st_size for file in cache.glob("*/*") if file.is_file())


def trim_cache(cache: Path, largest_bytes: int = LARGEST_CACHE_BYTES) -> None:
    """Throw away the folders used longest ago until the rest is small enough.

    Temporary folders go after a day. What cannot be removed (a file that another program has open)
    stays.
    """
    if not cache.is_dir():
        return
    now = time.time()
    kept: list[tuple[float, int, Path]] = []
    for folder in (path for path in cache.iterdir() if path.is_dir()):
        used = folder.stat().st_mtime
        if folder.suffix != _PART:
            kept.append((used, sum(file.stat().st_size for file in folder.iterdir()), folder))
        elif now - used > _ABANDONED_S:
            shutil.rmtree(folder, ignore_errors=True)
    total = sum(size for _, size, _ in kept)
    for _, size, folder in sorted(kept):
        if total <= largest_bytes:
            break
        shutil.rmtree(folder, ignore_errors=True)
        total -= size


def unpacked(values_ZYX: ArrayLike, folder: Path, report: Report = ignore) -> np.ndarray:
    """Return a memory map of an array's values, written to ``folder`` the first time.

    Raises
    ------
    OSError
        If the disk is full or refuses.
    """

    def fill(part: Path) -> None:
        shape = values_ZYX.shape
        target = np.lib.format.open_memmap(part / _VALUES, "w+", values_ZYX.dtype, shape)
        planes = max(1, _SLAB_BYTES // max(1, target[0].nbytes))
        for start in range(0, shape[0], planes):
            report(Progress(text="Unpacking labels", fraction=start / shape[0]))
            target[start : start + planes] = values_ZYX[start : start + planes]
        target.flush()

    if not (folder / _VALUES).is_file():
        make_folder(folder, fill)
    mark_used(folder)
    return np.load(folder / _VALUES, mmap_mode="r")
