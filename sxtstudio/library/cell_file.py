"""One cell in one file: ordinary HDF5 that closes with a line of checksums.

Any HDF5 program reads ``/tomogram``, ``/annotations/N/labels`` and ``/preview``; ``/record`` is
JSON. Behind the end of the HDF5 data, where its library does not look, stand the place and the
sha256 of the record, and the sha256 of all bytes before. A file that was copied only half has no
such end, and damaged bytes are found before the HDF5 library, which damage can hang or crash, sees
them. Many cells are listed without that library.
"""

import hashlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.io.hdf5 import CHUNK
from sxtstudio.io.hdf5_sink import HDF5Sink
from sxtstudio.library.preview import PREVIEW_SHAPE
from sxtstudio.library.stored import (
    StoredCell,
    content_id,
    stored_from_json,
    stored_to_json,
)

FORMAT = "sxtstudio-cell"
SUFFIX = ".sxtcell"
TOMOGRAM = "tomogram"

_MAGIC = b"SXTCELL1"
_END = struct.Struct("<QQQ32s32s8s")
_PREVIEW_BYTES = int(np.prod(PREVIEW_SHAPE))
_LARGEST_RECORD = 64 * 2**20
_LARGEST_ATTRIBUTE = 60_000
_BLOCK = 8 * 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class CellArrays:
    """The arrays of a cell's file; ``lac_ZYX`` is None where it lies in another file."""

    lac_ZYX: np.ndarray | None
    labels_ZYX: tuple[np.ndarray, ...]
    preview: np.ndarray


@dataclass(frozen=True, kw_only=True)
class _End:
    """The last bytes of the file: where its parts are, and their checksums."""

    record_at: int
    record_bytes: int
    preview_at: int
    record_sha256: bytes
    sha256: bytes


def labels_path(annotation: int) -> str:
    """Return where the labels of an annotation lie in the file."""
    return f"annotations/{annotation}/labels"


def write_cell_file(path: Path, stored: StoredCell, arrays: CellArrays) -> None:
    """Write a new file and return when it would survive a power cut; an `OSError` passes."""
    with path.open("x+b", buffering=0) as raw:
        sink = HDF5Sink(raw)
        with h5py.File(sink, "w", libver=("earliest", "v108")) as file:
            record = _write_parts(file, stored, arrays, sink)
            places = (_offset(file["record"]), len(record), _offset(file["preview"]))
        if sink.error is not None:
            raise sink.error
        raw.seek(0)
        whole = hashlib.file_digest(raw, "sha256").digest()
        end = _END.pack(*places, hashlib.sha256(record).digest(), whole, _MAGIC)
        raw.seek(0, os.SEEK_END)
        if raw.write(end) != len(end):
            raw.write(end)  # a disk that is full says so the second time
        os.fsync(raw.fileno())


def _offset(dataset: Any) -> int:
    return int(dataset.id.get_offset())


def _write_parts(file: h5py.File, stored: StoredCell, arrays: CellArrays, sink: HDF5Sink) -> bytes:
    record = stored_to_json(stored).encode()
    file.create_dataset("record", data=np.frombuffer(record, np.uint8))
    file.create_dataset("preview", data=arrays.preview)
    _write_attributes(file, stored)
    if arrays.lac_ZYX is not None:
        tomogram = _write_array(file, TOMOGRAM, arrays.lac_ZYX, sink)
        tomogram.attrs["voxel_size_um"] = stored.voxel_size_um
        _write_texts(tomogram, {"units": "1/um", "axes": "ZYX"})
    for number, labels_ZYX in enumerate(arrays.labels_ZYX):
        labels = _write_array(file, labels_path(number), labels_ZYX, sink)
        labels.attrs["voxel_size_um"] = stored.voxel_size_um
        facts = stored.annotations[number].facts
        names = ", ".join(f"{value}={name}" for value, name in sorted(facts.names.items()))
        _write_texts(labels, {"class_names": names, "complete": ", ".join(sorted(facts.complete))})
    return record


def _write_attributes(file: h5py.File, stored: StoredCell) -> None:
    texts = {
        "format": FORMAT,
        "id": content_id(stored),
        "name": stored.name,
        "species": stored.species,
        "strain": stored.strain,
        "condition": stored.condition,
        "instrument": stored.instrument,
        "lac_sha256": stored.lac_sha256,
    }
    _write_texts(file, texts)
    file.attrs["schema"] = np.int64(1)
    file.attrs["voxel_size_um"] = stored.voxel_size_um


