"""Where an HDF5 file ends, read from its first bytes without HDF5."""

import struct

from sxtstudio.project.disk import Disk, read_bytes

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Version 0 of the superblock, which is what libver="earliest" writes: HDF5 File Format
# Specification Version 3.0, section II.A.
_FIELDS = struct.Struct("<8sB4xBB9xQQQ")


def hdf5_length(disk: Disk) -> int:
    """Return the length of the HDF5 file on a disk as its superblock states it.

    What lies behind belongs to a transaction that was never committed. The whole length of the disk
    where the file is not one of ours.
    """
    raw = bytes(read_bytes(disk, 0, _FIELDS.size))
    signature, version, offset_bytes, length_bytes, base, _, end = _FIELDS.unpack(raw)
    ours = signature == _SIGNATURE and version == 0 and offset_bytes == length_bytes == 8
    return end if ours and base == 0 else disk.size()
