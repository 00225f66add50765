"""The arrays of a cell's file, read as from a stranger: nothing but plain values is followed."""

import hashlib
import zlib
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.volume import ArrayLike
from sxtstudio.io.arrays import slabs
from sxtstudio.io.files import decoder_errors
from sxtstudio.io.hdf5 import CHUNK, LARGEST_CHUNK_BYTES
from sxtstudio.io.memory import check_can_hold, check_ratio
from sxtstudio.library.cell_file import TOMOGRAM, labels_path
from sxtstudio.library.stored import StoredCell

_LAC = (np.dtype("<f4"),)
_GZIP_OVERHEAD = 1024
_LABELS = (np.dtype("u1"), np.dtype("<u2"))


def sha256_of_array(values_ZYX: ArrayLike) -> str:
    """Return the sha256 of an array's values (little-endian, z slowest)."""
    digest = hashlib.sha256()
    dtype = values_ZYX.dtype.newbyteorder("<")
    for slab in slabs(values_ZYX):
        digest.update(np.ascontiguousarray(slab, dtype).data)
    return digest.hexdigest()


def read_lac(path: Path, stored: StoredCell, report: Report = ignore) -> np.ndarray:
    """Return the LAC that lies in a cell's file, verified.

    Raises
    ------
    FileError
        If it is not there, not plain, or not what it was.
    """
    with decoder_errors(path, "cell"), h5py.File(path, "r", locking=False) as file:
        dataset = _plain(file, TOMOGRAM, stored.shape, _LAC, path)
        lac_ZYX = np.empty(stored.shape, np.float32)
        for start in range(0, len(lac_ZYX), CHUNK):
            report(Progress(text=f"Reading {stored.name}", fraction=start / len(lac_ZYX)))
            part = slice(start, min(start + CHUNK, len(lac_ZYX)))
            dataset.read_direct(lac_ZYX, part, part)
    if sha256_of_array(lac_ZYX) != stored.lac_sha256:
        raise _changed(path, "tomogram")
    return lac_ZYX


def read_labels(path: Path, stored: StoredCell, annotation: int) -> np.ndarray:
    """Return the labels of an annotation, verified.

    Raises
    ------
    FileError
        If they are not there, not plain, or not what they were.
    """
    with decoder_errors(path, "cell"), h5py.File(path, "r", locking=False) as file:
        dataset = _plain(file, labels_path(annotation), stored.shape, _LABELS, path)
        labels_ZYX = _inflate(dataset, path)
    if sha256_of_array(labels_ZYX) != stored.annotations[annotation].labels_sha256:
        raise _changed(path, f"labels of annotation {annotation}")
    return labels_ZYX.astype(labels_ZYX.dtype.newbyteorder("="), copy=False)


def _plain(
    file: h5py.File,
    name: str,
    shape: tuple[int, int, int],
    dtypes: tuple[np.dtype[Any], ...],
    path: Path,
) -> h5py.Dataset:
    """Return a dataset whose values lie in the file itself and are what they should be."""
    found = _follow(file, name, path)
    if not isinstance(found, h5py.Dataset) or found.is_virtual or found.external:
        raise _foreign(path, f"/{name} does not lie in it")
    if found.shape != shape or found.dtype not in dtypes or found.chunks is None:
        raise _foreign(path, f"/{name} is {found.dtype} of {found.shape}")
    properties = found.id.get_create_plist()
    filters = [properties.get_filter(i)[0] for i in range(properties.get_nfilters())]
    if filters != ([h5py.h5z.FILTER_DEFLATE] if found.dtype.kind == "u" else []):
        raise _foreign(path, f"/{name} is compressed in another way than ours")
    if prod(found.chunks) * found.dtype.itemsize > LARGEST_CHUNK_BYTES:
        raise _foreign(path, f"/{name} is stored in chunks of more than 64 MiB")
    check_ratio(found.nbytes, found.id.get_storage_size(), path)
    check_can_hold(found.nbytes, path)
    return found


def _follow(file: h5py.File, name: str, path: Path) -> Any:
    found: Any = file
    for part in name.split("/"):
        link: Any = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
        if not isinstance(link, h5py.HardLink):
            raise _foreign(path, f"/{name} does not lie in it")
        found = found[part]
    return found


def _inflate(dataset: h5py.Dataset, path: Path) -> np.ndarray:
    """Read gzip chunks one by one: HDF5 itself would let a small one grow without limit."""
    values_ZYX = np.empty(dataset.shape, dataset.dtype)
    chunk: tuple[int, ...] = dataset.chunks or dataset.shape
    size = prod(chunk) * dataset.dtype.itemsize
    starts = (range(0, n, step) for n, step in zip(dataset.shape, chunk, strict=True))
    for start in product(*starts):
        stored = dataset.id.get_chunk_info_by_coord(start).size
        if not 0 < stored <= size + size // 100 + _GZIP_OVERHEAD:
            raise _foreign(path, f"{dataset.name} has a chunk of {stored} bytes")
        skipped, content = dataset.id.read_direct_chunk(start)
        plain = content if skipped else zlib.decompressobj().decompress(content, size + 1)
        if len(plain) != size:
            raise _foreign(path, f"{dataset.name} has a chunk of another size than it says")
        values = np.frombuffer(plain, dataset.dtype).reshape(chunk)
        box = tuple(
            slice(at, min(at + step, n))
            for at, step, n in zip(start, chunk, dataset.shape, strict=True)
        )
        values_ZYX[box] = values[tuple(slice(0, part.stop - part.start) for part in box)]
    return values_ZYX


def _foreign(path: Path, why: str) -> FileError:
    return FileError(f"{path}: is not built like a cell of SXT Studio ({why}); it is not read.")


def _changed(path: Path, what: str) -> FileError:
    return FileError(
        f"{path}: is damaged (the values of its {what} have changed); copy it again from where it "
        "came."
    )
