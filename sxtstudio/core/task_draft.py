"""The answers to "what do you want to know?" on their way to a task: the wizard without a window.

A `TaskDraft` never changes; each answer makes a new one. `TaskDraft.problems` says for each page in
words what is still missing before one can go on, and `TaskDraft.finish` returns the task.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Literal, get_args

from sxtstudio.core import task_editing
from sxtstudio.core.coverage import Coverage, CoverageRow
from sxtstudio.core.errors import FileError, LabelError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import MAX_CLASSES, Task, TaskClass
from sxtstudio.core.task_templates import TaskTemplate, task_templates

Page = Literal["question", "structures", "cells", "plan", "summary"]
PAGES: tuple[Page, ...] = get_args(Page)

SHORTEST_MINUTES = 0.5
LONGEST_MINUTES = 24 * 60.0
_NO_TASK_YET = "classes"
_NOTHING_LEARNT = "You ticked it, but nothing drawn in it says anything about the classes."


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the user has answered so far; kept in the settings when the wizard is left half-way.

    ``include`` and ``exclude`` are ids of coverage rows that the user ticked or unticked against
    the proposal. ``like`` is the id of the cell that others are compared with, empty for none.
    """

    name: str = ""
    template: str = ""
    classes: tuple[TaskClass, ...] = ()
    like: str = ""
    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    minutes: float = 10.0
    device: str = "auto"
    network: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether a cell is trained on, and why, in words."""

    taken: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class TaskDraft(Answers):
    """The answers, and what they are judged by.

    ``taken_names`` are the names of tasks that the project has already. ``coverage`` is what the
    cells at hand know of the classes, None while that is being found out. ``proposal`` (row id →)
    goes before the plain rule that every cell that knows something is taken.
    """

    ontology: Ontology
    taken_names: frozenset[str] = frozenset()
    coverage: Coverage | None = None
    proposal: Mapping[str, Decision] = field(default_factory=dict[str, Decision])

    @property
    def answers(self) -> Answers:
        """The answers alone."""
        return Answers(**{it.name: getattr(self, it.name) for it in fields(Answers)})

    def problems(self, page: Page) -> tuple[str, ...]:
        """Return what keeps the user from leaving a page, the most important first."""
        found = {
            "question": self._question_problems,
            "structures": self._structure_problems,
            "cells": self._cell_problems,
            "plan": self._plan_problems,
            "summary": self._summary_problems,
        }[page]()
        return tuple(found)

    def finish(self) -> Task:
        """Return the task that was put together.

        Raises
        ------
        LabelError
            If a page still has a problem.
        """
        for page in PAGES[:2]:
            for problem in self.problems(page):
                raise LabelError(problem)
        return Task(name=self.clean_name, classes=self.classes)

    @property
    def clean_name(self) -> str:
        """The name of the task without stray blanks."""
        return " ".join(self.name.split())

    @property
    def task(self) -> Task | None:
        """The task as far as it goes, whatever it will be called; None while it is none."""
        if self._structure_problems():
            return None
        return Task(name=self.clean_name or _NO_TASK_YET, classes=self.classes)

    def _question_problems(self) -> list[str]:
        if not self.template:
            return ["Choose a question, or “Something else”."]
        if not self.clean_name:
            return ["Give the study a name."]
        if self.clean_name in self.taken_names:
            return [
                f"The project has a task called “{self.clean_name}” already; choose another name."
            ]
        return []

    def _structure_problems(self) -> list[str]:
        if not self.classes:
            return ["Choose at least one structure."]
        if len(self.classes) > MAX_CLASSES:
            return [f"{len(self.classes)} classes are too many to tell apart; {MAX_CLASSES} fit."]
        names = [item.name for item in self.classes]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            return [f"Two classes are called “{twice}”; rename one, or merge them."]
        unknown = [it for item in self.classes for it in item.members if it not in self.ontology]
        if unknown:
            return [f"The vocabulary does not know {unknown[0]!r}; take that class out."]
        return []

    def _cell_problems(self) -> list[str]:
        if self.coverage is None:
            return ["Looking at what the cells know …"]
        if not self.coverage.rows:
            return ["There are no cells yet: import tomograms with labels, or open a library."]
        if not self.taken_rows:
            return ["Tick at least one cell to learn from."]
        if self.unseen:
            names = task_editing.in_words(self.unseen)
            return [
                f"No ticked cell shows {names}. Draw it in a cell, tick a cell that has it, or "
                "leave it out of the study."
            ]
        return []

    def _plan_problems(self) -> list[str]:
        if not SHORTEST_MINUTES <= self.minutes <= LONGEST_MINUTES:
            return [f"Train between {SHORTEST_MINUTES:g} minutes and {LONGEST_MINUTES / 60:g} h."]
        return []

    def _summary_problems(self) -> list[str]:
        return [] if self.network.strip() else ["Choose a file for the network."]

    def takes(self, row: CoverageRow) -> bool:
        """Return whether a cell is trained on: the user's word first, then the proposal."""
        if row.id in self.exclude:
            return False
        if row.id in self.include:
            return True
        proposed = self.proposal.get(row.id)
        return row.useful if proposed is None else proposed.taken

    def decision(self, row: CoverageRow) -> Decision:
        """Return whether a cell is trained on, with the reason."""
        if row.id in self.exclude:
            return Decision(taken=False, reason="You left it out.")
        plain = Decision(taken=row.useful, reason=known_words(row))
        proposed = self.proposal.get(row.id) or plain
        if row.id in self.include and not proposed.taken:
            reason = "You ticked it." if row.useful else _NOTHING_LEARNT
            return Decision(taken=True, reason=reason)
        return proposed

    @cached_property
    def taken_rows(self) -> tuple[CoverageRow, ...]:
        """The cells that will be trained on."""
        rows = self.coverage.rows if self.coverage else ()
        return tuple(row for row in rows if self.takes(row))

    @cached_property
    def taken_coverage(self) -> Coverage | None:
        """What the cells that will be trained on know."""
        return replace(self.coverage, rows=self.taken_rows) if self.coverage else None

    def warnings(self) -> tuple[str, ...]:
        """Return in words which classes will be weak with the cells that are taken."""
        return self.taken_coverage.warnings() if self.taken_coverage and self.taken_rows else ()

    @cached_property
    def unseen(self) -> tuple[str, ...]:
        """Names of the classes that no taken cell shows."""
        names = self.coverage.task.names.values() if self.coverage else ()
        return tuple(
            name for name in names if not any(row.known[name].voxels for row in self.taken_rows)
        )


