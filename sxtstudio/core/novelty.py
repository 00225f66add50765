"""Whether a cell differs from all reference cells of a network, and in what.

Each fact of a cell is compared with the same fact of the reference cells, by a test that is honest
for few of them: the predictive t distribution, with a prior standard deviation that counts as
`_PRIOR_WEIGHT` cells (Gelman et al., Bayesian Data Analysis, 3rd ed., §3.3). The alarm asks for
both: the smallest p, corrected for how many tests were made (Bonferroni, first within a group of
facts and then over the groups), is below `ALARM`; and no more than that part of the reference
cells stand out as much when each is left out in turn.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
from scipy import special  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

from sxtstudio.core.acquisition import Acquisition, measure_acquisition
from sxtstudio.core.similarity import lac_histogram
from sxtstudio.core.slabs import Slab
from sxtstudio.core.volume import Tomogram

ALARM = 0.05
"""Part of ordinary new cells that may raise the alarm."""

FEWEST_REFERENCES = 4
"""With fewer reference cells nothing is said."""

_PRIOR_WEIGHT = 3
_NEIGHBOURS = 2
_BIN_PER_UM = 0.02

Group = Literal["acquisition", "LAC", "features", "structures", "doubt"]


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the coarse network finds of one class in a cell.

    ``share`` is of the cell's volume (0–1), ``lac_per_um`` the mean LAC, None where there is too
    little of it; ``objects`` counts connected pieces on the coarse grid.
    """

    share: float
    volume_um3: float
    lac_per_um: float | None
    objects: int


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is compared of a cell.

    ``histogram`` is over `sxtstudio.core.similarity.HISTOGRAM_EDGES_PER_UM`. ``features`` are
    pooled from the bottleneck of the coarse network, ``structures`` (by class name) and ``doubt``
    (1 − greatest probability, mean within the cell) from its field; they are empty and None where
    no network looked. ``strangeness`` of a reference cell is how far its features lie from those of
    other cells to a network that was not trained on it, None where there was no such network.
    """

    name: str
    acquisition: Acquisition
    histogram: tuple[float, ...]
    features: tuple[float, ...] = ()
    structures: Mapping[str, Structure] = field(default_factory=dict[str, Structure])
    doubt: float | None = None
    strangeness: float | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which a cell differs: ``words`` say what, ``advice`` what to do.

    ``p`` is how often an ordinary cell would differ as much in anything.
    """

    group: Group
    subject: str
    words: str
    advice: str
    p: float


@dataclass(frozen=True, kw_only=True)
class Novelty:
    """How a cell compares with the ``references`` reference cells of a network.

    ``p`` is how often an ordinary cell would stand out as much. ``differences`` are those that
    count, the clearest first. ``slabs`` are best drawn by hand.
    """

    p: float
    alarm: bool
    references: int
    differences: tuple[Difference, ...] = ()
    slabs: tuple[Slab, ...] = ()

    @property
    def score(self) -> float:
        """−log10 p: the greater, the more unlike."""
        return -math.log10(max(self.p, 1e-300))


def describe_tomogram(name: str, tomogram: Tomogram) -> Description:
    """Return what is known of a cell before any network looked at it."""
    return Description(
        name=name,
        acquisition=measure_acquisition(tomogram),
        histogram=lac_histogram(tomogram.lac_ZYX),
    )


def assess(cell: Description, references: Sequence[Description]) -> Novelty | None:
    """Return how a cell compares with reference cells; None with fewer than four of them."""
    if len(references) < FEWEST_REFERENCES:
        return None
    found = _differences(cell, references)
    p = min((it.p for it in found), default=1.0)
    # Each reference cell against the others: how much does an ordinary cell stand out?
    others = [
        min((it.p for it in _differences(one, _without(references, number))), default=1.0)
        for number, one in enumerate(references)
    ]
    as_strange = sum(other <= p for other in others)
    alarm = p <= ALARM and as_strange <= ALARM * len(references)
    telling = tuple(it for it in sorted(found, key=lambda it: it.p) if it.p <= ALARM)
    return Novelty(
        p=p, alarm=alarm, references=len(references), differences=telling if alarm else ()
    )


def novelty_words(novelty: Novelty, most: int = 3) -> str:
    """Return what differs and what to do, or that nothing does."""
    if not novelty.alarm:
        return f"Nothing sets this cell apart from the {novelty.references} reference cells."
    told = novelty.differences[:most]
    advice = [it.advice for it in told if it.advice]
    if novelty.slabs:
        count = len(novelty.slabs)
        slabs = ", ".join(slab.words for slab in novelty.slabs)
        advice.append(f"draw {'this slab' if count == 1 else f'these {count} slabs'}: {slabs}")
    what = " ".join(f"{it.words}." for it in told)
    does = "; ".join(dict.fromkeys(advice))
    return f"{what} {does[:1].upper()}{does[1:]}." if does else what


