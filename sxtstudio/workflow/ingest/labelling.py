"""Propose what the values of label files stand for, and what was drawn everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.ingest.completeness import completeness_of
from sxtstudio.workflow.ingest.contents import Contents, stem_of
from sxtstudio.workflow.ingest.drawing import PlaneCounts, count_planes, find_drawn
from sxtstudio.workflow.ingest.naming import Meaning, class_in_name, meaning_of, words_in
from sxtstudio.workflow.ingest.pairing import LabelFile
from sxtstudio.workflow.ingest.proposals import Drawn, LabelProposal
from sxtstudio.workflow.label_import import label_values

MOST_NAMELESS = 64
_OUTSIDE = "exterior"
_CELL = "cell"
_KNOWN_VALUES = {0: "exterior", 1: "cytoplasm", 2: "nucleus", 5: "mitochondria"}
"""Of the published INS-1E cells, whose files are called CELL_scaled.mrc and CELL_labels.mrc."""


@dataclass(frozen=True, kw_only=True)
class LabelsProposal:
    """What the label files of one cell say."""

    values: tuple[LabelProposal, ...]
    drawn: Drawn | None
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Read:
    """One label file in memory; ``meanings`` belong to its used values, without unlabelled 0."""

    file: LabelFile
    labels_ZYX: np.ndarray
    counts: np.ndarray
    names: Mapping[int, str]
    meanings: Mapping[int, Meaning]

    @property
    def drawn_ZYX(self) -> np.ndarray:
        """Where someone drew something."""
        said = [value for value, one in self.meanings.items() if one.term != IGNORE]
        table = np.zeros(self.counts.size, bool)
        table[said] = True
        return table[self.labels_ZYX]


def propose_labels(
    files: Sequence[LabelFile], tomogram: Contents, ontology: Ontology, stated: frozenset[str]
) -> LabelsProposal:
    """Return what the label files of a tomogram say; ``stated`` are classes known to be complete.

    Raises
    ------
    FileError, LabelError
        If a file cannot be read, or its values are no labels.
    """
    warnings: list[str] = []
    read = [_read(file, tomogram, ontology, warnings) for file in files]
    drawn_ZYX = np.zeros(tomogram.shape, bool)
    for one in read:
        drawn_ZYX |= one.drawn_ZYX
    faults = [fault for one in read for fault in _faults(one)]
    drawn = find_drawn(drawn_ZYX)
    values = [
        label
        for number, one in enumerate(read)
        for label in _propose_values(one, drawn, stated, is_first=number == 0)
    ]
    return LabelsProposal(
        values=tuple(values) if not faults else (),
        drawn=drawn,
        faults=tuple(faults),
        warnings=tuple(warnings),
    )


def _read(file: LabelFile, tomogram: Contents, ontology: Ontology, warnings: list[str]) -> _Read:
    contents = file.contents
    volume = read_volume(contents.path, dataset=contents.dataset)
    labels_ZYX = label_values(volume, contents.path.name)
    counts = _count_values(labels_ZYX)
    used = [int(value) for value in np.flatnonzero(counts)]
    names = {value: name for value, name in volume.class_names.items() if value in used}
    if not volume.class_names:
        names = _names_from_files(file, used, tomogram, ontology)
    by_number = not volume.class_names and len(names) > 1
    meanings = {
        value: _meaning(names.get(value, ""), ontology, by_number=by_number)
        for value in used
        if value or 0 in names
    }
    if 0 in meanings and _is_unlabelled(meanings):
        warnings.append(
            f"{contents.path.name}: the value 0 is called {names[0]!r}, but no value stands for "
            "the rest of the cell, so 0 was taken for “unlabelled”."
        )
        del meanings[0]
    return _Read(file=file, labels_ZYX=labels_ZYX, counts=counts, names=names, meanings=meanings)


def _count_values(labels_ZYX: np.ndarray) -> np.ndarray:
    """Count the voxels of each value, plane by plane: `numpy.bincount` needs 8 bytes a voxel."""
    size = int(labels_ZYX.max(initial=0)) + 1
    counts = np.zeros(size, np.int64)
    for labels_YX in labels_ZYX:
        counts += np.bincount(labels_YX.ravel(), minlength=size)
    return counts


def _is_unlabelled(meanings: Mapping[int, Meaning]) -> bool:
    """Tell whether "void" at 0 may be cell as well, since nothing else stands for the cell."""
    terms = {one.term for one in meanings.values()}
    return meanings[0].term == _OUTSIDE and not terms & {_CELL, "cytoplasm"}


def _names_from_files(
    file: LabelFile, used: Sequence[int], tomogram: Contents, ontology: Ontology
) -> dict[int, str]:
    """Return names for values without: the file's own where it is a mask, or a known convention."""
    values = [value for value in used if value]
    path = file.contents.path
    if len(values) == 1:
        own = class_in_name(words_in(stem_of(path)), ontology) if not file.class_word else None
        word = file.class_word or (own[0] if own else "")
        return {values[0]: word} if word else {}
    published = stem_of(path).endswith("_labels") and stem_of(tomogram.path).endswith("_scaled")
    if published and set(used) <= set(_KNOWN_VALUES):
        return {value: _KNOWN_VALUES[value] for value in used}
    return {}


