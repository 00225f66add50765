"""Fields that the dialogs of jobs share: network, time, device."""

import os
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox

from sxtstudio.gui.fields import QuietComboBox
from sxtstudio.gui.session import Session
from sxtstudio.workflow.jobs import NETWORK_SUFFIX

NETWORK_FILTERS = (f"Networks (*{NETWORK_SUFFIX})",)
_DEVICES = (
    ("Automatic: the graphics card if it can be used", "auto"),
    ("Processor", "cpu"),
    ("NVIDIA graphics card", "cuda"),
)


def network_combo(session: Session) -> QComboBox:
    """Return a box with the networks of the project, the newest first; its data are their paths."""
    combo = QuietComboBox()
    combo.setObjectName("network_combo")
    combo.setAccessibleName("Network")
    for network in reversed(session.networks()):
        path = Path(network.path)
        combo.addItem(f"{path.stem} (task {network.task})", path)
    return combo


def minutes_box(minutes: float, longest: float) -> QDoubleSpinBox:
    """Return a box for the minutes that a training may take."""
    box = QDoubleSpinBox()
    box.setObjectName("minutes_box")
    box.setAccessibleName("Minutes to train")
    box.setRange(0.1, longest)
    box.setDecimals(1)
    box.setValue(minutes)
    box.setSuffix(" min")
    return box


def device_combo() -> QComboBox:
    """Return a box to choose where to compute; its data are auto, cpu and cuda."""
    combo = QuietComboBox()
    combo.setObjectName("device_combo")
    combo.setAccessibleName("Computed on")
    for words, device in _DEVICES:
        combo.addItem(words, device)
    return combo


def spare_threads() -> int:
    """Return how many threads a job beside the window may use: one core stays free."""
    return max(1, (os.cpu_count() or 2) - 1)
