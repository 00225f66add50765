"""Give a changed cell's file true checksums again, as somebody with bad intentions would."""

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import h5py

END = struct.Struct("<QQQ32s32s8s")


def change_and_seal(path: Path, change: Callable[[h5py.File], None]) -> None:
    """Change the HDF5 part of a cell's file and write a new end that fits it."""
    path.write_bytes(path.read_bytes()[: -END.size])
    with h5py.File(path, "r+") as file:
        change(file)
        record, preview = file["record"], file["preview"]
        places = (record.id.get_offset(), record.size, preview.id.get_offset())
        record_sha256 = hashlib.sha256(record[()].tobytes()).digest()
    content = path.read_bytes()
    end = END.pack(*places, record_sha256, hashlib.sha256(content).digest(), b"SXTCELL1")
    path.write_bytes(content + end)
