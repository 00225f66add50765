"""The middle planes of a proposed cell with its labels, so that a wrong scale or a flip shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Progress, Report
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.volume import ArrayLike
from sxtstudio.gui.import_preview import grey_bytes
from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.ingest.proposals import CellProposal, LabelProposal

LAC_WINDOW_PER_UM = (0.0, 0.8)
"""LAC drawn black and white, as in a library's previews: a wrong scale is too dark or white."""

_UNKNOWN, _LEFT_OUT = "#ffb74d", "#607d8b"
_STRENGTH = 0.45
_MOST_PIXELS = 512
_GAP_PX = 6
_LEAST = QSize(300, 220)

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class MiddlePlanes:
    """XY, XZ and YZ through the middle of a cell.

    ``stored`` are the values of the file, ``labels`` are 1 + the place in the row's ``values``.
    ``low`` and ``high`` are the 0.5 and 99.5 percentile of the stored values.
    """

    stored: Planes
    labels: Planes | None
    low: float
    high: float


def read_middle_planes(row: CellProposal, report: Report) -> MiddlePlanes:
    """Read the middle planes of a cell's files, large ones coarsely.

    Raises
    ------
    FileError
        If a file cannot be read.
    LabelError
        If labels have another shape than the tomogram.
    """
    report(Progress(text=f"Reading {row.tomogram.name}"))
    values_ZYX = read_volume(row.tomogram, dataset=row.tomogram_dataset).values_ZYX
    at = _middle(row, values_ZYX.shape)
    stored = _cut(values_ZYX, at)
    labels: Planes | None = None
    for path, dataset in row.label_files:
        report(Progress(text=f"Reading {path.name}"))
        read_ZYX = read_volume(path, dataset=dataset).values_ZYX
        if read_ZYX.shape != values_ZYX.shape:
            raise LabelError(f"{path.name}: has another shape than {row.tomogram.name}.")
        found = _numbered(_cut(read_ZYX, at), row, row.values_in(path, dataset))
        labels = found if labels is None else _over(labels, found)
    finite = stored[0][np.isfinite(stored[0])]
    low, high = np.percentile(finite, (0.5, 99.5)) if finite.size else (0.0, 1.0)
    return MiddlePlanes(stored=stored, labels=labels, low=float(low), high=float(high))


