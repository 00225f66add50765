"""How different colours look, to people with ordinary and with colour-blind eyes.

Colours become CIELAB under D65 by the formulas of CIE 15:2004 and IEC 61966-2-1 (sRGB). What a
dichromat sees is simulated by the matrices for severity 1.0 of Machado, Oliveira and Fernandes, "A
physiologically-based model for simulation of color vision deficiency", IEEE Transactions on
Visualization and Computer Graphics 15 (2009) 1291, in linear RGB. Differences are CIEDE2000, as
written out by Sharma, Wu and Dalal, Color Research and Application 30 (2005) 21.
"""

from collections.abc import Sequence
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

Vision = Literal["ordinary", "protanopia", "deuteranopia", "tritanopia"]
Colours = npt.NDArray[np.float64]
"""Red, green, blue (0 to 1), or L, a, b, along the last axis."""

VISIONS: tuple[Vision, ...] = ("ordinary", "protanopia", "deuteranopia", "tritanopia")

_SEEN: dict[Vision, Colours] = {
    "ordinary": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_XYZ_OF_RGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_D65 = np.array([0.95047, 1.0, 1.08883])
_25_TO_7 = 25.0**7


def rgb_of(colours: Sequence[str]) -> Colours:
    """Return the red, green, blue of colours written ``#rrggbb``."""
    return np.array([[int(it[i : i + 2], 16) / 255 for i in (1, 3, 5)] for it in colours])


def seen_by(rgb: Colours, vision: Vision) -> Colours:
    """Return the colours that ordinary eyes see as others see these."""
    linear = _linear(rgb) @ _SEEN[vision].T
    return _companded(np.clip(linear, 0, 1))


def lab_of(rgb: Colours) -> Colours:
    """Return L*, a*, b* of colours."""
    xyz = _linear(rgb) @ _XYZ_OF_RGB.T / _D65
    epsilon, kappa = 216 / 24389, 24389 / 27
    f = np.where(xyz > epsilon, np.cbrt(xyz), (kappa * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def ciede2000(first: Colours, second: Colours) -> npt.NDArray[np.float64]:
    """Return how different colours look (L*, a*, b*; broadcast): 1 is just seen, 100 is most."""
    l1, a1, b1 = np.moveaxis(first, -1, 0)
    l2, a2, b2 = np.moveaxis(second, -1, 0)
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    grow = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + _25_TO_7))
    c1, c2 = np.hypot(a1 * grow, b1), np.hypot(a2 * grow, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * grow)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    middle_l, middle_c = (l1 + l2) / 2, (c1 + c2) / 2
    hue = cast("np.ndarray", np.where(grey, h1 + h2, (h1 + turn / 2) % 360))
    weights = _weights(middle_l, middle_c, hue)
    d_l, d_c, d_h = ((l2 - l1), (c2 - c1), d_hue)
    light, colour, tint = d_l / weights[0], d_c / weights[1], d_h / weights[2]
    return np.sqrt(light**2 + colour**2 + tint**2 + weights[3] * colour * tint)


def _weights(light: Colours, chroma: Colours, hue: Colours) -> tuple[Colours, ...]:
    """Return S_L, S_C, S_H and R_T of CIEDE2000; hue in degrees."""
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    far = (light - 50) ** 2
    turn = 2 * np.sqrt(chroma**7 / (chroma**7 + _25_TO_7))
    blue = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    return (
        1 + 0.015 * far / np.sqrt(20 + far),
        1 + 0.045 * chroma,
        1 + 0.015 * chroma * t,
        -np.sin(np.radians(blue)) * turn,
    )


def views_of(rgb: Colours) -> tuple[Colours, ...]:
    """Return L*, a*, b* of colours as each of `VISIONS` sees them."""
    return tuple(lab_of(seen_by(rgb, vision)) for vision in VISIONS)


def least_distances(first: Sequence[Colours], second: Sequence[Colours]) -> npt.NDArray[np.float64]:
    """Return n × m CIEDE2000 of n and m colours (`views_of`) to whoever tells them apart least."""
    pairs = zip(first, second, strict=True)
    return np.min([ciede2000(a[:, None], b[None]) for a, b in pairs], axis=0)


def _linear(rgb: Colours) -> Colours:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _companded(linear: Colours) -> Colours:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
