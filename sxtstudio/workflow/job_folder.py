"""A job folder: everything a worker needs to do a job, so that it never opens the project.

::

    job.json                what is to be done, with the sha256 of every input
    inputs/0.lac.npy        LAC of the first cell, float32 (z, y, x), read as a memory map
    inputs/0.labels-0.npy   its first annotation
    plan.json               what is trained; written when a training begins
    work/                   the engine's own files: checkpoints, the network, probability fields
    results/0/              what was predicted for the first cell, ``prediction.json`` last
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import FileError
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import Task
from sxtstudio.core.volume import LabelMap, Tomogram, VoxelSize
from sxtstudio.io.files import sha256_of_file, write_atomically

JOB_FILE = "job.json"
PLAN_FILE = "plan.json"
PREDICTION_FILE = "prediction.json"


@dataclass(frozen=True, kw_only=True)
class JobLabels:
    """One annotation of a cell: its file in the job folder and what its values mean."""

    file: str
    sha256: str
    names: Mapping[int, str]
    complete: tuple[str, ...]
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class JobCell:
    """One cell of a job; ``id`` and ``versions`` (of its labels) are the project's."""

    id: str
    name: str
    versions: tuple[str, ...] = ()
    voxel_size_um: VoxelSize
    file: str
    sha256: str
    labels: tuple[JobLabels, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """Train ``network`` (where it goes in the end) for a task.

    Either ``minutes`` or ``steps`` is set. ``threads`` None leaves the number to the machine.
    """

    task: Task
    cells: tuple[JobCell, ...]
    network: str
    minutes: float | None
    steps: int | None
    device: str
    seed: int
    threads: int | None


@dataclass(frozen=True, kw_only=True)
class SegmentationJob:
    """Segment the cells with ``network``, the file that ``network_sha256`` belongs to."""

    cells: tuple[JobCell, ...]
    network: str
    network_sha256: str
    device: str
    threads: int | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """The content of ``job.json``: one of the two."""

    kind: Literal["training", "segmentation"]
    training: TrainingJob | None = None
    segmentation: SegmentationJob | None = None


@dataclass(frozen=True, kw_only=True)
class PredictionRecord:
    """What ``prediction.json`` says beside the arrays."""

    names: Mapping[int, str]
    colours: Mapping[int, str]
    voxel_size_um: VoxelSize
    task: str
    network_sha256: str
    made_by: Provenance


def write_record(path: Path, record: object) -> None:
    """Write a dataclass as JSON; the file is there whole or not at all."""
    with write_atomically(path) as temporary:
        temporary.write_text(to_json(record), encoding="utf-8")


def read_job(folder: Path) -> TrainingJob | SegmentationJob:
    """Return the job of a folder.

    Raises
    ------
    FileError
        If the folder holds none, or it cannot be read.
    """
    path = folder / JOB_FILE
    try:
        job = from_json(Job, path.read_bytes(), str(path))
    except OSError as error:
        raise FileError(f"{folder}: holds no job ({error.strerror}).") from error
    content = job.training if job.kind == "training" else job.segmentation
    if content is None:
        raise FileError(f"{path}: says that it is a {job.kind}, but not which.")
    return content


def write_job(folder: Path, job: TrainingJob | SegmentationJob) -> None:
    """Write ``job.json``."""
    if isinstance(job, TrainingJob):
        write_record(folder / JOB_FILE, Job(kind="training", training=job))
    else:
        write_record(folder / JOB_FILE, Job(kind="segmentation", segmentation=job))


@dataclass(frozen=True, kw_only=True, eq=False)
class CellSource:
    """A cell and the project's ids of it and of its label versions."""

    id: str
    versions: tuple[str, ...]
    cell: Cell


def write_job_cell(folder: Path, number: int, source: CellSource) -> JobCell:
    """Write a cell's arrays into a job folder."""
    cell = source.cell
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    lac_file = f"inputs/{number}.lac.npy"
    lac_sha256 = _write_array(folder / lac_file, np.asarray(cell.tomogram.lac_ZYX, np.float32))
    labels = tuple(
        _write_labels(folder, f"inputs/{number}.labels-{i}.npy", annotation)
        for i, annotation in enumerate(cell.annotations)
    )
    return JobCell(
        id=source.id,
        name=cell.name,
        versions=source.versions,
        voxel_size_um=cell.tomogram.voxel_size_um,
        file=lac_file,
        sha256=lac_sha256,
        labels=labels,
    )


def _write_labels(folder: Path, file: str, annotation: Annotation) -> JobLabels:
    return JobLabels(
        file=file,
        sha256=_write_array(folder / file, annotation.label_map.labels_ZYX),
        names=dict(annotation.label_map.names),
        complete=tuple(sorted(annotation.complete)),
        author=annotation.author,
    )


def _write_array(path: Path, values: np.ndarray) -> str:
    with write_atomically(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)
    return sha256_of_file(path)


def read_job_cell(folder: Path, entry: JobCell) -> Cell:
    """Return a cell of a job; its arrays are memory maps.

    Raises
    ------
    FileError
        If an input is missing or is no longer what it was when the job was written.
    """
    tomogram = Tomogram(
        lac_ZYX=_read_input(folder / entry.file, entry.sha256), voxel_size_um=entry.voxel_size_um
    )
    annotations = tuple(
        Annotation(
            label_map=LabelMap(
                labels_ZYX=_read_input(folder / labels.file, labels.sha256),
                names=labels.names,
                voxel_size_um=entry.voxel_size_um,
            ),
            complete=frozenset(labels.complete),
            author=labels.author,
        )
        for labels in entry.labels
    )
    return Cell(name=entry.name, tomogram=tomogram, annotations=annotations)


def _read_input(path: Path, sha256: str) -> np.ndarray:
    if not path.is_file() or sha256_of_file(path) != sha256:
        raise FileError(
            f"{path}: an input of this job is missing or was changed after the job was written; "
            "start the job anew."
        )
    return read_array(path)


def read_array(path: Path) -> np.ndarray:
    """Return a memory map of an array in a job folder.

    Raises
    ------
    FileError
        If the file is missing or no array.
    """
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read ({error}); start the job anew.") from error
