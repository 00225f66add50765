"""The journal of what is being edited, and those of earlier edits that could not be written yet."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sxtstudio.core.edit_log import Entry
from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.io.edit_journal import JournalHeader
from sxtstudio.io.journal_writer import JournalWriter

_FLUSH_S = 3.0


class Journals(QObject):
    """Opens and closes journals; one that cannot be written goes on trying until it can."""

    noted = Signal(str)
    failed = Signal(str)
    _told = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current: JournalWriter | None = None
        self._trying: dict[Path, JournalWriter] = {}
        self._told.connect(self._pass_on)

    @property
    def trying(self) -> bool:
        """Whether edits of a cell that was left wait for room on the disk."""
        return bool(self._trying)

    def open(self, path: Path, header: JournalHeader, end: int) -> None:
        """Write down what is told from now on; ``end`` is where a journal goes on, or 0."""
        self._current = JournalWriter(path, header, end=end, told=self._told.emit)

    def tell(self, entry: Entry) -> None:
        """Write an entry down, soon."""
        if self._current is not None:
            self._current.tell(entry)

    def flush(self) -> bool:
        """Tell whether everything is on the disk, after waiting for it a little."""
        return self._current is None or self._current.flush(_FLUSH_S)

    def leave(self) -> bool:
        """Keep the journal for later; return whether all of it is on the disk by now."""
        journal, self._current = self._current, None
        if journal is None:
            return True
        if journal.flush(_FLUSH_S):
            self._close(journal, keep=True)
            return True
        self._trying[journal.path] = journal
        return False

    def discard(self) -> None:
        """Throw the journal away."""
        journal, self._current = self._current, None
        if journal is not None:
            self._close(journal, keep=False)

    def check(self, path: Path) -> None:
        """Raise `ProjectError` if edits wait for room to be written to a journal."""
        if path in self._trying:
            raise ProjectError(
                f"{path}: earlier edits of this cell cannot be written yet; make room on the disk "
                "first."
            )

    def shutdown(self) -> None:
        """End all journals, after a last attempt to write them."""
        for journal in self._trying.values():
            self._close(journal, keep=True)
        self._trying.clear()

    def _close(self, journal: JournalWriter, *, keep: bool) -> None:
        try:
            if not journal.close(keep=keep) and keep:
                self.failed.emit(journal.problem)
        except SxtError as error:
            self.failed.emit(str(error))

    @Slot(str)
    def _pass_on(self, problem: str) -> None:
        for path in [path for path, journal in self._trying.items() if not journal.problem]:
            self._close(self._trying.pop(path), keep=True)
        if problem:
            self.failed.emit(problem)
        else:
            self.noted.emit("The journal of edits is being written again.")
