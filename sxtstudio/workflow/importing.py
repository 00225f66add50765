"""Bring tomograms and labels from files into a project: units, names and shapes are settled here.

What a file states is used. What it does not state is asked for in a sentence, never guessed, with
one exception: floating-point values in the range of LAC are taken as LAC, and a note says so.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import LabelError, UnitError
from sxtstudio.core.events import Report, ignore, part
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.volume import (
    Tomogram,
    Volume,
    VoxelSize,
    parse_voxel_size_um,
)
from sxtstudio.io.arrays import lazy_lac
from sxtstudio.io.files import sha256_of_file
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.links import relative_path
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, TomogramLink
from sxtstudio.workflow.label_import import settle_labels
from sxtstudio.workflow.values import (
    LAC_RANGE_PER_UM,
    ValueFacts,
    look_through,
    may_be_lac,
    scaled,
    voxel_words,
)

Fact = Literal["voxel_size", "lac_scale"]

WATER_LAC_PER_UM = 0.111
"""At 517 eV, from the Henke tables."""
DIMMEST_CELL_PER_UM = 0.2
"""The cytosol of every cell met has more: 100 mg/mL of protein make 0.205 µm⁻¹ at 517 eV."""


def parse_voxel_size_nm(words: str, where: str) -> VoxelSize:
    """Return the voxel size in µm of "40" or "60,40,40" (z, y, x) in nanometres.

    Raises
    ------
    UnitError
        If these are not one or three numbers, or no voxel can have that size.
    """
    try:
        edges_nm = [float(word) for word in words.split(",")]
    except ValueError:
        edges_nm = []
    if len(edges_nm) not in (1, 3):
        raise UnitError(
            f"{where}: {words!r} is no voxel size; give one number in nanometres or three as "
            '"z,y,x" (for example 40 or 60,40,40).'
        )
    edges_um = [edge / 1000 for edge in edges_nm]
    return parse_voxel_size_um(tuple(edges_um * 3 if len(edges_um) == 1 else edges_um), where)


def parse_lac_per_unit(lac_per_unit: float, where: str) -> float:
    """Return a LAC scale (µm⁻¹ per stored unit) that can be true.

    Raises
    ------
    UnitError
        If it is not a positive number.
    """
    if not math.isfinite(lac_per_unit) or lac_per_unit <= 0:
        raise UnitError(
            f"{where}: a LAC of {lac_per_unit:g} µm⁻¹ per stored unit cannot be true; give a "
            "positive number (for example --lac-per-unit 0.004)."
        )
    return float(lac_per_unit)


def missing_facts(volume: Volume) -> frozenset[Fact]:
    """Return what a user must be asked before a volume can be taken for a tomogram."""
    missing: set[Fact] = set()
    if volume.voxel_size_um is None:
        missing.add("voxel_size")
    if volume.lac_per_unit is None and not may_be_lac(volume.values_ZYX):
        missing.add("lac_scale")
    return frozenset(missing)


def import_tomogram(
    volume: Volume,
    where: str,
    *,
    voxel_size_um: VoxelSize | None = None,
    lac_per_unit: float | None = None,
    in_file: bool = False,
) -> tuple[Tomogram, tuple[str, ...]]:
    """Return the tomogram that a volume holds, and notes about what was taken for granted.

    ``voxel_size_um`` and ``lac_per_unit`` override what the file says; a note tells. With
    ``in_file`` the values stay there where they can.

    Raises
    ------
    FileError
        If the volume is not a stack of numbers, or some of them are not finite.
    UnitError
        If voxel size or LAC scale are not known or cannot be true.
    """
    found = _settle(volume, where, voxel_size_um, lac_per_unit, ignore)
    return _take(volume, found, in_file=in_file), found.notes


@dataclass(frozen=True, kw_only=True)
class _Settled:
    """What a volume's numbers mean, and the sha256 of its LAC."""

    voxel_size_um: VoxelSize
    lac_per_unit: float
    lac_sha256: str
    notes: tuple[str, ...]


