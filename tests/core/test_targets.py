"""What must hold for partly labelled cells whatever is drawn in them.

*Ambiguous* is told by sets: a voxel is never more ambiguous after a change if the labels that are
possible after it were all possible before. That can only hold for changes that contradict nothing:
drawing a class at a voxel where a complete class said that it is not there takes something back.
"""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sxtstudio.core.cell import Annotation
from sxtstudio.core.coverage import annotation_facts, knowledge_of
from sxtstudio.core.ontology import IGNORE, default_ontology
from sxtstudio.core.task import Task, TaskClass, combine, target_bits, targets, task_label_of
from sxtstudio.core.volume import LabelMap

ONTOLOGY = default_ontology()
ROOT = ONTOLOGY.root.id
TERMS = [term.id for term in ONTOLOGY.classes[1:]]
TREE_PATHS = [
    (up, term) for term in TERMS for up in ONTOLOGY.ancestors(term) if up not in (term, ROOT)
]
SHAPE = (2, 3, 4)

terms = st.sampled_from(TERMS)
sets_of_terms = st.frozensets(terms, max_size=12)


@st.composite
def tasks(draw) -> Task:
    """Return a task of up to six classes that gather one or more terms each."""
    members = draw(st.lists(terms, min_size=1, max_size=10, unique=True))
    cuts = sorted(draw(st.sets(st.integers(1, len(members)), max_size=5)) | {len(members)})
    groups = [members[a:b] for a, b in zip([0, *cuts], cuts, strict=False)]
    return Task(
        name="t",
        classes=tuple(TaskClass(name=f"c{i}", members=tuple(g)) for i, g in enumerate(groups)),
    )


@st.composite
def annotations(draw, complete=sets_of_terms, *, ignored=False) -> Annotation:
    """Return a few voxels, some unlabelled, the others drawn as any class."""
    names = dict(enumerate(draw(st.lists(terms, min_size=1, max_size=6, unique=True)), start=1))
    if ignored:
        names[9] = IGNORE
    labels_ZYX = draw(arrays(np.uint8, SHAPE, elements=st.sampled_from([0, *names])))
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=(0.04,) * 3)
    return Annotation(label_map=label_map, complete=draw(complete))


def path_is_open(upper: str, lower: str, complete: frozenset[str]) -> bool:
    """Tell whether a voxel drawn as ``upper`` may be ``lower``: no class between is complete."""
    for term in ONTOLOGY.ancestors(lower):
        if term == upper:
            return True
        if term in complete:
            return False
    return False


def within(after: np.ndarray, before: np.ndarray) -> bool:
    return not (after & ~before).any()


def certain(possible: np.ndarray) -> np.ndarray:
    return np.bitwise_count(possible) == 1


@given(annotations(), tasks(), terms)
def test_saying_that_one_more_class_is_complete_never_adds_a_possibility(item, task, more):
    completed = replace(item, complete=item.complete | {more})

    assert within(targets(completed, task, ONTOLOGY), targets(item, task, ONTOLOGY))


@given(annotations(), tasks(), terms, st.booleans(), st.integers(0, 23))
def test_drawing_a_class_where_nothing_was_drawn_never_adds_a_possibility(
    item, task, more, finish, place
):
    assume(path_is_open(ROOT, more, item.complete))
    labels_ZYX = item.label_map.labels_ZYX.copy()
    assume(labels_ZYX.flat[place] == 0)
    labels_ZYX.flat[place] = 30
    names = {**item.label_map.names, 30: more}
    drawn = replace(item.label_map, labels_ZYX=labels_ZYX, names=names)
    complete = item.complete | {more} if finish else item.complete

    after = targets(Annotation(label_map=drawn, complete=complete), task, ONTOLOGY)

    assert within(after, targets(item, task, ONTOLOGY))


@given(st.sampled_from(TREE_PATHS), sets_of_terms, tasks(), st.booleans())
def test_a_finer_class_inside_a_coarse_one_never_adds_a_possibility(path, complete, task, finish):
    coarse, fine = path
    assume(path_is_open(coarse, fine, complete))
    after_complete = complete | {fine} if finish else complete

    before = target_bits({1: coarse}, complete, task, ONTOLOGY)
    after = target_bits({1: fine}, after_complete, task, ONTOLOGY)

    assert after[1] & ~before[1] == 0
    assert after[0] & ~before[0] == 0


@st.composite
def truths(draw) -> tuple[str, ...]:
    """Return what each voxel of a cell really is."""
    few = draw(st.lists(terms, min_size=1, max_size=5, unique=True))
    return tuple(draw(st.lists(st.sampled_from(few), min_size=24, max_size=24)))


