"""Slices of a cell with labels from a file over them; one plane may fill the room of all."""

from collections.abc import Iterable

from PySide6.QtWidgets import QGridLayout, QWidget

from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.slices.planes import PLANES
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.gui.theme import SPACING_PX
from sxtstudio.gui.view_state import ClassDisplay, ViewState, Voxel


class LabelPictures(QWidget):
    """XY above, XZ and YZ below; whoever shows it closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ViewState(self)
        self.slices = tuple(SliceView(plane, self.view) for plane in PLANES)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACING_PX)
        grid.addWidget(self.slices[0], 0, 0, 1, 2)
        grid.addWidget(self.slices[1], 1, 0)
        grid.addWidget(self.slices[2], 1, 1)
        grid.setRowStretch(0, 3)
        grid.setRowStretch(1, 2)
        for view in self.slices:
            view.maximise_wanted.connect(lambda it=view: self._toggle_maximised(it))

    def show_cell(self, tomogram: Tomogram) -> None:
        """Show the middle of a cell."""
        self.view.show(tomogram)

    def show_labels(self, label_map: LabelMap, middle: Voxel) -> None:
        """Show labels of that cell, and the planes through a voxel."""
        self.view.set_labels(label_map)
        self.view.set_cursor(middle)

    def draw(self, displays: Iterable[ClassDisplay]) -> None:
        """Draw the labels, if there are any, in these colours."""
        if self.view.label_map is not None:
            self.view.set_classes(displays)

    def shutdown(self) -> None:
        """Wait for what is being read."""
        self.view.reader.close()

    def _toggle_maximised(self, view: SliceView) -> None:
        """Let one plane fill the place of all three, or give the others their room back."""
        alone = all(it.isVisible() for it in self.slices)
        for it in self.slices:
            it.setVisible(it is view or not alone)
            it.set_maximised(it is view and alone)
