"""Free text becomes terms with a confidence; file names tell what belongs together."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.workflow.ingest.naming import class_in_name, meaning_of, pair_key
from tests.workflow.ingest.files import ONTOLOGY


@pytest.mark.parametrize(
    ("name", "term", "confidence"),
    [
        ("Nucleus", "nucleus", "exact"),
        ("lipid bodies", "lipid", "exact"),
        ("LD", "lipid", "synonym"),
        ("nucleus1", "nucleus", "synonym"),
        ("void", "exterior", "synonym"),
        ("Exterior", "exterior", "exact"),
        ("Inside", "cell", "synonym"),
        ("material", "cell", "synonym"),
        ("ignore", "ignore", "exact"),
        ("Interpolate", "ignore", "exact"),
        ("unlabelled", "ignore", "exact"),
        ("mitochondira", "mitochondria", "fuzzy"),
        ("left nucleus", "nucleus", "fuzzy"),
        ("Zellkern", None, "unknown"),
        ("核", None, "unknown"),
        ("Material7", None, "unknown"),
        ("label 3", None, "unknown"),
        ("nucleus or vacuole", None, "unknown"),
        ("sample", "sample", "exact"),
        ("", None, "unknown"),
    ],
)
def test_a_name_has_a_meaning_and_says_how_surely(name, term, confidence) -> None:
    meaning = meaning_of(name, ONTOLOGY)
    assert (meaning.term, meaning.confidence) == (term, confidence)
    assert meaning.reason


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_name_gets_a_known_term_or_none(name: str) -> None:
    meaning = meaning_of(name, ONTOLOGY)
    assert meaning.term is None or meaning.term == "ignore" or meaning.term in ONTOLOGY
    assert (meaning.term is None) == (meaning.confidence == "unknown")


def test_a_name_inside_another_means_the_narrower_class() -> None:
    assert meaning_of("nucleolus of nucleus", ONTOLOGY).term == "nucleolus"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a/cell7.mrc", "a/Cell7_labels.am"),
        ("a/raw/7.mrc", "a/labels/7.am"),
        ("a/x_scaled.mrc", "a/x_labels.mrc"),
        ("a/raw.tif", "a/seg.tif"),
    ],
)
def test_pairs_share_a_key(one: str, two: str) -> None:
    root = Path("/root")
    keys = [pair_key((root / it).parent, (root / it).stem, root) for it in (one, two)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("one", "two"), [("a/cell7.mrc", "a/cell8.mrc"), ("a/cell7.mrc", "b/cell7.mrc")]
)
def test_different_cells_have_different_keys(one: str, two: str) -> None:
    root = Path("/root")
    keys = [pair_key((root / it).parent, (root / it).stem, root) for it in (one, two)]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("mitochondria",), ("mitochondria", ())),
        (("cell7", "lipid", "droplets"), ("lipid droplets", ("cell7",))),
        (("mito", "cell7"), ("mito", ("cell7",))),
        (("cell7",), None),
        (("nucleus1",), None),
        ((), None),
    ],
)
def test_a_class_in_a_file_name_is_found(words, expected) -> None:
    assert class_in_name(words, ONTOLOGY) == expected
