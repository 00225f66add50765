"""What the tools use of SciPy's image functions, with the types that SciPy does not tell."""

from typing import Any, cast

import numpy as np
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs] - SciPy ships none

_scipy = cast("Any", ndimage)  # its types are unknown; those of our own functions are not


def label(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Give each connected part of a mask a number from 1; voxels are connected by their faces."""
    numbers, count = _scipy.label(mask)
    return numbers, int(count)


def bounds(numbers: np.ndarray) -> list[tuple[slice, ...]]:
    """Return what cuts out each numbered part; all numbers must occur."""
    return list(_scipy.find_objects(numbers))


def distance_um(mask: np.ndarray, voxel_um: tuple[float, ...]) -> np.ndarray:
    """Return how far (µm) each voxel of a mask lies from the nearest one outside it."""
    return np.asarray(_scipy.distance_transform_edt(mask, sampling=voxel_um))


def blurred(values: np.ndarray, sigma_voxels: tuple[float, ...]) -> np.ndarray:
    """Return values blurred by a Gaussian, those at the rim continued outwards; float32."""
    return np.asarray(
        _scipy.gaussian_filter(values.astype(np.float32), sigma_voxels, mode="nearest")
    )


def steepness(values: np.ndarray, sigma_voxels: tuple[float, ...]) -> np.ndarray:
    """Return the length of the gradient of blurred values; float32."""
    return np.asarray(
        _scipy.gaussian_gradient_magnitude(values.astype(np.float32), sigma_voxels, mode="nearest")
    )
