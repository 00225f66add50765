import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from sxtstudio.core.colour_vision import (
    VISIONS,
    ciede2000,
    lab_of,
    least_distances,
    rgb_of,
    seen_by,
    views_of,
)

parts = st.floats(0, 1)
colours = st.tuples(parts, parts, parts).map(np.array)

# Of the test data of Sharma, Wu and Dalal (2005), table 1: L, a, b twice, and the difference.
SHARMA = (
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (56.0, -27.0, -3.0), 31.9030),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
)


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_differences_are_those_of_the_published_test_data(first, second, expected):
    assert ciede2000(np.array(first), np.array(second)) == pytest.approx(expected, abs=1e-4)
    assert ciede2000(np.array(second), np.array(first)) == pytest.approx(expected, abs=1e-4)


def test_lab_and_differences_agree_with_scikit_image():
    rng = np.random.default_rng(3)
    first, second = rng.random((2, 400, 3))
    first[:3], second[:3] = [[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5]], [[1, 1, 1]] * 3

    np.testing.assert_allclose(lab_of(first), rgb2lab(first), atol=0.02)
    ours = ciede2000(lab_of(first), lab_of(second))
    theirs = deltaE_ciede2000(rgb2lab(first), rgb2lab(second))
    np.testing.assert_allclose(ours, theirs, atol=0.02)


def test_colours_are_read_as_they_are_written():
    np.testing.assert_allclose(rgb_of(["#ff8000", "#000001"]), [[1, 128 / 255, 0], [0, 0, 1 / 255]])


@pytest.mark.parametrize("vision", VISIONS)
def test_greys_look_alike_to_all(vision):
    greys = np.linspace(0, 1, 11)[:, None] * np.ones(3)

    np.testing.assert_allclose(seen_by(greys, vision), greys, atol=1e-4)


def test_red_and_green_look_alike_to_those_who_lack_red_or_green():
    red, olive = rgb_of(["#b03000"]), rgb_of(["#7a6a00"])
    apart = {
        it: float(ciede2000(lab_of(seen_by(red, it)), lab_of(seen_by(olive, it)))[0])
        for it in VISIONS
    }
    assert apart["ordinary"] > 30
    assert apart["deuteranopia"] < 12
    assert apart["tritanopia"] > 15


@given(colours, colours)
def test_whoever_sees_least_sees_no_more_than_ordinary_eyes(first, second):
    least = least_distances(views_of(first[None]), views_of(second[None]))

    assert least.shape == (1, 1)
    assert 0 <= least[0, 0] <= ciede2000(lab_of(first), lab_of(second)) + 1e-9


@given(colours)
def test_a_colour_does_not_differ_from_itself(colour):
    assert least_distances(views_of(colour[None]), views_of(colour[None]))[0, 0] < 1e-5
