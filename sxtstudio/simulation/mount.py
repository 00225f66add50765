"""What a cell lies in: a glass capillary, a column of buffer, or ice on a flat grid."""

from typing import Literal

import numpy as np

from sxtstudio.simulation.canvas import OUTSIDE, Canvas, Room, place_granules
from sxtstudio.simulation.shapes import Grid, Shape, ellipsoid, roughen

Mount = Literal["capillary", "buffer", "grid"]
GLASS_LAC = 1.09
"""LAC (µm⁻¹) of SiO₂ at 2.2 g/cm³ and 517 eV (Henke tables)."""
BUFFER_LAC = (0.108, 0.13)
"""LAC (µm⁻¹) of vitreous ice (0.103) to dilute medium; water is 0.111 at 517 eV (Henke tables)."""
BEAD_LAC = 23.5
"""LAC (µm⁻¹) of gold at 517 eV (Henke tables); blur and noise floor clip it, as in real data."""
CLASSES = ("capillary", "bead")


def draw_mount(canvas: Canvas, mount: Mount, reach_um: float, rng: np.random.Generator) -> float:
    """Fill the grid with what surrounds the cell; return how far the cell may lie off the axis.

    The axis is y. Capillary and column are round and have vacuum about them; ice fills the grid.
    """
    grid = canvas.grid
    buffer = rng.uniform(*BUFFER_LAC)
    half_um = grid.size * grid.voxel_um / 2
    if mount == "grid":
        canvas.lac_ZYX[:] = buffer
        return 0.5 * (half_um - reach_um)
    outer_um = half_um * rng.uniform(0.95, 0.98)
    # A pulled capillary has walls of a few per cent of its width, and tapers and leans a little.
    wall_um = reach_um * rng.uniform(0.06, 0.1) if mount == "capillary" else 0.0
    lean = rng.uniform(-0.01, 0.01, 3)
    if wall_um:
        canvas.paint(_column(grid, outer_um, lean), GLASS_LAC, "capillary", (OUTSIDE,))
    inside = _column(grid, outer_um - wall_um, lean)
    canvas.paint(inside, buffer, OUTSIDE, (OUTSIDE, "capillary"))
    return 0.7 * max(outer_um * 0.985 - wall_um - reach_um, 0.0)


def _column(grid: Grid, radius_um: float, lean: np.ndarray) -> Shape:
    """Return a round column along y that leans (first two slopes) and tapers (third, inwards)."""
    z, y, x = grid.offsets(grid.whole, np.zeros(3))
    distance = np.sqrt((z - np.float32(lean[0]) * y) ** 2 + (x - np.float32(lean[1]) * y) ** 2)
    taper = np.float32(abs(lean[2]) * 0.5) * (np.abs(y).max() + y)
    return Shape(box=grid.whole, depth_ZYX=np.float32(radius_um) - taper - distance)


def draw_debris(canvas: Canvas, mount: Mount, reach_um: float, rng: np.random.Generator) -> None:
    """Draw what else floats about the cell, unlabelled: fragments, sometimes a burst neighbour.

    A burst cell counts as debris: what is not labelled is known not to be a cell.
    On a grid there are a few gold beads (0.12–0.25 µm) for alignment, labelled as beads.
    """
    if rng.uniform() < 0.35:
        _draw_ghost(canvas, reach_um, rng)
    room = Room(canvas.mask(OUTSIDE) & (canvas.lac_ZYX > 0.1), canvas.grid)
    if mount == "grid":
        radii_um = np.full(int(rng.integers(2, 7)), rng.uniform(0.06, 0.125))
        beads = place_granules(room, radii_um, rng, clusters=6, spread_um=2 * reach_um)
        for bead in beads:
            canvas.paint(bead, BEAD_LAC, "bead", (OUTSIDE,))
    radii_um = reach_um * rng.uniform(0.03, 0.09, int(rng.poisson(3)))
    if radii_um.size:
        shapes = place_granules(room, radii_um, rng, clusters=2, spread_um=reach_um, flatness=0.5)
        for shape in shapes:
            rough = roughen(shape, canvas.grid, 0.006 * reach_um, 0.1 * reach_um, rng)
            canvas.paint(rough, rng.uniform(0.17, 0.45), None, (OUTSIDE,))


def _draw_ghost(canvas: Canvas, reach_um: float, rng: np.random.Generator) -> None:
    """Draw the cap of a burst cell that reaches in from above or below, paler than a live one."""
    grid = canvas.grid
    radius = reach_um * rng.uniform(0.5, 0.85)
    beyond = grid.size * grid.voxel_um / 2 + radius * rng.uniform(0.45, 0.8)
    aside = rng.uniform(-0.15, 0.15, 2) * reach_um
    centre_um = np.array([aside[0], beyond * rng.choice([-1, 1]), aside[1]])
    body = ellipsoid(grid, centre_um, radius * rng.uniform(0.95, 1.05, 3))
    body = roughen(body, grid, 0.025 * radius, 0.5 * radius, rng)
    canvas.paint(body, rng.uniform(0.16, 0.22), None, (OUTSIDE,))
    canvas.paint(body.inset(0.06 * radius), rng.uniform(0.13, 0.18), None, (OUTSIDE,))
