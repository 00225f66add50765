"""How editing begins: with the labels on show, or with nothing and classes of one's choice."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.recovery import Recovery
from sxtstudio.gui.painting.term_picker import TermPicker
from sxtstudio.gui.session import Session
from sxtstudio.workflow.correcting import check_editable, draft_of, empty_draft

_NEW_WORDS = "Tick the structures that you want to draw. More can be added at any time."


class Beginning(QObject):
    """Begins to edit the cell on show; edits that wait in a journal are asked about first."""

    def __init__(self, window: QWidget, session: Session, editing: Editing) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._editing = editing
        self._recovery = Recovery(window, session, editing)
        self._awaited: str | None = None
        session.view.labels_changed.connect(self._begin_awaited)

    def begin(self) -> None:
        """Edit the labels on show, or ask for classes where there are none.

        Raises
        ------
        SxtError
            If no cell is on show, or the project can only be read.
        """
        if self._session.require_shown().versions:
            self._begin_shown()
        else:
            self.begin_empty()

    def begin_empty(self) -> None:
        """Ask for classes, and begin with nothing drawn; nothing else may be edited now."""
        cell = self._session.require_shown()
        check_editable(self._session.require_project())
        if self._recovery.decided(cell):
            words = f"Draw {cell.name}"
            self._pick(words, _NEW_WORDS, lambda ids: self._editing.begin(empty_draft(cell, ids)))

    def ask_for_class(self) -> None:
        """Ask for more classes to draw."""
        if self._editing.editor is not None:
            words = "Tick the structures that you want to draw as well."
            self._pick("More classes", words, self._add_classes)

    def _pick(self, title: str, words: str, then: Callable[[list[str]], object]) -> None:
        editor = self._editing.editor
        taken = frozenset(editor.label_map.names.values()) if editor else frozenset[str]()
        dialog = TermPicker(title, words, self._session.ontology, taken, self._window)
        dialog.accepted.connect(lambda: self._guard(lambda: then(dialog.chosen)))
        dialog.finished.connect(self._editing.changed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add_classes(self, class_ids: list[str]) -> None:
        for class_id in class_ids:
            self._editing.add_class(class_id)

    def _begin_shown(self) -> None:
        """Edit the labels on show; those of a large cell are read into memory first."""
        project, cell = self._session.require_project(), self._session.require_shown()
        check_editable(project)
        if not self._recovery.decided(cell):
            return
        version = next(it for it in cell.versions if it.id == self._session.version_id)
        shown, words = self._session.view.label_map, self._session.ontology
        if shown is None:
            self._awaited = version.id
            self._editing.noted.emit("Editing begins as soon as the labels are read.")
        elif _is_in_memory(shown):
            self._editing.begin(draft_of(project, cell, version, shown, words))
        else:
            self._editing.noted.emit("Reading the labels into memory …")
            self._editing.begin_with(
                lambda: draft_of(project, cell, version, _in_memory(shown), words)
            )

    @Slot()
    def _begin_awaited(self) -> None:
        """Begin, once the labels have come that were asked to be edited."""
        if self._awaited is None or self._session.view.label_map is None:
            return
        awaited, self._awaited = self._awaited, None
        if awaited == self._session.version_id and not self._editing.active:
            self._guard(self._begin_shown)

    def _guard(self, function: Callable[[], object]) -> None:
        try:
            function()
        except SxtError as error:
            self._editing.failed.emit(str(error))


def _is_in_memory(label_map: LabelMap) -> bool:
    labels_ZYX = label_map.labels_ZYX
    return not isinstance(labels_ZYX, np.memmap) and labels_ZYX.flags.writeable


def _in_memory(label_map: LabelMap) -> LabelMap:
    return replace(label_map, labels_ZYX=np.array(label_map.labels_ZYX))
