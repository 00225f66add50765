"""A mammalian lymphocyte: mostly nucleus, in a thin shell of cytoplasm.

8–10 µm across, nucleus 40–60 % and mitochondria 2–5 % of the cell. LAC (µm⁻¹) at 517 eV:
euchromatin 0.20–0.25, heterochromatin 0.28–0.35, nucleolus 0.28–0.38, mitochondria 0.05–0.12
above the cytosol; these are priors, from protein by 0.111 + 0.00094 × mg/mL and DNA's 1.58
(Henke tables), around the 0.20–0.32 that whole mammalian cells show (InteriorSXT).
"""

import math

import numpy as np

from sxtstudio.simulation.canvas import OUTSIDE, Canvas, Room
from sxtstudio.simulation.organelles import (
    Tubes,
    draw_lipid_bodies,
    draw_mitochondria,
    draw_vesicles,
    fit_volume,
    nucleolus_shape,
)
from sxtstudio.simulation.outline import Body, Outline, draw_outline
from sxtstudio.simulation.shapes import (
    Shape,
    ellipsoid,
    random_direction,
    random_rotation,
    roughen,
    smooth_field,
)

CLASSES = ("cytoplasm", "euchromatin", "heterochromatin", "nucleolus", "mitochondria", "lipid")
WHOLE = frozenset({"cell", "nucleus"})
"""Classes that are complete because all their parts are drawn."""
SPECIES = "mammalian lymphocyte"
TUBES = Tubes(radius_um=(0.2, 0.3), length_um=(1.0, 3.5), hug=0.3)
CHROMATIN = ("euchromatin", "heterochromatin")


def outline(rng: np.random.Generator) -> Outline:
    """Return the outer form of one lymphocyte, ruffled by its villi."""
    diameter_um = rng.uniform(7.8, 9.8)
    return draw_outline(
        math.pi / 6 * diameter_um**3, 1.22, rng.uniform(0.04, 0.09), rng.uniform(0.8, 1.5), rng
    )


def draw(canvas: Canvas, body: Body, rng: np.random.Generator) -> None:
    """Draw the lymphocyte that fills a body."""
    cytosol = rng.uniform(0.265, 0.305)
    canvas.paint(body.shape, cytosol, "cytoplasm", (OUTSIDE,))
    volume_um3 = canvas.volume_um3("cytoplasm")
    aside_um = random_direction(rng) * body.radius_um * rng.uniform(0.03, 0.12)
    middle_um = body.middle_um + aside_um
    nucleus = _nucleus_shape(canvas, body.shape, middle_um, volume_um3, rng)
    _draw_chromatin(canvas, nucleus, cytosol, rng)
    for _ in range(int(rng.integers(1, 3))):
        spot = nucleolus_shape(
            canvas, middle_um, 0.7 * body.radius_um, rng.uniform(0.18, 0.28), rng
        )
        spot = roughen(spot, canvas.grid, 0.035, 0.6, rng)
        canvas.paint(spot, cytosol + rng.uniform(0.04, 0.09), "nucleolus", CHROMATIN)
    _draw_cytoplasm(canvas, volume_um3, cytosol, rng)
    _draw_textures(canvas, rng)


def _nucleus_shape(
    canvas: Canvas,
    cell: Shape,
    middle_um: np.ndarray,
    cell_um3: float,
    rng: np.random.Generator,
) -> Shape:
    """Return a nucleus of 42–58 % of the cell, in two cells of three with a dent in one side."""
    grid, radius_um = canvas.grid, 0.5 * cell_um3 ** (1 / 3)
    radii_um = radius_um * np.exp(rng.normal(0, 0.06, 3))
    body = ellipsoid(grid, middle_um, radii_um, random_rotation(rng), 3 * radius_um)
    depth_ZYX = roughen(body, grid, 0.07, 1.8, rng).depth_ZYX
    if rng.uniform() < 2 / 3:
        dent_um = middle_um + random_direction(rng) * radius_um * rng.uniform(1.15, 1.45)
        dent = ellipsoid(grid, dent_um, np.full(3, 0.5 * radius_um), None, 6 * radius_um)
        depth_ZYX = _smooth_minimum(depth_ZYX, -dent.depth_ZYX, 0.5)
    under_ZYX = cell.depth_ZYX - np.float32(0.25)
    voxels = canvas.voxels(cell_um3 * rng.uniform(0.42, 0.58))
    level = fit_volume(depth_ZYX[cell.box], under_ZYX > 0, voxels)
    depth_ZYX = np.minimum(depth_ZYX[cell.box] - np.float32(level), under_ZYX)
    return Shape(box=cell.box, depth_ZYX=depth_ZYX)


