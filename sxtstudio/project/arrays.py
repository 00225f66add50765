"""Arrays in the project file: the slabs they are read and written by, and their sha256."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import product

import h5py
import numpy as np

from sxtstudio.core.volume import LacArray

CHUNK = 64

Attribute = str | tuple[float, ...]
Slab = tuple[int | slice, ...]


def slabs(shape: tuple[int, ...]) -> Iterator[Slab]:
    """Yield index tuples that cover a (…, z, y, x) array in the order of its bytes."""
    for leading in product(*map(range, shape[:-3])):
        for start in range(0, shape[-3], CHUNK):
            yield (*leading, slice(start, start + CHUNK))


def sha256_of(values: LacArray | h5py.Dataset, tell: Callable[[int], None] = lambda _: None) -> str:
    """Return the sha256 of an array's little-endian bytes, read by slabs.

    ``tell`` hears the number of bytes of each piece that was read.
    """
    dtype = values.dtype.newbyteorder("<")
    digest = hashlib.sha256()
    for slab in slabs(values.shape):
        if isinstance(values, h5py.Dataset):
            part_ZYX = _read_in_rows(values, slab, tell)
        else:
            part_ZYX = np.ascontiguousarray(values[slab], dtype=dtype)
            tell(part_ZYX.nbytes)
        digest.update(part_ZYX.data)
    return digest.hexdigest()


def _read_in_rows(dataset: h5py.Dataset, slab: Slab, tell: Callable[[int], None]) -> np.ndarray:
    """Return a slab, read a row of chunks at a time."""
    _, height, width = dataset.shape[-3:]
    sections = slab[-1]
    assert isinstance(sections, slice)
    depth = len(range(dataset.shape[-3])[sections])
    part_ZYX = np.empty((depth, height, width), dataset.dtype.newbyteorder("<"))
    for start in range(0, height, CHUNK):
        rows = slice(start, start + CHUNK)
        part_ZYX[:, rows] = dataset[(*slab, rows)]
        tell(part_ZYX[:, rows].nbytes)
    return part_ZYX
