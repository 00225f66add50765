"""What a network makes of one cell by now: three planes, and what was drawn there."""

import zlib
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from sxtstudio.core.events import UNKNOWN, Preview, PreviewPlane
from sxtstudio.gui.theme import tones

_PLANES = ("XY", "XZ", "YZ")
_ROWS = ("What the network says now", "What was drawn")
_OPACITY = 0.5
_UNKNOWN_BRIGHTNESS = 0.4
_GAP_PX = 6
_EDGE_PX = 8
_NARROWEST_PX = 220
_PLATE, _PLATE_INK = QColor(0, 0, 0, 150), QColor("#f2f4f6")


class PreviewPictures(QWidget):
    """Three planes as the network labels them, and below them what was drawn there by hand.

    What nobody drew is dark in the lower row. The tool tip names the classes under the mouse.
    """

    def __init__(self, colours: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_preview")
        self.setAccessibleName("Three planes of a cell as the network labels them now")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._names = ("none of the classes", *colours)
        self._colours = colours
        self._planes: tuple[PreviewPlane, ...] = ()
        self._images: list[list[QImage]] = []

    def show_preview(self, preview: Preview) -> None:
        """Show the planes of a preview."""
        self._planes = preview.planes
        colours = list(self._colours.values())
        self._images = [
            [plane_image(plane, plane.labels, colours) for plane in preview.planes],
            [plane_image(plane, plane.drawn, colours) for plane in preview.planes],
        ]
        if not any(_any_known(plane) for plane in preview.planes):
            self._images.pop()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size for the width of a dock."""
        return QSize(_NARROWEST_PX, self.heightForWidth(_NARROWEST_PX))

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which something can be seen."""
        return self.sizeHint()

    def heightForWidth(self, width: int) -> int:
        """Return the height at which the pictures fill the width."""
        row = self._title_px() + self._row_px(width) + _GAP_PX
        return max(1, len(self._images)) * round(row)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint every plane with its title."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for row, images in enumerate(self._images):
            painter.setPen(QColor(tones().dim))
            painter.drawText(self._frame(row, 0).topLeft() - QPointF(0, 5), _ROWS[row])
            for column, image in enumerate(images):
                frame = self._frame(row, column)
                painter.fillRect(frame, QColor(tones().base))
                painter.drawImage(self._place(row, column), image)
                if not row:
                    self._paint_name(painter, frame, _PLANES[column])

    def _paint_name(self, painter: QPainter, frame: QRectF, name: str) -> None:
        metrics = QFontMetrics(self.font())
        plate = QRectF(frame.left(), frame.top(), metrics.horizontalAdvance(name) + 8, 0)
        plate.setHeight(metrics.height() + 2)
        painter.fillRect(plate, _PLATE)
        painter.setPen(_PLATE_INK)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, name)

    def event(self, event: QEvent) -> bool:
        """Name the classes under the mouse in a tool tip."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def words_at(self, point: QPointF) -> str:
        """Return what the network says and what was drawn at a point of this widget."""
        for row in range(len(self._images)):
            for column, plane in enumerate(self._planes):
                place = self._place(row, column)
                if place.contains(point):
                    at = point - place.topLeft()
                    line = int(at.y() / place.height() * plane.shape[0])
                    sample = int(at.x() / place.width() * plane.shape[1])
                    return self._words(
                        plane, min(line, plane.shape[0] - 1) * plane.shape[1] + sample
                    )
        return ""

    def _words(self, plane: PreviewPlane, index: int) -> str:
        said, drawn = (zlib.decompress(it)[index] for it in (plane.labels, plane.drawn))
        if drawn == UNKNOWN:
            return f"{self._names[said]} (not drawn)"
        return f"{self._names[said]}; drawn: {self._names[drawn]}"

    def _title_px(self) -> int:
        return QFontMetrics(self.font()).height() + 4

    def _column_px(self, width: int) -> float:
        return max(1.0, (width - 2 * _EDGE_PX - 2 * _GAP_PX) / 3)

    def _row_px(self, width: int) -> float:
        """Return the height of the highest plane where each is as wide as its column at most."""
        side = self._column_px(width)
        shares = [_extent(plane) for plane in self._planes] or [(1.0, 1.0)]
        return min(side, max(side * height / wide for height, wide in shares))

    def _frame(self, row: int, column: int) -> QRectF:
        side, high = self._column_px(self.width()), self._row_px(self.width())
        top = (row + 1) * self._title_px() + row * (high + _GAP_PX)
        return QRectF(_EDGE_PX + column * (side + _GAP_PX), top, side, high)

    def _place(self, row: int, column: int) -> QRectF:
        """Return where a plane is painted: as large as its frame lets it, in true proportions."""
        frame = self._frame(row, column)
        height, width = _extent(self._planes[column])
        scale = min(frame.width() / width, frame.height() / height)
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(frame.center())
        return place


def plane_image(plane: PreviewPlane, labels: bytes, colours: Sequence[str]) -> QImage:
    """Return a plane in grey with its labels over it; darker where nothing is known."""
    grey = np.frombuffer(plane.lac, np.uint8).reshape(plane.shape)
    label = np.frombuffer(zlib.decompress(labels), np.uint8).reshape(plane.shape)
    table = np.zeros((256, 3), np.float32)
    opacity = np.zeros(256, np.float32)
    for value, colour in enumerate(colours, start=1):
        shade = QColor(colour)
        table[value] = (shade.red(), shade.green(), shade.blue())
        opacity[value] = _OPACITY
    opacity[UNKNOWN] = 1 - _UNKNOWN_BRIGHTNESS
    share = opacity[label][..., None]
    rgb = grey[..., None] * (1 - share) + table[label] * share
    pixels = np.ascontiguousarray(np.rint(rgb).astype(np.uint8))
    rows, columns = plane.shape
    image = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return image.copy()


def _any_known(plane: PreviewPlane) -> bool:
    return any(value != UNKNOWN for value in set(zlib.decompress(plane.drawn)))


def _extent(plane: PreviewPlane) -> tuple[float, float]:
    """Return height and width of a plane in µm."""
    rows, columns = plane.shape
    return rows * plane.spacing_um[0], columns * plane.spacing_um[1]
