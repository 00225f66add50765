"""How labels of a plane become a picture: filled or outlined, compared, with their colours."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtGui import QColor

from sxtstudio.gui.view_state import ClassDisplay

OVERLAY_STRENGTH = 0.55
"""How much a class of full opacity covers the grey values."""

AGREE, ONLY_FIRST, ONLY_SECOND, DIFFER = 1, 2, 3, 4
"""Both say the same class; only one says any; they say two different classes."""

# Okabe and Ito's palette, which people with any colour vision can tell apart.
COMPARISON_COLOURS = {
    AGREE: "#009e73",
    ONLY_FIRST: "#e69f00",
    ONLY_SECOND: "#56b4e9",
    DIFFER: "#cc79a7",
}

# From faint violet (a little doubt) over orange to pale yellow (no better than a guess).
_HEAT = ((0, "#2b0a4e", 0.0), (38, "#6a1a80", 0.35), (102, "#d8483e", 0.7), (166, "#fb9a06", 0.85),
         (255, "#fcf6a2", 0.95))  # fmt: skip

# From deep over clear blue to nearly white: no warm colour, so that nobody takes it for doubt.
# Nothing is drawn where one reference voxel in thirty is as unlike: so is much of any cell.
_NOVEL = ((94, "#0b2a6b", 0.0), (128, "#1668c4", 0.4), (159, "#2a94e0", 0.65),
          (191, "#4fc8f0", 0.8), (255, "#e6fbff", 0.92))  # fmt: skip


def label_colours(
    classes: Sequence[ClassDisplay], dtype: np.dtype, strength: float = OVERLAY_STRENGTH
) -> np.ndarray:
    """Return uint8 RGBA with one row for every value that a label of this type can have.

    Labels without a class, and hidden classes, are transparent.
    """
    table = np.zeros((np.iinfo(dtype).max + 1, 4), np.uint8)
    for display in classes:
        if display.visible:
            # What is faint in 3D, where you look through it, must still show in a plane.
            alpha = round(255 * strength * math.sqrt(display.opacity))
            table[display.label] = (*_rgb(display.colour), alpha)
    return table


def comparison_colours(strength: float = OVERLAY_STRENGTH) -> np.ndarray:
    """Return uint8 RGBA for each of the outcomes of a comparison."""
    table = np.zeros((256, 4), np.uint8)
    for outcome, colour in COMPARISON_COLOURS.items():
        table[outcome] = (*_rgb(colour), round(255 * strength))
    return table


def heat_colours() -> np.ndarray:
    """Return uint8 RGBA for uncertainty 0 to 255: nothing where a network is sure."""
    return _colours_between(_HEAT)


def novelty_colours() -> np.ndarray:
    """Return uint8 RGBA for the levels of a novelty map: nothing where a place is ordinary."""
    return _colours_between(_NOVEL)


def _colours_between(known: Sequence[tuple[int, str, float]]) -> np.ndarray:
    """Return uint8 RGBA with 256 rows through (row, colour, opacity)."""
    at = [value for value, _, _ in known]
    stops = np.array([(*_rgb(colour), 255 * opacity) for _, colour, opacity in known])
    columns = [np.interp(np.arange(256), at, stops[:, i]) for i in range(4)]
    return np.stack(columns, axis=1).round().astype(np.uint8)


def outlined(labels: np.ndarray) -> np.ndarray:
    """Return the labels (rows, columns) with the inside of every patch set to 0.

    A voxel belongs to the outline if one of its four neighbours has another label; the edge of the
    picture is no outline.
    """
    inside = np.ones(labels.shape, bool)
    for here, there in (
        (np.s_[1:, :], np.s_[:-1, :]),
        (np.s_[:, 1:], np.s_[:, :-1]),
    ):
        same = labels[here] == labels[there]
        inside[here] &= same
        inside[there] &= same
    return np.where(inside, labels.dtype.type(0), labels)


def compared(
    first: np.ndarray,
    second: np.ndarray,
    names: tuple[Mapping[int, str], Mapping[int, str]],
    shown: frozenset[int],
) -> np.ndarray:
    """Return uint8: 0 where neither says anything, else `AGREE`, `ONLY_FIRST`, … .

    ``names`` tell which labels of the two mean the same; labels of the first that are not in
    ``shown`` count as unlabelled, in both.
    """
    numbers = {name: label for label, name in names[0].items()}
    ours = np.zeros(np.iinfo(first.dtype).max + 1, np.int32)
    ours[list(shown)] = list(shown)
    theirs = np.zeros(np.iinfo(second.dtype).max + 1, np.int32)
    for label, name in names[1].items():
        same = numbers.get(name)
        # A class that the first does not know is unlike all of its labels.
        theirs[label] = -label if same is None else ours[same]
    a, b = ours[first], theirs[second]
    outcome = np.full(first.shape, DIFFER, np.uint8)
    outcome[b == 0] = ONLY_FIRST
    outcome[a == 0] = ONLY_SECOND
    outcome[a == b] = AGREE
    outcome[(a == 0) & (b == 0)] = 0
    return outcome


def _rgb(colour: str) -> tuple[int, int, int]:
    known = QColor(colour)
    return known.red(), known.green(), known.blue()