def _middle(row: CellProposal, shape: Sequence[int]) -> tuple[int, int, int]:
    """Return the indices of the middle planes; of a sparse annotation, the drawn ones nearest."""
    z, y, x = row.drawn.planes if row.drawn else ((), (), ())
    return _nearest(z, shape[0] // 2), _nearest(y, shape[1] // 2), _nearest(x, shape[2] // 2)


def _nearest(planes: tuple[int, ...], wanted: int) -> int:
    return min(planes, key=lambda plane: abs(plane - wanted), default=wanted)


def _cut(values_ZYX: ArrayLike, at: tuple[int, int, int]) -> Planes:
    z, y, x = at
    cuts = (values_ZYX[z], values_ZYX[:, y], values_ZYX[:, :, x])
    planes = [_thinned(np.asarray(cut, np.float32)) for cut in cuts]
    return planes[0], planes[1], planes[2]


def _thinned(plane: np.ndarray) -> np.ndarray:
    step = max(1, -(-max(plane.shape) // _MOST_PIXELS))
    return np.ascontiguousarray(plane[::step, ::step])


def _numbered(planes: Planes, row: CellProposal, values: tuple[LabelProposal, ...]) -> Planes:
    """Return planes of label values as 1 + place in the row's values; 0 where there is none."""

    def number(plane: np.ndarray) -> np.ndarray:
        numbers = np.zeros(plane.shape, np.uint16)
        for label in values:
            numbers[plane == label.value] = 1 + row.values.index(label)
        return numbers

    return _each(number, planes)


def _over(below: Planes, above: Planes) -> Planes:
    merged = [np.where(b > 0, b, a) for a, b in zip(below, above, strict=True)]
    return merged[0], merged[1], merged[2]


def _each(function: Callable[[np.ndarray], np.ndarray], planes: Planes) -> Planes:
    first, second, third = planes
    return function(first), function(second), function(third)


def label_colour(label: LabelProposal, ontology: Ontology) -> str:
    """Return the colour of what a label stands for; unknown meanings have that of a warning."""
    if label.term is None:
        return _UNKNOWN
    return _LEFT_OUT if label.term == IGNORE else ontology.term(label.term).colour


class PlanesPicture(QWidget):
    """XY large, XZ and YZ beside it, true to scale; LAC from 0 (black) to 0.8 µm⁻¹ (white)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ingest_planes")
        self.setAccessibleName("Middle planes of the cell")
        self.setMinimumSize(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._images: tuple[QImage, ...] = ()
        self._extent_um = (1.0, 1.0, 1.0)
        self._words = ""

    def say(self, words: str) -> None:
        """Show a sentence instead of planes."""
        self._images, self._words = (), words
        self.update()

    def show_planes(self, planes: MiddlePlanes, row: CellProposal, ontology: Ontology) -> None:
        """Show planes with the scale, voxel size and meanings that a row has now."""
        colours = [label_colour(label, ontology) for label in row.values]
        low, high = planes.low, planes.high
        if row.lac_per_unit is not None:
            low, high = (lac / row.lac_per_unit for lac in LAC_WINDOW_PER_UM)
        labels = planes.labels or (None, None, None)
        self._images = tuple(
            _image(plane, numbers, colours, (low, high))
            for plane, numbers in zip(planes.stored, labels, strict=True)
        )
        size_um = row.voxel_size_um or (1.0, 1.0, 1.0)
        z, y, x = (n * edge for n, edge in zip(row.shape, size_um, strict=True))
        self._extent_um, self._words = (z, y, x), ""
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the planes as large as they fit."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#000000"))
        painter.setPen(QColor("#c7d0d9"))
        if not self._images:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for name, image, place in zip(
            ("XY", "XZ", "YZ"), self._images, self._places(), strict=True
        ):
            painter.drawImage(place, image)
            corner = place.topLeft() + QPointF(4, 14)
            ground = QRectF(corner + QPointF(-4, -14), QSizeF(28, 18))
            painter.fillRect(ground, QColor(0, 0, 0, 150))
            painter.drawText(corner, name)
        painter.end()

    def _places(self) -> tuple[QRectF, QRectF, QRectF]:
        """Return where the planes lie: XY at the left, XZ above YZ half as large at the right."""
        z, y, x = self._extent_um
        wide, high = x + max(x, y) / 2, max(y, z)
        scale = min((self.width() - 3 * _GAP_PX) / wide, (self.height() - 3 * _GAP_PX) / high)
        left = (self.width() - scale * wide - _GAP_PX) / 2
        right = left + scale * x + _GAP_PX
        top, half = (self.height() - scale * high) / 2, scale / 2
        xy = QRectF(left, top, scale * x, scale * y)
        xz = QRectF(right, top, half * x, half * z)
        yz = QRectF(right, top + half * z + _GAP_PX, half * y, half * z)
        return xy, xz, yz


def _image(
    plane: np.ndarray,
    numbers: np.ndarray | None,
    colours: list[str],
    window: tuple[float, float],
) -> QImage:
    grey = grey_bytes(np.nan_to_num(plane), *window).astype(np.float32)
    rgb = np.repeat(grey[..., None], 3, axis=-1)
    if numbers is not None and colours:
        table = np.array([_rgb("#000000"), *(_rgb(colour) for colour in colours)], np.float32)
        drawn = numbers > 0
        rgb[drawn] += _STRENGTH * (table[numbers[drawn]] - rgb[drawn])
    values = np.ascontiguousarray(rgb.clip(0, 255).astype(np.uint8))
    height, width = values.shape[:2]
    image = QImage(values.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()


def _rgb(colour: str) -> tuple[int, int, int]:
    return QColor(colour).red(), QColor(colour).green(), QColor(colour).blue()
