"""How far the probabilities of a network can be believed, and one number that mends them.

Temperature scaling (Guo et al. 2017, On Calibration of Modern Neural Networks): every probability
is raised to the power 1/T and the sum made 1 again, which for T > 1 takes confidence away and never
changes which class is the likeliest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

COLDEST, HOTTEST = 0.5, 5.0
"""Temperatures beyond which none is looked for."""

_BINS = 15
_LEAST_P = 1e-7
_GOLDEN = (5**0.5 - 1) / 2
_STEPS = 40


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The temperature of a network, fitted on ``cells`` that it did not learn from.

    ``error_before`` and ``error_after`` are expected calibration errors (0–1) over ``voxels`` in
    which the network saw a chance of any class, with temperature 1 and with the fitted one.
    """

    temperature: float
    error_before: float
    error_after: float
    voxels: int
    cells: tuple[str, ...]

    @property
    def words(self) -> str:
        """What is to be said of it."""
        count = len(self.cells)
        cells = "1 spared cell" if count == 1 else f"{count} spared cells"
        return (
            f"Probabilities were calibrated on {cells}: temperature {self.temperature:.2f}, "
            f"expected calibration error {self.error_before:.1%} before and "
            f"{self.error_after:.1%} after."
        )


def tempered(p_K: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities (classes first) at a temperature; at 1 as they are."""
    if temperature == 1:
        return p_K
    log_p_K = np.log(np.maximum(p_K, np.float32(_LEAST_P)), dtype=np.float32)
    log_p_K *= np.float32(1 / temperature)
    log_p_K -= log_p_K.max(0)
    powered_K = np.exp(log_p_K, out=log_p_K)
    powered_K /= powered_K.sum(0)
    return powered_K


def fit_temperature(p_KN: np.ndarray, possible_KN: np.ndarray) -> float:
    """Return the temperature at which what is known of N voxels is the most probable.

    ``possible_KN`` tells which labels a voxel may have; where any is possible nothing is said. A
    search by golden sections: the loss has one minimum in the inverse temperature.
    """
    telling = ~possible_KN.all(0)
    if not telling.any():
        return 1.0
    p_KN, possible_KN = p_KN[:, telling], possible_KN[:, telling]

    def loss(coldness: float) -> float:
        q_N = (tempered(p_KN, 1 / coldness) * possible_KN).sum(0, dtype=np.float64)
        return -float(np.log(np.maximum(q_N, _LEAST_P)).mean())

    return 1 / _lowest(loss, 1 / HOTTEST, 1 / COLDEST)


def _lowest(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function with one minimum is lowest."""
    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    values = [function(it) for it in inner]
    for _ in range(_STEPS):
        if values[0] < values[1]:
            high, inner[1], values[1] = inner[1], inner[0], values[0]
            inner[0] = high - _GOLDEN * (high - low)
            values[0] = function(inner[0])
        else:
            low, inner[0], values[0] = inner[0], inner[1], values[1]
            inner[1] = low + _GOLDEN * (high - low)
            values[1] = function(inner[1])
        if high - low < 1e-4:
            break
    return (low + high) / 2


def calibration_error(confidence_N: np.ndarray, right_N: np.ndarray) -> float:
    """Return the expected calibration error: how far confidence lies from being right, on average.

    Over 15 bins of equal width, |mean confidence − part that is right|, weighed by the voxels.
    NaN without any voxel.
    """
    if not confidence_N.size:
        return float("nan")
    bins = np.minimum((confidence_N * _BINS).astype(int), _BINS - 1)
    sums = np.bincount(bins, confidence_N.astype(np.float64), _BINS)
    rights = np.bincount(bins, right_N.astype(np.float64), _BINS)
    return float(np.abs(sums - rights).sum() / confidence_N.size)


def error_of(p_KN: np.ndarray, possible_KN: np.ndarray) -> float:
    """Return the calibration error of the likeliest class, over voxels whose label is certain."""
    certain = possible_KN.sum(0) == 1
    p_KN, possible_KN = p_KN[:, certain], possible_KN[:, certain]
    taken = p_KN.argmax(0)
    voxels = np.arange(len(taken))
    return calibration_error(p_KN[taken, voxels], possible_KN[taken, voxels])


def calibrate(samples: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Calibration | None:
    """Return the calibration by cells: name → probabilities and possible labels, (K, N) each.

    None where nothing certain is known of any voxel.
    """
    if not samples:
        return None
    p_KN = np.concatenate([p for p, _ in samples.values()], axis=1)
    possible_KN = np.concatenate([possible for _, possible in samples.values()], axis=1)
    voxels = int((possible_KN.sum(0) == 1).sum())
    if not voxels:
        return None
    temperature = round(fit_temperature(p_KN, possible_KN), 3)
    return Calibration(
        temperature=temperature,
        error_before=round(error_of(p_KN, possible_KN), 4),
        error_after=round(error_of(tempered(p_KN, temperature), possible_KN), 4),
        voxels=voxels,
        cells=tuple(samples),
    )
