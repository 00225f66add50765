"""What is asked of a tool: its name, its settings, where the mouse was, and on which arrays."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sxtstudio.core.brush import Position
from sxtstudio.core.region import Voxel
from sxtstudio.core.tools.combining import Combination
from sxtstudio.core.tools.targets import Reach
from sxtstudio.core.volume import LacArray, VoxelSize

FinderName = Literal[
    "lasso", "polygon", "fill", "region", "threshold", "watershed", "walker",
    "relabel", "delete", "split", "merge", "largest", "small",
    "grow", "shrink", "smooth", "holes", "interpolate", "copy", "combine",
]  # fmt: skip
"""The tools that look for voxels; brush and eraser paint where they are."""


@dataclass(frozen=True, kw_only=True)
class ToolOptions:
    """The settings of the tools; lengths are µm, LAC µm⁻¹.

    ``tolerance_per_um`` 0 lets a fill go by labels alone. ``deviations`` is how many standard
    deviations a growing region takes, ``grain_um`` the size of the watershed's basins, ``depth``
    how much thicker than its neck a part must be (share of the thickness), ``edges`` how much a
    random walker minds a change of LAC. ``step`` is the slice that is copied to, ``other`` the
    label that is combined with.
    """

    range_per_um: tuple[float, float] = (0.0, 1.0)
    tolerance_per_um: float = 0.0
    deviations: float = 2.5
    distance_um: float = 0.1
    smallest_um3: float = 0.01
    grain_um: float = 0.3
    depth: float = 0.1
    edges: float = 10.0
    step: int = 1
    combination: Combination = "unite"
    other: int = 0
    preview: bool = True
    pressure: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """``voxel`` is where the mouse was last; ``line`` is the way it went, ``first`` where it began.

    ``axis`` is that of the plane it was in; ``value`` is the label to paint with and ``radius_um``
    the brush.
    """

    tool: FinderName
    labels_ZYX: np.ndarray
    lac_ZYX: LacArray
    voxel_size_um: VoxelSize
    axis: int
    voxel: Voxel
    value: int
    reach: Reach
    radius_um: float
    options: ToolOptions
    first: Voxel | None = None
    line: tuple[Position, ...] = field(default=())
