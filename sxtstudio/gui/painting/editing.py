"""Labels being edited in the window: the editor, its journal, and what the views are told."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sxtstudio.core.coat import PackedCoat
from sxtstudio.core.edit import Edit
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.region import Region
from sxtstudio.core.scope import Scope
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.painting.journals import Journals
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.session import Session
from sxtstudio.gui.view_state import ViewState
from sxtstudio.io.edit_journal import JournalSummary
from sxtstudio.project.project import Project
from sxtstudio.project.records import LabelVersion
from sxtstudio.workflow.correcting import (
    Draft,
    check_editable,
    draft_of_journal,
    journal_header,
    journal_path,
    replay_journal,
    save_correction,
)

Coats = tuple[PackedCoat, ...]

HUGE_VOXELS = 1 << 23
"""Edits of more voxels are taken back in the background: the window would stand still."""

PAUSE_MS = 900
"""Surfaces and volumes are computed again when nothing was painted for so long."""


class Editing(QObject):
    """One cell's labels being edited, or none; everything else in the window asks it.

    ``began`` and ``ended`` tell when; ``changed`` that there is something else to undo, redo or
    save, or that it became ``busy``. ``saved`` carries the new version.
    """

    began = Signal()
    ended = Signal()
    changed = Signal()
    reported = Signal(object)
    noted = Signal(str)
    failed = Signal(str)
    saved = Signal(object)

    def __init__(self, session: Session, settings: PaintSettings) -> None:
        super().__init__(session)
        self._session = session
        self.settings = settings
        self._draft: Draft | None = None
        self._editor: LabelEditor | None = None
        self._complete: frozenset[str] = frozenset()
        self._where: tuple[str | None, str | None] = (None, None)
        self.journals = Journals(self)
        self._errand = Errand(self)
        self._settled = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._settled.timeout.connect(session.view.tell_settled)
        self._errand.reported.connect(self.reported)
        self._errand.ended.connect(self.changed)
        self.journals.noted.connect(self.noted)
        self.journals.failed.connect(self.failed)
        settings.changed.connect(self._protect)
        session.view.labels_changed.connect(self._look)
        session.selection_changed.connect(self._look)

    # What is being edited

    @property
    def draft(self) -> Draft | None:
        """What the editing started from."""
        return self._draft

    @property
    def editor(self) -> LabelEditor | None:
        """The editor, while labels are being edited."""
        return self._editor

    @property
    def active(self) -> bool:
        """Whether labels are being edited."""
        return self._editor is not None

    @property
    def complete(self) -> frozenset[str]:
        """Ids of the classes that were drawn everywhere when the labels were saved last."""
        return self._complete

    @property
    def busy(self) -> bool:
        """Whether something long is being done, so that nothing can be painted."""
        return self._errand.running

    @property
    def called_off(self) -> bool:
        """Whether what is being done, or was done last, was called off."""
        return self._errand.cancelled

    @property
    def unsaved(self) -> int:
        """How many edits no saved version has."""
        return self._editor.unsaved if self._editor else 0

    def begin(self, draft: Draft) -> None:
        """Start to edit.

        Raises
        ------
        ProjectError
            If the project can only be read.
        """
        self._open(draft, end=0)
        self._announce(draft)

    def begin_with(self, read: Callable[[], Draft]) -> None:
        """Start to edit what is read in the background, if the same is still chosen then."""
        where = self._selected()

        def done(draft: Draft) -> None:
            if self._selected() == where:
                self.begin(draft)

        self.run(lambda _: read(), done)

    def recover(self, path: Path, summary: JournalSummary) -> None:
        """Do again, in the background, what a journal holds, and go on from there.

        Raises
        ------
        ProjectError
            If the project can only be read.
        """
        project = self._session.require_project()
        check_editable(project)

        def done(result: tuple[Draft, LabelEditor]) -> None:
            draft, editor = result
            if self._session.project is project and self._session.cell_id == draft.cell.id:
                self._open(draft, end=summary.end, replayed=editor)
                self._announce(draft)

        self.run(lambda _: _replayed(project, path, summary), done)

    def _open(self, draft: Draft, *, end: int, replayed: LabelEditor | None = None) -> None:
        project = self._session.require_project()
        check_editable(project)
        self.end(keep=True)
        self.journals.open(journal_path(project, draft.cell), journal_header(draft), end)
        editor = replayed or LabelEditor(draft.label_map)
        editor.listen(self.journals.tell)
        self._draft, self._editor, self._complete = draft, editor, draft.complete
        self._where = self._selected()

    def _announce(self, draft: Draft) -> None:
        self._show()
        self.settings.begin(draft.cell.voxel_size_um, min(draft.label_map.names, default=0))
        self.began.emit()
        self.changed.emit()
        self.noted.emit(" ".join((f"Editing {draft.cell.name}.", *draft.notes)))

    def _show(self) -> None:
        assert self._editor is not None
        _show_labels(self._session.view, self._editor.label_map, self._session.ontology)

    def end(self, *, keep: bool) -> None:
        """Stop editing; edits that no version has stay in the journal, or are thrown away.

        The labels stay on show as they are; see `Session.show_stored`.
        """
        if self._editor is None or self._draft is None:
            return
        self._errand.close()
        self._editor.end()
        count, name = self._editor.unsaved, self._draft.cell.name
        self._editor = self._draft = None
        self._settled.stop()
        if not (keep and count):
            self.journals.discard()
        elif self.journals.leave():
            self.noted.emit(_kept_words(count, name))
        self.settings.end()
        self.ended.emit()
        self.changed.emit()

    @Slot()
    def _look(self) -> None:
        """Stop when something else is chosen or shown: the edits wait in their journal."""
        if self._editor is None:
            return
        shown = self._session.view.label_map
        same = shown is not None and shown.labels_ZYX is self._editor.labels_ZYX
        if not same or self._selected() != self._where:
            self.end(keep=True)

    def _selected(self) -> tuple[str | None, str | None]:
        return self._session.cell_id, self._session.version_id

    # Edits

    @Slot()
    def _protect(self) -> None:
        if self._editor is not None:
            over = self.settings.only_over
            self._editor.protect(self.settings.locked, None if over is None else {over})

    def begin_stroke(self, name: str) -> None:
        """Begin an edit that `paint` adds to."""
        assert self._editor is not None
        self._settled.stop()
        self._editor.begin(name)

    def paint(self, region: Region) -> None:
        """Paint a region with the active class; a stroke undone meanwhile is over."""
        if self._editor is None or not self._editor.is_open:
            return
        box = self._editor.paint(region, self.settings.value)
        if box is not None:
            self._session.view.tell_edited(box)

    def end_stroke(self) -> None:
        """End the edit."""
        if self._editor is not None:
            self._editor.end()
            self._after()

    def paint_found(
        self, name: str, find: Callable[[Report], Coats], refused: Callable[[SxtError], None]
    ) -> None:
        """Find in the background what is to be painted, and paint it as one edit."""
        editor = self._editor
        if editor is None or self.busy:
            return

        def done(edit: Edit | None) -> None:
            if edit is None:
                self.noted.emit("There is nothing that may be painted there.")
            self._after(edit)

        self.run(lambda report: editor.coat(name, find(report)), done, refused)

    def undo(self) -> None:
        """Take the last edit back; in the background if it is a huge one."""
        self._step(back=True)

    def redo(self) -> None:
        """Do the edit again that was undone last; in the background if it is a huge one."""
        self._step(back=False)

    def _step(self, *, back: bool) -> None:
        editor = self._editor
        if editor is None or self.busy:
            return
        editor.end()  # a stroke that is still being painted is the first to be taken back
        edit = editor.next_undo if back else editor.next_redo
        if edit is None:
            return
        step = editor.undo if back else editor.redo

        if edit.voxels > HUGE_VOXELS:
            self.run(lambda _: step(), lambda _: self._after(edit))
        else:
            step()
            self._after(edit)

    def add_class(self, class_id: str) -> int:
        """Let a class be painted with, and return its label."""
        assert self._editor is not None
        label = self._editor.add_class(class_id)
        self._show()
        self.settings.set_label(label)
        self.changed.emit()
        return label

    def _after(self, edit: Edit | None = None) -> None:
        if edit is not None:
            self._session.view.tell_edited(edit.box)
        self._settled.start()
        self.changed.emit()

    # Saving

    def save(
        self,
        complete: frozenset[str],
        comment: str,
        done: Callable[[], None] = lambda: None,
        scope: Scope = None,
    ) -> None:
        """Save the labels as a new version, in the background; nothing can be painted meanwhile."""
        editor, draft = self._editor, self._draft
        if editor is None or draft is None or self.busy:
            return
        editor.end()
        project, words = self._session.require_project(), self._session.ontology
        check_editable(project)
        label_map = editor.label_map

        def saved(version: LabelVersion) -> None:
            self._complete, self._where = complete, (draft.cell.id, version.id)
            self._session.take_for_shown(version)
            self.noted.emit(_saved_words(draft, version))
            self.changed.emit()
            self.saved.emit(version)
            done()

        def save(_: Report) -> LabelVersion:
            version = save_correction(project, draft, label_map, complete, comment, words, scope)
            editor.mark_saved(version.id)  # here, so that the journal knows whatever comes next
            return version

        self.run(save, saved)

    def cancel(self) -> None:
        """Call off what is being done in the background, if it can be."""
        self._errand.cancel()

    def shutdown(self) -> None:
        """Stop editing and what goes on in the background; edits stay in the journal."""
        self._errand.close()
        self.end(keep=True)
        self.journals.shutdown()

    def run(
        self,
        function: Callable[[Report], object],
        done: Callable[..., None],
        failed: Callable[[SxtError], None] | None = None,
    ) -> None:
        """Do something in the background; nothing can be painted meanwhile."""
        self._errand.start(function, done, failed or (lambda error: self.failed.emit(str(error))))
        self.changed.emit()


def _kept_words(count: int, name: str) -> str:
    edits = "1 edit is" if count == 1 else f"{count} edits are"
    return f"{edits} kept for {name} until that cell is opened again."


def _saved_words(draft: Draft, version: LabelVersion) -> str:
    return f"{draft.cell.name}: saved as version {version.id} at {time.strftime('%H:%M')}."


def _replayed(project: Project, path: Path, summary: JournalSummary) -> tuple[Draft, LabelEditor]:
    draft = draft_of_journal(project, summary.header)
    editor = LabelEditor(draft.label_map)
    replay_journal(editor, path)
    return draft, editor


def _show_labels(view: ViewState, label_map: LabelMap, words: Ontology) -> None:
    """Show labels; classes that were on show already are drawn as they were."""
    old = view.label_map.names if view.label_map else {}
    drawn = {it.label: it for it in view.classes}
    view.set_labels(
        label_map,
        [
            drawn.get(it.label, it) if old.get(it.label) == label_map.names[it.label] else it
            for it in class_displays(label_map.names, {}, words)
        ],
    )
