"""Organelles that several kinds of cell have: lipid bodies, mitochondria, vesicles, nucleoli."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sxtstudio.simulation.canvas import Canvas, Room, grow_tube, place_granules
from sxtstudio.simulation.shapes import (
    Shape,
    ellipsoid,
    level_for_volume,
    random_direction,
    random_rotation,
)

DENSE_LAC = (0.62, 0.9)
"""LAC (µm⁻¹) of lipid and starch: triolein is 0.90 and dry starch 0.93 at 517 eV (Henke tables).

Small bodies then show 0.5–0.7 by blur alone, as real ones do (yeast 0.57 ± 0.11, SimAQ).
"""
MOST_TUBES = 60


@dataclass(frozen=True, kw_only=True)
class Tubes:
    """How mitochondria look: ranges of radius and length, and ``hug`` (0–1).

    ``hug`` is how closely they keep to the surfaces around them.
    """

    radius_um: tuple[float, float]
    length_um: tuple[float, float]
    hug: float


def fit_volume(depth_ZYX: np.ndarray, allowed_ZYX: np.ndarray, voxels: int) -> float:
    """Return the depth whose surface holds ``voxels`` voxels of the allowed region."""
    return level_for_volume(depth_ZYX[allowed_ZYX], voxels)


def draw_granules(
    canvas: Canvas, shapes: Sequence[Shape], class_id: str, over: str, rng: np.random.Generator
) -> None:
    """Draw dense granules, each with a LAC of its own from `DENSE_LAC`."""
    for shape in shapes:
        canvas.paint(shape, rng.uniform(*DENSE_LAC), class_id, (over,))


def draw_lipid_bodies(
    canvas: Canvas,
    room: Room,
    volumes_um3: np.ndarray,
    rng: np.random.Generator,
    spread_um: float = 0.8,
) -> None:
    """Draw round lipid bodies in the cytoplasm, in one to three loose clusters."""
    radii_um = (3 * volumes_um3 / (4 * np.pi)) ** (1 / 3)
    if radii_um.size:
        clusters = int(rng.integers(1, 4))
        shapes = place_granules(room, radii_um, rng, clusters=clusters, spread_um=spread_um)
        draw_granules(canvas, shapes, "lipid", "cytoplasm", rng)


def draw_mitochondria(
    canvas: Canvas,
    room: Room,
    volume_um3: float,
    lac: float,
    tubes: Tubes,
    rng: np.random.Generator,
) -> None:
    """Draw bent tubes in the cytoplasm until they fill about ``volume_um3``.

    Each has a LAC within a few per cent of ``lac``. A last tube that would overshoot is shorter.
    """
    for _ in range(MOST_TUBES):
        missing_um3 = volume_um3 - canvas.volume_um3("mitochondria")
        radius = rng.uniform(*tubes.radius_um)
        longest_um = missing_um3 / (np.pi * radius**2)
        if longest_um < 2 * radius:
            return
        length = min(rng.uniform(*tubes.length_um), longest_um)
        tube = grow_tube(room, radius, length, rng, hug=tubes.hug)
        if tube is None:
            return
        canvas.paint(tube, lac * rng.normal(1, 0.025), "mitochondria", ("cytoplasm",))
        room.occupy(tube, gap_um=0.5 * canvas.grid.voxel_um)


def draw_vesicles(
    canvas: Canvas, room: Room, radii_um: np.ndarray, lacs: np.ndarray, rng: np.random.Generator
) -> None:
    """Draw small round bodies that stay cytoplasm: things that a network must not mistake."""
    if not radii_um.size:
        return
    shapes = place_granules(room, radii_um, rng, clusters=4, spread_um=1.5)
    for shape, lac in zip(shapes, lacs, strict=False):
        canvas.paint(shape, float(lac), None, ("cytoplasm",))


def nucleolus_shape(
    canvas: Canvas,
    centre_um: np.ndarray,
    nucleus_radius_um: float,
    relative_radius: float,
    rng: np.random.Generator,
) -> Shape:
    """Return a nucleolus somewhere between the middle and the rim of its nucleus."""
    radius = nucleus_radius_um * relative_radius
    spot = centre_um + random_direction(rng) * (nucleus_radius_um - radius) * rng.uniform(0.2, 0.85)
    return ellipsoid(canvas.grid, spot, radius * rng.uniform(0.85, 1.15, 3), random_rotation(rng))
