"""Patches for a training step, balanced over classes and cells.

Every random choice comes from a generator made of (seed, stage, fold, step), so that a resumed
training draws the very patches it would have drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from sxtstudio.core.grid import Box, Shape
from sxtstudio.engine.losses import States
from sxtstudio.engine.preparation import CoarseCell, PreparedCell
from sxtstudio.engine.wedge import Wedge, lose_wedge

MAX_PLACES = 50_000
"""So many voxels of a class in a cell are remembered as patch centres: more add nothing."""

ANYWHERE = 0.25
"""Part of the patches that lie anywhere in a cell, as long as something is known there."""

NOWHERE = np.zeros(0, np.intp)

MARGIN = 16
"""Voxels around a patch that are looked at to tell what a missing wedge smears into it."""

TRIES = 8
"""So often a place is drawn before one is looked for where something is known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Input channels and target fractions of one step, on the training device."""

    input_NCZYX: torch.Tensor
    fraction_NMZYX: torch.Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """A cell in one state, see `sxtstudio.engine.views`.

    ``field_KZYX`` are the fields of the stage before, a channel a class of the task, float16; None
    in a cascade of one stage. ``wedge`` is what the cell's LAC loses before a network sees it.
    """

    field_KZYX: np.ndarray | None = None
    wedge: Wedge | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """A prepared cell, its views, the cell as it is first, and where its classes are.

    ``places`` maps a label to flat voxel indices where it is certain. ``silent`` is the state of
    voxels that may be anything, None where the cell has none; ``telling`` are flat indices of the
    others, if it has some. ``factor`` is that of the stage before.
    """

    cell: PreparedCell
    views: Sequence[View]
    factor: Shape
    places: dict[int, np.ndarray]
    silent: int | None
    telling: np.ndarray


def make_source(
    cell: PreparedCell, views: Sequence[View], factor: Shape, states: States, seed: int
) -> Source:
    """Return a cell ready to be sampled from."""
    rng = np.random.default_rng(seed)
    places: dict[int, np.ndarray] = {}
    for state in range(len(states.masks)):
        members = states.members(state)
        if len(members) == 1:
            found = _some_places(cell.state_ZYX == state, rng)
            if found.size:
                places[members[0]] = found
    silent = states.silent
    if silent is not None and not (cell.state_ZYX == silent).any():
        silent = None
    return Source(
        cell=cell,
        views=views,
        factor=factor,
        places=places,
        silent=silent,
        telling=_some_places(cell.state_ZYX != silent, rng) if silent is not None else NOWHERE,
    )


def _some_places(mask_ZYX: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    found = np.flatnonzero(mask_ZYX)
    return rng.choice(found, MAX_PLACES, replace=False) if found.size > MAX_PLACES else found


def draw_corner(
    sources: Sequence[Source], patch: Shape, rng: np.random.Generator
) -> tuple[int, Shape]:
    """Return which source to cut a patch from, and its first voxel.

    A class is drawn first, then a cell that has it, then a voxel of it, which comes to lie
    anywhere in the middle half of the patch.
    """
    classes = sorted({label for source in sources for label in source.places})
    if not classes or rng.random() < ANYWHERE:
        return _draw_anywhere(sources, patch, rng)
    label = classes[int(rng.integers(len(classes)))]
    having = [i for i, source in enumerate(sources) if label in source.places]
    index = having[int(rng.integers(len(having)))]
    return index, _corner_around(sources[index], sources[index].places[label], patch, rng)


def _draw_anywhere(
    sources: Sequence[Source], patch: Shape, rng: np.random.Generator
) -> tuple[int, Shape]:
    """Return a source and the first voxel of a patch in which something is known."""
    having = [i for i, it in enumerate(sources) if it.silent is None or it.telling.size]
    index = having[int(rng.integers(len(having)))]
    source = sources[index]
    room = [max(n - p, 0) for n, p in zip(source.cell.state_ZYX.shape, patch, strict=True)]
    for _ in range(TRIES):
        z, y, x = (int(rng.integers(extent + 1)) for extent in room)
        if source.silent is None:
            return index, (z, y, x)
        box = (slice(z, z + patch[0]), slice(y, y + patch[1]), slice(x, x + patch[2]))
        if (source.cell.state_ZYX[box] != source.silent).any():
            return index, (z, y, x)
    return index, _corner_around(source, source.telling, patch, rng)


def _corner_around(
    source: Source, places: np.ndarray, patch: Shape, rng: np.random.Generator
) -> Shape:
    """Return the first voxel of a patch whose middle half holds one of some places."""
    shape = source.cell.state_ZYX.shape
    centre = np.unravel_index(rng.choice(places), shape)
    z, y, x = (
        int(np.clip(c - p // 2 + rng.integers(-(p // 4), p // 4 + 1), 0, max(n - p, 0)))
        for c, p, n in zip(centre, patch, shape, strict=True)
    )
    return (z, y, x)


def cut(
    source: Source, view: View, corner: Shape, patch: Shape, states: States
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return input channels (C, Z, Y, X) and target fractions (M, Z, Y, X) of one patch.

    A cell smaller than the patch is mirrored outwards; what lies there teaches nothing.
    """
    box = (
        slice(corner[0], corner[0] + patch[0]),
        slice(corner[1], corner[1] + patch[1]),
        slice(corner[2], corner[2] + patch[2]),
    )
    field = None if view.field_KZYX is None else torch.from_numpy(view.field_KZYX)
    inputs = input_channels(source.cell.scaled_ZYX, field, source.factor, box)
    if view.wedge is not None:
        inputs[0] = _tilted(source.cell, box, view.wedge)
    state = torch.from_numpy(np.array(source.cell.state_ZYX[box]))
    fraction = torch.stack([state == index for index in range(len(states.masks))]).float()
    return extend(inputs, patch), extend_by_nothing(fraction, patch)


