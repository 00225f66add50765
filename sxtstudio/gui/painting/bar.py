"""The bar with the painting tools, shown while labels are edited."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QMenu, QToolBar, QToolButton, QWidget

from sxtstudio.core.tools.targets import Reach
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import QuietComboBox, text_label
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.settings import UNLABELLED, PaintSettings
from sxtstudio.gui.painting.toolbox import GROUPS, TOOLS, ToolName
from sxtstudio.gui.theme import icon
from sxtstudio.gui.view_state import ClassDisplay, ViewState

REACHES: dict[Reach, tuple[str, str]] = {
    "slice": ("2D", "In the slice alone (D changes)"),
    "space": ("3D", "In space: brushes are balls, objects are whole (D changes)"),
    "everywhere": ("All", "All of a class, wherever it is"),
}
_UNLABELLED_COLOUR = "#59626c"
_CLASS_PX = 140
_ICON_PX = 16
_ROOMY_PX = 1500


class PaintingBar(QToolBar):
    """Shows the settings of the tools and changes them.

    ``class_wanted`` asks for another class, ``done_wanted`` for the end of the editing.
    """

    class_wanted = Signal()
    done_wanted = Signal()

    def __init__(self, editing: Editing, view: ViewState, commands: Mapping[str, QAction]) -> None:
        super().__init__("Painting")
        self.setObjectName("painting_bar")
        self.setMovable(False)
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._editing = editing
        self._settings: PaintSettings = editing.settings
        self._view = view
        self._tools = self._tool_actions(commands)
        self._groups = {name: self._group_button(name) for name in GROUPS}
        self._reaches = self._reach_buttons()
        self._label = self._class_box()
        self._over = self._over_box()
        self._arrange([commands[name] for name in ("undo", "redo", "save_version")])
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
        for button in self._groups.values():
            button.setToolButtonStyle(words)

    # Parts

    def _tool_actions(self, commands: Mapping[str, QAction]) -> dict[ToolName, QAction]:
        """Return the commands that choose a tool; one is chosen at a time."""
        group = QActionGroup(self)
        actions: dict[ToolName, QAction] = {}
        for name in TOOLS:
            action = commands[f"tool_{name}"]
            action.setCheckable(True)
            group.addAction(action)
            actions[name] = action
        return actions

    def _group_button(self, group: str) -> QToolButton:
        """Return the button of a group: the tool of it that was used last, and a menu of all."""
        button = QToolButton()
        button.setObjectName(f"tools_{group.lower()}")
        button.setAccessibleName(f"Tools: {group}")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setAutoRaise(True)
        menu = QMenu(group, button)
        menu.setToolTipsVisible(True)
        for name, facts in TOOLS.items():
            if facts.group == group:
                menu.addAction(self._tools[name])
        button.setMenu(menu)
        self._put_on(button, menu.actions()[0])
        return button

    def _put_on(self, button: QToolButton, action: QAction) -> None:
        button.setDefaultAction(action)
        button.setText(action.text().replace("&", ""))

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

    def _arrange(self, actions: Sequence[QAction]) -> None:
        add = _button("class_add", "", "Paint with another class of the vocabulary …", "add")
        add.setCheckable(False)
        add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        add.setAccessibleName("Another class")
        add.clicked.connect(self.class_wanted)
        groups: tuple[tuple[QWidget, ...], ...] = (
            tuple(self._groups.values()),
            tuple(self._reaches.values()),
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
        facts = TOOLS[settings.tool]
        self._tools[settings.tool].setChecked(True)
        self._put_on(self._groups[facts.group], self._tools[settings.tool])
        self._reaches[settings.reach].setChecked(True)
        for reach, button in self._reaches.items():
            button.setEnabled(reach in facts.reaches)
        for box, wanted in ((self._label, settings.label), (self._over, settings.only_over)):
            box.setCurrentIndex(max(box.findData(wanted), 0))
        self.setEnabled(self._editing.active and not self._editing.busy)

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
