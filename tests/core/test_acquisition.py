"""Noise and missing directions, told from noise whose spectrum is known."""

import numpy as np
import pytest

from sxtstudio.core.acquisition import measure_acquisition, noise_per_um
from sxtstudio.core.volume import Tomogram

EDGE = 40


def noise(seed: int, sd: float = 0.03) -> np.ndarray:
    """Return white noise about LAC 0.3."""
    return np.random.default_rng(seed).normal(0.3, sd, (EDGE,) * 3).astype(np.float32)


def without_wedge(lac_ZYX: np.ndarray, half_deg: float, beam: int) -> np.ndarray:
    """Return a volume without the directions within ``half_deg`` of the beam, as seen along y."""
    k_Z, _, k_X = np.meshgrid(*[np.fft.fftfreq(n) for n in lac_ZYX.shape], indexing="ij")
    along, across = (k_Z, k_X) if beam == 0 else (k_X, k_Z)
    angle = np.degrees(np.arctan2(np.abs(across), np.abs(along)))
    spectrum = np.fft.fftn(lac_ZYX)
    spectrum[(angle < half_deg) & (np.hypot(along, across) > 0)] = 0
    return np.fft.ifftn(spectrum).real.astype(np.float32)


def measured(lac_ZYX: np.ndarray, edge_um: float = 0.04):
    return measure_acquisition(Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(edge_um,) * 3))


@pytest.mark.parametrize("sd", [0.01, 0.04])
def test_white_noise_is_measured_within_five_per_cent(sd):
    assert noise_per_um(noise(1, sd)) == pytest.approx(sd, rel=0.05)


def test_noise_of_a_cell_with_edges_is_that_of_its_voxels():
    lac_ZYX = noise(2)
    lac_ZYX[10:30, 10:30, 10:30] += 0.5

    assert noise_per_um(lac_ZYX) == pytest.approx(0.03, rel=0.2)


def test_white_noise_lacks_no_direction():
    facts = measured(noise(3))

    assert facts.weakest == pytest.approx(0, abs=0.2)
    assert facts.missing_deg == 0
    assert facts.edge_um == pytest.approx(0.04)


@pytest.mark.parametrize(("half_deg", "beam"), [(30.0, 0), (20.0, 2)])
def test_a_missing_wedge_is_found_with_its_width_and_axis(half_deg, beam):
    facts = measured(without_wedge(noise(4), half_deg, beam))

    assert facts.weakest is not None
    assert facts.weakest < -1
    assert facts.missing_deg == pytest.approx(2 * half_deg, abs=15)
    assert facts.beam == "zyx"[beam]


def test_a_thin_slab_tells_of_the_one_plane_that_it_can():
    facts = measured(noise(5)[:6])

    assert facts.weakest == pytest.approx(0, abs=0.3)


def test_a_volume_too_small_for_directions_says_so():
    facts = measured(noise(6)[:8, :8, :8])

    assert facts.weakest is None
    assert facts.missing_deg == 0


def test_a_uniform_volume_has_no_noise_and_no_directions():
    facts = measured(np.full((EDGE,) * 3, 0.2, np.float32))

    assert facts.noise_per_um == pytest.approx(0, abs=1e-6)
