"""How classes are drawn before the user changes anything."""

from collections.abc import Mapping

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
