"""The LAC window: its histogram, numbers to type, presets for structures."""

from collections.abc import Callable

from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.lac_ranges import Band, all_bands, bands_of, count_lac, preset_window
from sxtstudio.gui.view_state import ViewState, default_lac_window, lac_sample
from sxtstudio.gui.window_plot import WindowPlot

WHOLE_CELL = "Show the whole cell"
_LARGEST_PER_UM = 1e6
_BOX_PX = 80


class HistogramPanel(QWidget):
    """Changes the window of the `ViewState`, and follows it."""

    def __init__(self, state: ViewState, ontology: Callable[[], Ontology]) -> None:
        super().__init__()
        self.setObjectName("histogram_panel")
        self._state, self._ontology = state, ontology
        self.plot = WindowPlot()
        self.low, self.high = _lac_box("black"), _lac_box("white")
        self.presets = _presets_button()
        self.presets.menu().aboutToShow.connect(self._fill_presets)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.presets)
        row.addStretch(1)
        for box in (self.low, self.high):
            row.addWidget(box)
            box.valueChanged.connect(self._take_numbers)
        row.insertWidget(3, QLabel("to"))
        self._unit = QLabel("µm⁻¹")
        row.addWidget(self._unit)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 8, 6)
        column.setSpacing(4)
        column.addWidget(self.plot, stretch=1)
        column.addLayout(row)
        self._connect()
        self._show_volume()

    def _connect(self) -> None:
        state = self._state
        state.volume_changed.connect(self._show_volume)
        state.window_changed.connect(self._show_window)
        state.classes_changed.connect(self._show_bands)
        self.plot.window_wanted.connect(state.set_lac_window)
        self.plot.default_wanted.connect(self.show_whole_cell)

    def show_whole_cell(self) -> None:
        """Show the window in which the cell was first seen."""
        tomogram, is_lac = self._state.tomogram, self._state.is_lac
        if tomogram is not None:
            self._state.set_lac_window(*default_lac_window(tomogram.lac_ZYX, is_lac=is_lac))

    def show_structure(self, band: Band) -> None:
        """Show the window in which a structure stands out."""
        self._state.set_lac_window(*preset_window(band))

    def _show_volume(self) -> None:
        tomogram = self._state.tomogram
        counts = None if tomogram is None else count_lac(lac_sample(tomogram.lac_ZYX))
        self.plot.show_counts(counts)
        self.setEnabled(tomogram is not None)
        self._unit.setText("µm⁻¹" if self._state.is_lac else "")
        self._show_bands()
        self._show_window()

    def _show_bands(self) -> None:
        names = [display.name for display in self._state.classes if display.visible]
        bands = bands_of(names, self._ontology()) if self._state.is_lac else ()
        self.plot.show_bands(bands)

    def _show_window(self) -> None:
        low, high = self._state.lac_window
        self.plot.show_window(low, high)
        for box, lac in ((self.low, low), (self.high, high)):
            box.blockSignals(True)
            box.setValue(lac)
            box.blockSignals(False)

    def _take_numbers(self) -> None:
        self._state.set_lac_window(self.low.value(), self.high.value())

    def _fill_presets(self) -> None:
        menu = self.presets.menu()
        menu.clear()
        menu.addAction(WHOLE_CELL, self.show_whole_cell)
        if not self._state.is_lac:
            return
        here = bands_of((it.name for it in self._state.classes), self._ontology())
        names = {band.name for band in here}
        others = [band for band in all_bands(self._ontology()) if band.name not in names]
        for bands in (here, others):
            menu.addSeparator()
            for band in bands:
                action = menu.addAction(swatch_icon(band.colour), f"Show {band.name}")
                action.triggered.connect(lambda _=False, it=band: self.show_structure(it))


def _presets_button() -> QToolButton:
    button = QToolButton()
    button.setObjectName("window_presets")
    button.setText("Show")
    button.setStyleSheet("QToolButton { padding-right: 16px; }")  # room for the arrow
    button.setAccessibleName("Windows that show structures")
    button.setToolTip("LAC windows in which a structure stands out")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button


def _lac_box(shade: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setObjectName(f"lac_{shade}")
    box.setAccessibleName(f"LAC drawn {shade}")
    box.setToolTip(f"LAC (µm⁻¹) drawn {shade}")
    box.setRange(-_LARGEST_PER_UM, _LARGEST_PER_UM)
    box.setDecimals(3)
    box.setSingleStep(0.01)
    box.setKeyboardTracking(False)
    box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    box.setFixedWidth(_BOX_PX)
    return box
