"""Shapes whose volume and surface are known in closed form, drawn on a grid of voxels."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

VoxelSize = tuple[float, float, float]


@dataclass(frozen=True)
class Shape:
    name: str
    reach: float
    volume: float
    surface: float
    inside: Callable[[np.ndarray], np.ndarray]


def ball(radius: float) -> Shape:
    return Shape(
        f"ball {radius}",
        radius,
        4 / 3 * math.pi * radius**3,
        4 * math.pi * radius**2,
        lambda at: (at**2).sum(-1) <= radius**2,
    )


def spheroid(radius: float, ratio: float) -> Shape:
    e = math.sqrt(1 - 1 / ratio**2)
    return Shape(
        f"spheroid {radius}",
        radius * ratio,
        4 / 3 * math.pi * radius**3 * ratio,
        2 * math.pi * radius**2 * (1 + ratio / e * math.asin(e)),
        lambda at: ((at / (radius, radius, radius * ratio)) ** 2).sum(-1) <= 1,
    )


def cylinder(radius: float, half_length: float) -> Shape:
    return Shape(
        f"cylinder {radius}",
        math.hypot(radius, half_length),
        2 * math.pi * radius**2 * half_length,
        2 * math.pi * radius * (radius + 2 * half_length),
        lambda at: ((at[..., :2] ** 2).sum(-1) <= radius**2) & (np.abs(at[..., 2]) <= half_length),
    )


def cuboid(a: float, b: float, c: float) -> Shape:
    """Half edges."""
    return Shape(
        f"cuboid {a}",
        math.sqrt(a * a + b * b + c * c),
        8 * a * b * c,
        8 * (a * b + b * c + a * c),
        lambda at: (np.abs(at) <= (a, b, c)).all(-1),
    )


def draw(shape: Shape, voxel_size: VoxelSize, rng: np.random.Generator) -> np.ndarray:
    """Turn and shift a shape at random and return the voxels whose centres lie in it."""
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    axes = []
    for edge in voxel_size:
        count = math.ceil(2 * shape.reach / edge) + 4
        axes.append((np.arange(count) - (count - 1) / 2 + rng.uniform(-0.5, 0.5)) * edge)
    at = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    return shape.inside(at @ turn)


def ball_labels(
    size: tuple[int, int, int], centre: tuple[float, ...], radius: float, voxel_size: VoxelSize
) -> np.ndarray:
    """Return the voxels of a ball; centre (z, y, x) and radius in the unit of the voxel size."""
    axes = [np.arange(n) * edge - c for n, edge, c in zip(size, voxel_size, centre, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return z**2 + y**2 + x**2 <= radius**2
