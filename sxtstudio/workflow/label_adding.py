"""Labels that were made elsewhere, brought to a cell that is in the project: its next version."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import FileError, LabelError, ProjectError
from sxtstudio.core.events import Progress, Report, ignore, part
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.provenance import Provenance, made_by
from sxtstudio.core.volume import Volume
from sxtstudio.io.files import sha256_of_file
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.ingest.contents import Contents, look_into
from sxtstudio.workflow.label_import import label_values, settle_labels
from sxtstudio.workflow.vocabulary import carry_terms, classes_of

Shape = tuple[int, int, int]

MOST_LABELS = 500
_COUNTED_PLANES = 16
_ORDERS = ("xyz", "zxy", "yzx", "xzy", "yxz")
"""In what order the axes of a file may be that was not written z, y, x; the usual one first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelFile:
    """Labels as they stand in a file, read into memory: uint8 or uint16.

    ``voxels`` counts those of every value that occurs, 0 as well. ``sha256`` is of the file; where
    the labels are a folder of images, of their values.
    """

    path: Path
    volume: Volume
    voxels: Mapping[int, int]
    sha256: str

    @property
    def values(self) -> tuple[int, ...]:
        """Values that occur or have a name in the file, in order."""
        return tuple(sorted({*self.voxels, *self.volume.class_names}))


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What is said of labels: ``classes`` and ``complete`` as `settle_labels` takes them."""

    classes: str | None = None
    complete: str | None = None
    comment: str = ""


def read_label_file(
    path: Path, report: Report = ignore, *, dataset: str | None = None
) -> LabelFile:
    """Read labels from a file.

    Raises
    ------
    FileError
        If it cannot be read.
    LabelError
        If its values are no labels, or too many for classes.
    """
    volume = read_volume(path, dataset=dataset)
    labels_ZYX = label_values(volume, path.name, part(report, 0.0, 0.6))
    counts = _count(labels_ZYX, path.name, part(report, 0.6, 0.8))
    values = {int(value) for value in np.flatnonzero(counts)}
    if len(values | set(volume.class_names)) > MOST_LABELS:
        raise LabelError(
            f"{path.name}: holds {len(values)} different values, more than classes have; is this "
            "the tomogram, or one number for each object?"
        )
    return LabelFile(
        path=path,
        volume=replace(volume, values_ZYX=labels_ZYX),
        voxels={value: int(counts[value]) for value in sorted(values)},
        sha256=_sha256(path, labels_ZYX, part(report, 0.8, 1.0)),
    )


def _count(labels_ZYX: np.ndarray, where: str, report: Report) -> np.ndarray:
    counts = np.zeros(int(np.iinfo(labels_ZYX.dtype).max) + 1, np.int64)
    for first in range(0, len(labels_ZYX), _COUNTED_PLANES):
        report(Progress(text=f"Counting the labels of {where}", fraction=first / len(labels_ZYX)))
        for labels_YX in labels_ZYX[first : first + _COUNTED_PLANES]:
            counts += np.bincount(labels_YX.ravel(), minlength=counts.size)
    return counts


def _sha256(path: Path, labels_ZYX: np.ndarray, report: Report) -> str:
    if path.is_file():
        return sha256_of_file(path, report)
    return hashlib.sha256(labels_ZYX.tobytes()).hexdigest()


def look_for_labels(path: Path) -> Contents | None:
    """Return what a file holds if that looks like labels: whole numbers, few, in large areas.

    None is also what cannot be read: whoever opens it as a tomogram says why.
    """
    try:
        contents = look_into(path)
    except FileError:
        return None
    return contents if contents.kind == "labels" else None


def check_can_add(project: Project) -> None:
    """Raise `ProjectError` if the project can only be read."""
    if project.read_only:
        raise ProjectError(
            f"{project.path.name} is open read-only, so labels cannot be added here; save a copy "
            "of the project, or open it where you may change it."
        )


def misfit_words(shape: Shape, whole: Shape, name: str, where: str) -> str:
    """Return why labels of a shape (z, y, x) do not lie on a tomogram's grid, empty if they may.

    ``whole`` is the shape of what is called ``name``.
    """
    if shape == whole:
        return ""
    ours, its = times_words(shape), times_words(whole)
    start = f"{where}: the labels have {ours} voxels (z, y, x), but {name} has {its}"
    order = next((it for it in _ORDERS if shape == _in_order(it, whole)), "")
    if order:
        return (
            f"{start}: its axes look like {', '.join(order)}; save it again with its axes in the "
            "order z, y, x."
        )
    binned = _binned(whole, shape)
    if binned:
        return (
            f"{start}: it seems to be drawn on a copy binned by {binned}; enlarge it {binned}-fold "
            "without interpolation where it was made, and save it again."
        )
    return (
        f"{start}; choose the cell on which they were drawn, or save them again without cropping "
        "or resizing."
    )


def times_words(shape: tuple[int, ...]) -> str:
    """Return a number of voxels along each axis as words."""
    return " × ".join(map(str, shape))


def _in_order(order: str, shape_ZYX: Shape) -> tuple[int, ...]:
    return tuple(shape_ZYX["zyx".index(axis)] for axis in order)


def _binned(cell: Shape, labels: Shape) -> int:
    """Return by how much a cell was binned to have the shape of labels, 0 if it was not."""
    factor = round(cell[0] / labels[0])
    pairs = zip(cell, labels, strict=True)
    fits = factor > 1 and all(its // factor <= ours <= -(-its // factor) for its, ours in pairs)
    return factor if fits else 0


def like_version(file: LabelFile, cell: CellRecord) -> LabelVersion | None:
    """Return the newest version of a cell with a class for most values of a file without names.

    Most formats keep no names: labels that were written from the program and mended elsewhere come
    back as numbers, and a structure more perhaps. It is a guess, which somebody must look at.
    """
    used = {value for value in file.voxels if value}
    if file.volume.class_names:
        return None
    newest_first = reversed(cell.versions)
    return next((it for it in newest_first if 2 * len(used & set(it.names)) > len(used)), None)


def _says_something(annotation: Annotation) -> bool:
    label_map = annotation.label_map
    structures = set(label_map.names.values()) - {IGNORE}
    return bool(annotation.complete) or bool(structures and label_map.labels_ZYX.any())


def add_labels(
    project: Project,
    cell: CellRecord,
    file: LabelFile,
    meaning: Meaning,
    words: Ontology,
    report: Report = ignore,
) -> tuple[LabelVersion, tuple[str, ...]]:
    """Add labels from a file to a cell as its newest version, with the terms it needs.

    Earlier versions stay. Returns the version and notes for the user.

    Raises
    ------
    LabelError
        If they have another shape, no voxel is labelled, or a value has no class.
    ProjectError
        If the project can only be read, or the disk is full.
    """
    check_can_add(project)
    where = file.path.name
    misfit = misfit_words(file.volume.shape, cell.shape, cell.name, where)
    if misfit:
        raise LabelError(misfit)
    report(Progress(text=f"Looking through {where}"))
    annotation, notes = settle_labels(
        file.volume,
        cell,
        where,
        classes=meaning.classes,
        complete=meaning.complete,
        ontology=words,
    )
    if not _says_something(annotation):
        raise LabelError(f"{where}: no voxel is labelled as a structure; is this the right file?")
    comment = meaning.comment.strip() or f"from {where}"
    annotation = replace(annotation, made_by=_provenance(cell, file, meaning, comment))
    report(Progress(text=f"Counting the objects of {where}"))
    carry_terms(classes_of([annotation]), words, project)
    version = project.add_annotation(
        cell.id, annotation, kind="imported", comment=comment, report=report
    )
    return version, notes


def _provenance(cell: CellRecord, file: LabelFile, meaning: Meaning, comment: str) -> Provenance:
    return made_by(
        "sxtstudio.workflow.label_adding.add_labels",
        {
            "file": file.path.name,
            "file_sha256": file.sha256,
            "classes": meaning.classes,
            "complete": meaning.complete,
            "comment": comment,
        },
        (cell.lac_sha256, file.sha256),
    )
