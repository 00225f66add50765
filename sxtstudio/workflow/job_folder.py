"""A job folder: everything a worker needs to do a job, so that it never opens the project.

::

    job.json                what is to be done, with the sha256 of every input
    inputs/0.lac.npy        LAC of the first cell, float32 (z, y, x), read as a memory map
    inputs/parent.sxtnet    the network that a training begins from, if it begins from one
    inputs/0.labels-0.npy   its first annotation; cells of a library are fetched as the job begins
    plan.json               what is trained; written when a training begins
    work/                   the engine's own files: checkpoints, the network, probability fields
    results/0/              what was predicted for the first cell, ``prediction.json`` last
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import FileError
from sxtstudio.core.novelty import Novelty
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.ontology import Extension, Ontology, default_ontology
from sxtstudio.core.plan import Beginning, Fold, Plan
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import Task
from sxtstudio.core.volume import ArrayLike, LabelMap, Tomogram, VoxelSize
from sxtstudio.io.arrays import slabs
from sxtstudio.io.files import sha256_of_file, system_errors, write_atomically

JOB_FILE = "job.json"
PLAN_FILE = "plan.json"
PREDICTION_FILE = "prediction.json"
PARENT_FILE = "inputs/parent.sxtnet"


@dataclass(frozen=True, kw_only=True)
class JobLabels:
    """One annotation of a cell: its file in the job folder and what its values mean."""

    file: str
    sha256: str
    names: Mapping[int, str]
    complete: tuple[str, ...]
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class LibrarySource:
    """A cell of a library: the library's folder, and the id of the cell in it.

    ``more`` are the ids of cells with the very same tomogram, in which something else is drawn.
    """

    folder: str
    id: str
    more: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all cells that are taken together."""
        return (self.id, *self.more)


