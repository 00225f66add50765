"""The second row of the painting bar: the settings of the tool in hand, and apply or drop."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.tools.combining import Combination
from sxtstudio.core.tools.request import ToolOptions
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import QuietComboBox
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.range_picker import RangePicker
from sxtstudio.gui.painting.seeking import Seeking
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.painting.toolbox import TOOLS, Option
from sxtstudio.gui.view_state import ViewState

COMBINATIONS: dict[Combination, str] = {
    "unite": "takes",
    "intersect": "keeps only what is in",
    "subtract": "loses what is in",
}
_SLIDER_STEPS = 200
_SLIDER_PX = 110
_FIELD_PX = 104
_NAME_PX = 118

Spin = tuple[Option, str, str, str, float, float, float, int]
_SPINS: tuple[Spin, ...] = (
    ("tolerance", "LAC ±", "How much the LAC may differ; 0 goes by labels alone", " µm⁻¹",
     0.0, 100.0, 0.01, 3),
    ("deviations", "alike", "How many standard deviations of LAC still belong to it", " σ",
     0.1, 20.0, 0.25, 2),
    ("distance", "by", "How far, in µm", " µm", 0.0, 100.0, 0.01, 3),
    ("smallest", "below", "Objects smaller than this go", " µm³", 0.0, 1e6, 0.001, 4),
    ("grain", "basins of", "About the size of the basins", " µm", 0.01, 100.0, 0.05, 3),
    ("depth", "neck", "How much thicker than its neck a part must be", "",
     0.01, 0.9, 0.02, 2),
    ("edges", "edges", "How much a change of LAC stops the walker", "", 0.1, 1000.0, 5.0, 1),
)  # fmt: skip
_FIELD_OF: dict[Option, str] = {
    "tolerance": "tolerance_per_um", "deviations": "deviations", "distance": "distance_um",
    "smallest": "smallest_um3", "grain": "grain_um", "depth": "depth", "edges": "edges",
}  # fmt: skip


class OptionsBar(QToolBar):
    """Shows only the settings that the tool in hand has."""

    def __init__(
        self,
        editing: Editing,
        view: ViewState,
        seeking: Seeking,
        ontology: Callable[[], Ontology],
    ) -> None:
        super().__init__("Settings of the tool")
        self.setObjectName("tool_options_bar")
        self.setMovable(False)
        self._editing, self._view, self._seeking = editing, view, seeking
        self._settings: PaintSettings = editing.settings
        self.name = QLabel()
        self.name.setObjectName("tool_name")
        self.name.setMinimumWidth(_NAME_PX)
        self.name.setContentsMargins(8, 0, 8, 0)
        self.slider, self.size_field = self._size_slider(), self._size_field()
        self.spins: dict[Option, QDoubleSpinBox] = {it[0]: self._spin(it) for it in _SPINS}
        self.range = RangePicker(self._settings, view, ontology)
        self.combination, self.other = self._combination_box(), self._other_box()
        self.step = self._step_box()
        self.pressure = _tick("tool_pressure", "Pen pressure", "A pen that presses less is finer")
        self.preview = _tick("tool_preview", "Preview", "Show what is found before it is painted")
        self.apply_button = _button("preview_apply", "Apply (Enter)", "Paint what is shown")
        self.drop_button = _button("preview_drop", "Drop (Esc)", "Forget what is shown")
        self._parts: dict[Option, QAction] = {}
        self._arrange()
        self._connect()
        self._show_classes()

    def setVisible(self, visible: bool) -> None:
        """Show the bar, but only while labels are edited, whatever a saved layout says."""
        super().setVisible(visible and self._editing.active)

    # Parts

    def _arrange(self) -> None:
        self.addWidget(self.name)
        self._parts["size"] = self.addWidget(_row("size", self.slider, self.size_field))
        self._parts["range"] = self.addWidget(_padded(self.range))
        self._parts["combination"] = self.addWidget(_row("", self.combination))
        self._parts["other"] = self.addWidget(_row("", self.other))
        for spin in _SPINS:
            self._parts[spin[0]] = self.addWidget(_row(spin[1], self.spins[spin[0]]))
        self._parts["step"] = self.addWidget(_row("to", self.step))
        self._parts["pressure"] = self.addWidget(_padded(self.pressure))
        self._parts["preview"] = self.addWidget(_padded(self.preview))
        self._buttons = [self.addWidget(it) for it in (self.apply_button, self.drop_button)]

    def _connect(self) -> None:
        self.pressure.toggled.connect(lambda on: self._set(replace(self._options, pressure=on)))
        self.preview.toggled.connect(lambda on: self._set(replace(self._options, preview=on)))
        self.apply_button.clicked.connect(self._seeking.apply)
        self.drop_button.clicked.connect(self._seeking.drop)
        self._settings.changed.connect(self._show)
        self._editing.changed.connect(self._show)
        self._seeking.preview.changed.connect(self._show)
        self._view.classes_changed.connect(self._show_classes)

    @property
    def _options(self) -> ToolOptions:
        return self._settings.options

    def _set(self, options: ToolOptions) -> None:
        self._settings.set_options(options)

    def _size_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("brush_slider")
        slider.setAccessibleName("Size of the brush")
        slider.setToolTip("Size of the brush ([ and ], Shift + wheel)")
        slider.setRange(0, _SLIDER_STEPS)
        slider.setFixedWidth(_SLIDER_PX)
        slider.valueChanged.connect(self._slide)
        return slider

    def _size_field(self) -> QDoubleSpinBox:
        field = _field("brush_size", "Diameter of the brush in µm", "Diameter of the brush")
        field.setSuffix(" µm")
        field.setDecimals(3)
        field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        field.valueChanged.connect(lambda value: self._settings.set_radius_um(value / 2))
        return field

    def _spin(self, spin: Spin) -> QDoubleSpinBox:
        option, words, tip, unit, low, high, step, decimals = spin
        field = _field(f"tool_{option}", f"{words} ({tip})", tip)
        field.setDecimals(decimals)
        field.setRange(low, high)
        field.setSingleStep(step)
        field.setSuffix(unit)
        field.valueChanged.connect(partial(self._take_number, option))
        return field

    def _take_number(self, option: Option, value: float) -> None:
        match option:
            case "tolerance":
                self._set(replace(self._options, tolerance_per_um=value))
            case "deviations":
                self._set(replace(self._options, deviations=value))
            case "distance":
                self._set(replace(self._options, distance_um=value))
            case "smallest":
                self._set(replace(self._options, smallest_um3=value))
            case "grain":
                self._set(replace(self._options, grain_um=value))
            case "depth":
                self._set(replace(self._options, depth=value))
            case _:
                self._set(replace(self._options, edges=value))

    def _combination_box(self) -> QuietComboBox:
        box = _box("combination", "How the active class is combined")
        for name, words in COMBINATIONS.items():
            box.addItem(words, name)
        box.activated.connect(
            lambda row: self._set(replace(self._options, combination=box.itemData(row)))
        )
        return box

    def _other_box(self) -> QuietComboBox:
        box = _box("other_class", "The class that the active one is combined with")
        box.activated.connect(
            lambda row: self._set(replace(self._options, other=box.itemData(row)))
        )
        return box

    def _step_box(self) -> QuietComboBox:
        box = _box("copy_step", "Which slice gets the copy")
        box.addItem("the next slice", 1)
        box.addItem("the slice before", -1)
        box.activated.connect(lambda row: self._set(replace(self._options, step=box.itemData(row))))
        return box

    # From the settings to the bar

    @Slot()
    def _show(self) -> None:
        facts, options = TOOLS[self._settings.tool], self._options
        self.name.setText(facts.words)
        for option, action in self._parts.items():
            action.setVisible(option in facts.options)
        for option, name in _FIELD_OF.items():
            _set_quietly(self.spins[option], float(getattr(options, name)))
        for box, wanted in (
            (self.combination, options.combination),
            (self.other, options.other),
            (self.step, options.step),
        ):
            box.setCurrentIndex(max(box.findData(wanted), 0))
        self.pressure.setChecked(options.pressure)
        self.preview.setChecked(options.preview)
        for action in self._buttons:
            action.setVisible(self._seeking.preview.shown)
        self._show_size()
        self.setEnabled(self._editing.active and not self._editing.busy)

    def _show_size(self) -> None:
        low, high = self._settings.radius_range_um
        share = math.log(self._settings.radius_um / low) / math.log(high / low)
        self.slider.blockSignals(True)
        self.slider.setValue(round(share * _SLIDER_STEPS))
        self.slider.blockSignals(False)
        self.size_field.blockSignals(True)
        self.size_field.setRange(2 * low, 2 * high)
        self.size_field.setValue(2 * self._settings.radius_um)
        self.size_field.blockSignals(False)

    @Slot()
    def _show_classes(self) -> None:
        self.other.clear()
        self.other.addItem("choose a class", 0)
        for display in self._view.classes:
            self.other.addItem(swatch_icon(display.colour), display.name, display.label)
        self._show()

    @Slot(int)
    def _slide(self, value: int) -> None:
        low, high = self._settings.radius_range_um
        self._settings.set_radius_um(low * (high / low) ** (value / _SLIDER_STEPS))


def _field(name: str, words: str, tip: str) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setObjectName(name)
    field.setAccessibleName(words)
    field.setToolTip(tip)
    field.setFixedWidth(_FIELD_PX)
    field.setKeyboardTracking(False)
    return field


def _set_quietly(field: QDoubleSpinBox, value: float) -> None:
    field.blockSignals(True)
    field.setValue(value)
    field.blockSignals(False)


def _box(name: str, words: str) -> QuietComboBox:
    box = QuietComboBox()
    box.setObjectName(name)
    box.setAccessibleName(words)
    box.setToolTip(words)
    return box


def _tick(name: str, words: str, tip: str) -> QCheckBox:
    box = QCheckBox(words)
    box.setObjectName(name)
    box.setToolTip(tip)
    return box


def _button(name: str, words: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(words)
    button.setToolTip(tip)
    return button


def _row(words: str, *widgets: QWidget) -> QWidget:
    parts = (QLabel(words), *widgets) if words else widgets
    return _padded(*parts)


def _padded(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    holder.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout(holder)
    row.setContentsMargins(4, 0, 6, 0)
    row.setSpacing(5)
    for widget in widgets:
        row.addWidget(widget)
    return holder
