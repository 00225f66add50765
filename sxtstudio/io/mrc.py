"""MRC, REC and MAP files of electron and X-ray tomography (MRC2014), read where they lie.

The header is checked here, before anything is allocated: public readers believe its sizes. Bytes
(mode 0) are signed, as MRC2014 says, unless the file shows otherwise: IMOD's stamp without its
"signed" flag, or a header whose largest value is above 127. Class names and "values are LAC" stand
in the ten text labels of the header.
"""

import bz2
import gzip
import io
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from mrcfile.dtypes import HEADER_DTYPE  # pyright: ignore[reportMissingTypeStubs] it has none

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume, VoxelSize
from sxtstudio.io.arrays import byte_ordered, fit_dtype, limits, slabs
from sxtstudio.io.files import decoder_errors, system_errors
from sxtstudio.io.memory import check_can_hold, check_ratio
from sxtstudio.io.units import ANGSTROM_PER_UM, PER_UM, believable_voxel_size

HEADER_BYTES = 1024
LARGEST_EDGE = 65_535
_MODES = {0: "i1", 1: "i2", 2: "f4", 6: "u2", 12: "f2"}
_REFUSED_MODES = {3: "complex numbers", 4: "complex numbers (a Fourier transform)", 101: "4 bits"}
_IMOD_STAMP = 1146047817
_IMOD_SIGNED = 1
_IMOD_WORDS = slice(152, 160)
_STACK_OF_VOLUMES = 401
_LAC_LABEL = f"SXT Studio: values are LAC in {PER_UM}"
_CLASS_LABEL = "SXT Studio classes: "
_Order = Literal["<", ">"]
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, kw_only=True)
class _Header:
    """What a header says, (z, y, x) as stored: sections, rows, columns.

    ``axes`` tells which of z (0), y (1), x (2) sections, rows and columns run along.
    """

    stored_shape: tuple[int, int, int]
    axes: tuple[int, int, int]
    dtype: np.dtype[Any]
    data_start: int
    voxel_size_um: VoxelSize | None
    labels: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def data_bytes(self) -> int:
        return math.prod(self.stored_shape) * self.dtype.itemsize


def looks_like_mrc(start: bytes) -> bool:
    """Tell whether the first 1024 bytes of a file carry the MAP stamp."""
    return len(start) >= HEADER_BYTES and start[208:211] == b"MAP"


def read_mrc(path: Path) -> Volume:
    """Return the volume of an MRC file, memory-mapped; .gz and .bz2 are decompressed into memory.

    Raises
    ------
    FileError
        If the file is truncated, or its header makes no sense as a volume's.
    """
    with system_errors(path, "read"):
        with path.open("rb") as file:
            start = file.read(HEADER_BYTES)
        opener = _decompressor(start)
        if opener is not None:
            return _read_compressed(path, opener)
        file_bytes = path.stat().st_size
    header = _parse_header(start, file_bytes, path)
    with system_errors(path, "read"):
        stored = np.memmap(
            path, header.dtype, "r", offset=header.data_start, shape=header.stored_shape
        )
    return _volume(header, stored)


def _volume(header: _Header, stored: np.ndarray) -> Volume:
    order = [header.axes.index(axis) for axis in range(3)]
    classes = _parse_class_labels(header.labels)
    return Volume(
        values_ZYX=byte_ordered(stored.transpose(order)),
        voxel_size_um=header.voxel_size_um,
        lac_per_unit=1.0 if _LAC_LABEL in header.labels else None,
        class_names={value: name for value, (name, _) in classes.items()},
        class_colours={value: colour for value, (_, colour) in classes.items() if colour},
        notes=header.notes,
    )


def _decompressor(start: bytes) -> type[gzip.GzipFile] | type[bz2.BZ2File] | None:
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile
    return bz2.BZ2File if start.startswith(b"BZh") else None


