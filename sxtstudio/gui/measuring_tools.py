"""What the measuring tools of the planes do with the points they get."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.gui.oblique_window import ObliqueWindow
from sxtstudio.gui.profile_window import ProfileWindow
from sxtstudio.gui.slices.measure_tool import Kind, MeasureTool
from sxtstudio.gui.slices.measurements import lac_along
from sxtstudio.gui.slices.oblique import plane_through
from sxtstudio.gui.slices.tool import Point
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.views import ViewsPanel

_COMMANDS: dict[str, Kind] = {
    "measure_line": "line",
    "measure_angle": "angle",
    "measure_profile": "profile",
    "oblique": "oblique",
}


class MeasuringTools(QObject):
    """Takes a tool in hand, or puts it away; ``noted`` tells what was measured."""

    noted = Signal(str)

    def __init__(self, state: ViewState, views: ViewsPanel) -> None:
        super().__init__(views)
        self._state, self._views = state, views
        self._profile: ProfileWindow | None = None
        self._oblique: ObliqueWindow | None = None
        state.volume_changed.connect(self._put_away)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {name: partial(self.toggle, kind) for name, kind in _COMMANDS.items()}

    def toggle(self, kind: Kind) -> None:
        """Take the tool of a kind in hand, or put it away."""
        tools = self._views.tools
        in_hand = tools.tool
        if isinstance(in_hand, MeasureTool) and in_hand.kind == kind:
            tools.take(None)
        else:
            tools.take(MeasureTool(kind, self._state, self._measured, self._put_away))

    def _put_away(self) -> None:
        # Points of one volume mean nothing in another.
        if isinstance(self._views.tools.tool, MeasureTool):
            self._views.tools.take(None)

    def _measured(self, kind: Kind, points: tuple[Point, ...]) -> None:
        tomogram, tool = self._state.tomogram, self._views.tools.tool
        if tomogram is None or not isinstance(tool, MeasureTool):
            return
        if kind == "profile":
            first, second = points
            if self._profile is None:
                self._profile = ProfileWindow(self._views)
            profile = lac_along(tomogram.lac_ZYX, first, second, tomogram.voxel_size_um)
            self._profile.show_profile(profile)
        elif kind == "oblique":
            self._show_oblique(points)
        else:
            self.noted.emit(f"{tool.name}: {tool.words()}")

    def _show_oblique(self, points: tuple[Point, ...]) -> None:
        tomogram = self._state.tomogram
        assert tomogram is not None
        try:
            plane = plane_through(points, tomogram.shape, tomogram.voxel_size_um)
        except SxtError as error:
            self.noted.emit(str(error))
            return
        if self._oblique is None:
            self._oblique = ObliqueWindow(self._state, self._views)
        self._oblique.show_plane(plane)
