"""Take what a review says into a library, one cell after another.

Each cell's source ends with a mark: the hash of its files' paths, and that of their state and of
what was decided. A cell whose mark the library has is skipped without being read; one of which
only the second half differs takes the place of the older version.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import LibraryError, SxtError
from sxtstudio.core.events import Notice, Progress, Report, ignore
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import Tomogram
from sxtstudio.io.files import system_errors
from sxtstudio.io.volumes import read_volume
from sxtstudio.library.cell_arrays import sha256_of_array
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery, LibraryCell
from sxtstudio.workflow.importing import import_tomogram
from sxtstudio.workflow.ingest.drawing import ignore_between
from sxtstudio.workflow.ingest.proposals import CellProposal, Review
from sxtstudio.workflow.label_import import import_labels

_FUNCTION = "workflow.ingest.importing.ingest"
_MARK = re.compile(r"\[ingest ([0-9a-f]{16}):([0-9a-f]{16})\]")


@dataclass(frozen=True, kw_only=True)
class IngestResult:
    """What became of each cell, by its name: ``failed`` says why.

    ``added`` are also those of which the library has a newer version now.
    """

    added: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class _Mark:
    """Which files a cell came from, and in what state and with which decisions."""

    files: str
    state: str

    def __str__(self) -> str:
        return f"[ingest {self.files}:{self.state}]"


def ingest(
    review: Review, library: Library, report: Report = ignore, author: str = ""
) -> IngestResult:
    """Add the cells of a review that are to be taken; ``report`` may raise between two cells.

    A cell that cannot be taken in is named with the reason, and the others go on. A tomogram that
    the library has already gets the new labels as a further annotation, in a version that
    supersedes the older one.

    Raises
    ------
    LibraryError
        If the library can only be read, or cannot be reached any more.
    """
    if library.read_only:
        raise LibraryError(f"{library.folder}: can only be read here, so nothing can be added.")
    rows = [row for row in review.rows if row.take]
    known = {mark for cell in _all_cells(library) for mark in _marks_in(cell.source)}
    added: list[str] = []
    skipped: list[str] = []
    failed: dict[str, str] = {}
    for number, row in enumerate(rows):
        report(Progress(text=f"Taking in {row.name}", fraction=number / len(rows)))
        try:
            mark = _mark_of(row)
            is_new = mark not in known and _take_in(row, mark, library, author)
        except SxtError as error:
            if not library.folder.is_dir():
                raise
            failed[row.name] = str(error)
            report(Notice(text=f"{row.name}: {error}", level="warning"))
            continue
        known.add(mark)
        (added if is_new else skipped).append(row.name)
    if added:
        _supersede_twins(library, author)
    report(Progress(text=f"{len(added)} cells added", fraction=1.0))
    return IngestResult(added=tuple(added), skipped=tuple(skipped), failed=failed)


def _supersede_twins(library: Library, author: str) -> None:
    """Leave one cell in use of those that several people took in alike at the same time.

    Whoever is last sees them all, and all choose the same one.
    """
    library.refresh()
    twins: dict[tuple[str, frozenset[_Mark]], list[str]] = {}
    for cell in library.cells():
        marks = frozenset(_marks_in(cell.source))
        if marks:
            twins.setdefault((cell.lac_sha256, marks), []).append(cell.id)
    for ids in twins.values():
        kept, *others = sorted(ids)
        for other in others:
            library.supersede(other, kept, author)


def _all_cells(library: Library) -> tuple[LibraryCell, ...]:
    return library.cells(CellQuery(with_unused=True))


def _marks_in(source: str) -> Iterable[_Mark]:
    return (_Mark(files=found[1], state=found[2]) for found in _MARK.finditer(source))


def _mark_of(row: CellProposal) -> _Mark:
    """Return the mark of a row, from its files' paths, sizes and times and all decisions.

    Raises
    ------
    FileError
        If a file is not there any more.
    """
    files = ((row.tomogram, row.tomogram_dataset), *row.label_files)
    paths = [f"{path.resolve()}|{dataset}" for path, dataset in files]
    states: list[str] = []
    for path, _ in files:
        with system_errors(path, "read"):
            status = path.stat()
        states.append(f"{status.st_size} {status.st_mtime_ns}")
    decisions = [
        repr((row.name, row.voxel_size_um, row.lac_per_unit, row.drawn and row.drawn.planes)),
        repr((row.species, row.strain, row.condition, row.instrument)),
        *(repr((it.value, it.term, it.complete, it.path, it.dataset)) for it in row.values),
    ]
    return _Mark(files=_short_hash(paths), state=_short_hash([*states, *decisions]))


def _short_hash(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _take_in(row: CellProposal, mark: _Mark, library: Library, author: str) -> bool:
    """Add a cell, or a newer version of it; False if the library has all of it already."""
    cell, notes = read_proposed(row, library.ontology(), author)
    source = f"{_source_words(row, notes)} {mark}"
    older = _older_version(cell, mark, library)
    if older is None:
        known = {one.id for one in _all_cells(library)}
        return library.add_cell(cell, source=source, author=author).id not in known
    is_mine = any(it.files == mark.files for it in _marks_in(older.source))
    cell = _with_other_labels(cell, library.read_cell(older.id), row, keep_name=not is_mine)
    others = [
        line
        for line in older.source.splitlines()
        if all(one.files != mark.files for one in _marks_in(line))
    ]
    new = library.add_cell(cell, source="\n".join([*others, source]), author=author)
    if new.id == older.id:
        return False
    library.supersede(older.id, new.id, author)
    return True


def read_proposed(
    row: CellProposal, ontology: Ontology, author: str = ""
) -> tuple[Cell, tuple[str, ...]]:
    """Return the cell that a row stands for, read from its files, and notes on what was assumed.

    Raises
    ------
    SxtError
        If a file cannot be read, or does not hold what the row says.
    """
    volume = read_volume(row.tomogram, dataset=row.tomogram_dataset)
    tomogram, notes = import_tomogram(
        volume,
        row.tomogram.name,
        voxel_size_um=row.voxel_size_um,
        lac_per_unit=row.lac_per_unit,
    )
    annotations = tuple(
        _read_annotation(row, path, dataset, tomogram, ontology, author)
        for path, dataset in row.label_files
    )
    cell = Cell(
        name=row.name,
        tomogram=tomogram,
        annotations=annotations,
        species=row.species,
        strain=row.strain,
        condition=row.condition,
        instrument=row.instrument,
    )
    return cell, notes


def _read_annotation(
    row: CellProposal,
    path: Path,
    dataset: str | None,
    tomogram: Tomogram,
    ontology: Ontology,
    author: str,
) -> Annotation:
    values = row.values_in(path, dataset)
    unsure = {label.term for label in values if not label.complete}
    complete = {label.term or "" for label in values} - unsure - {IGNORE}
    classes = ",".join(f"{label.value}={label.term}" for label in values)
    annotation = import_labels(
        read_volume(path, dataset=dataset),
        tomogram,
        path.name,
        classes=classes,
        complete=",".join(sorted(complete)) or "none",
        ontology=ontology,
    )
    label_map = annotation.label_map
    if row.drawn is not None:
        label_map = ignore_between(label_map, row.drawn)
    facts = {
        "file": str(path),
        "dataset": dataset,
        "classes": classes,
        "drawn": row.drawn.words if row.drawn else "everywhere",
    }
    return replace(
        annotation, label_map=label_map, author=author, made_by=made_by(_FUNCTION, facts)
    )


def _source_words(row: CellProposal, notes: Iterable[str]) -> str:
    files = [str(row.tomogram), *(str(path) for path, _ in row.label_files)]
    said = [f"voxel size: {row.voxel_reason}", f"LAC: {row.lac_reason}"]
    said += [note for note in notes if note not in row.voxel_reason]
    if row.project is not None:
        said.insert(0, f"project {row.project}")
    words = f"{', '.join(files)} ({'; '.join(one.rstrip('.') for one in said)})"
    return " ".join(words.split())


def _older_version(cell: Cell, mark: _Mark, library: Library) -> LibraryCell | None:
    """Return the cell in use with the same tomogram, or else one from the same files."""
    used = library.cells()
    lac_sha256 = sha256_of_array(cell.tomogram.lac_ZYX)
    same = [one for one in used if one.lac_sha256 == lac_sha256]
    from_files = (
        one for one in used if any(it.files == mark.files for it in _marks_in(one.source))
    )
    return next(iter(same), None) or next(from_files, None)


def _with_other_labels(cell: Cell, older: Cell, row: CellProposal, *, keep_name: bool) -> Cell:
    """Return a cell with what its older version knows from elsewhere: labels and specimen."""
    mine = {(str(path), dataset) for path, dataset in row.label_files}
    size_um = cell.tomogram.voxel_size_um
    others = [
        replace(one, label_map=replace(one.label_map, voxel_size_um=size_um))
        for one in older.annotations
        if one.label_map.shape == cell.tomogram.shape
        and _file_of(one) not in mine
        and not any(_says_the_same(one, it) for it in cell.annotations)
    ]
    return replace(
        cell,
        name=older.name if keep_name else cell.name,
        annotations=(*others, *cell.annotations),
        species=cell.species or older.species,
        strain=cell.strain or older.strain,
        condition=cell.condition or older.condition,
        instrument=cell.instrument or older.instrument,
    )


def _file_of(annotation: Annotation) -> tuple[str, str | None] | None:
    made = annotation.made_by
    if made is None or made.function != _FUNCTION:
        return None
    dataset = made.parameters.get("dataset")
    return str(made.parameters.get("file")), None if dataset is None else str(dataset)


def _says_the_same(one: Annotation, two: Annotation) -> bool:
    return (
        dict(one.label_map.names) == dict(two.label_map.names)
        and one.complete == two.complete
        and np.array_equal(one.label_map.labels_ZYX, two.label_map.labels_ZYX)
    )