def _meaning(name: str, ontology: Ontology, *, by_number: bool) -> Meaning:
    if name and by_number:
        return Meaning(
            term=name,
            confidence="value",
            reason="the numbers of the published cells in files called …_scaled and …_labels",
        )
    if name:
        return meaning_of(name, ontology)
    words = "The file does not name this value: say what it stands for."
    return Meaning(term=None, confidence="unknown", reason=words)


def _faults(read: _Read) -> list[str]:
    where = read.file.contents.words
    if not read.meanings:
        return [f"{where}: no voxel is labelled."]
    nameless = sum(not read.names.get(value) for value in read.meanings)
    if nameless > MOST_NAMELESS:
        return [
            f"{where}: has {nameless} values without a name, which looks like one number for each "
            "object; save it with one value for each class."
        ]
    if all(one.term == IGNORE for one in read.meanings.values()):
        return [f"{where}: says “ignore” everywhere."]
    return []


def _propose_values(
    read: _Read, drawn: Drawn | None, stated: frozenset[str], *, is_first: bool
) -> list[LabelProposal]:
    labels_ZYX = read.labels_ZYX
    boxes = [(slice(None),) * 3, *ndimage.find_objects(labels_ZYX)]
    all_labelled = bool(read.counts[0] == 0 or 0 in read.meanings)
    found: list[LabelProposal] = []
    for value, meaning in read.meanings.items():
        box = boxes[value]
        planes = _counts_in_box(labels_ZYX[box] == value, box, labels_ZYX.shape)
        voxels = int(read.counts[value])
        look = completeness_of(meaning.term, voxels, planes, drawn, all_labelled=all_labelled)
        is_stated = meaning.term in stated
        found.append(
            LabelProposal(
                value=value,
                name=read.names.get(value, ""),
                term=meaning.term,
                confidence=meaning.confidence,
                reason=meaning.reason,
                voxels=voxels,
                complete=look.complete or is_stated,
                complete_reason="stated in the table of the cells" if is_stated else look.reason,
                path=None if is_first else read.file.contents.path,
                dataset=None if is_first else read.file.contents.dataset,
            )
        )
    return found


def _counts_in_box(mask_ZYX: np.ndarray, box: Sequence[slice], shape: Sequence[int]) -> PlaneCounts:
    inside = count_planes(mask_ZYX)
    whole: list[np.ndarray] = []
    for counts, span, length in zip(inside.counts, box, shape, strict=True):
        along = np.zeros(length, np.int64)
        along[span] = counts
        whole.append(along)
    return PlaneCounts(counts=(whole[0], whole[1], whole[2]))
