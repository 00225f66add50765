"""What LAC tells about structures: their ranges in the vocabulary, and windows that show them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology, SemanticClass

Range = tuple[float, float]
"""Two LAC (µm⁻¹), the smaller one first."""

BINS = 240
_MARGIN = 0.4
_NARROWEST_PRESET_PER_UM = 0.12
_SHOWN_PERCENT = (0.05, 99.95)
_BEYOND = 0.04


@dataclass(frozen=True, kw_only=True, eq=False)
class LacCounts:
    """How many voxels of a sample have which LAC: ``counts`` between ``edges_per_um``."""

    edges_per_um: np.ndarray
    counts: np.ndarray

    @property
    def range_per_um(self) -> Range:
        """The LAC of the first and the last edge."""
        return float(self.edges_per_um[0]), float(self.edges_per_um[-1])


@dataclass(frozen=True, kw_only=True)
class Band:
    """The LAC range of a structure, with its name and colour."""

    name: str
    colour: str
    range_per_um: Range


def count_lac(sample: np.ndarray) -> LacCounts:
    """Count the LAC of voxels, all but the rarest; 0 is always in sight."""
    low, high = (float(it) for it in np.percentile(sample, _SHOWN_PERCENT))
    low, high = min(low, 0.0), max(high, low + 0.01)
    beyond = _BEYOND * (high - low)
    counts, edges = np.histogram(sample, bins=BINS, range=(low - beyond, high + beyond))
    return LacCounts(edges_per_um=edges, counts=counts)


def bands_of(names: Iterable[str], ontology: Ontology) -> tuple[Band, ...]:
    """Return the bands of the named structures that have one, the least dense first."""
    terms: dict[str, SemanticClass] = {}
    for name in names:
        try:
            term = ontology.find(name)
        except LabelError:  # a task may call its classes as it likes
            continue
        terms[term.id] = term
    return _sorted_bands(terms.values())


def all_bands(ontology: Ontology) -> tuple[Band, ...]:
    """Return the bands of all structures of the vocabulary that have one."""
    return _sorted_bands(ontology.classes)


def preset_window(band: Band) -> Range:
    """Return a window in which a structure stands out: its range, and about as much around it."""
    low, high = band.range_per_um
    width = max((1 + 2 * _MARGIN) * (high - low), _NARROWEST_PRESET_PER_UM)
    middle = (low + high) / 2
    return max(middle - width / 2, 0.0), middle + width / 2


def _sorted_bands(terms: Iterable[SemanticClass]) -> tuple[Band, ...]:
    bands = (
        Band(name=term.name, colour=term.colour, range_per_um=term.lac_range_per_um)
        for term in terms
        if term.lac_range_per_um is not None
    )
    return tuple(sorted(bands, key=lambda it: it.range_per_um))
