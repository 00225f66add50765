"""Words over a scene that can be read on any ground: each has a rim in the ground's colour."""

from itertools import groupby

import numpy as np
import vtkmodules.vtkRenderingFreeType  # noqa: F401 (registers how VTK draws text)
from scipy import ndimage
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import (
    vtkActor2D,
    vtkImageMapper,
    vtkRenderer,
    vtkTextProperty,
    vtkTextRenderer,
)

Colour = tuple[int, int, int]

_RIM = 0.32
"""Width of the rim, of the size of the letters: it closes the gaps between and within them."""
_LEAST_RIM = 3.0
_SOFT = 0.5
"""How much of the rim fades away."""
_INSIDE = 0.5
_DPI = 72
_SMALLEST = 6
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")
"""The font has no raised minus and not all raised digits, and VTK leaves out what it lacks."""
_RAISED_SIZE = 0.62


class Lettering:
    """One line of text at a place in pixels, counted from the lower left corner.

    ``anchor`` is what of the line stands there: its left end, its middle or its right end; its
    middle height does in any case.
    """

    def __init__(self, renderer: vtkRenderer, *, anchor: float = 0.0) -> None:
        self._anchor = anchor
        self._drawn: tuple[object, ...] = ()
        self._mapper = vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self.actor = vtkActor2D()
        self.actor.SetMapper(self._mapper)
        self._size = (0, 0)
        renderer.AddViewProp(self.actor)

    def draw(
        self,
        text: str,
        at: tuple[float, float],
        size: float,
        ink: Colour,
        ground: Colour,
    ) -> None:
        """Show a text of ``size`` pixels."""
        wanted = (text, max(_SMALLEST, round(size)), ink, ground)
        if wanted != self._drawn:
            self._drawn = wanted
            picture = lettering(*wanted)
            self._size = picture.shape[1], picture.shape[0]
            self._mapper.SetInputData(_image(picture))
        width, height = self._size
        margin = _margin(wanted[1])
        left = at[0] - margin - self._anchor * (width - 2 * margin)
        self.actor.SetPosition(round(left), round(at[1] - height / 2))


def lettering(text: str, size: int, ink: Colour, ground: Colour) -> np.ndarray:
    """Return a line of text with its rim, (height, width, 4) uint8 RGBA, the lowest row first.

    The height depends on ``size`` alone, so that lines of one size stand on one line.
    """
    letters = _letters(text, size)
    rim = _rim(size)
    letters = np.pad(letters, _margin(size))
    outside = letters < _INSIDE
    away = ndimage.distance_transform_edt(outside) if not outside.all() else np.inf
    halo = np.maximum(np.clip((rim - np.asarray(away)) / (_SOFT * rim), 0, 1), letters)
    share = np.divide(letters, halo, out=np.zeros_like(halo), where=halo > 0)[..., None]
    colour = share * np.array(ink) + (1 - share) * np.array(ground)
    return np.round(np.concatenate([colour, 255 * halo[..., None]], axis=2)).astype(np.uint8)


def _rim(size: int) -> float:
    return max(_LEAST_RIM, _RIM * size)


def _margin(size: int) -> int:
    return int(np.ceil(_rim(size)))


def _letters(text: str, size: int) -> np.ndarray:
    """Return how much of each pixel letters cover, 0 to 1; exponents stand small and high."""
    top = _run("x", size).shape[0]
    parts = [np.zeros((top, 1), np.float32)]
    for raised, run in groupby(text, lambda letter: ord(letter) in _RAISED):
        words = "".join(run)
        if raised:
            small = _run(words.translate(_RAISED), max(_SMALLEST, round(_RAISED_SIZE * size)))
            parts.append(np.pad(small, ((max(0, top - small.shape[0]), 0), (0, 0))))
        else:
            parts.append(_run(words, size))
    high = max(part.shape[0] for part in parts)
    return np.hstack([np.pad(part, ((0, high - part.shape[0]), (0, 0))) for part in parts])


def _run(text: str, size: int) -> np.ndarray:
    style = vtkTextProperty()
    style.SetFontFamilyToArial()
    style.SetFontSize(size)
    image, extent = vtkImageData(), [0, 0]
    vtkTextRenderer.GetInstance().RenderString(style, text, image, extent, _DPI)
    width, height, _ = image.GetDimensions()
    scalars = image.GetPointData().GetScalars()
    if scalars is None:  # nothing to be drawn
        return np.zeros((1, 1), np.float32)
    covered = vtk_to_numpy(scalars).reshape(height, width, 4)[: extent[1], : extent[0], 3]
    return covered.astype(np.float32) / 255


def _image(picture: np.ndarray) -> vtkImageData:
    image = vtkImageData()
    image.SetDimensions(picture.shape[1], picture.shape[0], 1)
    image.GetPointData().SetScalars(numpy_to_vtk(picture.reshape(-1, 4), deep=True))
    return image
