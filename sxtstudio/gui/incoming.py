"""Files that come into the project: tomograms as new cells, labels as versions of those there are.

What a dropped file is cannot always be told from its content: then the user is asked.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.cell_commands import chosen_cell
from sxtstudio.gui.dialog_queue import DialogQueue
from sxtstudio.gui.import_dialog import VOLUME_FILTERS, ImportDialog
from sxtstudio.gui.label_dialog import LabelDialog
from sxtstudio.gui.painting.commands import PaintingCommands
from sxtstudio.gui.session import Session
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.ingest.contents import Contents
from sxtstudio.workflow.label_adding import (
    check_can_add,
    look_for_labels,
    misfit_words,
    times_words,
)

PROJECT_SUFFIX = ".sxt"
PROJECT_FILTERS = (f"SXT Studio projects (*{PROJECT_SUFFIX})",)
AS_TOMOGRAM = "Open as a tomogram"
_CANCEL = "Cancel"

_Looked = list[tuple[Path, Contents | None]]


class Incoming(QObject):
    """Asks about files one after the other; ``failed`` carries sentences."""

    failed = Signal(str)

    def __init__(self, window: QWidget, session: Session, painting: PaintingCommands) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._painting = painting
        self._queue = DialogQueue(self)
        self._queue.failed.connect(self.failed)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of these names do."""
        return {
            "import": self.choose_tomogram,
            "add_labels": lambda: self.choose_labels(self._session.cell_id),
        }

    def choose_tomogram(self) -> None:
        """Ask which, and import a tomogram."""
        folder = self._session.folder
        path = messages.choose_file(self._window, "Import tomogram", folder, VOLUME_FILTERS)
        if path is not None:
            self.import_files([path])

    def choose_labels(self, cell_id: str | None) -> None:
        """Ask which file, and add its labels to a cell.

        Raises
        ------
        ProjectError
            If no cell is chosen, or the project can only be read.
        """
        cell = chosen_cell(self._session, cell_id)
        check_can_add(self._session.require_project())
        title = f"Add labels to {cell.name}"
        path = messages.choose_file(self._window, title, self._session.folder, VOLUME_FILTERS)
        if path is not None:
            self._add_labels(cell.id, path)

    def import_files(self, paths: list[Path]) -> None:
        """Ask about tomograms, one after the other; a project is made for them if none is open."""
        session = self._session
        if session.project is None:
            proposal = paths[0].with_suffix(PROJECT_SUFFIX)
            title = "Where shall the new project be?"
            path = messages.choose_new_file(self._window, title, proposal, PROJECT_FILTERS)
            if path is None:
                return
            session.create(path)
        for path in paths:
            self._queue.add(partial(ImportDialog, session, path, self._window))

    def take(self, paths: list[Path], cell_id: str = "") -> None:
        """Take dropped files: what looks like labels may belong to a cell, if one is meant.

        Without a ``cell_id`` that is the cell on show.
        """
        project = self._session.project
        meant = cell_id or self._session.cell_id
        if project is None or meant is None:
            self.import_files(paths)
            return

        def ask(looked: _Looked) -> None:
            if self._session.project is project:
                self._ask(looked, project.cell(meant))

        self._session.background.run(
            lambda: [(path, look_for_labels(path)) for path in paths],
            lambda looked: self._guard(lambda: ask(looked)),
            self._complain,
        )

    def _ask(self, looked: _Looked, cell: CellRecord) -> None:
        """Ask about all that looks like labels; the rest, and what is none, are tomograms."""
        tomograms: list[Path] = []
        for path, contents in looked:
            answer = AS_TOMOGRAM if contents is None else self._answer(path, contents, cell)
            if answer == AS_TOMOGRAM:
                tomograms.append(path)
            elif answer is not None:
                self._guard(partial(self._add_labels, cell.id, path))
        if tomograms:
            self.import_files(tomograms)

    def _answer(self, path: Path, contents: Contents, cell: CellRecord) -> str | None:
        misfit = misfit_words(contents.shape, cell.shape, cell.name, path.name)
        if misfit:
            words = f"This looks like labels, but cannot be added to {cell.name}.\n\n{misfit}"
            words += self._fitting_words(contents)
            answers = (AS_TOMOGRAM,)
        else:
            words = (
                f"{path.name} looks like labels: whole numbers in large areas, on the "
                f"{times_words(cell.shape)} voxels of {cell.name}."
            )
            answers = (f"Add as labels to {cell.name}", AS_TOMOGRAM)
        return messages.ask_which(self._window, "Labels or a tomogram?", words, answers, _CANCEL)

    def _fitting_words(self, contents: Contents) -> str:
        names = [it.name for it in self._session.cells() if it.shape == contents.shape]
        if not names:
            return ""
        return f"\n\nIt has the shape of {', '.join(names)}: drop it on the row of that cell."

    def _add_labels(self, cell_id: str, path: Path) -> None:
        """Ask what the labels stand for; edits that no version has are asked about first."""
        project = self._session.require_project()
        check_can_add(project)
        edited = self._painting.editing.active

        def open_dialog() -> None:
            if edited:  # what was edited may be kept in its journal only
                self._session.view.set_labels(None)
                self._session.show_stored()
            self._queue.add(lambda: self._dialog(cell_id, path))

        self._painting.leave(open_dialog)

    def _dialog(self, cell_id: str, path: Path) -> LabelDialog:
        cell = self._session.require_project().cell(cell_id)
        return LabelDialog(self._session, cell, path, self._window)

    def _guard(self, function: Callable[[], object]) -> None:
        try:
            function()
        except SxtError as error:
            self._complain(error)

    def _complain(self, error: SxtError) -> None:
        self.failed.emit(str(error))
