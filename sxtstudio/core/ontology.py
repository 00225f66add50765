"""The laboratory's vocabulary as a tree: sample > cell > nucleus > nucleolus."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files

from sxtstudio.core.errors import LabelError
from sxtstudio.core.records import from_json

IGNORE = "ignore"
"""Class id of a region about which an annotation says nothing: it may be anything."""

_IGNORE_NAMES = frozenset({IGNORE, "ignored", "unlabeled", "unlabelled", "unknown", "interpolate"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_MISSPELT = 0.7
"""How alike (`difflib`, 1 is equal) two words are that a search takes for the same, misspelt."""


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

    def __post_init__(self) -> None:
        if not self.id.strip() or not self.name.strip():
            raise LabelError(f"A class cannot have the id {self.id!r} and the name {self.name!r}.")
        check_colour(self.colour, self.name)
        low, high = self.lac_range_per_um or (0.0, 1.0)
        if not 0 <= low < high < float("inf"):
            raise LabelError(
                f"The class {self.name!r} has the LAC range {low:g} to {high:g} µm⁻¹; give two "
                "numbers of 0 or more, the smaller one first."
            )


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What a laboratory adds to a vocabulary: terms, and synonyms by the id of their class."""

    terms: tuple[SemanticClass, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        if any(term.id == IGNORE for term in self.terms):
            raise LabelError(f"No class can have the id {IGNORE!r}; it means “may be anything”.")

    def __bool__(self) -> bool:
        """Tell whether anything is added."""
        return bool(self.terms or self.synonyms)


def merged(extensions: Iterable[Extension]) -> Extension:
    """Return several extensions as one; of two definitions of an id the first one counts."""
    terms: dict[str, SemanticClass] = {}
    synonyms: dict[str, tuple[str, ...]] = {}
    for extension in extensions:
        for term in extension.terms:
            if terms.setdefault(term.id, term) != term:
                synonyms[term.id] = (*synonyms.get(term.id, ()), term.name, *term.synonyms)
        for class_id, words in extension.synonyms.items():
            synonyms[class_id] = (*synonyms.get(class_id, ()), *words)
    return Extension(
        terms=tuple(terms.values()),
        synonyms={class_id: tuple(dict.fromkeys(words)) for class_id, words in synonyms.items()},
    )


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
        """Ids go before names, names before synonyms, earlier classes before later ones."""
        terms = self.classes[::-1]
        words = {_normal(word): term.id for term in terms for word in term.synonyms}
        words |= {_normal(term.name): term.id for term in terms}
        return words | {_normal(term.id): term.id for term in terms}

    @property
    def root(self) -> SemanticClass:
        """The class that contains all others."""
        return self.classes[0]

    def __getitem__(self, class_id: str) -> SemanticClass:
        return self._by_id[class_id]

    def __contains__(self, class_id: object) -> bool:
        return class_id in self._by_id

    def term(self, class_id: str) -> SemanticClass:
        """Return a class; one that nobody knows is called by its id."""
        name = class_id.strip() or "?"
        unknown = SemanticClass(id=name, name=name, parent=self.root.id)
        return self._by_id.get(class_id, unknown)

    def find(self, word: str) -> SemanticClass:
        """Return the class that a free-text name, id or synonym stands for.

        Case, hyphens, underscores and a trailing number (``nucleus1``) do not matter.

        Raises
        ------
        LabelError
            If the vocabulary does not know the word; the nearest terms are named.
        """
        class_id = self.id_of(word)
        if class_id is None:
            near = difflib.get_close_matches(_normal(word), self._ids_by_word, n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "known classes: "
            if not near:
                hint += ", ".join(term.name for term in self.classes[1:]) + "."
            raise LabelError(f"The ontology knows no class {word!r}; {hint}")
        return self._by_id[class_id]

    def id_of(self, word: str) -> str | None:
        """Return the id of the class that `find` would find, None if there is none."""
        normal = _normal(word)
        known = self._ids_by_word
        return known.get(normal) or known.get(normal.rstrip("0123456789 "))

    def search(self, word: str) -> tuple[SemanticClass, ...]:
        """Return the classes that a word typed into a search field may mean, the best first.

        It is compared with ids, names and synonyms: equal, beginning alike, containing it,
        misspelt. Nothing typed finds every class; the root is never found.
        """
        exact = self.id_of(word)
        ranked = [
            (0.0 if term.id == exact else _rank(_normal(word), term), number)
            for number, term in enumerate(self.classes)
        ]
        return tuple(self.classes[i] for rank, i in sorted(ranked[1:]) if rank < _NOT_ALIKE)

    def find_label(self, word: str) -> str:
        """Return the class id of a label's name, which may also be `IGNORE`."""
        return IGNORE if means_ignore(word) else self.find(word).id

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

    def extended(self, extension: Extension) -> "Ontology":
        """Return this vocabulary with a laboratory's terms and synonyms added.

        The first definition of an id wins, synonyms add up. What was written without knowledge
        of this vocabulary does no harm: a synonym that means something else already is left out, a
        term whose parent nobody knows lies in the root.
        """
        addition = merged((Extension(terms=self.classes), extension))
        waiting = [term for term in addition.terms if term.id not in self]
        tree = {term.id: term for term in self.classes}
        while waiting:
            ready = [term for term in waiting if term.parent in tree]
            ready = ready or [replace(waiting[0], parent=self.root.id)]
            tree |= {term.id: replace(term, synonyms=()) for term in ready}
            waiting = [term for term in waiting if term.id not in tree]
        own = {term.id: term.synonyms for term in addition.terms if term.id not in self}
        words = merged((Extension(synonyms=own), Extension(synonyms=addition.synonyms))).synonyms
        return _with_synonyms(Ontology(tuple(tree.values())), words)


def _with_synonyms(ontology: Ontology, synonyms: Mapping[str, tuple[str, ...]]) -> Ontology:
    """Return an ontology with those of the synonyms that mean nothing yet."""
    meant = {_normal(word) for term in ontology.classes for word in _words(term)}
    added: dict[str, tuple[str, ...]] = {}
    for term in ontology.classes:
        for word in synonyms.get(term.id, ()):
            if _normal(word) and _normal(word) not in meant | _IGNORE_NAMES:
                meant.add(_normal(word))
                added[term.id] = (*added.get(term.id, ()), word)
    return Ontology(
        tuple(
            replace(term, synonyms=(*term.synonyms, *added.get(term.id, ())))
            for term in ontology.classes
        )
    )


def terms_for(class_ids: Iterable[str], source: Ontology, target: Ontology) -> Extension:
    """Return what ``target`` must be extended by to know classes as ``source`` does.

    That is the terms it lacks, with all that they lie in, and the synonyms it lacks. Classes that
    ``source`` does not know either are left out.
    """
    asked = frozenset(class_ids)
    wanted = {up for name in asked if name in source for up in source.ancestors(name)}
    synonyms: dict[str, tuple[str, ...]] = {}
    for term in source.classes:
        if term.id in asked and term.id in target:
            lacking = tuple(it for it in term.synonyms if target.id_of(it) is None)
            synonyms |= {term.id: lacking} if lacking else {}
    terms = tuple(term for term in source.classes if term.id in wanted and term.id not in target)
    return Extension(terms=terms, synonyms=synonyms)


def new_term(
    ontology: Ontology,
    name: str,
    parent: str,
    *,
    colour: str = "#9e9e9e",
    lac_range_per_um: tuple[float, float] | None = None,
    source: str = "",
    synonyms: Iterable[str] = (),
) -> SemanticClass:
    """Return a term to extend a vocabulary with; its id is the slug of its name.

    Raises
    ------
    LabelError
        If the name or a synonym exists (what has it is named), the parent is unknown, or a LAC
        range comes without a source.
    """
    others = dict.fromkeys(" ".join(word.split()) for word in synonyms)
    words = (" ".join(name.split()), *filter(None, others))
    for word in words:
        _check_new(ontology, word)
    if parent not in ontology:
        raise LabelError(f"The vocabulary knows no class {parent!r} that {name!r} could lie in.")
    if lac_range_per_um is not None and not source.strip():
        raise LabelError(f"Say where the LAC range of {name!r} comes from.")
    return SemanticClass(
        id=slug(words[0]),
        name=words[0],
        parent=parent,
        colour=colour,
        lac_range_per_um=lac_range_per_um,
        source=source.strip(),
        synonyms=words[1:],
    )


def new_synonym(ontology: Ontology, class_id: str, word: str) -> Extension:
    """Return the extension by one more word for a class.

    Raises
    ------
    LabelError
        If the word means something already, or the class is unknown.
    """
    if class_id not in ontology:
        raise LabelError(f"The vocabulary knows no class {class_id!r}.")
    word = " ".join(word.split())
    _check_new(ontology, word)
    return Extension(synonyms={class_id: (word,)})


def _check_new(ontology: Ontology, word: str) -> None:
    """Raise `LabelError` if a word is no name, or has a meaning that it would take away."""
    if not slug(word) or set(word) & set(",=+"):
        raise LabelError(
            f"{word!r} cannot be a name; use letters and digits, and no comma, = or +."
        )
    if means_ignore(word) or means_ignore(slug(word)):
        raise LabelError(f"{word!r} means “may be anything” in labels; choose another name.")
    class_id = ontology.id_of(word) or ontology.id_of(slug(word))
    if class_id is not None:
        raise LabelError(
            f"The vocabulary knows {word!r} already: {_how(ontology[class_id], word)}."
        )


def _how(term: SemanticClass, word: str) -> str:
    """Return in words how a term knows a word."""
    if _normal(word) == _normal(term.name):
        inside = f" in {term.parent!r}" if term.parent else ""
        return f"it is a class{inside}"
    return f"it means the class {term.name!r}"


def check_colour(colour: str, name: str) -> None:
    """Raise `LabelError` if the colour of a class is not written like #1e88e5."""
    if not _COLOUR.fullmatch(colour):
        raise LabelError(f"The class {name!r} has the colour {colour!r}; write it like #1e88e5.")


def slug(name: str) -> str:
    """Return a name as an id: small letters and digits of any script, hyphens between words."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return "-".join(re.findall(r"[^\W_]+", kept))


def means_ignore(word: str) -> bool:
    """Tell whether the name of a label says that it may be anything."""
    return _normal(word) in _IGNORE_NAMES


_NOT_ALIKE = 10.0


def _words(term: SemanticClass) -> tuple[str, ...]:
    return (term.id, term.name, *term.synonyms)


def _rank(query: str, term: SemanticClass) -> float:
    """Return how far a term is from what was typed; synonyms come after names."""
    names, synonyms = (term.name, term.id), term.synonyms
    ranks = [_distance(query, _normal(word)) for word in names]
    ranks += [_distance(query, _normal(word)) + 0.5 for word in synonyms]
    return min(ranks)


def _distance(query: str, word: str) -> float:
    if word.startswith(query):
        return 1.0
    if any(part.startswith(query) for part in word.split()):
        return 2.0
    if query in word:
        return 3.0
    alike = difflib.SequenceMatcher(None, query, word).ratio()
    return 5.0 - alike if alike >= _MISSPELT else _NOT_ALIKE


@cache
def default_ontology() -> Ontology:
    """Return the vocabulary that comes with the program."""
    path = files("sxtstudio") / "resources" / "ontology.json"
    return from_json(Ontology, path.read_bytes(), "ontology.json")


def _normal(word: str) -> str:
    return " ".join(word.lower().replace("_", " ").replace("-", " ").split())
