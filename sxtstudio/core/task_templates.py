"""Questions that are asked often, each with the classes that answer it."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sxtstudio.core.records import from_json
from sxtstudio.core.task import TaskClass


@dataclass(frozen=True, kw_only=True)
class TaskTemplate:
    """A question and its classes; ``example`` is the kind of simulated cell that shows them."""

    id: str
    name: str
    question: str
    example: str
    classes: tuple[TaskClass, ...]


@dataclass(frozen=True, kw_only=True)
class _Templates:
    templates: tuple[TaskTemplate, ...]


@cache
def task_templates() -> tuple[TaskTemplate, ...]:
    """Return the questions that come with the program; the last one has no classes yet."""
    path = files("sxtstudio") / "resources" / "task_templates.json"
    return from_json(_Templates, path.read_bytes(), "task_templates.json").templates
