"""What the wizard asks of the project and the library: cells, what they know, which to take."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.coverage import Coverage
from sxtstudio.core.errors import CoverageError
from sxtstudio.core.similarity import CellProfile, distance
from sxtstudio.core.task import Task
from sxtstudio.core.task_draft import Decision
from sxtstudio.gui.session import Session
from sxtstudio.workflow.job_folder import Choice

MOST_CELLS = 24
"""So many cells are proposed at most; the user may tick more."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was found out for a task: coverage, proposal and distances from a cell (row id →)."""

    coverage: Coverage
    proposal: Mapping[str, Decision]
    distances: Mapping[str, float]


class CellSource(QObject):
    """Asks the open project and the open library; belongs to the window's thread.

    ``changed`` tells that there are other cells, or that they know more; ``waiting_changed`` that
    a library is being looked into, or no more.
    """

    changed = Signal()
    waiting_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        session.contents_changed.connect(self.changed)
        session.library.changed.connect(self.changed)
        session.library.opening_changed.connect(self.waiting_changed)

    @property
    def library_name(self) -> str:
        """What the open library is called, empty without one."""
        library = self._session.library.library
        return library.name if library else ""

    @property
    def waits_for(self) -> str:
        """Which library is being looked into, in words; empty if none is."""
        return self._session.library.opening

    def names(self) -> Mapping[str, str]:
        """Return id → name of the cells of the project, for the choice of "my" cell."""
        return {cell.id: cell.name for cell in self._session.cells()}

    def look(self, task: Task, like: str) -> Findings:
        """Return what all cells know about a task, and which of them to take."""
        from sxtstudio.workflow.gathering import coverage_of, project_cells

        project, library = self._session.project, self._session.library.library
        own = () if project is None else project_cells(project)
        coverage = coverage_of(project, library, task, own=own)
        like = like if like in self.names() else ""
        return Findings(
            coverage=coverage,
            proposal=self._proposal(task, like, coverage),
            distances=self._distances(like),
        )

    def _proposal(self, task: Task, like: str, coverage: Coverage) -> Mapping[str, Decision]:
        from sxtstudio.workflow.gathering import gather

        project, library = self._session.project, self._session.library.library
        if project is None or library is None:
            return {}
        try:
            selection = gather(project, library, task, Choice(like=like, most=MOST_CELLS))
        except CoverageError:
            return {}  # no cell shows some class: the page says which one, and what helps
        known = {row.id for row in coverage.rows if row.origin == "library"}
        taken = {i: Decision(taken=True, reason=it) for i, it in selection.reasons.items()}
        left = {i: Decision(taken=False, reason=it) for i, it in selection.left_out.items()}
        return {i: it for i, it in (left | taken).items() if i in known}

    def _distances(self, like: str) -> Mapping[str, float]:
        """Return how unlike the cells of the library are to a cell of the project."""
        from sxtstudio.library.selection import profile_of_cell

        if not like or self._session.library.library is None:
            return {}
        mine = self._profile(like)
        cells = self._session.library.cells()
        return {like: 0.0} | {
            cell.id: distance(profile_of_cell(cell), mine) for cell in cells if cell.histogram
        }

    def _profile(self, cell_id: str) -> CellProfile:
        from sxtstudio.core.cell import kind_of
        from sxtstudio.core.similarity import profile_of

        project = self._session.require_project()
        record = project.cell(cell_id)
        kind = kind_of(record.name, record.species, record.strain)
        return profile_of(project.tomogram(cell_id), kind)
