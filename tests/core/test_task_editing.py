"""Classes of a task are merged, split, moved and named, and say what they gather."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core import task_editing as edit
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import TaskClass, parse_task

ONTOLOGY = default_ontology()


def classes(*words):
    return parse_task("test", words, ONTOLOGY).classes


def names(found):
    return [item.name for item in found]


def members(found):
    return [item.members for item in found]


def test_a_structure_that_is_ticked_becomes_a_class_of_its_own():
    found = edit.add_term(classes("nucleus"), "lipid", ONTOLOGY)

    assert names(found) == ["nucleus", "lipid bodies"]
    assert members(found) == [("nucleus",), ("lipid",)]


def test_a_structure_dropped_on_a_class_is_gathered_by_it_and_leaves_its_old_class():
    found = edit.add_term(classes("a=lipid+starch", "nucleus"), "starch", ONTOLOGY, into=1)

    assert members(found) == [("lipid",), ("nucleus", "starch")]
    assert names(found) == ["a", "nucleus and starch granules"]


def test_a_structure_dropped_on_the_class_it_is_in_changes_nothing():
    before = classes("a=lipid+starch")

    assert edit.add_term(before, "starch", ONTOLOGY, into=0) == before


@pytest.mark.parametrize(("at", "order"), [(0, "xab"), (1, "axb"), (2, "abx"), (9, "abx")])
def test_a_structure_dropped_between_two_classes_lands_there(at, order):
    found = edit.add_term(classes("a=nucleus", "b=lipid"), "vacuole", ONTOLOGY, at=at)

    assert "".join("x" if name == "vacuole" else name for name in names(found)) == order


def test_a_member_dragged_out_is_a_class_of_its_own_where_it_was_dropped():
    found = edit.add_term(classes("a=lipid+starch", "nucleus"), "lipid", ONTOLOGY, at=0)

    assert members(found) == [("lipid",), ("starch",), ("nucleus",)]


def test_a_class_dragged_as_its_only_structure_keeps_the_order_of_the_others():
    found = edit.add_term(classes("lipid", "nucleus", "vacuole"), "lipid", ONTOLOGY, at=2)

    assert members(found) == [("nucleus",), ("lipid",), ("vacuole",)]


def test_merged_classes_are_named_after_what_they_gather():
    found = edit.merge_classes(classes("lipid bodies", "nucleus", "starch"), 2, 0, ONTOLOGY)

    assert names(found) == ["lipid bodies and starch granules", "nucleus"]
    assert members(found) == [("lipid", "starch"), ("nucleus",)]


def test_a_name_that_somebody_gave_survives_a_merge():
    found = edit.merge_classes(classes("storage=lipid", "starch"), 1, 0, ONTOLOGY)

    assert names(found) == ["storage"]


def test_a_class_merged_with_itself_is_unchanged():
    before = classes("lipid", "nucleus")

    assert edit.merge_classes(before, 1, 1, ONTOLOGY) == before


def test_split_gives_each_structure_its_own_class_in_the_same_place():
    found = edit.split_class(classes("nucleus", "a=lipid+starch", "vacuole"), 1, ONTOLOGY)

    assert names(found) == ["nucleus", "lipid bodies", "starch granules", "vacuole"]


def test_split_never_makes_two_classes_of_one_name():
    found = edit.split_class(classes("lipid bodies=nucleus", "a=lipid+starch"), 1, ONTOLOGY)

    assert names(found) == ["lipid bodies", "lipid bodies 2", "starch granules"]


def test_a_class_goes_with_its_last_structure():
    assert edit.remove_term(classes("lipid", "nucleus"), "lipid", ONTOLOGY) == classes("nucleus")
    assert edit.remove_term(classes("nucleus"), "lipid", ONTOLOGY) == classes("nucleus")


def test_a_class_that_lost_a_structure_is_named_after_the_rest():
    merged = edit.merge_classes(classes("lipid bodies", "starch"), 1, 0, ONTOLOGY)

    assert names(edit.remove_term(merged, "lipid", ONTOLOGY)) == ["starch granules"]
    assert names(edit.remove_term(classes("mine=lipid+starch"), "lipid", ONTOLOGY)) == ["mine"]


@pytest.mark.parametrize(
    ("source", "before", "order"), [(0, 3, "bca"), (2, 0, "cab"), (1, 1, "abc")]
)
def test_a_class_can_be_moved(source, before, order):
    found = edit.move_class(classes("a=lipid", "b=starch", "c=vacuole"), source, before)

    assert "".join(names(found)) == order


def test_a_class_whose_name_is_taken_away_is_called_by_what_it_gathers():
    found = edit.rename_class(classes("mine=lipid"), 0, "  ", ONTOLOGY)

    assert names(found) == ["lipid bodies"]
    assert names(edit.rename_class(found, 0, " my  fat ", ONTOLOGY)) == ["my fat"]


def test_a_class_keeps_its_own_colour():
    assert edit.recolour_class(classes("lipid"), 0, "#123456")[0].colour == "#123456"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mitochondria",), ""),
        (("mine=mitochondria",), "mitochondria"),
        (("nucleus",), "with nucleolus, heterochromatin and euchromatin"),
        (
            ("nucleus", "nucleolus"),
            "with heterochromatin and euchromatin; without nucleolus (a class of its own)",
        ),
        (
            ("nucleus", "rest=nucleolus+euchromatin+heterochromatin"),
            "without nucleolus (in “rest”), heterochromatin (in “rest”) and euchromatin (in "
            "“rest”)",
        ),
        (("storage=lipid+starch",), "lipid bodies and starch granules"),
    ],
)
def test_what_a_class_gathers_is_said_in_words(words, said):
    assert edit.gathered_words(classes(*words), 0, ONTOLOGY) == said


def test_of_much_that_a_class_gathers_the_first_are_named():
    words = edit.gathered_words(classes("cell", "nucleus"), 0, ONTOLOGY)

    assert words.startswith("with cytoplasm, membrane, cell wall,")
    assert words.endswith("more; without nucleus (a class of its own)")


def test_a_structure_nobody_knows_is_called_by_its_id():
    unknown = (TaskClass(name="a", members=("spindle",)),)

    assert edit.gathered_words(unknown, 0, ONTOLOGY) == "spindle"


TERMS = st.sampled_from(["nucleus", "nucleolus", "lipid", "starch", "chloroplast", "cell"])


@given(st.lists(st.tuples(TERMS, st.integers(0, 5), st.booleans()), max_size=12))
def test_whatever_is_dragged_where_no_structure_is_in_two_classes(moves):
    found = ()
    for term, place, into in moves:
        target = place % len(found) if found and into else None
        found = edit.add_term(found, term, ONTOLOGY, into=target, at=None if into else place)

        held = [member for item in found for member in item.members]
        assert len(held) == len(set(held))
        assert term in held
        assert all(found[i].members for i in range(len(found)))


@given(st.lists(TERMS, min_size=1, max_size=6, unique=True))
def test_what_is_merged_into_one_is_parted_again_by_a_split(terms):
    found = ()
    for term in terms:
        found = edit.add_term(found, term, ONTOLOGY)
    for _ in terms[1:]:
        found = edit.merge_classes(found, len(found) - 1, 0, ONTOLOGY)
    assert len(found) == 1

    parted = edit.split_class(found, 0, ONTOLOGY)

    assert {item.members for item in parted} == {(term,) for term in terms}
