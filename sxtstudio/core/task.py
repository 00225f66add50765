"""What a question needs to be told apart, and what a partly labelled cell says about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE, Ontology, check_colour

MAX_CLASSES = 31
"""Background and 31 classes fill the 32 bits of a target voxel."""


@dataclass(frozen=True, kw_only=True)
class TaskClass:
    """One class of a task: its name and the ids of the ontology classes it gathers.

    ``colour`` (``#rrggbb``) is empty where it is that of the first member; see `class_colour`.
    """

    name: str
    members: tuple[str, ...]
    colour: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.members:
            raise LabelError(f"The class {self.name!r} of a task has no name or gathers no term.")
        if self.colour:
            check_colour(self.colour, self.name)


@dataclass(frozen=True, kw_only=True)
class Task:
    """The semantic needs of a question.

    In everything written for a task, label value k is ``classes[k - 1]`` and 0 is none of them.
    ``version`` counts the changes of a task that keeps its name; networks refer to both.
    """

    name: str
    classes: tuple[TaskClass, ...]
    version: int = 1

    def __post_init__(self) -> None:
        if self.version < 1:
            raise LabelError(
                f"The task {self.name!r} has the version {self.version}; 1 is the first."
            )
        if not self.classes:
            raise LabelError(f"The task {self.name!r} names no class; give it at least one.")
        if len(self.classes) > MAX_CLASSES:
            raise LabelError(f"The task {self.name!r} has more than {MAX_CLASSES} classes.")
        _check_unique([item.name for item in self.classes], "class", self.name)
        members = [member for item in self.classes for member in item.members]
        _check_unique(members, "ontology term", self.name)

    @property
    def names(self) -> dict[int, str]:
        """Label value → class name."""
        return {value: item.name for value, item in enumerate(self.classes, start=1)}


def _check_unique(words: list[str], what: str, task: str) -> None:
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        raise LabelError(f"The task {task!r} uses the {what} {twice[0]!r} twice.")


def parse_task(name: str, class_words: Sequence[str], ontology: Ontology) -> Task:
    """Return the task that words like "nucleus=nucleus+nucleolus" or "mitochondria" describe.

    A term always brings everything inside it, except what the task asks for separately. A class
    written without members takes the ontology's own name for its single member.

    Raises
    ------
    LabelError
        If a term is unknown, or used twice.
    """
    return Task(name=name, classes=tuple(_parse_class(words, ontology) for words in class_words))


def _parse_class(words: str, ontology: Ontology) -> TaskClass:
    name, equals, members = words.partition("=")
    if not equals:
        term = ontology.find(name)
        return TaskClass(name=name.strip(), members=(term.id,))
    ids = tuple(ontology.find(word).id for word in members.split("+") if word.strip())
    if not ids or not name.strip():
        raise LabelError(f"{words!r} names no ontology term; write it like NAME=TERM+TERM.")
    return TaskClass(name=name.strip(), members=ids)


def class_colour(item: TaskClass, ontology: Ontology) -> str:
    """Return the colour a class is drawn in, ``#rrggbb``."""
    return item.colour or ontology.term(item.members[0]).colour


def task_label_of(task: Task, ontology: Ontology) -> dict[str, int]:
    """Return, for every class of the ontology, the label value (0 for none) it has in a task.

    The nearest ancestor that the task names decides.
    """
    named = {member: value for value, item in enumerate(task.classes, 1) for member in item.members}
    return {
        term.id: next((named[up] for up in ontology.ancestors(term.id) if up in named), 0)
        for term in ontology.classes
    }


def target_bits(
    names: Mapping[int, str], complete: frozenset[str], task: Task, ontology: Ontology
) -> dict[int, int]:
    """Return label value → bit mask of the task labels (bit 0: none) its voxels may have.

    A voxel drawn as class c is c itself or anything inside c, save what lies in a class that is
    complete in this cell: that would have been drawn. An unlabelled voxel is the same with the
    whole sample for c. A region drawn as `IGNORE`, or as a class that the ontology does not know,
    may be anything.
    """
    label_of = task_label_of(task, ontology)
    anything = (1 << (len(task.classes) + 1)) - 1

    def bits(class_id: str) -> int:
        if class_id == IGNORE or class_id not in ontology:
            return anything
        mask = 0
        for inside in ontology.descendants(class_id, stop=complete):
            mask |= 1 << label_of[inside]
        return mask

    return {0: bits(ontology.root.id)} | {value: bits(name) for value, name in names.items()}


def targets(annotation: Annotation, task: Task, ontology: Ontology) -> np.ndarray:
    """Return which labels of a task each voxel of a partly labelled cell may have.

    Returns
    -------
    possible_ZYX
        uint32; bit 0: none of the task's classes, bit k: ``task.classes[k - 1]``. Exactly one
        bit is set where the annotation leaves no doubt.

    Raises
    ------
    LabelError
        If a label value carries no name.
    """
    labels_ZYX = annotation.label_map.labels_ZYX
    bits = target_bits(annotation.label_map.names, annotation.complete, task, ontology)
    table = np.zeros(int(labels_ZYX.max(initial=0)) + 1, np.uint32)
    for value, mask in bits.items():
        if value < table.size:
            table[value] = mask
    counts = np.bincount(labels_ZYX.ravel(), minlength=table.size)
    nameless = np.flatnonzero((table == 0) & (counts > 0))
    if nameless.size:
        raise LabelError(f"The label value {nameless[0]} is used but stands for no class.")
    return table[labels_ZYX]


def combine(first_ZYX: np.ndarray, second_ZYX: np.ndarray) -> np.ndarray:
    """Return what two annotations of one cell say together.

    Where they contradict each other (no label is possible for both) the voxel may be what either
    says.
    """
    both = first_ZYX & second_ZYX
    return np.where(both == 0, first_ZYX | second_ZYX, both)
