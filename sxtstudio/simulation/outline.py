"""The outer form of a cell, drawn before the size of a voxel is known."""

import math
from dataclasses import dataclass

import numpy as np

from sxtstudio.simulation.shapes import Grid, Shape, ellipsoid, random_rotation, roughen, unite


@dataclass(frozen=True, kw_only=True, eq=False)
class Bud:
    """A daughter: a ball of ``radius_um`` whose centre is ``offset_um`` (z, y, x) away."""

    offset_um: np.ndarray
    radius_um: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """An ellipsoid with bumps (``bump_um`` sd, ``scale_um`` apart), sometimes with a bud."""

    radii_um: np.ndarray
    rotation: np.ndarray
    bump_um: float
    scale_um: float
    bud: Bud | None = None

    @property
    def shift_um(self) -> np.ndarray:
        """Where the mother's centre lies from the middle of mother and bud."""
        if self.bud is None:
            return np.zeros(3)
        length = float(np.linalg.norm(self.bud.offset_um))
        beyond = max(length + self.bud.radius_um - float(np.max(self.radii_um)), 0.0)
        return -self.bud.offset_um / length * beyond / 2

    @property
    def reach_um(self) -> float:
        """Radius of a ball, about the middle, that holds the whole cell."""
        shift = float(np.linalg.norm(self.shift_um))
        return float(np.max(self.radii_um)) + shift + 2 * self.bump_um

    def place(self, grid: Grid, centre_um: np.ndarray, rng: np.random.Generator) -> "Body":
        """Return the cell's body on a grid, with its middle at ``centre_um``."""
        mother_um = centre_um + self.shift_um
        margin_um = grid.size * grid.voxel_um
        body = ellipsoid(grid, mother_um, self.radii_um, self.rotation, margin_um)
        if self.bud is not None:
            radii_um = np.full(3, self.bud.radius_um)
            bud = ellipsoid(grid, mother_um + self.bud.offset_um, radii_um, None, margin_um)
            body = unite(body, bud, grid, neck_um=0.15)
        rough = roughen(body, grid, self.bump_um, self.scale_um, rng)
        return Body(shape=rough, middle_um=mother_um, radius_um=float(self.radii_um.mean()))


@dataclass(frozen=True, kw_only=True, eq=False)
class Body:
    """A cell put on a grid; ``middle_um`` and ``radius_um`` are the mother's, without the bud."""

    shape: Shape
    middle_um: np.ndarray
    radius_um: float


def draw_outline(
    volume_um3: float, elongation: float, bump_um: float, scale_um: float, rng: np.random.Generator
) -> Outline:
    """Return an ellipsoid of a volume; its longest axis is up to ``elongation`` × the others."""
    stretch = np.array([rng.uniform(1, elongation), rng.uniform(0.97, 1.03), 1.0])
    radius_um = (3 * volume_um3 / (4 * math.pi)) ** (1 / 3)
    return Outline(
        radii_um=radius_um * stretch / np.prod(stretch) ** (1 / 3),
        rotation=random_rotation(rng),
        bump_um=bump_um,
        scale_um=scale_um,
    )
