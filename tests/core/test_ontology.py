"""The laboratory's vocabulary."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import (
    IGNORE,
    Extension,
    Ontology,
    SemanticClass,
    default_ontology,
    merged,
    new_synonym,
    new_term,
    slug,
)
from sxtstudio.core.records import from_json, to_json

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


WORDS = st.text("abcdef-_ 12", min_size=1, max_size=6).filter(lambda word: bool(word.strip()))
PARENTS = st.sampled_from([None, "cell", "nucleus", "a", "b", "c", "nowhere"])
TERMS = st.builds(
    lambda class_id, parent, synonyms: SemanticClass(
        id=class_id, name=class_id, parent=parent, synonyms=tuple(synonyms)
    ),
    st.sampled_from(["a", "b", "c", "d", "nucleus", "granule"]),
    PARENTS,
    st.lists(WORDS, max_size=3),
)
EXTENSIONS = st.builds(
    lambda terms, synonyms: Extension(
        terms=tuple(terms), synonyms={name: tuple(words) for name, words in synonyms.items()}
    ),
    st.lists(TERMS, max_size=5),
    st.dictionaries(
        st.sampled_from(["a", "b", "nucleus", "lipid", "nobody"]), st.lists(WORDS, max_size=3)
    ),
)


@given(EXTENSIONS)
def test_extending_twice_is_extending_once(extension):
    once = ONTOLOGY.extended(extension)

    assert once.extended(extension) == once


@given(EXTENSIONS, EXTENSIONS)
def test_the_order_in_which_two_people_extend_does_not_matter_for_ids(mine, theirs):
    one = ONTOLOGY.extended(merged((mine, theirs)))
    other = ONTOLOGY.extended(merged((theirs, mine)))

    assert {term.id for term in one.classes} == {term.id for term in other.classes}
    assert {term.id for term in ONTOLOGY.extended(mine).extended(theirs).classes} == {
        term.id for term in one.classes
    }


@given(EXTENSIONS)
def test_what_was_known_before_an_extension_keeps_its_meaning(extension):
    extended = ONTOLOGY.extended(extension)
    new_ids = {term.id for term in extended.classes} - {term.id for term in ONTOLOGY.classes}

    for term in ONTOLOGY.classes:
        assert extended[term.id].name == term.name
        for word in {term.name, *term.synonyms} - new_ids:
            assert extended.find(word).id == term.id


@given(EXTENSIONS)
def test_an_extension_is_the_same_after_writing_and_reading(extension):
    assert from_json(Extension, to_json(extension), "x.json") == extension


@given(st.text(max_size=12))
def test_a_slug_is_stable(name):
    assert slug(slug(name)) == slug(name)
    assert not set(slug(name)) & set(" ,=+_/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dense core vesicle", "dense-core-vesicle"),
        ("trans-Golgi  network", "trans-golgi-network"),
        ("Gefäß", "gefass"),
        ("ядро", "ядро"),
    ],
)
def test_the_id_of_a_term_is_read_from_its_name(name, expected):
    assert slug(name) == expected


def test_a_new_term_is_found_by_all_its_words():
    term = new_term(
        ONTOLOGY, " Dense  core ", "vesicle", colour="#123456", synonyms=("DCV", "", "DCV")
    )
    ontology = ONTOLOGY.extended(Extension(terms=(term,)))

    assert term.name == "Dense core"
    assert term.synonyms == ("DCV",)
    assert ontology.find("dcv").id == ontology.find("dense_core").id == "dense-core"
    assert list(ontology.ancestors("dense-core"))[:3] == ["dense-core", "vesicle", "cell"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Granule", "'Granule' already: it means the class 'vesicles'"),
        ("nucleus", "'nucleus' already: it is a class in 'cell'"),
        ("nucleus (2)", "already: it means the class 'nucleus'"),
        ("Interpolate", "may be anything"),
        ("a=b", "no comma"),
        ("  ", "cannot be a name"),
        ("!!", "cannot be a name"),
    ],
)
def test_a_term_that_exists_is_refused_and_named(name, words):
    with pytest.raises(LabelError) as error:
        new_term(ONTOLOGY, name, "cell")
    assert words in str(error.value)


def test_a_term_with_a_known_synonym_an_unknown_parent_or_no_source_is_refused():
    with pytest.raises(LabelError, match="it means the class 'lipid bodies'"):
        new_term(ONTOLOGY, "drop", "cell", synonyms=("LD",))
    with pytest.raises(LabelError, match="no class 'nowhere'"):
        new_term(ONTOLOGY, "drop", "nowhere")
    with pytest.raises(LabelError, match="where the LAC range of 'drop' comes from"):
        new_term(ONTOLOGY, "drop", "cell", lac_range_per_um=(0.1, 0.2))
    with pytest.raises(LabelError, match=r"LAC range 0.3 to 0.2"):
        new_term(ONTOLOGY, "drop", "cell", lac_range_per_um=(0.3, 0.2), source="me")
    with pytest.raises(LabelError, match="colour 'red'"):
        new_term(ONTOLOGY, "drop", "cell", colour="red")


def test_a_new_synonym_must_mean_nothing_yet():
    extension = new_synonym(ONTOLOGY, "lipid", " fat  drop ")

    assert ONTOLOGY.extended(extension).find("Fat_drop").id == "lipid"
    with pytest.raises(LabelError, match="already"):
        new_synonym(ONTOLOGY, "lipid", "mito")
    with pytest.raises(LabelError, match="no class 'x'"):
        new_synonym(ONTOLOGY, "x", "word")


def test_a_synonym_from_elsewhere_that_means_something_else_is_left_out():
    extension = Extension(synonyms={"vacuole": ("LD", "sap")})
    ontology = ONTOLOGY.extended(extension)

    assert ontology.find("LD").id == "lipid"
    assert ontology["vacuole"].synonyms == (*ONTOLOGY["vacuole"].synonyms, "sap")


def test_terms_whose_parents_come_later_or_never_find_their_place():
    terms = (
        SemanticClass(id="a", name="a", parent="b"),
        SemanticClass(id="b", name="b", parent="nucleus"),
        SemanticClass(id="c", name="c", parent="d"),
        SemanticClass(id="d", name="d", parent="c"),
    )
    ontology = ONTOLOGY.extended(Extension(terms=terms))

    assert ontology["a"].parent == "b"
    assert ontology["c"].parent == "sample"
    assert ontology["d"].parent == "c"


def test_a_class_nobody_knows_is_called_by_its_id():
    assert ONTOLOGY.term("nobody").name == "nobody"
    assert ONTOLOGY.term(IGNORE).name == IGNORE
    assert ONTOLOGY.term(" ").name == "?"
    assert ONTOLOGY.term("lipid") is ONTOLOGY["lipid"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ER", "er"),
        ("nucleus1", "nucleus"),
        ("granu", "vesicle"),
        ("mitocondria", "mitochondria"),
        ("droplet", "lipid"),
        ("reticul", "er"),
        ("plasma mem", "membrane"),
        ("nucleo", "nucleolus"),
    ],
)
def test_a_search_finds_the_best_first(typed, first):
    assert ONTOLOGY.search(typed)[0].id == first


def test_a_search_for_nothing_finds_all_and_for_nonsense_nothing():
    assert ONTOLOGY.search("") == ONTOLOGY.classes[1:]
    assert ONTOLOGY.search("qqqq") == ()


def test_an_extension_knows_whether_it_adds_anything():
    assert not Extension()
    assert Extension(synonyms={"cell": ("x",)})


def test_a_class_called_like_a_region_to_ignore_is_refused():
    with pytest.raises(LabelError, match="'ignore'"):
        Extension(terms=(SemanticClass(id=IGNORE, name="x"),))
    with pytest.raises(LabelError, match="cannot have the id ' '"):
        SemanticClass(id=" ", name="x")


@pytest.mark.parametrize(
    ("word", "class_id"),
    [
        ("void", "exterior"),
        ("Exterior", "exterior"),
        ("capillary", "capillary"),
        ("glass", "capillary"),
        ("bead", "bead"),
        ("gold fiducial", "bead"),
        ("buffer", "buffer"),
        ("vitreous ice", "buffer"),
        ("nucleus1", "nucleus"),
        ("nucleolus2", "nucleolus"),
        ("granule", "vesicle"),
        ("insulin vesicles", "vesicle"),
        ("lipid", "lipid"),
        ("LD", "lipid"),
        ("lipid droplets", "lipid"),
        ("vacuole", "vacuole"),
        ("ER", "er"),
        ("vesicle", "vesicle"),
        ("mito", "mitochondria"),
        ("membrane", "membrane"),
        ("cell", "cell"),
        ("inside", "cell"),
        ("material", "cell"),
        ("cell wall", "wall"),
        ("border", "wall"),
        ("cytosol", "cytoplasm"),
        ("lysosome", "lysosome"),
        ("heterochromatin", "heterochromatin"),
        ("euchromatin", "euchromatin"),
        ("chloroplast", "chloroplast"),
        ("thylakoid", "thylakoid"),
        ("stroma", "stroma"),
        ("pyrenoid", "pyrenoid"),
        ("starch granules", "starch"),
        ("symbiont", "symbiont"),
        ("Golgi", "golgi"),
        ("hemozoin", "hemozoin"),
        ("polyphosphate", "polyphosphate"),
        ("Ca granules", "calcium"),
        ("Si3N4", "support"),
        ("autophagosome", "autophagosome"),
        ("peroxisome", "peroxisome"),
        ("lamellar body", "lamellar-body"),
        ("ignore", IGNORE),
        ("unlabeled", IGNORE),
        ("interpolate", IGNORE),
    ],
)
def test_every_name_met_in_laboratories_is_known(word, class_id):
    assert ONTOLOGY.find_label(word) == class_id


def test_no_word_means_two_classes():
    meanings = {}
    for term in ONTOLOGY.classes:
        for word in (term.name, term.id, *term.synonyms):
            meanings.setdefault(word.lower().replace("-", " "), set()).add(term.id)

    assert {word: ids for word, ids in meanings.items() if len(ids) > 1} == {}


# Machado, Oliveira and Fernandes 2009: how linear RGB is seen with one kind of cone missing.
VISIONS = {
    "normal": np.eye(3),
    "protanope": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranope": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
OFTEN_TOGETHER = (
    ("nucleus", "mitochondria", "lipid", "vacuole", "cytoplasm", "nucleolus", "er", "vesicle"),
    ("nucleus", "mitochondria", "lipid", "chloroplast", "starch", "vacuole", "cytoplasm"),
    ("nucleus", "mitochondria", "lipid", "chloroplast", "starch", "pyrenoid", "polyphosphate"),
    ("nucleus", "nucleolus", "heterochromatin", "euchromatin"),
    ("exterior", "buffer", "capillary", "bead", "cell"),
)


def seen_lab(colour: str, vision: str) -> np.ndarray:
    """Return the CIE L*a*b* of what somebody sees of a colour."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISIONS[vision] @ linear, 0, 1)
    encoded = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    return rgb2lab(encoded)


@pytest.mark.parametrize(
    ("vision", "least"), [("normal", 17), ("protanope", 8), ("deuteranope", 8)]
)
def test_classes_often_seen_together_have_colours_that_everybody_tells_apart(vision, least):
    pairs = {tuple(sorted(pair)) for group in OFTEN_TOGETHER for pair in combinations(group, 2)}
    differences = {
        pair: float(deltaE_ciede2000(*(seen_lab(ONTOLOGY[it].colour, vision) for it in pair)))
        for pair in pairs
    }

    assert min(differences.values()) > least, min(differences, key=differences.__getitem__)


def test_all_colours_differ():
    for one, other in combinations(ONTOLOGY.classes[1:], 2):
        difference = deltaE_ciede2000(
            seen_lab(one.colour, "normal"), seen_lab(other.colour, "normal")
        )
        assert difference > 8, (one.id, other.id)
