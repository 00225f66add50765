"""What the painting tools are set to: tool, reach, size, class, and what may be painted over."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.scope import Slices
from sxtstudio.core.tools.request import ToolOptions
from sxtstudio.core.tools.targets import Reach
from sxtstudio.core.volume import VoxelSize, voxel_volume_um3
from sxtstudio.gui.painting.toolbox import TOOLS, ToolName

UNLABELLED = 0
_FIRST_RADIUS_VOXELS = 5
_LARGEST_RADIUS_VOXELS = 100
_STEP = 1.15
_FIRST_LENGTH_VOXELS = 2
_FIRST_GRAIN_VOXELS = 10
_FIRST_SMALLEST_VOXELS = 64


class PaintSettings(QObject):
    """Shared by the tools, the bar and the class list; ``changed`` tells that anything is another.

    Lengths are micrometres. ``label`` is the class that is painted with, 0 for unlabelled.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._active = False
        self._tool: ToolName = "look"
        self._reach: Reach = "slice"
        self._label = UNLABELLED
        self._locked: frozenset[int] = frozenset()
        self._only_over: int | None = None
        self._options = ToolOptions()
        self._planned: Slices | None = None
        self._smallest_um, self._largest_um = 0.01, 1.0
        self._radius_um = 0.1

    @property
    def active(self) -> bool:
        """Whether labels are being edited, so that any of this matters."""
        return self._active

    @property
    def tool(self) -> ToolName:
        """The tool that the left mouse button uses in a plane."""
        return self._tool

    def set_tool(self, tool: ToolName) -> None:
        """Take another tool."""
        if tool != self._tool:
            self._tool = tool
            self.changed.emit()

    @property
    def reach(self) -> Reach:
        """Whether a tool stays in the slice, goes into space, or takes a whole class."""
        allowed = TOOLS[self._tool].reaches
        return self._reach if self._reach in allowed or not allowed else allowed[-1]

    def set_reach(self, reach: Reach) -> None:
        """Let tools reach as far as this."""
        if reach != self._reach:
            self._reach = reach
            self.changed.emit()

    def swap_reach(self) -> None:
        """Let the tool reach in space instead of in the slice, or the other way round."""
        allowed = TOOLS[self._tool].reaches
        others = [reach for reach in ("space", "everywhere") if reach in allowed]
        if self.reach == "slice" and others:
            self.set_reach("space" if "space" in others else "everywhere")
        else:
            self.set_reach("slice")

    @property
    def label(self) -> int:
        """The label that is painted with."""
        return self._label

    def set_label(self, label: int) -> None:
        """Paint with another label; the eraser gives way to the brush."""
        tool: ToolName = "brush" if self._tool == "eraser" and label else self._tool
        if (label, tool) != (self._label, self._tool):
            self._label, self._tool = label, tool
            self.changed.emit()

    @property
    def value(self) -> int:
        """What the tool writes: the label, or nothing for the eraser."""
        return UNLABELLED if self._tool == "eraser" else self._label

    @property
    def locked(self) -> frozenset[int]:
        """Labels that are never painted over."""
        return self._locked

    def set_locked(self, label: int, *, locked: bool) -> None:
        """Lock a label, or open it."""
        changed = self._locked | {label} if locked else self._locked - {label}
        if changed != self._locked:
            self._locked = changed
            self.changed.emit()

    @property
    def only_over(self) -> int | None:
        """The only label that is painted over, None for any."""
        return self._only_over

    def set_only_over(self, label: int | None) -> None:
        """Paint over one label only, or over any."""
        if label != self._only_over:
            self._only_over = label
            self.changed.emit()

    @property
    def options(self) -> ToolOptions:
        """What the tools are set to beside that."""
        return self._options

    def set_options(self, options: ToolOptions) -> None:
        """Set the tools in another way."""
        if options != self._options:
            self._options = options
            self.changed.emit()

    @property
    def planned(self) -> Slices | None:
        """The slices that are to be drawn, None where nobody said which."""
        return self._planned

    def plan(self, slices: Slices) -> None:
        """Draw these slices; a version that is saved is proposed to be complete in them alone."""
        self._planned = slices

    @property
    def radius_um(self) -> float:
        """Radius of brush and eraser."""
        return self._radius_um

    @property
    def radius_range_um(self) -> tuple[float, float]:
        """The smallest radius (half a voxel) and the largest."""
        return self._smallest_um, self._largest_um

    def set_radius_um(self, radius_um: float) -> None:
        """Take a brush of another size, as far as sizes go."""
        radius_um = min(max(radius_um, self._smallest_um), self._largest_um)
        if radius_um != self._radius_um:
            self._radius_um = radius_um
            self.changed.emit()

    def grow(self, steps: float) -> None:
        """Make the brush larger by some steps of 15 %, or smaller."""
        self.set_radius_um(self._radius_um * _STEP**steps)

    def begin(self, voxel_size_um: VoxelSize, label: int) -> None:
        """Fit sizes to a volume, choose the first class and take the brush; nothing is locked."""
        edge_um = min(voxel_size_um)
        self._smallest_um, self._largest_um = edge_um / 2, edge_um * _LARGEST_RADIUS_VOXELS
        if not self._smallest_um < self._radius_um < self._largest_um / 4:
            self._radius_um = edge_um * _FIRST_RADIUS_VOXELS
        self._radius_um = max(self._radius_um, self._smallest_um)
        self._options = replace(
            self._options,
            distance_um=_FIRST_LENGTH_VOXELS * edge_um,
            grain_um=_FIRST_GRAIN_VOXELS * edge_um,
            smallest_um3=_FIRST_SMALLEST_VOXELS * voxel_volume_um3(voxel_size_um),
            other=UNLABELLED,
        )
        self._locked, self._only_over = frozenset(), None
        self._label, self._tool, self._reach = label, "brush", "slice"
        self._active = True
        self.changed.emit()

    def end(self) -> None:
        """Put the tools down."""
        self._planned = None
        self._locked, self._only_over, self._tool = frozenset(), None, "look"
        self._active = False
        self.changed.emit()
