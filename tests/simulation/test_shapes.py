"""Shapes on a grid against their closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.simulation.canvas import OUTSIDE, VALUES, Canvas, Room, grow_tube, place_granules
from sxtstudio.simulation.shapes import (
    Grid,
    Shape,
    coverage,
    ellipsoid,
    level_for_volume,
    random_rotation,
    roughen,
    smooth_field,
    swept_balls,
    unite,
)

GRID = Grid(size=64, voxel_um=0.05)


def volume_um3(shape: Shape) -> float:
    return float(coverage(shape.depth_ZYX, GRID.voxel_um).sum()) * GRID.voxel_um**3


@given(seed=st.integers(0, 1000))
def test_a_turned_ellipsoid_has_its_volume_and_stays_in_its_box(seed):
    rng = np.random.default_rng(seed)
    radii_um = rng.uniform(0.3, 0.8, 3)
    shape = ellipsoid(GRID, rng.uniform(-0.3, 0.3, 3), radii_um, random_rotation(rng))
    assert volume_um3(shape) == pytest.approx(4 / 3 * np.pi * np.prod(radii_um), rel=0.03)
    faces = [shape.depth_ZYX.take(i, axis).max() for axis in range(3) for i in (0, -1)]
    assert max(faces) < 0


def test_a_straight_tube_is_a_cylinder_with_round_ends():
    points_um = np.linspace([0, 0, -0.8], [0, 0, 0.8], 65)
    shape = swept_balls(GRID, points_um, np.full(65, 0.3))
    expected = np.pi * 0.3**2 * 1.6 + 4 / 3 * np.pi * 0.3**3
    assert volume_um3(shape) == pytest.approx(expected, rel=0.02)


def test_peeling_a_ball_leaves_a_smaller_ball():
    ball = ellipsoid(GRID, np.zeros(3), np.full(3, 1.0))
    assert volume_um3(ball.inset(0.25)) == pytest.approx(4 / 3 * np.pi * 0.75**3, rel=0.01)


def test_two_balls_far_apart_grow_together_without_changing():
    a = ellipsoid(GRID, np.array([0, 0, -0.8]), np.full(3, 0.5), None, 3.0)
    b = ellipsoid(GRID, np.array([0, 0, 0.8]), np.full(3, 0.4), None, 3.0)
    together = unite(a, b, GRID, neck_um=0.05)
    assert volume_um3(together) == pytest.approx(volume_um3(a) + volume_um3(b), rel=0.02)


def test_bumps_move_the_surface_by_at_most_two_standard_deviations():
    ball = ellipsoid(GRID, np.zeros(3), np.full(3, 1.0))
    rough = roughen(ball, GRID, 0.05, 0.5, np.random.default_rng(1))
    moved = np.abs(rough.depth_ZYX - ball.depth_ZYX)
    assert moved.max() <= 0.1 + 1e-6
    assert moved.std() > 0.01


def test_a_body_outside_the_grid_is_empty():
    ball = ellipsoid(GRID, np.array([9.0, 0, 0]), np.full(3, 0.5))
    assert roughen(ball, GRID, 0.05, 0.5, np.random.default_rng(1)).depth_ZYX.size == 0
    canvas = Canvas(GRID)
    canvas.paint(ball, 1.0, "lipid", (OUTSIDE,))
    assert not canvas.labels_ZYX.any()


@pytest.mark.parametrize("scale", [2.0, 3.7, 8.0])
def test_a_smooth_field_has_unit_variance_and_varies_over_its_scale(scale):
    field = smooth_field((96, 80, 64), scale, np.random.default_rng(4))
    assert field.shape == (96, 80, 64)
    assert abs(field.mean()) < 0.1
    assert field.std() == pytest.approx(1, abs=0.08)
    step = round(scale)
    near = np.corrcoef(field[1:].ravel(), field[:-1].ravel())[0, 1]
    far = np.corrcoef(field[4 * step :].ravel(), field[: -4 * step].ravel())[0, 1]
    assert near > 0.7
    assert abs(far) < 0.15


@given(st.integers(0, 50))
def test_a_level_holds_the_number_of_voxels_asked_for(count):
    values = np.random.default_rng(0).permutation(50).astype(float)
    level = level_for_volume(values, count)
    assert np.count_nonzero(values >= level) == max(count, 1)


def test_painting_labels_the_voxels_that_are_more_than_half_covered():
    canvas = Canvas(GRID)
    ball = ellipsoid(GRID, np.zeros(3), np.full(3, 0.7))
    canvas.paint(ball, 0.5, "lipid", (OUTSIDE,))
    assert canvas.volume_um3("lipid") == pytest.approx(4 / 3 * np.pi * 0.7**3, rel=0.02)
    total = float(canvas.lac_ZYX.sum()) * GRID.voxel_um**3
    assert total == pytest.approx(0.5 * 4 / 3 * np.pi * 0.7**3, rel=0.01)


def test_painting_spares_classes_that_are_not_named():
    canvas = Canvas(GRID)
    ball = ellipsoid(GRID, np.zeros(3), np.full(3, 0.7))
    canvas.paint(ball, 0.5, "nucleus", (OUTSIDE,))
    before = canvas.lac_ZYX.copy()
    canvas.paint(ball, 0.9, "lipid", ("cytoplasm",))
    assert set(np.unique(canvas.labels_ZYX)) == {0, VALUES["nucleus"]}
    assert np.array_equal(before, canvas.lac_ZYX)


@settings(max_examples=15)
@given(seed=st.integers(0, 200))
def test_granules_do_not_overlap_and_stay_in_their_room(seed):
    rng = np.random.default_rng(seed)
    free = ellipsoid(GRID, np.zeros(3), np.full(3, 0.9), None, 1.0)
    free_ZYX = np.zeros(GRID.shape, bool)
    free_ZYX[free.box] = free.depth_ZYX > 0
    shapes = place_granules(
        Room(free_ZYX, GRID), rng.uniform(0.1, 0.3, 12), rng, clusters=2, spread_um=0.4
    )
    assert shapes
    covered = np.zeros(GRID.shape, int)
    for shape in shapes:
        covered[shape.box] += shape.depth_ZYX > 0
    assert covered.max() == 1
    assert not (covered.astype(bool) & ~free_ZYX).any()


def test_a_tube_stays_in_its_room_and_is_as_long_as_wanted():
    free_ZYX = np.zeros(GRID.shape, bool)
    free_ZYX[4:60, 4:60, 4:60] = True
    rng = np.random.default_rng(2)
    volumes = []
    for _ in range(10):
        tube = grow_tube(Room(free_ZYX, GRID), 0.15, 1.5, rng, hug=0.0, branching=0.0)
        assert tube is not None
        outside = (tube.depth_ZYX > 0.05) & ~free_ZYX[tube.box]
        assert not outside.any()
        volumes.append(volume_um3(tube))
    assert np.median(volumes) == pytest.approx(np.pi * 0.15**2 * 1.5, rel=0.3)


def test_where_nothing_is_free_nothing_grows():
    room = Room(np.zeros(GRID.shape, bool), GRID)
    rng = np.random.default_rng(0)
    assert grow_tube(room, 0.15, 1.0, rng, hug=0.5) is None
    assert place_granules(room, np.array([0.2]), rng, clusters=2, spread_um=1.0) == []
