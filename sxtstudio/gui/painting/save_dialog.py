"""The dialog that saves edited labels as a version: comment, what is complete, the library."""

from contextlib import suppress

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.scope import (
    Scope,
    drawn_box,
    drawn_slices,
    parse_box,
    parse_slices,
    scope_words,
)
from sxtstudio.gui.completeness_editor import Completeness, CompletenessTable
from sxtstudio.gui.fields import QuietComboBox, accept_buttons, line_edit, push_button, text_label
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.session import Session
from sxtstudio.gui.waiting import waiting
from sxtstudio.library.library import Library

_SIZE = (560, 620)
_EXPLAIN = (
    "A new version is added to the project; older ones stay. Tick what is drawn everywhere in this "
    "part of the cell: it teaches a network where a structure is and where it is not."
)


_SCOPE_WORDS = "Outside, what is unlabelled counts as not looked at: it may be anything."


class SaveDialog(QDialog):
    """``comment``, ``complete``, ``scope`` and ``into_library`` are the answers."""

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
        self._labels = editing.editor.label_map
        self._planned = editing.settings.planned
        self.scope_box = _scope_box()
        if self._planned is not None:
            self.scope_box.setCurrentIndex(self.scope_box.findData("slices"))
        self.scope_edit = line_edit("save_scope_words", "The slices or the box", "")
        self.scope_note = text_label("save_scope_note", "What the part means")
        self.library_box = _library_box(session.library.library)
        self.buttons, self.accept_button = accept_buttons("save_accept", "Save version")
        self._arrange()
        self.search_edit.textChanged.connect(self.table.show_found)
        self.all_button.clicked.connect(self._tick_drawn)
        self.scope_box.currentIndexChanged.connect(self._propose_scope)
        self.scope_edit.textChanged.connect(self._check_scope)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._propose_scope()
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
    def scope(self) -> Scope:
        """What was looked at; None is the whole cell."""
        words, shape = self.scope_edit.text(), self._labels.shape
        match self.scope_box.currentData():
            case "slices":
                return parse_slices(words, shape)
            case "box":
                return parse_box(words, shape)
            case _:
                return None

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
        part = QHBoxLayout()
        part.addWidget(self.scope_box)
        part.addWidget(self.scope_edit, 1)
        layout.addLayout(part)
        layout.addWidget(self.scope_note)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.library_box)
        layout.addWidget(self.buttons)

    @Slot()
    def _propose_scope(self) -> None:
        """Propose the slices, or the box, in which something is drawn."""
        which, words = self.scope_box.currentData(), ""
        ignored = next((it for it, name in self._labels.names.items() if name == IGNORE), None)
        if which == "slices" and self._planned is not None:
            words = scope_words(self._planned)
            which = "planned"
        propose = {"slices": drawn_slices, "box": drawn_box}.get(which)
        if propose is not None:
            with waiting(), suppress(LabelError):  # nothing is drawn: the user writes
                words = scope_words(propose(self._labels.labels_ZYX, ignored))
        self.scope_edit.setVisible(which != "cell")
        self.scope_edit.setText(words)
        self._check_scope()

    @Slot()
    def _check_scope(self) -> None:
        """Say what the part means, or what is wrong with the words."""
        try:
            scope = self.scope
        except LabelError as error:
            self.scope_note.setText(str(error))
            self.accept_button.setEnabled(False)
            return
        self.accept_button.setEnabled(True)
        self.scope_note.setText("" if scope is None else _SCOPE_WORDS)
        self.scope_note.setVisible(scope is not None)

    @Slot()
    def _tick_drawn(self) -> None:
        for class_id in self._drawn:
            self.table.tick(class_id)


def _scope_box() -> QuietComboBox:
    box = QuietComboBox()
    box.setObjectName("save_scope")
    box.setAccessibleName("What you looked at")
    for name, words in (
        ("cell", "I looked at the whole cell"),
        ("slices", "Only at the slices I drew"),
        ("box", "Only at a box"),
    ):
        box.addItem(words, name)
    return box


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
