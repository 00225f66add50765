"""Cells in the project file: what is known of them, and their tomograms."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import Tomogram, parse_voxel_size_um
from sxtstudio.io.arrays import lazy_lac
from sxtstudio.project.arrays import sha256_of
from sxtstudio.project.aside import LaidArray
from sxtstudio.project.entries import add_entry, entries, read_record, write_record
from sxtstudio.project.labels import read_versions
from sxtstudio.project.links import changed_words, open_linked, read_linked
from sxtstudio.project.records import CellRecord, TomogramLink
from sxtstudio.project.stored_array import stored_array
from sxtstudio.project.tree import dataset_at, group_at, integer_at, last_name

TOMOGRAM = "tomogram"
VERSIONS = "versions"

_LONGEST_NAME = 200
_LINK_TOLERANCE = 1e-5


def check_name(name: str, what: str) -> str:
    """Return a name without blanks around it.

    Raises
    ------
    ProjectError
        If it is empty, too long, or holds characters that cannot be shown.
    """
    name = name.strip()
    if not name:
        raise ProjectError(f"A {what} needs a name.")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise ProjectError(
            f"{name[:40]!r} cannot be the name of a {what}; use up to {_LONGEST_NAME} printable "
            "characters."
        )
    return name


def read_cells(root: h5py.Group, path: str) -> tuple[CellRecord, ...]:
    """Return the records of all cells, the oldest first."""
    return tuple(read_cell(group, path) for group in entries(group_at(root, "cells")))


class KnownCells:
    """All cells of a project that nobody else changes: read again only after a commit."""

    def __init__(self) -> None:
        self._generation = -1
        self._records: tuple[CellRecord, ...] = ()

    def read(self, root: h5py.Group, path: str) -> tuple[CellRecord, ...]:
        """Return the records of all cells, the oldest first."""
        generation = integer_at(root, "generation")
        if generation != self._generation:
            self._records, self._generation = read_cells(root, path), generation
        return self._records


def read_cell(group: h5py.Group, path: str) -> CellRecord:
    """Return the record of one cell with its label versions."""
    record = read_record(group, CellRecord, path)
    return replace(record, versions=read_versions(group_at(group, VERSIONS), path))


def find_cell(root: h5py.Group, name_or_id: str, path: str) -> CellRecord:
    """Return the cell that has a name or an id.

    Raises
    ------
    ProjectError
        If there is none; the cells of the project are named.
    """
    cells = group_at(root, "cells")
    if name_or_id in cells:
        return read_cell(group_at(cells, name_or_id), path)
    names = cell_names(root)
    if name_or_id in names:
        return read_cell(group_at(cells, names[name_or_id]), path)
    known = ", ".join(map(repr, names)) or "none yet"
    raise ProjectError(f"{path}: has no cell {name_or_id!r}; its cells are: {known}.")


def cell_names(root: h5py.Group) -> dict[str, str]:
    """Return name → id of all cells, the oldest first."""
    groups = entries(group_at(root, "cells"))
    return {str(group.attrs["name"]): last_name(group) for group in groups}


def check_new_name(names: Mapping[str, str], name: str, path: str) -> str:
    """Return a name for a cell, or raise `ProjectError` if it is taken or cannot be one."""
    name = check_name(name, "cell")
    if name in names or name in names.values():
        raise ProjectError(f"{path}: already has a cell {name!r}; give the new one another name.")
    return name


def cell_record(cell: Cell, name: str, link: TomogramLink | None, source: str) -> CellRecord:
    """Return the record of a new cell, still without id, sha256 and versions."""
    return CellRecord(
        id="",
        name=name,
        shape=cell.tomogram.shape,
        voxel_size_um=parse_voxel_size_um(cell.tomogram.voxel_size_um, name),
        species=cell.species,
        strain=cell.strain,
        condition=cell.condition,
        instrument=cell.instrument,
        link=link,
        source=source,
        lac_sha256="",
        versions=(),
        made_by=made_by("sxtstudio.project.add_cell", {"linked": link is not None}, (source,)),
    )


def check_tomogram(tomogram: Tomogram, name: str) -> None:
    """Raise `ProjectError` if a tomogram is not float32 or has no voxels."""
    if tomogram.lac_ZYX.dtype != np.float32 or 0 in tomogram.shape:
        raise ProjectError(
            f"{name}: a tomogram must be float32 (LAC in µm⁻¹) with at least one voxel along each "
            f"axis, not {tomogram.lac_ZYX.dtype} of {tomogram.shape}."
        )


def linked_sha256(link: TomogramLink, tomogram: Tomogram, project: Path, name: str) -> str:
    """Return the sha256 of a linked tomogram's LAC, making sure that the link gives it back."""
    linked = read_linked(link, project, name)
    agrees = linked.shape == tomogram.shape and np.allclose(
        linked.lac_ZYX, tomogram.lac_ZYX, rtol=_LINK_TOLERANCE, atol=0
    )
    if not agrees:
        raise ProjectError(
            f"{name}: the linked file {link.absolute_path} does not hold this tomogram; link the "
            "file it was read from, or store it in the project."
        )
    return sha256_of(linked.lac_ZYX)


def write_cell(cells: h5py.Group, record: CellRecord, lac: LaidArray | None) -> None:
    """Add a cell, with its tomogram unless that is linked."""
    group = add_entry(cells, record.id, record)
    group.create_group(VERSIONS)
    if lac is not None:
        lac.link(group, TOMOGRAM, {"voxel_size_um": record.voxel_size_um, "units": "1/um"})
    group.attrs["name"] = record.name


def update_cell(group: h5py.Group, record: CellRecord) -> None:
    """Write a cell's record anew; ``name`` also stands alone for other HDF5 programs."""
    write_record(group, replace(record, versions=()))
    group.attrs["name"] = record.name


def open_tomogram(root: h5py.Group, cell: CellRecord, project: Path) -> Tomogram:
    """Return the tomogram of a cell to be looked at: its values stay in their file, unchecked."""
    if cell.link is None:
        values_ZYX = stored_array(dataset_at(root, "cells", cell.id, TOMOGRAM), project)
        lac_ZYX = lazy_lac(values_ZYX, 1.0)
        return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=cell.voxel_size_um)
    tomogram = open_linked(cell.link, project, cell.name)
    if tomogram.shape != cell.shape:
        raise ProjectError(changed_words(cell.link, project, cell.name))
    return tomogram


def read_tomogram(root: h5py.Group, cell: CellRecord, project: Path) -> Tomogram:
    """Return the tomogram of a cell, from the project or from the linked file.

    Raises
    ------
    ProjectError
        If the linked file is missing or has other values than when the cell was added.
    """
    if cell.link is not None:
        return read_linked_tomogram(cell, cell.link, project)
    dataset = dataset_at(root, "cells", cell.id, TOMOGRAM)
    return Tomogram(lac_ZYX=dataset[()], voxel_size_um=cell.voxel_size_um)


def read_linked_tomogram(cell: CellRecord, link: TomogramLink, project: Path) -> Tomogram:
    """Return the tomogram of a cell that lies in a file of its own, see `read_tomogram`."""
    tomogram = read_linked(link, project, cell.name)
    if tomogram.shape != cell.shape or sha256_of(tomogram.lac_ZYX) != cell.lac_sha256:
        raise ProjectError(changed_words(link, project, cell.name))
    return tomogram
