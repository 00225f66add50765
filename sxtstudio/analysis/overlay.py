"""What is drawn flat over the surfaces: scale bar, axes and legend, in pixels."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.spatial import ConvexHull
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import (
    vtkActor2D,
    vtkCamera,
    vtkPolyDataMapper2D,
    vtkRenderer,
)

from sxtstudio.analysis.colour_scale import ColourScale
from sxtstudio.analysis.lettering import Colour, Lettering
from sxtstudio.analysis.object_colours import ramp
from sxtstudio.analysis.styles import ClassStyle
from sxtstudio.analysis.surface_files import rgb

AXIS_COLOURS: dict[str, Colour] = {"X": (239, 83, 80), "Y": (102, 187, 106), "Z": (66, 165, 245)}

_MARGIN = 24.0
_BAR_FRACTION = 0.24
_BAR_STEPS = 96
_RIM = 2.4
"""Design pixels around what is drawn, in the colour of the ground: seen on whatever lies behind."""
_CORNERS = 12
_UNITS = {"per_um3": "µm⁻³", "per_um": "µm⁻¹", "um3": "µm³", "um2": "µm²", "um": "µm"}


def round_length(longest: float) -> float:
    """Return the greatest of 1, 2 or 5 times a power of ten that is not above ``longest``."""
    power = 10.0 ** math.floor(math.log10(longest))
    return max(digit * power for digit in (1, 2, 5) if digit * power <= longest * (1 + 1e-9))


def length_words(length_um: float) -> str:
    """Return a length with its unit: "2 µm", "500 nm"."""
    return f"{length_um:g} µm" if length_um >= 1 else f"{length_um * 1000:g} nm"


def um_per_pixel(camera: vtkCamera, height: int) -> float:
    """Return the size of a pixel (µm) at the point that the camera looks at."""
    if camera.GetParallelProjection():
        return 2 * camera.GetParallelScale() / height
    return 2 * camera.GetDistance() * math.tan(math.radians(camera.GetViewAngle()) / 2) / height


class _Flat:
    """Filled polygons in pixels from the lower left corner of the picture."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._data = vtkPolyData()
        mapper = vtkPolyDataMapper2D()
        mapper.SetInputData(self._data)
        self.actor = vtkActor2D()
        self.actor.SetMapper(mapper)
        renderer.AddViewProp(self.actor)

    def draw(self, polygons: Sequence[tuple[np.ndarray, Colour]]) -> None:
        """Show polygons, each an (N, 2) array of corners and a colour."""
        corners = [np.column_stack([at, np.zeros(len(at))]) for at, _ in polygons]
        points = vtkPoints()
        points.SetData(numpy_to_vtk(np.concatenate(corners).astype(np.float32), deep=True))
        ends = np.cumsum([0, *(len(at) for at in corners)], dtype=np.int64)
        cells = vtkCellArray()
        cells.SetData(
            numpy_to_vtkIdTypeArray(ends, deep=True),
            numpy_to_vtkIdTypeArray(np.arange(ends[-1]), deep=True),
        )
        colours = np.array([colour for _, colour in polygons], np.uint8)
        self._data.SetPoints(points)
        self._data.SetPolys(cells)
        self._data.GetCellData().SetScalars(numpy_to_vtk(colours, deep=True))


class ScaleBar:
    """A bar of round length, lower right; its length holds at the depth of the focal point."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._bar = _Flat(renderer)
        self._words = Lettering(renderer, anchor=0.5)
        self.length_um = 0.0

    def update(self, renderer: vtkRenderer, unit: float, ink: Colour, ground: Colour) -> None:
        """Fit the bar to the camera; ``unit`` is the size of a design pixel."""
        width, height = renderer.GetSize()
        pixel_um = um_per_pixel(renderer.GetActiveCamera(), height)
        self.length_um = round_length(_BAR_FRACTION * min(width, height) * pixel_um)
        right, low = width - _MARGIN * unit, _MARGIN * unit
        left, high = right - self.length_um / pixel_um, low + 6 * unit
        bar = _box(left, low, right, high)
        self._bar.draw([(_rimmed(bar, unit), ground), (bar, ink)])
        middle = ((left + right) / 2, high + 15 * unit)
        self._words.draw(length_words(self.length_um), middle, 20 * unit, ink, ground)

    def show(self, visible: bool) -> None:
        """Show or hide the bar."""
        self._bar.actor.SetVisibility(visible)
        self._words.actor.SetVisibility(visible)


class Triad:
    """Three arrows, lower left, that point along X, Y and Z."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._arrows = _Flat(renderer)
        self._words = {axis: Lettering(renderer, anchor=0.5) for axis in AXIS_COLOURS}

    def update(self, renderer: vtkRenderer, unit: float, ground: Colour) -> None:
        """Turn the arrows with the camera, the farthest drawn first."""
        matrix = renderer.GetActiveCamera().GetViewTransformMatrix()
        ends = np.array([[matrix.GetElement(i, j) for i in range(3)] for j in range(3)])
        centre = np.full(2, (_MARGIN + 40) * unit)
        order = [list(AXIS_COLOURS)[i] for i in np.argsort(ends[:, 2])]
        polygons: list[tuple[np.ndarray, Colour]] = []
        for axis in order:
            end = ends["XYZ".index(axis), :2] * 38 * unit
            arrow = _arrow(centre, end, unit)
            polygons += [(_rimmed(part, unit), ground) for part in arrow]
            polygons += [(part, AXIS_COLOURS[axis]) for part in arrow]
            x, y = (float(edge) for edge in centre + end * 1.3)
            self._words[axis].draw(axis, (x, y), 15 * unit, AXIS_COLOURS[axis], ground)
        self._arrows.draw(polygons)

    def show(self, visible: bool) -> None:
        """Show or hide the arrows."""
        for actor in (self._arrows.actor, *(words.actor for words in self._words.values())):
            actor.SetVisibility(visible)


