"""Which classes look as if they were drawn everywhere, and why."""

from dataclasses import dataclass

import numpy as np

from sxtstudio.core.ontology import IGNORE
from sxtstudio.workflow.ingest.drawing import AXES, PlaneCounts, cut_off_at
from sxtstudio.workflow.ingest.proposals import Drawn

LEAST_VOXELS = 20
"""Fewer drawn voxels are a scribble, or a slip of the brush."""
LEAST_SHARE = 0.5
"""Of the drawn planes of a sparse annotation that a class must be drawn on to look complete."""


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """Whether a class looks drawn everywhere, and why."""

    complete: bool
    reason: str


def completeness_of(
    term: str | None, voxels: int, planes: PlaneCounts, drawn: Drawn | None, *, all_labelled: bool
) -> Completeness:
    """Return whether the voxels of one class look complete.

    ``planes`` are those of this class, ``drawn`` those of the whole annotation if it is sparse.
    ``all_labelled``: every voxel carries a label, be it `IGNORE`.
    """
    if term is None or term == IGNORE:
        return Completeness(complete=False, reason="")
    if all_labelled:
        return Completeness(
            complete=True, reason="every voxel carries a label, save where it says “ignore”"
        )
    if voxels < LEAST_VOXELS:
        return Completeness(complete=False, reason=f"only {voxels} voxels are drawn")
    return _on_planes(planes) if drawn is None else _on_drawn_planes(planes, drawn)


def _on_planes(planes: PlaneCounts) -> Completeness:
    """Look along the axis on which the class has gaps, z first, as most people draw."""
    z = planes.drawn_planes(0)
    gaps = int((np.diff(z) > 1).sum())
    alone = len(z) / (gaps + 1)
    if gaps >= 2 and alone < 2:
        return Completeness(
            complete=False,
            reason=f"drawn on {len(z)} planes with gaps between {z[0]} and {z[-1]}",
        )
    for axis, along in enumerate(planes.counts):
        end = cut_off_at(along)
        if end is not None:
            words = f"ends all at once at plane {end} along {AXES[axis]}, unlike what else is drawn"
            return Completeness(complete=False, reason=words)
    return Completeness(
        complete=True,
        reason=f"drawn on each plane from {z[0]} to {z[-1]} along z"
        if not gaps
        else f"drawn on {len(z)} planes from {z[0]} to {z[-1]} along z, several at a time",
    )


def _on_drawn_planes(planes: PlaneCounts, drawn: Drawn) -> Completeness:
    words: list[str] = []
    shares: list[float] = []
    for axis, chosen in enumerate(drawn.planes):
        if chosen:
            there = int(np.count_nonzero(planes.counts[axis][list(chosen)]))
            shares.append(there / len(chosen))
            words.append(f"{there} of the {len(chosen)} drawn planes along {AXES[axis]}")
    return Completeness(complete=max(shares) >= LEAST_SHARE, reason=f"on {', '.join(words)}")
