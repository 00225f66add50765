"""Slabs to draw lie where the doubt is, apart from one another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.slabs import suggest_slabs


def test_the_slab_lies_on_the_doubtful_planes_of_the_right_axis():
    doubt_ZYX = np.zeros((20, 24, 28), np.uint8)
    doubt_ZYX[:, 11:14] = 255

    (slab,) = suggest_slabs(doubt_ZYX, count=1)

    assert (slab.axis, slab.start, slab.stop) == ("y", 11, 14)
    assert slab.doubt == pytest.approx(1.0)
    assert slab.words == "y 11–13"


def test_a_second_slab_goes_to_another_place_that_is_nearly_as_doubtful():
    doubt_ZYX = np.zeros((40, 10, 10), np.uint8)
    doubt_ZYX[8:14] = 200  # six planes: two slabs side by side would fit
    doubt_ZYX[30:33] = 150

    slabs = suggest_slabs(doubt_ZYX, count=2)

    assert {slab.axis for slab in slabs} == {"z"}
    assert slabs[1].start == 30


def test_without_doubt_nothing_is_to_be_drawn():
    assert suggest_slabs(np.zeros((10, 10, 10), np.uint8)) == ()


@given(
    seed=st.integers(0, 1000),
    count=st.integers(1, 5),
    planes=st.integers(1, 6),
    shape=st.tuples(*[st.integers(1, 12)] * 3),
)
@settings(max_examples=40, deadline=None)
def test_slabs_lie_inside_and_never_overlap(seed, count, planes, shape):
    doubt_ZYX = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)

    slabs = suggest_slabs(doubt_ZYX, count=count, planes=planes)

    assert len(slabs) <= count
    assert len({slab.axis for slab in slabs}) <= 1
    for slab in slabs:
        assert 0 <= slab.start < slab.stop <= shape["zyx".index(slab.axis)]
    drawn = [plane for slab in slabs for plane in range(slab.start, slab.stop)]
    assert len(drawn) == len(set(drawn))
