"""The bar with the painting tools, shown while labels are edited."""

import math
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QDoubleSpinBox, QSlider, QToolBar, QToolButton, QWidget

from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import QuietComboBox, text_label
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.settings import UNLABELLED, PaintSettings, Reach, ToolName
from sxtstudio.gui.theme import icon
from sxtstudio.gui.view_state import ClassDisplay, ViewState

TOOLS: dict[ToolName, tuple[str, str, str]] = {
    "look": ("Look", "V", "Click moves the crosshair, nothing is painted"),
    "brush": ("Brush", "B", "Paint with the active class"),
    "eraser": ("Eraser", "E", "Take labels away"),
    "fill": ("Fill", "F", "Give connected voxels of one class the active class"),
    "pick": ("Pick", "P", "Make the class under the mouse the active one"),
}
REACHES: dict[Reach, tuple[str, str]] = {
    "slice": ("2D", "Tools stay in the slice (D changes)"),
    "space": ("3D", "Brush and eraser are balls, fill goes through space (D changes)"),
    "everywhere": ("All", "Fill replaces a whole class, wherever it is"),
}
_UNLABELLED_COLOUR = "#59626c"
_SLIDER_STEPS = 200
_SLIDER_PX = 110
_SIZE_PX = 104
_CLASS_PX = 140
_ICON_PX = 16
_ROOMY_PX = 1500


