"""Rarity by what reference cells show, and the map read plane by plane on the tomogram's grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.grid import resample
from sxtstudio.core.novelty_map import (
    NoveltyMap,
    coarse_voxel_size,
    level_of,
    novelty_levels,
    ordinary_distances,
    rarity_of,
    spread_out,
)

STEPS = st.tuples(*[st.integers(1, 4)] * 3)
COUNTS = st.tuples(*[st.integers(1, 6)] * 3)


@given(step=STEPS, counts=COUNTS, seed=st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_planes_are_those_of_the_map_upsampled_as_a_whole(step, counts, seed):
    levels_ZYX = np.random.default_rng(seed).integers(0, 256, counts).astype(np.uint8)
    shape = tuple(n * many for n, many in zip(counts, step, strict=True))
    told = NoveltyMap(levels_ZYX=levels_ZYX, step=tuple(map(float, step)))

    whole_ZYX = resample(levels_ZYX.astype(np.float32), shape, order=1)

    assert told.fits(shape)
    for axis in range(3):
        for index in range(shape[axis]):
            plane = told.plane(axis, index, shape)
            assert plane.dtype == np.uint8
            assert np.abs(plane - whole_ZYX.take(index, axis)).max() <= 0.502


def test_a_map_covers_a_tomogram_whose_last_coarse_voxels_are_cut_off():
    told = NoveltyMap(levels_ZYX=np.full((4, 4, 4), 9, np.uint8), step=(2.0, 2.5, 2.0))

    assert told.fits((7, 10, 8))
    assert told.plane(1, 9, (7, 10, 8)).shape == (7, 8)
    assert (told.plane(0, 6, (7, 10, 8)) == 9).all()
    assert not told.fits((6, 10, 8))
    assert not told.fits((7, 10, 9))


def test_voxels_of_a_map_are_as_large_as_what_they_span():
    assert coarse_voxel_size((2.0, 2.0, 4.0), (0.05, 0.05, 0.01)) == pytest.approx((0.1, 0.1, 0.04))


def test_a_distance_that_one_reference_voxel_in_a_hundred_exceeds_is_in_the_middle():
    distances = np.arange(1, 20_001, dtype=np.float32).reshape(2, 100, 100)
    ordinary = ordinary_distances(list(distances))

    levels = novelty_levels(np.array([0, 10_000, 18_000, 19_800, 19_980, 19_998, 1e9]), ordinary)

    for level, rarity in zip(levels[1:], (0.5, 0.1, 0.01, 0.001, 1e-4, 1e-4), strict=True):
        assert abs(int(level) - level_of(rarity)) <= 1
    assert levels[0] == 0
    assert levels[-1] == 255


def test_of_few_reference_voxels_nothing_is_called_rarer_than_one_of_them():
    ordinary = ordinary_distances([np.linspace(0, 1, 1000)])

    (level,) = novelty_levels(np.array([5.0]), ordinary)

    assert rarity_of(float(level)) == pytest.approx(1e-3, rel=0.05)
    assert ordinary_distances([]).size == 0


@given(st.floats(1e-4, 1))
def test_levels_and_rarity_are_each_others_inverse(rarity):
    assert rarity_of(level_of(rarity)) == pytest.approx(rarity, rel=0.02)


def test_a_lonely_far_voxel_counts_less_than_a_far_region():
    one_ZYX, many_ZYX = np.zeros((2, 9, 9, 9), np.float32)
    one_ZYX[4, 4, 4] = 1
    many_ZYX[2:7, 2:7, 2:7] = 1

    assert spread_out(one_ZYX).max() < 0.1
    assert spread_out(many_ZYX).max() > 0.9
