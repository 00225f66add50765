"""What partly labelled cells say about a task."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import (
    Task,
    TaskClass,
    class_colour,
    combine,
    parse_task,
    target_bits,
    targets,
)
from sxtstudio.core.volume import LabelMap

ONTOLOGY = default_ontology()
TERMS = [term.id for term in ONTOLOGY.classes[1:]]


def annotation(
    labels: list[int], names: dict[int, str], complete: frozenset[str] = frozenset()
) -> Annotation:
    labels_ZYX = np.array(labels, np.uint8).reshape(1, 1, -1)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=(0.04,) * 3)
    return Annotation(label_map=label_map, complete=complete)


def possible(item: Annotation, task: Task) -> list[int]:
    return targets(item, task, ONTOLOGY).ravel().tolist()


def test_a_full_annotation_leaves_exactly_one_label_everywhere():
    names = {1: "nucleus", 2: "mitochondria"}
    task = parse_task("t", ["nucleus", "mitochondria"], ONTOLOGY)
    everything_inside = frozenset(TERMS)

    result = possible(annotation([0, 1, 2], names, everything_inside), task)

    assert result == [0b001, 0b010, 0b100]


def test_an_unlabelled_voxel_may_be_any_class_that_is_not_complete():
    task = parse_task("t", ["nucleus", "mitochondria", "lipid bodies"], ONTOLOGY)
    item = annotation([0, 1], {1: "nucleus"}, frozenset({"nucleus", "lipid"}))

    assert possible(item, task) == [0b0101, 0b0010]


def test_a_nucleus_may_hide_a_nucleolus_unless_the_nucleolus_is_complete():
    task = parse_task("t", ["nucleus", "nucleolus"], ONTOLOGY)
    names = {1: "nucleus"}

    unknown = possible(annotation([1], names, frozenset({"nucleus"})), task)
    known = possible(annotation([1], names, frozenset({"nucleus", "nucleolus"})), task)

    assert unknown == [0b110]
    assert known == [0b010]


def test_a_term_brings_its_descendants_except_those_asked_for_separately():
    names = {1: "nucleus", 2: "nucleolus"}
    complete = frozenset({"nucleus", "nucleolus", "heterochromatin", "euchromatin"})

    together = parse_task("t", ["nucleus"], ONTOLOGY)
    parted = parse_task("t", ["nucleus", "nucleolus"], ONTOLOGY)

    assert possible(annotation([1, 2], names, complete), together) == [0b10, 0b10]
    assert possible(annotation([1, 2], names, complete), parted) == [0b010, 0b100]


def test_a_drawn_class_outside_the_task_is_none_of_its_classes():
    task = parse_task("t", ["mitochondria"], ONTOLOGY)

    assert possible(annotation([1], {1: "vacuole"}), task) == [0b01]


def test_a_drawn_cell_may_still_hide_every_class_inside_it():
    task = parse_task("t", ["mitochondria", "capillary"], ONTOLOGY)

    assert possible(annotation([1], {1: "cell"}), task) == [0b011]


def test_an_ignored_region_may_be_anything():
    task = parse_task("t", ["nucleus", "mitochondria"], ONTOLOGY)
    complete = frozenset({"nucleus", "mitochondria"})

    assert possible(annotation([1], {1: "ignore"}, complete), task) == [0b111]


def test_a_label_value_without_a_name_is_refused_with_a_sentence():
    task = parse_task("t", ["nucleus"], ONTOLOGY)

    with pytest.raises(LabelError, match="label value 7 is used but stands for no class"):
        possible(annotation([0, 7], {1: "nucleus"}), task)


def test_two_annotations_of_a_cell_narrow_each_other_down():
    task = parse_task("t", ["nucleus", "mitochondria"], ONTOLOGY)
    nucleus = annotation([1, 0, 0], {1: "nucleus"}, frozenset({"nucleus"}))
    mito = annotation([0, 1, 0], {1: "mitochondria"}, frozenset({"mitochondria"}))

    both = combine(targets(nucleus, task, ONTOLOGY), targets(mito, task, ONTOLOGY))

    assert both.ravel().tolist() == [0b010, 0b100, 0b001]


def test_annotations_that_contradict_each_other_leave_both_possible():
    first, second = np.array([0b010], np.uint32), np.array([0b100], np.uint32)

    assert combine(first, second).tolist() == [0b110]


terms = st.lists(st.sampled_from(TERMS), min_size=1, max_size=6, unique=True)


@given(drawn=terms, complete=st.frozensets(st.sampled_from(TERMS)), more=st.sampled_from(TERMS))
def test_completing_a_class_never_makes_a_voxel_more_ambiguous(drawn, complete, more):
    task = Task(name="t", classes=tuple(TaskClass(name=i, members=(i,)) for i in drawn))
    names = dict(enumerate(drawn, start=1))

    before = target_bits(names, complete, task, ONTOLOGY)
    after = target_bits(names, complete | {more}, task, ONTOLOGY)

    assert all(after[value] & ~before[value] == 0 for value in before)


@given(drawn=terms, complete=st.frozensets(st.sampled_from(TERMS)))
def test_merging_two_classes_of_a_task_commutes_with_targets(drawn, complete):
    parts = [TaskClass(name=i, members=(i,)) for i in drawn]
    merged = TaskClass(name="both", members=tuple(drawn[:2]))
    fine = Task(name="t", classes=tuple(parts))
    coarse = Task(name="t", classes=(merged, *parts[2:]))
    names = dict(enumerate(drawn, start=1))
    both = len(drawn[:2])

    fine_bits = target_bits(names, complete, fine, ONTOLOGY)
    coarse_bits = target_bits(names, complete, coarse, ONTOLOGY)

    for value, bits in fine_bits.items():
        inside = any(bits >> k & 1 for k in range(1, both + 1))
        rest = bits >> (both + 1)
        assert coarse_bits[value] == (bits & 1) | inside << 1 | rest << 2


@given(st.sampled_from(TERMS))
def test_everything_complete_leaves_no_doubt_about_any_drawn_class(term):
    task = Task(name="t", classes=tuple(TaskClass(name=i, members=(i,)) for i in TERMS[:20]))

    bits = target_bits({1: term}, frozenset(TERMS), task, ONTOLOGY)

    assert bits[0].bit_count() == 1
    assert bits[1].bit_count() == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "names no class"),
        (["nukleus"], "did you mean 'nucleus'"),
        (["nucleus", "nucleus"], "uses the class 'nucleus' twice"),
        (["a=nucleus", "b=nucleus"], "uses the ontology term 'nucleus' twice"),
        (["storage="], "names no ontology term"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused_with_a_sentence(words, sentence):
    with pytest.raises(LabelError, match=sentence):
        parse_task("t", words, ONTOLOGY)


def test_a_task_class_gathers_the_terms_joined_by_plus():
    task = parse_task("t", ["storage=lipid droplets+starch", "mito"], ONTOLOGY)

    assert task.classes[0].members == ("lipid", "starch")
    assert task.names == {1: "storage", 2: "mito"}


def test_a_region_drawn_as_a_class_nobody_knows_may_be_anything():
    task = parse_task("t", ["nucleus", "lipid"], ONTOLOGY)

    assert possible(annotation([1], {1: "nobody"}, frozenset({"nucleus"})), task) == [0b111]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TaskClass(name=" ", members=("lipid",)), "no name"),
        (lambda: TaskClass(name="fat", members=()), "gathers no term"),
        (lambda: TaskClass(name="fat", members=("lipid",), colour="red"), "colour 'red'"),
        (
            lambda: Task(name="t", classes=(TaskClass(name="fat", members=("lipid",)),), version=0),
            "1 is the first",
        ),
    ],
)
def test_parts_of_a_task_that_make_no_sense_are_refused(make, sentence):
    with pytest.raises(LabelError, match=sentence):
        make()


def test_a_class_is_drawn_in_its_own_colour_or_that_of_its_first_term():
    nobody = TaskClass(name="x", members=("nobody",))

    assert class_colour(TaskClass(name="x", members=("lipid",), colour="#123456"), ONTOLOGY) == (
        "#123456"
    )
    assert class_colour(TaskClass(name="x", members=("lipid",)), ONTOLOGY) == (
        ONTOLOGY["lipid"].colour
    )
    assert class_colour(nobody, ONTOLOGY) == ONTOLOGY.term("nobody").colour
