"""Edited plans: whatever cannot be is told in one sentence, with a value that can."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import PlanError
from sxtstudio.core.plan import Fold, Plan
from sxtstudio.core.plan_check import check_plan, check_whole
from sxtstudio.core.task import Task, TaskClass
from tests.core.plans import CELLS, COARSE, FINE, PLAN, TASK


def refusal(plan: Plan) -> str:
    with pytest.raises(PlanError) as caught:
        check_plan(plan, TASK, CELLS)
    words = str(caught.value)
    assert words.endswith(".")
    assert not re.search(r"\. [A-Z]", words), "one sentence"
    return words


def staged(number: int, **changes: object) -> Plan:
    stages = [COARSE, FINE]
    stages[number] = replace(stages[number], **changes)
    return replace(PLAN, stages=tuple(stages))


def test_a_plan_that_can_be_carried_out_passes():
    check_plan(PLAN, TASK, CELLS)
    check_plan(replace(PLAN, stages=(replace(FINE, share=1.0),), folds=()), TASK, CELLS)
    check_plan(replace(PLAN, minutes=None, steps=8, device="cuda"), TASK, CELLS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minutes": None}, "minutes is None and its steps are None; give one of the two"),
        ({"steps": 20}, "minutes is 10.0 and its steps are 20; give one of the two"),
        ({"minutes": 0.0}, "0 minutes is no time to train; give 0.1 to"),
        ({"minutes": None, "steps": 3}, "3 steps are too few"),
        ({"seed": -1}, "negative; give 0 or more|seed is -1; give 0 or more"),
        ({"device": "gpu"}, "device is 'gpu'; give cpu or cuda"),
        ({"threads": 0}, "threads is 0; give 1 or more"),
        ({"voxel_size_um": (0.05, 0.0, 0.05)}, r"voxel_size_um is \[0.05, 0.0, 0.05\]; give three"),
        ({"voxel_size_um": (-1.0, 1.0, 1.0)}, "voxel_size_um is"),
        ({"lac_scale_per_um": 0.0}, "lac_scale_per_um is 0.0; give more than 0"),
        ({"class_weights": (1.0,)}, "has 1 class_weights; give 2: one for none .* lipid"),
        ({"class_weights": (1.0, 0.0)}, r"class_weights\[1\] is 0.0; give more than 0"),
        ({"stages": ()}, "has 0 stages; give one at full resolution"),
        ({"stages": (COARSE, COARSE, FINE)}, "has 3 stages"),
        ({"training": ()}, "training is empty; name cells to learn from, of a, b, c and d"),
        (
            {"training": ("a", "x")},
            r"training\[1\] is 'x'; no chosen cell .* there are a, b, c and",
        ),
        ({"training": ("a", "b", "a")}, r"training\[2\] is 'a'; it is there twice"),
        ({"validation": ("x",)}, r"validation\[0\] is 'x'; no chosen cell"),
        ({"validation": ("b",)}, r"validation\[0\] is 'b'; it is among the training cells"),
        ({"folds": (Fold(training=("a",), held_out=("c",)),)}, "only training cells can be, a and"),
        ({"folds": (Fold(training=("d",), held_out=("a",)),)}, r"folds\[0\].training is \['d'\]"),
        ({"folds": (Fold(training=(), held_out=("a",)),)}, r"folds\[0\].training is empty; name"),
        ({"folds": (Fold(training=("a", "b"), held_out=("b",)),)}, "among its training cells"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_key_and_one_that_can(changes, words):
    assert re.search(words, refusal(replace(PLAN, **changes)))


@pytest.mark.parametrize(
    ("number", "changes", "words"),
    [
        (0, {"factor": (1, 1, 1)}, r"stages\[0\].factor is \[1, 1, 1\]; factors go down .* 2, 2"),
        (0, {"factor": (0, 2, 2)}, r"stages\[0\].factor is \[0, 2, 2\]"),
        (1, {"factor": (2, 1, 1)}, r"stages\[1\].factor is .* so give \[1, 1, 1\]"),
        (0, {"whole": False}, r"stages\[0\].whole is false; .* so give true"),
        (1, {"whole": True}, r"stages\[1\].whole is true; .* so give false"),
        (1, {"batch_size": 0}, r"stages\[1\].batch_size is 0; give 1 to 256"),
        (1, {"base_channels": 0}, r"stages\[1\].base_channels is 0; give 1 to"),
        (1, {"levels": 0}, r"stages\[1\].levels is 0; give 1 to 6"),
        (1, {"levels": 7}, r"stages\[1\].levels is 7; give 1 to 6"),
        (1, {"levels": 6}, r"levels is 6; an edge of 32 voxels .* 5 at most, .* an edge of 64"),
        (1, {"patch": (30, 32, 32)}, r"patch is \[30, 32, 32\]; .* multiples of 4 .* \[32, 32, 32"),
        (1, {"patch": (0, 32, 32)}, r"\[4, 32, 32\] say"),
        (1, {"patch": (-8, 32, 32)}, r"\[4, 32, 32\] say"),
        (1, {"patch": (4000, 32, 32)}, r"\[1024, 32, 32\] say"),
        (1, {"learning_rate": 0.0}, r"stages\[1\].learning_rate is 0.0; give more than 0 and at"),
        (1, {"learning_rate": 1.5}, r"learning_rate is 1.5"),
        (1, {"share": 0.0}, r"stages\[1\].share is 0.0; give more than 0"),
        (1, {"share": 0.7}, "shares is 0.9 together; they have to add up to 1, so give the last"),
    ],
)
def test_a_figure_of_a_stage_that_cannot_be_is_refused(number, changes, words):
    assert re.search(words, refusal(staged(number, **changes)))


def test_a_plan_for_another_task_is_refused():
    classes = (TaskClass(name="nucleus", members=("nucleus",)),)
    other = replace(PLAN, task=Task(name="other", classes=classes), class_weights=(1.0, 1.0))

    assert "task.name is 'other'; 'fat' is to be trained" in refusal(other)
    changed = replace(PLAN, task=replace(TASK, version=2))
    assert "other classes, terms, colours or another version" in refusal(changed)


@given(st.tuples(*[st.integers(-10, 3000)] * 3), st.integers(1, 6))
def test_the_patch_that_is_proposed_is_one_that_works(patch, levels):
    words = verdict(staged(1, patch=patch, levels=levels))
    proposed = re.search(r"up to 1024, \[(\d+), (\d+), (\d+)\] say", words)
    most = re.search(r"halved for (\d+) at most", words)
    if proposed is not None:
        near = tuple(map(int, proposed.groups()))
        assert verdict(staged(1, patch=near, levels=1)) == ""
        pairs = zip(near, patch, strict=True)
        assert all(abs(a - b) <= max(4, 4 - b, b - 1024) for a, b in pairs)
    elif most is not None:
        assert verdict(staged(1, patch=patch, levels=int(most[1]))) == ""
    else:
        assert words == ""
        assert all(0 < edge <= 1024 for edge in patch)


def verdict(plan: Plan) -> str:
    """Return what is said against a plan, empty if nothing."""
    try:
        check_plan(plan, TASK, CELLS)
    except PlanError as error:
        return str(error)
    return ""


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=2))
def test_shares_that_add_up_to_one_pass_and_others_do_not(shares):
    stages = tuple(replace(s, share=v) for s, v in zip((COARSE, FINE), shares, strict=True))
    plan = replace(PLAN, stages=stages)
    if abs(sum(shares) - 1) > 1e-3:
        assert "add up to 1" in refusal(plan)
    else:
        check_plan(plan, TASK, CELLS)


def test_a_first_stage_that_does_not_hold_a_whole_cell_is_refused_with_the_patch_that_would():
    check_whole(PLAN, {"a": (96, 128, 128)})

    with pytest.raises(PlanError, match=r"stages\[0\]\.patch is \[24, 32, 32\].* \[28, 32, 40\]"):
        check_whole(PLAN, {"a": (97, 128, 128), "b": (10, 10, 150)})
