"""How classes are drawn before the user changes anything."""

from collections.abc import Iterable, Mapping

from PySide6.QtGui import QColor

from sxtstudio.analysis.styles import default_styles
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.gui.view_state import ClassDisplay

# Okabe and Ito's palette, which people with any colour vision can tell apart.
_PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")


def class_displays(
    names: Mapping[int, str], colours: Mapping[int, str], ontology: Ontology
) -> tuple[ClassDisplay, ...]:
    """Return how the classes of a label map are drawn, ordered by label.

    ``names`` are ontology ids or the class names of a task; ``colours`` (``#rrggbb``) go before
    the ontology's. Classes that the ontology does not know get colours of their own. What encloses
    other drawn classes is see-through, what surrounds the cell is hidden.
    """
    own = {
        label: _PALETTE[(label - 1) % len(_PALETTE)]
        for label, name in names.items()
        if name != IGNORE and not _is_known(name, ontology)
    }
    return default_styles(names, own | dict(colours), ontology)


def _is_known(name: str, ontology: Ontology) -> bool:
    try:
        ontology.find(name)
    except LabelError:
        return False  # a task may call its classes as it likes
    return True


def free_colour(taken: Iterable[str]) -> str:
    """Return a colour that differs as much as possible from those taken (``#rrggbb``).

    The distance weighs red, green and blue by how well they are told apart: 2, 4, 3.
    """
    others = [_rgb(colour) for colour in taken]

    def distance(colour: str) -> float:
        ours = _rgb(colour)
        return min(
            sum(w * (a - b) ** 2 for w, a, b in zip((2, 4, 3), ours, other, strict=True))
            for other in others
        )

    candidates = [
        QColor.fromHsl(hue, 190, lightness).name()
        for hue in range(0, 360, 15)
        for lightness in (135, 165, 195)
    ]
    return max(candidates, key=distance) if others else candidates[0]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
