"""The file of a journal of edits: what an editor told, record by record, each with a checksum.

After the magic bytes come records: length of the payload, kind, time (seconds since 1970), payload,
CRC-32 of all that. The first record is a JSON `JournalHeader`. Reading ends where a record is cut
off or its checksum is wrong: what a crash left unfinished does no harm to what came before.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sxtstudio.core.edit import Difference
from sxtstudio.core.edit_log import Began, Entry, Named, Redone, Saved, Tally, Undone
from sxtstudio.core.errors import FileError, LabelError
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.region import Box
from sxtstudio.core.volume import VoxelSize
from sxtstudio.io.files import system_errors

MAGIC = b"SXTEDIT1"
_HEAD = struct.Struct("<IBd")
_CHECKSUM = struct.Struct("<I")
_DIFFERENCE = struct.Struct("<6IBI")
_LABEL = struct.Struct("<H")
_HEADER, _BEGAN, _CHANGED, _UNDONE, _REDONE, _SAVED, _NAMED = range(7)
_LONGEST_RECORD = 1 << 28
_QUICK = 1
"""Level of zlib: a stroke is a few kilobytes and must not keep the disk waiting."""


@dataclass(frozen=True, kw_only=True)
class JournalHeader:
    """What the edits of a journal were made on.

    ``cell`` is the id of a cell in its project, ``base`` the label version that was there at first,
    None for empty labels. ``names`` (label value →) are class ids, ``dtype`` uint8 or uint16.
    ``complete`` are the ids of the classes that were drawn everywhere in the base.
    """

    cell: str
    cell_name: str
    base: str | None
    shape: tuple[int, int, int]
    dtype: str
    voxel_size_um: VoxelSize
    names: Mapping[int, str]
    complete: frozenset[str]
    author: str


@dataclass(frozen=True, kw_only=True)
class JournalSummary:
    """What a journal holds: edits that were not saved, when the last one was made, where it ends.

    ``time`` is in seconds since 1970; what lies behind ``end`` (bytes) was cut off.
    """

    header: JournalHeader
    unsaved: int
    time: float
    end: int


def encode_header(header: JournalHeader, time: float) -> bytes:
    """Return the bytes with which a journal begins."""
    return MAGIC + _record(_HEADER, time, to_json(header).encode())


def encode(entry: Entry, time: float) -> bytes:
    """Return the record of an entry."""
    match entry:
        case Began(name=name):
            return _record(_BEGAN, time, name.encode())
        case Difference():
            return _record(_CHANGED, time, _pack(entry))
        case Undone():
            return _record(_UNDONE, time, b"")
        case Redone():
            return _record(_REDONE, time, b"")
        case Saved(version=version):
            return _record(_SAVED, time, version.encode())
        case Named(label=label, class_id=class_id):
            return _record(_NAMED, time, _LABEL.pack(label) + class_id.encode())


def summarise(path: Path) -> JournalSummary:
    """Return what a journal holds, without the labels it was made on.

    Raises
    ------
    FileError
        If the file cannot be read, or is no journal.
    """
    tally, time, end = Tally(), 0.0, 0
    with system_errors(path, "read"), path.open("rb") as file:
        header = _read_header(file, path)
        end = file.tell()
        for time, entry in _entries(file, header):  # noqa: B007 - the last time counts
            try:
                tally.add(entry)
            except LabelError as error:
                raise FileError(f"{path}: {error}") from error
            end = file.tell()
    return JournalSummary(header=header, unsaved=tally.unsaved, time=time, end=end)


def read_entries(path: Path) -> Iterator[Entry]:
    """Yield what a journal holds, from the first edit on.

    Raises
    ------
    FileError
        If the file cannot be read, or is no journal.
    """
    with system_errors(path, "read"), path.open("rb") as file:
        header = _read_header(file, path)
        for _, entry in _entries(file, header):
            yield entry


def _record(kind: int, time: float, payload: bytes) -> bytes:
    body = _HEAD.pack(len(payload), kind, time) + payload
    return body + _CHECKSUM.pack(zlib.crc32(body))


def _read_header(file: BinaryIO, path: Path) -> JournalHeader:
    record = _read_record(file) if file.read(len(MAGIC)) == MAGIC else None
    if record is None or record[0] != _HEADER:
        raise FileError(f"{path}: is not a journal of edits, or it is damaged at its beginning.")
    return from_json(JournalHeader, record[2], str(path))


def _read_record(file: BinaryIO) -> tuple[int, float, bytes] | None:
    """Return kind, time and payload of the next record, None where there is no whole one."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    length, kind, time = _HEAD.unpack(head)
    if length > _LONGEST_RECORD:
        return None
    payload, checksum = file.read(length), file.read(_CHECKSUM.size)
    if len(payload) < length or checksum != _CHECKSUM.pack(zlib.crc32(head + payload)):
        return None
    return kind, time, payload


