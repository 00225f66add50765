"""The reference library that the window has open; it may lie on a share that comes and goes.

Whatever may wait for the share runs in the background; what only asks this workstation's index is
answered at once.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Cancelled, Event, Progress, Report
from sxtstudio.core.ontology import Ontology, default_ontology
from sxtstudio.gui.background import Background
from sxtstudio.gui.mailbox import Mailbox
from sxtstudio.gui.settings import last_library, remember_library
from sxtstudio.library.records import CellQuery, LibraryCell

if TYPE_CHECKING:
    from sxtstudio.library.library import Library

logger = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")
_REFRESH_MS = 120_000


@dataclass(frozen=True, kw_only=True, eq=False)
class _Opening:
    """One wish to open a library."""

    folder: Path


class LibrarySession(QObject):
    """Holds the open library, watches it, and tells the widgets what changed.

    ``changed`` comes when another library is open, or none, and when its cells or its vocabulary
    are others. ``trouble`` says why the library of last time is not open, or is empty.
    ``opening_changed`` says which library is being looked into, and how far; "" ends it.
    """

    changed = Signal()
    opening_changed = Signal(str)
    busy_changed = Signal(bool)
    reported = Signal(object)
    noted = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None, *, cache: Path | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._background = Background(self)
        self._post = Mailbox[Event](self.reported.emit, self).slit()
        self._background.busy_changed.connect(self.busy_changed)
        self._library: Library | None = None
        self._opening: _Opening | None = None
        self._closing = False
        self._refreshing: Library | None = None
        self._in_use: Counter[Library] = Counter()
        self.trouble = ""
        self._watch = QTimer(self, interval=_REFRESH_MS)
        self._watch.timeout.connect(self.refresh)
        self.reported.connect(self._tell_opening)

    @property
    def library(self) -> "Library | None":
        """The open library."""
        return self._library

    @property
    def busy(self) -> bool:
        """Whether something is being done with a library in the background."""
        return self._background.busy

    @property
    def opening(self) -> str:
        """Which library is being looked into, in words; empty if none is."""
        return f"Looking into the library in {self._opening.folder} …" if self._opening else ""

    @property
    def ontology(self) -> Ontology:
        """The library's vocabulary; without a library, the one that comes with the program."""
        return self._library.ontology() if self._library else default_ontology()

    def cells(self, query: CellQuery | None = None) -> tuple[LibraryCell, ...]:
        """Return the cells that are asked for, all in use by default; none without a library."""
        return self._library.cells(query or CellQuery()) if self._library else ()

    def open(self, folder: Path) -> None:
        """Open a library in the background; what is open stays open if that fails."""
        self._open(folder, self._complain)

    def reopen(self) -> None:
        """Open the library of last time, if there was one; `trouble` tells why it is not there."""
        folder = last_library()
        if folder is not None:
            self._open(folder, self._put_up_with)

    def create(self, folder: Path, name: str = "") -> None:
        """Make a library in a new or empty folder, in the background, and open it."""

        def make() -> None:
            from sxtstudio.library.library import Library

            Library.create(folder, name).close()

        self._open(folder, self._complain, make)

    def stop_opening(self) -> None:
        """Give up the library that is being looked into; what is open stays open."""
        if self._opening is not None:
            self.noted.emit(f"The library in {self._opening.folder} was not opened.")
            self._opening = None
            self.opening_changed.emit("")

    def _open(
        self,
        folder: Path,
        failed: Callable[[SxtError], None],
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """Read a library in the background; the one asked for last is the one that counts."""
        self._opening = opening = _Opening(folder=folder)

        def report(event: Event) -> None:
            if self._opening is not opening:
                raise Cancelled
            self._report(event)

        def read() -> "Library":
            from sxtstudio.library.library import Library

            before()
            return Library.open(folder, cache=self._cache, report=report)

        def take(library: "Library | None") -> None:
            if self._opening is opening and library is not None:
                self._end_opening()
                self._take(library)
            elif library is not None:
                library.close()

        def complain(error: SxtError) -> None:
            if self._opening is opening:
                self.stop_opening()
                failed(error)

        self.noted.emit(self.opening)
        self.opening_changed.emit(self.opening)
        self._background.run(_or_nothing(read), take, complain)

    def _end_opening(self) -> None:
        self._opening = None
        self.opening_changed.emit("")

    @Slot(object)
    def _tell_opening(self, event: Event) -> None:
        if self._opening is not None and isinstance(event, Progress):
            self.opening_changed.emit(f"{self.opening}\n{event.text}")

    def _take(self, library: "Library") -> None:
        self._put_down()
        self._library, self.trouble = library, ""
        logger.info("opened the library %s", library.folder)
        remember_library(library.folder)
        self._watch.start()
        self.changed.emit()
        self.noted.emit(f"The library {library.name} is open.")

    def close(self) -> None:
        """Close the library, and do not open it at the next start."""
        remember_library(None)
        self.trouble = ""
        self._put_down()
        self.changed.emit()

    def shutdown(self) -> None:
        """End everything; the library is opened again at the next start."""
        self._closing = True
        self._background.close()
        self._in_use.clear()
        self._put_down()

    def _put_down(self) -> None:
        self._watch.stop()
        library, self._library = self._library, None
        if library is not None and not self._in_use[library]:
            library.close()  # otherwise by what uses it last

    @Slot()
    def refresh(self) -> None:
        """Look in the background for what others have added meanwhile."""
        if self._refreshing is self._library:
            return
        self._refreshing = self._library

        def look(library: "Library", report: Report) -> bool:
            everything = CellQuery(with_unused=True)
            before = (library.cells(everything), library.ontology())
            library.refresh(report)
            return before != (library.cells(everything), library.ontology())

        def done(different: bool) -> None:
            self._refreshing = None
            if different:
                self.changed.emit()

        def failed(error: SxtError) -> None:
            self._refreshing = None
            self.noted.emit(str(error))

        self.run(look, done, failed)

    def run(
        self,
        function: Callable[["Library", Report], ResultT],
        done: Callable[[ResultT], None],
        failed: Callable[[SxtError], None] | None = None,
    ) -> None:
        """Do something with the open library in the background.

        Neither ``done`` nor ``failed`` is called once another library is open, or none. Without
        ``failed``, an error is told by the signal `failed`.
        """
        library = self._library
        assert library is not None, "nothing is asked of a library that is not open"

        def report(event: Event) -> None:
            if library is not self._library:
                raise Cancelled
            self._report(event)

        def hand_over(result: ResultT | None) -> None:
            if self._is_wanted(library) and result is not None:
                done(result)

        def complain(error: SxtError) -> None:
            if self._is_wanted(library):
                (failed or self._complain)(error)

        self._in_use[library] += 1
        self._background.run(_or_nothing(lambda: function(library, report)), hand_over, complain)

    def _is_wanted(self, library: "Library") -> bool:
        """Count one use of a library less; whether it is still the open one."""
        self._in_use[library] -= 1
        if library is not self._library and not self._in_use[library]:
            library.close()
        return library is self._library

    def change(
        self, function: Callable[["Library", Report], object], done: Callable[[], None]
    ) -> None:
        """Add something to the open library in the background, and tell that it changed."""

        def work(library: "Library", report: Report) -> bool:
            function(library, report)
            return True

        def changed(_: bool) -> None:
            self.changed.emit()
            done()

        self.run(work, changed)

    def _report(self, event: Event) -> None:
        if self._closing:
            raise Cancelled
        self._post(event)

    def _complain(self, error: SxtError) -> None:
        self.failed.emit(str(error))

    def _put_up_with(self, error: SxtError) -> None:
        self.trouble = str(error)
        self.changed.emit()
        self.noted.emit(self.trouble)


def _or_nothing(function: Callable[[], ResultT]) -> Callable[[], ResultT | None]:
    """Return a function that gives None instead of being cancelled."""

    def work() -> ResultT | None:
        try:
            return function()
        except Cancelled:
            return None

    return work
