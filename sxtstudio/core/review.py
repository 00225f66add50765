"""Which places in predicted labels a person should look at: how doubtful they are, and verdicts.

A place is an object of a class, or a region that no object covers though the network doubts there.
Its doubt is the part of its voxels that the network expects to be wrong. It is raised where size or
LAC are implausible: told by the objects of the same class in all cells (median and median absolute
deviation), and by the LAC that the vocabulary gives the class. Of two places that are as doubtful
the larger one matters more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sxtstudio.core.region import Box, Voxel

PlaceKind = Literal["object", "region"]
Verdict = Literal["open", "accepted", "rejected", "flagged"]
PlaceId = tuple[str, str, str]
"""Cell, label version, and the key of the place in it."""
Ranges = Mapping[str, tuple[float, float]]
"""Class name → typical LAC, µm⁻¹."""

FEWEST_VOXELS = 8
"""Smaller objects are not looked at one by one; a tool of the editor removes them together."""

FEWEST_PEERS = 8
"""With fewer objects of a class nothing is said of what is usual."""

LEAST_SCORE = 0.1
"""Places below this are not doubtful."""

MOST_PLACES = 100
"""So many places of a cell are looked at, at most."""

_SMALL_VOXELS = 15
"""An object of so many voxels matters half as much as a large one."""

_WEIGHT = 0.4
_USUAL_SPREADS, _ODD_SPREADS = 2.0, 4.0
_MAD_TO_SD = 1.4826
_LEAST_LOG_SPREAD, _LEAST_LAC_SPREAD = 0.15, 0.01
_LAC_SLACK_PER_UM, _ODD_LAC_PER_UM = 0.03, 0.1
_SAID = 0.25
"""Oddness from which on it is put into words."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """An object, or a doubtful region (``label`` 0, ``name`` empty), of predicted labels.

    ``cell`` and ``version`` are ids. ``voxel`` lies in it; ``doubt`` (0–1) and ``lac_per_um`` are
    means over its ``voxels``.
    """

    cell: str
    version: str
    kind: PlaceKind
    label: int
    name: str
    voxel: Voxel
    box: Box
    voxels: int
    volume_um3: float
    doubt: float
    lac_per_um: float

    @property
    def key(self) -> str:
        """What names it among the places of its label version, whenever they are looked for."""
        return f"{self.kind} {self.label} {','.join(map(str, self.voxel))}"

    @property
    def id(self) -> PlaceId:
        """What names it among all places."""
        return (self.cell, self.version, self.key)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A place with its score (0–1, the greater the sooner to be looked at).

    ``reasons`` are what speaks against it besides the network's own doubt, ``hints`` the same in a
    word each.
    """

    place: Place
    score: float
    reasons: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassProgress:
    """How many places of a class were judged; ``name`` is empty for regions without an object."""

    name: str
    total: int
    accepted: int = 0
    rejected: int = 0
    flagged: int = 0

    @property
    def judged(self) -> int:
        """Places that somebody accepted, rejected or flagged."""
        return self.accepted + self.rejected + self.flagged

    @property
    def left(self) -> int:
        """Places that nobody has judged."""
        return self.total - self.judged


def rank_places(places: Sequence[Place], ranges: Ranges) -> tuple[Doubt, ...]:
    """Return the doubtful places, the most doubtful first, whatever order they come in.

    No more than `MOST_PLACES` of each cell.
    """
    doubts = [doubt for doubt in score_places(places, ranges) if doubt.score >= LEAST_SCORE]
    doubts.sort(key=lambda doubt: (-doubt.score, doubt.place.id))
    taken: dict[str, int] = {}
    ranked: list[Doubt] = []
    for doubt in doubts:
        taken[doubt.place.cell] = taken.get(doubt.place.cell, 0) + 1
        if taken[doubt.place.cell] <= MOST_PLACES:
            ranked.append(doubt)
    return tuple(ranked)


def score_places(places: Sequence[Place], ranges: Ranges) -> list[Doubt]:
    """Return every place with its score, in the same order."""
    scored: dict[PlaceId, Doubt] = {}
    for name in dict.fromkeys(place.name for place in places):
        scored |= _scored([it for it in places if it.name == name], ranges.get(name))
    return [scored[place.id] for place in places]


def _scored(peers: Sequence[Place], lac_range: tuple[float, float] | None) -> dict[PlaceId, Doubt]:
    """Return the scores of places of one class."""
    if not peers[0].name:
        reason = ("The network doubts here, and no object covers it",)
        return {
            it.id: Doubt(place=it, score=_weighed(it, it.doubt), reasons=reason) for it in peers
        }
    volumes = np.array([it.volume_um3 for it in peers])
    lacs = np.array([it.lac_per_um for it in peers])
    sizes = oddness(np.log(np.maximum(volumes, 1e-12)), _LEAST_LOG_SPREAD)
    unlike, outside = oddness(lacs, _LEAST_LAC_SPREAD), _outside(lacs, lac_range)
    found: dict[PlaceId, Doubt] = {}
    for number, place in enumerate(peers):
        size, lac = float(sizes[number]), float(max(unlike[number], outside[number]))
        said: list[tuple[str, str]] = []
        if size >= _SAID:
            said.append(_size_words(place, volumes))
        if lac >= _SAID:
            known = lac_range if outside[number] >= _SAID else None
            said.append(_lac_words(place, lacs, known))
        found[place.id] = Doubt(
            place=place,
            score=_weighed(place, combined(place.doubt, size, lac)),
            reasons=tuple(reason for _, reason in said),
            hints=tuple(hint for hint, _ in said),
        )
    return found


