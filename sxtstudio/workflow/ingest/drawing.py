"""Which planes of a cell were drawn, and which only lie between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.volume import LabelMap
from sxtstudio.workflow.ingest.proposals import Drawn

AXES = "zyx"
Planes = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
LEAST_PLANE_VOXELS = 16
"""A lone plane with fewer drawn voxels is a speck of an object, not a slice someone drew."""
_PEAK = 2.0
"""How many times the usual number of drawn voxels a plane has that was drawn as such."""
_ABRUPT = 0.5
_LEAST_ABRUPT_VOXELS = 200
_LONGEST_RUN = 2
_ORDINALS = {2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd"}


@dataclass(frozen=True, kw_only=True)
class PlaneCounts:
    """How many voxels are drawn on each plane along z, y and x."""

    counts: tuple[np.ndarray, np.ndarray, np.ndarray]

    def drawn_planes(self, axis: int) -> np.ndarray:
        """Return the indices of planes along an axis with at least one drawn voxel."""
        return np.flatnonzero(self.counts[axis])


def count_planes(drawn_ZYX: np.ndarray) -> PlaneCounts:
    """Count the drawn voxels on each plane of a mask."""
    z, y, x = (drawn_ZYX.sum(others, dtype=np.int64) for others in ((1, 2), (0, 2), (0, 1)))
    return PlaneCounts(counts=(z, y, x))


def find_drawn(drawn_ZYX: np.ndarray) -> Drawn | None:
    """Return which planes were drawn if the annotation is sparse, None if it is dense or empty.

    ``drawn_ZYX`` is True where someone drew something, be it "outside the cell". An annotation is
    sparse if planes with gaps between them, along one axis or several, hold all that is drawn; or
    if it ends all at once, as no object does, before the volume ends.
    """
    counts = count_planes(drawn_ZYX)
    if not counts.counts[0].any():
        return None
    for axis in range(3):
        planes = _lone_planes(counts.counts[axis])
        if planes is not None:
            return _drawn_along(axis, planes, drawn_ZYX.shape[axis])
    crossed = _crossed_planes(drawn_ZYX, counts)
    if crossed is not None:
        words = "; ".join(
            _plane_words(axis, planes, drawn_ZYX.shape[axis])
            for axis, planes in enumerate(crossed)
            if planes
        )
        return Drawn(planes=crossed, words=words)
    return _block(counts, drawn_ZYX.shape)


def _drawn_along(axis: int, planes: np.ndarray, length: int) -> Drawn:
    chosen = tuple(planes.tolist())
    along: Planes = tuple(chosen if i == axis else () for i in range(3))  # pyright: ignore[reportAssignmentType] - range(3) has three
    return Drawn(planes=along, words=_plane_words(axis, chosen, length))


def _lone_planes(counts: np.ndarray) -> np.ndarray | None:
    """Return the drawn planes if they stand alone, with gaps between them."""
    planes = np.flatnonzero(counts)
    runs = np.split(planes, np.flatnonzero(np.diff(planes) > 1) + 1)
    long_runs = [run for run in runs if len(run) > _LONGEST_RUN]
    if long_runs or planes.size == counts.size or np.median(counts[planes]) < LEAST_PLANE_VOXELS:
        return None
    # Two neighbours and nothing else may be a flat object; one plane with an area is a slice.
    if len(runs) < 2 and len(planes) > 1:
        return None
    return planes


def _crossed_planes(drawn_ZYX: np.ndarray, counts: PlaneCounts) -> Planes | None:
    """Return planes along several axes that together hold all that is drawn."""
    found = [_peaks(counts.counts[axis]) for axis in range(3)]
    if sum(len(planes) > 0 for planes in found) < 2:
        return None
    undrawn = np.ix_(
        *(
            np.setdiff1d(np.arange(n), planes)
            for n, planes in zip(drawn_ZYX.shape, found, strict=True)
        )
    )
    if drawn_ZYX[undrawn].any():
        return None
    z, y, x = (tuple(planes.tolist()) for planes in found)
    return (z, y, x)


def _peaks(counts: np.ndarray) -> np.ndarray:
    """Return planes with far more drawn voxels than their neighbours and most others.

    Planes that crossing ones merely leave a line on hold more the nearer they are to the middle of
    a structure: only the neighbours tell them from planes that were drawn as such.
    """
    padded = np.pad(counts, 1)
    beside = np.maximum(padded[:-2], padded[2:])
    usual = float(np.median(counts[counts > 0])) if counts.any() else 0.0
    return np.flatnonzero(
        counts > np.maximum(_PEAK * beside, max(_PEAK * usual, LEAST_PLANE_VOXELS))
    )


def _block(counts: PlaneCounts, shape: Sequence[int]) -> Drawn | None:
    """Return a run of planes that begins or ends all at once within the volume."""
    for axis in range(3):
        if cut_off_at(counts.counts[axis]) is not None:
            first, last = counts.drawn_planes(axis)[[0, -1]]
            run = np.arange(first, last + 1)
            words = (
                f"planes {first} to {last} of {shape[axis]} along {AXES[axis]} are drawn, and the "
                "drawing ends there all at once"
            )
            along_axis = _drawn_along(axis, run, shape[axis])
            return Drawn(planes=along_axis.planes, words=words)
    return None


def cut_off_at(counts: np.ndarray) -> int | None:
    """Return the plane within the volume at which a drawing ends all at once, as no object does."""
    planes = np.flatnonzero(counts)
    if planes.size == 0 or counts.max() < _LEAST_ABRUPT_VOXELS:
        return None
    ends = ((int(planes[0]), 0), (int(planes[-1]), counts.size - 1))
    return next(
        (
            plane
            for plane, border in ends
            if plane != border and counts[plane] > _ABRUPT * counts.max()
        ),
        None,
    )


def _plane_words(axis: int, planes: Sequence[int], length: int) -> str:
    steps = np.diff(planes)
    if len(steps) == 0:
        return f"1 of {length} planes along {AXES[axis]} is drawn (number {planes[0]})"
    words = f"{len(planes)} of {length} planes along {AXES[axis]} are drawn"
    usual = int(np.median(steps))
    even = np.abs(steps - usual) <= 1
    if usual == 1 or even.mean() < 0.8:
        return f"{words}, unevenly spaced"
    return f"{words}, about every {_ORDINALS.get(usual, f'{usual}th')}"


def is_run(drawn: Drawn) -> bool:
    """Tell whether the drawn planes lie side by side: a part of the cell, or a blunt object."""
    (*others, longest) = sorted(drawn.planes, key=len)
    return not any(others) and len(longest) > _LONGEST_RUN and max(np.diff(longest)) == 1


def on_planes(drawn: Drawn, shape: Sequence[int]) -> np.ndarray:
    """Return the mask (z, y, x) of the voxels that lie on a plane that was drawn."""
    mask_ZYX = np.zeros(tuple(shape), bool)
    z, y, x = (list(planes) for planes in drawn.planes)
    mask_ZYX[z] = True
    mask_ZYX[:, y] = True
    mask_ZYX[:, :, x] = True
    return mask_ZYX


def ignore_between(label_map: LabelMap, drawn: Drawn) -> LabelMap:
    """Return labels whose unlabelled voxels off the drawn planes are `IGNORE`.

    Unlabelled voxels on drawn planes stay unlabelled: there, someone looked.
    """
    labels_ZYX = label_map.labels_ZYX
    unseen_ZYX = (labels_ZYX == 0) & ~on_planes(drawn, labels_ZYX.shape)
    if not unseen_ZYX.any():
        return label_map
    names = dict(label_map.names)
    value = next((value for value, name in names.items() if name == IGNORE), None)
    if value is None:
        value = max((int(labels_ZYX.max()), *names)) + 1
        names[value] = IGNORE
    dtype = labels_ZYX.dtype if value <= np.iinfo(labels_ZYX.dtype).max else np.uint16
    kept_ZYX = labels_ZYX.astype(dtype)
    kept_ZYX[unseen_ZYX] = value
    return LabelMap(labels_ZYX=kept_ZYX, names=names, voxel_size_um=label_map.voxel_size_um)


def leave_open(annotation: Annotation, where: str) -> tuple[Annotation, tuple[str, ...]]:
    """Return an annotation that claims nothing of what lies between drawn planes, and notes.

    Only where some class is said to be complete; planes side by side are only told of, for an
    object may be blunt.
    """
    labels = annotation.label_map
    drawn_ZYX = labels.labels_ZYX != 0
    for value, name in labels.names.items():
        if name == IGNORE:
            drawn_ZYX &= labels.labels_ZYX != value
    drawn = find_drawn(drawn_ZYX) if annotation.complete else None
    if drawn is None:
        return annotation, ()
    if is_run(drawn):
        return annotation, (
            f"{where}: {drawn.words}. If nobody looked beyond, nothing is complete: leave it out "
            "of --complete, or networks learn that nothing is there.",
        )
    opened = ignore_between(labels, drawn)
    if opened is labels:
        return annotation, ()
    return replace(annotation, label_map=opened), (
        f"{where}: {drawn.words}. What lies between is left open (ignore); complete stands for the "
        "planes that were drawn.",
    )
