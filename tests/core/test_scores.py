"""What the classes are taken for, on arrays small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sxtstudio.core.scores import NONE, confusion

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
