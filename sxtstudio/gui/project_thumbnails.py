"""Small pictures of projects for the start page: made of what was on show last, kept in a cache.

A picture is the central XY plane of a cell with its labels. Taking it copies one plane in the
window's thread; colours, scaling and writing are done in the background.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from sxtstudio.core.errors import SxtError
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.volume import LacArray
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.session import Session
from sxtstudio.gui.slices.label_picture import label_colours
from sxtstudio.gui.view_state import ClassDisplay, ViewState
from sxtstudio.io.files import system_errors, write_atomically

logger = logging.getLogger(__name__)

EDGE_PX = 448
"""Longer edge of a picture: enough for a card on a display of twice the usual density."""
_MOST_KEPT = 60
_WORDS_KEY = "SXT contents"


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownPlane:
    """One plane of a cell as the views show it: LAC, labels if there are any, and their look."""

    lac: np.ndarray
    labels: np.ndarray | None
    lac_window: tuple[float, float]
    classes: tuple[ClassDisplay, ...]


class ProjectThumbnails(QObject):
    """Keeps a picture of each project that was open; ``made`` tells the project it has one of."""

    made = Signal(object)

    def __init__(self, session: Session, *, folder: Path | None = None) -> None:
        super().__init__(session)
        self.folder = folder or thumbnail_folder()
        self._session = session
        self._writing = Latest(self)
        session.selection_changed.connect(self._take)
        session.large.shown.connect(self._take)

    @Slot()
    def _take(self) -> None:
        """Take the picture of the cell of the project that is on show, if there is one."""
        project, plane = self._session.project, shown_plane(self._session.view)
        if project is None or self._session.cell_id is None or plane is None:
            return
        path, count = project.path, len(self._session.cells())
        words = "1 cell" if count == 1 else f"{count} cells"

        def make() -> Path:
            write_thumbnail(plane_image(plane), words, thumbnail_path(path, self.folder))
            return path

        self._writing.run(lambda _: make(), self.made.emit, self._note)

    def _note(self, error: SxtError) -> None:
        # A card without a picture is no reason to disturb anybody.
        logger.warning("no picture of the project: %s", error)

    def shutdown(self) -> None:
        """Wait for the picture that is being written."""
        self._writing.close()


def thumbnail_folder() -> Path:
    """Return where pictures are kept; they can all be made again."""
    return user_cache_path("sxtstudio") / "thumbnails"


def thumbnail_path(project: Path, folder: Path) -> Path:
    """Return where the picture of a project is kept."""
    key = hashlib.sha256(str(project.absolute()).encode()).hexdigest()
    return folder / f"{key[:32]}.png"


def shown_plane(view: ViewState) -> ShownPlane | None:
    """Return a small copy of the central XY plane, None while it cannot be had at once."""
    tomogram, label_map = view.tomogram, view.label_map
    if tomogram is None:
        return None
    middle = tomogram.shape[0] // 2
    lac = _plane_at_hand(tomogram.lac_ZYX, middle)
    if lac is None:
        return None
    step = max(1, max(lac.shape) // EDGE_PX)
    labels = None if label_map is None else label_map.labels_ZYX[middle, ::step, ::step].copy()
    return ShownPlane(
        lac=lac[::step, ::step].copy(),
        labels=labels,
        lac_window=view.lac_window,
        classes=view.classes,
    )


def _plane_at_hand(lac_ZYX: LacArray, index: int) -> np.ndarray | None:
    if not isinstance(lac_ZYX, LazyLac):
        return lac_ZYX[index]
    return lac_ZYX.plane(0, index) if lac_ZYX.at_hand(0, index) else None


def plane_image(plane: ShownPlane) -> QImage:
    """Return the plane in grey with its classes in their colours, its longer edge `EDGE_PX`."""
    low, high = plane.lac_window
    grey = np.clip((plane.lac - low) / (high - low), 0, 1)
    rgb = np.repeat((255 * grey)[..., None], 3, axis=2)
    if plane.labels is not None:
        rgb = _covered(rgb, plane.labels, plane.classes)
    pixels = np.ascontiguousarray(rgb.round().astype(np.uint8))
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.copy().scaled(EDGE_PX, EDGE_PX, keep, smooth)


def _covered(rgb: np.ndarray, labels: np.ndarray, classes: Sequence[ClassDisplay]) -> np.ndarray:
    rgba = label_colours(classes, labels.dtype)[labels].astype(float)
    opacity = rgba[..., 3:] / 255
    return rgb * (1 - opacity) + rgba[..., :3] * opacity


def write_thumbnail(image: QImage, words: str, path: Path) -> None:
    """Write a picture with a few words on what the project holds.

    The pictures that were not renewed for longest go when there are too many.

    Raises
    ------
    FileError
        If the cache cannot be written.
    """
    image.setText(_WORDS_KEY, words)
    with system_errors(path.parent, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(path) as temporary:
            if not image.save(str(temporary)):
                raise OSError(f"{temporary}: no picture was written")
        old = sorted(path.parent.glob("*.png"), key=lambda it: it.stat().st_mtime)[:-_MOST_KEPT]
        for other in old:
            other.unlink(missing_ok=True)


def read_thumbnail(path: Path) -> tuple[QImage, str]:
    """Return a picture and its words; an empty picture where there is none that can be read."""
    image = QImage(str(path))
    return image, image.text(_WORDS_KEY)
