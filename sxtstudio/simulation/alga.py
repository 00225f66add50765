"""A coccoid green alga, after Chromochloris zofingiensis.

About 4 µm across, one parietal chloroplast of about 40 % of the cell with starch granules inside,
one nucleus, tubular mitochondria mostly touching nucleus or chloroplast, lipid bodies (many when
starved of nitrogen), no pyrenoid: soft X-ray tomograms of Roth et al., PNAS 2017. LAC (µm⁻¹) at
517 eV: cytosol and nucleus from protein content by 0.111 + 0.00094 × mg/mL (Henke tables);
chloroplast 0.30–0.45 and starch 0.5–0.9 are priors from the same rule and dry glucan's 0.93.
"""

import numpy as np

from sxtstudio.simulation.canvas import OUTSIDE, Canvas, Room, place_granules
from sxtstudio.simulation.organelles import (
    Tubes,
    draw_granules,
    draw_lipid_bodies,
    draw_mitochondria,
    draw_vesicles,
    fit_volume,
    nucleolus_shape,
)
from sxtstudio.simulation.outline import Body, Outline, draw_outline
from sxtstudio.simulation.shapes import (
    Shape,
    bounded_normal,
    ellipsoid,
    random_direction,
    random_rotation,
    roughen,
    smooth_field,
)

CLASSES = ("cytoplasm", "nucleus", "mitochondria", "lipid", "chloroplast", "starch", "wall")
WHOLE = frozenset({"cell"})
"""Classes that are complete because all their parts are drawn."""
SPECIES = "Chromochloris zofingiensis"
TUBES = Tubes(radius_um=(0.115, 0.17), length_um=(1.2, 4.5), hug=0.85)
MEDIAN_VOLUME_UM3 = 33.5


def outline(rng: np.random.Generator) -> Outline:
    """Return the outer form of one alga."""
    volume_um3 = MEDIAN_VOLUME_UM3 * np.exp(bounded_normal(rng, 0, 0.22, -0.5, 0.5))
    return draw_outline(volume_um3, 1.15, rng.uniform(0.01, 0.025), 1.1, rng)


def draw(canvas: Canvas, body: Body, rng: np.random.Generator) -> None:
    """Draw the alga that fills a body."""
    cytosol = rng.uniform(0.27, 0.33)
    inner = _draw_envelope(canvas, body.shape, cytosol, rng)
    volume_um3 = canvas.volume_um3("cytoplasm")
    opening = random_direction(rng)
    nucleus = _draw_nucleus(
        canvas,
        body.middle_um + opening * body.radius_um * rng.uniform(0.15, 0.4),
        volume_um3,
        cytosol,
        rng,
    )
    cavity_um = body.middle_um + opening * body.radius_um * rng.uniform(0.3, 0.5)
    chloroplast = rng.uniform(max(0.33, cytosol + 0.02), 0.42)
    _draw_chloroplast(canvas, inner, nucleus, cavity_um, chloroplast, rng)
    _draw_starch(canvas, rng)
    _draw_cytoplasm(canvas, volume_um3, cytosol, rng)
    _draw_textures(canvas, rng)


def _draw_envelope(canvas: Canvas, cell: Shape, cytosol: float, rng: np.random.Generator) -> Shape:
    """Draw the wall (three cells in four show one) and the cytosol; return what is inside."""
    inner = cell
    if rng.uniform() < 0.75:
        inner = cell.inset(rng.uniform(0.05, 0.1))
        canvas.paint(cell, rng.uniform(0.38, 0.6), "wall", (OUTSIDE,))
    canvas.paint(inner, cytosol, "cytoplasm", (OUTSIDE, "wall"))
    return inner


def _draw_nucleus(
    canvas: Canvas,
    middle_um: np.ndarray,
    cell_um3: float,
    cytosol: float,
    rng: np.random.Generator,
) -> Shape:
    """Draw a nucleus of 7–11 % of the cell, in most cells with a nucleolus as darker texture."""
    radius_um = (3 * cell_um3 * rng.uniform(0.07, 0.11) / (4 * np.pi)) ** (1 / 3)
    radii_um = radius_um * np.exp(rng.normal(0, 0.07, 3))
    body = ellipsoid(canvas.grid, middle_um, radii_um, random_rotation(rng), cell_um3 ** (1 / 3))
    body = roughen(body, canvas.grid, 0.035, 0.7, rng)
    canvas.paint(body, cytosol - rng.uniform(0.035, 0.06), "nucleus", ("cytoplasm",))
    if rng.uniform() < 0.7:
        spot = nucleolus_shape(canvas, middle_um, radius_um, rng.uniform(0.3, 0.42), rng)
        canvas.paint(spot, cytosol + rng.uniform(0.03, 0.09), None, ("nucleus",))
    return body


