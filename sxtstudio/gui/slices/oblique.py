"""A plane through any three points of a volume, and what a volume holds on it."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.ndimage import map_coordinates

from sxtstudio.core.errors import LabelError
from sxtstudio.core.volume import VoxelSize
from sxtstudio.gui.slices.tool import Point

_FLAT = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class ObliquePlane:
    """A plane cut to the volume: all vectors are (z, y, x) in µm.

    ``corner_um`` is its upper left pixel; one pixel to the right or down is ``pixel_um`` along
    ``right`` or ``down``, unit vectors at right angles. ``reach_um`` is how far the plane can be
    moved along its ``normal``, back and forth, before it leaves the volume.
    """

    corner_um: np.ndarray
    right: np.ndarray
    down: np.ndarray
    normal: np.ndarray
    pixels: tuple[int, int]
    pixel_um: float
    reach_um: tuple[float, float]
    voxel_size_um: VoxelSize

    def cut(
        self, volume_ZYX: np.ndarray, offset_um: float = 0.0, *, order: int = 1, factor: int = 1
    ) -> np.ndarray:
        """Return the values on the plane, moved along its normal; 0 beside the volume.

        ``order`` 1 interpolates linearly, 0 takes the nearest voxel as labels need it. ``factor``
        tells over how many voxels along each axis the values are means.
        """
        rows, columns = self.pixels
        corner = self.corner_um + offset_um * self.normal
        down = np.arange(rows)[:, None, None] * self.pixel_um * self.down
        right = np.arange(columns)[None, :, None] * self.pixel_um * self.right
        # Rounded, or the volume's own faces would lie beside it by a hair.
        places = np.round((corner + down + right) / np.array(self.voxel_size_um), 6)
        places = (places + 0.5) / factor - 0.5
        return map_coordinates(volume_ZYX, np.moveaxis(places, -1, 0), order=order, cval=0)


def plane_through(
    points: tuple[Point, ...], shape: tuple[int, int, int], voxel_size_um: VoxelSize
) -> ObliquePlane:
    """Return the plane through three places (voxels), as large as the volume allows.

    Raises
    ------
    LabelError
        If the places lie on one line.
    """
    size_um = np.array(voxel_size_um, float)
    first, second, third = (np.array(point) * size_um for point in points)
    normal = np.cross(second - first, third - first)
    if np.linalg.norm(normal) < _FLAT * float(size_um.min()) ** 2:
        raise LabelError("These three points lie on one line; click three that span a plane.")
    normal /= np.linalg.norm(normal)
    right = (second - first) / np.linalg.norm(second - first)
    down = np.cross(normal, right)
    corners = np.array(list(product(*((0, (n - 1)) for n in shape)))) * size_um
    away = (corners - first) @ normal
    pixel_um = float(size_um.min())
    crossing = _crossing(corners, away)
    across, along = ((crossing - first) @ axis for axis in (right, down))
    columns, rows = (int(np.ptp(it) / pixel_um + _FLAT) + 1 for it in (across, along))
    return ObliquePlane(
        corner_um=first + across.min() * right + along.min() * down,
        right=right,
        down=down,
        normal=normal,
        pixels=(rows, columns),
        pixel_um=pixel_um,
        reach_um=(float(away.min()), float(away.max())),
        voxel_size_um=voxel_size_um,
    )


def _crossing(corners: np.ndarray, away: np.ndarray) -> np.ndarray:
    """Return where a plane crosses the edges of a box, from the corners' distances to it."""
    found: list[np.ndarray] = []
    for a, b in ((i, j) for i in range(8) for j in range(i) if (i ^ j) in (1, 2, 4)):
        if away[a] * away[b] <= 0 and away[a] != away[b]:
            found.append(corners[a] + (corners[b] - corners[a]) * away[a] / (away[a] - away[b]))
    # A plane that holds a whole face crosses at its corners.
    found += [corner for corner, far in zip(corners, away, strict=True) if far == 0]
    return np.array(found or corners)
