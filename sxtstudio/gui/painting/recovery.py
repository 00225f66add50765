"""Edits that were never saved, of a cell that is opened again: recover or discard them."""

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import FileError
from sxtstudio.gui import messages
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.session import Session
from sxtstudio.io.edit_journal import JournalSummary, summarise
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.correcting import journal_path, left_journal, set_aside

RECOVER, DISCARD = "Recover", "Discard"


class Recovery(QObject):
    """Asks once when a cell with such edits is chosen, and again before it is edited."""

    def __init__(self, window: QWidget, session: Session, editing: Editing) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._editing = editing
        self._asked: set[Path] = set()
        session.selection_changed.connect(self._offer)

    def decided(self, cell: CellRecord) -> bool:
        """Ask about edits that wait; whether something else may begin now.

        Raises
        ------
        ProjectError
            If they could not even be written yet.
        """
        project = self._session.require_project()
        self._editing.journals.check(journal_path(project, cell))
        if left_journal(project, cell) is not None:
            self._ask()
        return left_journal(project, cell) is None

    @Slot()
    def _offer(self) -> None:
        path = self._waiting()
        if path is not None and path not in self._asked:
            self._asked.add(path)
            QTimer.singleShot(0, self, self._ask)

    def _waiting(self) -> Path | None:
        project, cell_id = self._session.project, self._session.cell_id
        if project is None or cell_id is None or project.read_only:
            return None
        if self._editing.active or self._editing.busy or self._editing.journals.trying:
            return None
        return left_journal(project, project.cell(cell_id))

    @Slot()
    def _ask(self) -> None:
        path = self._waiting()
        if path is None:
            return
        try:
            summary = summarise(path)
        except FileError as error:
            kept = set_aside(path)
            self._editing.failed.emit(f"{error} It is kept as {kept.name}.")
            return
        if summary.unsaved:
            self._recover_or_not(path, summary)
        else:
            path.unlink()

    def _recover_or_not(self, path: Path, summary: JournalSummary) -> None:
        edits = "1 edit" if summary.unsaved == 1 else f"{summary.unsaved} edits"
        question = (
            f"Recover {edits} of {summary.header.cell_name} from {when_words(summary.time)}?\n\n"
            "No version was saved of them."
        )
        answer = messages.ask_which(
            self._window, "Recover edits", question, (RECOVER, DISCARD), "Not now"
        )
        if answer == RECOVER:
            self._asked.discard(path)
            self._editing.recover(path, summary)
        elif answer == DISCARD:
            self._asked.discard(path)
            path.unlink(missing_ok=True)


def when_words(seconds: float) -> str:
    """Return a time as "14:02", with the day if that is not today."""
    then = time.localtime(seconds)
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M" if today else "%d %B %Y, %H:%M", then)
