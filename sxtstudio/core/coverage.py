"""What partly labelled cells know about the classes of a task."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sxtstudio.core.cell import Annotation
from sxtstudio.core.label_counts import count_labels
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.task import Task, target_bits

Knowledge = Literal["complete", "partly", "not"]
"""Drawn everywhere in a cell; drawn somewhere, or everywhere but in regions left out; unknown."""


@dataclass(frozen=True, kw_only=True)
class AnnotationFacts:
    """What an annotation says without its voxels.

    ``names`` and ``complete`` are those of the `Annotation`. ``voxels`` counts the voxels of each
    label value that is used, ``objects`` its connected objects (faces touching). Where only some
    planes are drawn, an object counts once in each of them.
    """

    names: Mapping[int, str]
    complete: frozenset[str]
    voxels: Mapping[int, int]
    objects: Mapping[int, int] = field(default_factory=dict[int, int])


def annotation_facts(annotation: Annotation) -> AnnotationFacts:
    """Return what an annotation says without its voxels."""
    counts = count_labels(annotation.label_map.labels_ZYX)
    return AnnotationFacts(
        names=dict(annotation.label_map.names),
        complete=annotation.complete,
        voxels=counts.voxels,
        objects=counts.objects,
    )


@dataclass(frozen=True, kw_only=True)
class ClassKnowledge:
    """What one cell knows about one class of a task; voxels and objects that surely are it."""

    knowledge: Knowledge
    voxels: int = 0
    objects: int = 0


_FROM_WORST: tuple[Knowledge, ...] = ("not", "partly", "complete")
NOTHING = ClassKnowledge(knowledge="not")


def knowledge_of(
    annotations: Iterable[AnnotationFacts], task: Task, ontology: Ontology
) -> dict[str, ClassKnowledge]:
    """Return what the annotations of one cell know together, by class name of the task."""
    known = dict.fromkeys(task.names.values(), NOTHING)
    for facts in annotations:
        for name, one in _one_knows(facts, task, ontology).items():
            known[name] = _better(known[name], one)
    return known


def _better(one: ClassKnowledge, other: ClassKnowledge) -> ClassKnowledge:
    """Return the better knowledge; two annotations of one cell may show the same voxels."""
    return ClassKnowledge(
        knowledge=max((one.knowledge, other.knowledge), key=_FROM_WORST.index),
        voxels=max(one.voxels, other.voxels),
        objects=max(one.objects, other.objects),
    )


def _one_knows(facts: AnnotationFacts, task: Task, ontology: Ontology) -> dict[str, ClassKnowledge]:
    bits = target_bits(facts.names, facts.complete, task, ontology)
    used = {value for value, count in facts.voxels.items() if count and value in bits}
    leaves_out = any(facts.names.get(value) == IGNORE for value in used)
    known: dict[str, ClassKnowledge] = {}
    for label, name in task.names.items():
        bit = 1 << label
        sure = [value for value in used if value and bits[value] == bit]
        knowledge: Knowledge = "partly" if sure else "not"
        if not bits[0] & bit:
            knowledge = "partly" if leaves_out else "complete"
        known[name] = ClassKnowledge(
            knowledge=knowledge,
            voxels=sum(facts.voxels[value] for value in sure),
            objects=sum(facts.objects.get(value, 0) for value in sure),
        )
    return known
