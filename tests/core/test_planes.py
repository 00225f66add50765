"""Planes of arrays that need not be in memory, LAC that stays in its file, and small copies."""

import os
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.measure import block_reduce

from sxtstudio.core.events import Cancelled
from sxtstudio.core.grid import average
from sxtstudio.core.planes import (
    DIRECT,
    SLAB_BYTES,
    LazyLac,
    Planes,
    chunked_slabs,
    planes_of,
    slabs_in_file,
    slabs_in_memory,
)
from sxtstudio.core.pyramid import build_pyramid, halved, open_pyramid, sketch
from sxtstudio.core.volume_cache import trim_cache, unpacked

SHAPE = (9, 14, 11)


class Counting:
    """An array that remembers what was asked of it."""

    def __init__(self, values_ZYX: np.ndarray) -> None:
        self.values_ZYX, self.keys = values_ZYX, []
        self.shape, self.dtype = values_ZYX.shape, values_ZYX.dtype

    def __getitem__(self, key):
        self.keys.append(key)
        return self.values_ZYX[key]


def numbered(dtype=np.uint16) -> np.ndarray:
    return np.arange(np.prod(SHAPE), dtype=dtype).reshape(SHAPE)


@given(
    axis=st.integers(0, 2),
    slabs=st.tuples(*[st.integers(0, 20)] * 3),
    order=st.permutations(range(9)),
)
def test_planes_are_those_of_the_array_in_whatever_order_they_are_asked_for(axis, slabs, order):
    planes = Planes(numbered(), slabs, in_file=True)
    for index in order:
        plane = planes.plane(axis, index)
        assert plane.flags.c_contiguous
        np.testing.assert_array_equal(plane, numbered().take(index, axis))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_stepping_along_an_axis_reads_each_slab_once(axis):
    counting = Counting(numbered())
    planes = Planes(counting, (4, 4, 4), in_file=True)
    for index in range(SHAPE[axis]):
        planes.plane(axis, index)
    assert len(counting.keys) == -(-SHAPE[axis] // 4)


def test_only_planes_of_a_slab_that_was_read_are_at_hand_and_two_slabs_are_kept():
    planes = Planes(numbered(), (DIRECT, 4, DIRECT), in_file=True)
    assert planes.at_hand(0, 3)
    assert not planes.at_hand(1, 5)
    for index in (5, 0, 9):
        planes.plane(1, index)
    assert [planes.at_hand(1, index) for index in (0, 4, 8)] == [True, False, True]


def test_axes_that_are_not_stepped_along_keep_the_slab_used_last():
    planes = Planes(numbered(), (3, 4, DIRECT), in_file=True)
    for axis, index in ((0, 0), (0, 4), (1, 5), (1, 0), (1, 9)):
        planes.plane(axis, index)
    assert [planes.at_hand(0, index) for index in (0, 4)] == [False, True]
    assert [planes.at_hand(1, index) for index in (0, 4, 8)] == [True, False, True]


def test_the_neighbour_in_the_direction_of_a_step_is_named_until_it_is_kept():
    planes = Planes(numbered(), (4, DIRECT, DIRECT), in_file=True)
    planes.plane(0, 5)
    assert planes.neighbour(0, 5, +1) == 8
    assert planes.neighbour(0, 5, -1) == 0
    assert planes.neighbour(0, 8, +1) == 8  # its own slab comes first
    assert planes.neighbour(1, 5, +1) is None
    planes.plane(0, 8)
    assert planes.neighbour(0, 8, +1) is None  # nothing comes after the last slab
    assert planes.neighbour(0, 5, +1) is None


def test_a_value_comes_from_a_slab_at_hand():
    counting = Counting(numbered())
    lac_ZYX = LazyLac(counting, 0.5, (DIRECT, 4, DIRECT))
    lac_ZYX.plane(1, 6)
    before = len(counting.keys)
    assert lac_ZYX[3, 7, -2] == 0.5 * numbered()[3, 7, -2]
    assert len(counting.keys) == before
    assert lac_ZYX[3, 0, 2] == 0.5 * numbered()[3, 0, 2]


INDEX = st.one_of(
    st.integers(-9, 8), st.slices(9), st.tuples(st.slices(9), st.slices(14)), st.just(...)
)


@given(index=INDEX, scale=st.sampled_from([1.0, 0.25, 2.0]))
def test_lac_is_the_stored_value_times_its_scale_whatever_the_index(index, scale):
    lac_ZYX = LazyLac(numbered(), scale, (2, 2, 2))
    expected = numbered().astype(np.float32)[index] * np.float32(scale)
    found = lac_ZYX[index]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_the_whole_is_had_by_asking_for_it():
    lac_ZYX = LazyLac(numbered(), 0.5, (2, 2, 2))
    np.testing.assert_array_equal(np.asarray(lac_ZYX), numbered() * np.float32(0.5))
    assert (len(lac_ZYX), lac_ZYX.size, lac_ZYX.nbytes) == (9, 1386, 5544)
    with pytest.raises(ValueError, match="copy"):
        np.array(lac_ZYX, copy=False)


def test_indexing_gives_a_copy_that_may_be_written_to():
    values_ZYX = numbered(np.float32)
    lac_ZYX = LazyLac(values_ZYX, 1.0, (DIRECT, DIRECT, DIRECT))
    lac_ZYX[2][:] = -1
    lac_ZYX.plane(0, 2)[:] = -1
    np.testing.assert_array_equal(values_ZYX, numbered(np.float32))


def test_the_sample_leaves_out_what_is_no_number():
    values_ZYX = np.ones((6, 5, 4), np.float32)
    values_ZYX[3, 2:] = np.nan
    assert set(LazyLac(values_ZYX, 1.0, (0, 0, 0)).sample) == {1.0}
    values_ZYX[:] = np.inf
    assert LazyLac(values_ZYX, 1.0, (0, 0, 0)).sample.tolist() == [0.0]


def test_only_the_fastest_axis_of_a_large_array_is_read_in_slabs():
    large = np.broadcast_to(np.float32(0), (1024, 1024, 1024))
    c_order = np.lib.stride_tricks.as_strided(large, large.shape, (2**22, 2**12, 4))
    assert slabs_in_memory(c_order) == (0, 0, 32)
    assert slabs_in_memory(c_order.transpose(2, 0, 1)) == (32, 0, 0)
    assert slabs_in_memory(np.zeros((64, 64, 64), np.float32)) == (0, 0, 0)


def test_a_large_file_is_read_in_slabs_along_every_axis():
    assert slabs_in_file((1024,) * 3, 4) == (32, 32, 32)
    assert slabs_in_file((2048, 512, 512), 2) == (64, 64, 64)
    assert slabs_in_file((128,) * 3, 4) == (DIRECT,) * 3


def test_a_sketch_is_a_rough_picture_from_every_direction():
    z, y, x = np.indices((64, 520, 520), np.float32) / 64
    values_ZYX = z + y / 32 + x / 16
    rough = sketch(values_ZYX)
    assert rough.levels[0].shape == (32, 260, 260)
    for axis in range(3):
        plane = rough.plane(axis, 40, values_ZYX.shape)
        assert np.abs(plane - values_ZYX.take(40, axis)).max() < 0.05


@given(edge=st.sampled_from([100, 512, 1024, 2048]), itemsize=st.sampled_from([1, 2, 4]))
def test_slabs_of_a_chunked_array_fit_the_memory_they_are_given(edge, itemsize):
    slabs = chunked_slabs((edge,) * 3, (64,) * 3, itemsize)
    for thickness in slabs:
        assert 1 <= thickness <= 64
        assert 64 % thickness == 0
        assert thickness == 1 or thickness * edge**2 * itemsize <= SLAB_BYTES


def test_lazy_lac_gives_its_own_planes_and_a_memory_map_is_in_a_file(tmp_path):
    lac_ZYX = LazyLac(numbered(), 1.0, (2, 2, 2))
    assert planes_of(lac_ZYX) is lac_ZYX
    mapped = np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.uint8, (2, 5000, 5000))
    assert not planes_of(mapped).at_hand(0, 0)
    assert planes_of(np.array(mapped)).at_hand(2, 0)


