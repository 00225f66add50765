"""Pictures of a scene, with nothing on the screen."""

import struct
import zlib
from types import TracebackType
from typing import Self

import imagecodecs
import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

from sxtstudio.analysis.offscreen import offscreen_window
from sxtstudio.analysis.scene import SceneRenderer

_FINER = 2
_LARGEST_EDGE = 16_384
"""Pixels; what OpenGL's drivers can draw at once."""
_HEADER_END = 33
"""Bytes of a PNG's signature and its first chunk."""
_PER_METRE = 1 / 0.0254


class Darkroom:
    """A window that is never shown, of ``size`` (width, height) pixels, for one scene.

    What is drawn is rendered twice as fine and averaged, which smooths edges and text alike, unless
    that is more than graphics can draw.
    """

    def __init__(self, scene: SceneRenderer, size: tuple[int, int]) -> None:
        self._scene = scene
        self._finer = _FINER if max(size) * _FINER <= _LARGEST_EDGE else 1
        self._window = offscreen_window(size[0] * self._finer, size[1] * self._finer)
        self._window.SetMultiSamples(0)
        self._window.AddRenderer(scene.renderer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._window.RemoveRenderer(self._scene.renderer)
        self._window.Finalize()

    def picture(self) -> np.ndarray:
        """Return the scene as it is looked at now, (height, width, 4) uint8 RGBA."""
        if self._scene.scene.background == "transparent":
            return self._transparent()
        return _rgba(self._pixels(), 1.0)

    def _transparent(self) -> np.ndarray:
        """Return a picture without background, from one on black and one on white."""
        self._scene.renderer.SetBackground(0, 0, 0)
        on_black = self._pixels()
        self._scene.renderer.SetBackground(1, 1, 1)
        on_white = self._pixels()
        alpha = np.clip(1 - (on_white - on_black).mean(axis=2, keepdims=True), 0, 1)
        colour = np.divide(on_black, alpha, out=np.zeros_like(on_black), where=alpha > 0)
        return _rgba(colour, alpha)

    def _pixels(self) -> np.ndarray:
        """Return what the window shows, averaged over blocks, RGB 0–1, top row first."""
        width, height = self._window.GetSize()
        self._window.Render()
        values = vtkUnsignedCharArray()
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, values, 0)
        fine = self._finer
        blocks = vtk_to_numpy(values).reshape(height // fine, fine, width // fine, fine, 3)
        return blocks[::-1].mean(axis=(1, 3), dtype=np.float32) / 255


def encode_png(image: np.ndarray, dpi: float | None = None) -> bytes:
    """Return an image as PNG; ``dpi`` says how large it is on paper."""
    content = bytes(imagecodecs.png_encode(image))
    if dpi is None:
        return content
    pixels = round(dpi * _PER_METRE)
    body = b"pHYs" + struct.pack(">IIB", pixels, pixels, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return content[:_HEADER_END] + chunk + content[_HEADER_END:]


def _rgba(colour: np.ndarray, alpha: np.ndarray | float) -> np.ndarray:
    alpha = np.broadcast_to(np.float32(alpha), (*colour.shape[:2], 1))
    return np.round(255 * np.concatenate([np.clip(colour, 0, 1), alpha], axis=2)).astype(np.uint8)
