"""A budding yeast, after Saccharomyces cerevisiae.

Volumes of 287 wild-type cells segmented in soft X-ray tomograms (SXT_AUTOSEG): cell 24.8 ± 8.6 µm³
(9.6–60), vacuole 4.63 ± 2.89 µm³ (about 19 %; nearly always one), nucleus 1.43 ± 0.48 µm³ (5.8 %),
5.2 lipid bodies a cell of 0.0176 ± 0.0162 µm³. LAC (µm⁻¹) at 517 eV from SimAQ: cytosol
0.346 ± 0.027, vacuole 0.182 ± 0.039, wall from the distribution of lipid (0.57 ± 0.11); the
nucleus 0.22–0.30 and mitochondria 0.05–0.12 above the cytosol are priors.
"""

import math
from dataclasses import replace

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
from sxtstudio.simulation.outline import Body, Bud, Outline, draw_outline
from sxtstudio.simulation.shapes import (
    Shape,
    bounded_normal,
    ellipsoid,
    random_rotation,
    roughen,
)

CLASSES = ("cytoplasm", "nucleus", "mitochondria", "lipid", "vacuole", "wall")
WHOLE = frozenset({"cell"})
"""Classes that are complete because all their parts are drawn."""
SPECIES = "Saccharomyces cerevisiae"
TUBES = Tubes(radius_um=(0.11, 0.16), length_um=(1.0, 5.0), hug=0.6)


def outline(rng: np.random.Generator) -> Outline:
    """Return the outer form of one yeast; one in three has a bud."""
    # Median and spread of the log-normal whose mean and sd are 24.8 and 8.6 µm³.
    volume_um3 = 23.4 * math.exp(bounded_normal(rng, 0, 0.337, -0.75, 0.85))
    form = draw_outline(volume_um3, 1.3, rng.uniform(0.006, 0.018), 1.2, rng)
    if rng.uniform() > 1 / 3:
        return form
    radius_um = float(form.radii_um.mean()) * rng.uniform(0.35, 0.7)
    # Buds sit at the ends of the long axis, which is the first row of the rotation.
    offset_um = form.rotation[0] * (form.radii_um[0] + radius_um * rng.uniform(0.55, 0.85))
    return replace(form, bud=Bud(offset_um=offset_um, radius_um=radius_um))


def draw(canvas: Canvas, body: Body, rng: np.random.Generator) -> None:
    """Draw the yeast that fills a body; its bud, if any, has neither nucleus nor vacuole yet."""
    cytosol = bounded_normal(rng, 0.346, 0.027, 0.3, 0.4)
    canvas.paint(body.shape, bounded_normal(rng, 0.55, 0.06, 0.45, 0.65), "wall", (OUTSIDE,))
    inner = body.shape.inset(rng.uniform(0.09, 0.15))
    canvas.paint(inner, cytosol, "cytoplasm", (OUTSIDE, "wall"))
    volume_um3 = canvas.volume_um3("cytoplasm", "wall")
    room = Room(canvas.mask("cytoplasm"), canvas.grid)
    distance = np.sqrt(sum(d * d for d in canvas.grid.offsets(canvas.grid.whole, body.middle_um)))
    room.clearance_ZYX[distance > 1.1 * body.radius_um] = -1
    nucleus_lac = min(rng.uniform(0.24, 0.30), cytosol - 0.04)
    _draw_vacuoles(canvas, room, volume_um3, rng)
    _draw_nucleus(canvas, room, volume_um3, nucleus_lac, rng)
    _draw_cytoplasm(canvas, volume_um3, cytosol, rng)
    _draw_textures(canvas, rng)


def _draw_vacuoles(canvas: Canvas, room: Room, cell_um3: float, rng: np.random.Generator) -> None:
    """Draw one vacuole (four cells in five) or two to four, 8–34 % of the cell in all."""
    total = 0.175 * math.exp(bounded_normal(rng, 0, 0.4, -0.78, 0.66)) * cell_um3
    count = 1 if rng.uniform() < 0.8 else int(rng.integers(2, 5))
    shares = rng.dirichlet(np.full(count, 6.0))
    lac = bounded_normal(rng, 0.182, 0.03, 0.135, 0.225)
    for share in np.sort(shares)[::-1]:
        _draw_body(canvas, room, total * share, "vacuole", lac, rng)