def _tilted(cell: PreparedCell, box: Box, wedge: Wedge) -> torch.Tensor:
    """Return the scaled LAC of a box without what a wedge loses; a margin around it smears in."""
    ends = [min(side.stop, n) for side, n in zip(box, cell.shape, strict=True)]
    starts = [max(0, side.start - MARGIN) for side in box]
    stops = [min(n, end + MARGIN) for n, end in zip(cell.shape, ends, strict=True)]
    z, y, x = (slice(*pair) for pair in zip(starts, stops, strict=True))
    wide = torch.from_numpy(np.asarray(cell.scaled_ZYX[z, y, x], np.float32))
    before = [start - (side.start - MARGIN) for start, side in zip(starts, box, strict=True)]
    after = [end + MARGIN - stop for end, stop in zip(ends, stops, strict=True)]
    padding = [pad for pair in reversed([*zip(before, after, strict=True)]) for pad in pair]
    wide = functional.pad(wide[None, None], padding, mode="replicate")[0, 0]
    return lose_wedge(wide, cell.voxel_size_um, wedge)[
        MARGIN:-MARGIN, MARGIN:-MARGIN, MARGIN:-MARGIN
    ]


def input_channels(
    scaled_ZYX: np.ndarray, field_KZYX: torch.Tensor | None, factor: Shape, box: Box
) -> torch.Tensor:
    """Return scaled LAC of a box and the fields of the stage before there, (C, Z, Y, X)."""
    scaled = torch.from_numpy(np.asarray(scaled_ZYX[box], np.float32))
    if field_KZYX is None:
        return scaled[None]
    corner = (box[0].start, box[1].start, box[2].start)
    return torch.cat([scaled[None], upsample(field_KZYX, factor, corner, scaled.shape)])


def extend(values_CZYX: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Return values that repeat their far faces up to ``shape``."""
    missing = _missing(values_CZYX, shape)
    if not any(missing):
        return values_CZYX
    return functional.pad(values_CZYX[None], missing, mode="replicate")[0]


def extend_by_nothing(fraction_MZYX: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Return target fractions with none of any state beyond the far faces up to ``shape``."""
    return functional.pad(fraction_MZYX, _missing(fraction_MZYX, shape))


def _missing(values_CZYX: torch.Tensor, shape: Shape) -> list[int]:
    pairs = zip(reversed(values_CZYX.shape[1:]), reversed(shape), strict=True)
    return [pad for n, wanted in pairs for pad in (0, wanted - n)]


def upsample(
    field_KZYX: torch.Tensor, factor: Shape, corner: Shape, shape: Sequence[int]
) -> torch.Tensor:
    """Return coarse fields on a box of the fine grid by linear interpolation, float32.

    Fine voxel i has its centre at (i + ½) / ``factor`` − ½ of the coarse grid.
    """
    values = field_KZYX.float()
    for axis, (first, count, step) in enumerate(zip(corner, shape, factor, strict=True), start=1):
        last = values.shape[axis] - 1
        fine = torch.arange(first, first + count, device=values.device, dtype=torch.float32)
        place = ((fine + 0.5) / step - 0.5).clamp(0, last)
        below = place.long()
        above = (below + 1).clamp(max=last)
        part = (place - below).view([-1 if i == axis else 1 for i in range(4)])
        values = torch.lerp(
            values.index_select(axis, below), values.index_select(axis, above), part
        )
    return values


def patch_batch(
    sources: Sequence[Source], patch: Shape, size: int, states: States, rng: np.random.Generator
) -> Batch:
    """Return a batch of balanced patches, each from some view of its cell."""
    pairs: list[tuple[torch.Tensor, torch.Tensor]] = []
    for _ in range(size):
        index, corner = draw_corner(sources, patch, rng)
        source = sources[index]
        view = source.views[int(rng.integers(len(source.views)))]
        pairs.append(cut(source, view, corner, patch, states))
    return stack(pairs)


def whole_batch(
    cells: Sequence[CoarseCell], shape: Shape, size: int, rng: np.random.Generator
) -> Batch:
    """Return a batch of whole coarse cells, padded to a common shape."""
    chosen = rng.choice(len(cells), size, replace=len(cells) < size)
    return stack([whole(cells[int(index)], shape) for index in chosen])


def whole(cell: CoarseCell, shape: Shape) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a coarse cell padded at its far faces; the padding teaches nothing."""
    inputs = torch.from_numpy(cell.scaled_ZYX)[None]
    fraction = torch.from_numpy(cell.fraction_MZYX)
    return extend(inputs, shape), extend_by_nothing(fraction, shape)


def stack(pairs: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> Batch:
    """Return the batch of some patches."""
    inputs, fractions = zip(*pairs, strict=True)
    return Batch(input_NCZYX=torch.stack(inputs), fraction_NMZYX=torch.stack(fractions))
