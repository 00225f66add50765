"""How classes look in three dimensions: colour, opacity, visible or not."""

from collections.abc import Mapping

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology, SemanticClass, default_ontology
from sxtstudio.core.scene import Background, ClassStyle, Scene

__all__ = ["HULL_OPACITY", "Background", "ClassStyle", "Scene", "default_styles"]

HULL_OPACITY = 0.12
"""Opacity of what surrounds everything else: an outline that hides nothing."""

_HULLS = frozenset({"cell", "cytoplasm", "membrane", "wall"})
_HIDDEN = frozenset({"sample", "exterior", "buffer", "capillary", "bead", "support", IGNORE})
_GLASS = {"chloroplast": 0.2, "heterochromatin": 0.4, "euchromatin": 0.3, "vacuole": 0.5}
_AROUND_OTHERS = 0.4
_GREY = "#9e9e9e"


def default_styles(
    names: Mapping[int, str], colours: Mapping[int, str], ontology: Ontology | None = None
) -> tuple[ClassStyle, ...]:
    """Return a style for every named label, in order of label.

    Cell, cytoplasm, membrane and wall become a faint outline; what is large (chloroplast,
    vacuole, chromatin) or has other named classes inside it becomes translucent; surroundings of
    the cell are hidden. Colours that are missing are the ontology's. Names may be class ids or
    free words.
    """
    vocabulary = ontology or default_ontology()
    terms = {label: _term(vocabulary, name) for label, name in names.items()}
    around = {
        outer
        for term in terms.values()
        if term
        for outer in vocabulary.ancestors(term.id)
        if outer != term.id
    }
    return tuple(
        _style((label, names[label]), terms[label], colours.get(label), around)
        for label in sorted(names)
    )


def _term(ontology: Ontology, name: str) -> SemanticClass | None:
    try:
        return ontology.find(name)
    except LabelError:  # a task may call its classes as it likes
        return None


def _style(
    who: tuple[int, str], term: SemanticClass | None, colour: str | None, around: set[str]
) -> ClassStyle:
    label, name = who
    if term is None:
        visible = name != IGNORE
        return ClassStyle(label=label, name=name, colour=colour or _GREY, visible=visible)
    opacity = 1.0
    if term.id in _HULLS:
        opacity = HULL_OPACITY
    elif term.id in _GLASS:
        opacity = _GLASS[term.id]
    elif term.id in around:
        opacity = _AROUND_OTHERS
    return ClassStyle(
        label=label,
        name=term.name if name == term.id else name,
        colour=colour or term.colour,
        opacity=opacity,
        visible=term.id not in _HIDDEN,
    )