@dataclass(frozen=True, kw_only=True)
class JobCell:
    """One cell of a job; ``id`` and ``versions`` (of its labels) are the project's.

    ``library`` is where more of it, or all, comes from; until that is ``fetched``, its labels are
    not here, nor, without a ``file``, its tomogram.
    """

    id: str
    name: str
    versions: tuple[str, ...] = ()
    voxel_size_um: VoxelSize
    file: str = ""
    sha256: str = ""
    labels: tuple[JobLabels, ...] = ()
    library: LibrarySource | None = None
    fetched: bool = True
    species: str = ""
    strain: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which cells a training shall take, of the project and of a library.

    ``library`` is its folder, empty for none. ``library_cells`` are ids (or the beginning of one,
    or names) there, None for those that suit the task best, ``most`` of them at most.
    ``project_cells`` are names or ids, None for all that know something. ``like`` is a cell of the
    project that the library's cells should resemble.
    """

    library: str = ""
    library_cells: tuple[str, ...] | None = None
    project_cells: tuple[str, ...] | None = None
    like: str = ""
    most: int = 24


@dataclass(frozen=True, kw_only=True)
class JobBeginning:
    """The network that a training begins from: ``file`` is its copy in the job folder.

    ``spared`` are the names of cells that an improvement leaves out, to measure it.
    """

    file: str
    plan: Beginning
    spared: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """Train ``network`` (where it goes in the end) for a task.

    ``beginning`` is None where it begins from chance. Either ``minutes`` or ``steps`` is set.
    ``given`` is a plan that somebody made or edited, None to let one be made.
    ``threads`` None leaves the number to the machine. ``choice`` led to these cells; ``folds`` by
    their names, None leaves them to the plan. ``extension`` holds the terms that the program's own
    vocabulary does not know. Of a network that ``labels_first``, nothing is kept but the labels
    that it gives the first of its own cells.
    """

    task: Task
    cells: tuple[JobCell, ...]
    choice: Choice = field(default_factory=Choice)
    folds: tuple[Fold, ...] | None = None
    extension: Extension = field(default_factory=Extension)
    network: str
    minutes: float | None
    steps: int | None
    device: str
    seed: int
    threads: int | None
    beginning: JobBeginning | None = None
    labels_first: bool = False
    given: Plan | None = None

    @property
    def improves(self) -> bool:
        """Whether it goes on from a network for the same task, to be kept or not."""
        return self.beginning is not None and self.beginning.plan.improves

    @property
    def ontology(self) -> Ontology:
        """The vocabulary of its labels."""
        return default_ontology().extended(self.extension)


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
    """What ``prediction.json`` says beside the arrays.

    ``novelty_step`` is that of ``novelty.npy``, None where there is none.
    """

    names: Mapping[int, str]
    colours: Mapping[int, str]
    voxel_size_um: VoxelSize
    task: str
    network_sha256: str
    made_by: Provenance
    novelty: Novelty | None = None
    novelty_step: tuple[float, float, float] | None = None


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
    lac_sha256 = _write_array(folder / lac_file, cell.tomogram.lac_ZYX)
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
        species=cell.species,
        strain=cell.strain,
    )


def add_library_part(folder: Path, number: int, entry: JobCell, cells: Sequence[Cell]) -> JobCell:
    """Write what a library knows of a cell of the job beside what is here of it already.

    All ``cells`` have its tomogram, voxel for voxel.
    """
    annotations = tuple(item for cell in cells for item in cell.annotations)
    if not entry.file:
        cell = replace(cells[0], name=entry.name, annotations=annotations)
        source = CellSource(id=entry.id, versions=entry.versions, cell=cell)
        return replace(write_job_cell(folder, number, source), library=entry.library)
    labels = tuple(
        _write_labels(folder, f"inputs/{number}.labels-{i}.npy", annotation)
        for i, annotation in enumerate(annotations, start=len(entry.labels))
    )
    return replace(entry, labels=(*entry.labels, *labels), fetched=True)


def _write_labels(folder: Path, file: str, annotation: Annotation) -> JobLabels:
    return JobLabels(
        file=file,
        sha256=_write_array(folder / file, annotation.label_map.labels_ZYX),
        names=dict(annotation.label_map.names),
        complete=tuple(sorted(annotation.complete)),
        author=annotation.author,
    )


def _write_array(path: Path, values: ArrayLike) -> str:
    with write_atomically(path) as temporary:
        save_array(temporary, values)
    return sha256_of_file(path)


def save_array(path: Path, values: ArrayLike) -> None:
    """Write an array of three or four axes, perhaps in a file, as numpy's own format.

    Some planes at a time: `numpy.save` would take as much memory as the array has bytes.
    """
    header = {"descr": values.dtype.str, "fortran_order": False, "shape": values.shape}
    fields = [values] if len(values.shape) == 3 else [values[k] for k in range(values.shape[0])]
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for field_ZYX in fields:
            for slab_ZYX in slabs(field_ZYX):
                file.write(np.ascontiguousarray(slab_ZYX).data)


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
    return Cell(
        name=entry.name,
        tomogram=tomogram,
        annotations=annotations,
        species=entry.species,
        strain=entry.strain,
        library_ids=() if entry.library is None else entry.library.ids,
    )


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


def write_prediction(result: Path, prediction: Prediction) -> None:
    """Write a prediction into the results of a job, ``prediction.json`` last."""
    result.mkdir(parents=True, exist_ok=True)
    label_map = prediction.label_map
    arrays = {
        "labels": label_map.labels_ZYX,
        "probability": prediction.probability_KZYX,
        "uncertainty": prediction.uncertainty_ZYX,
    }
    told = prediction.novelty_map
    if told is not None:
        arrays["novelty"] = told.levels_ZYX
    for name, values in arrays.items():
        with system_errors(result, "written"):
            save_array(result / f"{name}.npy", values)
    record = PredictionRecord(
        names=dict(label_map.names),
        colours=dict(prediction.colours),
        voxel_size_um=label_map.voxel_size_um,
        task=prediction.task,
        network_sha256=prediction.network_sha256,
        made_by=prediction.made_by,
        novelty=prediction.novelty,
        novelty_step=told.step if told else None,
    )
    write_record(result / PREDICTION_FILE, record)


def read_prediction(result: Path) -> Prediction:
    """Return a prediction from the results of a job; its arrays are memory maps."""
    path = result / PREDICTION_FILE
    record = from_json(PredictionRecord, path.read_bytes(), str(path))
    return Prediction(
        label_map=LabelMap(
            labels_ZYX=read_array(result / "labels.npy"),
            names=record.names,
            voxel_size_um=record.voxel_size_um,
        ),
        probability_KZYX=read_array(result / "probability.npy"),
        uncertainty_ZYX=read_array(result / "uncertainty.npy"),
        task=record.task,
        network_sha256=record.network_sha256,
        colours=record.colours,
        made_by=record.made_by,
        novelty=record.novelty,
        novelty_map=_read_novelty_map(result, record),
    )


def _read_novelty_map(result: Path, record: PredictionRecord) -> NoveltyMap | None:
    if record.novelty_step is None:
        return None
    return NoveltyMap(levels_ZYX=read_array(result / "novelty.npy"), step=record.novelty_step)
