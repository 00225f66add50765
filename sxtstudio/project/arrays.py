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

    ``tell`` hears the number of bytes of each.
    """
    dtype = values.dtype.newbyteorder("<")
    digest = hashlib.sha256()
    for slab in slabs(values.shape):
        part = np.ascontiguousarray(values[slab], dtype=dtype)
        digest.update(part.data)
        tell(part.nbytes)
    return digest.hexdigest()
