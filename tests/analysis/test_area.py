"""Surface areas against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sxtstudio.analysis.area import surface_areas_um2
from tests.analysis.shapes import Shape, ball, cuboid, cylinder, draw, spheroid

CUBE = (1.0, 1.0, 1.0)


def area(mask_ZYX, voxel_size_um=CUBE):
    return surface_areas_um2(mask_ZYX.astype(np.uint32), 1, voxel_size_um)[0]


def mean_error(shape: Shape, voxel_size_um, repeats=4):
    rng = np.random.default_rng(5)
    found = [area(draw(shape, voxel_size_um, rng), voxel_size_um) for _ in range(repeats)]
    return np.mean(found) / shape.surface - 1


@pytest.mark.parametrize(
    ("shape", "bound"),
    [
        (ball(2), 0.06),
        (ball(3), 0.02),
        (ball(5), 0.015),
        (ball(8), 0.005),
        (ball(16), 0.003),
        (spheroid(4, 2.5), 0.01),
        (spheroid(8, 2.5), 0.005),
        (cylinder(2, 12), 0.04),
        (cylinder(4, 15), 0.03),
        (cuboid(8, 10, 6), 0.06),
        (cuboid(15, 19, 12), 0.035),
    ],
    ids=lambda value: value.name if isinstance(value, Shape) else "",
)
def test_areas_of_turned_shapes_are_right_within_the_stated_error(shape, bound):
    assert abs(mean_error(shape, CUBE)) < bound


@pytest.mark.parametrize("voxel_size_um", [(2.0, 1.0, 1.0), (0.5, 1.0, 1.0), (1.0, 1.0, 3.0)])
@pytest.mark.parametrize("shape", [ball(10), spheroid(8, 2)], ids=lambda shape: shape.name)
def test_areas_are_right_where_voxels_are_not_cubes(shape, voxel_size_um):
    assert abs(mean_error(shape, voxel_size_um)) < 0.012


@pytest.mark.parametrize(("edge", "bound"), [(6, 0.10), (12, 0.05), (30, 0.021)])
def test_a_cube_along_the_axes_loses_only_its_sharp_edges(edge, bound):
    error = area(np.ones((edge,) * 3, bool)) / (6 * edge**2) - 1
    assert -bound < error < 0


def test_one_voxel_has_the_surface_of_a_box():
    assert area(np.ones((1, 1, 1), bool), (0.5, 1.0, 2.0)) == pytest.approx(2 * (0.5 + 1 + 2))


def test_lengths_scale_the_area_by_their_square():
    mask_ZYX = draw(ball(6), CUBE, np.random.default_rng(0))
    assert area(mask_ZYX, (0.04,) * 3) == pytest.approx(0.04**2 * area(mask_ZYX))


def test_neighbours_do_not_change_each_other():
    left_ZYX = draw(ball(5), CUBE, np.random.default_rng(1))
    both_ZYX = np.concatenate([left_ZYX.astype(np.uint32), 2 * left_ZYX.astype(np.uint32)], axis=2)
    both_ZYX = np.delete(both_ZYX, np.flatnonzero(~both_ZYX.any(axis=(0, 1))), axis=2)
    assert surface_areas_um2(both_ZYX, 2, CUBE) == pytest.approx([area(left_ZYX)] * 2)


def test_many_faces_are_summed_in_pieces_without_a_seam(monkeypatch):
    mask_ZYX = draw(ball(9), CUBE, np.random.default_rng(2))
    whole = area(mask_ZYX)
    monkeypatch.setattr("sxtstudio.analysis.area._CHUNK", 37)
    assert area(mask_ZYX) == pytest.approx(whole)


@settings(max_examples=25, deadline=None)
@given(
    mask_ZYX=arrays(bool, array_shapes(min_dims=3, max_dims=3, max_side=6)),
    order=st.permutations(range(3)),
    shift=st.integers(0, 3),
)
def test_area_does_not_depend_on_place_or_order_of_axes(mask_ZYX, order, shift):
    size_um = (0.5, 1.0, 2.0)
    moved = np.pad(np.transpose(mask_ZYX, order)[::-1], shift)
    moved_size_um = tuple(size_um[axis] for axis in order)
    assert area(moved, moved_size_um) == pytest.approx(area(mask_ZYX, size_um), rel=1e-5)