class Legend:
    """Names of the classes, each with a disc of its colour, upper left."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._discs = _Flat(renderer)
        self._words: list[Lettering] = []
        self._styles: Sequence[ClassStyle] = ()

    def set_styles(self, styles: Sequence[ClassStyle]) -> None:
        """List these classes; none of them hides the legend."""
        for words in self._words:
            self._renderer.RemoveViewProp(words.actor)
        self._styles = styles
        self._words = [Lettering(self._renderer) for _ in styles]
        self._discs.actor.SetVisibility(bool(styles))

    def update(self, renderer: vtkRenderer, unit: float, ink: Colour, ground: Colour) -> None:
        """Lay the lines out; they move together when there are many."""
        if not self._styles:
            return
        height = renderer.GetSize()[1]
        line = min(30 * unit, (height - 4 * _MARGIN * unit) / len(self._styles))
        discs: list[tuple[np.ndarray, Colour]] = []
        for row, (style, words) in enumerate(zip(self._styles, self._words, strict=True)):
            y = height - _MARGIN * unit - line * (row + 0.5)
            x = _MARGIN * unit + line * 0.27
            discs.append((_disc(x, y, line * 0.27 + _RIM * unit), ground))
            discs.append((_disc(x, y, line * 0.27), rgb(style.colour)))
            words.draw(style.name, (x + line * 0.6, y), line * 0.6, ink, ground)
        self._discs.draw(discs)


class ColourBar:
    """What the colours of the objects mean, on the right: a bar with its numbers and its quantity.

    It stands in the middle of the height, where neither legend nor scale bar is.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._bar = _Flat(renderer)
        self._title = Lettering(renderer, anchor=1.0)
        self._numbers: list[Lettering] = []
        self._scale: ColourScale | None = None
        self.set_scale(None)

    def set_scale(self, scale: ColourScale | None) -> None:
        """Explain a scale; no bar without one."""
        for words in self._numbers:
            self._renderer.RemoveViewProp(words.actor)
        ticks = scale.ticks() if scale else ()
        self._scale = scale
        self._numbers = [Lettering(self._renderer) for _ in ticks]
        self._bar.actor.SetVisibility(scale is not None)
        self._title.actor.SetVisibility(scale is not None)

    def update(self, renderer: vtkRenderer, unit: float, ink: Colour, ground: Colour) -> None:
        """Lay the bar out."""
        scale = self._scale
        if scale is None:
            return
        width, height = renderer.GetSize()
        tall, wide = min(280 * unit, 0.4 * height), 16 * unit
        high = height / 2 + tall / 2
        right = width - (_MARGIN + 70) * unit
        edges = np.linspace(high - tall, high, _BAR_STEPS + 1)
        colours = ramp(np.linspace(0, 1, _BAR_STEPS)).tolist()
        whole = _box(right - wide, high - tall, right, high)
        polygons: list[tuple[np.ndarray, Colour]] = [(_rimmed(whole, unit), ground)]
        polygons += [
            (_box(right - wide, edges[i], right, edges[i + 1]), (red, green, blue))
            for i, (red, green, blue) in enumerate(colours)
        ]
        for (share, text), words in zip(scale.ticks(), self._numbers, strict=True):
            y = high - tall + share * tall
            tick = _box(right, y - 0.7 * unit, right + 5 * unit, y + 0.7 * unit)
            polygons[1:1] = [(_rimmed(tick, unit), ground)]
            polygons.append((tick, ink))
            words.draw(text, (right + 10 * unit, y), 17 * unit, ink, ground)
        self._bar.draw(polygons)
        at = (width - _MARGIN * unit, high + 28 * unit)
        self._title.draw(column_words(scale.column), at, 18 * unit, ink, ground)


def column_words(column: str) -> str:
    """Return the name of a column of the measurements for people: "LAC mean (µm⁻¹)"."""
    for ending, unit in _UNITS.items():
        stem = column.removesuffix(f"_{ending}")
        if stem != column:
            return f"{_plain(stem)} ({unit})"
    return _plain(column)


def _plain(stem: str) -> str:
    words = stem.replace("_", " ").replace("lac", "LAC").replace("sd", "SD")
    return words[:1].upper() + words[1:]


def _box(left: float, low: float, right: float, high: float) -> np.ndarray:
    return np.array([(left, low), (right, low), (right, high), (left, high)])


def _rimmed(corners: np.ndarray, unit: float) -> np.ndarray:
    """Return a convex polygon grown by the rim, its corners rounded."""
    grown = (corners[:, None] + _disc(0, 0, _RIM * unit, _CORNERS)).reshape(-1, 2)
    return grown[ConvexHull(grown).vertices]


def _disc(x: float, y: float, radius: float, corners: int = 48) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def _arrow(start: np.ndarray, along: np.ndarray, unit: float) -> list[np.ndarray]:
    """Return shaft and head of an arrow; one that points at the viewer shrinks to nothing."""
    length = float(np.hypot(*along))
    forward = along / max(length, 1e-9)
    side = np.array([-forward[1], forward[0]])
    head = min(10 * unit, length)
    neck, tip = start + forward * (length - head), start + along
    wide, thin = side * 4.5 * unit * head / (10 * unit), side * 1.5 * unit
    shaft = np.array([start - thin, neck - thin, neck + thin, start + thin])
    return [shaft, np.array([neck - wide, tip, neck + wide])]
