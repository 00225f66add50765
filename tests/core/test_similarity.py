"""How much two cells are alike, against SciPy and by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from sxtstudio.core.similarity import (
    HISTOGRAM_EDGES_PER_UM,
    CellProfile,
    distance,
    lac_histogram,
    profile_of,
    reasons,
)
from sxtstudio.core.volume import Tomogram

MIDDLES = np.array(HISTOGRAM_EDGES_PER_UM[:-1]) + 0.01
YEAST = "Saccharomyces cerevisiae, BY4741"


def profile(mean=0.3, edge=0.04, shape=(20, 20, 20), kind=YEAST) -> CellProfile:
    lac_ZYX = np.random.default_rng(0).normal(mean, 0.05, shape).astype(np.float32)
    return profile_of(Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(edge,) * 3), kind)


def test_the_histogram_is_that_of_numpy_and_the_outer_bins_take_the_rest():
    lac_ZYX = np.random.default_rng(1).uniform(-0.0999, 1.1999, (9, 10, 11))
    expected = np.histogram(lac_ZYX, np.array(HISTOGRAM_EDGES_PER_UM))[0] / lac_ZYX.size

    assert lac_histogram(lac_ZYX) == pytest.approx(expected, abs=2 / lac_ZYX.size)

    beyond = lac_histogram(np.array([[[-3.0, 0.05, 20.0, 20.0]]]))
    assert (beyond[0], beyond[-1], sum(beyond)) == (0.25, 0.5, 1.0)


def test_a_cell_has_no_distance_from_itself():
    assert distance(profile(), profile()) == 0
    assert reasons(profile(), profile()) == (
        f"the same kind ({YEAST})",
        "the same LAC",
        "voxels of the same size",
        "the same extent",
    )


def test_the_lac_counts_by_the_distance_that_scipy_gives_for_the_histograms():
    one, other = profile(0.3), profile(0.42)
    shift = wasserstein_distance(MIDDLES, MIDDLES, one.histogram, other.histogram)

    assert shift == pytest.approx(0.12, abs=0.002)
    assert distance(one, other) == pytest.approx(shift / 0.1, rel=1e-6)
    assert reasons(other, one)[0] == "a LAC that differs by 0.12 µm⁻¹ on average"


def test_voxels_and_extent_count_by_their_ratio():
    fine, coarse = profile(edge=0.04), profile(edge=0.08)

    assert distance(fine, coarse) == pytest.approx(1 + 0.5)
    assert reasons(coarse, fine)[:2] == (
        "voxels 2 times as large",
        "an extent 2 times as large",
    )
    assert reasons(fine, coarse)[0] == "voxels 2 times as small"


def test_another_strain_is_nearer_than_another_kind():
    strain, alga = replace(profile(), kind=f"{YEAST[:-6]}W303"), replace(profile(), kind="alga")

    assert distance(profile(), strain) == 0.5
    assert distance(profile(), alga) == 1
    assert reasons(strain, profile())[0].startswith("another strain")
    assert reasons(alga, profile())[0] == "another kind (alga)"


def test_a_lac_that_is_not_known_counts_as_unlike():
    bare = replace(profile(), histogram=())

    assert distance(bare, profile()) == 1
    assert reasons(bare, profile())[0] == "a LAC that cannot be compared"


profiles = st.builds(
    profile,
    mean=st.floats(0, 1),
    edge=st.floats(0.01, 0.2),
    shape=st.tuples(*[st.integers(2, 6)] * 3),
    kind=st.sampled_from([YEAST, "alga"]),
)


@given(profiles, profiles, profiles)
def test_the_distance_is_symmetric_and_keeps_the_triangle(a, b, c):
    assert math.isclose(distance(a, b), distance(b, a), abs_tol=1e-9)
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-9