def _draw_chloroplast(
    canvas: Canvas,
    inner: Shape,
    nucleus: Shape,
    cavity_um: np.ndarray,
    lac: float,
    rng: np.random.Generator,
) -> None:
    """Draw a lobed cup under the cell's surface, 36–44 % of the cell, with faint thylakoids."""
    grid = canvas.grid
    cell_um3 = canvas.volume_um3("cytoplasm", "nucleus")
    cavity_radii_um = 0.5 * cell_um3 ** (1 / 3) * np.exp(rng.normal(0, 0.1, 3))
    cavity = ellipsoid(grid, cavity_um, cavity_radii_um, random_rotation(rng), 3 * cell_um3)
    lobes_ZYX = smooth_field(grid.shape, rng.uniform(0.45, 0.8) / grid.voxel_um, rng)
    cup_ZYX = np.float32(rng.uniform(0.12, 0.25)) * lobes_ZYX - cavity.depth_ZYX
    cup_ZYX[nucleus.box] = np.minimum(cup_ZYX[nucleus.box], -nucleus.depth_ZYX - np.float32(0.03))
    under_ZYX = inner.inset(rng.uniform(0.05, 0.12)).depth_ZYX
    allowed_ZYX = canvas.mask("cytoplasm")[inner.box] & (under_ZYX > 0)
    cup_ZYX = cup_ZYX[inner.box]
    voxels = canvas.voxels(cell_um3 * rng.uniform(0.36, 0.44))
    depth_ZYX = np.minimum(under_ZYX, cup_ZYX - fit_volume(cup_ZYX, allowed_ZYX, voxels))
    layers_ZYX = (inner.depth_ZYX + 0.035 * lobes_ZYX[inner.box]) * (
        2 * np.pi / rng.uniform(0.16, 0.26)
    )
    lac_ZYX = np.float32(lac) + np.float32(rng.uniform(0.01, 0.03)) * np.sin(layers_ZYX)
    body = Shape(box=inner.box, depth_ZYX=depth_ZYX)
    canvas.paint(body, lac_ZYX, "chloroplast", ("cytoplasm",))


def _draw_starch(canvas: Canvas, rng: np.random.Generator) -> None:
    """Draw 3–30 flattened starch granules of 0.25–0.7 µm inside the chloroplast."""
    room = Room(canvas.mask("chloroplast"), canvas.grid)
    count = min(max(int(rng.poisson(rng.uniform(6, 20))), 3), 30)
    radii_um = rng.uniform(0.18, 0.27) * np.exp(rng.normal(0, 0.25, count))
    clusters = int(rng.integers(2, 5))
    shapes = place_granules(
        room, radii_um.clip(0.12, 0.35), rng, clusters=clusters, spread_um=0.7, flatness=0.6
    )
    draw_granules(canvas, shapes, "starch", "chloroplast", rng)


def _draw_cytoplasm(
    canvas: Canvas, cell_um3: float, cytosol: float, rng: np.random.Generator
) -> None:
    """Draw lipid bodies (many in one cell of five, as in starved ones), mitochondria, vesicles."""
    room = Room(canvas.mask("cytoplasm"), canvas.grid)
    count = (
        int(rng.integers(12, 28)) if rng.uniform() < 0.2 else min(max(int(rng.poisson(6)), 3), 11)
    )
    lipid_um3 = 0.028 * np.exp(rng.normal(0, 0.6, count)).clip(0.3, 4)
    draw_lipid_bodies(canvas, room, lipid_um3, rng)
    draw_mitochondria(
        canvas,
        room,
        cell_um3 * rng.uniform(0.022, 0.045),
        cytosol + rng.uniform(0.05, 0.12),
        TUBES,
        rng,
    )
    count = int(rng.poisson(6))
    lacs = np.where(
        rng.uniform(size=count) < 0.5,
        rng.uniform(0.16, 0.21, count),
        cytosol + rng.uniform(0.03, 0.1, count),
    )
    draw_vesicles(canvas, room, rng.uniform(0.08, 0.17, count), lacs, rng)


def _draw_textures(canvas: Canvas, rng: np.random.Generator) -> None:
    coarse = {"cytoplasm": 0.008, "nucleus": 0.008, "chloroplast": 0.01, "starch": 0.012}
    fine = {"cytoplasm": 0.012, "nucleus": 0.01, "mitochondria": 0.007, "chloroplast": 0.013}
    canvas.add_texture(coarse, rng.uniform(0.35, 0.5), rng)
    canvas.add_texture(fine, rng.uniform(0.12, 0.17), rng)
