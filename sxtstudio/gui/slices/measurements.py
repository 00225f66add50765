"""Lengths, angles and LAC along lines between places in a volume: plain geometry."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from sxtstudio.core.volume import LacArray, VoxelSize
from sxtstudio.gui.slices.tool import Point

_SAMPLES_PER_VOXEL = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """LAC along a straight line: ``lac_per_um`` at ``distance_um`` from its first end."""

    distance_um: np.ndarray
    lac_per_um: np.ndarray


def length_um(first: Point, second: Point, voxel_size_um: VoxelSize) -> float:
    """Return the distance of two places."""
    return math.dist(_um(first, voxel_size_um), _um(second, voxel_size_um))


def angle_deg(first: Point, corner: Point, second: Point, voxel_size_um: VoxelSize) -> float:
    """Return the angle (0 to 180) at ``corner`` between the lines to the two other places."""
    at = np.array(_um(corner, voxel_size_um))
    one, other = (np.array(_um(end, voxel_size_um)) - at for end in (first, second))
    # The arc tangent stays exact where the cosine is flat.
    return math.degrees(
        math.atan2(float(np.linalg.norm(np.cross(one, other))), float(np.dot(one, other)))
    )


def lac_along(lac_ZYX: LacArray, first: Point, second: Point, voxel_size_um: VoxelSize) -> Profile:
    """Return the LAC on a line, interpolated linearly, about twice a voxel.

    Ends beside the volume are moved to its faces.
    """
    last = np.array(lac_ZYX.shape) - 1
    ends = [np.clip(np.array(place, float), 0, last) for place in (first, second)]
    steps = max(math.ceil(_SAMPLES_PER_VOXEL * float(np.abs(ends[1] - ends[0]).max())), 1)
    places = np.linspace(ends[0], ends[1], steps + 1)
    low = np.floor(places.min(axis=0)).astype(int)
    high = np.ceil(places.max(axis=0)).astype(int) + 1
    # Only the box around the line is read from a volume that stays in its file.
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    box_ZYX = np.asarray(lac_ZYX[box])
    lac = map_coordinates(box_ZYX, (places - low).T, order=1, mode="nearest")
    um = (places - places[0]) * np.array(voxel_size_um)
    return Profile(distance_um=np.linalg.norm(um, axis=1), lac_per_um=lac)


def profile_csv(profile: Profile) -> str:
    """Return a profile as CSV with a header."""
    rows = zip(profile.distance_um, profile.lac_per_um, strict=True)
    lines = ["distance_um,lac_per_um", *(f"{um:.5f},{lac:.5f}" for um, lac in rows)]
    return "\n".join(lines) + "\n"


def _um(place: Point, voxel_size_um: VoxelSize) -> tuple[float, ...]:
    return tuple(i * edge for i, edge in zip(place, voxel_size_um, strict=True))