def _read_compressed(path: Path, opener: type[gzip.GzipFile] | type[bz2.BZ2File]) -> Volume:
    file_bytes = path.stat().st_size
    with decoder_errors(path, "compressed MRC"), opener(path, "rb") as file:
        start = file.read(HEADER_BYTES)
        header = _parse_header(start, None, path)
        size = max(header.data_start - HEADER_BYTES, 0) + header.data_bytes
        check_ratio(size, file_bytes, path)
        check_can_hold(size, path)
        _skip(file, header.data_start - HEADER_BYTES)
        stored = np.empty(header.stored_shape, header.dtype)
        _fill(file, stored, path)
        file.read(1)  # reaching the end makes the checksum be compared
    return _volume(header, stored)


def _skip(file: IO[bytes] | io.BufferedIOBase, count: int) -> None:
    while count > 0 and (piece := file.read(min(count, 2**20))):
        count -= len(piece)


def _fill(file: IO[bytes] | io.BufferedIOBase, values: np.ndarray, path: Path) -> None:
    room = memoryview(values.data).cast("B")
    filled = 0
    while filled < len(room):
        piece = file.read(min(len(room) - filled, 2**20))
        if not piece:
            raise FileError(
                f"{path}: is cut off: {filled} of {len(room)} bytes of values are there."
            )
        room[filled : filled + len(piece)] = piece
        filled += len(piece)


def _parse_header(start: bytes, file_bytes: int | None, path: Path) -> _Header:
    """Return the checked header; ``file_bytes`` is None where only decompressing would tell."""
    if len(start) < HEADER_BYTES:
        raise FileError(
            f"{path}: is no MRC file: it has {len(start)} bytes, the header alone has 1024."
        )
    record, notes = _byte_ordered(start, path)
    shape = (int(record["nz"]), int(record["ny"]), int(record["nx"]))
    axes, axis_notes = _parse_axes(record)
    voxel_size_um, size_notes = _parse_voxel_size(record, shape, axes)
    if int(record["ispg"]) >= _STACK_OF_VOLUMES and 0 < int(record["mz"]) < shape[0]:
        raise FileError(
            f"{path}: holds a stack of {shape[0] // int(record['mz'])} volumes; save one alone."
        )
    header = _Header(
        stored_shape=shape,
        axes=axes,
        dtype=_parse_mode(record, path),
        data_start=HEADER_BYTES + int(record["nsymbt"]),
        voxel_size_um=voxel_size_um,
        labels=_parse_labels(record),
        notes=(*notes, *axis_notes, *size_notes),
    )
    return header if file_bytes is None else _fit_to_file(header, file_bytes, path)


def _byte_ordered(start: bytes, path: Path) -> tuple[Any, tuple[str, ...]]:
    orders: dict[_Order, str] = {"<": "little", ">": "big"}
    records: dict[_Order, Any] = {order: _record(start, order) for order in orders}
    sane: list[_Order] = [order for order, record in records.items() if _is_sane(record)]
    if not sane:
        nx, ny, nz, mode = (int(records["<"][name]) for name in ("nx", "ny", "nz", "mode"))
        raise FileError(
            f"{path}: is no MRC volume: its header declares {nx} × {ny} × {nz} voxels of type "
            f"{mode}, which cannot be."
        )
    notes: list[str] = []
    if start[208:211] != b"MAP":
        notes.append("The header lacks the MAP stamp of MRC2014; it was read all the same.")
    stamps: dict[int, _Order] = {0x44: "<", 0x11: ">"}
    stamp = stamps.get(start[212])
    order = stamp if stamp is not None and stamp in sane else sane[0]
    if order != stamp:
        notes.append(
            "The header's machine stamp is wrong; "
            f"its numbers make sense as {orders[order]}-endian."
        )
    return records[order], tuple(notes)


def _record(start: bytes, order: _Order) -> Any:
    return np.frombuffer(start, HEADER_DTYPE.newbyteorder(order))[0]