def _draw_nucleus(
    canvas: Canvas,
    room: Room,
    cell_um3: float,
    lac: float,
    rng: np.random.Generator,
) -> None:
    """Draw a nucleus of 5.8 ± 0.9 % of the cell, with the nucleolus as a denser part."""
    nucleus_um3 = cell_um3 * bounded_normal(rng, 0.058, 0.009, 0.042, 0.08)
    middle_um = _draw_body(canvas, room, nucleus_um3, "nucleus", lac, rng)
    radius_um = (3 * nucleus_um3 / (4 * math.pi)) ** (1 / 3)
    crescent = nucleolus_shape(canvas, middle_um, radius_um, rng.uniform(0.4, 0.52), rng)
    canvas.paint(crescent, lac + rng.uniform(0.05, 0.1), None, ("nucleus",))


def _draw_body(
    canvas: Canvas,
    room: Room,
    volume_um3: float,
    class_id: str,
    lac: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw a rounded body of a volume where there is most room, and return its middle.

    Neighbours and the wall dent it, so that it has its volume even where no ball would fit.
    """
    radius = (3 * volume_um3 / (4 * math.pi)) ** (1 / 3)
    middle_um = _find_middle(room, radius, rng)
    radii_um = radius * np.exp(rng.normal(0, 0.1, 3))
    body = ellipsoid(canvas.grid, middle_um, radii_um, random_rotation(rng), 1.2 * radius)
    body = roughen(body, canvas.grid, 0.04 * radius, 0.9 * radius, rng)
    # A film of cytosol is left between bodies; on coarse grids it may be under a voxel.
    film_um = min(max(0.06, 1.1 * canvas.grid.voxel_um), 0.1)
    free_ZYX = room.clearance_ZYX[body.box] - np.float32(film_um)
    allowed_ZYX = (free_ZYX > 0) & canvas.mask("cytoplasm")[body.box]
    level = fit_volume(body.depth_ZYX, allowed_ZYX, canvas.voxels(volume_um3))
    dented = Shape(box=body.box, depth_ZYX=np.minimum(body.depth_ZYX - np.float32(level), free_ZYX))
    canvas.paint(dented, lac, class_id, ("cytoplasm",))
    room.occupy(dented)
    return middle_um


def _find_middle(room: Room, radius_um: float, rng: np.random.Generator) -> np.ndarray:
    """Return a place where a ball fits, or a somewhat smaller one, or else the roomiest."""
    for share in (1.0, 0.85, 0.7, 0.55):
        spots = room.candidates(radius_um * share, 1, rng)
        if len(spots):
            return spots[0]
    deepest = np.unravel_index(int(np.argmax(room.clearance_ZYX)), room.grid.shape)
    return room.grid.position(np.array(deepest))


def _draw_cytoplasm(
    canvas: Canvas, cell_um3: float, cytosol: float, rng: np.random.Generator
) -> None:
    """Draw lipid bodies, a network of mitochondria under the surface, and a few vesicles."""
    room = Room(canvas.mask("cytoplasm"), canvas.grid)
    count = min(max(int(rng.poisson(5.2)), 1), 14)
    # Median and spread of the log-normal with mean 0.0176 and sd 0.0162 µm³.
    lipid_um3 = (0.0129 * np.exp(rng.normal(0, 0.79, count))).clip(0.004, 0.08)
    draw_lipid_bodies(canvas, room, lipid_um3, rng, spread_um=1.0)
    draw_mitochondria(
        canvas,
        room,
        cell_um3 * rng.uniform(0.025, 0.055),
        cytosol + rng.uniform(0.05, 0.12),
        TUBES,
        rng,
    )
    count = int(rng.poisson(4))
    lacs = cytosol + rng.uniform(-0.09, 0.09, count)
    draw_vesicles(canvas, room, rng.uniform(0.07, 0.14, count), lacs, rng)


def _draw_textures(canvas: Canvas, rng: np.random.Generator) -> None:
    coarse = {"cytoplasm": 0.008, "nucleus": 0.008, "vacuole": 0.007, "wall": 0.017}
    fine = {"cytoplasm": 0.013, "nucleus": 0.01, "mitochondria": 0.008, "vacuole": 0.003}
    canvas.add_texture(coarse, rng.uniform(0.4, 0.6), rng)
    canvas.add_texture(fine, rng.uniform(0.12, 0.17), rng)
