"""The three orthogonal planes: which axis each cuts and which way its axes run on the screen."""

from dataclasses import dataclass

import numpy as np

from sxtstudio.gui.view_state import Voxel

AXIS_NAMES = "zyx"


@dataclass(frozen=True, kw_only=True)
class Plane:
    """A plane through the volume; ``axis``, ``right`` and ``down`` index (z, y, x).

    ``axis`` is the one it cuts at right angles. ``colour`` marks its frame, and its trace in
    the other two planes.
    """

    name: str
    axis: int
    right: int
    down: int
    colour: str

    @property
    def axis_name(self) -> str:
        """Letter of the axis that the plane cuts."""
        return AXIS_NAMES[self.axis]

    def cut(self, volume_ZYX: np.ndarray, index: int) -> np.ndarray:
        """Return one slice, contiguous, rows along ``down`` and columns along ``right``."""
        return np.ascontiguousarray(volume_ZYX[(slice(None),) * self.axis + (index,)])

    def place(self, voxel: Voxel, right: int, down: int) -> Voxel:
        """Return the voxel of this slice that lies at column ``right`` and row ``down``."""
        moved = list(voxel)
        moved[self.right], moved[self.down] = right, down
        z, y, x = moved
        return (z, y, x)

    def step(self, voxel: Voxel, steps: int) -> Voxel:
        """Return the voxel some slices further."""
        moved = list(voxel)
        moved[self.axis] += steps
        z, y, x = moved
        return (z, y, x)


# Frame colours keep away from the reds, greens, blues and magentas of the organelles.
XY = Plane(name="XY", axis=0, right=2, down=1, colour="#e8b34b")
XZ = Plane(name="XZ", axis=1, right=2, down=0, colour="#4cc5bd")
YZ = Plane(name="YZ", axis=2, right=1, down=0, colour="#b39bf5")
PLANES = (XY, XZ, YZ)
"""The planes; ``PLANES[i]`` is the one that cuts axis i of (z, y, x)."""