def _settle(
    volume: Volume,
    where: str,
    voxel_size_um: VoxelSize | None,
    lac_per_unit: float | None,
    report: Report,
) -> _Settled:
    size_um, size_notes = _settle_voxel_size(volume, where, voxel_size_um)
    scale, scale_notes = _settle_scale(volume.lac_per_unit, where, lac_per_unit)
    facts = look_through(volume, where, 1.0 if scale is None else scale, report)
    if scale is None:
        if not facts.looks_like_lac:
            raise UnitError(_no_scale_words(facts, where))
        scale, scale_notes = 1.0, _taken_as_lac_notes(facts, where)
    elif facts.usual[1] * scale > LAC_RANGE_PER_UM[1]:
        raise UnitError(_too_large_words(facts, where, scale))
    return _Settled(
        voxel_size_um=size_um,
        lac_per_unit=scale,
        lac_sha256=facts.lac_sha256,
        notes=(*volume.notes, *size_notes, *scale_notes, *_dim_notes(facts, where, scale)),
    )


def _settle_voxel_size(
    volume: Volume, where: str, asked_um: VoxelSize | None
) -> tuple[VoxelSize, tuple[str, ...]]:
    stated_um = volume.voxel_size_um
    if asked_um is not None:
        size_um = parse_voxel_size_um(asked_um, where)
        if stated_um is None or np.allclose(stated_um, size_um, rtol=1e-3):
            return size_um, ()
        stated, asked = voxel_words(stated_um), voxel_words(size_um)
        return size_um, (f"{where}: the file says {stated}; {asked} is used, as asked for.",)
    if stated_um is None:
        raise UnitError(
            f"{where}: the file does not say how large a voxel is; give it in nanometres "
            "(for example --voxel-size-nm 40)."
        )
    return parse_voxel_size_um(stated_um, where), ()


def _settle_scale(
    stated: float | None, where: str, asked: float | None
) -> tuple[float | None, tuple[str, ...]]:
    """Return the scale and notes about it, None if neither the file nor the user says it."""
    if asked is not None:
        asked = parse_lac_per_unit(asked, where)
        if stated is None or math.isclose(stated, asked, rel_tol=1e-3):
            return asked, ()
        return asked, (
            f"{where}: the file says {stated:g} µm⁻¹ per stored unit; {asked:g} is used, as asked "
            "for.",
        )
    return stated, ()


def _no_scale_words(facts: ValueFacts, where: str) -> str:
    low, high = facts.low, facts.high
    words = (
        f"{where}: the file does not say what LAC its values ({low:g} to {high:g}, "
        f"{facts.dtype}) stand for; give the µm⁻¹ of one stored unit (for example "
        "--lac-per-unit 0.004 if the value 100 means 0.4 µm⁻¹)."
    )
    if facts.dtype.kind == "f" and 0 < high < WATER_LAC_PER_UM:
        words += (
            f" Nothing absorbs as much as water ({WATER_LAC_PER_UM} µm⁻¹): if the values are LAC × "
            "voxel size, give 1 divided by the voxel size in µm with which it was reconstructed."
        )
    return words


def _too_large_words(facts: ValueFacts, where: str, scale: float) -> str:
    low, high = (value * scale for value in facts.usual)
    return (
        f"{where}: with {scale:.6g} µm⁻¹ for one stored unit its LAC would be {low:.3g} to "
        f"{high:.3g} µm⁻¹, and nothing absorbs more than gold (23.5 µm⁻¹); give a smaller scale."
    )


def _dim_notes(facts: ValueFacts, where: str, scale: float) -> tuple[str, ...]:
    words = dim_words(facts.usual[1] * scale)
    return (f"{where}: {words}",) if words else ()


def dim_words(brightest_lac_per_um: float) -> str:
    """Return a doubt about a tomogram in which nothing absorbs as a cell does, else ""."""
    if brightest_lac_per_um >= DIMMEST_CELL_PER_UM:
        return ""
    return (
        f"its brightest voxels have {brightest_lac_per_um:.3g} µm⁻¹, hardly more than water "
        f"({WATER_LAC_PER_UM} µm⁻¹) and less than any cell; if the values are LAC × voxel size, "
        "divide them by the voxel size in µm with which it was reconstructed."
    )


def _taken_as_lac_notes(facts: ValueFacts, where: str) -> tuple[str, ...]:
    low, high = facts.usual
    return (
        f"{where}: the file does not state a scale; its values ({low:.3g} to {high:.3g}) are taken "
        "as LAC in µm⁻¹.",
    )