def feature_distance(
    features: Sequence[float], references: Sequence[Sequence[float]]
) -> float | None:
    """Return how far features lie from their nearest references, in spreads of the references.

    The spread of each feature is shrunk half way towards that of all; None for fewer than two
    references.
    """
    if len(references) < 2 or not len(features):
        return None
    known = np.asarray(references, np.float64)
    variance = known.var(0, ddof=1)
    variance = (variance + variance.mean()) / 2 + 1e-12
    far = np.sqrt((((known - np.asarray(features)) ** 2) / variance).mean(1))
    return float(np.sort(far)[:_NEIGHBOURS].mean())


@dataclass(frozen=True, kw_only=True)
class _Test:
    """One fact: its value, those of the reference cells, and the standard deviation expected.

    ``words`` take (is greater, "than in all 24 reference cells").
    """

    group: Group
    subject: str
    value: float
    known: Sequence[float]
    prior_sd: float
    words: Callable[[bool, str], str]
    advice: str
    sides: Literal["both", "above", "below"] = "both"


def _differences(cell: Description, references: Sequence[Description]) -> list[Difference]:
    """Return every test as a difference, its p corrected for how many tests there are."""
    tests = [
        test
        for test in (
            *_acquisition_tests(cell, references),
            *_lac_tests(cell, references),
            *_feature_tests(cell, references),
            *_structure_tests(cell, references),
            *_doubt_tests(cell, references),
        )
        if len(test.known) >= FEWEST_REFERENCES - 1
    ]
    groups = [test.group for test in tests]
    found: list[Difference] = []
    for test in tests:
        corrected = _p(test) * groups.count(test.group) * len(set(groups))
        greater = test.value > float(np.mean(test.known))
        found.append(
            Difference(
                group=test.group,
                subject=test.subject,
                words=test.words(greater, _than(test)),
                advice=test.advice,
                p=min(1.0, corrected),
            )
        )
    return found


def _p(test: _Test) -> float:
    """Return how often a further reference cell would differ as much (predictive t)."""
    known = np.asarray(test.known, np.float64)
    freedom = len(known) - 1 + _PRIOR_WEIGHT
    squares = ((known - known.mean()) ** 2).sum() + _PRIOR_WEIGHT * test.prior_sd**2
    sd = math.sqrt(squares / freedom * (1 + 1 / len(known)))
    t = (test.value - float(known.mean())) / sd
    if test.sides == "both":
        return 2 * _beyond(abs(t), freedom)
    return _beyond(t if test.sides == "above" else -t, freedom)


def _beyond(t: float, freedom: int) -> float:
    """Return the part of Student's t distribution above ``t``."""
    return float(cast("Any", special).stdtr(freedom, -t))


def _than(test: _Test) -> str:
    outside = test.value > max(test.known) or test.value < min(test.known)
    return f"{'all' if outside else 'most of the'} {len(test.known)} reference cells"


def _acquisition_tests(cell: Description, references: Sequence[Description]) -> list[_Test]:
    mine, theirs = cell.acquisition, [it.acquisition for it in references]
    nm, noise = mine.edge_um * 1000, mine.noise_per_um
    tests = [
        _Test(
            group="acquisition",
            subject="voxel size",
            value=math.log(mine.edge_um),
            known=[math.log(it.edge_um) for it in theirs],
            prior_sd=0.1,
            words=lambda more, than: (
                f"Voxels ({nm:.3g} nm) are {'larger' if more else 'smaller'} than in {than}"
            ),
            advice="add reference cells with such voxels",
        ),
        _Test(
            group="acquisition",
            subject="noise",
            value=math.log(noise + _LEAST_NOISE_PER_UM),
            known=[math.log(it.noise_per_um + _LEAST_NOISE_PER_UM) for it in theirs],
            prior_sd=0.25,
            words=lambda more, than: (
                f"The tomogram is {'noisier' if more else 'less noisy'} ({noise:.2g} µm⁻¹) than "
                f"{than}"
            ),
            advice="add reference cells that were taken the same way",
        ),
    ]
    return [*tests, *_wedge_test(mine, theirs)]


_LEAST_NOISE_PER_UM = 0.001
"""Differences of noise below this do not count."""


def _wedge_test(mine: Acquisition, theirs: Sequence[Acquisition]) -> list[_Test]:
    if mine.weakest is None:
        return []
    wide, beam = mine.missing_deg, mine.beam

    def words(more: bool, than: str) -> str:
        if more or not wide:
            return f"The tomogram is sharp in {'more' if more else 'fewer'} directions than {than}"
        return (
            f"A wedge of about {wide:.0f}° about {beam} is missing from the tomogram, unlike in "
            f"{than}"
        )

    return [
        _Test(
            group="acquisition",
            subject="missing wedge",
            value=mine.weakest,
            known=[it.weakest for it in theirs if it.weakest is not None],
            prior_sd=0.15,
            words=words,
            advice="add reference cells with the same range of tilts",
        )
    ]


