"""Write what a project holds into files that other programs read."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import h5py
import numpy as np

from sxtstudio.core.errors import FileError, ProjectError
from sxtstudio.core.events import Notice, Progress, Report, ignore
from sxtstudio.core.ontology import Ontology, default_ontology
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.records import to_json
from sxtstudio.core.volume import ArrayLike, LabelMap, Volume, VoxelSize
from sxtstudio.io.files import write_atomically
from sxtstudio.io.memory import forget_pages
from sxtstudio.io.volumes import WRITE_SUFFIXES, write_volume
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.looking import OpenVolume, open_cell

What = Literal["labels", "tomogram", "probabilities", "surfaces"]
KINDS: tuple[What, ...] = get_args(What)

SURFACE_SUFFIXES = (".stl", ".obj", ".ply", ".glb", ".gltf")
HDF5_SUFFIXES = (".h5", ".hdf5")
_CHUNK = 64


def export(project: Project, cell: str, what: What, out: Path, report: Report = ignore) -> None:
    """Write the tomogram or the newest labels, probabilities or surfaces of a cell to a file.

    The suffix of ``out`` chooses the format: a volume format for labels and tomogram, HDF5 for
    probabilities, STL, OBJ, PLY, GLB or glTF for surfaces (in µm, x, y, z).

    Raises
    ------
    ProjectError
        If the project has no such cell, or the cell has nothing of the kind.
    FileError
        If the format is unknown, or the file cannot be written.
    """
    prepare_export(project, cell, what, out)(report)


def prepare_export(project: Project, cell: str, what: What, out: Path) -> Callable[[Report], None]:
    """Return what does an `export`; any thread may call it while the project is open.

    Raises what `export` raises as far as it is known before anything is read.
    """
    record = project.cell(cell)
    if what == "tomogram":
        check_target(out)
        return partial(_export_tomogram, open_cell(project, record, None), out)
    if what == "probabilities":
        check_target(out, HDF5_SUFFIXES)
        return _probability_export(project, record, out)
    check_target(out, None if what == "labels" else SURFACE_SUFFIXES)
    version = newest_version(record)
    labels = open_cell(project, record, version)
    colours, ontology = colours_of(version, project.ontology()), project.ontology()
    write = _export_labels if what == "labels" else _export_surfaces
    return partial(write, labels, colours, ontology, out)


def _export_tomogram(opened: OpenVolume, out: Path, report: Report) -> None:
    report(Progress(text="Reading the tomogram"))
    if opened.check is not None:
        opened.check(report)
    tomogram = opened.tomogram
    lac_ZYX = np.asarray(tomogram.lac_ZYX)
    report(Progress(text=f"Writing {out.name}"))
    volume = Volume(values_ZYX=lac_ZYX, voxel_size_um=tomogram.voxel_size_um, lac_per_unit=1.0)
    write_with_notes(out, volume, report)


def _export_labels(
    opened: OpenVolume, colours: Mapping[int, str], ontology: Ontology, out: Path, report: Report
) -> None:
    label_map = _read_labels(opened, report)
    report(Progress(text=f"Writing {out.name}"))
    write_with_notes(out, label_volume(label_map, colours, ontology), report)


def _read_labels(opened: OpenVolume, report: Report) -> LabelMap:
    report(Progress(text="Reading the labels"))
    return LabelMap(
        labels_ZYX=np.asarray(opened.labels),
        names=opened.names,
        voxel_size_um=opened.tomogram.voxel_size_um,
    )


def check_target(out: Path, suffixes: tuple[str, ...] | None = None) -> None:
    """Raise `FileError` early if a file of this name cannot be written.

    Without ``suffixes``, those of volumes.
    """
    known = tuple(suffixes or WRITE_SUFFIXES)
    if not out.name.lower().endswith(known):
        raise FileError(
            f"{out}: the name decides the format, and {out.suffix or 'no suffix'} is none that can "
            f"be written here; use {', '.join(known)}."
        )
    if out.is_dir() or not out.parent.is_dir():
        raise FileError(f"{out}: cannot be written; name a file in a folder that exists.")


def newest_version(record: CellRecord) -> LabelVersion:
    """Return the newest label version of a cell.

    Raises
    ------
    ProjectError
        If the cell has no labels.
    """
    if not record.versions:
        raise ProjectError(f"The cell {record.name!r} has no labels yet; segment it first.")
    return record.versions[-1]


def colours_of(version: LabelVersion, ontology: Ontology) -> dict[int, str]:
    """Return label value → ``#rrggbb``: the version's own colour, or else the ontology's."""
    known = {value: ontology.term(name).colour for value, name in version.names.items()}
    return known | dict(version.colours)


