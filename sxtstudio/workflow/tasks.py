"""Define, change, write and read tasks, and tell what a cell or a network has to say about one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sxtstudio.core.errors import FileError, LabelError, ProjectError
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.ontology import Extension, Ontology, default_ontology, terms_for
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import Task, TaskClass, parse_task, target_bits
from sxtstudio.core.task_change import change_sentences, task_change
from sxtstudio.io.files import system_errors, write_atomically
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.vocabulary import carry_terms, members_of, missing_terms

TASK_SUFFIX = ".json"


def define_task(
    project: Project, name: str, class_words: Sequence[str], words_of: Ontology | None = None
) -> Task:
    """Add the task that words like "nucleus=nucleus+nucleolus" describe to a project.

    With ``words_of``, perhaps a library's vocabulary, terms of that are understood, too; the
    project learns those that the task needs.

    Raises
    ------
    LabelError
        If a term is unknown, or used twice.
    """
    ontology = project.ontology()
    if words_of is not None:
        ontology = words_of.extended(project.extension())
    task = parse_task(name, class_words, ontology)
    carry_terms(members_of(task), ontology, project)
    project.add_task(task)
    return task


def change_task(project: Project, name: str, classes: tuple[TaskClass, ...]) -> Task:
    """Give a task of a project other classes: its next version.

    Raises
    ------
    ProjectError
        If the project has no such task.
    LabelError
        If the classes make no task, or a term of theirs is unknown.
    """
    project.task(name)
    task = Task(name=name, classes=classes)
    _check_members(task, project.ontology(), project.path.name)
    return project.change_task(name, classes)


def what_changes(
    old: Task, new: Task, networks: Mapping[str, Task], ontology: Ontology
) -> tuple[str, ...]:
    """Return sentences about what must be learned anew when a task is changed.

    ``networks`` tells for the name of each network which task it was trained for; see
    `networks_for`. Nothing is said where nothing changes.
    """
    words = change_sentences(task_change(old, new, ontology))
    if not words:
        return ()
    changes = {name: task_change(task, new, ontology) for name, task in networks.items()}
    serving = [name for name, change in changes.items() if change.is_derived]
    lost = [name for name, change in changes.items() if not change.is_derived]
    if not networks:
        return (*words, "No network was trained for this task yet.")
    if serving:
        words = (*words, f"Need not be trained again: {', '.join(serving)}.")
    if lost:
        words = (*words, f"Must be trained again for the changed task: {', '.join(lost)}.")
    return words


def networks_for(project: Project, name: str) -> dict[str, Task]:
    """Return file name → task of the networks of a project that were trained for a task."""
    return {
        Path(network.path).name: project.network_card(network.id).plan.task
        for network in project.networks()
        if network.task == name
    }


def network_notice(project: Project, card: NetworkCard) -> str:
    """Return a sentence if a network was trained for an older version of a task, else nothing."""
    trained = card.plan.task
    newest = [task for task in project.tasks() if task.name == trained.name]
    if not newest or newest[0].classes == trained.classes:
        return ""
    change = task_change(trained, newest[0], project.ontology())
    means = " ".join(change_sentences(change))
    return (
        f"This network was trained for version {trained.version} of the task {trained.name!r}, "
        f"which is at version {newest[0].version} now, and tells the classes of its own version "
        f"apart. {means}"
    ).strip()


@dataclass(frozen=True, kw_only=True)
class TaskFile:
    """What a task file holds: the task, and the terms that the program itself does not know."""

    task: Task
    extension: Extension = field(default_factory=Extension)


def export_task(project: Project, name: str, path: Path) -> Task:
    """Write a task, with the terms it needs, into a JSON file.

    Raises
    ------
    ProjectError
        If the project has no such task.
    FileError
        If the file cannot be written.
    """
    task = project.task(name)
    terms = terms_for(members_of(task), project.ontology(), default_ontology())
    text = to_json(TaskFile(task=task, extension=terms))
    with write_atomically(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return task


def read_task(path: Path) -> TaskFile:
    """Return what a task file holds.

    Raises
    ------
    FileError
        If it cannot be read, or is no task.
    """
    with system_errors(path, "read"):
        text = path.read_bytes()
    try:
        return from_json(TaskFile, text, str(path))
    except LabelError as error:
        raise FileError(f"{path}: the task in it cannot be used. {error}") from error


def import_task(project: Project, path: Path, name: str | None = None) -> Task:
    """Bring a task from a file into a project, with the terms it needs.

    ``name`` is what it is called here, by default what the file calls it.

    Raises
    ------
    FileError
        If the file cannot be read, or is no task.
    ProjectError
        If the project has another task of that name.
    LabelError
        If the task names terms that neither the file nor the project knows.
    """
    task, extension = _read_for(project, path, name)
    known = project.task_versions(task.name)
    if known and known[-1].classes != task.classes:
        raise ProjectError(
            f"{path}: the project has another task {task.name!r}; give this one another name, or "
            "change the task of the project to it."
        )
    project.extend(extension)
    project.add_task(task)
    return project.task(task.name)


def change_task_to_file(project: Project, name: str, path: Path) -> Task:
    """Give a task of a project the classes of a task file, as its next version."""
    project.task(name)
    task, extension = _read_for(project, path, name)
    project.extend(extension)
    return change_task(project, name, task.classes)


def _read_for(project: Project, path: Path, name: str | None) -> tuple[Task, Extension]:
    file = read_task(path)
    _check_members(file.task, project.ontology().extended(file.extension), str(path))
    task = file.task if name is None else Task(name=name, classes=file.task.classes)
    return task, file.extension


def _check_members(task: Task, ontology: Ontology, where: str) -> None:
    missing = missing_terms(ontology, members_of(task))
    if missing:
        names = ", ".join(map(repr, missing))
        raise LabelError(
            f"{where}: the task {task.name!r} gathers {names}, which the vocabulary does not know; "
            "add the term to the vocabulary first."
        )


def drawn_versions(cell: CellRecord) -> tuple[LabelVersion, ...]:
    """Return the label versions that people drew and that hold now, oldest first.

    Imported labels add up. A correction was made in sight of what was there before, so it
    replaces everything older.
    """
    drawn = [version for version in cell.versions if version.kind != "predicted"]
    corrected = [i for i, version in enumerate(drawn) if version.kind == "corrected"]
    return tuple(drawn[corrected[-1] if corrected else 0 :])


def useful_versions(cell: CellRecord, task: Task, ontology: Ontology) -> tuple[LabelVersion, ...]:
    """Return the label versions of a cell that rule anything out for a task, oldest first."""
    return tuple(
        version for version in drawn_versions(cell) if _says_something(version, task, ontology)
    )


def _says_something(version: LabelVersion, task: Task, ontology: Ontology) -> bool:
    anything = (1 << (len(task.classes) + 1)) - 1
    bits = target_bits(version.names, version.complete, task, ontology)
    return any(mask != anything for mask in bits.values())