class PaintingBar(QToolBar):
    """Shows the settings of the tools and changes them.

    ``class_wanted`` asks for another class, ``done_wanted`` for the end of the editing.
    """

    class_wanted = Signal()
    done_wanted = Signal()

    def __init__(self, editing: Editing, view: ViewState, actions: tuple[QAction, ...]) -> None:
        super().__init__("Painting")
        self.setObjectName("painting_bar")
        self.setMovable(False)
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._editing = editing
        self._settings: PaintSettings = editing.settings
        self._view = view
        self._tools = self._tool_buttons()
        self._reaches = self._reach_buttons()
        self._slider = self._size_slider()
        self._size = self._size_field()
        self._label = self._class_box()
        self._over = self._over_box()
        self._arrange(actions)
        self._settings.changed.connect(self._show)
        editing.changed.connect(self._show)
        view.classes_changed.connect(self._show_classes)
        self._show_classes()

    def setVisible(self, visible: bool) -> None:
        """Show the bar, but only while labels are edited, whatever a saved layout says."""
        super().setVisible(visible and self._editing.active)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the tools where there is room for words."""
        super().resizeEvent(event)
        style = Qt.ToolButtonStyle
        words = (
            style.ToolButtonTextBesideIcon
            if self.width() >= _ROOMY_PX
            else style.ToolButtonIconOnly
        )
        for button in self._tools.values():
            button.setToolButtonStyle(words)

    # Parts

    def _tool_buttons(self) -> dict[ToolName, QToolButton]:
        group = QButtonGroup(self)
        buttons: dict[ToolName, QToolButton] = {}
        for name, (words, key, tip) in TOOLS.items():
            button = _button(f"tool_{name}", words, f"{tip} ({key})", name)
            button.clicked.connect(partial(self._settings.set_tool, name))
            group.addButton(button)
            buttons[name] = button
        return buttons

    def _reach_buttons(self) -> dict[Reach, QToolButton]:
        group = QButtonGroup(self)
        buttons: dict[Reach, QToolButton] = {}
        for name, (words, tip) in REACHES.items():
            button = _button(f"reach_{name}", words, tip, name)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.clicked.connect(partial(self._settings.set_reach, name))
            group.addButton(button)
            buttons[name] = button
        return buttons

    def _size_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("brush_slider")
        slider.setAccessibleName("Size of the brush")
        slider.setToolTip("Size of brush and eraser ([ and ], Shift + wheel)")
        slider.setRange(0, _SLIDER_STEPS)
        slider.setFixedWidth(_SLIDER_PX)
        slider.valueChanged.connect(self._slide)
        return slider

    def _size_field(self) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setObjectName("brush_size")
        field.setAccessibleName("Diameter of the brush in µm")
        field.setToolTip("Diameter of brush and eraser")
        field.setSuffix(" µm")
        field.setDecimals(3)
        field.setFixedWidth(_SIZE_PX)
        field.setKeyboardTracking(False)
        field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        field.valueChanged.connect(lambda value: self._settings.set_radius_um(value / 2))
        return field

    def _class_box(self) -> QuietComboBox:
        box = QuietComboBox()
        box.setObjectName("active_class")
        box.setAccessibleName("Active class")
        box.setToolTip("The class that is painted with (1 to 9, 0 for unlabelled)")
        box.setMinimumWidth(_CLASS_PX)
        box.activated.connect(lambda row: self._settings.set_label(box.itemData(row)))
        return box

    def _over_box(self) -> QuietComboBox:
        box = QuietComboBox()
        box.setObjectName("only_over")
        box.setAccessibleName("Paint only over")
        box.setToolTip("What may be painted over; locked classes never are")
        box.activated.connect(lambda row: self._settings.set_only_over(box.itemData(row)))
        return box

    def _arrange(self, actions: tuple[QAction, ...]) -> None:
        add = _button("class_add", "", "Paint with another class of the vocabulary …", "add")
        add.setCheckable(False)
        add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        add.setAccessibleName("Another class")
        add.clicked.connect(self.class_wanted)
        groups: tuple[tuple[QWidget, ...], ...] = (
            tuple(self._tools.values()),
            tuple(self._reaches.values()),
            (self._slider, self._size),
            (self._label, add, _caption("over"), self._over),
        )
        for group in groups:
            for widget in group:
                self.addWidget(widget)
            self.addSeparator()
        for action in actions:
            self.addAction(action)
            button = self.widgetForAction(action)
            assert isinstance(button, QToolButton)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        done = _button("painting_done", "Done", "Stop editing (Ctrl+D)", "look")
        done.setCheckable(False)
        done.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        done.clicked.connect(self.done_wanted)
        self.addWidget(done)

    # From the settings to the bar

    @Slot()
    def _show(self) -> None:
        settings = self._settings
        self._tools[settings.tool].setChecked(True)
        self._reaches[settings.reach].setChecked(True)
        sized = settings.tool in ("brush", "eraser")
        self._reaches["everywhere"].setEnabled(settings.tool == "fill")
        for button in (self._reaches["slice"], self._reaches["space"]):
            button.setEnabled(sized or settings.tool == "fill")
        self._slider.setEnabled(sized)
        self._size.setEnabled(sized)
        self._show_size()
        for box, wanted in ((self._label, settings.label), (self._over, settings.only_over)):
            box.setCurrentIndex(max(box.findData(wanted), 0))
        self.setEnabled(self._editing.active and not self._editing.busy)

    def _show_size(self) -> None:
        low, high = self._settings.radius_range_um
        share = math.log(self._settings.radius_um / low) / math.log(high / low)
        self._slider.blockSignals(True)
        self._slider.setValue(round(share * _SLIDER_STEPS))
        self._slider.blockSignals(False)
        self._size.blockSignals(True)
        self._size.setRange(2 * low, 2 * high)
        self._size.setValue(2 * self._settings.radius_um)
        self._size.blockSignals(False)

    @Slot()
    def _show_classes(self) -> None:
        self._label.clear()
        self._over.clear()
        self._over.addItem("anything", None)
        nothing = ClassDisplay(label=UNLABELLED, name="unlabelled", colour=_UNLABELLED_COLOUR)
        for display in (*self._view.classes, nothing):
            for box in (self._label, self._over):
                box.addItem(swatch_icon(display.colour), display.name, display.label)
        self._show()

    @Slot(int)
    def _slide(self, value: int) -> None:
        low, high = self._settings.radius_range_um
        self._settings.set_radius_um(low * (high / low) ** (value / _SLIDER_STEPS))


def _button(name: str, words: str, tip: str, picture: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(words)
    button.setAccessibleName(words)
    button.setToolTip(tip)
    button.setIcon(icon(picture))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setCheckable(True)
    button.setAutoRaise(True)
    return button


def _caption(words: str) -> QWidget:
    label = text_label("over_caption", words, words)
    label.setWordWrap(False)
    label.setContentsMargins(6, 0, 2, 0)
    return label
