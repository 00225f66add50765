"""What the classes are taken for, on arrays small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sxtstudio.core.scores import NONE, confusion, surface_dice

NAMES = ["nucleus", "lipid"]


def test_shares_are_counted_over_the_voxels_that_are_certain():
    predicted = np.array([[[0, 1, 1, 2, 2, 2, 1, 0]]], np.uint8)
    possible = np.array([[[1, 2, 2, 2, 4, 7, 4, 3]]], np.uint32)

    rows = confusion(predicted, possible, NAMES)

    assert rows == {
        NONE: {NONE: 1.0},
        "nucleus": {"nucleus": 0.6667, "lipid": 0.3333},
        "lipid": {"nucleus": 0.5, "lipid": 0.5},
    }


def test_a_class_that_is_nowhere_certain_has_no_row():
    assert confusion(np.zeros((1, 1, 4), np.uint8), np.full((1, 1, 4), 6, np.uint32), NAMES) == {}


@given(
    arrays.arrays(np.uint8, (3, 4, 5), elements=st.integers(0, 2)),
    arrays.arrays(np.uint32, (3, 4, 5), elements=st.sampled_from([1, 2, 4, 3, 7])),
)
def test_rows_add_up_to_one_and_the_diagonal_is_the_share_that_is_right(predicted, possible):
    rows = confusion(predicted, possible, NAMES)

    for label, name in enumerate((NONE, *NAMES)):
        here = possible == 1 << label
        assert (name in rows) == here.any()
        if here.any():
            assert sum(rows[name].values()) == pytest.approx(1, abs=2e-4)
            assert rows[name].get(name, 0) == pytest.approx(
                (predicted[here] == label).mean(), abs=1e-4
            )


def _cube(edge, corner, size=24):
    mask = np.zeros((size, size, size), bool)
    z, y, x = corner
    mask[z : z + edge, y : y + edge, x : x + edge] = True
    return mask


def test_surfaces_of_a_mask_and_itself_agree_wholly():
    assert surface_dice(_cube(8, (5, 6, 7)), _cube(8, (5, 6, 7))) == 1.0


def test_a_cube_shifted_by_one_voxel_agrees_within_one_voxel_and_less_without():
    cube, shifted = _cube(8, (5, 6, 7)), _cube(8, (6, 6, 7))
    edge = 8
    surface = edge**3 - (edge - 2) ** 3
    # The four sides that lie along the shift share 7 of 8 planes, the two caps none but their rim.
    shared = (edge - 1) * (edge**2 - (edge - 2) ** 2)

    assert surface_dice(cube, shifted, 1.0) == 1.0
    assert surface_dice(cube, shifted, 0.0) == pytest.approx(shared / surface)


def test_two_planes_three_voxels_apart_agree_only_with_that_tolerance():
    first, second = np.zeros((2, 12, 9, 9), bool)
    first[:4] = True
    second[:7] = True

    assert surface_dice(first, second, 2.9) == 0.0
    assert surface_dice(first, second, 3.0) == 1.0


def test_a_structure_that_is_missed_scores_zero_and_two_empty_masks_nothing():
    empty = np.zeros((24, 24, 24), bool)

    assert surface_dice(empty, _cube(5, (3, 3, 3))) == 0.0
    assert surface_dice(_cube(5, (3, 3, 3)), empty) == 0.0
    assert np.isnan(surface_dice(empty, empty))


def test_the_face_where_the_volume_cuts_a_structure_is_no_surface():
    whole = np.ones((6, 6, 6), bool)
    half = whole.copy()
    half[3:] = False

    assert np.isnan(surface_dice(whole, whole))
    assert surface_dice(half, half) == 1.0
    assert surface_dice(half, whole) == 0.0


@given(
    arrays.arrays(bool, (5, 6, 7)), arrays.arrays(bool, (5, 6, 7)), st.sampled_from([0.0, 1.0, 2.5])
)
def test_surface_dice_is_symmetric_and_grows_with_the_tolerance(first, second, tolerance):
    value = surface_dice(first, second, tolerance)

    assert value == pytest.approx(surface_dice(second, first, tolerance), nan_ok=True)
    if not np.isnan(value):
        assert 0 <= value <= surface_dice(first, second, tolerance + 1) <= 1
