"""Slabs to draw lie where the doubt is, apart from one another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.slabs import extent_of, suggest_slabs


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


def test_doubt_outside_the_cell_is_worth_nothing():
    labels_ZYX = np.zeros((30, 30, 30), np.uint8)
    labels_ZYX[8:22, 8:22, 8:22] = 1
    doubt_ZYX = np.zeros_like(labels_ZYX)
    doubt_ZYX[:3] = 255  # noise at the rim
    doubt_ZYX[13:16] = 120

    assert suggest_slabs(doubt_ZYX, count=1)[0].start == 0
    (slab,) = suggest_slabs(doubt_ZYX, labels_ZYX, count=1)

    assert (slab.axis, slab.start) == ("z", 13)
    near = 16**2  # the cell and 1.5 voxels around it
    assert slab.doubt == pytest.approx(120 / 255 * near / 30**2, abs=1e-4)


def test_of_two_planes_with_the_same_doubt_the_newer_one_is_drawn_first():
    doubt_ZYX = np.zeros((40, 12, 12), np.uint8)
    doubt_ZYX[6:9] = 100
    doubt_ZYX[30:33] = 90
    levels_ZYX = np.zeros((20, 6, 6), np.uint8)
    levels_ZYX[14:18] = 255
    new = NoveltyMap(levels_ZYX=levels_ZYX, step=(2.0, 2.0, 2.0))

    by_doubt, by_both = suggest_slabs(doubt_ZYX), suggest_slabs(doubt_ZYX, None, new)

    assert [slab.start for slab in by_doubt[:2]] == [6, 30]
    assert [slab.start for slab in by_both[:2]] == [30, 6]
    assert by_both[0].doubt == pytest.approx(2 * 90 / 255, abs=1e-4)


def test_the_cell_is_what_lies_between_its_labels_without_specks():
    labels_ZYX = np.zeros((20, 20, 20), np.uint8)
    labels_ZYX[5:15, 5:15, 5:15] = 1
    labels_ZYX[7:13, 7:13, 7:13] = 0  # what has no name within the cell
    labels_ZYX[1, 1, 1] = 2

    inside_ZYX, step = extent_of(labels_ZYX)

    assert step == (1, 1, 1)
    expected = np.zeros((20, 20, 20), bool)
    expected[5:15, 5:15, 5:15] = True
    one_more = ndimage.binary_dilation(expected)  # 5 % of 20 voxels
    assert np.array_equal(inside_ZYX, one_more)


def test_large_cells_are_found_on_a_coarser_grid_and_unlabelled_ones_anywhere():
    labels_ZYX = np.zeros((130, 20, 65), np.uint8)

    inside_ZYX, step = extent_of(labels_ZYX)

    assert step == (3, 1, 2)
    assert inside_ZYX.all()
    doubt_ZYX = np.full(labels_ZYX.shape, 10, np.uint8)
    assert suggest_slabs(doubt_ZYX, labels_ZYX) == suggest_slabs(doubt_ZYX)


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
