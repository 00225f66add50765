"""Look at tomograms that stay in their files: large cells of a project, and any file with a volume.

Nothing is checked that would need every value; what has to be true for a measurement is checked
when something is imported or measured.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.volume import ArrayLike, Tomogram
from sxtstudio.io.arrays import lazy_lac
from sxtstudio.io.files import sha256_of_file, system_errors
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.links import changed_words, find_linked
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.importing import voxel_words

WHOLE_BYTES = 16 * 2**20
"""Tomograms up to this size (161³) are read whole: the window waits for that."""
NO_SCALE_WORDS = "stored values, no LAC scale"
_NO_VOXEL_SIZE_UM = (1.0, 1.0, 1.0)
_KEY_DIGITS = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenVolume:
    """A tomogram to look at, and labels if it has some; values stay in their files.

    ``where`` names its place, the same for all versions of its labels. ``key`` and ``labels_key``
    name the values, so that copies of them can be kept. ``is_lac`` is
    False where nothing says what LAC the values stand for: they are then shown as they are stored.
    ``check`` raises an `SxtError` if the values are not those that they should be; it reads all.
    """

    tomogram: Tomogram
    where: str
    key: str
    labels: ArrayLike | None = None
    labels_key: str = ""
    names: Mapping[int, str] = field(default_factory=dict[int, str])
    words: str = ""
    is_lac: bool = True
    check: Callable[[Report], None] | None = None


def is_large(record: CellRecord) -> bool:
    """Tell whether the tomogram of a cell is better not read whole to be looked at."""
    return 4 * math.prod(record.shape) > WHOLE_BYTES


def open_cell(project: Project, record: CellRecord, version: LabelVersion | None) -> OpenVolume:
    """Return a cell of a project, with a version of its labels, without reading it.

    Raises
    ------
    ProjectError
        If a linked file is missing or has another size.
    """
    return OpenVolume(
        tomogram=project.looking.tomogram(record),
        where=f"{project.path} {record.id}",
        key=record.lac_sha256[:_KEY_DIGITS],
        labels=project.looking.labels(record, version.id) if version else None,
        labels_key=_hash(f"{project.path.resolve()} {record.id} {version.id} {version.time}")
        if version
        else "",
        names=version.names if version else {},
        words=record.name,
        check=_link_check(project.path, record),
    )


def _link_check(project: Path, record: CellRecord) -> Callable[[Report], None] | None:
    link = record.link
    if link is None:
        return None

    def check(report: Report) -> None:
        path = find_linked(link, project, record.name)
        if sha256_of_file(path, report) != link.sha256:
            raise ProjectError(changed_words(link, project, record.name))

    return check


def open_file(path: Path, dataset: str | None = None) -> OpenVolume:
    """Return the volume in a file, to be looked at; ``words`` say what the file does not.

    Raises
    ------
    FileError
        If it cannot be read or is no volume.
    """
    volume = read_volume(path, dataset=dataset)
    scale, size_um = volume.lac_per_unit, volume.voxel_size_um
    facts = [
        " × ".join(map(str, volume.shape)),
        f"voxels of {voxel_words(size_um)}" if size_um else "voxel size not stated, drawn as 1 µm",
        "LAC" if scale is not None else NO_SCALE_WORDS,
    ]
    lac_ZYX = lazy_lac(volume.values_ZYX, 1.0 if scale is None else scale)
    return OpenVolume(
        tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=size_um or _NO_VOXEL_SIZE_UM),
        where=str(path),
        key=_hash(f"{_file_state(path)} {dataset} {scale}"),
        words=f"{path.name}: {', '.join(facts)}",
        is_lac=scale is not None,
    )


def _file_state(path: Path) -> str:
    with system_errors(path, "read"):
        first = path if path.exists() else path.parent  # a series is named by a pattern
        state = first.stat()
    return f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:_KEY_DIGITS]


def checked_once(check: Callable[[Report], None], marker: Path, report: Report = ignore) -> None:
    """Run a check unless it was passed before; ``marker`` is the folder that remembers it."""
    if marker.is_dir():
        return
    check(report)
    with system_errors(marker, "written"):
        marker.mkdir(parents=True, exist_ok=True)
