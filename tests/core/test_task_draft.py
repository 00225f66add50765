"""Every way through the wizard, without a window."""

from dataclasses import replace

import pytest

from sxtstudio.core.coverage import ClassKnowledge, Coverage, CoverageRow
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import Task, TaskClass, parse_task
from sxtstudio.core.task_draft import (
    PAGES,
    Decision,
    TaskDraft,
    free_name,
    known_words,
    recalled,
    remembered,
    with_template,
    with_ticks,
)
from sxtstudio.core.task_templates import task_templates

ONTOLOGY = default_ontology()
TEMPLATES = {template.id: template for template in task_templates()}
TASK = parse_task("storage", ["lipid bodies", "starch granules"], ONTOLOGY)


def row(name, lipid="not", starch="not", voxels=100, origin="project"):
    known = {
        name: ClassKnowledge(
            knowledge=knowledge,
            voxels=0 if knowledge == "not" else voxels,
            bounded=knowledge == "complete",
        )
        for name, knowledge in (("lipid bodies", lipid), ("starch granules", starch))
    }
    return CoverageRow(
        id=name,
        name=name,
        origin=origin,
        kind="alga",
        condition="",
        instrument="",
        voxel_size_um=(0.05,) * 3,
        known=known,
    )


def draft(*rows, **answers):
    filled = {
        "name": "storage",
        "template": "storage",
        "classes": TASK.classes,
        "network": "a.sxtnet",
    }
    coverage = Coverage(task=TASK, rows=rows) if rows else None
    return TaskDraft(ontology=ONTOLOGY, coverage=coverage, **(filled | answers))


EMPTY = TaskDraft(ontology=ONTOLOGY)
GOOD = draft(row("a", "complete", "partly"), row("b", "partly"), row("c"))


def test_a_filled_in_draft_has_no_problem_and_gives_the_task():
    assert [GOOD.problems(page) for page in PAGES] == [(), (), (), (), ()]
    assert GOOD.finish() == TASK


@pytest.mark.parametrize(
    ("page", "changes", "said"),
    [
        ("question", {"template": ""}, "Choose a question"),
        ("question", {"name": "  "}, "Give the study a name"),
        ("question", {"taken_names": frozenset({"storage"})}, "task called “storage” already"),
        ("structures", {"classes": ()}, "at least one structure"),
        (
            "structures",
            {"classes": tuple(TaskClass(name="a", members=(it,)) for it in ("lipid", "starch"))},
            "Two classes are called “a”",
        ),
        (
            "structures",
            {"classes": tuple(TaskClass(name=str(i), members=("lipid",)) for i in range(32))},
            "32 classes are too many",
        ),
        ("structures", {"classes": (TaskClass(name="a", members=("spindle",)),)}, "'spindle'"),
        ("cells", {"coverage": None}, "Looking at what the cells know"),
        ("cells", {"coverage": Coverage(task=TASK, rows=())}, "There are no cells yet"),
        ("cells", {"exclude": frozenset("ab")}, "Tick at least one cell"),
        ("cells", {"exclude": frozenset("a")}, "No ticked cell shows starch granules."),
        ("plan", {"minutes": 0.1}, "Train between 0.5 minutes and 24 h"),
        ("plan", {"minutes": 1e9}, "Train between"),
        ("summary", {"network": " "}, "Choose a file for the network"),
    ],
)
def test_a_page_says_what_is_missing(page, changes, said):
    (problem,) = replace(GOOD, **changes).problems(page)

    assert said in problem


def test_a_draft_with_a_problem_gives_no_task():
    with pytest.raises(LabelError, match="Choose a question"):
        EMPTY.finish()
    with pytest.raises(LabelError, match="at least one structure"):
        replace(GOOD, classes=()).finish()


def test_the_task_is_there_as_soon_as_its_classes_are_whatever_its_name():
    assert EMPTY.task is None
    assert replace(GOOD, name="").task.classes == TASK.classes
    assert replace(GOOD, name=" my   study ").finish().name == "my study"


def test_a_class_that_is_complete_but_shows_no_voxel_is_not_seen():
    empty = draft(row("a", "complete", "complete", voxels=0))

    assert empty.unseen == ("lipid bodies", "starch granules")
    assert "shows lipid bodies and starch granules" in empty.problems("cells")[0]
    assert EMPTY.unseen == ()


# Choosing a question


def test_a_question_brings_its_classes_and_a_name():
    chosen = with_template(EMPTY, TEMPLATES["storage"])

    assert chosen.name == "Storage: lipid and starch"
    assert [it.name for it in chosen.classes] == ["lipid bodies", "starch granules"]
    assert chosen.problems("question") == chosen.problems("structures") == ()


