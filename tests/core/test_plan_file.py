"""Plans as files: readable, the same again, and one sentence for whatever is wrong in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError, PlanError
from sxtstudio.core.plan_file import plan_from_text, plan_to_text
from sxtstudio.core.task import Task
from tests.core.plans import PLAN

TEXT = plan_to_text(PLAN, Task(name="anything", classes=PLAN.task.classes))


def edited(*path: str | int, value: object) -> str:
    """Return the plan's text with one value changed, or added."""
    fields = json.loads(TEXT)
    place = fields
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(fields)


def test_a_plan_that_is_written_is_read_as_it_was():
    assert plan_from_text(TEXT, "p.json") == PLAN


def test_triples_stand_on_one_line_and_reasons_on_lines_of_their_own():
    lines = TEXT.splitlines()

    assert '      "patch": [24, 32, 32],' in lines
    assert '  "voxel_size_um": [0.05, 0.05, 0.05],' in lines
    assert sum("Because" in line for line in lines) == 1
    assert max(map(len, lines)) < 110


@given(
    st.integers(1, 256),
    st.floats(1e-9, 1.0),
    st.tuples(*[st.integers(-5, 2000)] * 3),
    st.text(max_size=150),
)
def test_every_figure_and_word_survives_the_file(batch, rate, patch, reason):
    from dataclasses import replace

    stage = replace(PLAN.stages[1], batch_size=batch, learning_rate=rate, patch=patch)
    plan = replace(PLAN, stages=(PLAN.stages[0], stage), reasons=(reason, "b"))

    text = plan_to_text(plan)

    assert plan_from_text(text, "p.json") == plan
    assert json.loads(text)["stages"][1]["patch"] == list(patch)


def test_what_was_measured_is_not_read_back():
    assert plan_from_text(edited("measured", value={"nonsense": 3}), "p.json") == PLAN


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("seed",), "7", "p.json: seed is a text in quotes; give a whole number."),
        (("seed",), 1.5, "seed is a number; give a whole number."),
        (("minutes",), [1], "minutes is a list; give a number or null."),
        (("stages", 1, "levels"), True, "stages[1].levels is true or false; give a whole number."),
        (("stages", 0, "patch"), [32, 32], "stages[0].patch has 2 values; give 3."),
        (("stages", 0, "patch"), 32, "stages[0].patch is a whole number; give a list."),
        (("stages", 0, "whole"), 1, "stages[0].whole is a whole number; give true or false."),
        (("precision",), "float64", "precision is 'float64'; give one of the words"),
        (("stages", 1, "bach_size"), 2, "stages[1].bach_size is no key of a plan; batch_size is"),
        (("colour",), 2, "colour is no key of a plan; there are task, seed, device"),
        (("beginning",), {"network": "a"}, "beginning.file is missing; add it"),
        (("task", "classes"), [], "names no class"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(path, value, words):
    with pytest.raises(PlanError) as caught:
        plan_from_text(edited(*path, value=value), "p.json")

    assert words in str(caught.value)
    assert str(caught.value).startswith("p.json: ")


def test_a_missing_key_is_named():
    fields = json.loads(TEXT)
    del fields["stages"][1]["share"]

    with pytest.raises(PlanError, match=r"stages\[1\]\.share is missing"):
        plan_from_text(json.dumps(fields), "p.json")


@pytest.mark.parametrize("text", [b"", b"[]", b"{", TEXT[:-3].encode(), b"\xff\xfe", b'{"a": }'])
def test_what_is_no_json_is_refused_with_the_file(text):
    with pytest.raises(FileError, match=r"p\.json: is no JSON object"):
        plan_from_text(text, "p.json")


def test_a_plan_of_a_newer_program_is_refused():
    with pytest.raises(FileError, match="newer SXT Studio"):
        plan_from_text(edited("format_version", value=99), "p.json")
