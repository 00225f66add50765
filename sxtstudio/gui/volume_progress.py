"""How far the copies of a large volume are, in the status bar, with a button to stop."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from sxtstudio.core.events import Progress
from sxtstudio.gui.large_volumes import LargeVolumes


class VolumeProgress(QWidget):
    """Shown only while something is being made."""

    def __init__(self, volumes: LargeVolumes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("volume_progress")
        self.words = QLabel()
        self.words.setObjectName("volume_progress_words")
        self.button = QToolButton()
        self.button.setObjectName("volume_progress_stop")
        self.button.setText("Stop")
        self.button.setToolTip("Do without; the planes can be looked at all the same")
        self.button.clicked.connect(volumes.stop_copying)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.words)
        row.addWidget(self.button)
        volumes.reported.connect(self._show)
        self.hide()

    @Slot(object)
    def _show(self, progress: Progress | None) -> None:
        self.setVisible(progress is not None)
        if progress is not None and progress.fraction is not None:
            self.words.setText(f"{progress.text}: {progress.fraction:.0%}")
