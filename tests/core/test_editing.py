"""The label editor: what is undone is as it was, what is done again is as it became."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.edit import SLAB_VOXELS, Difference
from sxtstudio.core.edit_log import Entry, Tally, Undone
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.errors import LabelError
from sxtstudio.core.flood import flood_slice, flood_volume, labelled
from sxtstudio.core.region import Box, Region, whole
from sxtstudio.core.volume import LabelMap

SHAPE = (12, 16, 20)
SIZE_UM = (0.1, 0.05, 0.04)
NAMES = {1: "nucleus", 2: "mitochondria", 3: "lipid"}
VOXELS = st.tuples(*[st.integers(0, n - 1) for n in SHAPE])
VALUES = st.integers(0, 3)


def label_map(dtype=np.uint8, shape=SHAPE, seed: int | None = 5) -> LabelMap:
    labels_ZYX = np.zeros(shape, dtype)
    if seed is not None:
        blocks = np.random.default_rng(seed).integers(0, 4, [-(-n // 4) for n in shape])
        grown = blocks.repeat(4, 0).repeat(4, 1).repeat(4, 2)
        labels_ZYX[:] = grown[: shape[0], : shape[1], : shape[2]]
    return LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=SIZE_UM)


OPERATIONS = st.one_of(
    st.tuples(st.just("ball"), VOXELS, VOXELS, st.floats(0.01, 0.4), VALUES),
    st.tuples(st.just("disc"), VOXELS, VOXELS, st.floats(0.01, 0.4), VALUES),
    st.tuples(st.just("fill"), VOXELS, VALUES),
    st.tuples(st.just("flood"), VOXELS, VALUES),
    st.tuples(st.just("replace"), VALUES, VALUES),
    st.tuples(st.just("noise"), st.integers(0, 99), VALUES),
    st.tuples(st.just("protect"), st.sets(VALUES), st.none() | st.sets(VALUES)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


def perform(editor: LabelEditor, operation) -> None:
    match operation:
        case "protect", locked, only_over:
            editor.protect(locked, only_over)
        case ("undo",):
            editor.undo()
        case ("redo",):
            editor.redo()
        case kind, *what, value:
            editor.apply(kind, regions(editor.labels_ZYX, kind, *what), value)


def regions(labels_ZYX: np.ndarray, kind: str, *what):
    match kind, *what:
        case "ball", start, stop, radius_um:
            return [ball_stroke(start, stop, radius_um, SIZE_UM, SHAPE)]
        case "disc", start, stop, radius_um:
            return [disc_stroke(start, stop, radius_um, SIZE_UM, SHAPE, it) for it in range(3)]
        case "fill", seed:
            return [flood_slice(labels_ZYX, seed, 1)]
        case "flood", seed:
            return flood_volume(labels_ZYX, seed)
        case "replace", old:
            return labelled(labels_ZYX, old)
        case "noise", seed:
            mask_ZYX = np.random.default_rng(seed).random(SHAPE) < 0.3
            return [Region(box=whole(SHAPE), mask_ZYX=mask_ZYX)]
    raise AssertionError(kind)


@settings(max_examples=150)
@given(operations=st.lists(OPERATIONS, max_size=25), dtype=st.sampled_from([np.uint8, np.uint16]))
def test_undoing_all_is_the_start_redoing_all_the_end_and_each_step_between(operations, dtype):
    labels = label_map(dtype)
    editor = LabelEditor(labels)
    states = [labels.labels_ZYX.copy()]
    for operation in operations:
        perform(editor, operation)
        if operation == ("undo",):
            assert np.array_equal(editor.labels_ZYX, states[editor.undo_count])
            continue
        if operation == ("redo",):
            assert np.array_equal(editor.labels_ZYX, states[editor.undo_count])
            continue
        if editor.undo_count < len(states) and np.array_equal(
            editor.labels_ZYX, states[editor.undo_count]
        ):
            continue
        states[editor.undo_count :] = [editor.labels_ZYX.copy()]
    while editor.redo() is not None:
        assert np.array_equal(editor.labels_ZYX, states[editor.undo_count])
    top = editor.undo_count
    while editor.undo() is not None:
        assert np.array_equal(editor.labels_ZYX, states[editor.undo_count])
    assert editor.undo_count == 0
    while editor.redo() is not None:
        assert np.array_equal(editor.labels_ZYX, states[editor.undo_count])
    assert editor.undo_count == top
    assert editor.labels_ZYX is labels.labels_ZYX, "the volume was copied"


@settings(max_examples=100)
@given(
    operations=st.lists(OPERATIONS, max_size=20),
    locked=st.sets(VALUES),
    only_over=st.none() | st.sets(VALUES),
)
def test_no_edit_touches_what_is_spared(operations, locked, only_over):
    editor = LabelEditor(label_map())
    editor.protect(locked, only_over)
    for operation in operations:
        if operation[0] in ("protect", "undo", "redo"):
            continue
        before_ZYX = editor.labels_ZYX.copy()
        perform(editor, operation)
        changed = editor.labels_ZYX != before_ZYX
        touched = set(np.unique(before_ZYX[changed]).tolist())
        assert not touched & locked
        assert only_over is None or touched <= only_over


@settings(max_examples=60)
@given(operations=st.lists(OPERATIONS, max_size=25), cut=st.floats(0, 1))
def test_what_was_told_makes_the_same_labels_and_the_same_past(operations, cut):
    told: list[Entry] = []
    editor = LabelEditor(label_map(), tell=told.append)
    for number, operation in enumerate(operations):
        perform(editor, operation)
        if number == int(cut * len(operations)):
            editor.mark_saved("v000001")
    again = LabelEditor(label_map())
    again.replay(told)
    assert np.array_equal(again.labels_ZYX, editor.labels_ZYX)
    names = (editor.undo_name, editor.redo_name, editor.undo_count, editor.unsaved, editor.nbytes)
    assert names == (
        again.undo_name,
        again.redo_name,
        again.undo_count,
        again.unsaved,
        again.nbytes,
    )
    while editor.undo() is not None:
        again.undo()
    assert np.array_equal(again.labels_ZYX, editor.labels_ZYX)


def brush(editor: LabelEditor, at: int, value: int = 1) -> None:
    start = (5, 3, 1 + at % 18)
    editor.apply(f"brush {at}", [ball_stroke(start, start, 0.06, SIZE_UM, SHAPE)], value)


def test_two_hundred_strokes_are_kept_and_take_little():
    editor = LabelEditor(label_map(shape=(64, 64, 64), seed=None))
    for number in range(250):
        at = (30, number % 50 + 5, 30)
        region = ball_stroke(at, (40, at[1], 50), 0.3, SIZE_UM, (64, 64, 64))
        editor.apply("brush", [region], number % 3 + 1)
    assert editor.undo_count == 250
    assert editor.nbytes < 250 * 64**3 / 20
    for _ in range(250):
        editor.undo()
    assert not editor.labels_ZYX.any()


def test_the_past_takes_no_more_memory_than_it_may():
    editor = LabelEditor(label_map(seed=None), history_bytes=20_000)
    for number in range(100):
        brush(editor, number, number % 3 + 1)
        assert editor.nbytes <= 20_000
    assert 2 < editor.undo_count < 100
    middle = editor.labels_ZYX.copy()
    kept = editor.undo_count
    while editor.undo() is not None:
        pass
    assert editor.unsaved > 0, "what was forgotten is still a change"
    for _ in range(kept):
        editor.redo()
    assert np.array_equal(editor.labels_ZYX, middle)


def test_the_last_edit_can_be_undone_however_large_it_is():
    editor = LabelEditor(label_map(), history_bytes=10)
    start = editor.labels_ZYX.copy()
    mask_ZYX = np.random.default_rng(1).random(SHAPE) < 0.5
    editor.apply("noise", [Region(box=whole(SHAPE), mask_ZYX=mask_ZYX)], 3)
    assert editor.undo_count == 1
    editor.undo()
    assert np.array_equal(editor.labels_ZYX, start)


def test_a_large_region_is_changed_in_slabs():
    shape = (3, 1200, 1300)
    told: list[Entry] = []
    editor = LabelEditor(label_map(shape=shape, seed=None), tell=told.append)
    assert SLAB_VOXELS < 2 * 1200 * 1300
    editor.apply("all", [Region(box=whole(shape), mask_ZYX=np.ones(shape, bool))], 2)
    parts = [entry for entry in told if isinstance(entry, Difference)]
    assert len(parts) == 3
    assert all(part.box.size <= SLAB_VOXELS for part in parts)
    assert editor.labels_ZYX.all()
    editor.undo()
    assert not editor.labels_ZYX.any()


def test_a_stroke_of_many_parts_is_undone_at_once():
    editor = LabelEditor(label_map(seed=None))
    editor.begin("brush nucleus")
    for x in range(2, 18):
        region = ball_stroke((5, 5, x), (5, 5, x + 1), 0.1, SIZE_UM, SHAPE)
        assert editor.paint(region, 1) is not None
    edit = editor.end()
    assert edit is not None
    assert edit.voxels == np.count_nonzero(editor.labels_ZYX)
    assert all(edit.box.holds(tuple(at)) for at in np.argwhere(editor.labels_ZYX))
    assert editor.undo_name == "brush nucleus"
    editor.undo()
    assert not editor.labels_ZYX.any()
    assert (editor.undo_name, editor.redo_name) == ("", "brush nucleus")


def test_undo_in_the_middle_of_a_stroke_takes_the_stroke_back():
    editor = LabelEditor(label_map(seed=None))
    editor.begin("brush")
    editor.paint(ball_stroke((5, 5, 5), (5, 5, 9), 0.1, SIZE_UM, SHAPE), 1)
    assert editor.unsaved == 1
    assert editor.undo() is not None
    assert not editor.labels_ZYX.any()
    assert editor.unsaved == 0


def test_an_edit_that_changes_nothing_is_none_and_keeps_what_was_undone():
    told: list[Entry] = []
    editor = LabelEditor(label_map(seed=None), tell=told.append)
    brush(editor, 3)
    editor.undo()
    brush(editor, 3, value=0)
    assert editor.redo_name == "brush 3"
    assert editor.apply("nothing", [], 1) is None
    assert isinstance(told[-1], Undone)


def test_unsaved_edits_are_counted_from_what_was_saved():
    editor = LabelEditor(label_map(seed=None))
    assert editor.unsaved == 0
    for number in range(3):
        brush(editor, 3 * number)
    assert editor.unsaved == 3
    editor.mark_saved("v000002")
    assert editor.unsaved == 0
    editor.undo()
    assert editor.unsaved == 1
    brush(editor, 15)
    assert editor.unsaved == 1
    editor.undo()
    editor.undo()
    assert editor.unsaved > 0


def test_a_new_class_gets_the_lowest_free_label_and_a_known_one_its_own():
    editor = LabelEditor(label_map())
    assert editor.add_class("starch") == 4
    assert editor.add_class("lipid") == 3
    assert editor.label_map.names == {**NAMES, 4: "starch"}
    assert editor.label_map.labels_ZYX is editor.labels_ZYX


def test_labels_that_are_full_take_no_other_class():
    names = {value: f"class {value}" for value in range(1, 256)}
    full = LabelMap(labels_ZYX=np.zeros(SHAPE, np.uint8), names=names, voxel_size_um=SIZE_UM)
    with pytest.raises(LabelError, match="255 classes at most"):
        LabelEditor(full).add_class("one more")


def test_a_label_that_does_not_fit_is_refused():
    editor = LabelEditor(label_map())
    editor.begin("brush")
    with pytest.raises(LabelError, match="hold 0 to 255"):
        editor.paint(ball_stroke((5, 5, 5), (5, 5, 5), 0.1, SIZE_UM, SHAPE), 256)


@pytest.mark.parametrize(
    "labels_ZYX",
    [np.zeros(SHAPE, np.int32), np.zeros((4, 4), np.uint8), np.broadcast_to(np.uint8(0), SHAPE)],
)
def test_an_array_that_cannot_be_edited_is_refused(labels_ZYX):
    labels = copy.copy(label_map())
    object.__setattr__(labels, "labels_ZYX", labels_ZYX)
    with pytest.raises(LabelError):
        LabelEditor(labels)


def test_edits_of_other_labels_are_refused():
    told: list[Entry] = []
    editor = LabelEditor(label_map(seed=None), tell=told.append)
    brush(editor, 3)
    other = LabelEditor(label_map(seed=7))
    with pytest.raises(LabelError, match="other labels"):
        other.replay(told)
    smaller = LabelEditor(label_map(shape=(3, 3, 3), seed=None))
    with pytest.raises(LabelError, match="other labels"):
        smaller.replay(told)


def test_a_difference_without_a_beginning_is_refused():
    told: list[Entry] = []
    editor = LabelEditor(label_map(seed=None), tell=told.append)
    brush(editor, 3)
    with pytest.raises(LabelError, match="other labels"):
        LabelEditor(label_map(seed=None)).replay(told[1:])


def test_painting_returns_a_box_that_holds_the_change():
    editor = LabelEditor(label_map(seed=None))
    editor.begin("brush")
    box = editor.paint(ball_stroke((5, 5, 5), (5, 5, 9), 0.1, SIZE_UM, SHAPE), 1)
    assert box is not None
    outside = editor.labels_ZYX.copy()
    outside[box.slices] = 0
    assert not outside.any()
    assert (
        editor.paint(
            Region(box=Box(low=(0, 0, 0), high=(1, 1, 1)), mask_ZYX=np.zeros((1, 1, 1), bool)), 1
        )
        is None
    )
    editor.end()


def test_what_is_spared_can_be_asked():
    editor = LabelEditor(label_map())
    editor.protect({2}, {1, 2})
    assert [editor.is_spared(label) for label in range(4)] == [True, False, True, True]
    assert (editor.locked, editor.only_over) == ({2}, {1, 2})


def test_a_tally_refuses_to_undo_what_was_not_done():
    with pytest.raises(LabelError, match="contradict"):
        Tally().add(Undone())


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
@pytest.mark.parametrize("longest", [1, 3000])
def test_a_large_edit_of_short_and_of_long_runs_is_undone_and_redone_exactly(share, longest):
    rng = np.random.default_rng(3)
    lengths = rng.integers(1, longest + 1, 2 * 40_000 // longest)
    drawn = np.repeat(rng.random(len(lengths)) < share, lengths)[:30_000]
    labels_ZYX = rng.integers(0, 3, (20, 30, 60)).astype(np.uint8) if longest == 1 else None
    labels = label_map(shape=(20, 30, 60), seed=None)
    if labels_ZYX is not None:
        labels.labels_ZYX[:] = labels_ZYX
    before_ZYX = labels.labels_ZYX.copy()
    mask_ZYX = np.zeros((20, 30, 60), bool)
    mask_ZYX.reshape(-1)[: drawn.size] = drawn
    editor = LabelEditor(labels)
    editor.apply("any", [Region(box=whole((20, 30, 60)), mask_ZYX=mask_ZYX)], 3)
    after_ZYX = np.where(mask_ZYX, 3, before_ZYX)
    assert np.array_equal(labels.labels_ZYX, after_ZYX)
    editor.undo()
    assert np.array_equal(labels.labels_ZYX, before_ZYX)
    editor.redo()
    assert np.array_equal(labels.labels_ZYX, after_ZYX)
