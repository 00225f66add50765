"""Long arrays written piece by piece, while other threads read and change the project in between.

An array without a name is seen by nobody: until a transaction links it, all that a reader finds is
the last commit. Somebody else's commit between two pieces makes them durable as well, but still
without a name; only a program that ends just then leaves their bytes unused in the file. What takes
time - reading, packing, waiting for the disk - is done while others may have the file.
"""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

import h5py
import numpy as np

from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.volume import LacArray
from sxtstudio.project.arrays import CHUNK, Attribute, slabs
from sxtstudio.project.disk import sync_ahead
from sxtstudio.project.project_file import ProjectFile

_LEVEL = 1
_SYNCED_BYTES = 8 * 2**20
"""No more than about so much waits for the disk: a commit has to wait for all of it."""

Corner = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class LaidArray:
    """An array that is written, but has no name yet; ``sha256`` is of its values."""

    dataset: h5py.Dataset
    sha256: str

    def link(self, group: h5py.Group, name: str, attributes: Mapping[str, Attribute]) -> None:
        """Give it its name, within a transaction."""
        self.dataset.attrs["sha256"] = self.sha256
        self.dataset.attrs["axes"] = "ZYX" if self.dataset.ndim == 3 else "KZYX"
        for key, value in attributes.items():
            self.dataset.attrs[key] = value
        group[name] = self.dataset


class Aside:
    """What was written without a name so far."""

    def __init__(self, file: ProjectFile, new_bytes: int, report: Report, words: str) -> None:
        self._file = file
        self._opening = file.make_room(new_bytes)
        self._open: list[h5py.Dataset] = []
        self._report = report
        self._words = words
        self._all_bytes, self._done_bytes, self._unsynced_bytes = max(1, new_bytes), 0, 0

    def lay(self, values: np.ndarray | LacArray, *, compressed: bool) -> LaidArray:
        """Write a (…, z, y, x) array in chunks of 64³.

        ``values`` may lie in a file: no more than one slab of 64 sections is in memory at a time.
        Noise does not compress, so tomograms are written plain; label maps take gzip-1.

        Raises
        ------
        ProjectError
            If it cannot be written; nothing was changed.
        """
        dtype = values.dtype.newbyteorder("<")
        z, y, x = (min(CHUNK, length) for length in values.shape[-3:])
        chunk = (z, y, x)
        chunks = (*(1 for _ in values.shape[:-3]), *chunk)
        dataset = self._create(values.shape, dtype, chunks, compressed=compressed)
        digest = hashlib.sha256()
        for slab in slabs(values.shape):
            self._report(Progress(text=self._words, fraction=self._done_bytes / self._all_bytes))
            part_ZYX = np.ascontiguousarray(values[slab], dtype=dtype)
            digest.update(part_ZYX.data)
            *leading, top = (it.start if isinstance(it, slice) else it for it in slab)
            for (z, y, x), chunk_ZYX in _chunks(part_ZYX, chunk):
                raw = chunk_ZYX.reshape(-1).view(np.uint8).data
                data = zlib.compress(raw, _LEVEL) if compressed else raw
                self._write(dataset, (*leading, top + z, y, x), data)
            self._done_bytes += part_ZYX.nbytes
        if self._unsynced_bytes > _SYNCED_BYTES // 8:
            self._sync()
        return LaidArray(dataset=dataset, sha256=digest.hexdigest())

    def _create(
        self, shape: tuple[int, ...], dtype: np.dtype, chunks: tuple[int, ...], *, compressed: bool
    ) -> h5py.Dataset:
        with self._file.piece(self._opening) as root:
            dataset = root.create_dataset(
                None,
                shape=shape,
                dtype=dtype,
                chunks=chunks,
                compression="gzip" if compressed else None,
                compression_opts=_LEVEL if compressed else None,
            )
            self._open.append(dataset)
        return dataset

    def _write(
        self, dataset: h5py.Dataset, place: tuple[int, ...], data: bytes | memoryview
    ) -> None:
        with self._file.piece(self._opening):
            dataset.id.write_direct_chunk(place, data)
        self._unsynced_bytes += len(data)
        if self._unsynced_bytes > _SYNCED_BYTES:
            self._sync()

    def _sync(self) -> None:
        sync_ahead(self._file.path)
        self._unsynced_bytes = 0

    def close(self) -> None:
        """Let go of the arrays; what has no name goes away."""
        with self._file.gate:
            for dataset in self._open:
                if dataset.id.valid:
                    dataset.id.close()
            self._open.clear()


@contextmanager
def aside(
    file: ProjectFile, new_bytes: int, report: Report = ignore, words: str = ""
) -> Iterator[Aside]:
    """Give what writes arrays aside; they must be linked before the block ends.

    ``report`` hears between two pieces how far it is, in these words, and may raise.

    Raises
    ------
    ProjectError
        If the project is read-only, or the disk has no room for so many bytes.
    """
    it = Aside(file, new_bytes, report, words)
    try:
        yield it
    finally:
        it.close()


def _chunks(part_ZYX: np.ndarray, chunk: Corner) -> Iterator[tuple[Corner, np.ndarray]]:
    """Yield the chunks of a part with their first voxels; at the rims they are filled up with 0."""
    starts = (range(0, n, size) for n, size in zip(part_ZYX.shape, chunk, strict=True))
    for z, y, x in product(*starts):
        inside_ZYX = part_ZYX[z : z + chunk[0], y : y + chunk[1], x : x + chunk[2]]
        if inside_ZYX.shape == chunk:
            yield (z, y, x), np.ascontiguousarray(inside_ZYX)
        else:
            whole_ZYX = np.zeros(chunk, part_ZYX.dtype)
            whole_ZYX[tuple(map(slice, inside_ZYX.shape))] = inside_ZYX
            yield (z, y, x), whole_ZYX
