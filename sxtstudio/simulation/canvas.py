"""The volume a cell is drawn in: true LAC, labels, and the room that is left."""

from collections.abc import Sequence

import numpy as np
from edt import edt
from scipy.ndimage import gaussian_filter1d

from sxtstudio.simulation.shapes import (
    Grid,
    Shape,
    coverage,
    ellipsoid,
    random_direction,
    random_rotation,
    smooth_field,
    swept_balls,
)

VALUES = {
    "cytoplasm": 1,
    "nucleus": 2,
    "mitochondria": 3,
    "lipid": 4,
    "chloroplast": 5,
    "starch": 6,
    "vacuole": 7,
    "wall": 8,
    "nucleolus": 9,
    "heterochromatin": 10,
    "euchromatin": 11,
    "capillary": 12,
    "bead": 13,
}
"""Ontology id → label value, the same in every simulated cell; 0 is what surrounds the cell."""

OUTSIDE = ""
"""The name of label 0 where something may be drawn over it."""


class Canvas:
    """True LAC (µm⁻¹) and labels of a specimen that is being drawn.

    Bodies are blended in by the fraction of each voxel they cover, and labelled where that is
    more than half: edges are as smooth as the shapes, whatever the voxel.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.lac_ZYX = np.zeros(grid.shape, np.float32)
        self.labels_ZYX = np.zeros(grid.shape, np.uint8)

    def mask(self, *class_ids: str) -> np.ndarray:
        """Return where any of the classes (or `OUTSIDE`) is drawn."""
        return _table(class_ids)[self.labels_ZYX]

    def paint(
        self, shape: Shape, lac: float | np.ndarray, class_id: str | None, over: Sequence[str]
    ) -> None:
        """Draw a body over voxels of the classes ``over``; without a class id only its LAC."""
        labels_ZYX = self.labels_ZYX[shape.box]
        alpha_ZYX = coverage(shape.depth_ZYX, self.grid.voxel_um)
        alpha_ZYX *= _table(over)[labels_ZYX]
        lac_ZYX = self.lac_ZYX[shape.box]
        lac_ZYX += alpha_ZYX * (np.float32(lac) - lac_ZYX)
        if class_id is not None:
            labels_ZYX[alpha_ZYX > 0.5] = VALUES.get(class_id, 0)

    def add_texture(
        self, amplitudes: dict[str, float], scale_um: float, rng: np.random.Generator
    ) -> None:
        """Add a smooth random field with a standard deviation (µm⁻¹) for each class named."""
        table = np.zeros(256, np.float32)
        for class_id, amplitude in amplitudes.items():
            table[VALUES[class_id]] = amplitude
        field_ZYX = smooth_field(self.grid.shape, scale_um / self.grid.voxel_um, rng)
        field_ZYX *= table[self.labels_ZYX]
        self.lac_ZYX += field_ZYX

    def volume_um3(self, *class_ids: str) -> float:
        """Return the volume drawn of some classes."""
        return float(np.count_nonzero(self.mask(*class_ids))) * self.grid.voxel_um**3

    def voxels(self, volume_um3: float) -> int:
        """Return how many voxels a volume fills."""
        return round(volume_um3 / self.grid.voxel_um**3)


def _table(class_ids: Sequence[str]) -> np.ndarray:
    table = np.zeros(256, bool)
    table[[VALUES.get(class_id, 0) for class_id in class_ids]] = True
    return table


class Room:
    """Free space: how far (µm) each voxel is from whatever must not be touched."""

    def __init__(self, free_ZYX: np.ndarray, grid: Grid) -> None:
        self.grid = grid
        distance_ZYX = edt(free_ZYX, anisotropy=(grid.voxel_um,) * 3, black_border=True)
        self.clearance_ZYX: np.ndarray = distance_ZYX - np.float32(grid.voxel_um / 2)

    def at(self, points_um: np.ndarray) -> np.ndarray:
        """Return the clearance at points (N, 3)."""
        return self.clearance_ZYX[self.grid.nearest(points_um)]

    def occupy(self, shape: Shape, gap_um: float = 0.0) -> None:
        """Take a body's space away, and a gap around it."""
        clearance_ZYX = self.clearance_ZYX[shape.box]
        np.minimum(clearance_ZYX, -shape.depth_ZYX - np.float32(gap_um), out=clearance_ZYX)

    def candidates(self, radius_um: float, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return up to ``count`` random centres (N, 3) where a ball fits; none if it never does."""
        flat = np.flatnonzero(self.clearance_ZYX >= radius_um)
        if not flat.size:
            return np.empty((0, 3))
        picked = flat[rng.integers(flat.size, size=count)]
        index = np.stack(np.unravel_index(picked, self.grid.shape), axis=1)
        return self.grid.position(index + rng.uniform(-0.3, 0.3, index.shape))


def place_granules(
    room: Room,
    radii_um: np.ndarray,
    rng: np.random.Generator,
    *,
    clusters: int,
    spread_um: float,
    flatness: float = 0.9,
) -> list[Shape]:
    """Return ellipsoids that do not overlap, gathered in clusters, and take up their room.

    ``radii_um`` are the longest semi-axes; the others are between ``flatness`` times that and the
    same. A granule that fits nowhere is tried at two thirds of its size and then left out, so
    there may be fewer.
    """
    shapes: list[Shape] = []
    centres = room.candidates(float(np.median(radii_um)), clusters, rng)
    for radius in np.sort(radii_um)[::-1]:
        spot, radius_um = _find_spot(room, float(radius), centres, spread_um, rng)
        if spot is None:
            continue
        axes_um = radius_um * np.append(1.0, rng.uniform(flatness, 1.0, 2))
        shape = ellipsoid(room.grid, spot, axes_um, random_rotation(rng))
        room.occupy(shape, gap_um=0.5 * room.grid.voxel_um)
        shapes.append(shape)
    return shapes


def _find_spot(
    room: Room, radius_um: float, centres: np.ndarray, spread_um: float, rng: np.random.Generator
) -> tuple[np.ndarray | None, float]:
    """Return a centre near one of the clusters, and the radius that fits there."""
    for radius in (radius_um, radius_um * 2 / 3):
        spots = room.candidates(radius, 48, rng)
        if len(spots) and len(centres):
            centre = centres[rng.integers(len(centres))]
            distance = np.linalg.norm(spots - centre, axis=1)
            score = -0.5 * (distance / spread_um) ** 2 + rng.gumbel(size=len(spots))
            return spots[int(np.argmax(score))], radius
    return None, 0.0


def grow_tube(
    room: Room,
    radius_um: float,
    length_um: float,
    rng: np.random.Generator,
    *,
    hug: float,
    branching: float = 0.3,
) -> Shape | None:
    """Return a bent tube that winds through free space, or None where there is none.

    ``hug`` (0–1) is how closely it keeps to the surfaces around it; with probability
    ``branching`` a shorter branch leaves it. The radius varies by about a sixth along the way.
    """
    starts = room.candidates(radius_um, 24, rng)
    if not len(starts):
        return None
    start = starts[int(np.argmin(room.at(starts)))] if rng.uniform() < hug else starts[0]
    points = _walk(room, start, radius_um, length_um, hug, rng)
    paths = [points]
    if rng.uniform() < branching and len(points) > 4:
        fork = points[rng.integers(1, len(points) - 1)]
        paths.append(_walk(room, fork, radius_um, length_um * rng.uniform(0.3, 0.6), hug, rng))
    balls = [_round_off(path, radius_um, rng) for path in paths]
    centres_um = np.concatenate([centres for centres, _ in balls])
    return swept_balls(room.grid, centres_um, np.concatenate([radii for _, radii in balls]))


def _walk(
    room: Room,
    start: np.ndarray,
    radius_um: float,
    length_um: float,
    hug: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the corners of a path whose steps are one radius long and keep clear of walls."""
    points = [start]
    heading = random_direction(rng)
    for _ in range(max(int(length_um / radius_um), 1)):
        turns = heading + 0.55 * rng.standard_normal((16, 3))
        turns /= np.linalg.norm(turns, axis=1, keepdims=True)
        steps = points[-1] + radius_um * turns
        space = room.at(steps) / radius_um
        score = turns @ heading - 1.5 * hug * np.abs(space - 1.2).clip(max=3)
        score += 0.3 * rng.gumbel(size=len(score))
        score[space < 0.95] = -np.inf
        best = int(np.argmax(score))
        if not np.isfinite(score[best]):
            break
        heading = turns[best]
        points.append(steps[best])
    return np.array(points)


def _round_off(
    points: np.ndarray, radius_um: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return ball centres a third of a radius apart along the smoothed path, and their radii."""
    knots = np.arange(len(points))
    fine = np.linspace(0, len(points) - 1, max(3 * (len(points) - 1), 0) + 1)
    centres = np.stack([np.interp(fine, knots, axis) for axis in points.T], axis=1)
    centres = gaussian_filter1d(centres, 3.0, axis=0, mode="nearest")
    waves = smooth_field((len(centres),), 6.0, rng).clip(-2, 2)
    return centres, radius_um * (1 + 0.16 * waves)
