"""What the colours of measured objects stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.analysis.colour_scale import ColourScale, colour_scale, number_words
from sxtstudio.core.scene import Colouring

VOLUME = Colouring(column="volume_um3")
LAC = Colouring(column="lac_mean_per_um")


def test_a_scale_ends_at_neat_numbers():
    scale = colour_scale({1: np.array([0.213, 0.31]), 2: np.array([0.587])}, LAC)
    assert (scale.low, scale.high) == (pytest.approx(0.2), pytest.approx(0.6))
    assert [words for _, words in scale.ticks()] == ["0.2", "0.3", "0.4", "0.5", "0.6"]
    assert [share for share, _ in scale.ticks()] == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_volumes_that_differ_much_stand_on_logarithms():
    scale = colour_scale({1: np.array([0.0061, 0.4, 3.3])}, VOLUME)
    assert scale.logarithmic
    assert [words for _, words in scale.ticks()] == ["0.005", "0.01", "0.1", "1", "5"]
    assert scale.shares(np.array([0.005, 5.0])) == pytest.approx([0, 1])
    assert np.isnan(scale.shares(np.array([0.0, np.nan]))).all()
    near = colour_scale({1: np.array([0.02, 3.3])}, Colouring(column="distance_to_nucleus_um"))
    assert not near.logarithmic
    assert near.low == 0


def test_dust_does_not_stretch_a_scale_unless_there_is_nothing_else():
    values, voxels = {1: np.array([4.0, 2.0, 0.001])}, {1: np.array([4000.0, 2000.0, 1.0])}
    assert colour_scale(values, VOLUME, voxels).low == pytest.approx(2.0)
    dust = colour_scale({1: np.array([0.001])}, VOLUME, {1: np.array([1.0])})
    assert dust.low == pytest.approx(0.001)


def test_ends_that_are_wanted_are_kept_and_nothing_measured_is_zero_to_one():
    assert colour_scale({}, VOLUME) == ColourScale(column="volume_um3")
    given_ends = Colouring(column="volume_um3", low=2.0, high=1.0)
    scale = colour_scale({1: np.array([5.0])}, given_ends)
    assert (scale.low, scale.high) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.3, "0.3"), (1e-5, "10⁻⁵"), (5e-5, "5·10⁻⁵"), (2e6, "2·10⁶"), (1500, "1500")],
)
def test_numbers_are_written_as_people_write_them(value, words):
    assert number_words(value) == words


@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=20),
    st.sampled_from(["volume_um3", "lac_sd_per_um"]),
)
def test_every_value_lies_on_its_scale_and_ticks_rise(values, column):
    scale = colour_scale({1: np.array(values)}, Colouring(column=column))
    shares = scale.shares(np.array(values))
    assert (shares >= -1e-6).all()
    assert (shares <= 1 + 1e-6).all()
    places = [share for share, _ in scale.ticks()]
    assert places == sorted(places)
    assert 2 <= len(places) <= 16
    assert -1e-6 <= places[0] <= places[-1] <= 1 + 1e-6
