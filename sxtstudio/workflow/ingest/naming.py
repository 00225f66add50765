"""From free text to terms, and from file names to what belongs together."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from sxtstudio.core.ontology import IGNORE, Ontology, means_ignore, slug
from sxtstudio.workflow.ingest.proposals import Confidence

ALIKE = 0.84
"""How alike (`difflib`, 1 is equal) two words are that are taken for the same, misspelt."""
_UNNAMED = re.compile(r"(?:material|label|segment|new ?material)[ _-]*\d+", re.IGNORECASE)
_LABEL_WORDS = frozenset(
    {"label", "labels", "lab", "labelfield", "labelled", "labeled", "seg", "segs", "segmentation"}
    | {"segmented", "mask", "masks", "annotation", "annotations", "annotated", "gt", "groundtruth"}
    | {"truth", "manual"}
)
_IMAGE_WORDS = frozenset(
    {"raw", "scaled", "rec", "recon", "reconstruction", "reconstructed", "tomo", "tomogram"}
    | {"tomograms", "lac", "volume", "vol", "image", "images", "img", "data", "full"}
)
_SHORTEST_WORD = 4


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """The term that a word seems to stand for, how surely, and why."""

    term: str | None
    confidence: Confidence
    reason: str


def meaning_of(name: str, ontology: Ontology) -> Meaning:
    """Return what a material's name seems to stand for."""
    if means_ignore(name):
        return Meaning(term=IGNORE, confidence="exact", reason="a region that may be anything")
    class_id = ontology.id_of(name)
    if class_id is not None and not _is_default_name(name, ontology):
        term = ontology[class_id]
        if slug(name) in (slug(term.name), slug(term.id)):
            return Meaning(term=class_id, confidence="exact", reason="the term's own name")
        return Meaning(
            term=class_id, confidence="synonym", reason=f"another word for {term.name!r}"
        )
    return _similar(name, ontology)


def _is_default_name(name: str, ontology: Ontology) -> bool:
    """Tell whether a name is what Amira calls a material that nobody named: Material3."""
    return bool(_UNNAMED.fullmatch(name.strip())) and slug(name) not in {
        slug(word) for term in ontology.classes for word in (term.id, term.name, *term.synonyms)
    }


def _similar(name: str, ontology: Ontology) -> Meaning:
    if _UNNAMED.fullmatch(name.strip()):
        return Meaning(
            term=None, confidence="unknown", reason="Amira calls materials so that nobody named."
        )
    words = {
        slug(word).replace("-", " "): term.id
        for term in reversed(ontology.classes[1:])
        for word in (*term.synonyms, term.name, term.id)
    }
    asked = slug(name).replace("-", " ").rstrip("0123456789 ")
    near = difflib.get_close_matches(asked, words, n=1, cutoff=ALIKE)
    if near:
        return _fuzzy(words[near[0]], f"is spelt almost like {near[0]!r}")
    inside = {
        words[part] for part in asked.split() if len(part) >= _SHORTEST_WORD and part in words
    }
    # "outer cell membrane" holds the words cell and membrane: the narrower one is meant.
    narrow = {one for one in inside if not any(one in _above(two, ontology) for two in inside)}
    if len(narrow) == 1:
        class_id = narrow.pop()
        return _fuzzy(class_id, f"holds a word for {ontology[class_id].name!r}")
    return Meaning(
        term=None,
        confidence="unknown",
        reason="The vocabulary does not know it: choose a term, “ignore”, or add a new term.",
    )


def _above(class_id: str, ontology: Ontology) -> set[str]:
    return set(ontology.ancestors(class_id)) - {class_id}


def _fuzzy(class_id: str, reason: str) -> Meaning:
    return Meaning(term=class_id, confidence="fuzzy", reason=reason)


def words_in(stem: str) -> tuple[str, ...]:
    """Return the words of a file name in small letters: ``Cell7_Labels-2`` gives cell7 labels 2."""
    return tuple(re.findall(r"[^\W_]+", stem.casefold()))


def says_labels(stem: str) -> bool:
    """Tell whether a file's name says that it holds labels."""
    return bool(_LABEL_WORDS.intersection(words_in(stem)))


@dataclass(frozen=True, kw_only=True)
class PairKey:
    """What a tomogram and its labels share: folder and name, less what tells them apart."""

    folder: tuple[str, ...]
    words: tuple[str, ...]


def pair_key(place: Path, stem: str, root: Path) -> PairKey:
    """Return what the names of a tomogram and of its labels share, below the folder ``root``."""
    folders = place.relative_to(root).parts if place.is_relative_to(root) else place.parts
    roles = _LABEL_WORDS | _IMAGE_WORDS
    return PairKey(
        folder=tuple(part for part in folders if not set(words_in(part)) <= roles),
        words=tuple(word for word in words_in(stem) if word not in roles),
    )


def class_in_name(words: tuple[str, ...], ontology: Ontology) -> tuple[str, tuple[str, ...]] | None:
    """Return the class that a name ends or begins with, and the other words; None if there is none.

    ``cell7 lipid droplets`` gives ("lipid droplets", ("cell7",)). A word with a number, like cell7,
    is a name and no class.
    """
    for length in range(len(words), 0, -1):
        for part, rest in ((words[-length:], words[:-length]), (words[:length], words[length:])):
            name = " ".join(part)
            if not any(char.isdigit() for char in name) and ontology.id_of(name):
                return name, rest
    return None
