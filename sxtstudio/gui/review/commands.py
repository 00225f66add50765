"""What the Review menu does: the queue, verdicts, taking rejected objects out, signing off."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.provenance import made_by
from sxtstudio.core.review import ClassProgress, Doubt, Place, Verdict
from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.class_list import NAME, ClassList
from sxtstudio.gui.docks import Docks
from sxtstudio.gui.key_profiles import KeyProfiles
from sxtstudio.gui.painting.commands import PaintingCommands
from sxtstudio.gui.review.panel import ReviewPanel
from sxtstudio.gui.review.queue import ReviewQueue
from sxtstudio.gui.review.sign_off_dialog import SignOffDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import remember_reviewer, reviewer
from sxtstudio.gui.views import ViewsPanel
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.reviewing import object_coats, sign_off, signed_off

_ALL_JUDGED = "Every doubtful place here was judged."
_NO_PLACE = "Go to a doubtful place first: choose one in the list of the Review panel."


class ReviewCommands(QObject):
    """The one object of reviewing that the main window knows."""

    def __init__(self, window: QMainWindow, session: Session, painting: PaintingCommands) -> None:
        super().__init__(window)
        self._window, self._session, self._painting = window, session, painting
        self.queue = ReviewQueue(session)
        self.queue.failed.connect(session.failed)
        self.panel: ReviewPanel | None = None
        self._docks: Docks | None = None
        self._on = False
        self._actions: dict[str, QAction] = {}
        self._classes: ClassList | None = None
        self._profiles: KeyProfiles | None = None
        self._take_out_soon = False

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {
            "review": self.show,
            "review_accept": partial(self.judge, "accepted"),
            "review_reject": self.reject,
            "review_flag": partial(self.judge, "flagged"),
            "review_next": self.go_on,
            "review_previous": self.go_back,
            "sign_off": self.sign_off,
        }

    def connect_to(
        self,
        actions: dict[str, QAction],
        views: ViewsPanel,
        docks: Docks,
        profiles: KeyProfiles,
    ) -> None:
        """Take the actions of the commands, and put the panel into a dock."""
        self._actions, self._classes, self._profiles = actions, docks.class_list, profiles
        self.panel = ReviewPanel(self._session, self.queue, actions)
        self.panel.take_out_wanted.connect(self._ask_to_take_out)
        self.panel.chosen.connect(self._choose)
        self._docks = docks
        dock = docks.add_review(self.panel)
        for name in _REVIEW_KEYS:
            actions[name].setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            views.addAction(actions[name])
            self.panel.addAction(actions[name])
            actions[name].enabledChanged.connect(self._enable)
        dock.visibilityChanged.connect(self._switch)
        self.queue.moved.connect(self._choose_class)
        self._painting.editing.began.connect(self._begun)
        self._session.selection_changed.connect(self._forget_taking_out)
        self._switch(on=False)

    def shutdown(self) -> None:
        """End what runs in the thread."""
        self.queue.close()

    def show(self) -> None:
        """Show the panel, with the keys in it."""
        assert self._docks is not None
        assert self.panel is not None
        self._session.require_project()
        self._docks.show_review()
        self.panel.table.setFocus()

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        if on != self._on or not on:
            self._on = on
            self.queue.switch(on=on)
            if self._profiles is not None:
                self._profiles.set_reviewing(on=on)
        self._enable()

    @Slot()
    def _enable(self) -> None:
        for name in _REVIEW_KEYS:
            if self._actions[name].isEnabled() and not self._on:
                self._actions[name].setEnabled(False)
            elif name in ("review_next", "review_previous"):
                self._actions[name].setEnabled(self._on)

    # Verdicts

    def judge(self, verdict: Verdict, *, edited: bool = False) -> None:
        """Keep a verdict on the current place and go on to the next that is open.

        Raises
        ------
        ProjectError
            If no place is current, or the project can only be read.
        """
        if self.queue.current is None:
            raise ProjectError(_NO_PLACE)
        self.queue.decide(verdict, edited=edited)
        self.go_on()

    def go_on(self) -> None:
        """Go to the next place that nobody judged.

        While edits wait to be saved, those of the same cell come first; then the edits are asked
        about before another cell is shown.
        """
        draft = self._painting.editing.draft
        if draft is None or not self._painting.must_ask:
            self._go_on()
        elif not self.queue.go_on(draft.cell.id) and self.queue.has_open:
            self._painting.leave(self._go_on)

    def go_back(self) -> None:
        """Go to the place before this one in the list."""
        before = self.queue.before
        if before is not None:
            self.go_to(before)

    def go_to(self, doubt: Doubt) -> None:
        """Go to a place; edits that wait in another cell are asked about first.

        Raises
        ------
        SxtError
            If its cell cannot be shown.
        """
        draft = self._painting.editing.draft
        if draft is None or not self._painting.must_ask or draft.cell.id == doubt.place.cell:
            self.queue.go_to(doubt)
        else:
            self._painting.leave(lambda: self.queue.go_to(doubt))

    @Slot(object)
    def _choose(self, doubt: Doubt) -> None:
        try:
            self.go_to(doubt)
        except SxtError as error:  # a linked tomogram that is gone
            self._session.failed.emit(str(error))

    def _go_on(self) -> None:
        if not self.queue.go_on():
            self._session.noted.emit(_ALL_JUDGED)

    def reject(self) -> None:
        """Reject the current place; an object goes from the labels if they are being edited."""
        doubt = self.queue.current
        if doubt is None:
            raise ProjectError(_NO_PLACE)
        place, editing = doubt.place, self._painting.editing
        mine = editing.draft is not None and editing.draft.cell.id == place.cell
        if place.kind == "object" and mine and not editing.busy:
            self._take_out([place], f"Reject {place.name}")
            self.judge("rejected", edited=True)
            return
        self.judge("rejected")
        self._session.noted.emit(f"{place.name or 'The place'}: rejected, to be corrected.")

    def _take_out(self, places: Sequence[Place], name: str) -> None:
        """Unlabel objects as one edit; if that cannot be done they stay to be corrected."""
        project, editing = self._session.require_project(), self._painting.editing
        editor = editing.editor
        assert editor is not None
        cell = project.cell(places[0].cell)
        found = project.looking.labels(cell, places[0].version)

        def refused(error: SxtError) -> None:
            for place in places:
                self.queue.say(place, "rejected")
            self._session.failed.emit(str(error))

        editing.paint_found(
            name,
            lambda report: object_coats(found, places, editor.labels_ZYX, report),
            refused,
        )

    @Slot()
    def _ask_to_take_out(self) -> None:
        """Take the rejected objects of the cell on show out, editing its labels if nobody does."""
        if self._painting.editing.active:
            self._take_rejected_out()
        else:
            self._take_out_soon = True
            self._actions["edit_labels"].trigger()

    @Slot()
    def _begun(self) -> None:
        if self._take_out_soon:
            self._take_rejected_out()

    @Slot()
    def _forget_taking_out(self) -> None:
        self._take_out_soon = False

    def _take_rejected_out(self) -> None:
        self._take_out_soon = False
        places = self.queue.to_take_out()
        if not places or self._painting.editing.busy:
            return
        try:
            for place in places:
                self.queue.say(place, "rejected", edited=True)
            self._take_out(places, "Take out rejected objects")
        except SxtError as error:
            self._session.failed.emit(str(error))

    @Slot()
    def _choose_class(self) -> None:
        """Choose the class of the place in the class list, unless somebody paints with another."""
        doubt, classes = self.queue.current, self._classes
        if doubt is None or classes is None or self._painting.editing.active:
            return
        for row in range(classes.rowCount()):
            if classes.label_of_row(row) == doubt.place.label:
                classes.setCurrentCell(row, NAME)

    # Signing off

    def sign_off(self) -> None:
        """Ask what is signed off in the newest labels of the cell on show, and by whom.

        Raises
        ------
        ProjectError
            If no cell with labels is on show, or labels are being edited.
        """
        project, cell = self._session.require_project(), self._session.require_shown()
        if self._painting.editing.unsaved:
            raise ProjectError("Save a version of the edited labels first; that is signed off.")
        cell = project.cell(cell.id)
        if not cell.versions:
            raise ProjectError(f"{cell.name} has no labels to sign off; segment or draw it first.")
        version = cell.versions[-1]
        words = {name: self._words(name) for name in version.names.values()}
        facts = self._facts(cell, version)
        signed = signed_off(project)[cell.id]
        dialog = SignOffDialog((cell, version), words, facts, signed, reviewer(), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._sign((cell, version), facts, dialog))
        dialog.open()

    def _words(self, name: str) -> str:
        known = self._session.ontology
        return known[name].name if name in known else name

    def _facts(self, cell: CellRecord, version: LabelVersion) -> dict[str, ClassProgress]:
        """Return how far each class of labels is; a correction calls classes by their terms."""
        progress = self.queue.progress_in(cell.id)
        known = self._session.ontology
        by_term = {known.id_of(name) or name: it for name, it in progress.items() if name}
        found = {name: progress.get(name) or by_term.get(name) for name in version.names.values()}
        return {name: it for name, it in found.items() if it is not None}

    def _sign(
        self,
        labels: tuple[CellRecord, LabelVersion],
        facts: dict[str, ClassProgress],
        dialog: SignOffDialog,
    ) -> None:
        project, (cell, version) = self._session.require_project(), labels
        try:
            for name in dialog.new:
                sign_off(project, labels, name, dialog.person, facts.get(name))
            for name in dialog.withdrawn:
                provenance = made_by("sxtstudio.gui.review.withdraw", {}, (version.id,))
                which = (cell.id, version.id, name)
                project.reviews.sign_off(which, dialog.person, provenance, withdrawn=True)
        except SxtError as error:
            self._session.failed.emit(str(error))
            return
        remember_reviewer(dialog.person)
        self._session.contents_changed.emit()
        self._session.noted.emit(f"{cell.name}: the sign-off is in the project.")


_REVIEW_KEYS = tuple(command.name for command in COMMANDS if command.in_review)
