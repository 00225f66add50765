"""The dialog that saves edited labels as a version: comment, what is complete, the library."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from sxtstudio.core.ontology import IGNORE
from sxtstudio.gui.completeness_editor import Completeness, CompletenessTable
from sxtstudio.gui.fields import accept_buttons, line_edit, push_button, text_label
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.session import Session
from sxtstudio.library.library import Library

_SIZE = (560, 620)
_EXPLAIN = (
    "A new version is added to the project; older ones stay. Tick what is drawn everywhere in this "
    "cell: it teaches a network where a structure is and where it is not."
)


class SaveDialog(QDialog):
    """``comment``, ``complete`` and ``into_library`` are the answers."""

    def __init__(self, session: Session, editing: Editing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert editing.draft is not None
        assert editing.editor is not None
        self.setObjectName("save_version_dialog")
        self.setWindowTitle(f"Save a version of {editing.draft.cell.name}")
        drawn = frozenset(editing.editor.label_map.names.values()) - {IGNORE}
        self._drawn = drawn
        self.comment_edit = line_edit("save_comment", "Comment", "What did you change, and why?")
        self.search_edit = line_edit("save_search", "Search a structure", "Search …")
        self.search_edit.setClearButtonEnabled(True)
        self.all_button = push_button("save_all", "All that is drawn", "Tick what is drawn here")
        self.table = CompletenessTable(session.ontology)
        self.table.show_state(Completeness(drawn=drawn, complete=editing.complete))
        self.library_box = _library_box(session.library.library)
        self.buttons, self.accept_button = accept_buttons("save_accept", "Save version")
        self._arrange()
        self.search_edit.textChanged.connect(self.table.show_found)
        self.all_button.clicked.connect(self._tick_drawn)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.resize(*_SIZE)
        self.comment_edit.setFocus()

    @property
    def comment(self) -> str:
        """What the user says of the version."""
        return self.comment_edit.text().strip()

    @property
    def complete(self) -> frozenset[str]:
        """Ids of the classes that are drawn everywhere, or known to be absent."""
        return self.table.complete()

    @property
    def into_library(self) -> bool:
        """Whether the version is to go into the library, too."""
        return self.library_box.isChecked()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.search_edit, 1)
        row.addWidget(self.all_button)
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("save_words", "Explanation", _EXPLAIN))
        layout.addWidget(self.comment_edit)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.library_box)
        layout.addWidget(self.buttons)

    @Slot()
    def _tick_drawn(self) -> None:
        for class_id in self._drawn:
            self.table.tick(class_id)


def _library_box(library: Library | None) -> QCheckBox:
    box = QCheckBox("Accept into the library")
    box.setObjectName("save_into_library")
    if library is None:
        box.setEnabled(False)
        box.setToolTip("No library is open.")
    elif library.read_only:
        box.setEnabled(False)
        box.setToolTip(f"The library {library.name} can only be read here.")
    else:
        box.setText(f"Accept into the library “{library.name}”")
        box.setToolTip("The cell, with what people drew in it, is given to the library as well")
    return box
