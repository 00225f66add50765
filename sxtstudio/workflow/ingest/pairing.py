"""Which labels belong to which tomogram: by their names, and never on different grids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sxtstudio.core.ontology import Ontology
from sxtstudio.workflow.ingest.contents import Contents
from sxtstudio.workflow.ingest.naming import PairKey, class_in_name, pair_key, says_labels


@dataclass(frozen=True, kw_only=True)
class LabelFile:
    """Labels of a tomogram; ``class_word`` is the class their file is named like, or ""."""

    contents: Contents
    class_word: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A tomogram and the labels that seem to belong to it; ``warnings`` tell what was assumed."""

    tomogram: Contents
    labels: tuple[LabelFile, ...] = ()
    project: Path | None = None
    name: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Match:
    """Tomograms that labels may belong to, and how that was found out."""

    tomograms: list[Contents]
    class_word: str = ""
    assumed: str = ""


@dataclass(kw_only=True)
class Pairing:
    """Pairs, and a sentence for everything that found no partner."""

    pairs: list[Pair] = field(default_factory=list[Pair])
    problems: list[str] = field(default_factory=list[str])


def pair_by_name(found: Sequence[Contents], root: Path, ontology: Ontology) -> Pairing:
    """Return tomograms with the labels that their names and shapes give them."""
    keys = {id(one): pair_key(one.place, one.stem, root) for one in found}
    tomograms, labels, problems = _roles(found, keys)
    index = _index(tomograms, keys)
    partners: dict[int, list[LabelFile]] = {id(one): [] for one in tomograms}
    warnings: dict[int, list[str]] = {id(one): [] for one in tomograms}
    for one in labels:
        match = _match(one, keys[id(one)], index, ontology)
        fitting = [tomogram for tomogram in match.tomograms if tomogram.shape == one.shape]
        if not fitting:
            problem = _no_partner(one, match.tomograms)
            problems.append(problem)
            for tomogram in match.tomograms[:1]:
                warnings[id(tomogram)].append(problem)
            continue
        tomogram = fitting[0]
        partners[id(tomogram)].append(LabelFile(contents=one, class_word=match.class_word))
        if match.assumed:
            warnings[id(tomogram)].append(match.assumed)
        if len(fitting) > 1:
            others = ", ".join(other.path.name for other in fitting[1:])
            warnings[id(tomogram)].append(
                f"{one.words}: may as well belong to {others}; {tomogram.path.name} was chosen."
            )
    pairs = [
        Pair(tomogram=one, labels=tuple(partners[id(one)]), warnings=tuple(warnings[id(one)]))
        for one in tomograms
    ]
    return Pairing(pairs=pairs, problems=problems)


def _roles(
    found: Sequence[Contents], keys: dict[int, PairKey]
) -> tuple[list[Contents], list[Contents], list[str]]:
    """Return tomograms and labels, and sentences about what is named like one, but is none.

    Where the content is not clear (a cell of few grey values), a name that says labels and one
    that does not, alike otherwise, decide.
    """
    tomograms: list[Contents] = []
    labels: list[Contents] = []
    problems: list[str] = []
    alike: dict[PairKey, list[Contents]] = {}
    for one in found:
        alike.setdefault(keys[id(one)], []).append(one)
    for one in found:
        twins = [two for two in alike[keys[id(one)]] if two is not one]
        named = says_labels(one.stem)
        if one.kind == "labels" and not named and not one.has_names:
            kinds = {two.kind for two in twins}
            if "tomogram" not in kinds and any(says_labels(two.stem) for two in twins):
                tomograms.append(one)
                continue
        if one.kind == "tomogram" and named and any(not says_labels(two.stem) for two in twins):
            problems.append(
                f"{one.words}: is named like labels, but its values are no labels; labels are "
                "whole numbers in large areas."
            )
            continue
        (labels if one.kind == "labels" else tomograms).append(one)
    return tomograms, labels, problems


@dataclass(frozen=True, kw_only=True)
class _Index:
    """Tomograms by what they share with their labels, by folder of that, and by place."""

    by_key: Mapping[PairKey, list[Contents]]
    by_folder: Mapping[tuple[str, ...], list[tuple[PairKey, Contents]]]
    by_place: Mapping[Path, list[Contents]]


def _index(tomograms: Sequence[Contents], keys: dict[int, PairKey]) -> _Index:
    by_key: dict[PairKey, list[Contents]] = {}
    by_folder: dict[tuple[str, ...], list[tuple[PairKey, Contents]]] = {}
    by_place: dict[Path, list[Contents]] = {}
    for one in tomograms:
        key = keys[id(one)]
        by_key.setdefault(key, []).append(one)
        by_folder.setdefault(key.folder, []).append((key, one))
        by_place.setdefault(one.place, []).append(one)
    return _Index(by_key=by_key, by_folder=by_folder, by_place=by_place)


def _match(labels: Contents, key: PairKey, index: _Index, ontology: Ontology) -> _Match:
    """Return the tomograms that fit best: same name, name less a class, longest common start.

    At last the only tomogram in the same place, and a sentence says so.
    """
    same = index.by_key.get(key, [])
    if same:
        return _Match(tomograms=same)
    named = class_in_name(key.words, ontology)
    class_word, rest = named or ("", key.words)
    same = index.by_key.get(replace(key, words=rest), [])
    if same:
        return _Match(tomograms=same, class_word=class_word)
    here = index.by_folder.get(key.folder, [])
    starts = [(len(its.words), one) for its, one in here if _begin_alike(its.words, rest)]
    longest = max((length for length, _ in starts), default=0)
    alike = [one for length, one in starts if length == longest]
    beside = index.by_place.get(labels.place, [])
    chosen = alike or (beside if len(beside) == 1 else [])
    how = "their names begin alike" if alike else "there is no other tomogram beside them"
    assumed = (
        f"{labels.words}: these labels were taken to belong to {chosen[0].path.name}, since {how}."
        if chosen
        else ""
    )
    return _Match(tomograms=chosen, class_word=class_word, assumed=assumed)


def _begin_alike(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    shared = min(len(one), len(two))
    return shared > 0 and one[:shared] == two[:shared]


def _no_partner(labels: Contents, matches: Sequence[Contents]) -> str:
    if not matches:
        return (
            f"{labels.words}: holds labels, but no tomogram with a name like it lies there; "
            "labels need the tomogram they were drawn on."
        )
    sizes = [" × ".join(map(str, one.shape)) for one in (labels, matches[0])]
    turned = sorted(labels.shape) == sorted(matches[0].shape)
    return (
        f"{labels.words}: the labels have {sizes[0]} voxels (z, y, x), but the tomogram "
        f"{matches[0].path.name} has {sizes[1]}; labels must lie on the tomogram's own grid."
        + (" Their axes seem to be in another order." if turned else "")
    )
