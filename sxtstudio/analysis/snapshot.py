"""The three-dimensional view of a cell as a picture in a file, with nothing on the screen."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sxtstudio.analysis.darkroom import Darkroom, encode_png
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.analysis.staging import Subject, stage
from sxtstudio.analysis.styles import Background, ClassStyle, Scene
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.files import write_atomically


def write_snapshot(
    path: Path,
    label_map: LabelMap,
    styles: Sequence[ClassStyle],
    *,
    size: tuple[int, int] = (1200, 900),
    background: Background = "dark",
    report: Report = ignore,
) -> None:
    """Write the surfaces of the visible classes as PNG of ``size`` (width, height) pixels.

    Raises
    ------
    LabelError
        If no visible class is drawn anywhere.
    FileError
        If the system refuses to write.
    """
    scene = Scene(styles=tuple(styles), background=background, legend=True)
    write_picture(path, scene, Subject(name=path.name, label_map=label_map), size, None, report)


def write_picture(
    path: Path,
    scene: Scene,
    subject: Subject,
    size: tuple[int, int],
    dpi: float | None = None,
    report: Report = ignore,
) -> None:
    """Write a scene as PNG of ``size`` (width, height) pixels, from its camera if it has one.

    Raises
    ------
    LabelError
        If there is nothing to see.
    FileError
        If the system refuses to write.
    """
    staged = stage(scene, subject, report)
    report(Progress(text="Drawing the picture"))
    image = render_image(staged, size)
    report(Progress(text="Writing the picture"))
    with write_atomically(path) as part:
        part.write_bytes(encode_png(image, dpi))


def render_image(scene: SceneRenderer, size: tuple[int, int]) -> np.ndarray:
    """Return a picture of a scene, (height, width, 4) uint8 RGBA; framed if it has no camera."""
    with Darkroom(scene, size) as darkroom:
        if scene.scene.camera is None:
            scene.reset_camera()
        return darkroom.picture()
