"""Live curves of one stage of a training: validation Dice with a legend, and loss."""

from collections import defaultdict
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from sxtstudio.core.events import Metrics
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import text_label
from sxtstudio.gui.theme import tones
from sxtstudio.gui.theme_plot import ThemedPlot

_LEGEND_COLUMNS = 2
_AXIS_PX = 48
_DICE_PX, _LEAST_DICE_PX, _LOSS_PX = 160, 90, 130
_LACKING = "The cells it is tried on have none of this class: nobody can say how well it is found"
_FOLDS_WORDS = "Thin and dotted: cross-checks, trained without the cells they are tried on"


class StageCurves:
    """Dice of every class with a legend that tells the newest, and the loss, over the steps.

    ``dice`` and ``loss`` are the widgets. The kept network (fold 0) is drawn solid, the
    cross-fitted ones thin and dotted.
    """

    def __init__(self, stage: int, colours: Mapping[str, str]) -> None:
        self._colours = colours
        self._loss: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._dice: dict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
        self._lines: dict[tuple[str, int], pg.PlotDataItem] = {}
        self.loss_plot = _plot(f"loss_plot_{stage}", f"Loss of stage {stage}", "loss", _LOSS_PX)
        self.loss_plot.setLabel("bottom", "step")
        self.dice_plot = _plot(f"dice_plot_{stage}", f"Dice of stage {stage}", "Dice", _DICE_PX)
        self.dice_plot.getViewBox().setYRange(-0.05, 1.05, padding=0)
        self._newest = {
            name: text_label("newest_dice", f"Newest Dice of {name}", name) for name in colours
        }
        for plot in (self.loss_plot, self.dice_plot):
            plot.setToolTip(_FOLDS_WORDS)
        self.loss_plot.themed.connect(self._ink_loss)
        self.loss = self.loss_plot
        self.dice = QWidget()
        layout = QVBoxLayout(self.dice)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.dice_plot, 1)
        layout.addLayout(self._legend())

    def fit(self, height_px: int) -> None:
        """Make the plot of Dice as high as the room for it, within limits."""
        self.dice_plot.setFixedHeight(min(_DICE_PX, max(_LEAST_DICE_PX, height_px)))

    def _legend(self) -> QGridLayout:
        """Return the classes with their colours and newest Dice, in columns."""
        grid = QGridLayout()
        grid.setContentsMargins(8, 0, 8, 4)
        grid.setVerticalSpacing(1)
        for place, (name, label) in enumerate(self._newest.items()):
            row, column = divmod(place, _LEGEND_COLUMNS)
            swatch = QLabel()
            swatch.setPixmap(swatch_icon(self._colours[name]).pixmap(12, 12))
            grid.addWidget(swatch, row, 2 * column)
            grid.addWidget(label, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        return grid

    def take(self, point: Metrics) -> None:
        """Remember a point without drawing it."""
        self._loss[point.fold].append((point.step, point.loss))
        for name in self._colours if point.dice else ():
            self._tell(name, point)
        for name, value in point.dice.items():
            if not _lacks(point, name):
                self._dice[name, point.fold].append((point.step, value))

    def _tell(self, name: str, point: Metrics) -> None:
        """Tell the newest Dice of a class; that of one no cell can tell of is a dash."""
        value = None if _lacks(point, name) else point.dice.get(name)
        self._newest[name].setText(f"{name}  –" if value is None else f"{name}  {value:.2f}")
        self._newest[name].setToolTip(_LACKING if value is None else "")

    def redraw(self) -> None:
        """Draw what was remembered."""
        for fold, points in self._loss.items():
            self.line("", fold).setData(*_columns(points))
        for (name, fold), points in self._dice.items():
            self.line(name, fold).setData(*_columns(points))

    def line(self, name: str, fold: int) -> pg.PlotDataItem:
        """Return the curve of a class, or of the loss for an empty name."""
        if (name, fold) not in self._lines:
            colour = self._colour(name)
            style = Qt.PenStyle.DotLine if fold else Qt.PenStyle.SolidLine
            pen = pg.mkPen(colour, width=1 if fold else 2, style=style)
            size = 3 if fold else 6
            marks = {"symbol": "o", "symbolSize": size, "symbolBrush": colour, "symbolPen": None}
            plot = self.dice_plot if name else self.loss_plot
            self._lines[name, fold] = plot.plot([], [], pen=pen, **(marks if name else {}))
        return self._lines[name, fold]

    def _colour(self, name: str) -> str:
        """Return the colour of a class, or of the loss for an empty name."""
        return self._colours.get(name, tones().control) if name else tones().link

    def _ink_loss(self) -> None:
        """Take the colour of another theme; those of classes stay."""
        for (name, _fold), line in self._lines.items():
            if not name:
                pen = pg.mkPen(line.opts["pen"])
                pen.setColor(QColor(self._colour("")))
                line.setPen(pen)


def _lacks(point: Metrics, name: str) -> bool:
    """Return whether what the network is tried on has no voxel that is certainly of a class."""
    return bool(point.confusion) and name not in point.confusion


def _columns(points: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [step for step, _ in points], [value for _, value in points]


class _Plot(ThemedPlot):
    """A plot that leaves the wheel to the page it lies in."""

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """Scroll the page."""
        ev.ignore()


def _plot(name: str, words: str, axis: str, height_px: int) -> ThemedPlot:
    plot = _Plot()
    plot.setObjectName(name)
    plot.setAccessibleName(words)
    plot.setLabel("left", axis)
    plot.showGrid(x=True, y=True, alpha=0.15)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(False, False)
    plot.hideButtons()
    plot.setFixedHeight(height_px)
    plot.getAxis("left").setWidth(_AXIS_PX)
    plot.getAxis("left").enableAutoSIPrefix(False)
    plot.getAxis("bottom").enableAutoSIPrefix(False)
    return plot