def _write_texts(holder: Any, texts: Mapping[str, str]) -> None:
    """Write texts for other programs; ours reads the record. HDF5 has no room for long ones."""
    for name, text in texts.items():
        content = text.encode()
        if len(content) <= _LARGEST_ATTRIBUTE:
            kind = h5py.string_dtype("utf-8", max(1, len(content)))
            holder.attrs.create(name, np.array(content, kind))


def _write_array(
    file: h5py.File, name: str, values_ZYX: np.ndarray, sink: HDF5Sink
) -> h5py.Dataset:
    """Write in equal chunks of at most 64³; noise does not shrink, label maps take gzip-1.

    HDF5 stores each chunk whole: with edges of 64, a cell of 72³ voxels would take 128³.
    """
    chunk_ZYX = tuple(-(-n // max(1, -(-n // CHUNK))) or 1 for n in values_ZYX.shape)
    dtype = values_ZYX.dtype.newbyteorder("<")
    dataset = file.create_dataset(
        name,
        values_ZYX.shape,
        dtype,
        chunks=chunk_ZYX,
        compression=1 if dtype.kind == "u" else None,
    )
    for start in range(0, len(values_ZYX), chunk_ZYX[0]):
        if sink.error is not None:
            break
        part = slice(start, start + chunk_ZYX[0])
        dataset[part] = values_ZYX[part]
    return dataset


def read_record(path: Path) -> StoredCell:
    """Return what a cell's file says, reading only its end and its record.

    Raises
    ------
    FileError
        If it is not a cell's file, is incomplete or damaged.
    """
    with path.open("rb") as file:
        end = _read_end(file, path)
        record = _part(file, end.record_at, end.record_bytes)
    if hashlib.sha256(record).digest() != end.record_sha256:
        raise _damage(path, "its record has changed")
    return stored_from_json(record, str(path))


def read_named_record(path: Path) -> StoredCell:
    """Return what a cell's file says, if it is what its name and folder stand for.

    Raises
    ------
    FileError
        As `read_record`, or if it is another cell.
    """
    stored = read_record(path)
    cell_id = content_id(stored)
    if (path.parent.name, path.name) != (cell_id[:2], cell_file_name(cell_id)):
        raise _damage(path, "its content is not the one that its name stands for")
    return stored


def cell_file_name(cell_id: str) -> str:
    """Return the name of a cell's file."""
    return f"{cell_id}{SUFFIX}"


def read_preview(path: Path, stored: StoredCell) -> np.ndarray:
    """Return the small picture, (3, 96, 96) uint8.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    with path.open("rb") as file:
        content = _part(file, _read_end(file, path).preview_at, _PREVIEW_BYTES)
    if hashlib.sha256(content).hexdigest() != stored.preview_sha256:
        raise _damage(path, "its preview has changed")
    return np.frombuffer(content, np.uint8).reshape(PREVIEW_SHAPE).copy()


def check_bytes(path: Path, report: Report = ignore) -> None:
    """Raise `FileError` unless every byte of a cell's file is as it was written."""
    with path.open("rb") as file:
        end = _read_end(file, path)
        length = file.seek(0, os.SEEK_END) - _END.size
        file.seek(0)
        digest = hashlib.sha256()
        for start in range(0, length, _BLOCK):
            digest.update(file.read(min(_BLOCK, length - start)))
            report(Progress(text=f"Verifying {path.name[:12]}…", fraction=start / length))
    if digest.digest() != end.sha256:
        raise _damage(path, "its bytes have changed")


def _read_end(file: IO[bytes], path: Path) -> _End:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size))
    content = file.read(_END.size)
    if len(content) != _END.size or not content.endswith(_MAGIC):
        raise FileError(
            f"{path}: is incomplete, or no cell of SXT Studio; copy it again from where it came."
        )
    fields = _END.unpack(content)
    end = _End(
        record_at=fields[0],
        record_bytes=fields[1],
        preview_at=fields[2],
        record_sha256=fields[3],
        sha256=fields[4],
    )
    room = size - _END.size
    if end.record_at + end.record_bytes > room or end.preview_at + _PREVIEW_BYTES > room:
        raise _damage(path, "its parts lie behind its end")
    if end.record_bytes > _LARGEST_RECORD:
        raise _damage(path, "its record is too large")
    return end


def _part(file: IO[bytes], start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _damage(path: Path, why: str) -> FileError:
    return FileError(f"{path}: is damaged ({why}); copy it again from where it came.")
