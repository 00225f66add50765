"""From true LAC to the tomogram that a soft X-ray microscope would give of it.

The rotation axis is y. At 0° the beam runs along z and the detector lies along x. A parallel beam
and an optic whose depth of field exceeds the cell are assumed: for the 60 nm zone plate it is
6.8 µm (wavelength / NA² at 517 eV), so only large cells are sharper here than in truth.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.sparse
from scipy.ndimage import convolve1d, gaussian_filter

from sxtstudio.core.errors import SxtError
from sxtstudio.core.volume import VoxelSize

LEAST_COUNT = 0.5
"""Photons that stand for an empty pixel, whose logarithm would be infinite."""
HANN_KERNEL = (0.25, 0.5, 0.25)
"""A Hann window along y, so that noise is as smooth along the axis as across it."""
NOISE_GAIN = 0.143
"""Noise of the mean voxel, in units of sqrt(exp(line integral) / photons / projections) / voxel."""


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """How a tilt series is taken and reconstructed.

    ``projections`` are spread evenly over half a turn, or over ±``tilt_deg`` about the middle
    ``tilt_offset_deg``. ``photons`` reach each detector pixel (one voxel wide) without a specimen.
    ``psf_um`` is the standard deviation of the optic's blur: 0.028 µm is a Gaussian as wide at
    half height as the Airy disc of the 60 nm zone plate (Rayleigh distance 78 nm at 517 eV).
    ``angle_jitter_deg``, ``shift_jitter_px``, ``flicker`` (of the beam, between projections) and
    ``fixed_pattern`` (of the detector, in all projections: rings) are standard deviations of what
    alignment and flat-field correction leave; 0.1° and a few per cent are SimAQ's settings.
    """

    projections: int = 90
    tilt_deg: float | None = None
    tilt_offset_deg: float = 0.0
    photons: float = 6000.0
    psf_um: float = 0.028
    angle_jitter_deg: float = 0.1
    shift_jitter_px: float = 0.15
    flicker: float = 0.01
    fixed_pattern: float = 0.002

    def __post_init__(self) -> None:
        if self.tilt_deg is not None and not 0 < self.tilt_deg <= 90:
            raise SxtError(
                f"A tilt range of ±{self.tilt_deg:g}° cannot be taken; give more than 0 and at "
                "most 90 degrees."
            )
        if self.projections < 2 or self.photons <= 0:
            raise SxtError(
                f"{self.projections} projections of {self.photons:g} photons a pixel make no "
                "tomogram; at least 2 projections and more than 0 photons are needed."
            )

    def noise_per_um(self, line_integral: float, edge_um: float) -> float:
        """Return the expected sd of LAC (µm⁻¹) where rays meet ``line_integral`` on average."""
        shots = math.sqrt(math.exp(line_integral) / (self.photons * self.projections))
        return NOISE_GAIN * shots / edge_um

    @property
    def angles_deg(self) -> np.ndarray:
        """Nominal angle of each projection."""
        if self.tilt_deg is None:
            return np.arange(self.projections) * (180.0 / self.projections)
        span = np.linspace(-self.tilt_deg, self.tilt_deg, self.projections)
        return span + self.tilt_offset_deg


def detector_pixels(shape_ZX: tuple[int, int]) -> int:
    """Return how many pixels see all of a (z, x) slice at every angle."""
    return math.ceil(math.hypot(*shape_ZX)) + 2


def projection_matrix(
    shape_ZX: tuple[int, int], angles_deg: np.ndarray, shifts_px: np.ndarray | None = None
) -> scipy.sparse.csc_array:
    """Return the matrix that projects a (z, x) slice, in voxel lengths.

    Rows are (angle, detector pixel), as many pixels as the diagonal has voxels; columns are
    (z, x). An entry is the area that a voxel shares with the strip of a detector pixel: exact for
    voxels of constant LAC, so a uniform body shows no moiré. The transpose averages the detector
    over a voxel's footprint: the matched back-projection.
    """
    depth, width = shape_ZX
    pixels = detector_pixels(shape_ZX)
    z = (np.arange(depth) - (depth - 1) / 2)[:, None]
    x = np.arange(width) - (width - 1) / 2
    shifts = np.zeros(len(angles_deg)) if shifts_px is None else shifts_px
    columns = np.empty((depth * width, len(angles_deg), 3), np.int32)
    weights = np.empty(columns.shape, np.float32)
    for i, (angle, shift) in enumerate(zip(np.deg2rad(angles_deg), shifts, strict=True)):
        across = x * math.cos(angle) + z * math.sin(angle) + shift + (pixels - 1) / 2
        column, weights[:, i] = _footprint(across.ravel(), angle, pixels)
        columns[:, i] = column + i * pixels
    starts = np.arange(depth * width + 1) * (3 * len(angles_deg))
    shape = (depth * width, len(angles_deg) * pixels)
    return scipy.sparse.csr_array((weights.ravel(), columns.ravel(), starts), shape=shape).T


def _footprint(across: np.ndarray, angle: float, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the three detector pixels under each voxel and the area shared with each."""
    nearest = np.rint(across)
    edges = nearest[:, None] + np.array([-1.5, -0.5, 0.5, 1.5]) - across[:, None]
    area = np.diff(_area_below(edges, angle), axis=1)
    column = nearest[:, None].astype(np.int32) + np.array([-1, 0, 1], np.int32)
    area[(column < 0) | (column >= pixels)] = 0
    return column.clip(0, pixels - 1), area.astype(np.float32)


