"""A review as two tables for a spreadsheet: one line a cell, and one line a label value.

Sizes are in nm there. Lines may be sorted or removed: a cell whose line is gone is not taken in.
Columns that only inform are read back all the same, so a review survives unchanged.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import get_args

from sxtstudio.core.errors import FileError, LabelError, UnitError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.volume import VoxelSize, parse_voxel_size_um
from sxtstudio.workflow.importing import parse_lac_per_unit
from sxtstudio.workflow.ingest.corrections import AS_GIVEN
from sxtstudio.workflow.ingest.proposals import (
    CellProposal,
    Confidence,
    Drawn,
    LabelProposal,
    Review,
)
from sxtstudio.workflow.ingest.spreadsheet import (
    TableRow,
    as_it_is,
    in_one_line,
    read_table,
    write_table,
)

_EDGES = ("voxel_z_nm", "voxel_y_nm", "voxel_x_nm")
_SPECIMEN = ("species", "strain", "condition", "instrument")
_CELL_COLUMNS = (
    *("take", "cell", *_EDGES, "voxel_size_from", "lac_per_unit", "lac_from", *_SPECIMEN),
    *("problems", "warnings", "tomogram", "tomogram_dataset", "labels", "labels_dataset"),
    *("project", "shape_zyx", "drawn", "drawn_planes", "faults", "fingerprint", "folder"),
)
_BRIGHTEST = "brightest"
_DOUBTS = "doubts"
"""Columns that tables of older programs have not; doubts follow from the materials' terms."""
_LABEL_COLUMNS = (
    *("cell", "value", "material", "term", "complete", "voxels", "confidence", "why_this_term"),
    *("why_complete", "file", "dataset"),
)
_BETWEEN = " | "
_AXES = "zyx"
_MISSING = "Missing: "
_CONFIDENCES: dict[str, Confidence] = {word: word for word in get_args(Confidence)}


def labels_table(path: Path) -> Path:
    """Return where the table of the label values lies: beside that of the cells."""
    return path.with_name(f"{path.stem}_labels{path.suffix}")


def write_review(path: Path, review: Review, *, decimal_comma: bool = False) -> None:
    """Write a review as ``path`` and, beside it, ``…_labels``.

    ``decimal_comma`` suits spreadsheets of countries with a decimal comma; either is read.

    Raises
    ------
    FileError
        If the system refuses.
    """
    cells = [_cell_fields(row, review.folder, decimal_comma=decimal_comma) for row in review.rows]
    folder = as_it_is(str(review.folder))
    notes = [{"problems": in_one_line(problem), "folder": folder} for problem in review.problems]
    labels = [
        _label_fields(label, row, review.folder) for row in review.rows for label in row.values
    ]
    lines = [*cells, *notes] or [{"folder": folder}]
    write_table(path, (*_CELL_COLUMNS, _BRIGHTEST, _DOUBTS), lines, decimal_comma=decimal_comma)
    write_table(labels_table(path), _LABEL_COLUMNS, labels, decimal_comma=decimal_comma)


def _cell_fields(row: CellProposal, folder: Path, *, decimal_comma: bool) -> dict[str, str]:
    def number(value: float, factor: int = 1) -> str:
        words = f"{(Decimal(repr(value)) * factor).normalize():f}"
        return words.replace(".", ",") if decimal_comma else words

    edges_um = row.voxel_size_um
    return {
        "take": "yes" if row.wanted else "no",
        "cell": in_one_line(row.name),
        **(
            {name: number(edge, 1000) for name, edge in zip(_EDGES, edges_um, strict=True)}
            if edges_um
            else {}
        ),
        "voxel_size_from": _reason_words(row.voxel_reason, row.voxel_size_um),
        "lac_per_unit": "" if row.lac_per_unit is None else number(row.lac_per_unit),
        "lac_from": _reason_words(row.lac_reason, row.lac_per_unit),
        **{name: in_one_line(getattr(row, name)) for name in _SPECIMEN},
        "problems": in_one_line(_BETWEEN.join(row.problems)),
        "warnings": in_one_line(_BETWEEN.join(row.warnings)),
        _DOUBTS: in_one_line(_BETWEEN.join(row.remarks[len(row.warnings) :])),
        "tomogram": _path_words(row.tomogram, folder),
        "tomogram_dataset": as_it_is(row.tomogram_dataset or ""),
        "labels": _path_words(row.labels, folder),
        "labels_dataset": as_it_is(row.labels_dataset or ""),
        "project": _path_words(row.project, folder),
        "shape_zyx": " × ".join(map(str, row.shape)),
        "drawn": in_one_line(row.drawn.words) if row.drawn else "",
        "drawn_planes": _plane_words(row.drawn),
        "faults": in_one_line(_BETWEEN.join(row.faults)),
        "fingerprint": row.fingerprint,
        _BRIGHTEST: "" if row.brightest is None else number(float(row.brightest)),
        "folder": as_it_is(str(folder)),
    }


