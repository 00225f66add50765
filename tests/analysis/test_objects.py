"""Objects against scipy's labelling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from sxtstudio.analysis.objects import find_objects


@settings(max_examples=40, deadline=None)
@given(
    labels_ZYX=arrays(
        st.sampled_from([np.dtype(np.uint8), np.dtype(np.uint16)]),
        array_shapes(min_dims=3, max_dims=3, max_side=7),
        elements=st.integers(0, 3),
    ),
    slab_voxels=st.sampled_from([1, 40, 10**6]),
)
def test_objects_are_those_of_scipy_class_by_class(labels_ZYX, slab_voxels):
    objects = find_objects(labels_ZYX, (1, 2, 3), slab_voxels=slab_voxels)
    for label in (1, 2, 3):
        expected_ZYX, count = ndimage.label(labels_ZYX == label, np.ones((3, 3, 3)))
        found = objects.of(label)
        assert len(found) == count
        sizes = np.bincount(expected_ZYX.ravel())[1:]
        assert objects.voxels[found].tolist() == sorted(sizes.tolist(), reverse=True)
        for index in found:
            where = np.argwhere(objects.ids_ZYX == index + 1)
            assert len(np.unique(expected_ZYX[tuple(where.T)])) == 1
            assert objects.centre_voxel[index] == pytest.approx(where.mean(axis=0), abs=1e-4)
            assert objects.mask_ZYX(index).sum() == len(where)
            box = objects.boxes[index]
            assert [it.start for it in box] == where.min(axis=0).tolist()
            assert [it.stop - 1 for it in box] == where.max(axis=0).tolist()


def test_voxels_that_share_only_a_corner_are_one_object():
    labels_ZYX = np.zeros((2, 2, 2), np.uint8)
    labels_ZYX[0, 0, 0] = labels_ZYX[1, 1, 1] = 7
    assert find_objects(labels_ZYX, (7,)).voxels.tolist() == [2]


def test_touching_classes_are_apart_and_unasked_classes_are_left_out():
    labels_ZYX = np.array([[[300, 300, 2, 9]]], np.uint16)
    objects = find_objects(labels_ZYX, (2, 300))
    assert objects.label.tolist() == [2, 300]
    assert objects.ids_ZYX.tolist() == [[[2, 2, 1, 0]]]


def test_an_empty_label_map_has_no_objects():
    objects = find_objects(np.zeros((3, 4, 5), np.uint8), (1, 2))
    assert objects.boxes == ()
    assert objects.voxels.size == 0
