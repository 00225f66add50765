"""The redo journal at the end of a file: what a commit is about to write into older places.

A journal is a body of patches (offset, length, bytes), then a trailer: magic, where the body
starts, how long the file will be, the number of patches, CRC-32 of the body, CRC-32 of the trailer.
It counts only if the trailer stands at the very end of the file and everything in it agrees; that
is what makes a commit one atomic event.
"""

import struct
import zlib
from dataclasses import dataclass

from sxtstudio.project.disk import Disk, read_bytes

_MAGIC = b"SXTREDO2"
_TRAILER = struct.Struct("<8sQQQI")
_CHECKSUM = struct.Struct("<I")
_PATCH = struct.Struct("<QQ")
TRAILER_BYTES = _TRAILER.size + _CHECKSUM.size


@dataclass(frozen=True, kw_only=True)
class Patch:
    """Bytes that belong at an offset of the file: a page, or the start of one at the file's end."""

    offset: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Journal:
    """A commit that holds: the length the file will have and the patches within that length."""

    size: int
    patches: tuple[Patch, ...]


def encode(journal: Journal, start: int) -> bytes:
    """Return the journal's bytes, which belong at ``start`` and end the file."""
    pieces: list[bytes] = []
    for patch in journal.patches:
        pieces += (_PATCH.pack(patch.offset, len(patch.data)), patch.data)
    body = b"".join(pieces)
    count = len(journal.patches)
    trailer = _TRAILER.pack(_MAGIC, start, journal.size, count, zlib.crc32(body))
    return body + trailer + _CHECKSUM.pack(zlib.crc32(trailer))


def find(disk: Disk) -> Journal | None:
    """Return the journal of a commit that was cut off, or None where the file has none."""
    end = disk.size()
    if end < TRAILER_BYTES:
        return None
    raw = bytes(read_bytes(disk, end - TRAILER_BYTES, TRAILER_BYTES))
    magic, start, size, count, body_crc = _TRAILER.unpack_from(raw)
    (trailer_crc,) = _CHECKSUM.unpack_from(raw, _TRAILER.size)
    if magic != _MAGIC or zlib.crc32(raw[: _TRAILER.size]) != trailer_crc:
        return None
    if not size <= start <= end - TRAILER_BYTES:
        return None
    body = bytes(read_bytes(disk, start, end - TRAILER_BYTES - start))
    if zlib.crc32(body) != body_crc:
        return None
    return Journal(size=size, patches=_decode_patches(body, count))


def _decode_patches(body: bytes, count: int) -> tuple[Patch, ...]:
    patches: list[Patch] = []
    position = 0
    for _ in range(count):
        offset, length = _PATCH.unpack_from(body, position)
        position += _PATCH.size
        patches.append(Patch(offset=offset, data=body[position : position + length]))
        position += length
    return tuple(patches)


def apply(disk: Disk, journal: Journal) -> None:
    """Write the patches to their places; doing it twice does no harm."""
    for patch in journal.patches:
        disk.write(patch.data, patch.offset)
