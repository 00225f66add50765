"""Values that nobody knows the LAC of, drawn as a volume as if they were LAC."""

from dataclasses import replace

import numpy as np

from sxtstudio.core.transfer_presets import DENSEST_PER_UM
from sxtstudio.core.volume import Tomogram

_PERCENT = (0.1, 99.9)


def stored_ends(values: np.ndarray) -> tuple[float, float]:
    """Return the values that stand for LAC 0 and for the densest that is drawn."""
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, _PERCENT) if known.size else (0.0, 1.0)
    return float(low), float(high) if high > low else float(low) + 1.0


def as_if_lac(values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Return values stretched from their ends to those of what is drawn (µm⁻¹), float32."""
    low, high = ends
    return ((values - low) * (DENSEST_PER_UM / (high - low))).astype(np.float32)


def tomogram_as_if_lac(tomogram: Tomogram) -> Tomogram:
    """Return a copy with values between 0 and the densest that is drawn; reads all of it."""
    values_ZYX = np.asarray(tomogram.lac_ZYX)
    return replace(tomogram, lac_ZYX=as_if_lac(values_ZYX, stored_ends(values_ZYX)))
