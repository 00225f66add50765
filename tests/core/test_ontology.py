"""The laboratory's vocabulary."""

import pytest

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology, SemanticClass, default_ontology

ONTOLOGY = default_ontology()


@pytest.mark.parametrize(
    ("word", "class_id"),
    [
        ("Nucleus", "nucleus"),
        ("nucleus1", "nucleus"),
        ("LD", "lipid"),
        ("lipid_droplets", "lipid"),
        ("mito", "mitochondria"),
        ("Starch-Granules", "starch"),
        ("void", "exterior"),
        ("inside", "cell"),
    ],
)
def test_free_text_finds_its_class(word, class_id):
    assert ONTOLOGY.find(word).id == class_id


def test_every_name_finds_its_own_class():
    assert [ONTOLOGY.find(term.name).id for term in ONTOLOGY.classes] == [
        term.id for term in ONTOLOGY.classes
    ]


def test_an_unknown_word_is_refused_and_near_ones_are_named():
    with pytest.raises(LabelError, match="did you mean 'vacuole'"):
        ONTOLOGY.find("vacuol")
    with pytest.raises(LabelError, match="known classes: exterior"):
        ONTOLOGY.find("qqqq")


def test_regions_about_which_nothing_is_said_are_recognised():
    assert ONTOLOGY.find_label("ignore") == ONTOLOGY.find_label("Unlabeled") == IGNORE


def test_the_colours_of_the_figure_are_kept():
    colours = {i: ONTOLOGY[i].colour for i in ("nucleus", "lipid", "mitochondria", "starch")}
    red, magenta, green, blue = (
        tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours.values()
    )

    assert red[0] > 2 * max(red[1:])
    assert min(magenta[0], magenta[2]) > 2 * magenta[1]
    assert green[1] > 2 * max(green[0], green[2])
    assert blue[2] > max(blue[:2])


def test_every_range_of_lac_has_a_source():
    assert all(term.source for term in ONTOLOGY.classes if term.lac_range_per_um)


def test_descendants_stop_at_the_classes_asked_to_stop_at():
    assert set(ONTOLOGY.descendants("nucleus", frozenset({"nucleolus"}))) == {
        "nucleus",
        "heterochromatin",
        "euchromatin",
    }


def test_a_tree_that_names_a_class_before_its_parent_is_refused():
    root = SemanticClass(id="sample", name="sample")
    orphan = SemanticClass(id="a", name="a", parent="b")

    with pytest.raises(LabelError, match="parent of 'a'"):
        Ontology((root, orphan))
    with pytest.raises(LabelError, match="twice"):
        Ontology((root, root))
