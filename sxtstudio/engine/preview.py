"""What a network makes of one cell by now, in three planes: seen while it trains.

Only slabs around the planes are predicted, and of large cells only a window in the middle, so that
looking costs a small part of learning. Slabs are predicted in tiles that blend like those of a
whole cell: instance norm makes a network's answer depend on how much it sees at once. Measured on
a simulated alga, early in a training: slabs of 16 planes in tiles agree with the whole cell's
prediction in 0.89 of the voxels, 0.77 in one piece; 24 planes: 0.91, for half as much time again.
"""

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from sxtstudio.core.events import PREVIEW_LAC, UNKNOWN, Preview, PreviewPlane
from sxtstudio.core.grid import Box, Shape, gaussian_weights, tiles
from sxtstudio.core.plan import Plan
from sxtstudio.core.volume import VoxelSize
from sxtstudio.engine.inference import OVERLAP, TileInput, predict_whole, tile_of
from sxtstudio.engine.lanes import Lanes, logits_of
from sxtstudio.engine.losses import States
from sxtstudio.engine.preparation import CoarseCell, PreparedCell
from sxtstudio.engine.sampling import input_channels
from sxtstudio.engine.unet import UNet

WINDOW_EDGE = {"cpu": 128, "cuda": 256}
"""Longest edge of a previewed plane, in voxels."""

THICKNESS = 16
"""Planes that a slab has around the one that is shown."""

