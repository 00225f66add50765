"""How classes are drawn before the user changes anything."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PySide6.QtGui import QColor

from sxtstudio.analysis.styles import default_styles
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology, default_ontology
from sxtstudio.core.safe_colours import SAFE_COLOURS, in_palette, safe_colour, told_apart
from sxtstudio.gui.settings import colour_blind_safe
from sxtstudio.gui.view_state import ClassDisplay

# Okabe and Ito's palette, which people with any colour vision can tell apart.
_PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")


def class_displays(
    names: Mapping[int, str],
    colours: Mapping[int, str],
    ontology: Ontology,
    *,
    safe: bool | None = None,
) -> tuple[ClassDisplay, ...]:
    """Return how the classes of a label map are drawn, ordered by label.

    ``names`` are ontology ids or the class names of a task; ``colours`` (``#rrggbb``) go before
    the ontology's. Classes that the ontology does not know get colours of their own. What encloses
    other drawn classes is see-through, what surrounds the cell is hidden. ``safe`` colours can be
    told apart by everybody, colours that somebody chose stay; by default it is as the user wants.
    """
    safe = colour_blind_safe() if safe is None else safe
    words = in_palette(ontology, safe=safe)
    own = {
        label: _PALETTE[(label - 1) % len(_PALETTE)]
        for label, name in names.items()
        if name != IGNORE and not _is_known(name, words)
    }
    displays = default_styles(names, own | dict(colours), words)
    if not safe:
        return displays
    given = {label: safe_colour(colour) for label, colour in colours.items()}
    apart = told_apart(
        [given.get(it.label, it.colour) for it in displays],
        chosen=[_is_chosen(names[it.label], given.get(it.label), words) for it in displays],
    )
    return tuple(replace(it, colour=new) for it, new in zip(displays, apart, strict=True))


def _is_chosen(name: str, given: str | None, ontology: Ontology) -> bool:
    """Tell whether somebody chose the colour of a class: a laboratory, or whoever drew it."""
    if given is not None:
        return given not in SAFE_COLOURS.values()
    return _is_known(name, ontology) and ontology.find(name).id not in default_ontology()


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


def shown_colours(colours: Mapping[str, str]) -> dict[str, str]:
    """Return the colours of classes, by name, as the user wants to see them."""
    if not colour_blind_safe():
        return dict(colours)
    given = [safe_colour(colour) for colour in colours.values()]
    chosen = [colour not in SAFE_COLOURS.values() for colour in given]
    return dict(zip(colours, told_apart(given, chosen=chosen), strict=True))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