def label_volume(
    label_map: LabelMap, colours: Mapping[int, str], ontology: Ontology | None = None
) -> Volume:
    """Return labels as a volume that carries the names and colours of the classes.

    Ids of classes of the ontology (the program's own if not given) become the words that people
    read.
    """
    terms = ontology or default_ontology()
    names = {value: terms.term(name).name for value, name in label_map.names.items()}
    return Volume(
        values_ZYX=label_map.labels_ZYX,
        voxel_size_um=label_map.voxel_size_um,
        class_names=names,
        class_colours=dict(colours),
    )


def write_with_notes(out: Path, volume: Volume, report: Report) -> None:
    """Write a volume and report what its format could not hold."""
    for note in write_volume(out, volume):
        report(Notice(text=note, level="warning"))


def _probability_export(
    project: Project, record: CellRecord, out: Path
) -> Callable[[Report], None]:
    version = next((v for v in reversed(record.versions) if v.has_probabilities), None)
    if version is None:
        raise ProjectError(
            f"The cell {record.name!r} has no probabilities; only a segmentation brings them."
        )
    fields = project.looking.probabilities(record, version.id)
    size_um = record.voxel_size_um
    return partial(write_probabilities, out, fields, version.names, size_um, version.made_by)


def write_probabilities(
    out: Path,
    fields: Sequence[ArrayLike],
    names: Mapping[int, str],
    voxel_size_um: VoxelSize,
    made_by: Provenance | None,
    report: Report = ignore,
) -> None:
    """Write the probability of every class to ``/probability/1`` … of an HDF5 file.

    ``fields`` holds one (z, y, x) array a label from 1 on, perhaps in a file. Each is uint8
    (z, y, x), p × 255, with the attributes ``class_name`` and ``element_size_um`` (z, y, x).
    """
    with write_atomically(out) as temporary, h5py.File(temporary, "w") as file:
        group = file.create_group("probability")
        group.attrs["scale"] = "probability × 255"
        if made_by is not None:
            group.attrs["made_by"] = to_json(made_by)
        for value, name in sorted(names.items()):
            dataset = _write_field(group, str(value), fields[value - 1], report)
            dataset.attrs["class_name"] = name
            dataset.attrs["element_size_um"] = voxel_size_um


def _write_field(
    group: h5py.Group, name: str, field_ZYX: ArrayLike, report: Report
) -> h5py.Dataset:
    """Write a field row of chunks by row of chunks: HDF5 keeps other threads waiting for each."""
    z, y, x = field_ZYX.shape
    chunk = (min(z, _CHUNK), min(y, _CHUNK), min(x, _CHUNK))
    dataset = group.create_dataset(
        name, (z, y, x), field_ZYX.dtype, chunks=chunk, compression="gzip", compression_opts=1
    )
    for first in range(0, z, _CHUNK):
        report(Progress(text=f"Writing class {name}", fraction=first / z))
        slab_ZYX = np.asarray(field_ZYX[first : first + _CHUNK])
        for row in range(0, y, _CHUNK):
            part = slab_ZYX[:, row : row + _CHUNK]
            dataset[first : first + _CHUNK, row : row + _CHUNK] = part
        forget_pages(field_ZYX)
    return dataset


def _export_surfaces(
    opened: OpenVolume, colours: Mapping[int, str], ontology: Ontology, out: Path, report: Report
) -> None:
    from sxtstudio.analysis.styles import default_styles
    from sxtstudio.analysis.surface import make_surfaces
    from sxtstudio.analysis.surface_files import write_surfaces

    label_map = _read_labels(opened, report)
    drawn = default_styles(label_map.names, colours, ontology)
    styles = [style for style in drawn if style.visible]
    values = [style.label for style in styles]
    surfaces = make_surfaces(label_map.labels_ZYX, label_map.voxel_size_um, values, report)
    names = {style.label: style.name for style in styles}
    shown = {style.label: style.colour for style in styles}
    opacities = {style.label: style.opacity for style in styles}
    report(Progress(text=f"Writing {out.name}"))
    write_surfaces(out, surfaces, names, shown, opacities)