def _entries(file: BinaryIO, header: JournalHeader) -> Iterator[tuple[float, Entry]]:
    """Yield time and entry up to the first record that cannot be understood."""
    while (record := _read_record(file)) is not None:
        kind, time, payload = record
        entry = _decode(kind, payload, header)
        if entry is None:
            return
        yield time, entry


def _decode(kind: int, payload: bytes, header: JournalHeader) -> Entry | None:
    if kind == _CHANGED:
        return _unpack(payload, header)
    label, name = payload[: _LABEL.size], payload[_LABEL.size :]
    if kind == _NAMED:
        if not name:
            return None
        return Named(label=_LABEL.unpack(label)[0], class_id=name.decode(errors="replace"))
    text = payload.decode(errors="replace")
    simple: dict[int, Entry] = {
        _BEGAN: Began(name=text),
        _UNDONE: Undone(),
        _REDONE: Redone(),
        _SAVED: Saved(version=text),
    }
    return simple.get(kind)


def _pack(difference: Difference) -> bytes:
    count, item = difference.start.size, difference.before.itemsize
    head = _DIFFERENCE.pack(*difference.box.low, *difference.box.high, item, count)
    columns = (difference.start, difference.length, difference.before, difference.after)
    body = b"".join(values.astype(_little(values)).tobytes() for values in columns)
    return head + zlib.compress(body, _QUICK)


def _unpack(payload: bytes, header: JournalHeader) -> Difference | None:
    """Return a difference whose runs lie in its box, and the box in the labels; None otherwise."""
    if len(payload) < _DIFFERENCE.size:
        return None
    z0, y0, x0, z1, y1, x1, item, count = _DIFFERENCE.unpack_from(payload)
    box = Box(low=(z0, y0, x0), high=(z1, y1, x1))
    value = np.dtype(header.dtype).newbyteorder("<")
    if item != value.itemsize or not 0 < count <= box.size or box.within(header.shape) != box:
        return None
    columns = _columns(payload[_DIFFERENCE.size :], count, value)
    if columns is None:
        return None
    start, length, before, after = columns
    stop = start.astype(np.int64) + length
    if length.min() == 0 or stop[-1] > box.size or np.any(stop[:-1] > start[1:]):
        return None
    return Difference(box=box, start=start, length=length, before=before, after=after)


def _columns(data: bytes, count: int, value: np.dtype) -> list[np.ndarray] | None:
    types = (np.dtype("<u4"), np.dtype("<u4"), value, value)
    size = count * sum(kind.itemsize for kind in types)
    unzip = zlib.decompressobj()
    try:
        body = unzip.decompress(data, size + 1)
    except zlib.error:
        return None
    if len(body) != size:
        return None
    columns: list[np.ndarray] = []
    at = 0
    for kind in types:
        values = np.frombuffer(body, kind, count, at)
        columns.append(values.astype(kind.newbyteorder("=")))
        at += values.nbytes
    return columns


def _little(values: np.ndarray) -> np.dtype:
    return values.dtype.newbyteorder("<")
