"""Planes that were drawn are told from planes that only lie between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.volume import LabelMap
from sxtstudio.workflow.ingest.completeness import completeness_of
from sxtstudio.workflow.ingest.drawing import (
    count_planes,
    find_drawn,
    ignore_between,
    on_planes,
)
from tests.workflow.cells import ball

SHAPE = (30, 32, 34)
BALL_ZYX = ball(SHAPE, (15, 16, 17), 12)


def only_planes(mask_ZYX: np.ndarray, axis: int, planes: list[int]) -> np.ndarray:
    kept_ZYX = np.zeros_like(mask_ZYX)
    index = [slice(None)] * 3
    index[axis] = planes
    kept_ZYX[tuple(index)] = mask_ZYX[tuple(index)]
    return kept_ZYX


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_every_fifth_plane_along_an_axis_is_sparse(axis: int) -> None:
    planes = [5, 10, 15, 20, 25]
    drawn = find_drawn(only_planes(BALL_ZYX, axis, planes))
    assert drawn is not None
    assert drawn.planes[axis] == tuple(planes)
    assert [len(other) for other in drawn.planes].count(0) == 2
    assert f"5 of {SHAPE[axis]} planes along {'zyx'[axis]}" in drawn.words
    assert "about every 5th" in drawn.words


@pytest.mark.parametrize(
    ("planes", "words"),
    [([15], "number 15"), ([6, 15, 18, 19], "unevenly spaced"), ([10, 20], "about every 10th")],
)
def test_a_few_planes_are_sparse_whatever_their_steps(planes: list[int], words: str) -> None:
    drawn = find_drawn(only_planes(BALL_ZYX, 0, planes))
    assert drawn is not None
    assert drawn.planes[0] == tuple(planes)
    assert words in drawn.words


def test_planes_along_three_axes_that_cross_are_found() -> None:
    crossed_ZYX = np.zeros(SHAPE, bool)
    for axis in range(3):
        crossed_ZYX |= only_planes(BALL_ZYX, axis, [10, 15, 20])
    drawn = find_drawn(crossed_ZYX)
    assert drawn is not None
    assert drawn.planes == ((10, 15, 20),) * 3
    assert drawn.words.count("about every 5th") == 3


def test_planes_along_two_axes_that_cross_are_found() -> None:
    crossed_ZYX = only_planes(BALL_ZYX, 0, [10, 20]) | only_planes(BALL_ZYX, 2, [12, 17, 22])
    drawn = find_drawn(crossed_ZYX)
    assert drawn is not None
    assert drawn.planes == ((10, 20), (), (12, 17, 22))


def test_one_plane_along_each_axis_is_found_though_little_else_is_drawn() -> None:
    crossed_ZYX = np.zeros(SHAPE, bool)
    for axis in range(3):
        crossed_ZYX |= only_planes(BALL_ZYX, axis, [16])
    drawn = find_drawn(crossed_ZYX)
    assert drawn is not None
    assert drawn.planes == ((16,), (16,), (16,))
    assert "1 of 30 planes along z is drawn (number 16)" in drawn.words


def test_a_class_that_ends_all_at_once_in_a_dense_annotation_is_not_complete() -> None:
    half_ZYX = only_planes(BALL_ZYX, 0, list(range(15)))
    one = completeness_of(
        "nucleus", int(half_ZYX.sum()), count_planes(half_ZYX), None, all_labelled=False
    )
    assert not one.complete
    assert "ends all at once at plane 14 along z" in one.reason


@pytest.mark.parametrize(("step", "words"), [(2, "2nd"), (3, "3rd"), (4, "4th")])
def test_steps_are_said_as_people_say_them(step: int, words: str) -> None:
    drawn = find_drawn(only_planes(BALL_ZYX, 0, list(range(4, 26, step))))
    assert drawn is not None
    assert f"about every {words}" in drawn.words


def test_one_voxel_off_the_planes_means_that_they_are_not_all() -> None:
    crossed_ZYX = only_planes(BALL_ZYX, 0, [10, 20]) | only_planes(BALL_ZYX, 2, [12, 22])
    crossed_ZYX[13:16, 16, 16:19] = True
    assert find_drawn(crossed_ZYX) is None


@settings(deadline=None)
@given(centre=st.tuples(*(st.floats(8, n - 8) for n in SHAPE)), radius=st.floats(1.5, 7))
def test_whole_objects_are_dense(centre: tuple[float, float, float], radius: float) -> None:
    assert find_drawn(ball(SHAPE, centre, radius)) is None


@pytest.mark.parametrize(
    "mask_ZYX",
    [
        np.zeros(SHAPE, bool),
        np.ones(SHAPE, bool),
        ball(SHAPE, (5, 16, 17), 4) | ball(SHAPE, (22, 16, 17), 5),
        ball(SHAPE, (15, 5, 5), 1) | ball(SHAPE, (3, 25, 25), 1),
    ],
)
def test_nothing_everything_and_far_objects_are_dense(mask_ZYX: np.ndarray) -> None:
    assert find_drawn(mask_ZYX) is None


def test_a_drawing_that_ends_all_at_once_is_a_part_of_the_planes() -> None:
    drawn = find_drawn(only_planes(BALL_ZYX, 0, list(range(8, 19))))
    assert drawn is not None
    assert drawn.planes == (tuple(range(8, 19)), (), ())
    assert "planes 8 to 18 of 30 along z" in drawn.words
    assert "all at once" in drawn.words


def test_a_cell_cut_off_by_the_volume_is_dense() -> None:
    assert find_drawn(BALL_ZYX[15:]) is None
    assert find_drawn(BALL_ZYX[:, 15:]) is None


@settings(deadline=None)
@given(planes=st.tuples(*(st.lists(st.integers(0, n - 1), max_size=4, unique=True) for n in SHAPE)))
def test_a_voxel_lies_on_a_plane_if_one_of_its_indices_is_drawn(
    planes: tuple[list[int], list[int], list[int]],
) -> None:
    from sxtstudio.workflow.ingest.proposals import Drawn

    z, y, x = (tuple(sorted(along)) for along in planes)
    mask_ZYX = on_planes(Drawn(planes=(z, y, x), words=""), SHAPE)
    index = np.indices(SHAPE)
    expected_ZYX = np.isin(index[0], z) | np.isin(index[1], y) | np.isin(index[2], x)
    np.testing.assert_array_equal(mask_ZYX, expected_ZYX)


def test_undrawn_planes_become_ignore_and_drawn_ones_keep_what_is_unlabelled() -> None:
    labels_ZYX = only_planes(BALL_ZYX, 0, [5, 15, 25]).astype(np.uint8)
    drawn = find_drawn(labels_ZYX > 0)
    assert drawn is not None
    label_map = LabelMap(
        labels_ZYX=labels_ZYX, names={1: "cell", 255: "nucleus"}, voxel_size_um=(1, 1, 1)
    )
    kept = ignore_between(label_map, drawn)
    assert kept.names == {1: "cell", 255: "nucleus", 256: "ignore"}
    assert kept.labels_ZYX.dtype == np.uint16
    seen = [5, 15, 25]
    np.testing.assert_array_equal(kept.labels_ZYX[seen], labels_ZYX[seen])
    assert (np.delete(kept.labels_ZYX, seen, axis=0) == 256).all()
    assert ignore_between(kept, drawn) is kept


def test_an_ignore_that_is_there_already_is_used() -> None:
    labels_ZYX = only_planes(BALL_ZYX, 0, [5, 15, 25]).astype(np.uint8)
    drawn = find_drawn(labels_ZYX > 0)
    assert drawn is not None
    label_map = LabelMap(
        labels_ZYX=labels_ZYX, names={1: "cell", 7: "ignore"}, voxel_size_um=(1, 1, 1)
    )
    kept = ignore_between(label_map, drawn)
    assert kept.names == label_map.names
    assert set(np.unique(kept.labels_ZYX)) == {0, 1, 7}


def look(mask_ZYX: np.ndarray, whole_ZYX: np.ndarray, *, all_labelled: bool = False, term="er"):
    return completeness_of(
        term,
        int(mask_ZYX.sum()),
        count_planes(mask_ZYX),
        find_drawn(whole_ZYX),
        all_labelled=all_labelled,
    )


def test_what_is_drawn_on_each_plane_looks_complete() -> None:
    found = look(BALL_ZYX, BALL_ZYX)
    assert found.complete
    assert found.reason == "drawn on each plane from 3 to 27 along z"
    two_ZYX = ball(SHAPE, (5, 16, 17), 4) | ball(SHAPE, (22, 16, 17), 5)
    assert "several at a time" in look(two_ZYX, two_ZYX).reason
    assert look(two_ZYX, two_ZYX).complete


def test_what_is_drawn_on_some_planes_of_a_dense_annotation_does_not() -> None:
    sparse_ZYX = only_planes(BALL_ZYX, 0, [6, 12, 18, 24])
    found = look(sparse_ZYX, BALL_ZYX)
    assert not found.complete
    assert "drawn on 4 planes with gaps between 6 and 24" in found.reason


def test_in_a_sparse_annotation_the_drawn_planes_count() -> None:
    whole_ZYX = only_planes(BALL_ZYX, 0, [6, 12, 18, 24])
    assert look(whole_ZYX, whole_ZYX).complete
    once = look(only_planes(BALL_ZYX, 0, [12]), whole_ZYX)
    assert not once.complete
    assert once.reason == "on 1 of the 4 drawn planes along z"


@pytest.mark.parametrize("term", [None, "ignore"])
def test_what_has_no_meaning_is_never_complete(term: str | None) -> None:
    assert not look(BALL_ZYX, BALL_ZYX, all_labelled=True, term=term).complete


def test_scribbles_are_not_complete_unless_every_voxel_is_labelled() -> None:
    scribble_ZYX = np.zeros(SHAPE, bool)
    scribble_ZYX[5, 5, 5:12] = True
    assert look(scribble_ZYX, BALL_ZYX).reason == "only 7 voxels are drawn"
    assert look(scribble_ZYX, BALL_ZYX, all_labelled=True).complete