def _lac_tests(cell: Description, references: Sequence[Description]) -> list[_Test]:
    known = [it for it in references if it.histogram]
    if not cell.histogram or len(known) < FEWEST_REFERENCES - 1:
        return []
    distance = _histogram_distance(cell, known)
    others = [_histogram_distance(it, _without(known, i)) for i, it in enumerate(known)]
    return [
        _Test(
            group="LAC",
            subject="LAC",
            value=math.log(distance + _LEAST_SHIFT_PER_UM),
            known=[math.log(it + _LEAST_SHIFT_PER_UM) for it in others],
            prior_sd=0.4,
            words=lambda _more, than: (
                f"LAC differs by {distance:.2g} µm⁻¹ on average from the most similar reference "
                f"cells, more than between {than}"
            ),
            advice="check the LAC scale of the tomogram",
            sides="above",
        )
    ]


_LEAST_SHIFT_PER_UM = 0.003
"""Shifts of LAC below this do not count: the capillary's and buffer's part varies so much."""


def _histogram_distance(cell: Description, references: Sequence[Description]) -> float:
    """Return the mean Wasserstein distance (µm⁻¹) to the most similar reference cells."""
    mine = np.cumsum(cell.histogram)
    far = [float(np.abs(mine - np.cumsum(it.histogram)).sum()) * _BIN_PER_UM for it in references]
    return float(np.mean(sorted(far)[:_NEIGHBOURS]))


def _feature_tests(cell: Description, references: Sequence[Description]) -> list[_Test]:
    honest = [it.strangeness for it in references if it.strangeness is not None]
    strangeness = cell.strangeness
    if strangeness is None:
        same = [it.features for it in references if len(it.features) == len(cell.features)]
        strangeness = feature_distance(cell.features, same)
    if strangeness is None:
        return []
    return [
        _Test(
            group="features",
            subject="structure",
            value=math.log(max(strangeness, 1e-6)),
            known=[math.log(max(it, 1e-6)) for it in honest],
            prior_sd=0.3,
            words=lambda _more, than: (
                f"Shapes and textures are {strangeness:.2g} spreads away from the most similar "
                f"reference cells, more than between {than}"
            ),
            advice="add reference cells of this kind",
            sides="above",
        )
    ]


def _doubt_tests(cell: Description, references: Sequence[Description]) -> list[_Test]:
    doubt = cell.doubt
    if doubt is None:
        return []
    return [
        _Test(
            group="doubt",
            subject="doubt",
            value=math.log(doubt + 0.01),
            known=[math.log(it.doubt + 0.01) for it in references if it.doubt is not None],
            prior_sd=0.3,
            words=lambda _more, than: (
                f"The network is less sure ({doubt:.0%} doubt within the cell) than in {than}"
            ),
            advice="look through the doubtful places",
            sides="above",
        )
    ]


def _structure_tests(cell: Description, references: Sequence[Description]) -> list[_Test]:
    tests: list[_Test] = []
    for name, mine in cell.structures.items():
        theirs = [it.structures[name] for it in references if name in it.structures]
        tests += [*_lac_of_test(name, mine, theirs), *_amount_tests(name, mine, theirs)]
    return tests


def _lac_of_test(name: str, mine: Structure, theirs: Sequence[Structure]) -> list[_Test]:
    lac = mine.lac_per_um
    if lac is None:
        return []
    return [
        _Test(
            group="structures",
            subject=f"LAC of {name}",
            value=lac,
            known=[it.lac_per_um for it in theirs if it.lac_per_um is not None],
            prior_sd=0.02,
            words=lambda more, than: (
                f"{_begin(name)}: {'brighter' if more else 'darker'} (LAC {lac:.2f} µm⁻¹) than in "
                f"{than}"
            ),
            advice=f"check {name} by hand",
        )
    ]


def _amount_tests(name: str, mine: Structure, theirs: Sequence[Structure]) -> list[_Test]:
    return [
        _Test(
            group="structures",
            subject=f"volume of {name}",
            value=math.log(mine.share + _LEAST_SHARE),
            known=[math.log(it.share + _LEAST_SHARE) for it in theirs],
            prior_sd=0.3,
            words=lambda more, than: (
                f"{_begin(name)}: {'more' if more else 'less'} of the cell ({mine.share:.1%}, "
                f"{mine.volume_um3:.2g} µm³) than in {than}"
            ),
            advice=f"check {name} by hand",
        ),
        _Test(
            group="structures",
            subject=f"number of {name}",
            value=math.log(1 + mine.objects),
            known=[math.log(1 + it.objects) for it in theirs],
            prior_sd=0.4,
            words=lambda more, than: (
                f"{_begin(name)}: {'more' if more else 'fewer'} pieces ({mine.objects}) than in "
                f"{than}"
            ),
            advice=f"check {name} by hand",
        ),
    ]


_LEAST_SHARE = 0.005
"""Shares below half a per cent of the cell are all little."""


def _begin(name: str) -> str:
    return name[:1].upper() + name[1:]


def _without(references: Sequence[Description], number: int) -> list[Description]:
    return [it for i, it in enumerate(references) if i != number]
