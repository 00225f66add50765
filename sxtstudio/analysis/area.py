"""Surface areas of labelled objects on a grid of voxels, all objects at once."""

import itertools

import numpy as np

from sxtstudio.core.volume import VoxelSize

_SIGMA = 1.0
_REACH = 2.51  # just above 2.5, where a cubic grid has voxels: rounding must not decide
_CHUNK = 1 << 18


def surface_areas_um2(ids_ZYX: np.ndarray, count: int, voxel_size_um: VoxelSize) -> np.ndarray:
    """Return the surface area (µm²) of the objects 1 … ``count``; index 0 is the first object.

    Every voxel face between an object and anything else counts with its area projected on the
    local surface: area × |cos| of the angle between the face and the surface normal. The normal
    at a face points away from the weighted centre of the object's own voxels around it (Gaussian
    weights of one voxel edge, cut at 2.5 edges; for voxels that are not cubes the longest edge
    counts). Faces on the border of the volume count, so an object that is cut off there is closed.

    Adding up projected faces by estimated normals is due to Lenoir, Malgouyres and Revenu (DGCI
    1996) and Coeurjolly, Flin, Teytaud and Tougne (LNCS 2616, 2003); for tomograms see Flin et
    al., IEEE Trans. Image Process. 14 (2005) 585. Against closed forms, cubic voxels, any
    orientation: balls within 1 % from radius 3 voxels on (0.2 % from 8), ellipsoids within 1 %,
    tubes of 2 voxels radius within 3 %, a sheet of 2 voxels within 4 %. Sharp edges are rounded:
    cuboids lose 2 % at 30 voxels an edge, 5 % at 12, 10 % at 6. Where voxels are up to five times
    longer along one axis, balls of 8 longest edges radius stay within 1 %; all other figures hold
    with lengths counted in longest edges.
    """
    margin = [int(np.ceil(_REACH * max(voxel_size_um) / edge)) + 1 for edge in voxel_size_um]
    ids_ZYX = np.ascontiguousarray(np.pad(ids_ZYX, [(m, m) for m in margin]))
    areas = np.zeros(count + 1)
    for axis in range(3):
        for sign in (-1, 1):
            areas += _projected_areas(ids_ZYX, (axis, sign), voxel_size_um, count)
    return areas[1:]


def _projected_areas(
    ids_ZYX: np.ndarray, side: tuple[int, int], voxel_size_um: VoxelSize, count: int
) -> np.ndarray:
    """Return the projected area of the faces on one side of the voxels, per object id."""
    axis, sign = side
    ids = ids_ZYX.ravel()
    steps = np.array(ids_ZYX.strides) // ids_ZYX.itemsize
    inside = np.flatnonzero(ids)
    faces = inside[ids[inside] != ids[inside + sign * steps[axis]]]
    offsets, weights = _window(side, voxel_size_um)
    shifts = offsets @ steps
    areas = np.zeros(count + 1)
    for start in range(0, faces.size, _CHUNK):
        at = faces[start : start + _CHUNK]
        own = ids[at]
        normal = np.zeros((3, at.size), np.float32)
        for shift, weight in zip(shifts, weights, strict=True):
            same = ids[at + shift] == own
            normal += weight[:, None] * same
        areas += np.bincount(own, _cosine(normal, axis), count + 1)
    return areas * np.prod(voxel_size_um) / voxel_size_um[axis]


def _cosine(normal: np.ndarray, axis: int) -> np.ndarray:
    length = np.sqrt((normal**2).sum(axis=0))
    cosine = np.ones(length.size)
    return np.divide(np.abs(normal[axis]), length, out=cosine, where=length > 0)


def _window(side: tuple[int, int], voxel_size_um: VoxelSize) -> tuple[np.ndarray, np.ndarray]:
    """Return the voxel offsets around a face and their weighted positions, both (N, 3)."""
    axis, sign = side
    size_um = np.array(voxel_size_um)
    edge_um = size_um.max()
    reach = [int(np.ceil(_REACH * edge_um / edge)) for edge in size_um]
    offsets = np.array(list(itertools.product(*(range(-r, r + 1) for r in reach))))
    centre = np.zeros(3)
    centre[axis] = 0.5 * sign
    position_um = (offsets - centre) * size_um
    square = (position_um**2).sum(axis=1) / edge_um**2
    near = square <= _REACH**2
    weight = np.exp(-square[near] / (2 * _SIGMA**2))
    weighted = (weight[:, None] * position_um[near] / edge_um).astype(np.float32)
    return offsets[near], weighted
