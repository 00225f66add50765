"""Letting go of the memory of files that were read."""

import sys
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.io.arrays import lazy_lac, slabs
from sxtstudio.io.memory import forget_pages

SHAPE = (64, 256, 256)


def resident_file_bytes() -> int:
    """Return how much of mapped files counts as memory of this process."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("RssFile:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("this system tells no RssFile")


@pytest.fixture
def mapped(tmp_path: Path) -> np.ndarray:
    """Return a memory map of 16 MiB of numbers."""
    path = tmp_path / "values.npy"
    values = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
    np.save(path, values, allow_pickle=False)
    return np.load(path, mmap_mode="r")


def test_what_was_written_before_pages_were_forgotten_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "written.npy"
    written = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(9, 50, 60))
    for z in range(9):
        written[z] = z
        forget_pages(written)

    assert np.array_equal(written[:, 3, 4], np.arange(9))
    del written
    assert np.array_equal(np.load(path)[:, 3, 4], np.arange(9))


def test_a_map_that_copies_on_writing_keeps_its_changes(tmp_path: Path) -> None:
    path = tmp_path / "values.npy"
    np.save(path, np.zeros((4, 5, 6)), allow_pickle=False)
    changed = np.load(path, mmap_mode="c")
    changed[2] = 7

    forget_pages(changed)

    assert (changed[2] == 7).all()


def test_an_array_in_memory_is_left_alone() -> None:
    values = np.ones((3, 4, 5))

    forget_pages(values)
    forget_pages(None)

    assert values.sum() == 60


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what of a file is resident")
def test_looking_through_a_mapped_file_leaves_nothing_of_it_in_memory(mapped: np.ndarray) -> None:
    before = resident_file_bytes()
    total = sum(float(slab.sum(dtype=np.float64)) for slab in slabs(mapped))
    lazy = lazy_lac(mapped, 1.0)
    planes = sum(float(lazy[z : z + 8].sum(dtype=np.float64)) for z in range(0, 64, 8))

    assert total == planes == pytest.approx(mapped.size * (mapped.size - 1) / 2)
    assert resident_file_bytes() - before < mapped.nbytes / 4
