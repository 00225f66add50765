"""AmiraMesh volumes (Amira and Avizo): text, binary of both byte orders, HxByteRLE and HxZip.

A material's place in the list is its label value, and the first, "Exterior", is 0. The format has
no unit of length; where a file does not carry one in ``Units``, an edge between 2 and 999 nm read
as µm is believed (with a note), and an edge of exactly 1 means that nobody set it.
"""

import math
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume, VoxelSize
from sxtstudio.io.amira_header import (
    LARGEST_HEADER,
    AmiraHeader,
    ArrayLine,
    Entry,
    parse_header,
)
from sxtstudio.io.arrays import byte_ordered, fit_dtype, limits, slabs
from sxtstudio.io.classes import LARGEST_LABEL, colour_from_fractions, fractions_of_colour
from sxtstudio.io.files import decoder_errors, system_errors
from sxtstudio.io.memory import check_can_hold, check_ratio
from sxtstudio.io.units import PER_UM, believable_voxel_size, is_per_um, um_per_unit

SIGNATURES = (b"# AmiraMesh", b"# Avizo", b"#AmiraMesh", b"#Avizo")
_TYPES = {
    "byte": "u1",
    "char": "i1",
    "short": "i2",
    "ushort": "u2",
    "int": "i4",
    "uint": "u4",
    "float": "f4",
    "double": "f8",
}
_NAMES = {
    "uint8": "byte",
    "int16": "short",
    "uint16": "ushort",
    "int32": "int",
    "float32": "float",
    "float64": "double",
}
_PLAUSIBLE_EDGES_UM = (0.002, 0.999)
_EXTERIOR = "exterior"
_LAC_ENTRY = ("SXTStudio", "Values")
_LAC_WORDS = "LAC "
_MOST_SECTIONS = 64


def read_amira(path: Path, field: str | None = None) -> Volume:
    """Return the volume in an AmiraMesh file; plain binary values stay in the file.

    ``field`` chooses among several arrays by name; the first scalar one is taken otherwise.

    Raises
    ------
    FileError
        If the file holds something else (vectors, a table, a colour map, a surface, no data), is
        cut off, or coded in an unknown way.
    """
    with system_errors(path, "read"), path.open("rb") as file:
        start = file.read(LARGEST_HEADER)
    header = parse_header(start)
    if header is None:
        raise FileError(f"{path}: is no AmiraMesh file; its first line does not say so.")
    shape = _parse_shape(header, path)
    line, notes = _choose(header, field, path)
    if header.data_start is None:
        raise FileError(f"{path}: has a header but no data (no line @{line.section} follows).")
    with system_errors(path, "read"), path.open("rb") as file:
        values_ZYX = _values(file, header, line, shape, path)
    voxel_size_um, size_notes = _voxel_size(header.parameters, shape)
    names, colours = _materials(header.parameters, values_ZYX.dtype)
    words = header.parameters.text(*_LAC_ENTRY)
    says_lac = words.startswith(_LAC_WORDS) and is_per_um(words.removeprefix(_LAC_WORDS))
    return Volume(
        values_ZYX=values_ZYX,
        voxel_size_um=voxel_size_um,
        lac_per_unit=1.0 if says_lac else None,
        class_names=names,
        class_colours=colours,
        notes=(*notes, *size_notes),
    )


def _parse_shape(header: AmiraHeader, path: Path) -> tuple[int, int, int]:
    content = header.parameters.text("ContentType")
    sizes = header.sizes.get("Lattice", ())
    if content == "Colormap":
        raise FileError(f"{path}: is a colour map, not a volume.")
    if content == "HxSpreadSheet" or any(name.startswith("__Column") for name in header.sizes):
        raise FileError(f"{path}: is a table, not a volume.")
    if not sizes:
        kinds = ", ".join(list(header.sizes)[:4]) or "nothing"
        raise FileError(f"{path}: defines {kinds}, but no lattice of voxels; it is not a volume.")
    if len(sizes) != 3 or 0 in sizes:
        words = " × ".join(map(str, sizes[:6]))
        raise FileError(f"{path}: its lattice has {words} points; a volume has three axes.")
    x, y, z = sizes
    return (z, y, x)


