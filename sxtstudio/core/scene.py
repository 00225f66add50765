"""How a cell is looked at in three dimensions: everything that a picture depends on but the cell.

Points and directions are (x, y, z), as in the files of other 3D programs; lengths are µm.
"""

from dataclasses import dataclass
from typing import Literal

Background = Literal["dark", "white", "transparent"]
Point = tuple[float, float, float]
"""A place in µm or a direction, (x, y, z)."""


@dataclass(frozen=True, kw_only=True)
class ClassStyle:
    """How one class is drawn: ``colour`` is ``#rrggbb``, ``opacity`` 0 (glass) to 1 (solid)."""

    label: int
    name: str
    colour: str
    opacity: float = 1.0
    visible: bool = True


@dataclass(frozen=True, kw_only=True)
class Camera:
    """Where one looks from and to; ``parallel_scale_um`` is half the picture's height in µm."""

    position_um: Point
    focus_um: Point
    up: Point = (0.0, 0.0, 1.0)
    view_angle_deg: float = 24.0
    parallel_scale_um: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ClipPlane:
    """A plane through ``point_um``; what lies in the direction of ``normal`` is kept."""

    point_um: Point
    normal: Point


@dataclass(frozen=True, kw_only=True)
class Clipping:
    """What is cut away: all outside a box, given in shares (0–1) of the volume, and planes."""

    low: Point = (0.0, 0.0, 0.0)
    high: Point = (1.0, 1.0, 1.0)
    planes: tuple[ClipPlane, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TransferPoint:
    """What LAC looks like: ``opacity`` (0–1) is that of a layer of a tenth of a micrometre."""

    lac_per_um: float
    opacity: float
    colour: str


@dataclass(frozen=True, kw_only=True)
class TransferFunction:
    """How LAC is drawn as a volume: straight lines between points, the lowest LAC first.

    With ``edges``, only places where LAC changes are drawn: membranes, and what they enclose.
    """

    name: str
    points: tuple[TransferPoint, ...]
    edges: bool = False


@dataclass(frozen=True, kw_only=True)
class Slices:
    """Planes of the tomogram within the scene: index of a voxel along (z, y, x), or None.

    ``lac_window`` is the LAC (µm⁻¹) drawn black and that drawn white.
    """

    voxel: tuple[int | None, int | None, int | None] = (None, None, None)
    lac_window: tuple[float, float] = (0.0, 0.5)


@dataclass(frozen=True, kw_only=True)
class Colouring:
    """Objects coloured by a measurement: the name of its column, and its span (None: all of it)."""

    column: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Scene:
    """How a cell is looked at; a scene without camera frames what there is to see."""

    styles: tuple[ClassStyle, ...] = ()
    camera: Camera | None = None
    background: Background = "dark"
    scale_bar: bool = True
    axes: bool = True
    legend: bool = False
    surfaces: bool = True
    parallel: bool = False
    occlusion: bool = False
    clipping: Clipping = Clipping()
    volume: TransferFunction | None = None
    slices: Slices = Slices()
    colouring: Colouring | None = None


@dataclass(frozen=True, kw_only=True)
class Film:
    """A film of a scene: ``seconds`` long, at so many pictures a second.

    Without ``keys`` the camera turns about the cell by ``turn_deg``, around what is up; with keys
    it moves from one to the next, the same time for each way.
    """

    seconds: float = 8.0
    pictures_per_second: int = 25
    turn_deg: float = 360.0
    keys: tuple[Camera, ...] = ()
