"""Lines, slices between, region growing, combining: closed forms and scikit-image as oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import draw

from sxtstudio.core.errors import LabelError
from sxtstudio.core.flood import flood_box, flood_mask
from sxtstudio.core.mask import of_label, of_lac, of_range
from sxtstudio.core.region import whole
from sxtstudio.core.tools import growing
from sxtstudio.core.tools.between import copy_slice, drawn_slices, interpolate
from sxtstudio.core.tools.combining import combine, within
from sxtstudio.core.tools.growing import grow_region
from sxtstudio.core.tools.outlines import box_around, depth_of, enclosed
from tests.core.tools.shapes import SIZE_UM, ball, painted

SHAPE = (20, 30, 40)
CENTRE = (10, 15, 20)
# Corners between the voxels' centres: on a centre, inside and outside are a matter of taste.
CORNERS = st.lists(
    st.tuples(st.integers(-3, 32), st.integers(-3, 42)), min_size=3, max_size=9, unique=True
)


def all_of(mask, shape=SHAPE) -> np.ndarray:
    return mask(whole(shape))


def shown(region, shape=SHAPE) -> np.ndarray:
    mask_ZYX = np.zeros(shape, bool)
    mask_ZYX[region.box.slices] = region.mask_ZYX
    return mask_ZYX


@settings(max_examples=80, deadline=None)
@given(corners=CORNERS)
def test_a_polygon_encloses_what_scikit_image_says(corners):
    points = 1.000317 * np.array(corners) + (0.3719, 0.4127)
    drawn = enclosed([(5.0, y, x) for y, x in points], 0, SHAPE)
    wanted = draw.polygon2mask(SHAPE[1:], points)
    assert np.array_equal(shown(drawn)[5], wanted)
    assert np.count_nonzero(shown(drawn)) == np.count_nonzero(wanted)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_circle_encloses_its_area_in_every_plane_and_with_depth(axis):
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    points = []
    for angle in angles:
        place = [8 * np.cos(angle) + 10, 8 * np.sin(angle) + 10]
        place.insert(axis, 9.0)
        points.append(tuple(place))
    flat = enclosed(points, axis, SHAPE)
    assert flat.box.shape[axis] == 1
    assert np.count_nonzero(flat.mask_ZYX) == pytest.approx(np.pi * 64, rel=0.05)
    deep = enclosed(points, axis, SHAPE, depth=5)
    assert deep.box.shape[axis] == 5
    assert np.count_nonzero(deep.mask_ZYX) == 5 * np.count_nonzero(flat.mask_ZYX)
    assert box_around(points, axis, SHAPE) == flat.box
    edges_um = [edge for number, edge in enumerate(SIZE_UM) if number != axis]
    assert depth_of(points, axis, SIZE_UM) == pytest.approx(
        16 * max(edges_um) / SIZE_UM[axis], abs=2
    )


def test_a_line_beside_the_volume_encloses_nothing():
    region = enclosed([(5.0, -9.0, -9.0), (5.0, -2.0, -9.0), (5.0, -2.0, -3.0)], 0, SHAPE)
    assert not region.mask_ZYX.any()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_between_two_discs_lie_discs_whose_radius_goes_evenly(axis):
    shape = (41, 41, 41)
    size_um = (0.1, 0.1, 0.1)
    labels_ZYX = np.zeros(shape, np.uint8)
    for index, radius in ((5, 6.0), (15, 14.0)):
        cut = [slice(None)] * 3
        cut[axis] = slice(index, index + 1)
        middle = [20.0] * 3
        middle[axis] = index
        labels_ZYX[tuple(cut)] = ball(shape, middle, radius, (1, 1, 1))[tuple(cut)]
    assert drawn_slices(labels_ZYX, 1, axis) == [5, 15]
    after = painted(labels_ZYX, interpolate(labels_ZYX, 1, axis, size_um))
    for index in range(5, 16):
        area = np.count_nonzero(after.take(index, axis))
        assert area == pytest.approx(np.pi * (6 + 0.8 * (index - 5)) ** 2, rel=0.05)
    assert drawn_slices(after, 1, axis) == list(range(5, 16))


def test_a_slanted_cylinder_is_found_again_from_every_fourth_slice():
    shape = (17, 40, 60)
    whole_ZYX = np.zeros(shape, np.uint8)
    for z in range(17):
        whole_ZYX[z] = ball(shape, (z, 20, 20 + 1.0 * z), 10.0, (1e3, 1, 1))[z]
    sparse_ZYX = np.zeros_like(whole_ZYX)
    sparse_ZYX[::4] = whole_ZYX[::4]
    after = painted(sparse_ZYX, interpolate(sparse_ZYX, 1, 0, (0.1, 0.1, 0.1)))
    common = np.count_nonzero(after & whole_ZYX)
    assert 2 * common / (after.sum(dtype=int) + whole_ZYX.sum(dtype=int)) > 0.95


def test_slices_that_cannot_be_filled_in_or_copied_are_a_sentence():
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[4:6, 10:20, 10:20] = 1
    with pytest.raises(LabelError, match="nothing to interpolate along z"):
        list(interpolate(labels_ZYX, 1, 0, SIZE_UM))
    with pytest.raises(LabelError, match="no slice beyond"):
        copy_slice(labels_ZYX, 1, 0, SHAPE[0] - 1, 1)
    with pytest.raises(LabelError, match="Nothing of the active class"):
        copy_slice(labels_ZYX, 1, 0, 9, 1)
    after = painted(labels_ZYX, copy_slice(labels_ZYX, 1, 0, 5, 1))
    assert np.array_equal(after[6], labels_ZYX[5])
    assert np.array_equal(painted(labels_ZYX, copy_slice(labels_ZYX, 1, 2, 10, -1))[:, :, 9],
                          labels_ZYX[:, :, 10])  # fmt: skip


def two_phases(noise: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    inside_ZYX = ball(SHAPE, CENTRE, 0.5)
    rng = np.random.default_rng(3)
    return (np.where(inside_ZYX, 0.4, 0.2) + rng.normal(0, noise, SHAPE)).astype(
        np.float32
    ), inside_ZYX


def test_a_grown_region_is_the_ball_that_its_seed_lies_in():
    lac_ZYX, inside_ZYX = two_phases()
    region = grow_region(
        lac_ZYX, lambda box: np.ones(box.shape, bool), CENTRE, whole(SHAPE),
        deviations=4.0, radius_um=0.1, voxel_size_um=SIZE_UM,
    )  # fmt: skip
    assert np.count_nonzero(shown(region) != inside_ZYX) <= 0.002 * inside_ZYX.sum()
    flat = whole(SHAPE)
    flat = type(flat)(low=(10, 0, 0), high=(11, 30, 40))
    region = grow_region(
        lac_ZYX, lambda box: np.ones(box.shape, bool), CENTRE, flat,
        deviations=4.0, radius_um=0.1, voxel_size_um=SIZE_UM,
    )  # fmt: skip
    assert np.array_equal(np.unique(np.nonzero(shown(region))[0]), [10])


def test_region_growing_stays_within_what_is_allowed_and_refuses_too_much(monkeypatch):
    lac_ZYX, inside_ZYX = two_phases()
    half = np.zeros(SHAPE, bool)
    half[:, :, :21] = True
    region = grow_region(
        lac_ZYX, lambda box: half[box.slices], CENTRE, whole(SHAPE),
        deviations=4.0, radius_um=0.1, voxel_size_um=SIZE_UM,
    )  # fmt: skip
    assert np.count_nonzero(shown(region) != (inside_ZYX & half)) <= 0.002 * inside_ZYX.sum()
    monkeypatch.setattr(growing, "_LARGEST", 1000)
    with pytest.raises(LabelError, match="million"):
        grow_region(
            lac_ZYX, lambda box: half[box.slices], CENTRE, whole(SHAPE),
            deviations=4.0, radius_um=0.1, voxel_size_um=SIZE_UM,
        )  # fmt: skip


def test_a_flood_with_tolerance_takes_what_is_connected_and_alike():
    lac_ZYX, inside_ZYX = two_phases(0.002)
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[:, :, 30:] = 2
    mask = of_lac(labels_ZYX, lac_ZYX, CENTRE, 0.05)
    found = np.zeros(SHAPE, bool)
    for region in flood_mask(mask, SHAPE, CENTRE):
        found |= shown(region)
    assert np.array_equal(found, inside_ZYX & (labels_ZYX == 0))
    box = whole(SHAPE)
    assert np.array_equal(shown(flood_box(mask, box, CENTRE)), found)
    assert np.array_equal(
        all_of(of_range(lac_ZYX, (0.39, 0.41))), (lac_ZYX >= 0.39) & (lac_ZYX <= 0.41)
    )


@pytest.mark.parametrize("distance_um", [0.0, 0.12])
def test_classes_are_united_intersected_and_subtracted(distance_um):
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[ball(SHAPE, (10, 15, 14), 0.4)] = 1
    labels_ZYX[ball(SHAPE, (10, 15, 26), 0.4)] = 2
    one, two = labels_ZYX == 1, labels_ZYX == 2
    near = within(of_label(labels_ZYX, 2), distance_um, whole(SHAPE), SIZE_UM)
    near_ZYX = all_of(near)
    assert (near_ZYX == two).all() == (distance_um == 0)
    for how, wanted in (
        ("unite", one | near_ZYX),
        ("intersect", one & near_ZYX),
        ("subtract", one & ~near_ZYX),
    ):
        coats = combine(of_label(labels_ZYX, 1), 1, near, how, whole(SHAPE))
        assert np.array_equal(painted(labels_ZYX, coats) == 1, wanted), how
    nothing = within(of_label(labels_ZYX, 7), 0.1, whole(SHAPE), SIZE_UM)
    assert not all_of(nothing).any()
