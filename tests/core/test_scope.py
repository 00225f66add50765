"""What was looked at: words and back, and what is left open outside."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, default_ontology
from sxtstudio.core.region import Box
from sxtstudio.core.scope import (
    Slices,
    drawn_box,
    drawn_slices,
    known_inside,
    left_open,
    open_again,
    parse_box,
    parse_scope,
    parse_slices,
    scope_words,
)
from sxtstudio.core.task import parse_task, targets
from sxtstudio.core.volume import LabelMap

SHAPE = (8, 10, 12)
NAMES = {1: "nucleus", 2: "lipid"}


def label_map(labels_ZYX: np.ndarray, names=NAMES) -> LabelMap:
    return LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=(0.1, 0.1, 0.1))


def sparse() -> np.ndarray:
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[2, 3:6, 4:9] = 1
    labels_ZYX[5, 2:7, 4:8] = 2
    return labels_ZYX


@settings(max_examples=60)
@given(axis=st.integers(0, 2), indices=st.sets(st.integers(0, 7), min_size=1))
def test_slices_are_the_same_after_words(axis, indices):
    scope = Slices(axis=axis, indices=tuple(sorted(indices)))
    assert parse_scope(scope_words(scope), SHAPE) == scope


@settings(max_examples=60)
@given(ends=st.tuples(*(st.tuples(st.integers(0, n - 1), st.integers(1, n)) for n in SHAPE)))
def test_boxes_are_the_same_after_words(ends):
    low = tuple(min(a, b - 1) for a, b in ends)
    high = tuple(max(a + 1, b) for a, b in ends)
    box = Box(low=low, high=high)
    assert parse_scope(scope_words(box), SHAPE) == box
    assert parse_scope(scope_words(None), SHAPE) is None


def test_what_was_drawn_is_found_in_slices_and_in_a_box():
    labels_ZYX = sparse()
    assert drawn_slices(labels_ZYX, None) == Slices(axis=0, indices=(2, 5))
    assert drawn_box(labels_ZYX, None) == Box(low=(2, 2, 4), high=(6, 7, 9))
    labels_ZYX[labels_ZYX == 0] = 3
    assert drawn_slices(labels_ZYX, 3) == Slices(axis=0, indices=(2, 5))
    with pytest.raises(LabelError, match="Nothing is drawn yet"):
        drawn_slices(np.zeros(SHAPE, np.uint8), None)


@pytest.mark.parametrize(
    ("parse", "words", "said"),
    [
        (parse_slices, "somewhere", "does not name slices"),
        (parse_slices, "z 3, 90", "no slice 90 along z: they go from 0 to 7"),
        (parse_box, "z 0-3, y 2-5", "is no box"),
        (parse_box, "z 0-3, y 5-2, x 0-1", "y 5-2 does not lie in the volume"),
    ],
)
def test_words_that_mean_nothing_are_a_sentence(parse, words, said):
    with pytest.raises(LabelError, match=said):
        parse(words, SHAPE)
    assert parse_slices("y 1, 3-5", SHAPE) == Slices(axis=1, indices=(1, 3, 4, 5))


@pytest.mark.parametrize("words", ["z 2, 5", "z 1-5, y 2-6, x 3-9"])
def test_outside_anything_may_be_and_inside_complete_means_what_it_says(words):
    labels_ZYX = sparse()
    before = labels_ZYX.copy()
    scope = parse_scope(words, SHAPE)
    opened = left_open(label_map(labels_ZYX), scope)
    assert np.array_equal(labels_ZYX, before)
    ontology = default_ontology()
    annotation = Annotation(label_map=opened, complete=frozenset({"nucleus", "lipid"}))
    possible = targets(annotation, parse_task("t", ["nucleus", "lipid"], ontology), ontology)
    inside = np.zeros(SHAPE, bool)
    if isinstance(scope, Box):
        inside[scope.slices] = True
    else:
        inside[list(scope.indices)] = True
    assert (possible[inside & (before == 0)] == 1).all(), "there is nothing of the two"
    assert (possible[~inside & (before == 0)] == 0b111).all(), "nobody looked there"
    open_again(opened, scope)
    assert np.array_equal(opened.labels_ZYX, before)


def test_the_whole_cell_leaves_nothing_open_and_no_free_value_is_a_sentence():
    labels = label_map(sparse())
    assert left_open(labels, None) is labels
    full = label_map(sparse(), {value: f"c{value}" for value in range(1, 256)})
    with pytest.raises(LabelError, match="none is left"):
        left_open(full, Slices(axis=0, indices=(2,)))
    known = label_map(sparse(), {**NAMES, 9: IGNORE})
    assert left_open(known, Slices(axis=0, indices=(2,))).names == {**NAMES, 9: IGNORE}


def test_nothing_is_known_outside_of_what_was_looked_at_even_where_labels_are():
    labels_ZYX = sparse()
    scope = Slices(axis=0, indices=(2,))
    known = known_inside(label_map(labels_ZYX), scope)
    value = next(it for it, name in known.names.items() if name == IGNORE)
    assert np.array_equal(known.labels_ZYX[2], labels_ZYX[2])
    outside = np.arange(SHAPE[0]) != 2
    assert (known.labels_ZYX[outside] == value).all()
    assert labels_ZYX[5].any()  # the labels themselves stay as they are
    assert known_inside(label_map(labels_ZYX), None).labels_ZYX is labels_ZYX
