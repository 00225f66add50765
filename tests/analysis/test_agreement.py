"""Scores against scipy's distance transform and hand-made cases."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from sxtstudio.analysis.agreement import score
from sxtstudio.core.errors import LabelError
from tests.analysis.shapes import ball_labels

SIZE_UM = (0.5, 1.0, 2.0)


def distances_um(mask_ZYX, true_ZYX, size_um):
    """Return both directed sets of surface distances, from scipy over the whole volume."""
    surfaces = [array & ~ndimage.binary_erosion(array) for array in (mask_ZYX, true_ZYX)]
    fields = [ndimage.distance_transform_edt(~array, sampling=size_um) for array in surfaces]
    return fields[1][surfaces[0]], fields[0][surfaces[1]]


small_masks = arrays(bool, (5, 6, 7))


@settings(max_examples=60, deadline=None)
@given(mask_ZYX=small_masks, true_ZYX=small_masks)
def test_scores_are_those_of_scipy(mask_ZYX, true_ZYX):
    assume(mask_ZYX.any() and true_ZYX.any())
    labels_ZYX, reference_ZYX = (4 * array.astype(np.uint8) for array in (mask_ZYX, true_ZYX))
    found = score(labels_ZYX, reference_ZYX, SIZE_UM, {4: "nucleus"})[0]
    there, back = distances_um(mask_ZYX, true_ZYX, SIZE_UM)
    both, either = (mask_ZYX & true_ZYX).sum(), (mask_ZYX | true_ZYX).sum()
    assert found.dice == pytest.approx(2 * both / (mask_ZYX.sum() + true_ZYX.sum()))
    assert found.iou == pytest.approx(both / either)
    assert found.surface_mean_um == pytest.approx(np.concatenate([there, back]).mean(), abs=1e-5)
    p95 = max(np.percentile(there, 95), np.percentile(back, 95))
    assert found.surface_p95_um == pytest.approx(p95, abs=1e-5)
    assert found.surface_max_um == pytest.approx(max(there.max(), back.max()), abs=1e-5)


def test_balls_of_two_sizes_lie_their_radii_apart():
    size, centre = (50, 50, 100), (12.0, 25.0, 25.0)
    size_um = (0.5, 1.0, 0.5)
    large = ball_labels(size, centre, 11, size_um)
    small = ball_labels(size, centre, 8, size_um)
    found = score(large.astype(np.uint8), small.astype(np.uint8), size_um, {1: "cell"})[0]
    assert found.surface_mean_um == pytest.approx(3, abs=0.15)
    assert found.surface_max_um == pytest.approx(3, abs=0.6)
    assert found.dice == pytest.approx(2 * 8**3 / (8**3 + 11**3), rel=0.01)


def test_equal_labels_agree_fully():
    labels_ZYX = np.random.default_rng(0).integers(0, 4, (8, 9, 10)).astype(np.uint16)
    for found in score(labels_ZYX, labels_ZYX, SIZE_UM, {1: "a", 2: "b", 3: "c"}):
        assert (found.dice, found.iou) == (1, 1)
        assert (found.surface_mean_um, found.surface_p95_um, found.surface_max_um) == (0, 0, 0)


def test_a_class_missing_on_one_side_scores_zero_and_has_no_distance():
    labels_ZYX = np.zeros((4, 4, 4), np.uint8)
    reference_ZYX = labels_ZYX.copy()
    reference_ZYX[1, 1, 1] = 2
    for pair in ((labels_ZYX, reference_ZYX), (reference_ZYX, labels_ZYX)):
        found = score(*pair, SIZE_UM, {2: "nucleus"})[0]
        assert (found.dice, found.iou) == (0, 0)
        assert found.surface_mean_um is found.surface_p95_um is found.surface_max_um is None


def test_a_class_missing_on_both_sides_has_no_score():
    nothing_ZYX = np.zeros((4, 4, 4), np.uint8)
    found = score(nothing_ZYX, nothing_ZYX, SIZE_UM, {5: "er"})[0]
    assert found.dice is found.iou is found.surface_mean_um is None
    assert (found.label, found.name) == (5, "er")


def test_distances_between_far_objects_reach_over_the_whole_volume():
    labels_ZYX, reference_ZYX = np.zeros((2, 3, 4, 200), np.uint8)
    labels_ZYX[0, 0, 0] = reference_ZYX[2, 3, 199] = 1
    found = score(labels_ZYX, reference_ZYX, SIZE_UM, {1: "a"})[0]
    expected = np.sqrt((2 * 0.5) ** 2 + 3**2 + (199 * 2) ** 2)
    assert found.surface_max_um == pytest.approx(expected)


@settings(max_examples=20, deadline=None)
@given(mask_ZYX=small_masks, true_ZYX=small_masks, order=st.permutations(range(3)))
def test_scores_do_not_depend_on_sides_or_order_of_axes(mask_ZYX, true_ZYX, order):
    names = {1: "a"}
    first = score(mask_ZYX.astype(np.uint8), true_ZYX.astype(np.uint8), SIZE_UM, names)[0]
    turned = [np.transpose(array, order).astype(np.uint8) for array in (true_ZYX, mask_ZYX)]
    second = score(*turned, tuple(SIZE_UM[axis] for axis in order), names)[0]
    assert second.dice == first.dice
    assert second.surface_max_um == pytest.approx(first.surface_max_um, abs=1e-5)
    assert second.surface_mean_um == pytest.approx(first.surface_mean_um, abs=1e-5)


def test_labels_of_another_shape_are_refused():
    with pytest.raises(LabelError, match="2 × 2 × 2"):
        score(np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 3), np.uint8), SIZE_UM, {})
