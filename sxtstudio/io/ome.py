"""What the OME-XML in a TIFF says about its pixels, without the names of other files in it.

Library readers follow those names out of the folder and believe the sizes; here only the sizes of
a voxel and the number of channels and time points are taken.
"""

import math
from dataclasses import dataclass
from xml.parsers import expat

from sxtstudio.core.volume import VoxelSize
from sxtstudio.io.units import believable_voxel_size, um_per_unit

LARGEST_XML = 16 * 2**20


@dataclass(frozen=True, kw_only=True)
class OmePixels:
    """The first image of an OME-XML text; numbers are 1 where it does not give them."""

    slices: int
    channels: int
    times: int
    voxel_size_um: VoxelSize | None
    notes: tuple[str, ...]


class _Refused(Exception):
    """The XML has something that OME-XML never has."""


def is_ome(description: str) -> bool:
    """Tell whether an image description is OME-XML."""
    return description.rstrip("\0 \r\n\t").endswith("OME>") and "<Pixels" in description


def parse_ome(xml: str) -> OmePixels | None:
    """Return what the first ``Pixels`` element says, or None if the XML is damaged."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Pixels":
            found.append(attributes)

    def refuse(*_: object) -> None:
        raise _Refused

    if len(xml) > LARGEST_XML:
        return None
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml.encode(), True)
    except (expat.ExpatError, _Refused, UnicodeError):
        return None
    return _pixels(found[0]) if found else None


def _pixels(attributes: dict[str, str]) -> OmePixels:
    edges = [_edge_um(attributes, axis) for axis in "ZYX"]
    voxel_size_um: VoxelSize | None = None
    notes: tuple[str, ...] = ()
    if all(edge is not None for edge in edges):
        size_um = tuple(edge for edge in edges if edge is not None)
        voxel_size_um, notes = believable_voxel_size(size_um, "The OME header")
    elif any(edge is not None for edge in edges):
        notes = ("The OME header does not give all three edges of a voxel; none is used.",)
    return OmePixels(
        slices=_count(attributes, "SizeZ"),
        channels=_count(attributes, "SizeC"),
        times=_count(attributes, "SizeT"),
        voxel_size_um=voxel_size_um,
        notes=notes,
    )


def _count(attributes: dict[str, str], name: str) -> int:
    word = attributes.get(name, "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 10 else 1


def _edge_um(attributes: dict[str, str], axis: str) -> float | None:
    try:
        edge = float(attributes[f"PhysicalSize{axis}"])
    except (KeyError, ValueError):
        return None
    factor = um_per_unit(attributes.get(f"PhysicalSize{axis}Unit", "µm"))
    return edge * factor if factor is not None and math.isfinite(edge) else None
