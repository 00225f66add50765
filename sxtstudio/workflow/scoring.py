"""Compare two label files, by what their classes are called or by their values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology, default_ontology
from sxtstudio.core.volume import Volume, check_shapes_agree
from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.label_import import label_values

if TYPE_CHECKING:
    from sxtstudio.analysis.agreement import ClassScore


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Scores per class, how the classes were matched, and notes for the user."""

    scores: tuple["ClassScore", ...]
    matched_by: str
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Match:
    """Which values of either file are the same class.

    ``ignored`` values of the reference say nothing. ``mine`` and ``theirs`` map the values of
    labels and reference to those of ``names``.
    """

    names: Mapping[int, str]
    mine: Mapping[int, int]
    theirs: Mapping[int, int]
    ignored: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def score_files(labels: Path, reference: Path) -> Comparison:
    """Return how well a label file agrees with a reference file.

    When both carry class names, classes are matched by name; a term of the ontology brings what
    lies inside it, except what the labels name separately. Otherwise they are matched by value.
    Where the reference says "ignore", nothing is compared. Distances are left out (None) when
    neither file knows its voxel size.

    Raises
    ------
    FileError
        If a file cannot be read.
    LabelError
        If the shapes differ, a file holds no labels, or no class is in both.
    """
    from sxtstudio.analysis.agreement import score

    volumes = read_volume(labels), read_volume(reference)
    check_shapes_agree(volumes[0].shape, volumes[1].shape, labels.name)
    labels_ZYX = label_values(volumes[0], labels.name)
    reference_ZYX = label_values(volumes[1], reference.name)
    by_name = bool(_named(volumes[0]) and _named(volumes[1]))
    if by_name:
        match = _match_names(_named(volumes[0]), _named(volumes[1]), default_ontology())
    else:
        match = _match_values(volumes, labels_ZYX, reference_ZYX)
    if not match.names:
        raise LabelError(f"{labels.name} and {reference.name} have no class in common.")
    compared_ZYX = _renumbered(labels_ZYX, match.mine)
    compared_ZYX[np.isin(reference_ZYX, tuple(match.ignored))] = 0
    matched_ZYX = _renumbered(reference_ZYX, match.theirs)
    size_um = volumes[0].voxel_size_um or volumes[1].voxel_size_um
    scores = score(compared_ZYX, matched_ZYX, size_um or (1.0, 1.0, 1.0), match.names)
    notes = match.notes
    if size_um is None:
        scores = tuple(_without_distances(item) for item in scores)
        notes += ("Neither file knows its voxel size, so there are no distances in µm.",)
    return Comparison(scores=scores, matched_by="name" if by_name else "value", notes=notes)


def _named(volume: Volume) -> dict[int, str]:
    return {value: name for value, name in volume.class_names.items() if value}


def _match_names(
    names: Mapping[int, str], reference: Mapping[int, str], ontology: Ontology
) -> _Match:
    """Match by name; several values of one file may stand for one class."""
    ids = {value: _class_id(name, ontology) for value, name in names.items()}
    first = {class_id: value for value, class_id in reversed(ids.items()) if class_id != IGNORE}
    value_of = first | _inside(first, ontology)
    reference_ids = {value: _class_id(name, ontology) for value, name in reference.items()}
    theirs = {value: value_of[i] for value, i in reference_ids.items() if i in value_of}
    both = frozenset(theirs.values())
    mine = {value: first[i] for value, i in ids.items() if i in first and first[i] in both}
    left_out = [name for value, name in names.items() if value not in mine]
    left_out += [
        name
        for value, name in reference.items()
        if value not in theirs and reference_ids[value] != IGNORE
    ]
    return _Match(
        names={value: names[value] for value in sorted(both)},
        mine=mine,
        theirs=theirs,
        ignored=frozenset(value for value, i in reference_ids.items() if i == IGNORE),
        notes=(f"In one file only, not compared: {', '.join(left_out)}.",) if left_out else (),
    )


def _inside(first: Mapping[str, int], ontology: Ontology) -> dict[str, int]:
    """Return, for every ontology class that lies inside a named one, the value of that one."""
    terms = {class_id: value for class_id, value in first.items() if class_id in ontology}
    nearest = {
        term.id: next((terms[up] for up in ontology.ancestors(term.id) if up in terms), None)
        for term in ontology.classes
    }
    return {class_id: value for class_id, value in nearest.items() if value is not None}


def _class_id(name: str, ontology: Ontology) -> str:
    try:
        return ontology.find_label(name)
    except LabelError:
        return name.strip().casefold()


def _match_values(
    volumes: tuple[Volume, Volume], labels_ZYX: np.ndarray, reference_ZYX: np.ndarray
) -> _Match:
    stated = _named(volumes[1]) | _named(volumes[0])
    used = set(np.unique(labels_ZYX).tolist()) | set(np.unique(reference_ZYX).tolist())
    names = {value: stated.get(value, f"label {value}") for value in sorted(used - {0})}
    same = {value: value for value in names}
    note = "Not both files name their classes: equal values are taken for the same class."
    return _Match(names=names, mine=same, theirs=same, notes=(note,))


def _renumbered(labels_ZYX: np.ndarray, value_of: Mapping[int, int]) -> np.ndarray:
    table = np.zeros(int(labels_ZYX.max(initial=0)) + 1, np.uint16)
    for old, new in value_of.items():
        if old < table.size:
            table[old] = new
    return table[labels_ZYX]


def _without_distances(item: "ClassScore") -> "ClassScore":
    return replace(item, surface_mean_um=None, surface_p95_um=None, surface_max_um=None)
