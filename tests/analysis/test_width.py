"""The longest width against all pairs of voxels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.spatial.distance import pdist

from sxtstudio.analysis.width import longest_width_um
from tests.analysis.shapes import ball, cuboid, draw

SIZE_UM = (0.5, 1.0, 2.0)


@settings(max_examples=50, deadline=None)
@given(mask_ZYX=arrays(bool, array_shapes(min_dims=3, max_dims=3, max_side=7)))
def test_it_is_the_greatest_of_all_distances(mask_ZYX):
    mask_ZYX[0, 0, 0] = True
    all_um = pdist(np.argwhere(mask_ZYX) * SIZE_UM)
    assert longest_width_um(mask_ZYX, SIZE_UM) == pytest.approx(all_um.max(initial=0.0))


@pytest.mark.parametrize("shape", [ball(14), cuboid(13, 4, 20)], ids=lambda shape: shape.name)
def test_large_objects_are_measured_on_their_hull(shape, monkeypatch):
    mask_ZYX = draw(shape, (1.0, 1.0, 1.0), np.random.default_rng(3))
    width_um = longest_width_um(mask_ZYX, (1.0, 1.0, 1.0))
    assert width_um == pytest.approx(2 * shape.reach, abs=1.5)
    monkeypatch.setattr("sxtstudio.analysis.width._FEW", 10**9)
    assert width_um == longest_width_um(mask_ZYX, (1.0, 1.0, 1.0))


def test_flat_and_thin_objects_have_a_width():
    plate = np.ones((1, 300, 300), bool)
    assert longest_width_um(plate, (1.0, 1.0, 1.0)) == pytest.approx(np.hypot(299, 299))
    rod = np.ones((800, 1, 1), bool)
    assert longest_width_um(rod, (0.1, 1.0, 1.0)) == pytest.approx(79.9)


def test_an_oblique_plane_of_voxels_has_a_width():
    plane = np.zeros((400, 400, 2), bool)
    plane[np.arange(400), np.arange(400)] = True
    assert longest_width_um(plane, (1.0, 1.0, 1.0)) == pytest.approx(np.sqrt(2 * 399**2 + 1))


def test_one_voxel_has_no_width():
    assert longest_width_um(np.ones((1, 1, 1), bool), SIZE_UM) == 0