VOLUMES = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=3, max_dims=3, max_side=7),
    elements=st.floats(-2, 25, width=32),
)


@given(VOLUMES)
def test_halving_is_area_averaging_by_two(values_ZYX):
    np.testing.assert_allclose(halved(values_ZYX), average(values_ZYX, (2, 2, 2)), atol=1e-5)


def test_halving_even_shapes_is_what_scikit_image_calls_block_reduce():
    values_ZYX = np.random.default_rng(0).random((8, 6, 10), np.float32)
    expected = block_reduce(values_ZYX, (2, 2, 2), np.mean)
    np.testing.assert_allclose(halved(values_ZYX), expected, rtol=1e-6)


def test_a_pyramid_holds_ever_smaller_means_and_opens_again(tmp_path):
    values_ZYX = np.random.default_rng(0).random((150, 130, 70), np.float32)
    events = []
    built = build_pyramid(LazyLac(values_ZYX, 2.0, (32, 32, 32)), tmp_path / "p", events.append)
    assert [level.shape for level in built.levels] == [(75, 65, 35), (38, 33, 18)]
    assert events[0].fraction == 0
    again = open_pyramid(tmp_path / "p")
    assert again is not None
    for level, factor in zip(again.levels, (2, 4), strict=True):
        assert level.dtype == np.float16
        expected = average(2 * values_ZYX, (factor,) * 3)
        np.testing.assert_allclose(level[:-1, :-1, :-1], expected[:-1, :-1, :-1], atol=2e-3)
    assert again.level_within(10**9)[1] == 2
    assert again.level_within(30_000)[1] == 4
    assert again.level_within(1)[1] == 4


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_plane_of_a_pyramid_has_the_shape_and_about_the_values_of_the_true_one(tmp_path, axis):
    z, y, x = np.indices((71, 40, 33), np.float32) / 71
    values_ZYX = z + y + x
    pyramid = build_pyramid(values_ZYX, tmp_path / "p")
    plane = pyramid.plane(axis, 21, values_ZYX.shape)
    assert np.abs(plane - values_ZYX.take(21, axis)).max() < 3 / 71


