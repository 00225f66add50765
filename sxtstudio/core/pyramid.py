"""A volume averaged by 2, and by 2 again, …: small copies of what is too large to look at whole.

Levels are float16 (three digits, ample to look at) in a folder of ``.npy`` files, see
`sxtstudio.core.volume_cache`.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.grid import average, coarse_shape
from sxtstudio.core.volume import LacArray
from sxtstudio.core.volume_cache import make_folder, mark_used

FACTOR = (2, 2, 2)
SMALLEST_EDGE = 64
"""The last level is the first whose longest edge is not longer."""
_SLAB_BYTES = 64 * 2**20
_ROUGH_VOXELS = 2**24
_SKETCHED_SECTIONS = 32
_SKETCHED_EDGE = 256
_LARGEST = np.finfo(np.float16).max


@dataclass(frozen=True, kw_only=True, eq=False)
class Pyramid:
    """``levels[i]`` is averaged over blocks of 2^(i+1) voxels an edge; memory maps of float16.

    ``rough`` is a level in memory: what can be drawn without waiting for a disk.
    """

    levels: tuple[np.ndarray, ...]
    rough: np.ndarray

    def plane(self, axis: int, index: int, shape: tuple[int, int, int]) -> np.ndarray:
        """Return the plane of a volume of this shape as ``rough`` knows it, float32."""
        level = self.rough
        steps = [max(1, round(n / m)) for n, m in zip(shape, level.shape, strict=True)]
        at = min(index // steps[axis], level.shape[axis] - 1)
        coarse = np.asarray(level[(slice(None),) * axis + (at,)], np.float32)
        rows, columns = (i for i in range(3) if i != axis)
        wide = np.repeat(np.repeat(coarse, steps[rows], axis=0), steps[columns], axis=1)
        return wide[: shape[rows], : shape[columns]]

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
    mark_used(folder)
    if not levels:
        return None
    rough = next((level for level in levels if level.size <= _ROUGH_VOXELS), levels[-1])
    return Pyramid(levels=levels, rough=np.array(rough))


def sketch(lac_ZYX: LacArray, report: Report = ignore) -> Pyramid:
    """Return a rough stand-in from a few whole sections: what a cold disk gives within seconds."""
    step_z = max(1, len(lac_ZYX) // _SKETCHED_SECTIONS)
    step = max(1, max(lac_ZYX.shape[1:]) // _SKETCHED_EDGE)
    sections: list[np.ndarray] = []
    for start in range(0, len(lac_ZYX), step_z):
        report(Progress(text="Sketching", fraction=start / len(lac_ZYX)))
        at = min(start + step_z // 2, len(lac_ZYX) - 1)
        section = np.asarray(lac_ZYX[at : at + 1])
        sections.append(average(section, (1, step, step)).clip(-_LARGEST, _LARGEST))
    rough = np.concatenate(sections).astype(np.float16)
    return Pyramid(levels=(rough,), rough=rough)


def build_pyramid(lac_ZYX: LacArray, folder: Path, report: Report = ignore) -> Pyramid:
    """Build the pyramid of a tomogram in ``folder``, reading it once, a slab at a time.

    Raises
    ------
    OSError
        If the disk is full or refuses; nothing stays behind then, nor after `Cancelled`.
    """

    def fill(part: Path) -> None:
        levels = _new_levels(part, (lac_ZYX.shape[0], lac_ZYX.shape[1], lac_ZYX.shape[2]))
        _fill_first(lac_ZYX, levels[0], report)
        for finer, level in pairwise(levels):
            level[:] = halved(finer)
        for level in levels:
            level.flush()

    make_folder(folder, fill)
    built = open_pyramid(folder)
    if built is None:
        raise OSError(f"{folder}: the pyramid cannot be read back")
    return built


def halved(values_ZYX: np.ndarray) -> np.ndarray:
    """Return the mean over blocks of 2³ voxels, float32; blocks cut off count what they have.

    The same as `sxtstudio.core.grid.average` by 2, and six times as fast.
    """
    result = values_ZYX
    for axis in range(3):
        before = (slice(None),) * axis
        even, odd = (*before, slice(0, None, 2)), (*before, slice(1, None, 2))
        sums = np.array(result[even], np.float32)
        pairs = (*before, slice(result.shape[axis] // 2))
        sums[pairs] += result[odd]
        sums[pairs] *= np.float32(0.5)
        result = sums
    return result


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
        mean = halved(np.asarray(lac_ZYX[start : start + planes]))
        level[start // 2 : start // 2 + len(mean)] = mean.clip(-_LARGEST, _LARGEST)
