"""Meshing only what an edit has changed."""

import numpy as np
import pytest

from sxtstudio.analysis.surface import Mesher, make_surfaces
from sxtstudio.analysis.surface_files import mesh_arrays
from sxtstudio.analysis.surface_patch import patch_surfaces
from sxtstudio.core.region import Box
from tests.analysis.shapes import ball_labels

SIZE_UM = (0.05, 0.04, 0.03)
SHAPE = (60, 64, 70)


def two_balls():
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[ball_labels(SHAPE, (1.5, 1.2, 1.0), 0.7, SIZE_UM)] = 1
    labels_ZYX[ball_labels(SHAPE, (1.5, 1.2, 1.0), 0.3, SIZE_UM)] = 2
    return labels_ZYX


def volume_um3(surface):
    points, triangles = mesh_arrays(surface)
    a, b, c = (points.astype(float)[triangles[:, i]] for i in range(3))
    return np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6


def test_a_patch_after_an_edit_is_nearly_what_meshing_everything_gives():
    labels_ZYX = two_balls()
    before = make_surfaces(labels_ZYX, SIZE_UM, [1, 2, 3], triangles=10**9)
    box = Box(low=(44, 24, 27), high=(54, 36, 39))
    labels_ZYX[box.slices] = 3
    patched = patch_surfaces(before, labels_ZYX, SIZE_UM, [1, 2, 3], box)
    whole = make_surfaces(labels_ZYX, SIZE_UM, [1, 2, 3], triangles=10**9)
    assert set(patched) == {1, 2, 3}
    for value in (1, 3):
        assert volume_um3(patched[value]) == pytest.approx(volume_um3(whole[value]), rel=0.02)
        near = patched[value].GetNumberOfPolys() / whole[value].GetNumberOfPolys()
        assert near == pytest.approx(1, abs=0.02)
        assert patched[value].GetBounds() == pytest.approx(whole[value].GetBounds(), abs=0.02)
    # What lies outside the box was not touched: the very same points.
    old, new = (set(map(tuple, mesh_arrays(it[1])[0].tolist())) for it in (before, patched))
    assert len(old & new) > 0.7 * len(old)


def test_a_label_that_was_erased_has_no_surface_any_more():
    labels_ZYX = two_balls()
    before = make_surfaces(labels_ZYX, SIZE_UM, [1, 2])
    labels_ZYX[labels_ZYX == 2] = 1
    box = Box(low=(20, 15, 15), high=(45, 45, 55))
    assert set(patch_surfaces(before, labels_ZYX, SIZE_UM, [1, 2], box)) == {1}


def test_an_edit_outside_the_volume_changes_nothing():
    labels_ZYX = two_balls()
    before = make_surfaces(labels_ZYX, SIZE_UM, [1, 2])
    box = Box(low=(900, 0, 0), high=(910, 5, 5))
    assert patch_surfaces(before, labels_ZYX, SIZE_UM, [1, 2], box) == before


def test_one_mesher_gives_several_levels_of_detail():
    mesher = Mesher(two_balls(), SIZE_UM, [1, 2])
    fine, light = mesher.surfaces(10**9), mesher.surfaces(4000)
    counts = [sum(s.GetNumberOfPolys() for s in level.values()) for level in (fine, light)]
    assert counts[1] <= 4400 < counts[0]
    assert volume_um3(light[1]) == pytest.approx(volume_um3(fine[1]), rel=0.05)


def test_labels_at_the_edge_of_a_volume_lie_where_they_are_whatever_the_rest():
    labels_ZYX = np.zeros((9, 10, 11), np.uint16)
    labels_ZYX[6:, 7:, 8:] = 500
    bounds = make_surfaces(labels_ZYX, (1.0, 1.0, 1.0), [500])[500].GetBounds()
    assert bounds == pytest.approx((7.5, 10.5, 6.5, 9.5, 5.5, 8.5), abs=0.35)
