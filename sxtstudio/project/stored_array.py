"""Arrays of a project read chunk by chunk from the file itself, without HDF5, from any thread.

The project's HDF5 file belongs to one thread. But committed bytes never change outside a commit,
and tomograms and label versions never change at all: where their chunks lie is asked once, and
from then on they are plain bytes at known places.
"""

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from itertools import product
from pathlib import Path

import h5py
import numpy as np

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.planes import chunked_slabs
from sxtstudio.io.arrays import Index, LazyArray, foretell

Place = tuple[int, int]
Corner = tuple[int, int, int]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, kw_only=True)
class _Chunks:
    """Where the chunks of a dataset lie: corner (z, y, x) → offset and length in the file."""

    path: Path
    shape: Corner
    dtype: np.dtype
    chunk: Corner
    places: Mapping[Corner, Place]
    compressed: bool


def stored_array(dataset: h5py.Dataset, path: Path) -> LazyArray:
    """Return a dataset of a project as an array that any thread may read.

    Only for the file's own thread to call, after the dataset was committed.
    """
    return _array(dataset, path, _places(dataset).get((), {}))


def stored_fields(dataset: h5py.Dataset, path: Path) -> tuple[LazyArray, ...]:
    """Return each part of a (k, z, y, x) dataset as an array that any thread may read.

    Only for the file's own thread to call, as `stored_array`.
    """
    places = _places(dataset)
    return tuple(_array(dataset, path, places.get((k,), {})) for k in range(dataset.shape[0]))


def _places(dataset: h5py.Dataset) -> dict[tuple[int, ...], dict[Corner, Place]]:
    """Return where chunks lie, by what stands before (z, y, x) in their index."""
    places: dict[tuple[int, ...], dict[Corner, Place]] = {}

    def note(info: h5py.h5d.StoreInfo) -> None:
        *leading, z, y, x = info.chunk_offset
        places.setdefault(tuple(leading), {})[z, y, x] = (info.byte_offset, info.size)

    dataset.id.chunk_iter(note)
    return places


def _array(dataset: h5py.Dataset, path: Path, places: Mapping[Corner, Place]) -> LazyArray:
    z, y, x = dataset.shape[-3:]
    chunk_z, chunk_y, chunk_x = (dataset.chunks or dataset.shape)[-3:]
    chunks = _Chunks(
        path=path,
        shape=(z, y, x),
        dtype=dataset.dtype,
        chunk=(chunk_z, chunk_y, chunk_x),
        places=places,
        compressed=dataset.compression is not None,
    )
    slabs = chunked_slabs(chunks.shape, chunks.chunk, chunks.dtype.itemsize)
    return LazyArray(chunks.shape, chunks.dtype, lambda index: _read(chunks, index), slabs)


def _read(chunks: _Chunks, index: Index) -> np.ndarray:
    ranges = [_range(part, n) for part, n in zip(index, chunks.shape, strict=True)]
    z, y, x = (slice(it.start, max(it.start, it.stop)) for it in ranges)
    box_ZYX = np.zeros([part.stop - part.start for part in (z, y, x)], chunks.dtype)
    try:
        with chunks.path.open("rb", buffering=0) as file:
            overlaps = list(_overlaps(chunks, (z, y, x)))
            corners = (corner for corner, _, _ in overlaps)
            foretell(file, (chunks.places[it] for it in corners if it in chunks.places))
            # One buffer for all chunks: a new one each costs more than reading into it.
            room = memoryview(bytearray(math.prod(chunks.chunk) * chunks.dtype.itemsize))
            for corner, inside, target in overlaps:
                box_ZYX[target] = _read_chunk(chunks, file, corner, inside, room)
    except (OSError, zlib.error, ValueError) as error:
        raise ProjectError(
            f"{chunks.path}: values cannot be read ({error}). Check the project, and restore it "
            "from a backup if it is damaged."
        ) from error
    steps = tuple(
        0 if isinstance(part, int) else slice(None, None, it.step)
        for part, it in zip(index, ranges, strict=True)
    )
    return box_ZYX[steps]


def _range(part: int | slice, length: int) -> range:
    if isinstance(part, slice):
        return range(*part.indices(length))
    if not -length <= part < length:
        raise IndexError(f"index {part} is out of range for {length} voxels")
    return range(part % length, part % length + 1)


def _overlaps(chunks: _Chunks, box: Box) -> Iterator[tuple[Corner, Box, Box]]:
    """Yield each chunk that a box meets: its corner, the part of it, and the part of the box."""
    starts = [
        range(part.start // size * size, part.stop, size)
        for part, size in zip(box, chunks.chunk, strict=True)
    ]
    for z, y, x in product(*starts):
        corner = (z, y, x)
        inside: list[slice] = []
        target: list[slice] = []
        for first, part, size in zip(corner, box, chunks.chunk, strict=True):
            low, high = max(first, part.start), min(first + size, part.stop)
            inside.append(slice(low - first, high - first))
            target.append(slice(low - part.start, high - part.start))
        yield (z, y, x), (inside[0], inside[1], inside[2]), (target[0], target[1], target[2])


def _read_chunk(
    chunks: _Chunks, file: FileIO, corner: Corner, inside: Box, room: memoryview
) -> np.ndarray:
    """Return a part of a chunk, perhaps in ``room``; chunks that were never written are zeros."""
    place = chunks.places.get(corner)
    if place is None:
        return np.zeros([part.stop - part.start for part in inside], chunks.dtype)
    offset, length = place
    if chunks.compressed:
        whole = zlib.decompressobj().decompress(
            _read_bytes(file, offset, memoryview(bytearray(length))), len(room)
        )
        return np.frombuffer(whole, chunks.dtype).reshape(chunks.chunk)[inside]
    # Sections of a chunk lie one after the other: only those that are wanted are read.
    section = math.prod(chunks.chunk[1:]) * chunks.dtype.itemsize
    z = inside[0]
    wanted = room[: (z.stop - z.start) * section]
    raw = _read_bytes(file, offset + z.start * section, wanted)
    sections = np.frombuffer(raw, chunks.dtype).reshape(-1, *chunks.chunk[1:])
    return sections[:, inside[1], inside[2]]


def _read_bytes(file: FileIO, offset: int, room: memoryview) -> memoryview:
    file.seek(offset)
    done = 0
    while done < len(room):
        count = file.readinto(room[done:])
        if not count:
            raise ValueError(f"{len(room) - done} bytes are missing at {offset + done}")
        done += count
    return room
