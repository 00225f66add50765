"""The three-dimensional view of a label map as a picture, with nothing on the screen."""

from collections.abc import Sequence
from pathlib import Path

import imagecodecs
import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderWindow

from sxtstudio.analysis.offscreen import offscreen_window
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.analysis.styles import Background, ClassStyle, Scene
from sxtstudio.analysis.surface import make_surfaces
from sxtstudio.core.errors import LabelError
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.files import write_atomically

_FINER = 2


def write_snapshot(
    path: Path,
    label_map: LabelMap,
    styles: Sequence[ClassStyle],
    *,
    size: tuple[int, int] = (1200, 900),
    background: Background = "dark",
) -> None:
    """Write the surfaces of the visible classes as PNG of ``size`` (width, height) pixels.

    Raises
    ------
    LabelError
        If no visible class is drawn anywhere.
    FileError
        If the system refuses to write.
    """
    shown = [style.label for style in styles if style.visible]
    surfaces = make_surfaces(label_map.labels_ZYX, label_map.voxel_size_um, shown)
    if not surfaces:
        raise LabelError(
            f"{path.name}: there is nothing to show, because no visible class has a voxel in this "
            "label map; make a class visible or segment the cell first."
        )
    scene = SceneRenderer(Scene(background=background, legend=True), styles)
    scene.set_surfaces(surfaces)
    image = render_image(scene, size)
    with write_atomically(path) as part:
        part.write_bytes(imagecodecs.png_encode(image))


def render_image(scene: SceneRenderer, size: tuple[int, int]) -> np.ndarray:
    """Return a picture of a scene, framed afresh, (height, width, 4) uint8 RGBA.

    It is rendered twice as fine and averaged, which smooths edges and text alike.
    """
    window = offscreen_window(size[0] * _FINER, size[1] * _FINER)
    window.SetMultiSamples(0)
    window.AddRenderer(scene.renderer)
    scene.reset_camera()
    if scene.scene.background == "transparent":
        image = _transparent(window, scene)
    else:
        image = _rgba(_pixels(window), 1.0)
    window.RemoveRenderer(scene.renderer)
    window.Finalize()
    return image


def _transparent(window: vtkRenderWindow, scene: SceneRenderer) -> np.ndarray:
    """Return a picture without background, from one on black and one on white."""
    scene.renderer.SetBackground(0, 0, 0)
    on_black = _pixels(window)
    scene.renderer.SetBackground(1, 1, 1)
    on_white = _pixels(window)
    alpha = np.clip(1 - (on_white - on_black).mean(axis=2, keepdims=True), 0, 1)
    colour = np.divide(on_black, alpha, out=np.zeros_like(on_black), where=alpha > 0)
    return _rgba(colour, alpha)


def _pixels(window: vtkRenderWindow) -> np.ndarray:
    """Return what the window shows, averaged over blocks of pixels, RGB 0–1, top row first."""
    width, height = window.GetSize()
    window.Render()
    values = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, width - 1, height - 1, 0, values, 0)
    blocks = vtk_to_numpy(values).reshape(height // _FINER, _FINER, width // _FINER, _FINER, 3)
    return blocks[::-1].mean(axis=(1, 3), dtype=np.float32) / 255


def _rgba(colour: np.ndarray, alpha: np.ndarray | float) -> np.ndarray:
    alpha = np.broadcast_to(np.float32(alpha), (*colour.shape[:2], 1))
    return np.round(255 * np.concatenate([np.clip(colour, 0, 1), alpha], axis=2)).astype(np.uint8)
