"""Where a flat picture lies in its window, and the arithmetic of moving it."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QTransform

FIT_MARGIN = 0.96
_NEAREST_PX_PER_VOXEL = 80.0
_FARTHEST_SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class Camera:
    """The point of the picture (µm from its upper left corner) in the window's middle, and scale.

    One scale for both axes: a micrometre is as long across as it is down.
    """

    right_um: float
    down_um: float
    px_per_um: float

    def to_window(self, window: QSizeF) -> QTransform:
        """Return the map from µm in the picture to pixels in a window of this size."""
        transform = QTransform()
        transform.translate(window.width() / 2, window.height() / 2)
        transform.scale(self.px_per_um, self.px_per_um)
        transform.translate(-self.right_um, -self.down_um)
        return transform

    def to_picture(self, point: QPointF, window: QSizeF) -> QPointF:
        """Return the µm in the picture under a pixel of the window."""
        inverse, _ = self.to_window(window).inverted()
        return inverse.map(point)

    def moved(self, by_px: QPointF) -> "Camera":
        """Return the camera after dragging the picture along."""
        return replace(
            self,
            right_um=self.right_um - by_px.x() / self.px_per_um,
            down_um=self.down_um - by_px.y() / self.px_per_um,
        )

    def zoomed(self, px_per_um: float, fixed: QPointF, window: QSizeF) -> "Camera":
        """Return the camera at another scale; what lies under ``fixed`` stays there."""
        before = self.to_picture(fixed, window)
        changed = replace(self, px_per_um=px_per_um)
        after = changed.to_picture(fixed, window)
        return replace(
            changed,
            right_um=self.right_um + before.x() - after.x(),
            down_um=self.down_um + before.y() - after.y(),
        )


def fit(picture_um: QSizeF, window: QSizeF) -> Camera:
    """Return the camera that shows the whole picture with a little margin."""
    across, down = max(window.width(), 1.0), max(window.height(), 1.0)
    scale = FIT_MARGIN * min(across / picture_um.width(), down / picture_um.height())
    return Camera(right_um=picture_um.width() / 2, down_um=picture_um.height() / 2, px_per_um=scale)


def scale_limits(picture_um: QSizeF, voxel_um: float, window: QSizeF) -> tuple[float, float]:
    """Return the least and the greatest useful scale in pixels per µm."""
    least = _FARTHEST_SHARE * fit(picture_um, window).px_per_um
    return least, max(_NEAREST_PX_PER_VOXEL / voxel_um, 4 * least)
