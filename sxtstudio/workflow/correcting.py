"""Correct labels of a project: a draft, the journal of its edits, and what is saved of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.errors import LabelError, ProjectError
from sxtstudio.core.ontology import IGNORE, Ontology, means_ignore
from sxtstudio.core.provenance import made_by
from sxtstudio.core.scope import (
    Scope,
    known_inside,
    left_open,
    open_again,
    parse_scope,
    scope_words,
)
from sxtstudio.core.task import Task
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.edit_journal import JournalHeader, read_entries
from sxtstudio.project.lock import user_name
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.vocabulary import carry_terms

JOURNAL_SUFFIX = ".edits"
_MOST_CLASSES_OF_8_BITS = 255
_SCOPE = "scope"


@dataclass(frozen=True, kw_only=True, eq=False)
class Draft:
    """Labels to be edited: in memory, with ids of the vocabulary for names.

    ``base`` is the label version they come from, None for empty ones; ``complete`` are the classes
    that are drawn everywhere in it. ``notes`` are sentences about what could not be kept.
    """

    cell: CellRecord
    base: LabelVersion | None
    label_map: LabelMap
    complete: frozenset[str]
    notes: tuple[str, ...] = ()


def check_editable(project: Project) -> None:
    """Raise `ProjectError` if the project can only be read."""
    if project.read_only:
        raise ProjectError(
            f"{project.path.name} is open read-only, so labels cannot be edited here; save a copy "
            "of the project, or open it where you may change it."
        )


def draft_of(
    project: Project, cell: CellRecord, version: LabelVersion, label_map: LabelMap, words: Ontology
) -> Draft:
    """Return the draft that starts from a label version; ``label_map`` is what it holds.

    The names of a prediction are classes of a task: each becomes the term it gathers, or the
    nearest term that contains all it gathers.
    """
    names, notes = dict(version.names), ()
    open_again(label_map, scope_of(version, cell))
    if version.kind == "predicted":
        names, notes = _terms_of(version, _task_of(project, version), words)
    return Draft(
        cell=cell,
        base=version,
        label_map=LabelMap(
            labels_ZYX=label_map.labels_ZYX, names=names, voxel_size_um=cell.voxel_size_um
        ),
        complete=version.complete,
        notes=tuple(notes),
    )


def scope_of(version: LabelVersion, cell: CellRecord) -> Scope:
    """Return what was looked at when a version was saved."""
    said = version.made_by.parameters.get(_SCOPE) if version.made_by else None
    return parse_scope(said, cell.shape) if isinstance(said, str) else None


def taught(annotation: Annotation, version: LabelVersion, cell: CellRecord) -> Annotation:
    """Return what networks may learn from a label version: nothing outside of what was looked at.

    Its labels reach further where somebody corrected a part of a prediction.
    """
    scope = scope_of(version, cell)
    return replace(annotation, label_map=known_inside(annotation.label_map, scope))


def restore_version(
    project: Project, cell: CellRecord, version: LabelVersion, words: Ontology
) -> LabelVersion:
    """Add an older version of a cell's labels once more, as the newest one.

    Raises
    ------
    ProjectError
        If the project can only be read, or the disk is full.
    """
    check_editable(project)
    scope = scope_of(version, cell)
    draft = draft_of(project, cell, version, project.label_map(cell.id, version.id), words)
    comment = f"version {version.id} restored"
    return save_correction(project, draft, draft.label_map, version.complete, comment, words, scope)


def empty_draft(cell: CellRecord, class_ids: Sequence[str]) -> Draft:
    """Return empty labels for these classes."""
    dtype = np.uint8 if len(class_ids) <= _MOST_CLASSES_OF_8_BITS else np.uint16
    label_map = LabelMap(
        labels_ZYX=np.zeros(cell.shape, dtype),
        names=dict(enumerate(class_ids, start=1)),
        voxel_size_um=cell.voxel_size_um,
    )
    return Draft(cell=cell, base=None, label_map=label_map, complete=frozenset())


def journal_path(project: Project, cell: CellRecord) -> Path:
    """Return where the edits of a cell are written down: beside the project, not in it."""
    return project.path.with_name(f"{project.path.name}.{cell.id}{JOURNAL_SUFFIX}")


def journal_header(draft: Draft) -> JournalHeader:
    """Return what a journal of edits of a draft begins with."""
    return JournalHeader(
        cell=draft.cell.id,
        cell_name=draft.cell.name,
        base=draft.base.id if draft.base else None,
        shape=draft.label_map.shape,
        dtype=draft.label_map.labels_ZYX.dtype.name,
        voxel_size_um=draft.label_map.voxel_size_um,
        names=dict(draft.label_map.names),
        complete=draft.complete,
        author=user_name(),
    )


def draft_of_journal(project: Project, header: JournalHeader) -> Draft:
    """Return the draft that the edits of a journal began with.

    Raises
    ------
    ProjectError, LabelError
        If the project has no such cell or version, or they are others than they were.
    """
    cell = project.cell(header.cell)
    base, labels_ZYX = None, np.zeros(header.shape, header.dtype)
    if header.base is not None:
        base = next((it for it in cell.versions if it.id == header.base), None)
        if base is None:
            raise ProjectError(
                f"The edits of {cell.name} belong to its label version {header.base}, which "
                f"{project.path.name} does not have; is this an older copy of the project?"
            )
        stored = project.label_map(cell.id, base.id)
        open_again(stored, scope_of(base, cell))
        labels_ZYX = stored.labels_ZYX
    label_map = LabelMap(
        labels_ZYX=labels_ZYX, names=dict(header.names), voxel_size_um=cell.voxel_size_um
    )
    if labels_ZYX.shape != cell.shape or labels_ZYX.dtype.name != header.dtype:
        raise LabelError(f"The edits of {cell.name} were made on labels of another shape or type.")
    return Draft(cell=cell, base=base, label_map=label_map, complete=header.complete)


def replay_journal(editor: LabelEditor, path: Path) -> None:
    """Do again what a journal holds.

    Raises
    ------
    FileError, LabelError
        If the journal cannot be read, or belongs to other labels.
    """
    editor.replay(read_entries(path))


def save_correction(
    project: Project,
    draft: Draft,
    label_map: LabelMap,
    complete: frozenset[str],
    comment: str,
    words: Ontology,
    scope: Scope = None,
) -> LabelVersion:
    """Add edited labels to the project as a new version, with the terms it needs.

    Classes of which nothing is drawn are left out, unless they are known to be absent. ``scope`` is
    what was looked at: what is unlabelled outside may be anything, whatever is complete.

    Raises
    ------
    ProjectError
        If the project can only be read, or the disk is full.
    """
    check_editable(project)
    label_map = left_open(label_map, scope)
    used = _used(label_map.labels_ZYX)
    names = {
        label: class_id
        for label, class_id in label_map.names.items()
        if label in used or class_id in complete
    }
    carry_terms([*names.values(), *complete], words, project)
    base = draft.base.id if draft.base else ""
    annotation = Annotation(
        label_map=LabelMap(
            labels_ZYX=label_map.labels_ZYX, names=names, voxel_size_um=draft.cell.voxel_size_um
        ),
        complete=complete,
        author=user_name(),
        made_by=made_by(
            "sxtstudio.workflow.correcting.save_correction",
            {"base": base, _SCOPE: scope_words(scope)},
            (draft.cell.lac_sha256,),
        ),
    )
    return project.add_annotation(draft.cell.id, annotation, kind="corrected", comment=comment)


def _used(labels_ZYX: np.ndarray) -> frozenset[int]:
    found: set[int] = set()
    for labels_YX in labels_ZYX:
        found.update(np.flatnonzero(np.bincount(labels_YX.ravel())).tolist())
    return frozenset(found)


def _task_of(project: Project, version: LabelVersion) -> Task | None:
    """Return the newest version of a prediction's task that knows all its classes."""
    known = project.task_versions(version.task) if version.task else ()
    names = set(version.names.values())
    fitting = [task for task in known if names <= {item.name for item in task.classes}]
    return fitting[-1] if fitting else None


