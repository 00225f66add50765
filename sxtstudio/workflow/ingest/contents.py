"""Look into one file: whether it is a tomogram or labels, and what some of its planes show."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import h5py
import numpy as np

from sxtstudio.core.volume import Volume, VoxelSize
from sxtstudio.io.files import decoder_errors
from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.ingest.naming import says_labels

Kind = Literal["tomogram", "labels"]
SAMPLED_VALUES = 2_000_000
MOST_LABELS = 64
MOST_DATASETS = 64
_LEAST_EQUAL = 0.5
_ALMOST_ALL_EQUAL = 0.9
"""Part of neighbouring voxels that hold the same value: in labels most do, in grey values few."""
_LARGEST_LABEL = 65_535


@dataclass(frozen=True, kw_only=True)
class GreyValues:
    """What the values of some planes are like: type, percentiles 1, 50 and 99 of the finite ones.

    ``not_finite`` counts NaN and infinite values.
    """

    dtype: np.dtype
    low: float
    middle: float
    high: float
    not_finite: int


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What one volume on the disk is, without its voxels.

    ``place`` is the folder, or the HDF5 file, in which ``stem`` tells it from others.
    ``fingerprint`` is a sum over its shape and some of its planes.
    """

    path: Path
    dataset: str | None
    place: Path
    stem: str
    kind: Kind
    shape: tuple[int, int, int]
    voxel_size_um: VoxelSize | None
    lac_per_unit: float | None
    has_names: bool
    notes: tuple[str, ...]
    grey: GreyValues
    fingerprint: str

    @property
    def words(self) -> str:
        """How a user is told which volume is meant."""
        return str(self.path) if self.dataset is None else f"{self.path} ({self.dataset})"


def look_into(path: Path, dataset: str | None = None) -> Contents:
    """Return what a volume is, after reading some planes of it.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    volume = read_volume(path, dataset=dataset)
    sample = _sample(volume)
    # Damaged files hold NaN of the signalling kind, and numbers that float32 does not know.
    with np.errstate(invalid="ignore", over="ignore"):
        return Contents(
            path=path,
            dataset=dataset,
            place=path.parent,
            stem=stem_of(path),
            kind=_kind(volume, sample, named=says_labels(dataset or stem_of(path))),
            shape=volume.shape,
            voxel_size_um=volume.voxel_size_um,
            lac_per_unit=volume.lac_per_unit,
            has_names=bool(volume.class_names),
            notes=volume.notes,
            grey=_grey_values(sample),
            fingerprint=_fingerprint(volume, sample),
        )


def stem_of(path: Path) -> str:
    """Return a file's name without its suffix, nor that of a compressed file."""
    name = path.name
    for packed in (".gz", ".bz2"):
        name = name.removesuffix(packed)
    return Path(name).stem


def _sample(volume: Volume) -> np.ndarray:
    """Return evenly spaced planes (z, y, x), the first and the last among them."""
    z, y, x = volume.shape
    count = min(z, max(4, SAMPLED_VALUES // max(y * x, 1)))
    planes = np.unique(np.linspace(0, z - 1, count).round().astype(int))
    return np.stack([np.asarray(volume.values_ZYX[int(plane)]) for plane in planes])


def _kind(volume: Volume, sample: np.ndarray, *, named: bool) -> Kind:
    """Tell labels from grey values: few of them, in large areas, in a file named like labels."""
    if volume.class_names:
        return "labels"
    if volume.lac_per_unit is not None:
        return "tomogram"
    if sample.dtype.kind == "f" and not (sample == np.rint(sample)).all():
        return "tomogram"
    low, high = sample.min(), sample.max()
    if low < 0 or high > _LARGEST_LABEL:
        return "tomogram"
    equal = float((sample[..., 1:] == sample[..., :-1]).mean()) if sample.shape[-1] > 1 else 0.0
    few = np.unique(sample).size <= MOST_LABELS
    signs = (few, named, equal >= _LEAST_EQUAL)
    return "labels" if equal >= _ALMOST_ALL_EQUAL or sum(signs) >= 2 else "tomogram"


def _grey_values(sample: np.ndarray) -> GreyValues:
    finite = sample[np.isfinite(sample)] if sample.dtype.kind == "f" else sample.ravel()
    percentiles = np.percentile(finite.astype(np.float64), (1, 50, 99)) if finite.size else (0,) * 3
    low, middle, high = (float(part) for part in percentiles)
    return GreyValues(
        dtype=sample.dtype,
        low=low,
        middle=middle,
        high=high,
        not_finite=sample.size - finite.size,
    )


def _fingerprint(volume: Volume, sample: np.ndarray) -> str:
    digest = hashlib.sha256(repr(volume.shape).encode())
    digest.update(np.ascontiguousarray(sample, "<f4").tobytes())
    return f"s{digest.hexdigest()[:20]}"


def datasets_in(path: Path) -> tuple[str, ...]:
    """Return the paths of the 3D datasets of numbers in an HDF5 file, `MOST_DATASETS` at most.

    Links out of the file are not followed.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    found: list[str] = []

    def visit(name: str, item: object) -> bool | None:
        if isinstance(item, h5py.Dataset) and item.ndim >= 3 and item.dtype.kind in "buif":
            found.append(f"/{name}")
        return True if len(found) >= MOST_DATASETS else None

    with decoder_errors(path, "HDF5"), h5py.File(path, "r", locking=False) as file:
        file.visititems(visit)
    return tuple(found)
