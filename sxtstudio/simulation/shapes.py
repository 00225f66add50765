"""Smooth random bodies on a grid, each as a depth (µm, positive inside) within its own box."""

from dataclasses import dataclass

import numpy as np

from sxtstudio.core.grid import Box

Vector = np.ndarray
"""Three numbers (z, y, x) in µm, measured from the middle of the grid."""

_SPLINE_VARIANCE = 151 / 315
"""Mean variance of white noise after cubic B-spline interpolation, for each axis."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A cube of ``size`` voxels an edge; positions are (z, y, x) in µm from its middle."""

    size: int
    voxel_um: float

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (z, y, x)."""
        return (self.size, self.size, self.size)

    @property
    def whole(self) -> Box:
        """The box that is the whole grid."""
        return (slice(0, self.size), slice(0, self.size), slice(0, self.size))

    def box(self, low_um: Vector, high_um: Vector) -> Box:
        """Return the voxels between two corners, cut to the grid; it may be empty."""
        start = np.floor(low_um / self.voxel_um + (self.size - 1) / 2).astype(int)
        stop = np.ceil(high_um / self.voxel_um + (self.size - 1) / 2).astype(int) + 1
        z, y, x = (
            slice(int(a), max(int(a), int(b)))
            for a, b in zip(start.clip(0, self.size), stop.clip(0, self.size), strict=True)
        )
        return (z, y, x)

    def offsets(self, box: Box, centre_um: Vector) -> list[np.ndarray]:
        """Return the z, y and x distances (µm, float32) from a point, ready to broadcast."""
        axes: list[np.ndarray] = []
        for axis, (part, centre) in enumerate(zip(box, centre_um, strict=True)):
            index = np.arange(part.start, part.stop)
            values = (index - (self.size - 1) / 2) * self.voxel_um - centre
            axes.append(
                values.astype(np.float32).reshape([-1 if i == axis else 1 for i in range(3)])
            )
        return axes

    def nearest(self, points_um: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the indices of the voxels nearest to points (N, 3), cut to the grid."""
        index = np.rint(points_um / self.voxel_um + (self.size - 1) / 2).astype(np.intp)
        z, y, x = index.clip(0, self.size - 1).T
        return (z, y, x)

    def position(self, index: np.ndarray) -> np.ndarray:
        """Return where voxels (N, 3) are, in µm from the middle."""
        return (index - (self.size - 1) / 2) * self.voxel_um


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """A body: ``depth_ZYX`` (µm, float32) below its surface in ``box``, negative outside.

    The depth is a distance near the surface and only a monotonous measure far from it.
    """

    box: Box
    depth_ZYX: np.ndarray

    def inset(self, thickness_um: float) -> "Shape":
        """Return what is left after peeling a layer off."""
        return Shape(box=self.box, depth_ZYX=self.depth_ZYX - np.float32(thickness_um))


def coverage(depth_ZYX: np.ndarray, voxel_um: float) -> np.ndarray:
    """Return the fraction (0–1) of each voxel that lies inside a body."""
    return np.clip(depth_ZYX / np.float32(voxel_um) + np.float32(0.5), 0, 1)


def bounded_normal(
    rng: np.random.Generator, mean: float, sd: float, low: float, high: float
) -> float:
    """Return a normally distributed number, cut off at two bounds."""
    return min(max(float(rng.normal(mean, sd)), low), high)


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    """Return a (3, 3) orthogonal matrix, uniformly distributed."""
    q, r = np.linalg.qr(rng.standard_normal((3, 3)))
    return q * np.sign(np.diag(r))


def random_direction(rng: np.random.Generator) -> np.ndarray:
    """Return a unit vector, uniformly distributed on the sphere."""
    vector = rng.standard_normal(3)
    return vector / np.linalg.norm(vector)


def smooth_field(
    shape: tuple[int, ...], scale_voxels: float, rng: np.random.Generator
) -> np.ndarray:
    """Return a smooth random field, float32, of mean 0 and variance about 1.

    It is white noise on knots ``scale_voxels`` apart, interpolated by cubic B-splines: close to
    Gaussian-filtered noise with a standard deviation of 0.58 knots, and much cheaper.
    """
    matrices = [_spline_matrix(n, max(scale_voxels, 1.0), rng) for n in shape]
    knots = rng.standard_normal([m.shape[1] for m in matrices]).astype(np.float32)
    for matrix in matrices:
        # Contracting the first axis and appending the result turns (z, y, x) round once in all.
        knots = np.tensordot(knots, matrix, axes=(0, 1))
    return knots / np.float32(_SPLINE_VARIANCE ** (len(shape) / 2))