def _terms_of(
    version: LabelVersion, task: Task | None, words: Ontology
) -> tuple[dict[int, str], list[str]]:
    """Return label value → term for the classes of a prediction, and what is to be said of it."""
    members = {item.name: item.members for item in task.classes} if task else {}
    names: dict[int, str] = {}
    notes: list[str] = []
    for label, name in version.names.items():
        gathered = members.get(name, ())
        names[label] = _common_term(gathered, words) if gathered else _term_called(name, words)
        if len(gathered) > 1:
            notes.append(f"“{name}” is now “{words.term(names[label]).name}”.")
    return names, notes


def _term_called(name: str, words: Ontology) -> str:
    return IGNORE if means_ignore(name) else words.id_of(name) or name


def _common_term(members: Sequence[str], words: Ontology) -> str:
    """Return the smallest term that contains all members."""
    known = [member for member in members if member in words]
    if not known:
        return members[0]
    first, *others = (list(words.ancestors(member)) for member in known)
    return next(term for term in first if all(term in other for other in others))


def left_journal(project: Project, cell: CellRecord) -> Path | None:
    """Return the journal of edits of a cell that were never saved, None if there is none."""
    path = journal_path(project, cell)
    return path if path.is_file() else None


def set_aside(path: Path) -> Path:
    """Give a journal that cannot be used another name, so that a new one can begin; return it."""
    number = 1
    while (aside := path.with_name(f"{path.name}-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside
