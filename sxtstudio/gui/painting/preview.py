"""What a tool has found and not yet painted, as pictures over the planes."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from sxtstudio.core.coat import PackedCoat
from sxtstudio.core.region import Box
from sxtstudio.gui.slices.planes import Plane
from sxtstudio.gui.slices.tool import ToScreen

Coats = tuple[PackedCoat, ...]

GONE_COLOUR = "#ff5a4f"
"""What would be taken away, whatever its class."""
_ALPHA = 150
_RIM_ALPHA = 255
_PICTURES_KEPT = 12


class Preview(QObject):
    """Holds what was found under the name of the edit that it would be; ``changed`` tells."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.coats: Coats = ()
        self._pictures: dict[tuple[int, int], list[tuple[Box, QImage]]] = {}
        self._colours: Mapping[int, str] = {}

    @property
    def shown(self) -> bool:
        """Whether there is something to apply or drop."""
        return bool(self.coats)

    @property
    def voxels(self) -> int:
        """How many voxels it means."""
        return sum(coat.voxels for coat in self.coats)

    def show(self, name: str, coats: Coats, colours: Mapping[int, str]) -> None:
        """Show what was found; ``colours`` are those of the labels."""
        self.name, self.coats, self._colours = name, coats, colours
        self._pictures.clear()
        self.changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        if self.coats:
            self.show("", (), {})

    def paint(self, painter: QPainter, plane: Plane, index: int, to_screen: ToScreen) -> None:
        """Paint what lies in a slice."""
        for box, picture in self._slice(plane, index):
            low, high = (_corner(corner, plane, index) for corner in (box.low, box.high))
            painter.drawImage(QRectF(to_screen(low), to_screen(high)), picture)

    def _slice(self, plane: Plane, index: int) -> list[tuple[Box, QImage]]:
        key = (plane.axis, index)
        if key not in self._pictures:
            if len(self._pictures) >= _PICTURES_KEPT:
                self._pictures.clear()
            self._pictures[key] = [
                (coat.box, self._picture(coat, plane, index))
                for coat in self.coats
                if coat.box.low[plane.axis] <= index < coat.box.high[plane.axis]
            ]
        return self._pictures[key]

    def _picture(self, coat: PackedCoat, plane: Plane, index: int) -> QImage:
        mask = coat.mask_ZYX.take(index - coat.box.low[plane.axis], plane.axis)
        if plane.right < plane.down:
            mask = mask.T
        colour = QColor(self._colours.get(coat.value, GONE_COLOUR))
        return mask_picture(mask, colour)


def mask_picture(mask: np.ndarray, colour: QColor) -> QImage:
    """Return a mask (rows × columns) as a picture: a tint, denser along its rim."""
    inner = mask.copy()
    inner[1:] &= mask[:-1]
    inner[:-1] &= mask[1:]
    inner[:, 1:] &= mask[:, :-1]
    inner[:, :-1] &= mask[:, 1:]
    alpha = np.where(inner, _ALPHA, _RIM_ALPHA) * mask
    pixels = np.empty((*mask.shape, 4), np.uint8)
    pixels[..., :3] = (colour.blue(), colour.green(), colour.red())
    pixels[..., 3] = alpha
    rows, columns = mask.shape
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
    return image.copy()  # the array goes away


def _corner(voxel: tuple[int, int, int], plane: Plane, index: int) -> tuple[float, float, float]:
    corner = [edge - 0.5 for edge in voxel]
    corner[plane.axis] = index
    return (corner[0], corner[1], corner[2])
