"""What the Library menu does, and the page it shows."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import LibraryError, SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.contribute_dialog import ContributeDialog
from sxtstudio.gui.ingest_dialog import IngestDialog
from sxtstudio.gui.library_cell_commands import LibraryCellCommands
from sxtstudio.gui.library_panel import LibraryPanel
from sxtstudio.gui.session import Session
from sxtstudio.gui.visitor_bar import VisitorBar
from sxtstudio.gui.waiting import waiting
from sxtstudio.library.library import Library
from sxtstudio.library.records import LibraryCell


class LibraryCommands(QObject):
    """The commands by name, the library's page, and the bar above the views.

    ``page_wanted`` asks the window to show the page, or to leave it.
    """

    page_wanted = Signal(bool)

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self._parent = parent
        self._session = session
        self.bar = VisitorBar(session)
        self.bar.back_wanted.connect(lambda: self.page_wanted.emit(True))
        self.bar.add_wanted.connect(self.add_to_project)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {
            "library_new": self.new,
            "library_open": self.open,
            "library_close": self._session.library.close,
            "library_add": self.contribute,
            "library_ingest": lambda: self.ingest(None),
            "library_check": self.check,
        }

    def make_panel(self, actions: Mapping[str, QAction]) -> LibraryPanel:
        """Return the page of the library."""
        panel = LibraryPanel(
            self._session.library,
            open_actions=[actions["library_new"], actions["library_open"]],
            fill_actions=[actions["library_ingest"], actions["library_add"]],
        )
        commands = LibraryCellCommands(panel, self._session.library)
        commands.read.connect(self._show)
        commands.add_asked.connect(self.add_to_project)
        panel.problems.clicked.connect(self.show_problems)

        def offer_project() -> None:
            panel.details.add_button.setEnabled(self._session.project is not None)

        self._session.project_changed.connect(offer_project)
        offer_project()
        return panel

    def require(self) -> Library:
        """Return the open library.

        Raises
        ------
        LibraryError
            If none is open.
        """
        library = self._session.library.library
        if library is None:
            raise LibraryError("No library is open; make one or open one from the Library menu.")
        return library

    def new(self) -> None:
        """Ask where, and make a library."""
        proposal = self._session.folder / "library"
        folder = messages.choose_new_folder(self._parent, "New library", proposal)
        if folder is not None:
            self._session.library.create(folder)
            self.page_wanted.emit(True)

    def open(self) -> None:
        """Ask which, and open a library."""
        folder = messages.choose_folder(self._parent, "Open library", self._session.folder)
        if folder is not None:
            self.open_folder(folder)

    def open_folder(self, folder: Path) -> None:
        """Open a library and show it."""
        self._session.library.open(folder)
        self.page_wanted.emit(True)

    def contribute(self) -> None:
        """Ask which cells of the project, and add them."""
        self._session.require_project()
        self._show_dialog(ContributeDialog(self._session, self.require(), self._parent))

    def ingest(self, folder: Path | None) -> None:
        """Take in a folder of old work."""
        self.require()
        self._show_dialog(IngestDialog(self._session.library, folder, self._parent))

    def check(self) -> None:
        """Verify every checksum in the background, and say what is wrong."""
        self.require()
        self._session.library.noted.emit("Checking every file of the library …")
        self._session.library.run(lambda library, report: library.check(report), self._show_checked)

    def _show_checked(self, problems: tuple[str, ...]) -> None:
        words = "\n\n".join(problems) or "Every checksum of the library is right."
        messages.show_text(self._parent, "Check library", words)

    def show_problems(self) -> None:
        """Say which files of the library are skipped, and why."""
        messages.show_text(
            self._parent, "Files that were skipped", "\n\n".join(self.require().problems)
        )

    def _show(self, cell: LibraryCell, whole: Cell) -> None:
        self.bar.receive(cell, whole, self.require().name)
        self._session.noted.emit(f"{cell.name} is shown.")
        self.page_wanted.emit(False)

    def add_to_project(self, cell: LibraryCell, whole: Cell) -> None:
        """Copy a cell of the library into the open project."""
        try:
            library = self.require()
            source = f"library {library.name}, cell {cell.id[:12]}"
            with waiting():
                self._session.add_cell(whole, source, library.ontology())
        except SxtError as error:
            self._session.failed.emit(str(error))

    def _show_dialog(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
