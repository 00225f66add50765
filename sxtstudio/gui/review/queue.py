"""The doubtful places of all cells that a network segmented, and where one stands among them."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Event, Progress
from sxtstudio.core.review import (
    ClassProgress,
    Doubt,
    Place,
    PlaceId,
    Verdict,
    next_open,
    progress_of,
    rank_places,
)
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import reviewer
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.project.reviews import Decision
from sxtstudio.workflow.looking import is_large
from sxtstudio.workflow.reviewing import (
    ReviewSource,
    find_places,
    looking_words,
    predicted_version,
    ranges_of,
    review_source,
)


class ReviewQueue(QObject):
    """Finds the places in a thread, cell by cell, from the first time that it is switched on.

    ``changed`` tells of other places, verdicts or filters, ``moved`` of another current place,
    ``worked`` what is being looked for (empty: nothing more).
    """

    changed = Signal()
    moved = Signal()
    worked = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._looking = Latest(self)
        self._looking.reported.connect(self._tell)
        self._found: dict[tuple[str, str], tuple[Place, ...]] = {}
        self._ranges: dict[str, tuple[float, float]] = {}
        self._waiting: list[ReviewSource] = []
        self._cells: dict[str, str] = {}
        self._doubts: tuple[Doubt, ...] = ()
        self._decisions: dict[PlaceId, Decision] = {}
        self._current: PlaceId | None = None
        self._cell, self._name = "", None
        self._on = False
        self._going_to: Place | None = None
        session.project_changed.connect(self._forget)
        session.contents_changed.connect(self.refresh)
        session.large.shown.connect(self._arrive)

    # What there is

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The places that the filters let through, the most doubtful first."""
        return tuple(it for it in self._doubts if self._fits(it.place))

    def _fits(self, place: Place) -> bool:
        return self._cell in ("", place.cell) and self._name in (None, place.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes that places have; empty for regions that no object covers."""
        return tuple(row.name for row in progress_of(self._doubts, {}))

    @property
    def verdicts(self) -> dict[PlaceId, Verdict]:
        """The verdicts that were given."""
        return {place: it.verdict for place, it in self._decisions.items()}

    @property
    def progress(self) -> tuple[ClassProgress, ...]:
        """How far each class is, among the places that the filters let through."""
        return progress_of(self.doubts, self.verdicts)

    def progress_in(self, cell_id: str) -> Mapping[str, ClassProgress]:
        """Return how far each class is in one cell, by its name."""
        inside = [it for it in self._doubts if it.place.cell == cell_id]
        return {row.name: row for row in progress_of(inside, self.verdicts)}

    def decision_on(self, place: Place) -> Decision | None:
        """Return what was said of a place, None if nothing was."""
        found = self._decisions.get(place.id)
        return None if found is None or found.verdict == "open" else found

    @property
    def current(self) -> Doubt | None:
        """The place that is being looked at."""
        return next((it for it in self.doubts if it.place.id == self._current), None)

    @property
    def row(self) -> int:
        """Where the current place stands among `doubts`, -1 without one."""
        ids = [it.place.id for it in self.doubts]
        return ids.index(self._current) if self._current in ids else -1

    def to_take_out(self) -> tuple[Place, ...]:
        """Return the rejected objects of the cell on show that nobody took out of its labels."""
        return tuple(
            it.place
            for it in self._doubts
            if it.place.cell == self._session.cell_id
            and it.place.kind == "object"
            and (said := self.decision_on(it.place)) is not None
            and said.verdict == "rejected"
            and not said.edited
        )

    def cell_name(self, place: Place) -> str:
        """Return the name of a place's cell."""
        return self._cells.get(place.cell, place.cell)

    @property
    def cells(self) -> Mapping[str, str]:
        """The names of the cells with predicted labels, by their ids."""
        return self._cells

    # Looking for them

    def switch(self, *, on: bool) -> None:
        """Look for places from now on, or no more."""
        self._on = on
        if on:
            self.refresh()
        else:
            self._looking.cancel()
            self._waiting.clear()
            self.worked.emit("")

    @Slot()
    def refresh(self) -> None:
        """Look through predictions that are new."""
        project = self._session.project
        if not self._on or project is None:
            return
        self._looking.cancel()
        self._decisions = project.reviews.decisions()
        newest = [(it, predicted_version(it)) for it in self._session.cells()]
        predicted = [(cell, version) for cell, version in newest if version is not None]
        there = {(cell.id, version.id) for cell, version in predicted}
        self._cells = {cell.id: cell.name for cell, _ in predicted}
        self._found = {which: it for which, it in self._found.items() if which in there}
        self._waiting = [it for pair in predicted if (it := self._source(*pair)) is not None]
        self._rank()
        self._look_on()

    def _source(self, cell: CellRecord, version: LabelVersion) -> ReviewSource | None:
        project = self._session.require_project()
        if (cell.id, version.id) in self._found:
            return None
        self._ranges |= ranges_of(project, version)
        try:
            return review_source(project, cell, version)
        except SxtError as error:  # a linked tomogram that is gone: the others can be looked at
            self._found[cell.id, version.id] = ()
            self.failed.emit(str(error))
            return None

    def _look_on(self) -> None:
        """Look through the next prediction that waits."""
        if not self._waiting:
            self.worked.emit("")
            return
        source = self._waiting.pop(0)
        self.worked.emit(looking_words(source.cell))

        def done(places: tuple[Place, ...]) -> None:
            self._found[source.id] = places
            self._rank()
            self._look_on()

        def failed(error: SxtError) -> None:
            self.failed.emit(str(error))
            done(())

        self._looking.run(lambda report: find_places(source, report), done, failed)

    def _rank(self) -> None:
        places = [place for found in self._found.values() for place in found]
        self._doubts = rank_places(places, self._ranges)
        self.changed.emit()

    @Slot(object)
    def _tell(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.worked.emit(event.text)

    @Slot()
    def _forget(self) -> None:
        self._looking.cancel()
        self._found, self._waiting, self._doubts, self._decisions = {}, [], (), {}
        self._current, self._going_to, self._cell, self._name = None, None, "", None
        self._cells = {}
        self.changed.emit()
        self.refresh()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._looking.close()

    # Standing and going

    def filter(self, cell_id: str, name: str | None) -> None:
        """Let through the places of one cell (empty: all) and of one class (None: all)."""
        self._cell, self._name = cell_id, name
        self.changed.emit()

    def go_on(self, cell_id: str = "") -> bool:
        """Go to the next place that nobody judged, perhaps of one cell; False if there is none."""
        index = next_open(self.doubts, self.verdicts, self.row, cell_id)
        if index is not None:
            self.go_to(self.doubts[index])
        return index is not None

    @property
    def has_open(self) -> bool:
        """Whether there is a place that nobody judged."""
        return next_open(self.doubts, self.verdicts, -1) is not None

    @property
    def before(self) -> Doubt | None:
        """The place before the current one in the list, whatever was said of it."""
        doubts = self.doubts
        return doubts[max(0, self.row - 1)] if doubts else None

    def go_to(self, doubt: Doubt) -> None:
        """Show a place, with the crosshair in it.

        Raises
        ------
        SxtError
            If its cell cannot be shown.
        """
        place = doubt.place
        self._current = place.id
        self._going_to = place
        before = self._session.cell_id
        if before != place.cell:
            self._session.select(place.cell)
        cell = self._session.require_shown()
        if before == place.cell or not is_large(cell):
            self._arrive()
        self.moved.emit()

    @Slot()
    def _arrive(self) -> None:
        place, self._going_to = self._going_to, None
        if place is not None and place.cell == self._session.cell_id:
            self._session.view.set_cursor(place.voxel)

    def decide(self, verdict: Verdict, *, edited: bool = False) -> None:
        """Keep a verdict on the current place."""
        doubt = self.current
        if doubt is not None:
            self.say(doubt.place, verdict, edited=edited)

    def say(self, place: Place, verdict: Verdict, *, edited: bool = False) -> None:
        """Keep a verdict on a place.

        Raises
        ------
        ProjectError
            If the project can only be read, or the disk is full.
        """
        project = self._session.require_project()
        decision = project.reviews.decide(place, verdict, reviewer(), edited=edited)
        self._decisions[place.id] = decision
        self.changed.emit()