MOST_LOOKED_AT = 4_000_000
"""So many voxels are looked at to find the planes that tell most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """``make`` returns the preview of a network after so many steps, from so many ``voxels``."""

    make: Callable[[UNet, int], Preview]
    voxels: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _View:
    """One plane of a cell: the box it is predicted from, and where in that box it lies."""

    axis: int
    box: Box
    depth: int

    @property
    def shape(self) -> Shape:
        """Number of voxels of the box along (z, y, x)."""
        z, y, x = (side.stop - side.start for side in self.box)
        return (z, y, x)

    def plane(self, values_ZYX: np.ndarray) -> np.ndarray:
        """Return the plane of a whole volume."""
        return np.take(values_ZYX[self.box], self.depth, self.axis)


def telling_voxel(cell: PreparedCell, states: States) -> Shape:
    """Return a voxel whose three planes show as much of every class as planes can.

    Along each axis it lies in the plane that shows most of all classes together, each compared
    with the plane that shows most of it.
    """
    step = max(1, round((cell.state_ZYX.size / MOST_LOOKED_AT) ** (1 / 3)))
    state_ZYX = np.asarray(cell.state_ZYX[::step, ::step, ::step])
    scores = [np.zeros(n) for n in state_ZYX.shape]
    for state in range(len(states.masks)):
        members = states.members(state)
        if len(members) > 1 or members == [0]:
            continue
        mask_ZYX = state_ZYX == state
        for axis in range(3):
            others = tuple(other for other in range(3) if other != axis)
            shown = mask_ZYX.sum(others)
            scores[axis] += np.sqrt(shown / max(1, shown.max()))
    z, y, x = (int(s.argmax()) * step if s.any() else len(s) * step // 2 for s in scores)
    return (z, y, x)


def cell_to_preview(plan: Plan, cells: Sequence[PreparedCell], states: States) -> PreparedCell:
    """Return the spared cell, or else the training cell that shows most classes."""
    spared = [cell for cell in cells if cell.name in plan.validation]

    def shown(cell: PreparedCell) -> int:
        seen = np.unique(cell.state_ZYX[::2, ::2, ::2])
        return sum(len(states.members(int(state))) == 1 for state in seen)

    return max(spared or cells, key=shown)


def coarse_picture(
    plan: Plan, stage: int, cell: CoarseCell, voxel: Shape, states: States, lanes: Lanes
) -> Picture:
    """Return what makes previews of a stage that sees the whole cell; ``voxel`` is a fine one."""
    factor = plan.stages[stage].factor
    shape = cell.scaled_ZYX.shape
    z, y, x = (min(v // f, n - 1) for v, f, n in zip(voxel, factor, shape, strict=True))
    views = _views(shape, (z, y, x), max(shape), max(shape))
    spacing_um = _coarse_spacing(plan.voxel_size_um, factor)
    drawn_ZYX = _drawn(cell.fraction_MZYX.argmax(0), states)
    drawn_ZYX[cell.fraction_MZYX.max(0) < 0.5] = UNKNOWN

    def picture(network: UNet, step: int) -> Preview:
        labels_ZYX = predict_whole(network, cell.scaled_ZYX, lanes.device).argmax(0)
        planes = [
            _plane(
                plan,
                _spacing(spacing_um, view.axis),
                view.plane(cell.scaled_ZYX),
                view.plane(labels_ZYX),
                view.plane(drawn_ZYX),
            )
            for view in views
        ]
        return _preview(plan, stage, step, cell.name, planes)

    return Picture(make=picture, voxels=cell.scaled_ZYX.size)


def fine_picture(
    plan: Plan, cell: PreparedCell, source: TileInput, voxel: Shape, states: States, lanes: Lanes
) -> Picture:
    """Return what makes previews of the last stage, at full resolution."""
    views = _views(cell.shape, voxel, WINDOW_EDGE[lanes.device.type], THICKNESS)
    slabs = [_Slab(view, tile_of(plan.stages[-1].patch, cell.shape)) for view in views]
    inputs = [
        input_channels(source.scaled_ZYX, source.field_KZYX, source.factor, view.box)
        for view in views
    ]
    drawn = [_drawn(view.plane(cell.state_ZYX), states) for view in views]

    def picture(network: UNet, step: int) -> Preview:
        planes: list[PreviewPlane] = []
        for slab, batch, known in zip(slabs, inputs, drawn, strict=True):
            labels = slab.labels(network, batch, lanes, bfloat16=plan.precision == "bfloat16")
            spacing_um = _spacing(plan.voxel_size_um, slab.view.axis)
            planes.append(_plane(plan, spacing_um, slab.view.plane(cell.scaled_ZYX), labels, known))
        return _preview(plan, len(plan.stages) - 1, step, cell.name, planes)

    return Picture(make=picture, voxels=sum(slab.voxels for slab in slabs))


class _Slab:
    """A box predicted in overlapping tiles that reach through it, blended in one plane."""

    def __init__(self, view: _View, tile: Shape) -> None:
        self.view = view
        z, y, x = (
            n if axis == view.axis else min(edge, n)
            for axis, (edge, n) in enumerate(zip(tile, view.shape, strict=True))
        )
        self.boxes = tiles(view.shape, (z, y, x), OVERLAP)
        self.voxels = len(self.boxes) * math.prod((z, y, x))
        self._weights = np.take(gaussian_weights((z, y, x)), view.shape[view.axis] // 2, view.axis)

    def labels(
        self, network: UNet, inputs_CZYX: torch.Tensor, lanes: Lanes, *, bfloat16: bool
    ) -> np.ndarray:
        """Return the labels of the plane."""
        rows, columns = (n for axis, n in enumerate(self.view.shape) if axis != self.view.axis)
        sums: np.ndarray | None = None
        at_once = max(2, lanes.count)
        for first in range(0, len(self.boxes), at_once):
            group = self.boxes[first : first + at_once]
            batch = torch.stack([inputs_CZYX[:, *box] for box in group])
            p_NKZYX = torch.softmax(logits_of(network, batch, lanes, bfloat16=bfloat16), 1)
            p_NKRC = p_NKZYX.select(self.view.axis + 2, self.view.depth).cpu().numpy()
            if sums is None:
                sums = np.zeros((p_NKRC.shape[1], rows, columns), np.float32)
            for box, p_KRC in zip(group, p_NKRC, strict=True):
                row, column = (side for axis, side in enumerate(box) if axis != self.view.axis)
                sums[:, row, column] += p_KRC * self._weights
        assert sums is not None
        return sums.argmax(0)


def _views(shape: Sequence[int], voxel: Shape, edge: int, thickness: int) -> tuple[_View, ...]:
    """Return the planes XY, XZ and YZ through a voxel, in boxes of at most these voxels."""
    views: list[_View] = []
    for axis in range(3):
        lengths = [thickness if other == axis else edge for other in range(3)]
        starts = [
            max(0, min(v - length // 2, n - length))
            for v, length, n in zip(voxel, lengths, shape, strict=True)
        ]
        z, y, x = (
            slice(start, min(start + length, n))
            for start, length, n in zip(starts, lengths, shape, strict=True)
        )
        views.append(_View(axis=axis, box=(z, y, x), depth=voxel[axis] - starts[axis]))
    return tuple(views)


def _drawn(state: np.ndarray, states: States) -> np.ndarray:
    """Return the label of each voxel where that is certain, else `UNKNOWN`."""
    table = np.full(len(states.masks), UNKNOWN, np.uint8)
    for index in range(len(states.masks)):
        members = states.members(index)
        if len(members) == 1:
            table[index] = members[0]
    return table[state]


def _plane(
    plan: Plan,
    spacing_um: tuple[float, float],
    scaled: np.ndarray,
    labels: np.ndarray,
    drawn: np.ndarray,
) -> PreviewPlane:
    lac = scaled.astype(np.float32) * plan.lac_scale_per_um + plan.lac_centre_per_um
    rows, columns = lac.shape
    return PreviewPlane(
        shape=(rows, columns),
        spacing_um=spacing_um,
        lac=np.rint(lac.clip(0, PREVIEW_LAC) * (255 / PREVIEW_LAC)).astype(np.uint8).tobytes(),
        labels=zlib.compress(labels.astype(np.uint8).tobytes()),
        drawn=zlib.compress(drawn.tobytes()),
    )


def _spacing(voxel_size_um: VoxelSize, axis: int) -> tuple[float, float]:
    rows, columns = (edge for other, edge in enumerate(voxel_size_um) if other != axis)
    return (rows, columns)


def _coarse_spacing(voxel_size_um: VoxelSize, factor: Shape) -> VoxelSize:
    z, y, x = (edge * f for edge, f in zip(voxel_size_um, factor, strict=True))
    return (z, y, x)


def _preview(
    plan: Plan, stage: int, step: int, cell: str, planes: Sequence[PreviewPlane]
) -> Preview:
    xy, xz, yz = planes
    return Preview(
        stage=stage + 1,
        step=step,
        cell=cell,
        spared=cell in plan.validation,
        planes=(xy, xz, yz),
    )