def _spline_matrix(length: int, step: float, rng: np.random.Generator) -> np.ndarray:
    position = np.arange(length) / step + rng.uniform()
    first = np.floor(position).astype(int)
    t = position - first
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    matrix = np.zeros((length, int(first[-1]) + 4), np.float32)
    for offset, weight in enumerate(weights):
        matrix[np.arange(length), first + offset] = weight
    return matrix


def ellipsoid(
    grid: Grid,
    centre_um: Vector,
    radii_um: Vector,
    rotation: np.ndarray | None = None,
    margin_um: float = 0.3,
) -> Shape:
    """Return an ellipsoid; its rows of ``rotation`` are the directions of its axes.

    The depth is k₀(1 − k₀)/k₁ with k₀ = |u/r| and k₁ = |u/r²|, exact to first order at the
    surface (Inigo Quilez's bound). The box reaches ``margin_um`` beyond the longest radius.
    """
    reach = np.max(radii_um) + margin_um
    box = grid.box(centre_um - reach, centre_um + reach)
    z, y, x = grid.offsets(box, centre_um)
    axes = np.eye(3) if rotation is None else rotation
    shape = tuple(part.stop - part.start for part in box)
    k0, k1 = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for (a, b, c), radius in zip(axes.astype(np.float32), radii_um, strict=True):
        along = (a * z + b * y + c * x) / np.float32(radius)
        along *= along
        k0 += along
        k1 += along / np.float32(radius**2)
    k0 = np.sqrt(k0)
    return Shape(box=box, depth_ZYX=k0 * (1 - k0) / np.sqrt(np.maximum(k1, 1e-9)))


def roughen(
    shape: Shape, grid: Grid, bump_um: float, scale_um: float, rng: np.random.Generator
) -> Shape:
    """Return a body whose surface is moved in and out by a smooth field of sd ``bump_um``.

    The field is kept within two standard deviations, so that a body never outgrows its box.
    """
    if not shape.depth_ZYX.size:
        return shape
    field_ZYX = smooth_field(shape.depth_ZYX.shape, scale_um / grid.voxel_um, rng)
    bumps_ZYX = np.float32(bump_um) * field_ZYX.clip(-2, 2)
    return Shape(box=shape.box, depth_ZYX=shape.depth_ZYX + bumps_ZYX)


def swept_balls(
    grid: Grid, points_um: np.ndarray, radii_um: np.ndarray, margin_um: float = 0.3
) -> Shape:
    """Return the union of balls (N centres and radii): a tube where they follow a curve."""
    reach = float(radii_um.max()) + margin_um
    box = grid.box(points_um.min(axis=0) - reach, points_um.max(axis=0) + reach)
    depth_ZYX = np.full([part.stop - part.start for part in box], -margin_um, np.float32)
    for point, radius in zip(points_um, radii_um, strict=True):
        ball = grid.box(point - radius - margin_um, point + radius + margin_um)
        z, y, x = grid.offsets(ball, point)
        distance = np.sqrt(z * z + y * y + x * x)
        inner = tuple(
            slice(b.start - o.start, b.stop - o.start) for b, o in zip(ball, box, strict=True)
        )
        np.maximum(depth_ZYX[inner], np.float32(radius) - distance, out=depth_ZYX[inner])
    return Shape(box=box, depth_ZYX=depth_ZYX)


def unite(first: Shape, second: Shape, grid: Grid, neck_um: float) -> Shape:
    """Return two bodies grown together, with a neck about ``neck_um`` wide where they meet."""
    a, b = (_on_whole(shape, grid) for shape in (first, second))
    neck = np.float32(neck_um)
    depth_ZYX = 0.5 * (a + b + np.sqrt((a - b) ** 2 + neck * neck))
    return Shape(box=grid.whole, depth_ZYX=depth_ZYX)


def _on_whole(shape: Shape, grid: Grid) -> np.ndarray:
    """Return the depth on the whole grid; beyond the box it is that of the box's worst voxel."""
    depth_ZYX = np.full(grid.shape, shape.depth_ZYX.min(initial=0), np.float32)
    depth_ZYX[shape.box] = shape.depth_ZYX
    return depth_ZYX


def level_for_volume(values: np.ndarray, voxels: int) -> float:
    """Return the level that ``voxels`` of the values exceed (the top of them all if 0)."""
    count = int(np.clip(voxels, 0, values.size))
    if count == 0:
        return float(values.max(initial=0))
    return float(np.partition(values, values.size - count)[values.size - count])
