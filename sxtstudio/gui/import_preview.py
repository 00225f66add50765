"""What the import dialog shows of a file before anything is taken from it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.volume import Volume, VoxelSize
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.records import LabelVersion
from sxtstudio.workflow.importing import Fact, missing_facts
from sxtstudio.workflow.label_adding import LabelFile, read_label_file


@dataclass(frozen=True, kw_only=True, eq=False)
class TomogramPreview:
    """A tomogram's file: what it does not say, its central slice and the range of its values.

    ``slice_YX`` is the central z slice as stored, ``low`` and ``high`` the 0.1 and 99.9 percentile
    of the stored values in it; ``low`` is above ``high`` where no voxel of it holds a number.
    """

    path: Path
    volume: Volume
    missing: frozenset[Fact]
    slice_YX: np.ndarray
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class LabelRow:
    """One label value of a file: its name there, its voxels, and the class that name stands for.

    ``class_id`` is None where the file's name is not in the vocabulary or there is none.
    ``complete`` proposes that the class is drawn everywhere.
    """

    value: int
    name: str
    voxels: int
    class_id: str | None
    complete: bool = False


@dataclass(frozen=True, kw_only=True)
class LabelPreview:
    """A label file: its shape (z, y, x), the voxel size it states, and one row a value."""

    path: Path
    shape: tuple[int, int, int]
    voxel_size_um: VoxelSize | None
    rows: tuple[LabelRow, ...]


def read_tomogram_preview(path: Path) -> TomogramPreview:
    """Read a tomogram's file.

    Raises
    ------
    FileError
        If it cannot be read or holds no volume.
    """
    volume = read_volume(path)
    slice_YX = np.asarray(volume.values_ZYX[volume.shape[0] // 2], np.float64)
    finite = slice_YX[np.isfinite(slice_YX)]
    low, high = np.percentile(finite, (0.1, 99.9)) if finite.size else (1.0, 0.0)
    return TomogramPreview(
        path=path,
        volume=volume,
        missing=missing_facts(volume),
        slice_YX=np.nan_to_num(slice_YX),
        low=float(low),
        high=float(high),
    )


def read_label_preview(path: Path, ontology: Ontology) -> LabelPreview:
    """Read a file of labels.

    Raises
    ------
    FileError
        If it cannot be read.
    LabelError
        If its values are no labels.
    """
    return label_preview(read_label_file(path), ontology)


def label_preview(
    file: LabelFile, ontology: Ontology, like: LabelVersion | None = None
) -> LabelPreview:
    """Return what is shown of labels; values without names are read ``like`` those of a version."""
    rows = [_row(value, file, ontology, like) for value in file.values]
    return LabelPreview(
        path=file.path,
        shape=file.volume.shape,
        voxel_size_um=file.volume.voxel_size_um,
        rows=tuple(row for row in rows if row),
    )


def _row(
    value: int, file: LabelFile, ontology: Ontology, like: LabelVersion | None
) -> LabelRow | None:
    name = file.volume.class_names.get(value, "")
    if value == 0 and name.strip().lower() in ("", "exterior"):
        return None  # unlabelled, as Amira calls it too
    word = name or (like.names.get(value, "") if like else "")
    try:
        class_id = ontology.find_label(word) if word else None
    except LabelError:
        class_id = None
    return LabelRow(
        value=value,
        name=name,
        voxels=file.voxels.get(value, 0),
        class_id=class_id,
        complete=like is not None and class_id in like.complete,
    )


def grey_bytes(slice_YX: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a slice as uint8 grey values, ``low`` black and ``high`` white."""
    span = high - low or 1.0
    return np.clip((slice_YX - low) * (255 / span), 0, 255).astype(np.uint8)
