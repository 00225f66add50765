"""A strip of controls above the class list: how labels lie over the planes."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from sxtstudio.gui.class_list import OpacitySlider
from sxtstudio.gui.slices.overlays import Overlays

_ICON_PX = 18
_BUTTONS = ("overlay", "outline", "uncertainty", "novelty", "compare")


class OverlayBar(QWidget):
    """Buttons of the commands about overlays, and how much labels cover the LAC."""

    def __init__(self, overlays: Overlays, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("overlay_bar")
        self._overlays = overlays
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 8, 4)
        row.setSpacing(3)
        for name in _BUTTONS:
            row.addWidget(_button(actions[name]))
        row.addSpacing(8)
        words = QLabel("Fill")
        words.setObjectName("panelHint")
        row.addWidget(words)
        self.slider = OpacitySlider()
        self.slider.setAccessibleName("How much labels cover the planes")
        self.slider.setToolTip("How much filled labels cover the planes")
        row.addWidget(self.slider, stretch=1)
        self.slider.valueChanged.connect(lambda percent: overlays.set_strength(percent / 100))
        overlays.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * self._overlays.strength))
        self.slider.blockSignals(False)


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(_ICON_PX, _ICON_PX))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setAccessibleName(action.text().replace("&", ""))
    return button
