"""Write simulated cells as files, as a laboratory would hand them over."""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import FileError, PlanError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.ontology import Ontology, default_ontology
from sxtstudio.core.plan import check_seed
from sxtstudio.core.volume import LabelMap, Volume
from sxtstudio.io.files import system_errors, write_atomically
from sxtstudio.io.volumes import write_volume
from sxtstudio.simulation.cells import simulate_cell
from sxtstudio.workflow.exporting import label_volume

LARGEST_EDGE = 1024
MOST_CELLS = 10_000
TABLE = "cells.csv"


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Simulate ``cells`` cells of a kind into a folder.

    ``size`` is the edge in voxels; ``tilt_deg`` the greatest tilt of a flat holder, None a full
    rotation in a capillary. ``labels`` writes what is where as well. ``only`` are the structures
    that are drawn, "nucleus,lipid"; cells take turns where there are several, all of them draw
    everything where there is none.
    """

    folder: Path
    kind: str
    cells: int = 1
    size: int = 96
    seed: int = 0
    tilt_deg: float | None = None
    labels: bool = False
    only: tuple[str, ...] = ()


def cell_rng(seed: int, number: int) -> np.random.Generator:
    """Return the random numbers of one simulated cell, whatever the other cells are."""
    return np.random.default_rng([seed, number])


def simulate_files(request: Simulation, report: Report = ignore) -> tuple[Path, ...]:
    """Write KIND-1.mrc … (LAC in µm⁻¹, voxel size) and ``cells.csv``; return the tomograms.

    With labels, KIND-1_labels.am … beside them: AmiraMesh keeps the names of the classes.

    Raises
    ------
    PlanError
        If a number cannot be simulated.
    FileError
        If the folder cannot be written, or holds such files already.
    """
    _check(request)
    names = [f"{request.kind}-{number}" for number in range(1, request.cells + 1)]
    tomograms = tuple(request.folder / f"{name}.mrc" for name in names)
    table = request.folder / TABLE
    for path in (table, *tomograms, *map(_labels_path, tomograms)):
        if path.exists():
            raise FileError(f"{path}: is there already; name an empty folder.")
    is_new = not request.folder.exists()
    with system_errors(request.folder, "written"):
        request.folder.mkdir(parents=True, exist_ok=True)
    try:
        _write_table(
            table, [_simulate(request, n, path, report) for n, path in enumerate(tomograms)]
        )
        report(Progress(text="Simulated", fraction=1.0))
    except BaseException:
        for path in (table, *tomograms, *map(_labels_path, tomograms)):
            path.unlink(missing_ok=True)
        if is_new:
            request.folder.rmdir()
        raise
    return tomograms


def _simulate(request: Simulation, number: int, path: Path, report: Report) -> dict[str, object]:
    report(Progress(text=f"Simulating {path.stem}", fraction=number / request.cells))
    rng = cell_rng(request.seed, number)
    cell = simulate_cell(request.kind, request.size, rng, tilt_deg=request.tilt_deg, name=path.stem)
    if request.only:
        words = request.only[number % len(request.only)]
        drawn = drawn_only(cell.annotations[0], words, default_ontology())
        cell = replace(cell, annotations=(drawn,))
    return _write_cell(cell, path, request)


def drawn_only(annotation: Annotation, words: str, ontology: Ontology) -> Annotation:
    """Return what is left of an annotation if only "nucleus,lipid" had been drawn.

    What lies inside a named structure is drawn as that structure; all else is unlabelled.

    Raises
    ------
    LabelError
        If the ontology knows no such structure.
    """
    value_of = _values_of(words, ontology)
    label_map = annotation.label_map
    table = np.zeros(int(label_map.labels_ZYX.max(initial=0)) + 1, label_map.labels_ZYX.dtype)
    for value, class_id in label_map.names.items():
        inside = (value_of[up] for up in ontology.ancestors(class_id) if up in value_of)
        if value < table.size:
            table[value] = next(inside, 0)
    drawn = LabelMap(
        labels_ZYX=table[label_map.labels_ZYX],
        names={value: class_id for class_id, value in value_of.items()},
        voxel_size_um=label_map.voxel_size_um,
    )
    return replace(annotation, label_map=drawn, complete=frozenset(value_of))


def _values_of(words: str, ontology: Ontology) -> dict[str, int]:
    """Return class id → label value of "nucleus,lipid"."""
    named = [ontology.find(word).id for word in words.split(",")]
    return {class_id: value for value, class_id in enumerate(dict.fromkeys(named), start=1)}


def _labels_path(tomogram: Path) -> Path:
    return tomogram.with_name(f"{tomogram.stem}_labels.am")


def _check(request: Simulation) -> None:
    if request.size > LARGEST_EDGE:
        raise PlanError(
            f"A cell of {request.size} voxels an edge cannot be simulated; give at most "
            f"{LARGEST_EDGE}."
        )
    if not 1 <= request.cells <= MOST_CELLS:
        raise PlanError(f"{request.cells} cells cannot be simulated; give 1 to {MOST_CELLS}.")
    check_seed(request.seed)
    for words in request.only:
        _values_of(words, default_ontology())


def _write_cell(cell: Cell, path: Path, request: Simulation) -> dict[str, object]:
    tomogram, annotation = cell.tomogram, cell.annotations[0]
    write_volume(
        path,
        Volume(values_ZYX=tomogram.lac_ZYX, voxel_size_um=tomogram.voxel_size_um, lac_per_unit=1.0),
    )
    labels = _labels_path(path)
    if request.labels:
        ontology = default_ontology()
        colours = {
            value: ontology[name].colour
            for value, name in annotation.label_map.names.items()
            if name in ontology
        }
        write_volume(labels, label_volume(annotation.label_map, colours))
    return {
        "name": cell.name,
        "kind": request.kind,
        "tomogram": path.name,
        "labels": labels.name if request.labels else "",
        "complete": ",".join(sorted(annotation.complete)),
        "size_voxels": request.size,
        "voxel_size_z_nm": f"{tomogram.voxel_size_um[0] * 1000:.6g}",
        "tilt_deg": "" if request.tilt_deg is None else f"{request.tilt_deg:g}",
        "seed": request.seed,
    }


def _write_table(path: Path, rows: list[dict[str, object]]) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with write_atomically(path) as temporary:
        temporary.write_text(buffer.getvalue(), encoding="utf-8")