def test_a_pyramid_that_is_called_off_leaves_nothing(tmp_path):
    def refuse(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        build_pyramid(np.zeros((70, 8, 8), np.float32), tmp_path / "p", refuse)
    assert list(tmp_path.iterdir()) == []
    assert open_pyramid(tmp_path / "p") is None


def test_a_damaged_pyramid_is_none(tmp_path):
    folder = tmp_path / "p"
    build_pyramid(np.zeros((70, 8, 8), np.float32), folder)
    (folder / "level1.npy").write_bytes(b"nothing")
    assert open_pyramid(folder) is None


def test_values_are_unpacked_once(tmp_path):
    counting = Counting(numbered(np.uint8))
    first = unpacked(counting, tmp_path / "labels")
    asked = len(counting.keys)
    second = unpacked(counting, tmp_path / "labels")
    assert isinstance(second, np.memmap)
    assert len(counting.keys) == asked > 0
    for found in (first, second):
        np.testing.assert_array_equal(found, numbered(np.uint8))


def test_the_cache_throws_away_what_was_used_longest_ago(tmp_path):
    for age, name in enumerate(("new", "old", "oldest")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "values").write_bytes(bytes(1000))
        os.utime(folder, (time.time() - 100 * age,) * 2)
    trim_cache(tmp_path, 2000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_what_a_killed_process_left_goes_after_a_day(tmp_path):
    for name, age_s in (("a.1.part", 2 * 24 * 3600), ("b.2.part", 60)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "level1.npy").write_bytes(bytes(10))
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    trim_cache(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["b.2.part"]
    trim_cache(tmp_path / "nowhere", 0)


def test_a_plane_read_alone_is_at_hand_without_its_neighbours():
    counting = Counting(numbered())
    planes = Planes(counting, (4, 4, 4), in_file=True)
    np.testing.assert_array_equal(planes.read_alone(1, 6), numbered()[:, 6])
    assert [planes.at_hand(1, index) for index in (5, 6, 7)] == [False, True, False]
    np.testing.assert_array_equal(planes.plane(1, 6), numbered()[:, 6])
    assert len(counting.keys) == 1
