"""The whole way once, on simulated cells: library, task, training, segmentation, measurement."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Notice, Progress, Report, ignore, part
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import Task, targets
from sxtstudio.io.files import system_errors, write_atomically
from sxtstudio.project.project import Project
from sxtstudio.simulation.cells import simulate_cell
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    export_segmentation_job,
    export_training_job,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.measuring import measure_cells
from sxtstudio.workflow.picturing import snapshot
from sxtstudio.workflow.simulating import cell_rng
from sxtstudio.workflow.tasks import define_task

if TYPE_CHECKING:
    from sxtstudio.analysis.agreement import ClassScore

KIND = "alga"
LIBRARY_CELLS = 6
EDGE_VOXELS = 80
TASK = "organelles"
CLASSES = ("nucleus", "mitochondria", "lipid bodies", "starch granules", "chloroplast")
NEW_CELL = f"{KIND}-{LIBRARY_CELLS + 1}"
"""The cell that no network has seen, and that the window opens on."""

PROJECT_FILE = "project.sxt"
NETWORK_FILE = f"{TASK}.sxtnet"


def free_folder(folder: Path) -> Path:
    """Return a folder that holds no demonstration yet: ``demo``, or else ``demo-2``, and so on."""
    number, free = 1, folder
    while (free / PROJECT_FILE).exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def run_demo(
    folder: Path,
    minutes: float | None = 3.5,
    seed: int = 0,
    report: Report = ignore,
    *,
    steps: int | None = None,
    edge_voxels: int = EDGE_VOXELS,
) -> Path:
    """Do the whole way in a folder and return the project.

    Beside it lie the network, ``measurements.csv``, ``scores.csv`` (against the truth, which the
    program never saw) and ``snapshot.png``. With ``steps``, training takes that many instead of
    ``minutes``.

    Raises
    ------
    FileError
        If the folder holds a demonstration already, or cannot be written.
    """
    path = _free_path(folder)
    cells = _simulate(seed, edge_voxels, part(report, 0.0, 0.12))
    with Project.create(path) as project:
        task = _fill(project, cells)
        request = TrainingRequest(
            task=TASK,
            network=folder / NETWORK_FILE,
            minutes=None if steps else minutes,
            steps=steps,
            seed=seed,
        )
        _train(project, request, part(report, 0.12, 0.8))
        _segment(project, folder / NETWORK_FILE, part(report, 0.8, 0.9))
        _score(project, task, cells[-1], folder / "scores.csv", report)
        table = measure_cells(project, (NEW_CELL,), part(report, 0.9, 0.95))
        with write_atomically(folder / "measurements.csv") as temporary:
            temporary.write_text(table.to_csv(), encoding="utf-8")
        report(Progress(text="Drawing the surfaces", fraction=0.95))
        snapshot(project, NEW_CELL, folder / "snapshot.png")
    report(Progress(text="Done", fraction=1.0))
    return path


def make_demo_project(
    folder: Path, seed: int = 0, report: Report = ignore, *, edge_voxels: int = EDGE_VOXELS
) -> Path:
    """Write a project of simulated cells, one of them without labels, and a task to train for.

    Raises
    ------
    FileError
        If the folder holds a demonstration already, or cannot be written.
    """
    path = _free_path(folder)
    cells = _simulate(seed, edge_voxels, report)
    report(Progress(text="Writing the project"))
    with Project.create(path) as project:
        _fill(project, cells)
    return path


def _free_path(folder: Path) -> Path:
    path = folder / PROJECT_FILE
    if path.exists():
        raise FileError(f"{folder}: holds a demonstration already; name another folder.")
    with system_errors(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)
    return path


def _fill(project: Project, cells: Sequence[Cell]) -> Task:
    for cell in cells[:-1]:
        project.add_cell(cell, source="simulated")
    project.add_cell(replace(cells[-1], annotations=()), source="simulated")
    return define_task(project, TASK, CLASSES)


def _simulate(seed: int, edge_voxels: int, report: Report) -> list[Cell]:
    cells: list[Cell] = []
    count = LIBRARY_CELLS + 1
    for number in range(count):
        name = f"{KIND}-{number + 1}"
        report(Progress(text=f"Simulating {name}", fraction=number / count))
        cells.append(simulate_cell(KIND, edge_voxels, cell_rng(seed, number), name=name))
    return cells


def _train(project: Project, request: TrainingRequest, report: Report) -> None:
    job = job_folder_of(request.network)
    export_training_job(project, request, job)
    run_job(job, report)
    report(Notice(text=finish_job(project, job)))


def _segment(project: Project, network: Path, report: Report) -> None:
    job = network.with_name("segmentation.job")
    export_segmentation_job(project, SegmentationRequest(network=network, cells=(NEW_CELL,)), job)
    run_job(job, report)
    report(Notice(text=finish_job(project, job)))


def _score(project: Project, task: Task, truth: Cell, out: Path, report: Report) -> None:
    from sxtstudio.analysis.agreement import score

    label_map = project.label_map(project.cell(NEW_CELL).id)
    true_ZYX = _true_labels(truth, task)
    scores = score(label_map.labels_ZYX, true_ZYX, label_map.voxel_size_um, task.names)
    _write_scores(out, scores)
    words = ", ".join(f"{item.name} {item.dice:.2f}" for item in scores if item.dice is not None)
    report(Notice(text=f"Dice against the truth of {NEW_CELL}: {words}."))


def _true_labels(cell: Cell, task: Task) -> np.ndarray:
    """Return the one task label that the complete annotation of a simulated cell leaves."""
    possible_ZYX = targets(cell.annotations[0], task, default_ontology())
    return np.round(np.log2(possible_ZYX)).astype(np.uint8)


def _write_scores(out: Path, scores: "Sequence[ClassScore]") -> None:
    buffer = io.StringIO()
    names = [field.name for field in fields(scores[0])]
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(item) for item in scores)
    with write_atomically(out) as temporary:
        temporary.write_text(buffer.getvalue(), encoding="utf-8")