def _area_below(edge: np.ndarray, angle: float) -> np.ndarray:
    """Return the area of a unit square, seen at an angle, on the near side of a line.

    The square's shadow is a box |cos| wide convolved with one |sin| wide; this is its integral.
    """
    wide, narrow = abs(math.cos(angle)), abs(math.sin(angle))
    wide, narrow = max(wide, narrow), max(min(wide, narrow), 1e-4)
    corners = [(wide + narrow) / 2, (wide - narrow) / 2, (narrow - wide) / 2, -(wide + narrow) / 2]
    total = np.zeros_like(edge)
    for corner, sign in zip(corners, (1, -1, -1, 1), strict=True):
        total += sign * np.square(np.maximum(edge + corner, 0))
    return total / (2 * wide * narrow)


def project(matrix: scipy.sparse.csc_array, lac_ZYX: np.ndarray) -> np.ndarray:
    """Return the projections of a volume as (angle × pixel, y), in units of LAC × voxels."""
    slices = lac_ZYX.transpose(0, 2, 1).reshape(-1, lac_ZYX.shape[1])
    return matrix @ np.ascontiguousarray(slices, np.float32)


def back_project(
    matrix: scipy.sparse.csc_array, sinogram: np.ndarray, shape_ZX: tuple[int, int]
) -> np.ndarray:
    """Return the transpose of `project` applied to (angle × pixel, y), as (z, y, x)."""
    slices = matrix.T @ sinogram
    return slices.reshape(*shape_ZX, sinogram.shape[1]).transpose(0, 2, 1)


def padded_length(pixels: int) -> int:
    """Return a power of two that keeps a filtered projection from wrapping round."""
    return 1 << (2 * pixels - 1).bit_length()