def _is_sane(record: Any) -> bool:
    sizes = [int(record[name]) for name in ("nx", "ny", "nz")]
    mode = int(record["mode"])
    return all(1 <= n <= LARGEST_EDGE for n in sizes) and (mode in _MODES or mode in _REFUSED_MODES)


def _parse_mode(record: Any, path: Path) -> np.dtype[Any]:
    mode = int(record["mode"])
    if mode in _REFUSED_MODES:
        raise FileError(
            f"{path}: holds {_REFUSED_MODES[mode]} (MRC mode {mode}), not values of a volume."
        )
    dtype = np.dtype(_MODES[mode])
    order: _Order = ">" if record.dtype["nx"] == np.dtype(">i4") else "<"
    stamp, flags = struct.unpack(f"{order}2i", record.tobytes()[_IMOD_WORDS])
    imod_unsigned = stamp == _IMOD_STAMP and not flags & _IMOD_SIGNED
    if mode == 0 and (imod_unsigned or 127 < float(record["dmax"]) <= 255):
        dtype = np.dtype("u1")
    return dtype.newbyteorder(order)


def _parse_axes(record: Any) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    columns, rows, sections = (int(record[name]) for name in ("mapc", "mapr", "maps"))
    if sorted((columns, rows, sections)) != [1, 2, 3]:
        note = (
            "The header's order of axes is damaged; columns, rows, sections are taken as x, y, z."
        )
        return (0, 1, 2), (note,)
    return (3 - sections, 3 - rows, 3 - columns), ()


def _parse_voxel_size(
    record: Any, shape: tuple[int, int, int], axes: tuple[int, int, int]
) -> tuple[VoxelSize | None, tuple[str, ...]]:
    cell = [float(record["cella"][name]) for name in "zyx"]
    stored = [shape[axes.index(axis)] for axis in range(3)]
    intervals = [int(record[name]) for name in ("mz", "my", "mx")]
    edges = [
        float(f"{edge / (count if count > 0 else n):.7g}")  # float32 holds seven digits
        for edge, count, n in zip(cell, intervals, stored, strict=True)
    ]
    if not any(edges):
        return None, ()
    if all(edge == 1.0 for edge in edges):
        note = "The header gives 1 Å as voxel size, which stands for unknown; it is not used."
        return None, (note,)
    return believable_voxel_size(tuple(edge / ANGSTROM_PER_UM for edge in edges), "The header")


def _parse_labels(record: Any) -> tuple[str, ...]:
    texts = [bytes(text).decode("latin-1") for text in record["label"]]
    return tuple(text.rstrip("\0 ") for text in texts)


def _fit_to_file(header: _Header, file_bytes: int, path: Path) -> _Header:
    extended = header.data_start - HEADER_BYTES
    there = file_bytes - header.data_start
    if extended >= 0 and there >= header.data_bytes:
        surplus = there - header.data_bytes
        if not surplus:
            return header
        note = f"{surplus} bytes after the last voxel were ignored."
        return replace(header, notes=(*header.notes, note))
    if file_bytes - HEADER_BYTES == header.data_bytes:
        note = "The header declares an extended header that is not there."
        return replace(header, data_start=HEADER_BYTES, notes=(*header.notes, note))
    size = " × ".join(map(str, header.stored_shape))
    raise FileError(
        f"{path}: is cut off or damaged: its header declares {size} voxels "
        f"({header.data_bytes} bytes) and {max(there, 0)} bytes of values are there."
    )


def write_mrc(path: Path, volume: Volume) -> tuple[str, ...]:
    """Write a volume as MRC2014, little-endian, and return notes on what could not be kept.

    ``path`` should be a temporary one (`sxtstudio.io.files.write_atomically`). Unsigned bytes
    above 127 become 16-bit, as no reader can tell signed from unsigned ones for certain.
    """
    values_ZYX = volume.values_ZYX
    allowed = ("int8", "uint16", "int16", "float32", "float16")
    dtype, notes = fit_dtype(values_ZYX, allowed, path)
    dtype = dtype.newbyteorder("<")
    labels, label_notes = _label_texts(volume)
    record = _header_record(volume, dtype, labels)
    with path.open("wb") as file:
        header = bytearray(record.tobytes())
        if values_ZYX.dtype.kind in "bu" and dtype.itemsize == 1:
            header[_IMOD_WORDS] = struct.pack("<2i", _IMOD_STAMP, 0)
        file.write(header)
        for slab in slabs(values_ZYX):
            file.write(np.ascontiguousarray(slab, dtype).data)
    return (*notes, *label_notes)


