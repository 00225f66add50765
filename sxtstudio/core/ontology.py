"""The laboratory's vocabulary as a tree: sample > cell > nucleus > nucleolus."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from sxtstudio.core.errors import LabelError
from sxtstudio.core.records import from_json

IGNORE = "ignore"
"""Class id of a region about which an annotation says nothing: it may be anything."""

_IGNORE_NAMES = frozenset({IGNORE, "ignored", "unlabeled", "unlabelled", "unknown", "interpolate"})


@dataclass(frozen=True, kw_only=True)
class SemanticClass:
    """One term of the vocabulary.

    ``colour`` is ``#rrggbb``, ``lac_range_per_um`` the typical LAC (µm⁻¹) with its ``source``,
    ``parent`` the id of the class that contains it, or None for the root.
    """

    id: str
    name: str
    parent: str | None = None
    colour: str = "#9e9e9e"
    lac_range_per_um: tuple[float, float] | None = None
    source: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ontology:
    """A tree of `SemanticClass`; the first class is the root and contains all others."""

    classes: tuple[SemanticClass, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for term in self.classes:
            if term.id in seen:
                raise LabelError(f"The ontology names the class {term.id!r} twice.")
            if (term.parent is None) != (not seen) or (term.parent and term.parent not in seen):
                raise LabelError(f"The ontology must name the parent of {term.id!r} before it.")
            seen.add(term.id)

    @cached_property
    def _by_id(self) -> dict[str, SemanticClass]:
        return {term.id: term for term in self.classes}

    @cached_property
    def _ids_by_word(self) -> dict[str, str]:
        words: dict[str, str] = {}
        for term in reversed(self.classes):
            words |= {_normal(word): term.id for word in (*term.synonyms, term.name, term.id)}
        return words

    @property
    def root(self) -> SemanticClass:
        """The class that contains all others."""
        return self.classes[0]

    def __getitem__(self, class_id: str) -> SemanticClass:
        return self._by_id[class_id]

    def __contains__(self, class_id: object) -> bool:
        return class_id in self._by_id

    def find(self, word: str) -> SemanticClass:
        """Return the class that a free-text name, id or synonym stands for.

        Case, hyphens, underscores and a trailing number (``nucleus1``) do not matter.

        Raises
        ------
        LabelError
            If the vocabulary does not know the word; the nearest terms are named.
        """
        normal = _normal(word)
        known = self._ids_by_word
        class_id = known.get(normal) or known.get(normal.rstrip("0123456789 "))
        if class_id is None:
            near = difflib.get_close_matches(normal, known, n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "known classes: "
            if not near:
                hint += ", ".join(term.name for term in self.classes[1:]) + "."
            raise LabelError(f"The ontology knows no class {word!r}; {hint}")
        return self._by_id[class_id]

    def find_label(self, word: str) -> str:
        """Return the class id of a label's name, which may also be `IGNORE`."""
        return IGNORE if _normal(word) in _IGNORE_NAMES else self.find(word).id

    def children(self, class_id: str) -> tuple[SemanticClass, ...]:
        """Return the classes directly inside a class."""
        return tuple(term for term in self.classes if term.parent == class_id)

    def ancestors(self, class_id: str) -> Iterator[str]:
        """Yield the class itself, its parent, … up to the root."""
        node: str | None = class_id
        while node is not None:
            yield node
            node = self._by_id[node].parent

    def descendants(self, class_id: str, stop: frozenset[str] = frozenset()) -> Iterator[str]:
        """Yield the class itself and everything inside it, not entering the classes in ``stop``."""
        yield class_id
        for child in self.children(class_id):
            if child.id not in stop:
                yield from self.descendants(child.id, stop)


@cache
def default_ontology() -> Ontology:
    """Return the vocabulary that comes with the program."""
    path = files("sxtstudio") / "resources" / "ontology.json"
    return from_json(Ontology, path.read_bytes(), "ontology.json")


def _normal(word: str) -> str:
    return " ".join(word.lower().replace("_", " ").replace("-", " ").split())
