"""Grow, shrink and smooth: against SciPy on the whole volume, and against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from sxtstudio.core.events import Cancelled
from sxtstudio.core.region import slice_box
from sxtstudio.core.tools import distances
from sxtstudio.core.tools.distances import grow, shrink, smooth
from tests.core.tools.shapes import SIZE_UM, ball, painted, target

SHAPE = (20, 24, 28)
SEEDS = st.integers(0, 1000)


def blobs(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=SHAPE)
    return ndimage.gaussian_filter(noise, 2) > 0.05


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, radius_um=st.floats(0.0, 0.4), edge=st.sampled_from([7, 16, 128]))
def test_growing_and_shrinking_block_by_block_is_the_same_as_at_once(seed, radius_um, edge):
    mask_ZYX = blobs(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distances, "BLOCK", edge)
        grown = painted(mask_ZYX.astype(np.uint8), grow(target(mask_ZYX), radius_um, SIZE_UM))
        shrunk = painted(mask_ZYX.astype(np.uint8), shrink(target(mask_ZYX), radius_um, SIZE_UM))
    reach_um = radius_um * (1 + 1e-9)
    outside = ndimage.distance_transform_edt(~mask_ZYX, sampling=SIZE_UM)
    inside = ndimage.distance_transform_edt(mask_ZYX, sampling=SIZE_UM)
    assert np.array_equal(grown == 1, outside <= reach_um)
    assert np.array_equal(shrunk == 1, mask_ZYX & (inside > reach_um))


def test_a_grown_ball_is_a_ball_with_the_larger_radius_whatever_the_voxels():
    shape, centre = (40, 60, 70), (20, 30, 35)
    mask_ZYX = ball(shape, centre, 0.5)
    grown = painted(mask_ZYX.astype(np.uint8), grow(target(mask_ZYX), 0.3, SIZE_UM)) == 1
    voxel_um3 = float(np.prod(SIZE_UM))
    assert grown.sum() * voxel_um3 == pytest.approx(4 / 3 * np.pi * 0.8**3, rel=0.06)
    for axis, edge_um in enumerate(SIZE_UM):
        used = np.flatnonzero(grown.any(axis=tuple(a for a in range(3) if a != axis)))
        assert (used[-1] - used[0]) * edge_um == pytest.approx(1.6, abs=2.1 * edge_um)


def test_in_a_slice_nothing_outside_the_slice_changes():
    mask_ZYX = ball(SHAPE, (10, 12, 14), 0.3)
    field = slice_box(SHAPE, 0, 10)
    for tool in (grow, shrink, smooth):
        after = painted(mask_ZYX.astype(np.uint8), tool(target(mask_ZYX, 1, field), 0.1, SIZE_UM))
        changed = np.unique(np.nonzero((after == 1) != mask_ZYX)[0])
        assert set(changed) <= {10}
        assert np.array_equal(np.delete(after, 10, 0) == 1, np.delete(mask_ZYX, 10, 0))
    grown = painted(mask_ZYX.astype(np.uint8), grow(target(mask_ZYX, 1, field), 0.1, SIZE_UM))
    plane = ndimage.distance_transform_edt(~mask_ZYX[10], sampling=SIZE_UM[1:])
    assert np.array_equal(grown[10] == 1, plane <= 0.1 * (1 + 1e-9))


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, edge=st.sampled_from([9, 128]))
def test_smoothing_is_a_blurred_mask_cut_at_one_half(seed, edge):
    mask_ZYX = blobs(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distances, "BLOCK", edge)
        after = painted(mask_ZYX.astype(np.uint8), smooth(target(mask_ZYX), 0.06, SIZE_UM)) == 1
    sigma = [0.06 / edge_um for edge_um in SIZE_UM]
    wanted = ndimage.gaussian_filter(mask_ZYX.astype(np.float32), sigma, mode="nearest") > 0.5
    assert np.count_nonzero(after != wanted) <= 5, "blocks cut the Gaussian's far tails off"


def test_a_flat_face_stays_where_it_is_and_a_speck_goes():
    mask_ZYX = np.zeros(SHAPE, bool)
    mask_ZYX[:10] = True
    mask_ZYX[15, 12, 14] = True
    after = painted(mask_ZYX.astype(np.uint8), smooth(target(mask_ZYX), 0.1, SIZE_UM)) == 1
    assert np.array_equal(after[:10], mask_ZYX[:10])
    assert not after[10:].any()


def test_growing_can_be_called_off():
    def stop(_):
        raise Cancelled

    mask_ZYX = ball(SHAPE, (10, 12, 14), 0.3)
    with pytest.raises(Cancelled):
        list(grow(target(mask_ZYX), 0.1, SIZE_UM, stop))
