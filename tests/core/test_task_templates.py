"""The questions that come with the program can all be asked."""

import pytest

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import Task
from sxtstudio.core.task_templates import task_templates

TEMPLATES = {template.id: template for template in task_templates()}


@pytest.mark.parametrize("name", [it for it in TEMPLATES if it != "custom"])
def test_each_question_is_a_task_of_the_vocabulary(name):
    template = TEMPLATES[name]
    task = Task(name=template.name, classes=template.classes)

    assert all(term in default_ontology() for item in task.classes for term in item.members)
    assert template.question.endswith("?")


def test_the_last_choice_is_to_choose_oneself():
    assert list(TEMPLATES)[-1] == "custom"
    assert TEMPLATES["custom"].classes == ()


def test_no_two_questions_share_an_id():
    assert len(TEMPLATES) == len(task_templates())