def _header_record(volume: Volume, dtype: np.dtype[Any], labels: list[str]) -> Any:
    record = np.zeros((), HEADER_DTYPE.newbyteorder("<"))
    for axis, n, edge in zip("zyx", volume.shape, volume.voxel_size_um or (0, 0, 0), strict=True):
        record[f"n{axis}"] = record[f"m{axis}"] = n
        record["cella"][axis] = n * edge * ANGSTROM_PER_UM
    for name in ("alpha", "beta", "gamma"):
        record["cellb"][name] = 90
    record["mode"] = next(mode for mode, code in _MODES.items() if dtype.str[1:] == code)
    record["mapc"], record["mapr"], record["maps"] = 1, 2, 3
    record["dmin"], record["dmax"] = limits(volume.values_ZYX)
    # Mean and deviation are left undetermined, which MRC2014 marks like this.
    record["dmean"], record["rms"] = record["dmin"] - 1, -1
    record["ispg"], record["nversion"], record["map"] = 1, 20140, b"MAP "
    record["machst"] = (0x44, 0x44, 0, 0)
    record["nlabl"] = len(labels)
    for number, text in enumerate(labels):
        record["label"][number] = text.encode("ascii")
    return record


def _label_texts(volume: Volume) -> tuple[list[str], tuple[str, ...]]:
    """Return at most ten ASCII texts of at most 80 characters, and notes on what they lack."""
    labels = [_LAC_LABEL] if volume.lac_per_unit == 1.0 else []
    room = 10 - len(labels)
    full = _class_texts(volume.class_names, volume.class_colours)
    if len(full) <= room and max(map(len, full), default=0) <= 80:
        return labels + full, ()
    plain = _class_texts(volume.class_names, {})
    fits = len(plain) <= room and max(map(len, plain), default=0) <= 80
    lost = "colours" if fits else "names"
    note = f"The class {lost} do not fit into the labels of an MRC file; other formats keep them."
    return labels + (plain if fits else []), (note,)


def _class_texts(names: Mapping[int, str], colours: Mapping[int, str]) -> list[str]:
    texts: list[str] = []
    for value, name in sorted(names.items()):
        entry = f"{value}={_escape(name)}{colours.get(value, '')}"
        if texts and len(texts[-1]) + len(entry) + 1 <= 80:
            texts[-1] += ";" + entry
        else:
            texts.append(_CLASS_LABEL + entry)
    return texts


def _escape(name: str) -> str:
    """Return a name in printable ASCII without the characters that mean something here."""
    plain = name.strip()
    return "".join(
        c if c.isascii() and c.isprintable() and c not in "\\;=#" else f"\\{ord(c):x}\\"
        for c in plain
    )


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-9a-f]{1,6})\\", _character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code < 0xD800 or 0xDFFF < code <= 0x10FFFF else found[0]


def _parse_class_labels(labels: tuple[str, ...]) -> dict[int, tuple[str, str]]:
    classes: dict[int, tuple[str, str]] = {}
    for text in labels:
        if not text.startswith(_CLASS_LABEL):
            continue
        for entry in text.removeprefix(_CLASS_LABEL).split(";"):
            value, _, words = entry.partition("=")
            name, _, colour = words.partition("#")
            if name and value.isascii() and value.isdecimal() and len(value) <= 5:
                found = _COLOUR.fullmatch(f"#{colour}")
                classes[int(value)] = (_unescape(name), found[0] if found else "")
    return classes
