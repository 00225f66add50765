"""A volume averaged by 2, and by 2 again, …: small copies of what is too large to look at whole.

Levels are float16 (three digits, ample to look at) in a folder of ``.npy`` files. A folder appears
under its name only once it is complete, so a process that is killed leaves nothing half made.
"""

import math
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.grid import average, coarse_shape
from sxtstudio.core.volume import LacArray

FACTOR = (2, 2, 2)
SMALLEST_EDGE = 64
"""The last level is the first whose longest edge is not longer."""
LARGEST_CACHE_BYTES = 8 * 2**30
_SLAB_BYTES = 64 * 2**20
_ABANDONED_S = 24 * 3600
_PART = ".part"
_LARGEST = np.finfo(np.float16).max


@dataclass(frozen=True, kw_only=True, eq=False)
class Pyramid:
    """``levels[i]`` is averaged over blocks of 2^(i+1) voxels an edge; memory maps of float16."""

    levels: tuple[np.ndarray, ...]

    def plane(self, axis: int, index: int, shape: tuple[int, int, int]) -> np.ndarray:
        """Return the plane of a volume of this shape as the finest level knows it, float32."""
        level = self.levels[0]
        coarse = np.asarray(level[(slice(None),) * axis + (index // 2,)], np.float32)
        rows, columns = (n for i, n in enumerate(shape) if i != axis)
        return np.repeat(np.repeat(coarse, 2, axis=0), 2, axis=1)[:rows, :columns]

    def level_within(self, voxels: int) -> tuple[np.ndarray, int]:
        """Return the finest level of at most so many voxels (else the coarsest), and its factor."""
        for number, level in enumerate(self.levels, start=1):
            if level.size <= voxels:
                return level, 2**number
        return self.levels[-1], 2 ** len(self.levels)


def open_pyramid(folder: Path) -> Pyramid | None:
    """Return the pyramid that a folder holds, None if there is none or it is damaged."""
    paths = sorted(folder.glob("level*.npy"))
    try:
        levels = tuple(np.load(path, mmap_mode="r") for path in paths)
    except (OSError, ValueError):
        return None
    with suppress(OSError):
        os.utime(folder)  # the cache throws away what was not looked at for longest
    return Pyramid(levels=levels) if levels else None


def build_pyramid(lac_ZYX: LacArray, folder: Path, report: Report = ignore) -> Pyramid:
    """Build the pyramid of a tomogram in ``folder``, reading it once, a slab at a time.

    Raises
    ------
    OSError
        If the disk is full or refuses; nothing stays behind then, nor after `Cancelled`.
    """
    part = folder.with_name(f"{folder.name}.{os.getpid()}{_PART}")
    part.mkdir(parents=True, exist_ok=True)
    try:
        shape = (lac_ZYX.shape[0], lac_ZYX.shape[1], lac_ZYX.shape[2])
        levels = _new_levels(part, shape)
        _fill_first(lac_ZYX, levels[0], report)
        for finer, level in pairwise(levels):
            level[:] = average(finer, FACTOR)
        for level in levels:
            level.flush()
        del levels
        with suppress(OSError):  # another process has just built the same one
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    built = open_pyramid(folder)
    if built is None:
        raise OSError(f"{folder}: the pyramid cannot be read back")
    return built


def _new_levels(folder: Path, shape: tuple[int, int, int]) -> list[np.memmap]:
    levels: list[np.memmap] = []
    while not levels or max(shape) > SMALLEST_EDGE:
        shape = coarse_shape(shape, FACTOR)
        path = folder / f"level{len(levels) + 1}.npy"
        level = np.lib.format.open_memmap(path, "w+", np.float16, shape)
        levels.append(level)
    return levels


def _fill_first(lac_ZYX: LacArray, level: np.ndarray, report: Report) -> None:
    plane_bytes = 4 * math.prod(lac_ZYX.shape[1:])
    planes = 2 * max(1, _SLAB_BYTES // (2 * plane_bytes))
    for start in range(0, len(lac_ZYX), planes):
        report(Progress(text="Making small copies", fraction=start / len(lac_ZYX)))
        mean = average(np.asarray(lac_ZYX[start : start + planes]), FACTOR)
        level[start // 2 : start // 2 + len(mean)] = mean.clip(-_LARGEST, _LARGEST)


def trim_cache(cache: Path, largest_bytes: int = LARGEST_CACHE_BYTES) -> None:
    """Throw away the folders used longest ago until the cache is small enough, and abandoned ones.

    What cannot be removed (a file that another program still has open) stays.
    """
    if not cache.is_dir():
        return
    now = time.time()
    kept: list[tuple[float, int, Path]] = []
    for folder in (path for path in cache.iterdir() if path.is_dir()):
        used = folder.stat().st_mtime
        if folder.suffix == _PART:
            if now - used > _ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)
            continue
        kept.append((used, sum(file.stat().st_size for file in folder.iterdir()), folder))
    total = sum(size for _, size, _ in kept)
    for _, size, folder in sorted(kept):
        if total <= largest_bytes:
            break
        shutil.rmtree(folder, ignore_errors=True)
        total -= size
