"""Averaging, resampling, tiles and their weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.grid import (
    average,
    coarse_shape,
    gaussian_weights,
    resample,
    resampled_planes,
    tile_starts,
    tiles,
)

shapes = st.tuples(*[st.integers(1, 20)] * 3)


@given(shapes, st.tuples(*[st.integers(1, 5)] * 3), st.integers(0, 99))
def test_averaging_keeps_the_weighted_total(shape, factor, seed):
    values = np.random.default_rng(seed).random(shape).astype(np.float32)
    ones = np.ones(shape, np.float32)

    coarse = average(values, factor)

    padded = [(0, -n % f) for n, f in zip(shape, factor, strict=True)]
    counts = np.pad(ones, padded).reshape(
        *[n for s, f in zip(coarse.shape, factor, strict=True) for n in (s, f)]
    )
    assert coarse.shape == coarse_shape(shape, factor)
    assert np.isclose((coarse * counts.sum((1, 3, 5))).sum(), values.sum(), rtol=1e-4)


def test_averaging_blocks_of_two_is_their_mean():
    values = np.arange(8, dtype=np.float32).reshape(2, 2, 2)

    assert average(values, (2, 2, 2)).item() == 3.5


@given(st.integers(1, 200), st.integers(1, 64), st.sampled_from([0.0, 0.25, 0.5]))
def test_tiles_cover_an_axis_and_overlap_enough(length, tile, overlap):
    starts = tile_starts(length, tile, overlap)

    covered = np.zeros(max(length, tile), bool)
    for start in starts:
        covered[start : start + tile] = True
    assert covered.all()
    assert all(0 <= start <= max(0, length - tile) for start in starts)
    steps = np.diff(starts)
    assert np.all(steps <= np.ceil(tile * (1 - overlap)) + 1)


@given(shapes, st.tuples(*[st.integers(2, 9)] * 3))
def test_blending_tiles_of_a_volume_gives_the_volume_back(shape, tile):
    values = np.random.default_rng(0).random(shape)
    total, weight = np.zeros(shape), np.zeros(shape)

    for box in tiles(shape, tile, 0.5):
        part = values[box]
        weights = gaussian_weights(tile)[tuple(slice(n) for n in part.shape)]
        total[box] += part * weights
        weight[box] += weights

    assert np.allclose(total / weight, values)


def test_weights_peak_in_the_middle_and_never_vanish():
    weights = gaussian_weights((9, 9, 9))

    assert weights[4, 4, 4] == weights.max() == 1
    assert weights.min() == pytest.approx(1e-3)


def test_resampling_labels_there_and_back_is_the_identity():
    labels = np.random.default_rng(0).integers(0, 9, (5, 6, 7)).astype(np.uint8)

    assert np.array_equal(resample(resample(labels, (10, 12, 21), 0), (5, 6, 7), 0), labels)


def test_resampling_keeps_a_linear_ramp_where_voxels_are_inside():
    ramp = np.arange(8, dtype=np.float32)[:, None, None] * np.ones((8, 2, 2), np.float32)

    fine = resample(ramp, (16, 2, 2), 1)[1:-1, 0, 0]

    assert np.allclose(fine, (np.arange(1, 15) + 0.5) / 2 - 0.5, atol=1e-5)


@given(shapes, st.tuples(*[st.integers(0, 9)] * 3), st.integers(0, 99))
def test_planes_of_a_finer_grid_are_those_of_linear_interpolation(shape, more, seed):
    values = np.random.default_rng(seed).random(shape).astype(np.float32)
    finer = tuple(n + m for n, m in zip(shape, more, strict=True))

    planes = np.stack(list(resampled_planes(values, finer)))

    assert np.allclose(planes, resample(values, finer, 1), atol=1e-5)


@given(shapes, st.tuples(*[st.floats(0.1, 1)] * 3), st.integers(0, 99))
def test_planes_of_a_coarser_grid_keep_the_mean(shape, less, seed):
    values = np.random.default_rng(seed).random(shape).astype(np.float32)
    coarser = tuple(max(1, int(n * part)) for n, part in zip(shape, less, strict=True))

    planes = np.stack(list(resampled_planes(values, coarser)))

    assert planes.shape == coarser
    assert planes.mean(dtype=float) == pytest.approx(values.mean(dtype=float), abs=1e-5)


def test_a_grid_three_times_as_coarse_holds_the_means_of_blocks():
    values = np.random.default_rng(0).random((9, 12, 6)).astype(np.float32)

    planes = np.stack(list(resampled_planes(values, (3, 4, 2))))

    assert np.allclose(planes, average(values, (3, 3, 3)), atol=1e-6)


def test_noise_is_averaged_away_on_a_coarser_grid():
    noise = np.random.default_rng(0).normal(0, 1, (30, 30, 30)).astype(np.float32)

    planes = np.stack(list(resampled_planes(noise, (10, 10, 10))))

    assert planes.std() == pytest.approx(27**-0.5, rel=0.1)
