"""The line above the views while they show a cell that is not in the project."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from sxtstudio.core.cell import Cell
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.session import Session
from sxtstudio.library.records import LibraryCell


class VisitorBar(QFrame):
    """Says whose cell is on show; hides as soon as a cell of the project takes its place."""

    add_wanted = Signal(object, object)
    back_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("visitor_bar")
        self._session = session
        self._cell: LibraryCell | None = None
        self._whole: Cell | None = None
        self.words = text_label("visitor_words", "Cell of the library on show")
        self.words.setWordWrap(False)
        self.add_button = push_button(
            "visitor_add", "Add to project", "Copy the cell into the open project"
        )
        self.back_button = push_button("visitor_back", "Back to the library")
        self.add_button.clicked.connect(lambda: self.add_wanted.emit(self._cell, self._whole))
        self.back_button.clicked.connect(self.back_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.back_button)
        session.selection_changed.connect(self._look)
        session.project_changed.connect(self._look)
        self.hide()

    @property
    def visiting(self) -> bool:
        """Whether a cell of the library is on show."""
        return self._cell is not None

    def receive(self, cell: LibraryCell, whole: Cell, library: str) -> None:
        """Show a cell of a library in the views; the project stays as it is."""
        self._cell, self._whole = cell, whole
        self.words.setText(f"{cell.name}, from the library {library}: to look at only")
        self._session.look_at(whole)
        self._look()

    @Slot()
    def _look(self) -> None:
        view = self._session.view.tomogram
        if self._whole is not None and view is not self._whole.tomogram:
            self._cell, self._whole = None, None
        self.setVisible(self.visiting)
        self.add_button.setVisible(self._session.project is not None)
