"""Watersheds, random walks, cuts and bridges: closed forms and scikit-image as oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import segmentation

from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Cancelled
from sxtstudio.core.mask import Target
from sxtstudio.core.region import Box, Region, slice_box, whole
from sxtstudio.core.tools.basins import basins, touched_basins
from sxtstudio.core.tools.splitting import merge, split
from sxtstudio.core.tools.targets import (
    check_holdable,
    class_in_slice,
    held,
    repainted,
    target_at,
)
from sxtstudio.core.tools.walker import random_walk, rimmed
from sxtstudio.core.tools.watershed import watershed
from tests.core.tools.shapes import SIZE_UM, ball, painted, target

SHAPE = (20, 30, 40)


def passes(height: np.ndarray, mask: np.ndarray, marker: np.ndarray) -> np.ndarray:
    """Return how high one must climb to come from a marker to each voxel."""
    lowest = np.full(height.shape, np.inf)
    for level in np.unique(height[mask]):
        numbers, _ = ndimage.label(mask & (height <= level))
        reached = np.isin(numbers, np.setdiff1d(numbers[marker & mask], [0]))
        lowest = np.where(reached & np.isinf(lowest), level, lowest)
    return lowest


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_watershed_gives_each_voxel_to_the_marker_with_the_lowest_pass(seed):
    rng = np.random.default_rng(seed)
    height = rng.integers(0, 40, (10, 11)).astype(float)
    markers = np.zeros(height.shape, np.int32)
    for number, at in enumerate(rng.choice(height.size, 4, replace=False), start=1):
        markers.ravel()[at] = number
    mask = rng.random(height.shape) < 0.9
    found = watershed(height, markers, mask)
    costs = np.stack([passes(height, mask, markers == number) for number in range(1, 5)])
    lowest = costs.min(axis=0)
    assert np.array_equal(found > 0, np.isfinite(lowest))
    chosen = np.take_along_axis(costs, np.maximum(found - 1, 0)[None], 0)[0]
    assert np.array_equal(chosen[found > 0], lowest[found > 0])
    theirs = segmentation.watershed(height, np.where(mask, markers, 0), mask=mask)
    alone = (costs == lowest).sum(axis=0) == 1
    assert np.array_equal(found[alone], theirs[alone])
    at_markers = mask & (markers > 0)
    assert np.array_equal(found[at_markers], markers[at_markers])


def test_two_overlapping_balls_are_cut_half_way_and_nowhere_else():
    one, other = ball(SHAPE, (10, 15, 13), 0.4), ball(SHAPE, (10, 15, 27), 0.4)
    labels_ZYX = (one | other).astype(np.uint8)
    assert ndimage.label(labels_ZYX)[1] == 1
    after = painted(labels_ZYX, split(target(labels_ZYX == 1), 0.1, SIZE_UM))
    numbers, count = ndimage.label(after)
    assert count == 2
    cut = np.nonzero(after != labels_ZYX)
    assert set(np.abs(cut[2] - 20)) <= {0, 1}, "the neck lies at x = 20"
    sizes = np.bincount(numbers.ravel())[1:]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)


def test_what_has_no_neck_is_not_split():
    with pytest.raises(LabelError, match="No neck"):
        list(split(target(ball(SHAPE, (10, 15, 20), 0.4)), 0.1, SIZE_UM))


def test_a_chain_of_three_balls_becomes_three_and_splitting_can_be_called_off():
    shape = (20, 30, 60)
    mask_ZYX = np.zeros(shape, bool)
    for x in (14, 29, 44):
        mask_ZYX |= ball(shape, (10, 15, x), 0.37)
    labels_ZYX = mask_ZYX.astype(np.uint8)
    after = painted(labels_ZYX, split(target(mask_ZYX), 0.1, SIZE_UM))
    assert ndimage.label(after)[1] == 3

    def stop(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        list(split(target(mask_ZYX), 0.1, SIZE_UM, stop))


def test_merging_gives_one_class_and_one_object():
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[5:15, 10:20, 5:15] = 1
    labels_ZYX[5:15, 10:20, 18:28] = 2
    labels_ZYX[0, 0, 0] = 2
    one = target_at(labels_ZYX, (10, 15, 10), 0, "space")
    two = target_at(labels_ZYX, (10, 15, 20), 0, "space")
    after = painted(labels_ZYX, merge(labels_ZYX, one, two, 0.12, SIZE_UM))
    assert (after[5:15, 10:20, 5:28] == 1).all()
    assert after[0, 0, 0] == 2, "the other object of that class stays"
    assert ndimage.label(after == 1)[1] == 1
    far = painted(labels_ZYX, merge(labels_ZYX, one, two, 0.05, SIZE_UM))
    assert (far[5:15, 10:20, 15:18] == 0).all(), "farther apart than the gap"
    alike = labels_ZYX.copy()
    alike[alike == 2] = 1
    same = target_at(alike, (10, 15, 20), 0, "space")
    joined = painted(alike, merge(alike, one, same, 0.12, SIZE_UM))
    assert ndimage.label(joined == 1)[1] == 2, "the lone voxel and the rest"


def test_targets_are_an_object_in_a_slice_in_space_or_a_class():
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[2:8, 5:10, 5:10] = 3
    labels_ZYX[4, 20:25, 20:25] = 3
    seed = (4, 7, 7)
    for reach, count in (("slice", 25), ("space", 150), ("everywhere", 175)):
        found = target_at(labels_ZYX, seed, 0, reach)
        assert np.count_nonzero(painted(labels_ZYX, repainted(found, 9)) == 9) == count
    assert np.count_nonzero(held(class_in_slice(labels_ZYX, 3, 0, 4)).mask_ZYX) == 50
    with pytest.raises(LabelError, match="Nothing is drawn there"):
        target_at(labels_ZYX, (0, 0, 0), 0, "slice")
    with pytest.raises(LabelError, match="smaller object"):
        check_holdable(Box(low=(0, 0, 0), high=(1000, 1000, 1000)))


def test_a_stroke_takes_the_square_that_it_touches_up_to_its_edges():
    """Four squares of other LAC: a basin ends where the LAC changes."""
    lac_ZYX = np.zeros((1, 40, 40), np.float32)
    lac_ZYX[0, :20, :20], lac_ZYX[0, :20, 20:] = 0.1, 0.3
    lac_ZYX[0, 20:, :20], lac_ZYX[0, 20:, 20:] = 0.5, 0.2
    box = Box(low=(0, 5, 5), high=(1, 15, 15))
    stroke = Region(box=box, mask_ZYX=np.ones(box.shape, bool))
    found = touched_basins(lac_ZYX, stroke, slice_box((1, 40, 40), 0, 0), 0.4, SIZE_UM)
    mask_ZYX = np.zeros(lac_ZYX.shape, bool)
    mask_ZYX[found.box.slices] = found.mask_ZYX
    wanted = np.zeros(lac_ZYX.shape, bool)
    wanted[0, :20, :20] = True
    assert np.count_nonzero(mask_ZYX != wanted) <= 60, "a voxel along its edges"
    assert mask_ZYX[box.slices].all()


def test_basins_fill_a_volume_and_a_too_long_stroke_is_a_sentence():
    lac_ZYX = np.random.default_rng(0).random(SHAPE).astype(np.float32)
    numbers = basins(lac_ZYX, 0.4, SIZE_UM)
    assert numbers.min() == 1
    assert numbers.max() == 4 * 4 * 4
    assert basins(lac_ZYX[:1, :1, :1], 0.4, SIZE_UM).tolist() == [[[1]]]
    box = Box(low=(0, 0, 0), high=(200, 200, 200))
    stroke = Region(box=box, mask_ZYX=np.ones(box.shape, bool))
    with pytest.raises(LabelError, match="million voxels at once"):
        touched_basins(np.zeros(box.shape, np.float32), stroke, box, 0.4, SIZE_UM)


def test_a_walker_on_an_even_row_is_found_out_in_the_middle():
    lac_ZYX = np.full((1, 1, 41), 0.3, np.float32)
    seeds = np.full(lac_ZYX.shape, -1, np.int32)
    seeds[..., 0], seeds[..., -1] = 1, 2
    found = random_walk(lac_ZYX, seeds, SIZE_UM, 100.0)
    assert (found[..., :20] == 1).all()
    assert (found[..., 21:] == 2).all()


def test_a_walker_stops_at_the_edge_of_a_ball():
    inside_ZYX = ball(SHAPE, (10, 15, 20), 0.45)
    noise = np.random.default_rng(1).normal(0, 0.02, SHAPE)
    lac_ZYX = (np.where(inside_ZYX, 0.4, 0.2) + noise).astype(np.float32)
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[10, 15, 15:25] = 4
    seeds_ZYX = rimmed(labels_ZYX, flat_axis=None)
    told = []
    found = random_walk(lac_ZYX, seeds_ZYX, SIZE_UM, 10.0, told.append)
    assert np.count_nonzero((found == 4) != inside_ZYX) <= 0.02 * inside_ZYX.sum()
    assert told[0].fraction < told[-1].fraction


def test_a_walker_decides_as_that_of_scikit_image_does():
    rng = np.random.default_rng(1)
    plane = np.repeat([0.2, 0.4], 8)[None, :] + rng.normal(0, 0.05, (14, 16))
    seeds = np.full(plane.shape, -1, np.int32)
    seeds[7, 2], seeds[3, 13], seeds[12, 8] = 0, 1, 2
    found = random_walk(plane[None], seeds[None], (0.05,) * 3, 3.0)[0]
    theirs = segmentation.random_walker(
        plane, seeds + 1, beta=3.0 * 10 / float(plane.std()), mode="bf"
    )
    assert np.count_nonzero(found + 1 != theirs) <= 2
    assert set(np.unique(found)) == {0, 1, 2}


def test_a_walker_without_two_labels_is_a_sentence_and_one_with_all_known_is_quick():
    lac_ZYX = np.full((3, 3, 3), 0.3, np.float32)
    with pytest.raises(LabelError, match="something to start from"):
        random_walk(lac_ZYX, np.full((3, 3, 3), -1, np.int32), SIZE_UM, 1.0)
    seeds = np.arange(27, dtype=np.int32).reshape(3, 3, 3)
    assert np.array_equal(random_walk(lac_ZYX, seeds, SIZE_UM, 1.0), seeds)
    flat = rimmed(np.zeros((1, 5, 5), np.uint8), flat_axis=0)
    assert np.count_nonzero(flat == -1) == 9


def test_an_anisotropic_target_keeps_its_field():
    box = whole(SHAPE)
    found = Target(mask=lambda part: np.ones(part.shape, bool), box=box, field=box, value=1)
    assert held(found, margin=3).box == box
