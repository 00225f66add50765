"""The middle of the window: three planes and the 3D view, linked by one `ViewState`."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from sxtstudio.gui.panel import Panel
from sxtstudio.gui.slices.planes import PLANES
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.gui.slices.tool import ToolInHand
from sxtstudio.gui.theme import SPACING_PX
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.viewer3d import Viewer3D

EMPTY_TITLE = "No cell on show: choose one, or drop a tomogram here"
EMPTY_HINT = "MRC, TIFF, HDF5 and AmiraMesh files can be dropped anywhere in the window"


class ViewsPanel(QWidget):
    """XY and XZ above YZ and 3D; ``hovered`` carries the voxel under the mouse, or None.

    ``tools`` holds the tool in hand of all planes.
    """

    hovered = Signal(object)

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._maximised: Panel | None = None
        self.slices = tuple(SliceView(plane, state) for plane in PLANES)
        self.viewer3d = Viewer3D(state)
        self.panels: tuple[Panel, ...] = (*self.slices, self.viewer3d)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(_empty_page())
        self._pages.addWidget(self._grid())
        self.tools = ToolInHand(self)
        self.tools.changed.connect(self._show_tool)
        self.tools.repaint_wanted.connect(self._repaint_planes)
        for view in self.slices:
            view.hovered.connect(self.hovered)
            view.tool_used.connect(self.tools.repaint_wanted)
        for panel in self.panels:
            panel.maximise_wanted.connect(lambda it=panel: self.toggle_maximised(it))
        state.volume_changed.connect(self._choose_page)
        self._choose_page()

    @property
    def maximised(self) -> Panel | None:
        """The panel that fills the whole area, if one does."""
        return self._maximised

    @property
    def is_empty(self) -> bool:
        """Whether the invitation is shown in place of the views."""
        return self._pages.currentIndex() == 0

    def toggle_maximised(self, panel: Panel) -> None:
        """Let a panel fill the whole area, or give the others their room back."""
        self._maximised = None if self._maximised is panel else panel
        for other in self.panels:
            other.setVisible(self._maximised in (None, other))
            other.set_maximised(self._maximised is other)
        panel.setFocus()

    def fit(self) -> None:
        """Show the whole volume in every view."""
        for view in self.slices:
            view.canvas.fit()
        self.viewer3d.reset()

    def _show_tool(self) -> None:
        for view in self.slices:
            view.set_tool(self.tools.tool)

    def _repaint_planes(self) -> None:
        for view in self.slices:
            view.canvas.viewport().update()

    def shutdown(self) -> None:
        """End background work and free what VTK holds; call it before the window goes."""
        self.viewer3d.shutdown()

    def _choose_page(self) -> None:
        self._pages.setCurrentIndex(0 if self._state.tomogram is None else 1)

    def _grid(self) -> QWidget:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(SPACING_PX, SPACING_PX, SPACING_PX, SPACING_PX)
        grid.setSpacing(SPACING_PX)
        for place, panel in enumerate(self.panels):
            grid.addWidget(panel, *divmod(place, 2))
        return page


def _empty_page() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(2 * SPACING_PX)
    column.addStretch(1)
    for name, text in (("emptyTitle", EMPTY_TITLE), ("emptyHint", EMPTY_HINT)):
        label = QLabel(text)
        label.setObjectName(name)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        column.addWidget(label)
    column.addStretch(1)
    return page
