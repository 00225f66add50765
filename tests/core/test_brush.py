"""Brushes: every touched voxel is within the radius of the line, and no other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.region import Region

SHAPE = (18, 22, 26)
SIZES = st.tuples(*[st.floats(0.02, 0.2)] * 3)
POINTS = st.tuples(*[st.floats(-3, n + 3) for n in SHAPE])


def in_volume(region: Region, shape=SHAPE) -> np.ndarray:
    mask_ZYX = np.zeros(shape, bool)
    mask_ZYX[region.box.slices] = region.mask_ZYX
    return mask_ZYX


def distance_um(start, stop, size_um, shape=SHAPE) -> np.ndarray:
    """Return the distance of every voxel centre from a line, in double precision."""
    size = np.array(size_um)
    a, b = np.array(start) * size, np.array(stop) * size
    points = np.stack(np.indices(shape), axis=-1) * size
    along = b - a
    length2 = along @ along
    share = np.clip((points - a) @ along / length2, 0, 1) if length2 else np.zeros(shape)
    return np.linalg.norm(points - a - share[..., None] * along, axis=-1)


def assert_is_the_capsule(mask_ZYX, far_um, radius_um, ends):
    nearest = np.zeros_like(mask_ZYX)
    for end in ends:
        at = tuple(math.floor(i + 0.5) for i in end)
        if all(0 <= i < n for i, n in zip(at, mask_ZYX.shape, strict=True)):
            nearest[at] = True
    assert np.all(mask_ZYX[(far_um < radius_um * (1 - 1e-3)) | nearest])
    assert not np.any(mask_ZYX[(far_um > radius_um * (1 + 1e-3)) & ~nearest])


@given(start=POINTS, stop=POINTS, radius_um=st.floats(0.2, 0.6), size_um=SIZES)
def test_a_ball_touches_what_is_within_its_radius_of_the_line(start, stop, radius_um, size_um):
    mask_ZYX = in_volume(ball_stroke(start, stop, radius_um, size_um, SHAPE))
    far_um = distance_um(start, stop, size_um)
    assert_is_the_capsule(mask_ZYX, far_um, radius_um, (start, stop))


@pytest.mark.parametrize("axis", [0, 1, 2])
@given(start=POINTS, stop=POINTS, radius_um=st.floats(0.2, 0.6), size_um=SIZES)
def test_a_disc_stays_in_its_slice(axis, start, stop, radius_um, size_um):
    start = list(start)
    start[axis] = round(min(max(start[axis], 0), SHAPE[axis] - 1))
    flat = list(stop)
    flat[axis] = start[axis]
    mask_ZYX = in_volume(disc_stroke(tuple(start), stop, radius_um, size_um, SHAPE, axis))
    others = np.delete(mask_ZYX, start[axis], axis=axis)
    assert not others.any()
    far_um = distance_um(start, flat, size_um)
    far_um[np.indices(SHAPE)[axis] != start[axis]] = np.inf
    assert_is_the_capsule(mask_ZYX, far_um, radius_um, (start, flat))


def test_a_ball_in_anisotropic_voxels_is_round_in_micrometres():
    region = ball_stroke((10, 10, 10), (10, 10, 10), 0.4, (0.2, 0.1, 0.05), (21, 21, 21))
    spans = [
        np.flatnonzero(region.mask_ZYX.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))
    ]
    assert [span.size for span in spans] == [5, 9, 17]


def test_the_volume_of_a_ball_is_that_of_geometry():
    region = ball_stroke((40, 40, 40), (40, 40, 40), 1.5, (0.05,) * 3, (81, 81, 81))
    volume_um3 = region.mask_ZYX.sum() * 0.05**3
    assert volume_um3 == pytest.approx(4 / 3 * math.pi * 1.5**3, rel=0.01)


def test_a_tiny_brush_draws_a_line_without_gaps():
    from scipy import ndimage

    region = disc_stroke((5, 2, 3), (5, 19, 9), 0.001, (0.1, 0.05, 0.04), SHAPE, 0)
    mask_ZYX = in_volume(region)
    assert mask_ZYX[5, 2, 3]
    assert mask_ZYX[5, 19, 9]
    _, pieces = ndimage.label(mask_ZYX, np.ones((3, 3, 3)))
    assert pieces == 1


def test_a_tiny_brush_that_stands_still_touches_one_voxel():
    region = ball_stroke((5.3, 2.4, 3.3), (5.3, 2.4, 3.3), 1e-6, (0.1, 0.05, 0.04), SHAPE)
    assert np.argwhere(in_volume(region)).tolist() == [[5, 2, 3]]


def test_a_brush_beside_the_volume_touches_nothing():
    region = ball_stroke((-30, 4, 4), (-30, 9, 9), 0.2, (0.05,) * 3, SHAPE)
    assert region.box.size == 0
    assert region.mask_ZYX.size == 0
