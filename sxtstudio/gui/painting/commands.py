"""What the menus, the bar and the views do about editing, and what is asked before leaving it."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui import messages
from sxtstudio.gui.painting.bar import PaintingBar
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.save_dialog import SaveDialog
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.painting.term_picker import TermPicker
from sxtstudio.gui.painting.tool import PaintTool
from sxtstudio.gui.session import Session
from sxtstudio.gui.slices.tool import ToolInHand
from sxtstudio.gui.waiting import waiting
from sxtstudio.io.edit_journal import JournalSummary, summarise
from sxtstudio.library.library import Library
from sxtstudio.project.lock import user_name
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.contributing import contribute
from sxtstudio.workflow.correcting import (
    check_editable,
    draft_of,
    empty_draft,
    journal_path,
    left_journal,
    set_aside,
)

SAVE, KEEP, DISCARD = "Save …", "Keep in journal", "Discard"
RECOVER = "Recover"
_NEW_WORDS = "Tick the structures that you want to draw. More can be added at any time."


class PaintingCommands(QObject):
    """The one object of editing that the main window knows."""

    def __init__(self, window: QMainWindow, session: Session, tools: ToolInHand) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tools = tools
        self._asked: set[Path] = set()
        self._then: Callable[[], object] | None = None
        self._awaited: str | None = None
        self.settings = PaintSettings(self)
        self.editing = Editing(session, self.settings)
        self._tool = PaintTool(self.editing, session.view)
        self._actions: dict[str, QAction] = {}
        self.bar: PaintingBar | None = None

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {
            "edit_labels": self._toggle,
            "new_labels": self._begin_empty,
            "undo": self.editing.undo,
            "redo": self.editing.redo,
            "save_version": self.save,
            "discard_edits": self._ask_to_discard,
        }

    def connect_to(self, actions: dict[str, QAction], failed: Callable[[str], None]) -> None:
        """Take the actions of the commands, and put the bar into the window."""
        self._actions = {name: actions[name] for name in self.slots()}
        shown = ("undo", "redo", "save_version")
        self.bar = PaintingBar(
            self.editing, self._session.view, tuple(self._actions[name] for name in shown)
        )
        self.bar.class_wanted.connect(self._ask_for_class)
        self.bar.done_wanted.connect(self._actions["edit_labels"].trigger)
        self._window.addToolBarBreak()
        self._window.addToolBar(self.bar)
        self.bar.hide()
        editing = self.editing
        editing.began.connect(self._take_up)
        editing.ended.connect(self._put_down)
        editing.changed.connect(self._enable)
        editing.noted.connect(self._session.noted)
        editing.failed.connect(failed)
        editing.failed.connect(self._stay)
        editing.saved.connect(self._go_on)
        self.settings.changed.connect(self._take_tool)
        self._tools.changed.connect(self._watch_tools)
        for signal in (self._session.project_changed, self._session.selection_changed):
            signal.connect(self._enable)
        self._session.selection_changed.connect(self._offer_recovery)
        self._session.view.labels_changed.connect(self._begin_awaited)
        self._session.library.changed.connect(self._enable)
        self._enable()

    @property
    def must_ask(self) -> bool:
        """Whether there is something to ask, or to wait for, before the editing may end."""
        return self.editing.busy or self.editing.unsaved > 0

    @property
    def words(self) -> str:
        """What the title of the window says of changes."""
        count = self.editing.unsaved
        if not count:
            return "all changes saved"
        return "1 edit to save" if count == 1 else f"{count} edits to save"

    def shutdown(self) -> None:
        """Stop editing; edits stay in the journal."""
        self.editing.shutdown()

    # Tools

    @Slot()
    def _take_up(self) -> None:
        assert self.bar is not None
        self.bar.show()
        self._tools.take(self._tool)

    @Slot()
    def _put_down(self) -> None:
        assert self.bar is not None
        self.bar.hide()
        if self._tools.tool is self._tool:
            self._tools.take(None)

    @Slot()
    def _take_tool(self) -> None:
        """Take the painting tool in hand again when one is chosen; show it as it is set."""
        if self.editing.active and self.settings.tool != "look":
            self._tools.take(self._tool)
        self._tools.repaint_wanted.emit()

    @Slot()
    def _watch_tools(self) -> None:
        """Look, while another tool is in hand; take ours when it is put away."""
        if not self.editing.active or self._tools.tool is self._tool:
            return
        if self._tools.tool is None:
            self._tools.take(self._tool)
        self.settings.set_tool("look")

    # Beginning

    def _toggle(self) -> None:
        """Begin to edit the labels on show, or stop."""
        if self.editing.active:
            self.leave(self._show_stored)
        elif self._session.require_shown().versions:
            self._begin_shown()
        else:
            self._begin_empty()
        self._enable()

    def _show_stored(self) -> None:
        """Show what the project holds; what was edited is gone from the screen at once."""
        if self._session.cell_id is not None:
            with waiting():
                self._session.view.set_labels(None)
                self._session.show_stored()

    def _begin_shown(self) -> None:
        """Edit the labels on show; those of a large cell are read into memory first."""
        project, cell = self._session.require_project(), self._session.require_shown()
        check_editable(project)
        if not self._recovery_decided(cell):
            return
        version = next(it for it in cell.versions if it.id == self._session.version_id)
        shown, words = self._session.view.label_map, self._session.ontology
        if shown is None:
            self._awaited = version.id
            self.editing.noted.emit("Editing begins as soon as the labels are read.")
        elif shown.labels_ZYX.flags.writeable and not isinstance(shown.labels_ZYX, np.memmap):
            self.editing.begin(draft_of(project, cell, version, shown, words))
        else:
            self.editing.noted.emit("Reading the labels into memory …")
            self.editing.begin_with(
                lambda: draft_of(project, cell, version, _in_memory(shown), words)
            )

    @Slot()
    def _begin_awaited(self) -> None:
        """Begin, once the labels have come that were asked to be edited."""
        if self._awaited is None or self._session.view.label_map is None:
            return
        awaited, self._awaited = self._awaited, None
        if awaited == self._session.version_id and not self.editing.active:
            self._guard(self._begin_shown)

    def _begin_empty(self) -> None:
        """Ask for classes, and begin with nothing drawn."""
        cell = self._session.require_shown()
        check_editable(self._session.require_project())
        if not self._recovery_decided(cell):
            return

        self.leave(partial(self._ask_what_to_draw, cell))

    def _ask_what_to_draw(self, cell: CellRecord) -> None:
        words = self._session.ontology
        dialog = TermPicker(f"Draw {cell.name}", _NEW_WORDS, words, parent=self._window)

        def begin() -> None:
            self.editing.begin(empty_draft(cell, dialog.chosen))

        dialog.accepted.connect(partial(self._guard, begin))
        dialog.finished.connect(self._enable)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_for_class(self) -> None:
        editor = self.editing.editor
        if editor is None:
            return
        taken = frozenset(editor.label_map.names.values())
        words = "Tick the structures that you want to draw as well."
        dialog = TermPicker("More classes", words, self._session.ontology, taken, self._window)
        dialog.accepted.connect(lambda: self._add_classes(dialog.chosen))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add_classes(self, class_ids: list[str]) -> None:
        try:
            for class_id in class_ids:
                self.editing.add_class(class_id)
        except SxtError as error:
            self.editing.failed.emit(str(error))

    # Recovering

    @Slot()
    def _offer_recovery(self) -> None:
        """Ask once about edits of the cell on show that were never saved."""
        path = self._left_journal()
        if path is not None and path not in self._asked:
            self._asked.add(path)
            QTimer.singleShot(0, self, self._ask_to_recover)

    def _left_journal(self) -> Path | None:
        project, cell_id = self._session.project, self._session.cell_id
        if project is None or cell_id is None or self.editing.active or project.read_only:
            return None
        return left_journal(project, project.cell(cell_id))

    def _recovery_decided(self, cell: CellRecord) -> bool:
        """Ask about edits that were never saved; whether something else may begin now."""
        self.editing.check_journal(journal_path(self._session.require_project(), cell))
        if left_journal(self._session.require_project(), cell) is None:
            return True
        self._ask_to_recover()
        return left_journal(self._session.require_project(), cell) is None

    @Slot()
    def _ask_to_recover(self) -> None:
        path = self._left_journal()
        if path is None or self.editing.busy:
            return
        try:
            self.editing.check_journal(path)
        except SxtError:
            return  # told when it could not be written
        try:
            summary = summarise(path)
        except FileError as error:
            kept = set_aside(path)
            self.editing.failed.emit(f"{error} It is kept as {kept.name}.")
            return
        if not summary.unsaved:
            path.unlink()
            return
        self._recover_or_not(path, summary)

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
            self.editing.recover(path, summary)
        elif answer == DISCARD:
            path.unlink(missing_ok=True)

    # Saving and leaving

    def save(self) -> None:
        """Ask for a comment and what is complete, and save a version."""
        if not self.editing.active or self.editing.busy:
            return
        dialog = SaveDialog(self._session, self.editing, self._window)

        def save() -> None:
            into_library = dialog.into_library
            done = self._accept_into_library if into_library else lambda: None
            self.editing.save(dialog.complete, dialog.comment, done)

        dialog.accepted.connect(partial(self._guard, save))
        dialog.rejected.connect(self._stay)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _accept_into_library(self) -> None:
        project, cell = self._session.require_project(), self._session.require_shown()

        def give(library: Library, report: Report) -> None:
            contribute(project, library, [cell.id], user_name(), report)

        words = f"{cell.name} is in the library."
        self._session.library.change(give, lambda: self.editing.noted.emit(words))

    def leave(self, then: Callable[[], object]) -> None:
        """Do something that ends the editing; edits that no version has are asked about first."""
        if self.editing.busy:
            self.editing.noted.emit("Wait until that is done; then try again.")
            return
        if not self.editing.unsaved:
            self.editing.end(keep=False)
            then()
            return
        answer = messages.ask_which(
            self._window, "Keep the edits?", self._leaving_words(), (SAVE, KEEP, DISCARD), "Cancel"
        )
        if answer == SAVE:
            self._then = then
            self.save()
        elif answer == KEEP and not self.editing.flush():
            self.editing.failed.emit(
                "The journal cannot be written now. Make room on the disk, or save a version."
            )
        elif answer in (KEEP, DISCARD):
            self.editing.end(keep=answer == KEEP)
            then()

    def _leaving_words(self) -> str:
        draft, count = self.editing.draft, self.editing.unsaved
        assert draft is not None
        edits = "1 edit" if count == 1 else f"{count} edits"
        return (
            f"{edits} of {draft.cell.name} {'is' if count == 1 else 'are'} in no saved version. "
            "Edits in the journal can be recovered when the cell is opened again."
        )

    @Slot()
    def _stay(self) -> None:
        self._then = None

    @Slot()
    def _go_on(self) -> None:
        """Do what had to wait for the version to be saved."""
        then, self._then = self._then, None
        if then is not None:
            QTimer.singleShot(0, self, lambda: self.leave(then))

    def _ask_to_discard(self) -> None:
        """Go back to what was saved."""
        count = self.editing.unsaved
        question = f"Throw away {count} unsaved edits? This cannot be undone."
        if count and not messages.ask(
            self._window, "Discard edits?", question, "Discard", "Keep them"
        ):
            return
        self.editing.end(keep=False)
        self._show_stored()

    def _guard(self, slot: Callable[[], object]) -> None:
        try:
            slot()
        except SxtError as error:
            self.editing.failed.emit(str(error))

    # Actions

    @Slot()
    def _enable(self) -> None:
        if not self._actions:
            return
        editing, editor = self.editing, self.editing.editor
        ready = editing.active and not editing.busy
        on_show = self._session.project is not None and self._session.cell_id is not None
        for name, possible in {
            "edit_labels": on_show and not editing.busy,
            "new_labels": on_show and not editing.busy,
            "undo": ready and bool(editor and editor.undo_name),
            "redo": ready and bool(editor and editor.redo_name),
            "save_version": ready,
            "discard_edits": ready,
        }.items():
            self._actions[name].setEnabled(possible)
        self._actions["edit_labels"].setChecked(editing.active)
        for name, what in (("undo", "undo_name"), ("redo", "redo_name")):
            words = getattr(editor, what) if editor else ""
            self._actions[name].setText(f"&{name.capitalize()} {words}".strip())


def _in_memory(label_map: LabelMap) -> LabelMap:
    return replace(label_map, labels_ZYX=np.array(label_map.labels_ZYX))


def when_words(seconds: float) -> str:
    """Return a time as "14:02", with the day if that is not today."""
    then = time.localtime(seconds)
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M" if today else "%d %B %Y, %H:%M", then)
