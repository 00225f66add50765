"""How editing ends: a version is saved, edits wait in the journal, or they are thrown away."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.events import Report
from sxtstudio.gui import messages
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.save_dialog import SaveDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.waiting import waiting
from sxtstudio.library.library import Library
from sxtstudio.project.lock import user_name
from sxtstudio.project.records import LabelVersion
from sxtstudio.workflow.contributing import contribute
from sxtstudio.workflow.correcting import check_editable, restore_version

SAVE, KEEP, DISCARD = "Save …", "Keep in journal", "Discard"


class Leaving(QObject):
    """Saves, and asks before edits are left that no version has."""

    def __init__(self, window: QWidget, session: Session, editing: Editing) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._editing = editing
        self._then: Callable[[], object] | None = None
        editing.failed.connect(self._stay)
        editing.saved.connect(self._go_on)

    def save(self) -> None:
        """Ask for a comment and what is complete, and save a version."""
        if not self._editing.active or self._editing.busy:
            return
        dialog = SaveDialog(self._session, self._editing, self._window)
        dialog.accepted.connect(lambda: self._save(dialog))
        dialog.rejected.connect(self._stay)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save(self, dialog: SaveDialog) -> None:
        done = self._accept_into_library if dialog.into_library else _nothing
        try:
            self._editing.save(dialog.complete, dialog.comment, done, dialog.scope)
        except SxtError as error:
            self._editing.failed.emit(str(error))

    def _accept_into_library(self) -> None:
        project, cell = self._session.require_project(), self._session.require_shown()

        def give(library: Library, report: Report) -> None:
            contribute(project, library, [cell.id], user_name(), report)

        words = f"{cell.name} is in the library."
        self._session.library.change(give, lambda: self._editing.noted.emit(words))

    def restore(self) -> None:
        """Save the version on show once more, as the newest, in the background.

        Raises
        ------
        SxtError
            If labels are being edited, no older version is on show, or the project is read-only.
        """
        project, cell = self._session.require_project(), self._session.require_shown()
        check_editable(project)
        version = next((it for it in cell.versions if it.id == self._session.version_id), None)
        if self._editing.active or version is None or version is cell.versions[-1]:
            raise ProjectError(
                "Show an older version of the labels first, without editing it; then it can be "
                "restored as the newest."
            )
        words = self._session.ontology

        def restored(new: LabelVersion) -> None:
            self._session.take_for_shown(new)
            self._session.show_stored()
            newest = f"version {version.id} is the newest now, as {new.id}."
            self._editing.noted.emit(f"{cell.name}: {newest}")

        self._editing.run(lambda _: restore_version(project, cell, version, words), restored)

    def leave(self, then: Callable[[], object]) -> None:
        """Do something that ends the editing; edits that no version has are asked about first."""
        if self._editing.busy:
            self._editing.noted.emit("Wait until that is done; then try again.")
            return
        answer = DISCARD
        if self._editing.unsaved:
            answer = messages.ask_which(
                self._window, "Keep the edits?", self._words(), (SAVE, KEEP, DISCARD), "Cancel"
            )
        if answer == SAVE:
            self._then = then
            self.save()
        elif answer == KEEP and not self._editing.journals.flush():
            self._editing.failed.emit(
                "The journal cannot be written now. Make room on the disk, or save a version."
            )
        elif answer in (KEEP, DISCARD):
            self._editing.end(keep=answer == KEEP)
            then()

    def _words(self) -> str:
        draft, count = self._editing.draft, self._editing.unsaved
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
            QTimer.singleShot(0, self, lambda: self._leave_now(then))

    def _leave_now(self, then: Callable[[], object]) -> None:
        try:
            self.leave(then)
        except SxtError as error:
            self._editing.failed.emit(str(error))

    def discard(self) -> None:
        """Go back to what was saved, if that is what the user wants."""
        count = self._editing.unsaved
        question = f"Throw away {'1 unsaved edit' if count == 1 else f'{count} unsaved edits'}?"
        if not count or messages.ask(
            self._window, "Discard edits?", question, "Discard", "Keep them"
        ):
            self._editing.end(keep=False)
            self.show_stored()

    def show_stored(self) -> None:
        """Show what the project holds; what was edited is gone from the screen at once."""
        if self._session.cell_id is not None:
            with waiting():
                self._session.view.set_labels(None)
                self._session.show_stored()


def _nothing() -> None:
    return
