"""Colours of classes that people with any colour vision can tell apart.

Found by a search over the sRGB cube for colours near the standard ones that differ by at least
`LEAST_DISTANCE` to ordinary, protanopic, deuteranopic and tritanopic eyes (`colour_vision`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from sxtstudio.core.colour_vision import Colours, lab_of, least_distances, rgb_of, views_of
from sxtstudio.core.ontology import Ontology, default_ontology

LEAST_DISTANCE = 10.0
"""CIEDE2000 between any two usual organelles, for whoever tells them apart least."""

USUAL = (
    "nucleus", "mitochondria", "lipid", "starch", "chloroplast", "vacuole", "nucleolus", "er",
    "golgi", "vesicle", "lysosome", "heterochromatin", "euchromatin", "cytoplasm", "cell", "wall",
)  # fmt: skip
"""Terms of the vocabulary whose colours never give way to others."""

SAFE_COLOURS: Mapping[str, str] = {
    "sample": "#bbaaaa", "exterior": "#444444", "buffer": "#667799", "capillary": "#776666",
    "bead": "#99bb66", "support": "#664433", "cell": "#eeeeff", "cytoplasm": "#9999aa",
    "membrane": "#bbcc99", "wall": "#bb9988", "nucleus": "#dd3333", "nucleolus": "#ffbb22",
    "heterochromatin": "#994477", "euchromatin": "#eecccc", "mitochondria": "#66ff88",
    "chloroplast": "#228855", "thylakoid": "#eeff00", "stroma": "#447700", "pyrenoid": "#773300",
    "starch": "#0088ee", "plastoglobule": "#99aaff", "lipid": "#ee22cc", "vacuole": "#55ccdd",
    "er": "#ddffcc", "golgi": "#998888", "vesicle": "#ee7711", "lysosome": "#8811cc",
    "peroxisome": "#44aa55", "autophagosome": "#553377", "lamellar-body": "#334455",
    "polyphosphate": "#666699", "glycogen": "#665555", "calcium": "#996677", "hemozoin": "#884400",
    "symbiont": "#335544", "virus": "#aa6688", "cilium": "#bbbb88",
}  # fmt: skip
"""The safe colour of every term that the program knows."""

_STEP = 36
_DARKEST, _BRIGHTEST = 28.0, 97.0


def in_palette(ontology: Ontology, *, safe: bool) -> Ontology:
    """Return a vocabulary whose terms have safe or standard colours.

    Terms of a laboratory keep the colours they were given.
    """
    standard = default_ontology()
    colours = SAFE_COLOURS if safe else {term.id: term.colour for term in standard.classes}
    return Ontology(
        tuple(
            replace(term, colour=colours[term.id]) if term.id in standard else term
            for term in ontology.classes
        )
    )


def safe_colour(colour: str) -> str:
    """Return the safe colour for a standard one; any other was somebody's choice and stays."""
    return _safe_by_standard().get(colour.lower(), colour)


@cache
def _safe_by_standard() -> Mapping[str, str]:
    return {term.colour.lower(): SAFE_COLOURS[term.id] for term in default_ontology().classes}


def told_apart(colours: Sequence[str], *, chosen: Sequence[bool]) -> tuple[str, ...]:
    """Return colours of which no two look alike, as near to these as can be.

    Those that were ``chosen`` by somebody stay, and so do those of the `USUAL` terms as long as
    they differ from the chosen ones. Once there is no colour left that differs from all by
    `LEAST_DISTANCE`, the one that differs most is taken.
    """
    usual = [SAFE_COLOURS[it] for it in USUAL]

    def rank(place: int) -> tuple[int, int]:
        colour = colours[place]
        known = usual.index(colour) if colour in usual else len(usual)
        return (-1 if chosen[place] else known, place)

    found: dict[int, str] = {}
    for place in sorted(range(len(colours)), key=rank):
        keep = chosen[place]
        found[place] = colours[place] if keep else _apart(colours[place], list(found.values()))
    return tuple(found[place] for place in range(len(colours)))


def _apart(wanted: str, taken: Sequence[str]) -> str:
    """Return the colour wanted, or the nearest that differs from all that are taken."""
    if not taken:
        return wanted
    if least_distances(_views((wanted,)), _views(tuple(taken))).min() >= LEAST_DISTANCE:
        return wanted
    apart = np.min([_distances_of_candidates(it) for it in taken], axis=0)
    free = apart >= LEAST_DISTANCE
    near = np.where(free, _distances_of_candidates(wanted), np.inf)
    best = near.argmin() if free.any() else apart.argmax()
    return "#" + "".join(f"{round(255 * part):02x}" for part in _candidates()[best].tolist())


@lru_cache(maxsize=256)
def _distances_of_candidates(colour: str) -> npt.NDArray[np.float64]:
    return least_distances(_candidate_views(), _views((colour,)))[:, 0]


@lru_cache(maxsize=256)
def _views(colours: tuple[str, ...]) -> tuple[Colours, ...]:
    return views_of(rgb_of(colours))


@cache
def _candidate_views() -> tuple[Colours, ...]:
    return views_of(_candidates())


@cache
def _candidates() -> Colours:
    """Return a grid of colours, neither black nor white."""
    steps = np.append(np.arange(0, 255, _STEP), 255) / 255
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    light = lab_of(grid)[:, 0]
    return grid[(light > _DARKEST) & (light < _BRIGHTEST)]
