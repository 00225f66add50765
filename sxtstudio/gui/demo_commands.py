"""The demonstration in the window: simulated cells with their labels, to try everything on."""

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.session import Session
from sxtstudio.gui.waiting_dialog import wait_for
from sxtstudio.workflow.demo import free_folder, make_demo_project

_NAME = "SXT Studio demonstration"


class DemoCommands(QObject):
    """Makes the project in the background; ``made`` carries its path."""

    made = Signal(object)

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self._parent = parent
        self._session = session

    def start(self) -> None:
        """Ask where, and simulate the cells."""
        title = "Where shall the demonstration be?"
        folder = messages.choose_new_folder(self._parent, title, free_folder(_documents() / _NAME))
        if folder is not None:
            wait_for(
                self._session,
                self._parent,
                "Simulating seven algae",
                lambda report: make_demo_project(folder, report=report),
                self.made.emit,
                self._complain,
            )

    def _complain(self, error: SxtError) -> None:
        self._session.failed.emit(str(error))


def _documents() -> Path:
    place = QStandardPaths.StandardLocation.DocumentsLocation
    folder = Path(QStandardPaths.writableLocation(place))
    return folder if folder.is_dir() else Path.home()
