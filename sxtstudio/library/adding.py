"""How a cell comes into a library: written aside, read back, then given its name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Cell
from sxtstudio.core.coverage import AnnotationFacts, annotation_facts
from sxtstudio.core.errors import FileError
from sxtstudio.core.provenance import made_by
from sxtstudio.core.similarity import lac_histogram
from sxtstudio.core.volume import parse_voxel_size_um
from sxtstudio.library.cell_arrays import read_labels, read_lac, sha256_of_array
from sxtstudio.library.cell_file import (
    CellArrays,
    cell_file_name,
    check_bytes,
    read_named_record,
    read_record,
    write_cell_file,
)
from sxtstudio.library.folder import CELLS, incoming_path, publish, remove_quietly, utc_now
from sxtstudio.library.preview import make_preview
from sxtstudio.library.stored import (
    FileLink,
    StoredAnnotation,
    StoredCell,
    Voxels,
    content_id,
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Who brings a cell, from where, and where its tomogram stays if not in the cell's file."""

    source: str = ""
    author: str = ""
    link: FileLink | None = None


def cell_path(folder: Path, cell_id: str) -> Path:
    """Return where the file of a cell lies."""
    return folder / CELLS / cell_id[:2] / cell_file_name(cell_id)


def draft_of(cell: Cell, arrival: Arrival) -> StoredCell:
    """Return all of a new cell that its id depends on; the facts are not counted yet."""
    return StoredCell(
        name=cell.name.strip(),
        shape=cell.tomogram.shape,
        voxel_size_um=parse_voxel_size_um(cell.tomogram.voxel_size_um, cell.name),
        lac_sha256=sha256_of_array(cell.tomogram.lac_ZYX),
        preview_sha256="",
        species=cell.species,
        strain=cell.strain,
        condition=cell.condition,
        instrument=cell.instrument,
        annotations=tuple(
            StoredAnnotation(
                facts=AnnotationFacts(
                    names=dict(item.label_map.names), complete=item.complete, voxels={}
                ),
                labels_sha256=sha256_of_array(item.label_map.labels_ZYX),
                author=item.author,
                made_by=item.made_by,
            )
            for item in cell.annotations
        ),
        source=arrival.source.encode("utf-8", "replace").decode(),
        author=arrival.author,
        link=arrival.link,
    )


def add_file(folder: Path, draft: StoredCell, cell: Cell, holder: Mapping[Voxels, str]) -> Path:
    """Write the file of a new cell, and return it once it is safe.

    ``holder`` says in which cell's file LAC values lie already: those are not stored again. An
    `OSError` passes; then nothing of the cell is to be seen.

    Raises
    ------
    FileError
        If the share does not give back what was written.
    """
    cell_id = content_id(draft)
    target = cell_path(folder, cell_id)
    if _is_whole(target):
        return target
    same_as = "" if draft.link else _sound_holder(folder, cell_id, holder.get(draft.voxels, ""))
    preview = make_preview(cell.tomogram)
    stored = replace(
        draft,
        annotations=tuple(
            replace(item, facts=annotation_facts(annotation))
            for item, annotation in zip(draft.annotations, cell.annotations, strict=True)
        ),
        histogram=lac_histogram(cell.tomogram.lac_ZYX),
        preview_sha256=sha256_of_array(preview),
        added=utc_now().isoformat(timespec="seconds"),
        made_by=made_by("sxtstudio.library.add_cell", {"author": draft.author}, (draft.source,)),
        same_as=same_as,
    )
    arrays = CellArrays(
        lac_ZYX=None if same_as or stored.link else np.asarray(cell.tomogram.lac_ZYX),
        labels_ZYX=tuple(item.label_map.labels_ZYX for item in cell.annotations),
        preview=preview,
    )
    _write(folder, target, stored, arrays)
    return target


def _sound_holder(folder: Path, cell_id: str, holder: str) -> str:
    """Return the cell whose tomogram need not be stored again, if its file is as it was.

    A file never points to itself: another program may have written it a moment ago.
    """
    sound = holder not in ("", cell_id) and _is_whole(cell_path(folder, holder))
    return holder if sound else ""


def _write(folder: Path, target: Path, stored: StoredCell, arrays: CellArrays) -> None:
    part = incoming_path(folder)
    try:
        write_cell_file(part, stored, arrays)
        _verify(part, arrays)
        try:
            publish(part, target)
        except FileExistsError:
            if not _is_whole(target):  # a damaged copy of the same cell: this one mends it
                part.replace(target)
    finally:
        remove_quietly(part)


def _verify(part: Path, arrays: CellArrays) -> None:
    """Read a finished file as another workstation will."""
    check_bytes(part)
    stored = read_record(part)
    if arrays.lac_ZYX is not None:
        read_lac(part, stored)
    for number in range(len(arrays.labels_ZYX)):
        read_labels(part, stored, number)


def _is_whole(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        check_bytes(path)
        read_named_record(path)
    except FileError:
        return False
    return True