def _smooth_minimum(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    between = np.sqrt((first - second) ** 2 + np.float32(width * width))
    return 0.5 * (first + second - between)


def _draw_chromatin(
    canvas: Canvas, nucleus: Shape, cytosol: float, rng: np.random.Generator
) -> None:
    """Draw euchromatin, and heterochromatin in a broken rim and patches: 32–45 % of it all."""
    euchromatin = cytosol - rng.uniform(0.055, 0.075)
    heterochromatin = cytosol + rng.uniform(0.0, 0.02)
    canvas.paint(nucleus, euchromatin, "euchromatin", ("cytoplasm",))
    scale_um = rng.uniform(0.6, 0.9)
    patches_ZYX = smooth_field(nucleus.depth_ZYX.shape, scale_um / canvas.grid.voxel_um, rng)
    rim_ZYX = np.exp(-nucleus.depth_ZYX.clip(0) / np.float32(rng.uniform(0.35, 0.6)))
    density_ZYX = patches_ZYX + np.float32(rng.uniform(2.8, 4.2)) * rim_ZYX
    inside_ZYX = nucleus.depth_ZYX > 0
    voxels = round(np.count_nonzero(inside_ZYX) * rng.uniform(0.32, 0.45))
    level = fit_volume(density_ZYX, inside_ZYX, voxels)
    # The field changes by one over about a third of a knot's distance: this makes it a depth in µm.
    depth_ZYX = (density_ZYX - np.float32(level)) * np.float32(0.3 * scale_um)
    patches = Shape(box=nucleus.box, depth_ZYX=np.minimum(depth_ZYX, nucleus.depth_ZYX))
    canvas.paint(patches, heterochromatin, "heterochromatin", ("euchromatin",))


def _draw_cytoplasm(
    canvas: Canvas, cell_um3: float, cytosol: float, rng: np.random.Generator
) -> None:
    """Draw short mitochondria, up to five lipid bodies and some vesicles."""
    room = Room(canvas.mask("cytoplasm"), canvas.grid)
    lipid_um3 = 0.03 * np.exp(rng.normal(0, 0.6, int(rng.integers(0, 6)))).clip(0.4, 3)
    draw_lipid_bodies(canvas, room, lipid_um3, rng, spread_um=2.0)
    draw_mitochondria(
        canvas,
        room,
        cell_um3 * rng.uniform(0.022, 0.042),
        cytosol + rng.uniform(0.05, 0.1),
        TUBES,
        rng,
    )
    count = int(rng.poisson(24))
    lacs = cytosol + rng.uniform(-0.08, 0.11, count)
    draw_vesicles(canvas, room, rng.uniform(0.12, 0.28, count), lacs, rng)


def _draw_textures(canvas: Canvas, rng: np.random.Generator) -> None:
    coarse = {"cytoplasm": 0.01, "euchromatin": 0.008, "heterochromatin": 0.008}
    fine = {
        "cytoplasm": 0.013,
        "euchromatin": 0.01,
        "heterochromatin": 0.01,
        "mitochondria": 0.009,
    }
    canvas.add_texture(coarse, rng.uniform(0.8, 1.2), rng)
    canvas.add_texture(fine, rng.uniform(0.25, 0.35), rng)
