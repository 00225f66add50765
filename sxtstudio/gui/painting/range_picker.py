"""The LAC range of the LAC brush and the threshold: numbers, and a histogram to drag it on."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.lac_ranges import bands_of, count_lac
from sxtstudio.gui.painting.preview import mask_picture
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.slices.planes import Plane
from sxtstudio.gui.slices.tool import ToScreen
from sxtstudio.gui.view_state import ViewState, lac_sample
from sxtstudio.gui.window_plot import WindowPlot

_BOX_PX = 76
_PLOT_SIZE = (420, 170)
_LARGEST_PER_UM = 1e6


class RangePicker(QWidget):
    """Follows the active class: its range in the vocabulary is taken when it is chosen.

    ``tint_changed`` tells that the planes should, or should not, show what lies in the range.
    """

    tint_changed = Signal()

    def __init__(
        self, settings: PaintSettings, view: ViewState, ontology: Callable[[], Ontology]
    ) -> None:
        super().__init__()
        self._settings, self._view, self._ontology = settings, view, ontology
        self._label = -1
        self.low, self.high = _lac_box("lowest"), _lac_box("highest")
        self.plot = WindowPlot()
        self.plot.setAccessibleName("Distribution of the LAC, with the range that is painted")
        self.plot.setFixedSize(*_PLOT_SIZE)
        self.button = self._plot_button()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (QLabel("LAC"), self.low, QLabel("to"), self.high, self.button):
            row.addWidget(widget)
        for box in (self.low, self.high):
            box.valueChanged.connect(self._take_numbers)
        self.plot.window_wanted.connect(self._set)
        self.plot.default_wanted.connect(self._take_range_of_class)
        settings.changed.connect(self._show)

    @property
    def tinting(self) -> bool:
        """Whether the planes show what lies in the range: while its histogram is open."""
        return self.button.menu().isVisible()

    def paint_tint(self, painter: QPainter, plane: Plane, index: int, to_screen: ToScreen) -> None:
        """Tint what lies in the range in a slice."""
        tomogram = self._view.tomogram
        if not self.tinting or tomogram is None:
            return
        values = self._view.reader.lac(plane.axis, index).values
        low, high = self._settings.options.range_per_um
        colours = {it.label: it.colour for it in self._view.classes}
        colour = QColor(colours.get(self._settings.value, "#f2f4f6"))
        picture = mask_picture((values >= low) & (values <= high), colour)
        first, last = [-0.5] * 3, [n - 0.5 for n in tomogram.shape]
        first[plane.axis] = last[plane.axis] = index
        corners = (to_screen((it[0], it[1], it[2])) for it in (first, last))
        painter.drawImage(QRectF(*corners), picture)

    def _plot_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("range_histogram")
        button.setText("Histogram")
        button.setAccessibleName("Set the LAC range on the histogram")
        button.setToolTip("Drag the range on the histogram; the planes show what lies in it")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton { padding-right: 16px; }")  # room for the arrow
        menu = QMenu(button)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self.plot)
        menu.addAction(action)
        menu.aboutToShow.connect(self._fill_plot)
        menu.aboutToHide.connect(self.tint_changed)
        button.setMenu(menu)
        return button

    @Slot()
    def _fill_plot(self) -> None:
        tomogram = self._view.tomogram
        if tomogram is not None:
            self.plot.show_counts(count_lac(lac_sample(tomogram.lac_ZYX)))
            names = [display.name for display in self._view.classes]
            self.plot.show_bands(bands_of(names, self._ontology()) if self._view.is_lac else ())
        self.tint_changed.emit()

    def _set(self, low: float, high: float) -> None:
        options = replace(self._settings.options, range_per_um=(low, high))
        self._settings.set_options(options)

    @Slot()
    def _take_numbers(self) -> None:
        low, high = sorted((self.low.value(), self.high.value()))
        self._set(low, high)

    @Slot()
    def _show(self) -> None:
        if self._settings.active and self._settings.label != self._label:
            self._label = self._settings.label
            self._take_range_of_class()
        low, high = self._settings.options.range_per_um
        self.plot.show_window(low, high)
        for box, lac in ((self.low, low), (self.high, high)):
            box.blockSignals(True)
            box.setValue(lac)
            box.blockSignals(False)
        if self.tinting:
            self.tint_changed.emit()

    @Slot()
    def _take_range_of_class(self) -> None:
        names = [it.name for it in self._view.classes if it.label == self._settings.label]
        bands = bands_of(names, self._ontology())
        if bands:
            self._set(*bands[0].range_per_um)
        elif self._settings.options.range_per_um == (0.0, 1.0):
            self._set(*self._view.lac_window)


def _lac_box(which: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setObjectName(f"range_{which}")
    box.setAccessibleName(f"The {which} LAC that is painted")
    box.setToolTip(f"The {which} LAC (µm⁻¹) that is painted")
    box.setRange(-_LARGEST_PER_UM, _LARGEST_PER_UM)
    box.setDecimals(3)
    box.setSingleStep(0.01)
    box.setKeyboardTracking(False)
    box.setFixedWidth(_BOX_PX)
    return box
