"""What can be done with the cells that are selected in the library."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QDialog

from sxtstudio.core.cell import Cell
from sxtstudio.core.events import Report
from sxtstudio.gui import messages
from sxtstudio.gui.cell_chooser import CellChooser
from sxtstudio.gui.completeness_editor import Completeness, CompletenessEditor
from sxtstudio.gui.describe_dialog import DescribeDialog
from sxtstudio.gui.library_panel import LibraryPanel
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery, LibraryCell
from sxtstudio.project.lock import user_name

ResultT = TypeVar("ResultT")


class LibraryCellCommands(QObject):
    """Opens the dialogs, and notes their answers in the library, in the background.

    ``read`` hands over a cell that was read to be shown, ``add_asked`` asks for it in the project.
    """

    read = Signal(object, object)
    add_asked = Signal(object, object)

    def __init__(self, panel: LibraryPanel, session: LibrarySession) -> None:
        super().__init__(panel)
        self._panel = panel
        self._session = session
        details = panel.details
        details.show_wanted.connect(self.show_cell)
        details.add_wanted.connect(self.add_to_project)
        details.completeness_wanted.connect(self.correct_completeness)
        details.describe_wanted.connect(self.describe)
        details.withdraw_wanted.connect(self.withdraw)
        details.restore_wanted.connect(self.restore)
        details.supersede_wanted.connect(self.supersede)
        panel.list.doubleClicked.connect(self.show_cell)
        panel.list.customContextMenuRequested.connect(self._open_menu)

    def _open_menu(self, at: QPoint) -> None:
        if not self._panel.list.indexAt(at).isValid():
            return
        menu = self._panel.details.menu(whole=True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._panel.menu_place(at))

    def show_cell(self) -> None:
        """Read the current cell and hand it over to be looked at."""
        cell = self._panel.current
        if cell is not None:
            self._session.noted.emit(f"Reading {cell.name} …")
            self._read(cell, lambda whole: self.read.emit(cell, whole))

    def add_to_project(self) -> None:
        """Read the selected cells, one after the other, and ask for each in the project."""
        for cell in self._panel.chosen:
            self._read(cell, lambda whole, cell=cell: self.add_asked.emit(cell, whole))

    def _read(self, cell: LibraryCell, done: Callable[[Cell], None]) -> None:
        self._session.run(lambda library, report: library.read_cell(cell.id, report), done)

    def correct_completeness(self, annotation: int) -> None:
        """Ask which structures an annotation shows everywhere, and note it."""
        cell = self._panel.current
        if cell is None:
            return
        facts = cell.annotations[annotation].facts
        one = frozenset(facts.names[v] for v, n in facts.voxels.items() if n and v in facts.names)
        state = Completeness(drawn=one, complete=facts.complete)
        dialog = CompletenessEditor(cell.name, state, self._session.ontology, self._panel)
        self._session.run(
            lambda library, report: library.read_cell(cell.id, report),
            _while_open(dialog, lambda it: dialog.show_cell(it, it.annotations[annotation])),
            _while_open(dialog, lambda error: dialog.fail(str(error))),
        )

        def accepted() -> None:
            complete = dialog.complete
            self._change(
                lambda library, _: library.set_complete(cell.id, annotation, complete, user_name()),
                f"Noted what is drawn everywhere in {cell.name}.",
            )

        _open(dialog, accepted)

    def describe(self) -> None:
        """Ask what is known of the specimen of the selected cells, and note it."""
        cells = self._panel.chosen
        if not cells:
            return
        dialog = DescribeDialog(cells, self._everything(), self._panel)

        def accepted() -> None:
            fields = dialog.fields

            def note(library: Library, _: Report) -> None:
                for cell in cells:
                    library.describe(cell.id, fields, user_name())

            self._change(note, f"Described {_names(cells)}.")

        _open(dialog, accepted)

    def withdraw(self) -> None:
        """Ask why, and withdraw the selected cells."""
        cells = tuple(cell for cell in self._panel.chosen if cell.in_use)
        if not cells:
            return
        title = f"Withdraw {_names(cells)}"
        question = "Why shall nobody learn from it any more? Nothing is deleted."
        reason = messages.ask_text(self._panel, title, question, "")
        if reason is None:
            return

        def note(library: Library, _: Report) -> None:
            for cell in cells:
                library.withdraw(cell.id, reason, user_name())

        self._change(note, f"Withdrew {_names(cells)}; tick “Withdrawn too” to see what is.")

    def restore(self) -> None:
        """Let the selected cells be used again."""
        cells = tuple(cell for cell in self._panel.chosen if not cell.in_use)

        def note(library: Library, _: Report) -> None:
            for cell in cells:
                library.restore(cell.id, user_name())

        self._change(note, f"{_names(cells)} can be used again.")

    def supersede(self) -> None:
        """Ask which cell takes the place of the current one."""
        old = self._panel.current
        if old is None:
            return
        others = [cell for cell in self._everything() if cell.id != old.id and cell.in_use]
        others.sort(key=lambda cell: (cell.lac_sha256 != old.lac_sha256, cell.kind != old.kind))
        words = f"Which cell takes the place of {old.name}? {old.name} itself stays as it is."
        dialog = CellChooser("Replaced by", words, others, self._panel)

        def accepted() -> None:
            new = dialog.chosen
            if new is not None:
                self._change(
                    lambda library, _: library.supersede(old.id, new, user_name()),
                    f"{old.name} is replaced.",
                )

        _open(dialog, accepted)

    def _everything(self) -> tuple[LibraryCell, ...]:
        return self._session.cells(CellQuery(with_unused=True))

    def _change(self, function: Callable[[Library, Report], object], words: str) -> None:
        self._session.change(function, lambda: self._session.noted.emit(words))


def _names(cells: tuple[LibraryCell, ...]) -> str:
    return cells[0].name if len(cells) == 1 else f"{len(cells)} cells"


def _while_open(dialog: QDialog, function: Callable[[ResultT], None]) -> Callable[[ResultT], None]:
    """Return a function that does nothing once the dialog was closed."""
    closed: list[int] = []
    dialog.finished.connect(closed.append)

    def call(result: ResultT) -> None:
        if not closed:
            function(result)

    return call


def _open(dialog: QDialog, accepted: Callable[[], None]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(accepted)
    dialog.open()