def _reason_words(reason: str, fact: object) -> str:
    return in_one_line(reason if fact is not None else f"{_MISSING}{reason}")


def _reason(line: TableRow, column: str, fact: object) -> str:
    """Return where a fact comes from: the user, if it was missing when the table was written."""
    words = line.text(column)
    if words.startswith(_MISSING.strip()):
        return words.removeprefix(_MISSING.strip()).strip() if fact is None else AS_GIVEN
    return words


def _label_fields(label: LabelProposal, row: CellProposal, folder: Path) -> dict[str, str]:
    return {
        "cell": in_one_line(row.name),
        "value": str(label.value),
        "material": in_one_line(label.name),
        "term": label.term or "",
        "complete": "yes" if label.complete else "no",
        "voxels": str(label.voxels),
        "confidence": label.confidence,
        "why_this_term": in_one_line(label.reason),
        "why_complete": in_one_line(label.complete_reason),
        "file": _path_words(label.path, folder),
        "dataset": as_it_is(label.dataset or ""),
    }


def _path_words(path: Path | None, folder: Path) -> str:
    if path is None:
        return ""
    is_inside = path.is_relative_to(folder)
    return as_it_is((path.relative_to(folder) if is_inside else path).as_posix())


def _plane_words(drawn: Drawn | None) -> str:
    """Return the drawn planes like "z 0 11 22; x 5"; no spreadsheet takes that for a date."""
    if drawn is None:
        return ""
    axes = zip(_AXES, drawn.planes, strict=True)
    return "; ".join(f"{axis} {' '.join(map(str, planes))}" for axis, planes in axes if planes)


def read_review(path: Path, ontology: Ontology) -> Review:
    """Return the review that two tables hold, as `write_review` made them and a user edited them.

    A term may be written as its id, name or synonym, as ``ignore``, or left empty.

    Raises
    ------
    FileError
        If something cannot be understood: file, line and column are named.
    """
    lines = read_table(path, _CELL_COLUMNS)
    folder = next((Path(line.exact("folder")) for line in lines if line.text("folder")), None)
    if folder is None:
        raise FileError(f"{path}: does not say in its column folder which folder was looked at.")
    labels = _read_labels(labels_table(path), folder, ontology)
    cells = [line for line in lines if _is_cell(line)]
    notes = [line.text("problems") for line in lines if not _is_cell(line)]
    rows = tuple(_read_cell(line, folder, labels) for line in cells)
    _check_labels_are_there(rows, cells, labels, labels_table(path).name)
    _check_unique(rows, cells)
    return Review(folder=folder, rows=rows, problems=tuple(filter(None, notes)))


def _is_cell(line: TableRow) -> bool:
    return bool(line.text("cell") or line.text("tomogram"))


def _check_unique(rows: Sequence[CellProposal], lines: Sequence[TableRow]) -> None:
    names: set[str] = set()
    for row, line in zip(rows, lines, strict=True):
        if row.name in names:
            raise line.wrong("cell", "is the name of two cells; give one of them another name.")
        names.add(row.name)


def _check_labels_are_there(
    rows: Sequence[CellProposal],
    lines: Sequence[TableRow],
    labels: Mapping[str, Sequence[LabelProposal]],
    table: str,
) -> None:
    """Refuse a cell that was renamed in one table only, which would leave it without labels."""
    names = {row.name for row in rows}
    if labels.keys() <= names:
        return
    for row, line in zip(rows, lines, strict=True):
        if row.wanted and row.labels is not None and not row.faults and row.name not in labels:
            lost = ", ".join(sorted(labels.keys() - names))
            raise line.wrong(
                "cell",
                f"has no line in {table}, but {lost} has; a cell that gets another name needs it "
                "in both tables.",
            )


def _read_cell(
    line: TableRow, folder: Path, labels: Mapping[str, Sequence[LabelProposal]]
) -> CellProposal:
    name = line.text("cell")
    tomogram = _path(line, "tomogram", folder)
    if not name or tomogram is None:
        raise line.wrong("cell" if not name else "tomogram", "is empty; every cell needs one.")
    size_um, scale = _voxel_size(line), _scale(line)
    return CellProposal(
        name=name,
        tomogram=tomogram,
        tomogram_dataset=line.exact("tomogram_dataset") or None,
        labels=_path(line, "labels", folder),
        labels_dataset=line.exact("labels_dataset") or None,
        project=_path(line, "project", folder),
        shape=_shape(line),
        voxel_size_um=size_um,
        voxel_reason=_reason(line, "voxel_size_from", size_um),
        lac_per_unit=scale,
        lac_reason=_reason(line, "lac_from", scale),
        values=tuple(labels.get(name, ())),
        drawn=_drawn(line),
        species=line.text("species"),
        strain=line.text("strain"),
        condition=line.text("condition"),
        instrument=line.text("instrument"),
        wanted=line.yes("take"),
        faults=_sentences(line, "faults"),
        warnings=_sentences(line, "warnings"),
        fingerprint=line.text("fingerprint"),
        brightest=_brightest(line),
    )