@dataclass(frozen=True, kw_only=True)
class AddCell:
    """Files and facts of a cell that is to be added to a project.

    Without ``name``, the tomogram file's. ``link`` leaves the tomogram where it is instead of
    copying it. ``classes`` and ``complete`` are those of `import_labels`; ``complete`` None means
    that nobody said, and a note tells what follows. The datasets are paths within HDF5 files.
    """

    tomogram: Path
    name: str = ""
    voxel_size_um: VoxelSize | None = None
    lac_per_unit: float | None = None
    link: bool = False
    labels: Path | None = None
    classes: str | None = None
    complete: str | None = None
    dataset: str | None = None
    labels_dataset: str | None = None
    species: str = ""
    strain: str = ""
    condition: str = ""
    instrument: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class FileCell:
    """A cell as read from its files, not yet in a project; ``notes`` are for the user.

    With a ``link`` the tomogram stays in its file; ``lac_sha256`` is of its LAC.
    """

    cell: Cell
    link: TomogramLink | None
    source: str
    lac_sha256: str
    notes: tuple[str, ...]


def add_cell_from_files(project: Project, request: AddCell) -> tuple[CellRecord, tuple[str, ...]]:
    """Add a cell to a project and return its record and notes for the user.

    Raises
    ------
    FileError, UnitError, LabelError, ProjectError
        If something cannot be read, is not known, does not fit, or the name is taken. The project
        is then as it was.
    """
    found = read_cell_from_files(request, project.path, project.ontology())
    return add_file_cell(project, found), found.notes


def add_file_cell(project: Project, found: FileCell) -> CellRecord:
    """Add a cell to a project that was read from its files just before."""
    sha256 = found.lac_sha256 if found.link else None
    return project.add_cell(
        found.cell, link=found.link, source=found.source, linked_lac_sha256=sha256
    )


def read_cell_from_files(
    request: AddCell, project: Path, ontology: Ontology, report: Report = ignore
) -> FileCell:
    """Read a cell for a project with some vocabulary; ``project`` only tells where a link begins.

    Everything that needs every value is done here, so that the project's own thread need not wait.

    Raises
    ------
    FileError, UnitError, LabelError
        If something cannot be read, is not known, or does not fit.
    """
    volume = read_volume(request.tomogram, dataset=request.dataset)
    where = request.tomogram.name
    settled = _settle(
        volume, where, request.voxel_size_um, request.lac_per_unit, part(report, 0.0, 0.5)
    )
    notes = settled.notes
    tomogram = _take(volume, settled, in_file=request.link)
    annotations: tuple[Annotation, ...] = ()
    if request.labels is not None:
        annotation, more = settle_labels(
            read_volume(request.labels, dataset=request.labels_dataset),
            tomogram,
            request.labels.name,
            classes=request.classes,
            complete=request.complete,
            ontology=ontology,
        )
        annotations, notes = (annotation,), (*notes, *more)
    elif request.classes is not None or request.complete is not None:
        raise LabelError("Classes were named, but no file with labels; give it with --labels.")
    cell = Cell(
        name=request.name or default_name(request.tomogram),
        tomogram=tomogram,
        annotations=annotations,
        species=request.species,
        strain=request.strain,
        condition=request.condition,
        instrument=request.instrument,
    )
    link = _link(project, request, settled, part(report, 0.5, 1.0)) if request.link else None
    return FileCell(
        cell=cell,
        link=link,
        source=str(request.tomogram.resolve()),
        lac_sha256=settled.lac_sha256,
        notes=notes,
    )


def _take(volume: Volume, settled: _Settled, *, in_file: bool) -> Tomogram:
    scale = settled.lac_per_unit
    lac_ZYX = (
        lazy_lac(volume.values_ZYX, scale)
        if in_file
        else scaled(np.asarray(volume.values_ZYX[...]), scale)
    )
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=settled.voxel_size_um)


def default_name(tomogram: Path) -> str:
    """Return what a cell is called after its file: "b4.map.gz" gives "b4"."""
    return tomogram.name.split(".")[0] or tomogram.name


def _link(project: Path, request: AddCell, settled: _Settled, report: Report) -> TomogramLink:
    path = request.tomogram.resolve()
    return TomogramLink(
        relative_path=relative_path(path, project),
        absolute_path=str(path),
        sha256=sha256_of_file(path, report),
        dataset=request.dataset,
        lac_per_unit=settled.lac_per_unit,
        voxel_size_um=settled.voxel_size_um,
    )
