"""What the colours of measured objects stand for: a span that ends at neat numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.scene import Colouring

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_ENDS = (1.0, 2.0, 5.0, 10.0)
_MOST_STEPS = 5
_SIZES, _WIDE = ("_um3", "_um2"), 30.0
_DUST_VOXELS = 8
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True)
class ColourScale:
    """The quantity of a ``column`` from ``low`` to ``high``.

    Where it is ``logarithmic``, every factor of ten takes the same part of it.
    """

    column: str
    low: float = 0.0
    high: float = 1.0
    logarithmic: bool = False

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie, 0 at the lower end, 1 at the upper; NaN where unknown."""
        if not self.logarithmic:
            return (values - self.low) / (self.high - self.low)
        known = np.where(values > 0, values, np.nan)
        return np.log(known / self.low) / math.log(self.high / self.low)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return the shares where a number stands, and the number as it is written."""
        values = _decades(self.low, self.high) if self.logarithmic else _even(self.low, self.high)
        shares = self.shares(np.array(values)).tolist()
        return tuple((share, number_words(at)) for share, at in zip(shares, values, strict=True))


def colour_scale(
    values: Mapping[int, np.ndarray],
    colouring: Colouring,
    voxels: Mapping[int, np.ndarray] | None = None,
) -> ColourScale:
    """Return a scale for what was measured on the objects of each label.

    Objects of less than eight ``voxels`` are dust that would stretch it, and do not count unless
    there is nothing else. Volumes and surfaces that differ thirtyfold stand on logarithms.
    """
    known = _known(values, voxels or {})
    low = float(known.min()) if known.size else 0.0
    high = float(known.max()) if known.size else 1.0
    low = low if colouring.low is None else colouring.low
    high = high if colouring.high is None else colouring.high
    size = colouring.column.endswith(_SIZES)
    logarithmic = size and low > 0 and high / low >= _WIDE
    ends = _neat_decades(low, high) if logarithmic else _neat(low, high)
    return ColourScale(
        column=colouring.column,
        low=ends[0] if colouring.low is None else colouring.low,
        high=ends[1] if colouring.high is None or high <= low else colouring.high,
        logarithmic=logarithmic,
    )


def _known(values: Mapping[int, np.ndarray], voxels: Mapping[int, np.ndarray]) -> np.ndarray:
    everything, large = [np.zeros(0)], [np.zeros(0)]
    for label, found in values.items():
        finite = np.isfinite(found)
        everything.append(found[finite])
        size = voxels.get(label)
        if size is not None and len(size) == len(found):
            finite = finite & (size >= _DUST_VOXELS)
        large.append(found[finite])
    counted = np.concatenate(large)
    return counted if counted.size else np.concatenate(everything)


def number_words(value: float) -> str:
    """Return a number of a scale: "0.02", "250", "5·10⁻⁵"."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}"
    power = math.floor(math.log10(abs(value)) + 1e-9)
    digits = f"{value / 10.0**power:.3g}"
    tens = f"10{str(power).translate(_SUPERSCRIPTS)}"
    return tens if digits == "1" else f"{digits}·{tens}"


def _neat(low: float, high: float) -> tuple[float, float]:
    if high <= low:
        return low, low + 1.0
    step = _step(low, high)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _step(low: float, high: float) -> float:
    rough = (high - low) / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def _even(low: float, high: float) -> list[float]:
    step = _step(low, high)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Rounded, or 3 × 0.1 would not be 0.3.
    return [float(f"{number * step:.10g}") for number in range(first, last + 1)]


def _neat_decades(low: float, high: float) -> tuple[float, float]:
    under, over = (10.0 ** math.floor(math.log10(end) + 1e-9) for end in (low, high))
    start = max(end * under for end in _ENDS if end * under <= low * (1 + 1e-9))
    return start, min(end * over for end in _ENDS if end * over >= high * (1 - 1e-9))


def _decades(low: float, high: float) -> list[float]:
    first = math.ceil(math.log10(low) - 1e-9)
    last = math.floor(math.log10(high) + 1e-9)
    tens = [10.0**power for power in range(first, last + 1)]
    # A number close to an end would lie on it.
    near = 10.0 ** (0.08 * math.log10(high / low))
    between = [it for it in tens if it > low * near and it < high / near]
    return [low, *between, high]
