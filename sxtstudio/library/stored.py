"""What stands in a cell's file beside its arrays, and the id that follows from its content."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from sxtstudio.core.coverage import AnnotationFacts
from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.similarity import HISTOGRAM_EDGES_PER_UM
from sxtstudio.core.volume import VoxelSize, parse_voxel_size_um

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class FileLink:
    """What is needed to read a tomogram again that stays in its own file.

    ``relative_path`` starts at the library's folder, with forward slashes, and is tried first; it
    is empty where there is none (another drive). ``sha256`` is of the whole file. LAC (µm⁻¹) is
    the stored value × ``lac_per_unit``; ``dataset`` is a path within an HDF5 file.
    """

    relative_path: str
    absolute_path: str
    sha256: str
    dataset: str | None
    lac_per_unit: float


@dataclass(frozen=True, kw_only=True)
class StoredAnnotation:
    """One annotation as it was added; its labels lie in the same file.

    ``labels_sha256`` is of the label values (little-endian, z slowest).
    """

    facts: AnnotationFacts
    labels_sha256: str
    author: str = ""
    made_by: Provenance | None = None


Voxels = tuple[str, tuple[int, int, int]]
"""The sha256 of LAC values and their shape: the same bytes may be another cell in another shape."""


@dataclass(frozen=True, kw_only=True)
class StoredCell:
    """One version of a cell as it was added; it never changes.

    ``lac_sha256`` is of the LAC values (float32, little-endian, z slowest). They lie in this file,
    or in that of the cell ``same_as`` (an id), or in the file that ``link`` names. ``added`` is
    ISO 8601 in UTC.
    """

    name: str
    shape: tuple[int, int, int]
    voxel_size_um: VoxelSize
    lac_sha256: str
    preview_sha256: str
    species: str = ""
    strain: str = ""
    condition: str = ""
    instrument: str = ""
    annotations: tuple[StoredAnnotation, ...] = ()
    histogram: tuple[float, ...] = ()
    source: str = ""
    author: str = ""
    added: str = ""
    made_by: Provenance | None = None
    same_as: str = ""
    link: FileLink | None = None

    @property
    def voxels(self) -> Voxels:
        """What its tomogram is known by."""
        return self.lac_sha256, self.shape


def content_id(cell: StoredCell) -> str:
    """Return the sha256 of what a cell *is*: its arrays, names, completeness and specimen.

    Who added it, when and from where does not count, so two people who add the same cell get the
    same id.
    """
    content: dict[str, Any] = {
        "name": cell.name,
        "shape": cell.shape,
        "voxel_size_um": cell.voxel_size_um,
        "lac_sha256": cell.lac_sha256,
        "specimen": [cell.species, cell.strain, cell.condition, cell.instrument],
        "annotations": [
            {
                "labels_sha256": item.labels_sha256,
                "names": {str(value): name for value, name in item.facts.names.items()},
                "complete": sorted(item.facts.complete),
                "author": item.author,
            }
            for item in cell.annotations
        ],
    }
    text = msgspec.json.encode(content, order="deterministic")
    return hashlib.sha256(b"sxtcell 1\n" + text).hexdigest()


def stored_to_json(cell: StoredCell) -> str:
    """Return what a cell's file says of it."""
    return to_json(cell)


def stored_from_json(text: str | bytes, where: str) -> StoredCell:
    """Return the cell that a file describes.

    Raises
    ------
    FileError
        If a field is missing, of another type, or cannot be true.
    """
    cell = from_json(StoredCell, text, where)
    try:
        parse_voxel_size_um(cell.voxel_size_um, where)
    except SxtError as error:
        raise FileError(str(error)) from error
    hashes = [cell.lac_sha256, cell.preview_sha256, *filter(None, [cell.same_as])]
    hashes += [item.labels_sha256 for item in cell.annotations]
    sound = (
        min(cell.shape) > 0
        and bool(cell.name)
        and all(map(is_id, hashes))
        and len(cell.histogram) == len(HISTOGRAM_EDGES_PER_UM) - 1
        and all(_is_sound(item.facts) for item in cell.annotations)
    )
    if not sound:
        raise FileError(f"{where}: what it says of its cell cannot be true; the file is damaged.")
    return cell


def _is_sound(facts: AnnotationFacts) -> bool:
    counts = [*facts.voxels.values(), *facts.objects.values()]
    return 0 not in facts.names and all(count >= 0 for count in counts)


def is_id(word: str) -> bool:
    """Tell whether a word is a sha256 sum: 64 small hex digits."""
    return _SHA256.fullmatch(word) is not None
