"""Floods against SciPy's labelling of the whole volume."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from sxtstudio.core import flood
from sxtstudio.core.events import Cancelled
from sxtstudio.core.flood import flood_slice, flood_volume, labelled
from sxtstudio.core.region import Box


def blobs(shape, seed: int) -> np.ndarray:
    """Return labels 0 to 2 in winding shapes."""
    noise_ZYX = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.5)
    return np.digitize(noise_ZYX, np.quantile(noise_ZYX, [0.4, 0.7])).astype(np.uint8)


def in_volume(regions, shape) -> np.ndarray:
    mask_ZYX = np.zeros(shape, bool)
    for region in regions:
        assert not mask_ZYX[region.box.slices].any(), "a voxel is filled twice"
        mask_ZYX[region.box.slices] = region.mask_ZYX
    return mask_ZYX


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    at=st.tuples(*[st.floats(0, 0.999)] * 3),
    block=st.sampled_from([5, 8, 64]),
)
def test_a_flood_in_space_is_the_component_of_the_seed(seed, at, block):
    shape = (17, 23, 20)
    labels_ZYX = blobs(shape, seed)
    voxel = tuple(int(share * n) for share, n in zip(at, shape, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flood, "BLOCK", block)
        found_ZYX = in_volume(flood_volume(labels_ZYX, voxel), shape)
    number_of, _ = ndimage.label(labels_ZYX == labels_ZYX[voxel])
    assert np.array_equal(found_ZYX, number_of == number_of[voxel])


@pytest.mark.parametrize("axis", [0, 1, 2])
@given(seed=st.integers(0, 10**6), at=st.tuples(*[st.floats(0, 0.999)] * 3))
def test_a_flood_in_a_slice_stays_in_it(axis, seed, at):
    shape = (9, 12, 15)
    labels_ZYX = blobs(shape, seed)
    voxel = tuple(int(share * n) for share, n in zip(at, shape, strict=True))
    found_ZYX = in_volume([flood_slice(labels_ZYX, voxel, axis)], shape)
    plane = labels_ZYX.take(voxel[axis], axis=axis)
    number_of, _ = ndimage.label(plane == labels_ZYX[voxel])
    at_plane = tuple(np.delete(voxel, axis))
    assert np.array_equal(found_ZYX.take(voxel[axis], axis=axis), number_of == number_of[at_plane])
    assert not np.delete(found_ZYX, voxel[axis], axis=axis).any()


def test_a_winding_tube_is_followed_through_many_blocks():
    """A spiral crosses the same blocks again and again, each time as another component."""
    turn = np.linspace(0, 40 * np.pi, 40_000)
    z = np.linspace(4, 195, turn.size)
    points = np.round(np.stack([z, 100 + 90 * np.cos(turn), 100 + 90 * np.sin(turn)])).astype(int)
    labels_ZYX = np.zeros((200, 200, 200), np.uint8)
    labels_ZYX[tuple(points)] = 1
    labels_ZYX = ndimage.binary_dilation(labels_ZYX).astype(np.uint8)
    regions = flood_volume(labels_ZYX, tuple(points[:, 0]))
    number_of, _ = ndimage.label(labels_ZYX)
    wanted = number_of == number_of[tuple(points[:, 0])]
    assert wanted.sum() > 50_000
    assert np.array_equal(in_volume(regions, labels_ZYX.shape), wanted)


def test_a_flood_can_be_called_off():
    def stop(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        flood_volume(np.zeros((8, 8, 8), np.uint8), (1, 1, 1), stop)


def test_all_voxels_of_a_label_are_found_in_a_box_and_in_the_volume():
    labels_ZYX = blobs((12, 14, 16), 3)
    assert np.array_equal(in_volume(labelled(labels_ZYX, 2), labels_ZYX.shape), labels_ZYX == 2)
    box = Box(low=(3, 2, 5), high=(9, 14, 11))
    found_ZYX = in_volume(labelled(labels_ZYX, 2, box), labels_ZYX.shape)
    assert np.array_equal(found_ZYX[box.slices], labels_ZYX[box.slices] == 2)
    assert found_ZYX.sum() == found_ZYX[box.slices].sum()
    assert list(labelled(labels_ZYX, 9)) == []
