"""What lies over the grey values of the planes, and how: shared by all planes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from sxtstudio.core.novelty_map import NoveltyMap, level_of
from sxtstudio.core.volume import ArrayLike
from sxtstudio.gui.slices.label_picture import (
    AGREE,
    COMPARISON_COLOURS,
    DIFFER,
    ONLY_FIRST,
    ONLY_SECOND,
    OVERLAY_STRENGTH,
    compared,
    comparison_colours,
    heat_colours,
    label_colours,
    novelty_colours,
    outlined,
)
from sxtstudio.gui.view_state import ClassDisplay

Legend = tuple[tuple[str, str], ...]
"""Colours (``#rrggbb``) and what they mean."""

Picture = tuple[np.ndarray, np.ndarray]
"""Labels of a plane, and the colours of all labels."""

_OUTLINE_STRENGTH = 1.0
_UNCERTAIN = (0.25, 0.5, 0.75)
_RARE = ((100, "rarity 1 in 100"), (1000, "1 in 1000"), (10_000, "1 in 10 000"))
# Short, so that the legend has room in small views; a note says what rarity is.


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Other labels of the same cell to compare those on show with.

    ``names`` are of the labels on show, ``other_names`` of the others: the same word means the
    same class. ``words`` tell the two apart in the legend. The others may stay in their file.
    """

    other_ZYX: ArrayLike
    names: Mapping[int, str]
    other_names: Mapping[int, str]
    words: tuple[str, str]


class Overlays(QObject):
    """Fill or outline, strength, uncertainty or novelty, comparison; ``changed`` after any."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outline = False
        self._strength = OVERLAY_STRENGTH
        self._uncertainty_ZYX: ArrayLike | None = None
        self._novelty: NoveltyMap | None = None
        self._comparison: Comparison | None = None

    @property
    def outline(self) -> bool:
        """Whether only the rims of labels are drawn."""
        return self._outline

    @property
    def strength(self) -> float:
        """How much labels cover the grey values where they are filled, 0 to 1."""
        return self._strength

    @property
    def uncertainty_shown(self) -> bool:
        """Whether the planes show how unsure a network was."""
        return self._uncertainty_ZYX is not None

    @property
    def novelty_shown(self) -> bool:
        """Whether the planes show where a network has seen nothing like it."""
        return self._novelty is not None

    @property
    def comparison(self) -> Comparison | None:
        """What the labels on show are compared with."""
        return self._comparison

    def set_outline(self, outline: bool) -> None:
        """Draw the rims of labels only, or fill them."""
        if outline != self._outline:
            self._outline = outline
            self.changed.emit()

    def set_strength(self, strength: float) -> None:
        """Let labels cover the grey values more or less."""
        if strength != self._strength:
            self._strength = strength
            self.changed.emit()

    def show_uncertainty(self, uncertainty_ZYX: ArrayLike | None) -> None:
        """Show uncertainty, uint8 on the grid of the tomogram, or no more; novelty no more.

        It may stay in its file.
        """
        self._uncertainty_ZYX, self._novelty = uncertainty_ZYX, None
        self.changed.emit()

    def show_novelty(self, novelty: NoveltyMap | None) -> None:
        """Show where a network has seen nothing like it, or no more; uncertainty no more."""
        self._uncertainty_ZYX, self._novelty = None, novelty
        self.changed.emit()

    def compare(self, comparison: Comparison | None) -> None:
        """Compare the labels on show with others, or no more."""
        self._comparison = comparison
        self.changed.emit()

    def forget(self) -> None:
        """Show no uncertainty, novelty or comparison: other labels are on show now."""
        if self._heated or self._comparison is not None:
            self._uncertainty_ZYX, self._novelty, self._comparison = None, None, None
            self.changed.emit()

    def uncertainty_on(self, shape: tuple[int, int, int]) -> ArrayLike | None:
        """Return the uncertainty to be shown on a grid, if there is some."""
        unsure = self._uncertainty_ZYX
        return unsure if unsure is not None and unsure.shape == shape else None

    def novelty_on(self, shape: tuple[int, int, int]) -> NoveltyMap | None:
        """Return the novelty map to be shown on a grid, if there is some."""
        novelty = self._novelty
        return novelty if novelty is not None and novelty.fits(shape) else None

    def compared_on(self, shape: tuple[int, int, int]) -> ArrayLike | None:
        """Return the labels that those on show are to be compared with on a grid, if any."""
        comparison = self._comparison
        fits = comparison is not None and comparison.other_ZYX.shape == shape
        return comparison.other_ZYX if comparison is not None and fits else None

    def label_picture(
        self, labels: np.ndarray, classes: tuple[ClassDisplay, ...], other: np.ndarray | None
    ) -> Picture:
        """Return what is drawn for the labels of a plane, and its colours.

        ``other`` are those of the same plane to compare them with.
        """
        comparison = self._comparison
        if comparison is not None and other is not None:
            shown = frozenset(it.label for it in classes if it.visible)
            names = (comparison.names, comparison.other_names)
            outcome = compared(labels, other, names, shown)
            return self._rims(outcome), comparison_colours(self._label_strength)
        return self._rims(labels), self.label_table(classes, labels.dtype)

    def label_table(self, classes: tuple[ClassDisplay, ...], dtype: np.dtype) -> np.ndarray:
        """Return the colours of labels, as long as they are not compared."""
        return label_colours(classes, dtype, self._label_strength)

    def legend(self) -> Legend:
        """Return what the colours mean that the class list does not explain."""
        entries: list[tuple[str, str]] = []
        if self._comparison is not None:
            first, second = self._comparison.words
            words = {
                AGREE: "both agree",
                ONLY_FIRST: f"only {first}",
                ONLY_SECOND: f"only {second}",
                DIFFER: "two different classes",
            }
            entries += [(COMPARISON_COLOURS[outcome], word) for outcome, word in words.items()]
        if self._uncertainty_ZYX is not None:
            heat = heat_colours()
            entries += [
                (_hex(heat[round(255 * part)]), f"{100 * part:.0f} % uncertain")
                for part in _UNCERTAIN
            ]
        if self._novelty is not None:
            novel = novelty_colours()
            entries += [(_hex(novel[level_of(1 / count)]), words) for count, words in _RARE]
        return tuple(entries)

    @property
    def _label_strength(self) -> float:
        return _OUTLINE_STRENGTH if self._rims_only else self._strength

    @property
    def _rims_only(self) -> bool:
        # What lies under the labels is to be seen.
        return self._outline or self._heated

    @property
    def _heated(self) -> bool:
        return self._uncertainty_ZYX is not None or self._novelty is not None

    def _rims(self, labels: np.ndarray) -> np.ndarray:
        return outlined(labels) if self._rims_only else labels


def _hex(colour: np.ndarray) -> str:
    red, green, blue, _ = colour
    return f"#{red:02x}{green:02x}{blue:02x}"
