"""Projection and reconstruction against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import SxtError
from sxtstudio.simulation.tomography import (
    Acquisition,
    acquire,
    back_project,
    detector_pixels,
    filtered_back_projection,
    project,
    projection_matrix,
)

QUIET = {"angle_jitter_deg": 0.0, "shift_jitter_px": 0.0, "flicker": 0.0, "fixed_pattern": 0.0}


def radius_of(size: int, axes: int = 3) -> np.ndarray:
    """Distance of each voxel (z, y, x) from the middle, or from the y axis for two axes."""
    c = np.arange(size) - (size - 1) / 2
    y = c * (axes == 3)
    return np.sqrt(c[:, None, None] ** 2 + y[None, :, None] ** 2 + c**2)


def smooth_ball(size: int, radius: float, axes: int = 3) -> np.ndarray:
    return np.clip(radius - radius_of(size, axes) + 0.5, 0, 1).astype(np.float32)


def half_width(profile: np.ndarray) -> float:
    """Full width at half height of a peak, in samples."""
    above = np.flatnonzero(profile >= profile.max() / 2)
    i, j = above[0], above[-1]
    half = profile.max() / 2
    left = i - (profile[i] - half) / (profile[i] - profile[i - 1])
    right = j + (profile[j] - half) / (profile[j] - profile[j + 1])
    return float(right - left)


@given(seed=st.integers(0, 2**32 - 1), depth=st.integers(3, 14), width=st.integers(3, 14))
def test_back_projection_is_the_transpose_of_projection(seed, depth, width):
    rng = np.random.default_rng(seed)
    matrix = projection_matrix((depth, width), rng.uniform(-180, 180, 7), rng.normal(0, 0.4, 7))
    volume_ZYX = rng.standard_normal((depth, 5, width)).astype(np.float32)
    detector = rng.standard_normal((matrix.shape[0], 5)).astype(np.float32)
    forward = np.sum(project(matrix, volume_ZYX).astype(float) * detector)
    backward = np.sum(back_project(matrix, detector, (depth, width)).astype(float) * volume_ZYX)
    scale = np.linalg.norm(volume_ZYX) * np.linalg.norm(detector)
    assert abs(forward - backward) < 1e-5 * scale


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 90.0, 133.7, -60.0])
def test_projections_of_a_sphere_are_its_chords_at_every_angle(angle):
    size, radius = 64, 22.0
    pixels = detector_pixels((size, size))
    matrix = projection_matrix((size, size), np.array([angle]))
    image = project(matrix, smooth_ball(size, radius)).reshape(pixels, size)
    s = np.arange(pixels) - (pixels - 1) / 2
    y = np.arange(size) - (size - 1) / 2
    away = np.hypot(s[:, None], y)
    chord = 2 * np.sqrt(np.maximum(radius**2 - away**2, 0))
    inside = away < radius - 2
    assert np.abs(image - chord)[inside].max() < 0.5
    assert image[away > radius + 2].max() == 0


@given(angle=st.floats(-360, 360), shift=st.floats(-1, 1))
def test_a_projection_keeps_the_sum_of_the_slice(angle, shift):
    slice_ZYX = np.random.default_rng(1).uniform(0, 1, (9, 2, 12)).astype(np.float32)
    matrix = projection_matrix((9, 12), np.array([angle]), np.array([shift]))
    sums = project(matrix, slice_ZYX).sum(axis=0)
    np.testing.assert_allclose(sums, slice_ZYX.sum(axis=(0, 2)), rtol=1e-4)


def test_a_uniform_cylinder_comes_back_with_its_lac():
    size, edge_um, lac = 64, 0.05, 0.3
    cylinder = lac * smooth_ball(size, 22, axes=2)
    angles = Acquisition().angles_deg
    sinogram = project(projection_matrix((size, size), angles), cylinder) * np.float32(edge_um)
    volume = filtered_back_projection(sinogram, (size, size), angles) / edge_um
    radius = radius_of(size, axes=2) + np.zeros((1, size, 1))
    assert volume[radius < 18].mean() == pytest.approx(lac, rel=0.01)
    assert volume[radius < 18].std() < 0.01 * lac
    assert abs(volume[radius > 26].mean()) < 0.01 * lac


def test_a_noisy_cylinder_comes_back_within_two_per_cent_of_its_lac():
    cylinder = 0.3 * smooth_ball(64, 22, axes=2)
    volume = acquire(cylinder, (0.05,) * 3, Acquisition(), np.random.default_rng(3))
    inside = (radius_of(64, axes=2) + np.zeros((1, 64, 1))) < 17
    assert volume.dtype == np.float32
    assert volume[inside].mean() == pytest.approx(0.3, rel=0.02)


def noise_of(photons: float, size: int = 64) -> tuple[float, float]:
    """Measured and expected noise (µm⁻¹) in the middle of a cylinder."""
    cylinder = 0.3 * smooth_ball(size, 22, axes=2)
    acquisition = Acquisition(photons=photons, **QUIET)
    volume = acquire(cylinder, (0.05,) * 3, acquisition, np.random.default_rng(5))
    inside = radius_of(size, axes=2)[:, 0] < 8
    # Differences between slices are free of what sampling and blur do alike to each of them.
    distant = volume[:, 4:] - volume[:, :-4]
    measured = float(distant.transpose(0, 2, 1)[inside].std() / np.sqrt(2))
    return measured, acquisition.noise_per_um(0.3 * 44 * 0.05, 0.05)


def test_noise_falls_with_the_root_of_the_photons():
    few, many = noise_of(1000)[0], noise_of(16000)[0]
    assert few / many == pytest.approx(4, rel=0.06)


@pytest.mark.parametrize("photons", [500, 4000])
def test_noise_is_what_the_acquisition_expects(photons):
    measured, expected = noise_of(photons)
    assert measured == pytest.approx(expected, rel=0.08)


def test_noise_is_correlated_over_a_voxel_as_in_real_tomograms():
    cylinder = 0.3 * smooth_ball(64, 26, axes=2)
    volume = acquire(cylinder, (0.05,) * 3, Acquisition(**QUIET), np.random.default_rng(5))
    noise = (volume[:, 4:] - volume[:, :-4])[22:42, :, 22:42]
    for axis in range(3):
        neighbours = np.take(noise, range(noise.shape[axis] - 1), axis)
        next_ones = np.take(noise, range(1, noise.shape[axis]), axis)
        assert 0.5 < np.corrcoef(neighbours.ravel(), next_ones.ravel())[0, 1] < 0.85


def test_a_missing_wedge_smears_along_the_beam():
    ball = 0.1 + 0.5 * smooth_ball(48, 4)
    rng = np.random.default_rng(0)
    settings = {"photons": 1e7, **QUIET}
    full = acquire(ball - 0.1, (0.04,) * 3, Acquisition(**settings), rng)
    wedge = acquire(ball, (0.04,) * 3, Acquisition(tilt_deg=55, **settings), rng) - 0.1
    middle = [0.5 * (v[23:25, 24, 23:25].mean()) for v in (full, wedge)]
    ratios = [
        half_width(v[:, 24, 24].astype(float)) / half_width(v[24, 24, :].astype(float))
        for v in (full, wedge)
    ]
    assert ratios[0] == pytest.approx(1, abs=0.03)
    assert ratios[1] > 1.25
    assert middle[1] == pytest.approx(middle[0], rel=0.15)


def test_a_flat_specimen_keeps_the_lac_of_its_ice():
    ice = np.full((40, 12, 40), 0.115, np.float32)
    acquisition = Acquisition(tilt_deg=60, photons=20000)
    volume = acquire(ice, (0.05,) * 3, acquisition, np.random.default_rng(2))
    assert volume.mean() == pytest.approx(0.115, rel=0.03)


def test_glass_too_thick_for_any_photon_still_gives_finite_numbers():
    block = 30 * smooth_ball(32, 12, axes=2)
    volume = acquire(block, (0.5,) * 3, Acquisition(), np.random.default_rng(2))
    assert np.isfinite(volume).all()


def test_volumes_need_not_be_cubes():
    volume = np.zeros((20, 7, 30), np.float32)
    volume[5:15, :, 10:20] = 0.4
    result = acquire(volume, (0.05, 0.03, 0.05), Acquisition(), np.random.default_rng(2))
    assert result.shape == volume.shape
    assert result[8:12, 1:-1, 13:17].mean() == pytest.approx(0.4, rel=0.05)


def test_angles_are_spread_over_half_a_turn_or_over_the_tilt_range():
    assert Acquisition(projections=4).angles_deg == pytest.approx([0, 45, 90, 135])
    tilted = Acquisition(projections=3, tilt_deg=60, tilt_offset_deg=2)
    assert tilted.angles_deg == pytest.approx([-58, 2, 62])


@pytest.mark.parametrize("tilt_deg", [0, -3, 91, float("nan")])
def test_an_impossible_tilt_is_refused_with_a_sentence(tilt_deg):
    with pytest.raises(SxtError, match=r"A tilt range of .* cannot be taken"):
        Acquisition(tilt_deg=tilt_deg)


@pytest.mark.parametrize("settings", [{"projections": 1}, {"photons": 0}])
def test_a_series_without_projections_or_light_is_refused(settings):
    with pytest.raises(SxtError, match="make no tomogram"):
        Acquisition(**settings)


def test_voxels_deeper_than_wide_cannot_be_turned():
    with pytest.raises(SxtError, match="as deep as they are wide"):
        acquire(np.zeros((8, 8, 8)), (0.1, 0.05, 0.05), Acquisition(), np.random.default_rng(0))
