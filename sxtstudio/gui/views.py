"""The middle of the window: three planes and the 3D view, linked by one `ViewState`."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.gui.panel import Panel
from sxtstudio.gui.slices.overlays import Overlays
from sxtstudio.gui.slices.planes import PLANES
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.gui.slices.tool import ToolInHand
from sxtstudio.gui.theme import SPACING_PX
from sxtstudio.gui.undocked import UndockedView
from sxtstudio.gui.view_layouts import Layout, column_shares, places
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.viewer3d import Viewer3D

EMPTY_TITLE = "No cell on show: choose one, or drop a tomogram here"
EMPTY_HINT = "MRC, TIFF, HDF5 and AmiraMesh files can be dropped anywhere in the window"


class ViewsPanel(QWidget):
    """XY, XZ, YZ and 3D in one of the layouts; ``hovered`` carries the voxel under the mouse.

    ``tools`` holds the tool in hand of all planes, ``overlays`` what lies over them. The main view
    is the one that is large where the layout has a large one.
    """

    hovered = Signal(object)
    layout_changed = Signal()

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._layout: Layout = "four"
        self._before: Layout = "four"
        self._main = 0
        self._undocked: dict[Panel, UndockedView] = {}
        self.overlays = Overlays(self)
        self.slices = tuple(SliceView(plane, state, self.overlays) for plane in PLANES)
        self.viewer3d = Viewer3D(state)
        self.panels: tuple[Panel, ...] = (*self.slices, self.viewer3d)
        self._page, self._grid = _grid_page()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(_empty_page())
        self._pages.addWidget(self._page)
        self.tools = ToolInHand(self)
        self._connect()
        self._arrange()
        self._choose_page()

    def _connect(self) -> None:
        self.tools.changed.connect(self._show_tool)
        self.tools.repaint_wanted.connect(self._repaint_planes)
        for view in self.slices:
            view.hovered.connect(self.hovered)
            view.tool_used.connect(self.tools.repaint_wanted)
        for panel in self.panels:
            panel.maximise_wanted.connect(lambda it=panel: self.toggle_maximised(it))
            panel.undock_wanted.connect(lambda it=panel: self.toggle_undocked(it))
            panel.set_undocked(False)
        self._state.volume_changed.connect(self._choose_page)

    @property
    def view_layout(self) -> Layout:
        """How the views share the room."""
        return self._layout

    @property
    def main(self) -> int:
        """Number of the main view."""
        return self._main

    @property
    def in_use(self) -> SliceView | Viewer3D:
        """The view that has the focus, or else the main one."""
        number = self._in_use()
        return self.slices[number] if number < len(self.slices) else self.viewer3d

    @property
    def maximised(self) -> Panel | None:
        """The panel that fills the whole area, if one does."""
        panel = self.panels[self._main]
        return panel if self._layout == "one" and panel not in self._undocked else None

    @property
    def is_empty(self) -> bool:
        """Whether the invitation is shown in place of the views."""
        return self._pages.currentIndex() == 0

    def set_layout(self, layout: Layout, main: int | None = None) -> None:
        """Share the room in another way; the main view is by default the one in use."""
        main = self._in_use() if main is None else main
        if layout == "one" and self._layout != "one":
            self._before = self._layout
        self._layout, self._main = layout, main
        self._arrange()
        if not self.panels[main].isHidden():
            self.panels[main].setFocus()
        self.layout_changed.emit()

    def toggle_maximised(self, panel: Panel) -> None:
        """Let a panel fill the whole area, or give the others their room back."""
        if panel in self._undocked:
            return
        layout = self._before if self.maximised is panel else "one"
        self.set_layout(layout, self.panels.index(panel))

    def toggle_undocked(self, panel: Panel) -> None:
        """Give a panel a window of its own, or take it back among the others."""
        window = self._undocked.pop(panel, None)
        if window is not None:
            panel.set_undocked(False)
            self._arrange()
            window.deleteLater()
            return
        if self.maximised is panel:
            self._layout = self._before
        window = self._undocked[panel] = UndockedView(panel, self)
        window.closed.connect(lambda: self._dock(panel))
        window.addActions(self.actions())
        panel.set_undocked(True)
        self._arrange()
        window.show()

    def undock_in_use(self) -> None:
        """Give the view in use a window of its own."""
        self.toggle_undocked(self.panels[self._in_use()])

    def fit(self) -> None:
        """Show the whole volume in every view."""
        for view in self.slices:
            view.canvas.fit()
        self.viewer3d.reset()

    def shutdown(self) -> None:
        """End background work and free what VTK holds; call it before the window goes."""
        self.dock_all()
        self.viewer3d.shutdown()

    def dock_all(self) -> None:
        """Take back every view that has a window of its own."""
        for panel in tuple(self._undocked):
            self._dock(panel)

    def _dock(self, panel: Panel) -> None:
        if panel in self._undocked:
            self.toggle_undocked(panel)

    def _in_use(self) -> int:
        # While a palette gives the keys back, the window only knows who will have them.
        focus = QApplication.focusWidget() or self.window().focusWidget()
        focused = [i for i, it in enumerate(self.panels) if focus and it.isAncestorOf(focus)]
        return focused[0] if focused else self._main

    def _arrange(self) -> None:
        there = tuple(i for i, panel in enumerate(self.panels) if panel not in self._undocked)
        shown = places(self._layout, self._main, there)
        for number in there:
            panel = self.panels[number]
            self._grid.removeWidget(panel)
            if number in shown:
                self._grid.addWidget(panel, *shown[number])
            panel.setParent(self._page)
            panel.setVisible(number in shown)
            panel.set_maximised(self._layout == "one" and number in shown)
        for column, share in enumerate(column_shares(self._layout, shown)):
            self._grid.setColumnStretch(column, share)
        rows = max((place.row + place.rows for place in shown.values()), default=0)
        for row in range(len(self.panels)):
            self._grid.setRowStretch(row, int(row < rows))

    def _show_tool(self) -> None:
        for view in self.slices:
            view.set_tool(self.tools.tool)

    def _repaint_planes(self) -> None:
        for view in self.slices:
            view.canvas.viewport().update()

    def _choose_page(self) -> None:
        self._pages.setCurrentIndex(0 if self._state.tomogram is None else 1)


def _grid_page() -> tuple[QWidget, QGridLayout]:
    page = QWidget()
    grid = QGridLayout(page)
    grid.setContentsMargins(SPACING_PX, SPACING_PX, SPACING_PX, SPACING_PX)
    grid.setSpacing(SPACING_PX)
    return page, grid


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
