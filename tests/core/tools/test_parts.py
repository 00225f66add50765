"""Parts of a target: against SciPy's labelling, whatever the slabs they are found in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from sxtstudio.core.region import slice_box, whole
from sxtstudio.core.tools import parts
from sxtstudio.core.tools.parts import Parts, fill_holes, keep_largest, remove_small
from tests.core.tools.shapes import SIZE_UM, ball, painted, target

SHAPE = (9, 12, 14)
VOXEL_UM3 = float(np.prod(SIZE_UM))
SEEDS = st.integers(0, 1000)
SLABS = st.sampled_from([1, 12 * 14 * 2, 1 << 23])


def noise(seed: int, share: float = 0.4) -> np.ndarray:
    return np.random.default_rng(seed).random(SHAPE) < share


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, slab=SLABS, smallest=st.integers(1, 30))
def test_small_parts_are_those_that_scipy_finds_small(seed, slab, smallest):
    mask_ZYX = noise(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "SLAB_VOXELS", slab)
        after = painted(
            mask_ZYX.astype(np.uint8),
            remove_small(target(mask_ZYX), (smallest - 0.5) * VOXEL_UM3, SIZE_UM),
        )
        found = Parts(target(mask_ZYX).mask, whole(SHAPE))
    numbers, _ = ndimage.label(mask_ZYX)
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    assert np.array_equal(after == 1, (sizes >= smallest)[numbers])
    assert sorted(found.sizes) == sorted(sizes[1:])


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, slab=SLABS)
def test_the_largest_part_stays_alone(seed, slab):
    mask_ZYX = noise(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "SLAB_VOXELS", slab)
        after = painted(mask_ZYX.astype(np.uint8), keep_largest(target(mask_ZYX))) == 1
    assert ndimage.label(after)[1] == 1
    assert after.sum() == np.bincount(ndimage.label(mask_ZYX)[0].ravel())[1:].max()
    assert not (after & ~mask_ZYX).any()


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, slab=SLABS)
def test_holes_are_those_that_scipy_fills(seed, slab):
    mask_ZYX = noise(seed, 0.7)
    labels_ZYX = mask_ZYX.astype(np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "SLAB_VOXELS", slab)
        after = painted(labels_ZYX, fill_holes(labels_ZYX, target(mask_ZYX))) == 1
        field = slice_box(SHAPE, 1, 5)
        flat = painted(labels_ZYX, fill_holes(labels_ZYX, target(mask_ZYX, 1, field))) == 1
    assert np.array_equal(after, ndimage.binary_fill_holes(mask_ZYX))
    assert np.array_equal(flat[:, 5], ndimage.binary_fill_holes(mask_ZYX[:, 5]))
    assert np.array_equal(np.delete(flat, 5, 1), np.delete(mask_ZYX, 5, 1))


def test_another_class_inside_a_hole_stays():
    shape = (20, 24, 28)
    centre = (10, 12, 14)
    labels_ZYX = ball(shape, centre, 0.5).astype(np.uint8)
    labels_ZYX[ball(shape, centre, 0.3)] = 0
    labels_ZYX[ball(shape, centre, 0.15)] = 2
    after = painted(labels_ZYX, fill_holes(labels_ZYX, target(labels_ZYX == 1)))
    assert np.array_equal(after == 2, labels_ZYX == 2)
    assert np.array_equal(after > 0, ball(shape, centre, 0.5))


def test_nothing_meant_has_no_parts():
    found = Parts(target(np.zeros(SHAPE, bool)).mask, whole(SHAPE))
    assert found.sizes.size == 0
    assert list(found.regions(np.zeros(0, bool))) == []