def _weighed(place: Place, doubt: float) -> float:
    return doubt * place.voxels / (place.voxels + _SMALL_VOXELS)


def combined(doubt: float, *odd: float) -> float:
    """Return a doubt (0–1) raised by how odd a place is (each 0–1); never less than the doubt."""
    sure = 1 - doubt
    for it in odd:
        sure *= 1 - _WEIGHT * it
    return 1 - sure


def oddness(values: np.ndarray, least_spread: float) -> np.ndarray:
    """Return how far each value lies from the usual one: 0 up to two spreads, 1 from four on.

    The spread is that of most values; a few that are odd do not widen it.
    """
    if len(values) < FEWEST_PEERS:
        return np.zeros(len(values))
    away = np.abs(values - np.median(values))
    spread = max(_MAD_TO_SD * float(np.median(away)), least_spread)
    spreads = away / spread
    return ((spreads - _USUAL_SPREADS) / (_ODD_SPREADS - _USUAL_SPREADS)).clip(0, 1)


def _outside(lacs: np.ndarray, lac_range: tuple[float, float] | None) -> np.ndarray:
    """Return how far LAC lies outside what the vocabulary says, 0 to 1."""
    if lac_range is None:
        return np.zeros(len(lacs))
    low, high = lac_range
    away = np.maximum(low - lacs, lacs - high) - _LAC_SLACK_PER_UM
    return (away / (_ODD_LAC_PER_UM - _LAC_SLACK_PER_UM)).clip(0, 1)


def _size_words(place: Place, volumes: np.ndarray) -> tuple[str, str]:
    low, high = np.percentile(volumes, (10, 90))
    hint = "small" if place.volume_um3 < float(np.median(volumes)) else "large"
    most = f"most have {low:.2g} to {high:.2g}"
    return hint, f"Unusually {hint} for {place.name} ({place.volume_um3:.2g} µm³; {most})"


def _lac_words(
    place: Place, lacs: np.ndarray, lac_range: tuple[float, float] | None
) -> tuple[str, str]:
    low, high = lac_range or np.percentile(lacs, (10, 90)).tolist()
    middle = (low + high) / 2 if lac_range else float(np.median(lacs))
    hint = "dark" if place.lac_per_um < middle else "bright"
    most = f"{'usual is' if lac_range else 'most have'} {low:.2f} to {high:.2f}"
    return hint, f"Unusually {hint} for {place.name} (LAC {place.lac_per_um:.2f} µm⁻¹; {most})"


def progress_of(
    doubts: Iterable[Doubt], verdicts: Mapping[PlaceId, Verdict]
) -> tuple[ClassProgress, ...]:
    """Return how far each class is, by name; regions without an object come last."""
    counts: dict[str, dict[Verdict, int]] = {}
    for doubt in doubts:
        of_class = counts.setdefault(doubt.place.name, {})
        verdict = verdicts.get(doubt.place.id, "open")
        of_class[verdict] = of_class.get(verdict, 0) + 1
    return tuple(
        ClassProgress(
            name=name,
            total=sum(counts[name].values()),
            accepted=counts[name].get("accepted", 0),
            rejected=counts[name].get("rejected", 0),
            flagged=counts[name].get("flagged", 0),
        )
        for name in sorted(counts, key=lambda it: (not it, it))
    )


def next_open(
    doubts: Sequence[Doubt], verdicts: Mapping[PlaceId, Verdict], after: int, cell: str = ""
) -> int | None:
    """Return the index of the next place without a verdict, from the start again at the end.

    ``after`` is where one stands, -1 before the first; with the id of a ``cell`` no other counts.
    None if all are judged.
    """
    for step in range(1, len(doubts) + 1):
        index = (after + step) % len(doubts)
        place = doubts[index].place
        if cell in ("", place.cell) and verdicts.get(place.id, "open") == "open":
            return index
    return None


def inner_voxel(mask_ZYX: np.ndarray, low: Voxel) -> Voxel:
    """Return the voxel of a mask nearest to its centre, which may lie outside a bent object.

    ``low`` is where the mask begins in the volume; the mask must not be empty.
    """
    inside = np.argwhere(mask_ZYX)
    away = ((inside - inside.mean(0)) ** 2).sum(1)
    z, y, x = (int(i) + at for i, at in zip(inside[int(away.argmin())], low, strict=True))
    return (z, y, x)


def without_rims(mask_ZYX: np.ndarray) -> np.ndarray:
    """Return the voxels of a mask all whose 26 neighbours within the volume are in it, too."""
    kept = mask_ZYX.copy()
    for axis in range(kept.ndim):
        ahead, behind = (np.moveaxis(it, axis, 0) for it in (kept.copy(), kept))
        behind[1:] &= ahead[:-1]
        behind[:-1] &= ahead[1:]
    return kept
