"""LAC along a line, plotted, to be copied or saved as CSV."""

from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.slices.measurements import Profile, profile_csv
from sxtstudio.gui.theme import tones
from sxtstudio.gui.theme_plot import ThemedPlot
from sxtstudio.io.files import write_atomically

_SIZE = (560, 320)


class ProfileWindow(QDialog):
    """A window that stays while others are worked in; each profile replaces the last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("profile_window")
        self.setWindowTitle("LAC along a line")
        self.resize(*_SIZE)
        self._profile: Profile | None = None
        self._words = ""
        self.plot = ThemedPlot()
        self.plot.setAccessibleName("LAC along a line")
        self.plot.setLabel("bottom", "distance (µm)")
        self.plot.setLabel("left", "LAC (µm⁻¹)")
        self.plot.showGrid(x=True, y=True, alpha=0.15)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        for side in ("left", "bottom"):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
        self._line = self.plot.plot([], [])
        self.plot.themed.connect(self._ink)
        self._ink()
        self.summary = text_label("profile_summary", "What the profile says")
        self.copy = push_button("copy_profile", "Copy as CSV", "Distance and LAC of every point")
        self.copy.clicked.connect(self._copy)
        self.save = push_button(
            "save_profile", "Save CSV …", "Save distance and LAC of every point as CSV"
        )
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.addWidget(self.summary, stretch=1)
        for button in (self.copy, self.save):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.addWidget(self.plot, stretch=1)
        column.addLayout(row)

    def show_profile(self, profile: Profile) -> None:
        """Plot a profile."""
        self._profile = profile
        self._line.setData(profile.distance_um, profile.lac_per_um)
        lac = profile.lac_per_um
        self._words = (
            f"{profile.distance_um[-1]:.3f} µm long, LAC {lac.min():.3f} to {lac.max():.3f} µm⁻¹, "
            f"mean {lac.mean():.3f} µm⁻¹"
        )
        self.summary.setText(self._words)
        self.show()
        self.raise_()

    def _ink(self) -> None:
        self._line.setPen(pg.mkPen(tones().accent, width=2))

    def _copy(self) -> None:
        if self._profile is not None:
            QGuiApplication.clipboard().setText(profile_csv(self._profile))
            self._tell("copied")

    @Slot()
    def _save(self) -> None:
        """Ask where to, and write the numbers."""
        if self._profile is None:
            return
        proposal = Path.home() / "profile.csv"
        path = messages.choose_new_file(self, "Save the profile", proposal, ["CSV (*.csv)"])
        if path is None:
            return
        try:
            with write_atomically(path) as part:
                part.write_text(profile_csv(self._profile), encoding="utf-8")
        except SxtError as error:
            messages.show_error(self, "The profile cannot be saved", str(error))
        else:
            self._tell(f"saved as {path.name}")

    def _tell(self, words: str) -> None:
        self.summary.setText(f"{self._words} – {words}")
