"""A cell out of a library, each value verified."""

from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import FileError, LibraryError
from sxtstudio.core.events import Report, part
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.library.adding import cell_path
from sxtstudio.library.catalogue import State
from sxtstudio.library.cell_arrays import read_labels, read_lac, sha256_of_array
from sxtstudio.library.cell_file import check_bytes
from sxtstudio.library.links import read_linked
from sxtstudio.library.stored import StoredCell


def read_whole_cell(folder: Path, cell_id: str, state: State, report: Report) -> Cell:
    """Return a cell with its tomogram and labels, as corrected by notes.

    Raises
    ------
    SxtError
        If a file is missing, damaged, or not what it was when it was added. An `OSError` passes.
    """
    now, stored = state.cells[cell_id], state.stored[cell_id]
    path = cell_path(folder, cell_id)
    check_bytes(path, part(report, 0.0, 0.3))
    lac_ZYX = _read_lac(folder, cell_id, state, part(report, 0.3, 0.9))
    annotations = tuple(
        Annotation(
            label_map=LabelMap(
                labels_ZYX=read_labels(path, stored, item.id),
                names=item.facts.names,
                voxel_size_um=now.voxel_size_um,
            ),
            complete=item.facts.complete,
            author=item.author,
            made_by=stored.annotations[item.id].made_by,
        )
        for item in now.annotations
    )
    return Cell(
        name=now.name,
        tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=now.voxel_size_um),
        annotations=annotations,
        species=now.species,
        strain=now.strain,
        condition=now.condition,
        instrument=now.instrument,
        library_ids=(cell_id,),
    )


def _read_lac(folder: Path, cell_id: str, state: State, report: Report) -> np.ndarray:
    stored = state.stored[cell_id]
    if stored.link is not None:
        return _read_outside(folder, stored)
    if not stored.same_as:
        return read_lac(cell_path(folder, cell_id), stored, report)
    other = stored.same_as
    if other not in state.stored:  # any other file with these values will do
        other = state.holder.get(stored.voxels, "")
    if not other:
        raise LibraryError(
            f"{folder}: the tomogram of the cell {stored.name!r} ({cell_id[:12]}) lies in the file "
            f"{stored.same_as[:12]}…, which is not in the library any more; put it back."
        )
    path = cell_path(folder, other)
    check_bytes(path)
    return read_lac(path, stored, report)


def _read_outside(folder: Path, stored: StoredCell) -> np.ndarray:
    assert stored.link is not None
    lac_ZYX = read_linked(stored.link, folder)
    if lac_ZYX.shape != stored.shape or sha256_of_array(lac_ZYX) != stored.lac_sha256:
        raise FileError(
            f"{stored.link.absolute_path}: has changed since the cell {stored.name!r} was added "
            "with a link to it; put the original file back, or add the changed one as a new cell."
        )
    return lac_ZYX
