"""Look through a folder tree of old work and propose what to take in from it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.core.events import Progress, Report, ignore, part
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.volume import VoxelSize
from sxtstudio.io.hx import HxProject, read_hx
from sxtstudio.workflow.importing import default_name, voxel_words
from sxtstudio.workflow.ingest.contents import Contents, datasets_in, look_into, stem_of
from sxtstudio.workflow.ingest.labelling import propose_labels
from sxtstudio.workflow.ingest.naming import pair_key
from sxtstudio.workflow.ingest.pairing import Pair, pair_by_name
from sxtstudio.workflow.ingest.projects import pairs_of
from sxtstudio.workflow.ingest.proposals import CellProposal, Review, natural_order
from sxtstudio.workflow.ingest.scales import propose_scale
from sxtstudio.workflow.ingest.simulated import stated_complete
from sxtstudio.workflow.ingest.walking import Tree, describe_others, walk

_SEVERAL = "does not say which dataset is meant"
_LOOKED = 0.5
"""Part of the work that is done once each file was looked into."""


def scan(folder: Path, ontology: Ontology, report: Report = ignore) -> Review:
    """Return what a folder tree holds: a row for each tomogram, a sentence for all else.

    Amira projects come first and keep their files; other files are paired by name, content and
    shape. The rows are sorted by their names. Nothing is changed, nothing is taken in.

    Raises
    ------
    FileError
        If the folder itself cannot be read.
    """
    folder = folder.resolve()
    tree = walk(folder, report)
    problems = list(tree.problems)
    pairs, used = _project_pairs(tree, part(report, 0, _LOOKED / 2), problems)
    left = [path for path in tree.volumes if not _is_used(path, used, tree)]
    found = _look_at_all(left, part(report, _LOOKED / 2, _LOOKED), problems)
    paired = pair_by_name(found, folder, ontology)
    problems += paired.problems
    rows = list(_rows([*pairs, *paired.pairs], ontology, part(report, _LOOKED, 1), problems))
    problems += describe_others([path for path in tree.others if path.resolve() not in used])
    if not rows:
        problems.append(f"{folder}: no tomogram was found in this folder or below.")
    report(Progress(text=f"{len(rows)} tomograms found", fraction=1.0))
    return Review(
        folder=folder,
        rows=tuple(sorted(_note_copies(_with_unique_names(rows)), key=natural_order)),
        problems=tuple(dict.fromkeys(problems)),
    )


def _project_pairs(tree: Tree, report: Report, problems: list[str]) -> tuple[list[Pair], set[Path]]:
    pairs: list[Pair] = []
    used: set[Path] = set()
    for number, path in enumerate(tree.projects):
        report(Progress(text=f"Reading {path.name}", fraction=number / len(tree.projects)))
        try:
            project: HxProject = read_hx(path)
            found = pairs_of(project, look_into)
        except SxtError as error:
            problems.append(str(error))
            continue
        pairs += found.pairs
        used |= found.used
        problems += found.problems
    return pairs, used


def _is_used(path: Path, used: set[Path], tree: Tree) -> bool:
    return any(file.resolve() in used for file in tree.series.get(path, (path,)))


def _look_at_all(paths: list[Path], report: Report, problems: list[str]) -> list[Contents]:
    found: list[Contents] = []
    for number, path in enumerate(paths):
        report(Progress(text=f"Looking into {path.name}", fraction=number / len(paths)))
        try:
            found += _look(path, problems)
        except SxtError as error:
            problems.append(str(error))
    return found


def _look(path: Path, problems: list[str]) -> list[Contents]:
    """Return the volumes of a file: several if it is HDF5 with several datasets."""
    try:
        return [look_into(path)]
    except FileError as error:
        if _SEVERAL not in str(error):
            raise
    found: list[Contents] = []
    for dataset in datasets_in(path):
        try:
            one = look_into(path, dataset)
        except FileError as error:
            problems.append(str(error))
            continue
        found.append(replace(one, place=path.parent / stem_of(path), stem=Path(dataset).name))
    if any(one.kind == "tomogram" for one in found):
        return found
    # Only labels: they belong to a tomogram beside the file.
    return [replace(one, place=path.parent, stem=f"{stem_of(path)}_{one.stem}") for one in found]


def _rows(
    pairs: list[Pair], ontology: Ontology, report: Report, problems: list[str]
) -> Iterator[CellProposal]:
    for number, pair in enumerate(pairs):
        name = pair.tomogram.path.name
        report(Progress(text=f"Looking at the labels of {name}", fraction=number / len(pairs)))
        row = _tomogram_row(pair)
        if not pair.labels:
            note = "No labels were found for it."
            yield replace(row, wanted=False, warnings=(*row.warnings, note))
            continue
        try:
            yield _labelled_row(row, pair, ontology)
        except SxtError as error:
            problems.append(str(error))
            words = f"Its labels cannot be used: {error}"
            yield replace(row, wanted=False, faults=(*row.faults, words))


def _tomogram_row(pair: Pair) -> CellProposal:
    tomogram = pair.tomogram
    size_um, reason, warnings = _propose_voxel_size(pair)
    scale = propose_scale(tomogram.grey, tomogram.lac_per_unit, size_um)
    faults: list[str] = []
    if tomogram.grey.not_finite:
        faults.append(
            f"{tomogram.words}: some of its voxels hold no number (NaN or infinite); replace them "
            "in the program that wrote the file."
        )
    notes = [note for note in tomogram.notes if note not in reason]
    if scale.warning:
        notes.append(scale.warning)
    return CellProposal(
        name=pair.name or _name_of(tomogram),
        tomogram=tomogram.path,
        tomogram_dataset=tomogram.dataset,
        project=pair.project,
        shape=tomogram.shape,
        voxel_size_um=size_um,
        voxel_reason=reason,
        lac_per_unit=scale.lac_per_unit,
        lac_reason=scale.reason,
        faults=tuple(faults),
        warnings=(*pair.warnings, *notes, *warnings),
        fingerprint=tomogram.fingerprint,
        brightest=tomogram.grey.high,
    )


def _name_of(tomogram: Contents) -> str:
    """Return what a cell is called: its file, or its folder where the file is just "raw"."""
    if tomogram.place != tomogram.path.parent:
        return default_name(tomogram.path)
    words = pair_key(tomogram.place, tomogram.stem, tomogram.place).words
    return default_name(tomogram.path) if words else tomogram.place.name


def _propose_voxel_size(pair: Pair) -> tuple[VoxelSize | None, str, list[str]]:
    """Return a voxel size, where it comes from, and warnings: the tomogram's before the labels'."""
    own = pair.tomogram.voxel_size_um
    others = {one.contents.path.name: one.contents.voxel_size_um for one in pair.labels}
    stated = {name: size for name, size in others.items() if size is not None}
    if own is not None:
        warnings = [
            f"{name}: the labels' voxels are {voxel_words(size)}, the tomogram's "
            f"{voxel_words(own)}; the tomogram's count."
            for name, size in stated.items()
            if not np.allclose(size, own, rtol=1e-3)
        ]
        reason = " ".join(["stated in the tomogram's file.", *_size_notes(pair)])
        return _rounded(own), reason, warnings
    if stated:
        name, size = next(iter(stated.items()))
        return _rounded(size), f"stated in {name}; the tomogram's own file does not say it.", []
    notes = _size_notes(pair) or ["No file says how large a voxel is."]
    return None, " ".join(notes), []


def _rounded(size_um: VoxelSize) -> VoxelSize:
    """Return a size without the noise of computing it from an extent, which nobody wants to read.

    The nanometres are rounded: that is what people and spreadsheets see.
    """
    z, y, x = (float(Decimal(f"{1000 * edge:.9g}") / 1000) for edge in size_um)
    return (z, y, x)


def _size_notes(pair: Pair) -> list[str]:
    return [note for note in pair.tomogram.notes if "voxel size" in note]


def _labelled_row(row: CellProposal, pair: Pair, ontology: Ontology) -> CellProposal:
    first = pair.labels[0].contents
    stated = stated_complete(pair.tomogram.path, first.path, ontology)
    proposal = propose_labels(pair.labels, pair.tomogram, ontology, stated)
    label_notes = [
        f"{one.contents.path.name}: {note}"
        for one in pair.labels
        for note in one.contents.notes
        if "voxel size" not in note
    ]
    return replace(
        row,
        labels=first.path,
        labels_dataset=first.dataset,
        values=proposal.values,
        drawn=proposal.drawn,
        faults=(*row.faults, *proposal.faults),
        warnings=(*row.warnings, *label_notes, *proposal.warnings),
    )


def _with_unique_names(rows: list[CellProposal]) -> list[CellProposal]:
    """Return rows of which those with one name are told apart by folder, then by a number."""
    stated = [row.name.casefold() for row in rows]
    names = [row.name for row in rows]
    for number, row in enumerate(rows):
        if stated.count(row.name.casefold()) > 1:
            source = row.project or row.tomogram
            names[number] = f"{source.parent.name} {row.name}".strip()
    taken: set[str] = set()
    unique: list[CellProposal] = []
    for row, wish in zip(rows, names, strict=True):
        name, count = wish, 1
        while name.casefold() in taken:
            count += 1
            name = f"{wish} ({count})"
        taken.add(name.casefold())
        unique.append(replace(row, name=name))
    return unique


def _note_copies(rows: list[CellProposal]) -> Iterator[CellProposal]:
    """Tell of tomograms that were found before; a second set of labels is still wanted."""
    first: dict[str, CellProposal] = {}
    for row in sorted(rows, key=lambda row: row.labels is None):
        first.setdefault(row.fingerprint, row)
    for row in rows:
        before = first[row.fingerprint]
        if before is row:
            yield row
            continue
        if row.labels is None or _same_labels(row, before):
            note = f"The same tomogram as {before.name!r}, and no other labels: left out."
            yield replace(row, wanted=False, warnings=(*row.warnings, note))
        else:
            note = f"The same tomogram as {before.name!r}; its labels are added to that cell."
            yield replace(row, warnings=(*row.warnings, note))


def _same_labels(one: CellProposal, two: CellProposal) -> bool:
    facts = [
        [(label.value, label.term, label.voxels) for label in row.values] for row in (one, two)
    ]
    return facts[0] == facts[1]
