"""Looking at what a widget has painted."""

import numpy as np
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget


def grab_rgb(widget: QWidget) -> np.ndarray:
    """Return what a widget shows, uint8 (row, column, RGB)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def hue_share(rgb: np.ndarray, colour: str, tolerance_deg: float = 12.0) -> float:
    """Return the share of pixels, coloured at all, whose hue is near that of a colour."""
    wanted = QColor(colour).hsvHueF() * 360
    high = rgb.max(axis=-1).astype(float)
    spread = high - rgb.min(axis=-1)
    red, green, blue = (rgb[..., i].astype(float) for i in range(3))
    safe = np.where(spread > 0, spread, 1)
    hue = np.where(
        high == red,
        (green - blue) / safe % 6,
        np.where(high == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    coloured = (spread > 0.4 * high) & (high > 40)
    distance = np.abs((60 * hue - wanted + 180) % 360 - 180)
    return float(np.mean(coloured & (distance < tolerance_deg)))
