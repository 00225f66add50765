"""A LAC scale is proposed with its reason, or asked for; it is never just assumed."""

import numpy as np
import pytest

from sxtstudio.workflow.ingest.contents import GreyValues
from sxtstudio.workflow.ingest.scales import propose_scale


def grey(low: float, middle: float, high: float, dtype: str = "float32") -> GreyValues:
    return GreyValues(dtype=np.dtype(dtype), low=low, middle=middle, high=high, not_finite=0)


def test_what_the_file_states_is_taken() -> None:
    proposal = propose_scale(grey(0, 100, 200, "uint8"), 0.004, None)
    assert (proposal.lac_per_unit, proposal.reason) == (0.004, "stated in the file")


@pytest.mark.parametrize("values", [(-0.05, 0.12, 0.5), (0.0, 0.3, 1.1), (-0.2, 0.1, 0.45)])
def test_floating_point_values_like_lac_are_lac(values: tuple[float, float, float]) -> None:
    proposal = propose_scale(grey(*values), None, None)
    assert proposal.lac_per_unit == 1.0
    assert "the range of LAC in µm⁻¹" in proposal.reason
    assert proposal.warning == ""


def test_values_as_dim_as_water_are_doubted_in_words() -> None:
    proposal = propose_scale(grey(0.01, 0.05, 0.126), None, (0.15, 0.15, 0.15))

    assert proposal.lac_per_unit == 1.0
    assert "0.126 µm⁻¹, hardly more than water" in proposal.warning


def test_values_a_hundred_times_too_large_are_proposed_as_such_with_a_warning() -> None:
    proposal = propose_scale(grey(-2, 20, 60), None, None)
    assert proposal.lac_per_unit == pytest.approx(0.01)
    assert "fit LAC × 100" in proposal.reason
    assert "guess" in proposal.warning


def test_lac_times_voxel_size_is_proposed_where_the_file_has_the_voxel_size() -> None:
    size_um = (0.032, 0.032, 0.032)
    proposal = propose_scale(grey(0.0, 0.0035, 0.02), None, size_um)
    assert proposal.lac_per_unit == pytest.approx(31.25)
    assert "32 nm" in proposal.reason
    assert "wrong if the volume was binned" in proposal.warning


def test_the_voxel_size_of_a_binned_file_is_not_used_for_it() -> None:
    proposal = propose_scale(grey(0.0, 0.0035, 0.0205), None, (0.256, 0.256, 0.256))
    assert proposal.lac_per_unit is None
    assert "a binned volume has larger voxels" in proposal.reason
    assert "256 nm" in proposal.reason


def test_lac_times_voxel_size_is_asked_for_without_a_voxel_size() -> None:
    proposal = propose_scale(grey(0.0, 0.0001, 0.0227), None, None)
    assert proposal.lac_per_unit is None
    assert "below the LAC of water (0.111 µm⁻¹)" in proposal.reason
    assert "31.25 for 32 nm" in proposal.reason


@pytest.mark.parametrize(("dtype", "bits"), [("uint8", "8-bit"), ("int16", "16-bit")])
def test_whole_numbers_without_a_scale_are_asked_about(dtype: str, bits: str) -> None:
    proposal = propose_scale(grey(10, 30, 80, dtype), None, None)
    assert proposal.lac_per_unit is None
    assert bits in proposal.reason


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-4.0, 0.1, 5.0), "neither LAC nor LAC × 100"),
        ((0.0, 3.0, 5000.0), "neither LAC nor LAC × 100"),
        ((-1.0, -0.5, 0.0), "neither LAC nor LAC × 100"),
    ],
)
def test_other_values_are_asked_about(values: tuple[float, float, float], words: str) -> None:
    proposal = propose_scale(grey(*values), None, None)
    assert proposal.lac_per_unit is None
    assert words in proposal.reason
