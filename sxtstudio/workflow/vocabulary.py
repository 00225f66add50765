"""Terms go where the labels go: from a library to a project or a job, and back."""

from collections.abc import Iterable

from sxtstudio.core.cell import Annotation
from sxtstudio.core.ontology import IGNORE, Extension, Ontology, terms_for
from sxtstudio.core.task import Task
from sxtstudio.project.project import Project


def missing_terms(ontology: Ontology, class_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that a vocabulary does not know, in order; `IGNORE` needs no term."""
    return tuple(sorted({it for it in class_ids if it not in ontology and it != IGNORE}))


def carry_terms(class_ids: Iterable[str], source: Ontology, project: Project) -> Extension:
    """Extend a project by what it must know of classes to understand labels from ``source``.

    Returns what was added. For a library, ``library.extend(terms_for(ids, source, ontology))`` does
    the same.
    """
    return project.extend(terms_for(class_ids, source, project.ontology()))


def classes_of(annotations: Iterable[Annotation]) -> frozenset[str]:
    """Return the ids of all classes that annotations name."""
    return frozenset(
        class_id
        for annotation in annotations
        for class_id in (*annotation.label_map.names.values(), *annotation.complete)
    )


def members_of(task: Task) -> frozenset[str]:
    """Return the ids of all classes that a task gathers."""
    return frozenset(member for item in task.classes for member in item.members)


def unknown_words(class_ids: Iterable[str], ontology: Ontology, where: str) -> str:
    """Return a sentence about classes that the vocabulary does not know, empty if it knows all."""
    missing = missing_terms(ontology, class_ids)
    if not missing:
        return ""
    names = ", ".join(map(repr, missing))
    return (
        f"{where}: the vocabulary does not know {names}; such voxels are taken as “may be "
        "anything”. Add the term to the vocabulary (Project, Vocabulary)."
    )