def _brightest(line: TableRow) -> float | None:
    value = line.number(_BRIGHTEST) if _BRIGHTEST in line.fields else None
    return None if value is None else float(value)


def _sentences(line: TableRow, column: str) -> tuple[str, ...]:
    return tuple(filter(None, line.text(column).split(_BETWEEN)))


def _path(line: TableRow, column: str, folder: Path) -> Path | None:
    words = line.exact(column)
    return folder / words if words.strip() else None


def _shape(line: TableRow) -> tuple[int, int, int]:
    words = line.text("shape_zyx").replace("x", "×").split("×")
    if len(words) != 3 or not all(word.strip().isdecimal() for word in words):
        raise line.wrong("shape_zyx", "is no shape; leave this column as it was.")
    z, y, x = (int(word) for word in words)
    return (z, y, x)


def _voxel_size(line: TableRow) -> VoxelSize | None:
    """Return the voxel size; one edge alone, the first, stands for all three."""
    edges_nm = [line.number(column) for column in _EDGES]
    if edges_nm == [None] * 3:
        return None
    if edges_nm[0] is not None and edges_nm[1:] == [None] * 2:
        edges_nm = [edges_nm[0]] * 3
    for column, edge in zip(_EDGES, edges_nm, strict=True):
        if edge is None:
            raise line.wrong(column, "is empty; give all three edges, or z only.")
    try:
        return parse_voxel_size_um(tuple(float((edge or 0) / 1000) for edge in edges_nm), "It")
    except UnitError:
        raise line.wrong(_EDGES[0], "nm cannot be the edge of a voxel.") from None


def _scale(line: TableRow) -> float | None:
    scale = line.number("lac_per_unit")
    try:
        return None if scale is None else parse_lac_per_unit(float(scale), "It")
    except UnitError:
        raise line.wrong("lac_per_unit", "cannot be true; give a positive number.") from None


def _drawn(line: TableRow) -> Drawn | None:
    words = line.text("drawn_planes")
    if not words:
        return None
    planes: dict[str, tuple[int, ...]] = {}
    for along in words.split(";"):
        axis, *numbers = along.split() or [""]
        if (
            axis not in tuple(_AXES)
            or not numbers
            or not all(number.isdecimal() for number in numbers)
        ):
            raise line.wrong("drawn_planes", 'is no list of planes like "z 0 11 22; x 5".')
        planes[axis] = tuple(map(int, numbers))
    z, y, x = (planes.get(axis, ()) for axis in _AXES)
    return Drawn(planes=(z, y, x), words=line.text("drawn"))


def _read_labels(
    path: Path, folder: Path, ontology: Ontology
) -> dict[str, tuple[LabelProposal, ...]]:
    labels: dict[str, tuple[LabelProposal, ...]] = {}
    for line, label in _label_lines(path, folder, ontology):
        before = labels.get(line.text("cell"), ())
        same = [(one.value, one.path, one.dataset) for one in before]
        if (label.value, label.path, label.dataset) in same:
            raise line.wrong("value", "is there twice for this cell.")
        labels[line.text("cell")] = (*before, label)
    return labels


def _label_lines(
    path: Path, folder: Path, ontology: Ontology
) -> Iterator[tuple[TableRow, LabelProposal]]:
    for line in read_table(path, _LABEL_COLUMNS):
        term = _term(line, ontology)
        yield (
            line,
            LabelProposal(
                value=line.whole("value"),
                name=line.text("material"),
                term=term,
                confidence=_confidence(line, term),
                reason=line.text("why_this_term"),
                voxels=line.whole("voxels"),
                complete=line.yes("complete"),
                complete_reason=line.text("why_complete"),
                path=_path(line, "file", folder),
                dataset=line.exact("dataset") or None,
            ),
        )


def _confidence(line: TableRow, term: str | None) -> Confidence:
    known = _CONFIDENCES.get(line.text("confidence"))
    if known is None:
        raise line.wrong("confidence", "is no word of this column; leave it as it was.")
    # What was unknown and has a term now was decided by the user.
    return "stated" if term and known == "unknown" else known


def _term(line: TableRow, ontology: Ontology) -> str | None:
    word = line.text("term")
    try:
        return ontology.find_label(word) if word else None
    except LabelError as error:
        raise FileError(f"{line.path}, line {line.line}, column term: {error}") from None