def test_another_question_changes_a_name_that_nobody_gave():
    chosen = with_template(with_template(EMPTY, TEMPLATES["storage"]), TEMPLATES["volumes"])

    assert chosen.name == "Organelle volumes"
    assert len(chosen.classes) == 4


def test_a_name_that_the_user_gave_survives_another_question():
    named = replace(with_template(EMPTY, TEMPLATES["storage"]), name="heat shock")

    assert with_template(named, TEMPLATES["volumes"]).name == "heat shock"


def test_something_else_keeps_the_classes_that_are_there_and_asks_for_a_name():
    chosen = with_template(with_template(EMPTY, TEMPLATES["storage"]), TEMPLATES["custom"])

    assert len(chosen.classes) == 2
    assert chosen.problems("question") == ("Give the study a name.",)
    assert with_template(EMPTY, TEMPLATES["custom"]).problems("structures")


def test_a_name_that_a_task_has_gets_a_number():
    taken = frozenset({"Organelle volumes", "Organelle volumes 2"})
    chosen = with_template(replace(EMPTY, taken_names=taken), TEMPLATES["volumes"])

    assert chosen.name == "Organelle volumes 3"
    assert with_template(chosen, TEMPLATES["storage"]).name == "Storage: lipid and starch"
    assert free_name("a", frozenset()) == "a"


# Choosing cells


def test_cells_that_know_something_are_taken_and_the_others_left_out_with_a_reason():
    taken, _, left = (GOOD.decision(it) for it in GOOD.coverage.rows)

    assert taken == Decision(
        taken=True, reason="Knows lipid bodies everywhere; starch granules in part."
    )
    assert left == Decision(taken=False, reason="Knows none of the classes.")
    assert [it.id for it in GOOD.taken_rows] == ["a", "b"]
    assert EMPTY.taken_rows == ()


def test_a_proposal_goes_before_the_plain_rule_and_the_user_before_both():
    proposal = {"a": Decision(taken=False, reason="Too unlike your cell.")}
    proposed = replace(GOOD, proposal=proposal)
    first = proposed.coverage.rows[0]

    assert proposed.decision(first).reason == "Too unlike your cell."
    ticked = with_ticks(proposed, [first], taken=True)
    assert ticked.decision(first) == Decision(taken=True, reason="You ticked it.")
    assert with_ticks(ticked, [first], taken=False) == proposed


def test_unticking_and_ticking_again_leaves_no_trace():
    first = GOOD.coverage.rows[0]
    without = with_ticks(GOOD, [first], taken=False)

    assert without.exclude == {"a"}
    assert without.decision(first) == Decision(taken=False, reason="You left it out.")
    assert with_ticks(without, [first], taken=True) == GOOD


def test_many_cells_are_ticked_at_once():
    rows = GOOD.coverage.rows

    assert [it.id for it in with_ticks(GOOD, rows, taken=True).taken_rows] == ["a", "b", "c"]
    assert with_ticks(GOOD, rows, taken=False).taken_rows == ()


def test_warnings_are_about_the_cells_that_are_taken():
    rows = [row(str(i), "complete", "complete", voxels=9999) for i in range(5)]
    five = draft(*rows)

    assert five.warnings() == ()
    two = with_ticks(five, rows[:3], taken=False)
    assert two.warnings()[1] == (
        "Only 2 cells know starch granules; expect a weak class, or draw it in 2 more cells."
    )
    assert EMPTY.warnings() == ()


def test_what_a_cell_knows_is_said_in_words():
    assert known_words(row("a", "complete", "complete")) == (
        "Knows lipid bodies and starch granules everywhere."
    )
    assert known_words(row("a", starch="partly")) == "Knows starch granules in part."


# Going on another day


def test_answers_are_remembered_and_recalled():
    answered = with_ticks(
        replace(GOOD, minutes=45, device="cpu", like="b"), [GOOD.coverage.rows[0]], taken=False
    )

    again = recalled(remembered(answered), ONTOLOGY, frozenset({"x"}))

    assert again.answers == answered.answers
    assert (again.coverage, again.taken_names) == (None, frozenset({"x"}))


@pytest.mark.parametrize(
    "text", ["", "nonsense", '{"minutes": "long"}', '{"classes": [{"name": "", "members": []}]}']
)
def test_answers_that_cannot_be_read_any_more_are_forgotten(text):
    assert recalled(text, ONTOLOGY, frozenset()) is None


def test_a_task_of_one_class_needs_no_plural():
    one = replace(GOOD, classes=TASK.classes[:1])

    assert one.finish() == Task(name="storage", classes=TASK.classes[:1])