def ramp_filter(pixels: int) -> np.ndarray:
    """Return the half spectrum of the ramp with a Hann window, for `padded_length`.

    The ramp is the transform of the band-limited kernel 1/4, −1/(πn)² at odd n (Kak and Slaney,
    Principles of Computerized Tomographic Imaging, eq. 3.61), which keeps the mean right.
    """
    padded = padded_length(pixels)
    distance = np.minimum(np.arange(padded), padded - np.arange(padded))
    kernel = np.zeros(padded)
    kernel[0] = 0.25
    odd = distance % 2 == 1
    kernel[odd] = -1 / (np.pi * distance[odd]) ** 2
    window = 0.5 + 0.5 * np.cos(np.pi * np.arange(padded // 2 + 1) / (padded / 2))
    return (np.fft.rfft(kernel).real * window).astype(np.float32)


def filtered_back_projection(
    sinogram: np.ndarray, shape_ZX: tuple[int, int], angles_deg: np.ndarray
) -> np.ndarray:
    """Return LAC × voxel length (z, y, x) from line integrals (angle × pixel, y).

    Each projection weighs π / number of projections, whatever the tilt range: under a missing
    wedge a compact body keeps its mean LAC, smeared along the beam.
    """
    pixels, columns = detector_pixels(shape_ZX), sinogram.shape[1]
    spectrum = ramp_filter(pixels)
    padded = padded_length(pixels)
    by_angle = convolve1d(sinogram, HANN_KERNEL, axis=1).reshape(-1, pixels, columns)
    spectra = np.asarray(scipy.fft.rfft(by_angle, padded, axis=1)) * spectrum[:, None]
    filtered = np.asarray(scipy.fft.irfft(spectra, padded, axis=1))[:, :pixels]
    matrix = projection_matrix(shape_ZX, angles_deg)
    volume_ZYX = back_project(matrix, filtered.reshape(-1, columns), shape_ZX)
    return volume_ZYX * np.float32(np.pi / len(angles_deg))


def surroundings_lac(lac_ZYX: np.ndarray, acquisition: Acquisition) -> float:
    """Return the LAC (µm⁻¹) of the slab that continues beyond both sides of a flat specimen.

    It is the mean of the two faces across x; 0 for a full rotation, where nothing lies outside.
    """
    if acquisition.tilt_deg is None:
        return 0.0
    return float(np.median(lac_ZYX[:, :, [0, -1]]))


def acquire(
    lac_ZYX: np.ndarray,
    voxel_size_um: VoxelSize,
    acquisition: Acquisition,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the LAC (µm⁻¹, float32) reconstructed from a noisy tilt series of a specimen.

    A flat specimen goes on beyond the field: its line integral h / cos(tilt) dims each projection
    and is then taken off again, as normalising to bare ice does, and its LAC is given back.

    Raises
    ------
    SxtError
        If z and x edges of the voxels differ: a rotation would mix them.
    """
    edge_um = voxel_size_um[2]
    if not math.isclose(voxel_size_um[0], edge_um, rel_tol=1e-6):
        raise SxtError("A specimen can be turned only if its voxels are as deep as they are wide.")
    shape_ZX = (lac_ZYX.shape[0], lac_ZYX.shape[2])
    angles_deg = acquisition.angles_deg
    ice_lac = surroundings_lac(lac_ZYX, acquisition)
    true_angles = angles_deg + rng.normal(0, acquisition.angle_jitter_deg, len(angles_deg))
    shifts_px = rng.normal(0, acquisition.shift_jitter_px, len(angles_deg))
    matrix = projection_matrix(shape_ZX, true_angles, shifts_px)
    integrals = project(matrix, lac_ZYX - np.float32(ice_lac)) * np.float32(edge_um)
    integrals = integrals.reshape(len(angles_deg), -1, lac_ZYX.shape[1])
    ice = np.zeros(len(angles_deg))
    if ice_lac:
        ice = ice_lac * shape_ZX[0] * edge_um / np.cos(np.deg2rad(true_angles)).clip(0.05)
    blur_px = (0, acquisition.psf_um / edge_um, acquisition.psf_um / voxel_size_um[1])
    measured = _measure(integrals + ice[:, None, None], blur_px, acquisition, rng)
    measured -= ice[:, None, None]
    sinogram = measured.astype(np.float32).reshape(-1, lac_ZYX.shape[1])
    volume_ZYX = filtered_back_projection(sinogram, shape_ZX, angles_deg)
    return np.ascontiguousarray(volume_ZYX / np.float32(edge_um) + np.float32(ice_lac))


def _measure(
    integrals: np.ndarray,
    blur_px: tuple[float, float, float],
    acquisition: Acquisition,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return line integrals (angle, pixel, y) as the camera sees them: blurred and counted."""
    light = gaussian_filter(np.exp(-integrals), blur_px, mode="nearest")
    beam = 1 + rng.normal(0, acquisition.flicker, (len(light), 1, 1))
    camera = 1 + rng.normal(0, acquisition.fixed_pattern, (1, *light.shape[1:]))
    counts = rng.poisson(light * beam * camera * acquisition.photons)
    return -np.log(np.maximum(counts, LEAST_COUNT) / acquisition.photons)
