"""A plot whose axes and ground are those of the theme."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QWidget

from sxtstudio.gui.theme import tones

_SIDES = ("left", "bottom")


class ThemedPlot(pg.PlotWidget):
    """Draws axes in the theme's inks on the ground of its parent.

    ``themed`` tells that curves may have to change their colours too.
    """

    themed = Signal()

    # Qt tells of a palette while pyqtgraph is still making the plot.
    _made = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setBackground(None)
        self._made = True
        self._ink_axes()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._made:
            self.resetCachedContent()  # pyqtgraph keeps a picture of the ground
            self._ink_axes()
            self.themed.emit()

    def _ink_axes(self) -> None:
        for side in _SIDES:
            axis = self.getAxis(side)
            axis.setPen(tones().control)
            axis.setTextPen(tones().dim)