@st.composite
def honest_annotations(draw, truth: tuple[str, ...]) -> Annotation:
    """Return an annotation that is right: every voxel is drawn as what it is, as something coarser,
    ignored or not at all, and a class is complete only if it is drawn wherever it is.
    """
    drawn: list[str] = []
    for term in truth:
        coarser = [up for up in ONTOLOGY.ancestors(term) if up != ROOT]
        drawn.append(draw(st.sampled_from([*coarser, "", IGNORE])))
    complete = draw(sets_of_terms)
    for really, said in zip(truth, drawn, strict=True):
        if said != IGNORE:
            above = set(ONTOLOGY.ancestors(said)) if said else set()
            complete -= set(ONTOLOGY.ancestors(really)) - above
    names = dict(enumerate(sorted({word for word in drawn if word}), start=1))
    values = {word: value for value, word in names.items()} | {"": 0}
    labels_ZYX = np.array([values[word] for word in drawn], np.uint8).reshape(SHAPE)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=(0.04,) * 3)
    return Annotation(label_map=label_map, complete=complete)


@given(st.data(), truths(), tasks())
def test_the_truth_is_always_possible_and_right_annotations_never_contradict(data, truth, task):
    label_of = task_label_of(task, ONTOLOGY)
    true_bits = np.array([1 << label_of[term] for term in truth], np.uint32).reshape(SHAPE)
    first, second = (
        targets(data.draw(honest_annotations(truth)), task, ONTOLOGY) for _ in range(2)
    )

    assert within(true_bits, first)
    assert within(true_bits, second)
    assert np.array_equal(combine(first, second), first & second)
    assert within(true_bits, combine(first, second))


@given(annotations(ignored=True), tasks(), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_merging_classes_of_a_task_commutes_with_targets(item, task, groups):
    merged: dict[int, list[int]] = {}
    for place in range(len(task.classes)):
        merged.setdefault(groups[place], []).append(place)
    coarse = Task(
        name="coarse",
        classes=tuple(
            TaskClass(name=f"m{number}", members=sum((task.classes[i].members for i in places), ()))
            for number, places in enumerate(merged.values())
        ),
    )
    fine = targets(item, task, ONTOLOGY)
    expected = fine & 1
    for number, places in enumerate(merged.values(), start=1):
        inside = np.any([(fine >> (place + 1)) & 1 for place in places], axis=0)
        expected |= inside.astype(np.uint32) << number

    assert np.array_equal(targets(item, coarse, ONTOLOGY), expected)


@given(st.data())
def test_a_full_annotation_leaves_exactly_one_label_everywhere(data):
    task = data.draw(tasks())
    members = frozenset(member for item in task.classes for member in item.members)
    item = data.draw(annotations(sets_of_terms.map(lambda complete: complete | members)))

    possible = targets(item, task, ONTOLOGY)

    assert certain(possible).all()
    assert (possible[item.label_map.labels_ZYX == 0] == 1).all()


@given(st.data())
def test_a_sparse_annotation_is_ambiguous_only_where_it_is_ignored(data):
    task = data.draw(tasks())
    members = frozenset(member for item in task.classes for member in item.members)
    item = data.draw(annotations(st.just(members), ignored=True))

    possible = targets(item, task, ONTOLOGY)

    ignored_ZYX = item.label_map.labels_ZYX == 9
    assert (possible[ignored_ZYX] == (1 << (len(task.classes) + 1)) - 1).all()
    assert certain(possible[~ignored_ZYX]).all()


@given(st.sampled_from(TREE_PATHS), tasks())
def test_a_coarse_label_may_be_each_class_inside_it_and_nothing_outside(path, task):
    coarse, fine = path
    label_of = task_label_of(task, ONTOLOGY)
    inside = {term for term in TERMS if coarse in ONTOLOGY.ancestors(term)}
    bits = target_bits({1: coarse}, frozenset(), task, ONTOLOGY)[1]

    assert fine in inside
    assert bits == sum(1 << label for label in {label_of[term] for term in inside})


masks = arrays(np.uint32, SHAPE, elements=st.integers(1, 2**6 - 1))


@given(masks, masks)
def test_two_annotations_say_the_same_in_either_order(first, second):
    assert np.array_equal(combine(first, second), combine(second, first))


@given(masks, masks)
def test_where_one_of_two_agreeing_annotations_is_certain_both_together_are(first, second):
    both = combine(first, second)

    agree = (first & second) > 0
    assert np.array_equal(both[agree & certain(first)], first[agree & certain(first)])
    assert np.array_equal(both[agree & certain(second)], second[agree & certain(second)])
    assert within(both, first | second)
    assert (both > 0).all()


@given(annotations(ignored=True), tasks())
def test_what_is_known_without_the_voxels_is_what_the_voxels_say(item, task):
    known = knowledge_of([annotation_facts(item)], task, ONTOLOGY)
    possible = targets(item, task, ONTOLOGY)
    looked_at = possible[item.label_map.labels_ZYX != 9]

    for label, name in task.names.items():
        bit = np.uint32(1 << label)
        certain_of_it = ((looked_at & bit) == 0) | (looked_at == bit)
        assert known[name].voxels == int((possible == bit).sum())
        if known[name].knowledge == "complete":
            assert certain_of_it.size == possible.size
        if known[name].bounded:
            assert certain_of_it.all()
        if known[name].knowledge == "not":
            assert not (possible == bit).any()
