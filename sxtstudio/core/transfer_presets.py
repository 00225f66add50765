"""Ways to draw LAC as a volume, in µm⁻¹.

Ranges after the vocabulary's (``resources/ontology.json``): water about 0.1, nucleus 0.2–0.3,
cytoplasm 0.25–0.35, mitochondria and chloroplast 0.3–0.45, starch and lipid from 0.5, dry matter
about 0.6 and more.
"""

from sxtstudio.core.scene import TransferFunction, TransferPoint

DENSEST_PER_UM = 0.88
"""Up to here cells are drawn."""

_GLASS = ((0.88, 0.9, "#fffdf2"), (0.96, 0.0, "#fffdf2"))
"""The glass of a capillary (about 1.1 µm⁻¹) is denser than anything in a cell, and is not drawn."""


def _function(
    name: str, points: tuple[tuple[float, float, str], ...], *, edges: bool = False
) -> TransferFunction:
    made = (TransferPoint(lac_per_um=lac, opacity=o, colour=colour) for lac, o, colour in points)
    return TransferFunction(name=name, points=tuple(made), edges=edges)


PRESETS = (
    _function(
        "Whole cell",
        (
            (0.14, 0.0, "#12263f"),
            (0.22, 0.012, "#3d6c9e"),
            (0.32, 0.03, "#8fb9d8"),
            (0.42, 0.12, "#f2d9a2"),
            (0.55, 0.45, "#f59f3b"),
            (0.75, 0.85, "#fff4d6"),
            *_GLASS,
        ),
    ),
    _function(
        "Lipid and starch",
        (
            (0.40, 0.0, "#6d4c1d"),
            (0.47, 0.05, "#b3761f"),
            (0.55, 0.6, "#ffb300"),
            (0.70, 0.9, "#ffe082"),
            *_GLASS,
        ),
    ),
    _function(
        "Mitochondria and chloroplast",
        (
            (0.29, 0.0, "#153b2a"),
            (0.33, 0.05, "#2e7d52"),
            (0.38, 0.28, "#5cc98a"),
            (0.45, 0.4, "#c6f0b0"),
            (0.55, 0.1, "#ffe9b0"),
            (0.60, 0.0, "#ffe9b0"),
        ),
    ),
    _function(
        "Membranes and walls",
        (
            (0.12, 0.0, "#24344d"),
            (0.20, 0.15, "#5b8fc4"),
            (0.35, 0.35, "#a8d3f0"),
            (0.50, 0.55, "#ffd9a0"),
            (0.80, 0.8, "#ffffff"),
            *_GLASS,
        ),
        edges=True,
    ),
    _function(
        "Dry matter",
        (
            (0.20, 0.0, "#000000"),
            (0.30, 0.02, "#5a1e5e"),
            (0.45, 0.12, "#b83a6b"),
            (0.60, 0.5, "#f4825c"),
            (0.80, 0.95, "#fdf3b8"),
            *_GLASS,
        ),
    ),
)
"""The ways to start from; each may be bent."""
