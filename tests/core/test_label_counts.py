"""Voxels and objects of label maps, against shapes counted by hand and SciPy's labelling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from sxtstudio.core import label_counts
from sxtstudio.core.label_counts import count_labels


def test_touching_faces_make_one_object_and_touching_edges_two():
    labels_ZYX = np.zeros((4, 5, 6), np.uint8)
    labels_ZYX[0, 0, :3] = 1
    labels_ZYX[1, 0, 2] = 1
    labels_ZYX[1, 1, 3] = 1
    labels_ZYX[3, 3:, 4:] = 7

    counts = count_labels(labels_ZYX)

    assert counts.voxels == {1: 5, 7: 4}
    assert counts.objects == {1: 2, 7: 1}


def test_the_end_of_a_row_does_not_touch_the_beginning_of_the_next():
    labels_ZYX = np.zeros((2, 2, 4), np.uint8)
    labels_ZYX[0, 0, 3] = labels_ZYX[0, 1, 0] = labels_ZYX[1, 0, 3] = 2
    labels_ZYX[1, 1, 0] = 3

    assert count_labels(labels_ZYX).objects == {2: 2, 3: 1}


def test_a_label_map_without_labels_counts_nothing():
    counts = count_labels(np.zeros((3, 3, 3), np.uint16))

    assert counts.voxels == counts.objects == {}


@given(
    labels_ZYX=arrays(
        np.uint16,
        array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=7),
        elements=st.sampled_from([0, 1, 2, 500]),
    ),
    slab_voxels=st.sampled_from([1, 60, 10**6]),
)
def test_counts_are_those_of_labelling_each_class_alone(labels_ZYX, slab_voxels):
    values = [value for value in (1, 2, 500) if (labels_ZYX == value).any()]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(label_counts, "SLAB_VOXELS", slab_voxels)
        counts = count_labels(labels_ZYX)

    assert counts.voxels == {value: int((labels_ZYX == value).sum()) for value in values}
    assert counts.objects == {value: ndimage.label(labels_ZYX == value)[1] for value in values}
