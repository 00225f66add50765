"""Arrays in the project file: written and read by slabs, each with its sha256."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import h5py
import numpy as np

from sxtstudio.core.volume import LacArray

CHUNK = 64

Attribute = str | tuple[float, ...]
Slab = tuple[int | slice, ...]


def write_array(
    group: h5py.Group,
    name: str,
    values: np.ndarray | LacArray,
    *,
    compressed: bool,
    attributes: Mapping[str, Attribute],
) -> str:
    """Write a (…, z, y, x) array in chunks of 64³ and return the sha256 of its values.

    ``values`` may lie in a file: no more than one slab of 64 sections is in memory at a time.
    Noise does not compress, so tomograms are written plain; label maps take gzip-1.
    """
    dtype = values.dtype.newbyteorder("<")
    chunk_ZYX = tuple(min(CHUNK, length) for length in values.shape[-3:])
    dataset = group.create_dataset(
        name,
        shape=values.shape,
        dtype=dtype,
        chunks=(1,) * (values.ndim - 3) + chunk_ZYX,
        compression="gzip" if compressed else None,
        compression_opts=1 if compressed else None,
    )
    digest = hashlib.sha256()
    for slab in slabs(values.shape):
        part = np.ascontiguousarray(values[slab], dtype=dtype)
        dataset[slab] = part
        digest.update(part.data)
    dataset.attrs["sha256"] = digest.hexdigest()
    dataset.attrs["axes"] = "ZYX" if values.ndim == 3 else "KZYX"
    for key, value in attributes.items():
        dataset.attrs[key] = value
    dataset.flush()  # h5py would swallow a write error later, when it closes the dataset
    return digest.hexdigest()


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