def with_template(draft: TaskDraft, template: TaskTemplate) -> TaskDraft:
    """Return the draft with the classes of a question, and its name unless the user gave one.

    "Something else" keeps the classes that are there.
    """
    names = {it.name for it in task_templates()}
    unnamed = not draft.clean_name or any(
        draft.clean_name in (name, free_name(name, draft.taken_names)) for name in names
    )
    own = not template.classes
    name = "" if own else free_name(template.name, draft.taken_names)
    return replace(
        draft,
        template=template.id,
        name=name if unnamed else draft.name,
        classes=draft.classes if own else template.classes,
    )


def with_ticks(draft: TaskDraft, rows: Iterable[CoverageRow], *, taken: bool) -> TaskDraft:
    """Return the draft with cells ticked or unticked by the user."""
    changed = tuple(rows)
    ids = {row.id for row in changed}
    bare = replace(draft, include=draft.include - ids, exclude=draft.exclude - ids)
    against = {row.id for row in changed if bare.takes(row) != taken}
    if taken:
        return replace(bare, include=bare.include | against)
    return replace(bare, exclude=bare.exclude | against)


def free_name(name: str, taken: frozenset[str]) -> str:
    """Return a name that no task has: itself, or with a number."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} {number}"
    return free


def remembered(draft: TaskDraft) -> str:
    """Return the answers as JSON, to go on another day."""
    return to_json(draft.answers)


def recalled(text: str, ontology: Ontology, taken_names: frozenset[str]) -> TaskDraft | None:
    """Return the draft that `remembered` wrote, None if it cannot be read any more."""
    try:
        answers = from_json(Answers, text, "the unfinished study")
    except (FileError, LabelError):
        return None
    kept = {it.name: getattr(answers, it.name) for it in fields(Answers)}
    return TaskDraft(**kept, ontology=ontology, taken_names=taken_names)


def known_words(row: CoverageRow) -> str:
    """Return which classes of the task a cell knows, in words."""
    complete = [name for name, it in row.known.items() if it.knowledge == "complete"]
    partly = [name for name, it in row.known.items() if it.knowledge == "partly"]
    words = [
        f"{task_editing.in_words(names)} {how}"
        for names, how in ((complete, "everywhere"), (partly, "in part"))
        if names
    ]
    return f"Knows {'; '.join(words)}." if words else "Knows none of the classes."
