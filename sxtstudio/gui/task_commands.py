"""What the menus do with tasks and the words they are made of."""

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.task import Task
from sxtstudio.gui import messages
from sxtstudio.gui.session import Session
from sxtstudio.gui.task_dialog import ChangeTaskDialog, TaskDialog
from sxtstudio.gui.vocabulary_dialog import VocabularyDialog
from sxtstudio.workflow import tasks
from sxtstudio.workflow.vocabulary import carry_terms, members_of

OpenDialog = Callable[[QDialog, Callable[[], object]], None]
"""Shows a dialog; the function is called once it was accepted."""

_FILTERS = (f"Tasks (*{tasks.TASK_SUFFIX})",)


def task_slots(
    parent: QWidget, session: Session, open_dialog: OpenDialog
) -> dict[str, Callable[[], object]]:
    """Return what is done for each command about tasks and the vocabulary."""

    def new_task() -> None:
        dialog = TaskDialog(session, parent)
        open_dialog(dialog, lambda: session.add_task(dialog.read_task()))

    def change_task() -> None:
        dialog = ChangeTaskDialog(session, parent)
        open_dialog(dialog, lambda: take_change(session, dialog.read_task()))

    return {
        "task": new_task,
        "change_task": change_task,
        "task_from_file": lambda: read_task_file(parent, session),
        "task_to_file": lambda: write_task_file(parent, session),
        "vocabulary": lambda: open_dialog(VocabularyDialog(session, parent), lambda: None),
    }


def take_change(session: Session, task: Task) -> None:
    """Give a task of the project the classes of ``task``."""
    project = session.require_project()
    carry_terms(members_of(task), session.ontology, project)
    changed = tasks.change_task(project, task.name, task.classes)
    session.contents_changed.emit()
    session.noted.emit(f"The task {changed.name!r} is at version {changed.version} now.")


def write_task_file(parent: QWidget, session: Session) -> None:
    """Ask which task and where to, and write it with the terms it needs.

    Raises
    ------
    ProjectError
        If the project has no task.
    """
    names = [task.name for task in reversed(session.tasks())]
    if not names:
        raise ProjectError("The project has no task yet; make one first (Project, New task).")
    title = "Save a task to a file"
    name = names[0] if len(names) == 1 else messages.ask_choice(parent, title, "Task", names)
    if name is None:
        return
    proposal = session.folder / f"{name}{tasks.TASK_SUFFIX}"
    path = messages.choose_new_file(parent, title, proposal, _FILTERS)
    if path is not None:
        tasks.export_task(session.require_project(), name, path)
        session.noted.emit(f"Wrote {path}")


def read_task_file(parent: QWidget, session: Session) -> None:
    """Ask for a task file and bring it into the project; a name that is taken is asked about."""
    title = "Take a task from a file"
    path = messages.choose_file(parent, title, session.folder, _FILTERS)
    if path is None:
        return
    project, name = session.require_project(), None
    try:
        task = tasks.import_task(project, path)
    except ProjectError as error:
        name = messages.ask_text(parent, title, f"{error}\nName of the task", path.stem)
        if name is None:
            return
        task = tasks.import_task(project, path, name)
    session.contents_changed.emit()
    session.noted.emit(f"The task {task.name!r} is in the project.")