def _choose(
    header: AmiraHeader, field: str | None, path: Path
) -> tuple[ArrayLine, tuple[str, ...]]:
    lines = [line for line in header.arrays if line.location == "Lattice"]
    if not lines:
        raise FileError(f"{path}: its header names no array of voxels; it is damaged.")
    scalars = [line for line in lines if line.width == 1]
    names = ", ".join(line.name for line in lines)
    if field is not None:
        lines = [line for line in lines if line.name == field]
        scalars = [line for line in lines if line.width == 1]
        if not lines:
            raise FileError(f"{path}: has no array {field!r}; it has: {names}.")
    if not scalars:
        raise FileError(
            f"{path}: is a field of vectors ({lines[0].width} values a voxel), not a volume of "
            "single values."
        )
    if scalars[0].type not in _TYPES:
        raise FileError(f"{path}: its values are of type {scalars[0].type!r}, not plain numbers.")
    if len(lines) == 1:
        return scalars[0], ()
    return scalars[0], (f"Of its arrays ({names}), {scalars[0].name} was read.",)


def _values(
    file: IO[bytes], header: AmiraHeader, line: ArrayLine, shape: tuple[int, int, int], path: Path
) -> Any:
    begin = _find_section(file, header, line, shape, path)
    dtype = np.dtype(header.byte_order + _TYPES[line.type])
    declared = math.prod(shape) * dtype.itemsize
    stored = file.seek(0, 2) - begin
    file.seek(begin)
    if not header.byte_order:
        return _read_text(file, shape, dtype, path)
    if line.coding:
        check_ratio(declared, min(line.coded_bytes, stored), path)
        check_can_hold(declared, path)
        coded = file.read(line.coded_bytes)
        if len(coded) < line.coded_bytes:
            raise _cut_off(line.coded_bytes, len(coded), path)
        values = np.frombuffer(_decode(coded, line.coding, declared, path), dtype)
        return values.reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    if stored < declared:
        raise _cut_off(declared, stored, path)
    mapped = np.memmap(path, dtype, "r", offset=begin, shape=shape)
    return byte_ordered(mapped)


def _cut_off(declared: int, there: int, path: Path) -> FileError:
    return FileError(
        f"{path}: is cut off: its header declares {declared} bytes of values and {there} are there."
    )


def _find_section(
    file: IO[bytes], header: AmiraHeader, wanted: ArrayLine, shape: Sequence[int], path: Path
) -> int:
    """Return where the values of a section begin, stepping over the sections before it."""
    at = header.data_start or 0
    for _ in range(_MOST_SECTIONS):
        file.seek(at)
        begun = re.match(rb"\s*@(\d{1,9})[ \t]*\r?\n", file.read(4096))
        if begun is None:
            break
        number, at = int(begun[1]), at + begun.end()
        if number == wanted.section:
            return at
        line = next((line for line in header.arrays if line.section == number), None)
        at = _end_of_section(file, at, header, line, shape) if line else 0
        if not at:
            break
    raise FileError(f"{path}: its data section @{wanted.section} cannot be found; it is damaged.")


def _end_of_section(
    file: IO[bytes], at: int, header: AmiraHeader, line: ArrayLine, shape: Sequence[int]
) -> int:
    """Return where the section that begins at ``at`` ends, 0 if its size is not known."""
    if not header.byte_order:
        file.seek(at)
        following = re.search(rb"^@\d", file.read(), re.MULTILINE)
        return at + following.start() if following else 0
    if line.coding:
        return at + line.coded_bytes
    sizes = shape if line.location == "Lattice" else header.sizes.get(line.location, ())
    if line.type not in _TYPES or not sizes:
        return 0
    return at + math.prod(sizes) * line.width * np.dtype(_TYPES[line.type]).itemsize


def _read_text(
    file: IO[bytes], shape: tuple[int, int, int], dtype: np.dtype[Any], path: Path
) -> np.ndarray:
    text = file.read()
    check_can_hold(math.prod(shape) * 8 + len(text), path)
    following = re.search(rb"^@", text, re.MULTILINE)
    words = text[: following.start()] if following else text
    with decoder_errors(path, "AmiraMesh"):
        numbers = np.fromstring(words.decode("ascii"), np.float64, sep=" ")
    if numbers.size != math.prod(shape):
        raise FileError(
            f"{path}: is cut off or damaged: {numbers.size} of {math.prod(shape)} values are there."
        )
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        if not (
            np.isfinite(numbers).all()
            and bounds.min <= numbers.min() <= numbers.max() <= bounds.max
        ):
            raise FileError(f"{path}: its values do not fit the type that its header names.")
    return numbers.astype(dtype).reshape(shape)


def _decode(coded: bytes, coding: str, size: int, path: Path) -> bytes | np.ndarray:
    if coding == "HxByteRLE":
        return _decode_runs(coded, size, path)
    if coding != "HxZip":
        raise FileError(f"{path}: its values are coded as {coding}, which cannot be read.")
    with decoder_errors(path, "AmiraMesh"):
        values = zlib.decompressobj().decompress(coded, size)
    if len(values) != size:
        raise _cut_off(size, len(values), path)
    return values


def _decode_runs(coded: bytes, size: int, path: Path) -> np.ndarray:
    """Return the bytes of a run-length code.

    A control byte below 128 says how often the next byte comes; one above says (minus 128) how
    many bytes follow that come once each.
    """
    # Each control byte tells only where the next one is, so this loop cannot be an array
    # operation; it takes one step a run, not a voxel. All else is one repeat over all bytes.
    steps = bytes([2] * 128 + [1 + count for count in range(128)])
    controls: list[int] = []
    at, end = 0, len(coded)
    while at < end:
        controls.append(at)
        at += steps[coded[at]]
    stored = np.frombuffer(coded, np.uint8)
    repeats = np.ones(stored.size, np.uint8)
    where = np.array(controls, np.intp)
    runs = where[stored[where] < 128]
    repeats[where] = 0
    runs = runs[runs + 1 < stored.size]
    repeats[runs + 1] = stored[runs]
    there = int(repeats.sum(dtype=np.int64))
    if there != size:
        raise _cut_off(size, there, path)
    return np.repeat(stored, repeats)


def _voxel_size(
    parameters: Entry, shape: tuple[int, int, int]
) -> tuple[VoxelSize | None, tuple[str, ...]]:
    box = parameters.numbers("BoundingBox")
    if parameters.text("CoordType") not in ("", "uniform"):
        return None, ("Its slices are not evenly spaced; a voxel size must be given.",)
    if len(box) != 6:
        return None, ()
    extents = (box[5] - box[4], box[3] - box[2], box[1] - box[0])
    edges = tuple(extent / max(n - 1, 1) for extent, n in zip(extents, shape, strict=True))
    unit = parameters.text("Units", "Coordinates")
    factor = um_per_unit(unit)
    if factor is not None:
        return believable_voxel_size(tuple(edge * factor for edge in edges), "The header")
    words = " × ".join(f"{edge:.6g}" for edge in edges)
    if all(edge == 1 for edge in edges):
        return None, ("Its voxel size is 1 × 1 × 1, which stands for not calibrated.",)
    low, high = _PLAUSIBLE_EDGES_UM
    if all(low <= edge < high for edge in edges) and not unit:
        note = f"Its voxel size ({words}; z, y, x) has no unit and is taken to be in µm."
        return (edges[0], edges[1], edges[2]), (note,)
    return None, (f"Its voxel size ({words} {unit or 'without a unit'}; z, y, x) is not used.",)


def _materials(parameters: Entry, dtype: np.dtype[Any]) -> tuple[dict[int, str], dict[int, str]]:
    """Return names and colours by label value; 0 is named only if it is not "Exterior"."""
    found = parameters.find("Materials")
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    if found is None or dtype.kind not in "iu":
        return names, colours
    for value, material in enumerate(found.entries[: LARGEST_LABEL + 1]):
        name = (material.text("Name") or material.name).strip()
        if not name or name == _unnamed(value) or (value == 0 and name.lower() == _EXTERIOR):
            continue
        names[value] = name
        colour = material.numbers("Color")
        if len(colour) >= 3 and all(map(math.isfinite, colour)):
            colours[value] = colour_from_fractions(*colour[:3])
    return names, colours


def _unnamed(value: int) -> str:
    return f"Label{value}"


def write_amira(path: Path, volume: Volume) -> tuple[str, ...]:
    """Write a volume as little-endian AmiraMesh, uncompressed, and return notes.

    Label values without a name become materials ``Label3``, since the place in the list counts.
    """
    values_ZYX = volume.values_ZYX
    dtype, notes = fit_dtype(values_ZYX, tuple(_NAMES), path)
    header = _header_text(volume, dtype)
    with path.open("wb") as file:
        file.write(header.encode())
        for slab in slabs(values_ZYX):
            file.write(np.ascontiguousarray(slab, dtype.newbyteorder("<")).data)
        file.write(b"\n")
    return notes


def _header_text(volume: Volume, dtype: np.dtype[Any]) -> str:
    z, y, x = volume.shape
    type_name = _NAMES[dtype.name]
    is_labels = bool(volume.class_names) and dtype.kind in "iu"
    entries = _material_lines(volume) if is_labels else []
    if volume.lac_per_unit == 1.0:
        entries.append(f'    SXTStudio {{ Values "{_LAC_WORDS}{PER_UM}" }}')
    if volume.voxel_size_um is not None:
        entries.append('    Units { Coordinates "µm" }')
    entries += [
        f'    Content "{x}x{y}x{z} {type_name}, uniform coordinates",',
        f"    BoundingBox {_bounding_box(volume)},",
        '    CoordType "uniform"',
    ]
    return "\n".join(
        [
            "# AmiraMesh BINARY-LITTLE-ENDIAN 3.0",
            "",
            f"define Lattice {x} {y} {z}",
            "",
            "Parameters {",
            *entries,
            "}",
            "",
            f"Lattice {{ {type_name} {'Labels' if is_labels else 'Data'} }} @1",
            "",
            "# Data section follows",
            "@1\n",
        ]
    )


def _bounding_box(volume: Volume) -> str:
    # The box runs from the centre of the first voxel to that of the last.
    edges_um = volume.voxel_size_um or (1.0, 1.0, 1.0)
    ends = [edge * max(n - 1, 1) for edge, n in zip(edges_um, volume.shape, strict=True)]
    return " ".join(f"0 {end!r}" for end in reversed(ends))


def _material_lines(volume: Volume) -> list[str]:
    lines = ["    Materials {"]
    highest = max(*volume.class_names, int(limits(volume.values_ZYX)[1]))
    taken: set[str] = set()
    for value in range(min(highest, LARGEST_LABEL) + 1):
        name = volume.class_names.get(value, _unnamed(value) if value else "Exterior")
        key = _key(name, value, taken)
        inside = [f'Name "{_quoted(name)}"'] if key != name else []
        if value in volume.class_colours:
            colour = fractions_of_colour(volume.class_colours[value])
            inside.append("Color " + " ".join(f"{part:.6g}" for part in colour))
        lines.append(
            f"        {key} {{ {', '.join(inside)} }}" if inside else f"        {key} {{ }}"
        )
    return [*lines, "    }"]


def _key(name: str, value: int, taken: set[str]) -> str:
    """Return a name that the grammar allows and no other material has."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    key = plain if plain[:1].isalpha() and plain not in taken else f"Material_{value}"
    taken.add(key)
    return key


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
