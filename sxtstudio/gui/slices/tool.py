"""What a tool in the planes is: it hears the mouse before the plane does, and paints over it."""

# ruff: noqa: ARG002 (what a tool does not override takes its arguments and does nothing)

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QPainter

from sxtstudio.gui.slices.planes import Plane

Point = tuple[float, float, float]
"""A place in the volume, (z, y, x) in voxels; whole numbers are the middles of voxels."""

ToScreen = Callable[[Point], QPointF]
"""Where a place in the volume, projected onto the plane, lies in the plane's area (pixels)."""


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """What else is known of the mouse: ``held`` is whether the left button is down.

    ``sizing`` tells that the wheel turns as it does to change the size of a tool.
    """

    held: bool
    double: bool = False
    sizing: bool = False
    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    pressure: float = 1.0


class Tool(Protocol):
    """A tool; subclass it explicitly, and what is not overridden does nothing.

    ``name`` and ``hint`` are words for the user. Each of the methods that hear something returns
    whether it made use of it; what it did not use the plane takes as if there were no tool. A
    place may lie beside the volume. Only the left button is heard: the middle one and Space pan,
    the right one sets the LAC window. All planes are painted anew after whatever a tool used.
    """

    name: str
    hint: str

    def press(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Hear the left button go down."""
        return False

    def move(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Hear the mouse move, the left button held or none."""
        return False

    def release(self, voxel: Point, plane: Plane, pointer: Pointer) -> bool:
        """Hear the left button come up."""
        return False

    def wheel(self, steps: int, plane: Plane, pointer: Pointer) -> bool:
        """Hear the wheel turn by whole steps, away from the user is positive."""
        return False

    def key(self, key: int, plane: Plane, pointer: Pointer) -> bool:
        """Hear a key (of `Qt.Key`) go down."""
        return False

    def leave(self) -> None:
        """Hear that the mouse is over no plane."""

    def paint(self, painter: QPainter, plane: Plane, to_screen: ToScreen) -> None:
        """Paint over a plane, in the pixels of its area."""

    def activate(self) -> None:
        """Start to be the tool in hand."""

    def deactivate(self) -> None:
        """Stop being the tool in hand; what was begun is given up."""


class ToolInHand(QObject):
    """The one tool that all planes share, or none; ``repaint_wanted`` when it looks different."""

    changed = Signal()
    repaint_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tool: Tool | None = None

    @property
    def tool(self) -> Tool | None:
        """The tool, None where a click moves the crosshair."""
        return self._tool

    def take(self, tool: Tool | None) -> None:
        """Put the tool in hand away and take another."""
        if tool is self._tool:
            return
        if self._tool is not None:
            self._tool.deactivate()
        self._tool = tool
        if tool is not None:
            tool.activate()
        self.changed.emit()
        self.repaint_wanted.emit()
