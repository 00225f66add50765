"""What the window works on: the open project, the cell on show, the library, and the jobs.

What touches the project runs in the window's thread while it is short; what jobs need and find, and
files that are not yet in it, are read and written in the background.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task
from sxtstudio.gui.background import Background
from sxtstudio.gui.beside import wait_beside
from sxtstudio.gui.bringing import results_of
from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.engine_thread import EngineThread, Outcome
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.job_orders import list_stopped, new_segmentation, new_training
from sxtstudio.gui.jobs import Job, JobQueue, Storing
from sxtstudio.gui.large_volumes import LargeVolumes
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.gui.measuring import Measuring
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.vocabulary import Vocabulary
from sxtstudio.project.lock import LockRefusedError
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion, NetworkRecord
from sxtstudio.workflow.bringing import Brought
from sxtstudio.workflow.exporting import newest_version
from sxtstudio.workflow.importing import FileCell, add_file_cell
from sxtstudio.workflow.jobs import SegmentationRequest, TrainingRequest
from sxtstudio.workflow.looking import OpenVolume, is_large, open_cell
from sxtstudio.workflow.vocabulary import carry_terms, classes_of, members_of

logger = logging.getLogger(__name__)


class Session(QObject):
    """Holds the open project and tells the widgets what changed."""

    project_changed = Signal()
    contents_changed = Signal()
    selection_changed = Signal()
    measured = Signal(str, object)
    noted = Signal(str)
    failed = Signal(str)

    def __init__(
        self, parent: QObject | None = None, *, worker: Sequence[str] | None = None
    ) -> None:
        super().__init__(parent)
        self.view = ViewState(self)
        self.background = Background(self)
        self.library = LibrarySession(self)
        self.vocabulary = Vocabulary(self)
        self.vocabulary.failed.connect(self.failed)
        self.vocabulary.extended.connect(self.noted)
        self.jobs = JobQueue(EngineThread(worker, self), self._bring_in, self)
        self.large = LargeVolumes(self.view, self)
        self.large.failed.connect(self.failed)
        self.measuring = Measuring(self.background, lambda: self._project, self)
        for mine, theirs in (
            (self.measuring.measured, self.measured),
            (self.measuring.stored, self.contents_changed),
            (self.measuring.noted, self.noted),
            (self.measuring.failed, self.failed),
        ):
            mine.connect(theirs)
        self.is_edited: Callable[[], bool] = lambda: False
        self._project: Project | None = None
        self._shown: tuple[CellRecord, LabelVersion | None] | None = None

    @property
    def project(self) -> Project | None:
        """The open project."""
        return self._project

    @property
    def ontology(self) -> Ontology:
        """The vocabulary of what is open."""
        return self.vocabulary.ontology

    @property
    def folder(self) -> Path:
        """Where file dialogs start: beside the project, or at home."""
        return self._project.path.parent if self._project else Path.home()

    @property
    def cell_id(self) -> str | None:
        """Id of the cell on show."""
        return self._shown[0].id if self._shown else None

    @property
    def version_id(self) -> str | None:
        """Id of the label version on show."""
        version = self._shown[1] if self._shown else None
        return version.id if version else None

    def cells(self) -> tuple[CellRecord, ...]:
        """Return the cells of the open project."""
        return self._project.cells() if self._project else ()

    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks of the open project."""
        return tuple(self._project.tasks()) if self._project else ()

    def create(self, path: Path) -> None:
        """Make a project and open it."""
        self._take(Project.create(path.absolute()))

    def open(self, path: Path) -> None:
        """Open a project and show its first cell.

        Raises
        ------
        ProjectError, FileError
            If it cannot be opened; what was open stays open.
        """
        self._take(wait_beside(lambda: _opened(path.absolute())))

    def _take(self, project: Project) -> None:
        self.close_project()
        self._project = project
        logger.info("opened %s", project.path)
        self.project_changed.emit()
        self.contents_changed.emit()
        list_stopped(project, self.jobs)
        self._show_first()
        if project.read_only:
            self.noted.emit(f"{project.path.name} can only be read; copy it to change it.")

    def _show_first(self) -> None:
        cells = self.cells()
        best = next((cell for cell in reversed(cells) if cell.versions), *cells[:1] or [None])
        if best is not None:
            self.select(best.id)

    def close_project(self) -> None:
        """Close the project; jobs must have ended."""
        if self._project is None:
            return
        self.large.forget()
        self._project.close()
        self._project, self._shown = None, None
        self.jobs.forget_all()
        self.view.clear()
        self.selection_changed.emit()
        self.contents_changed.emit()
        self.project_changed.emit()

    def close(self) -> None:
        """End everything: threads, worker, project."""
        self.jobs.close()
        for errand in self.findChildren(Errand):
            errand.close()
        self.background.close()
        self.large.close()
        self.library.shutdown()
        self.close_project()

    def require_project(self) -> Project:
        """Return the open project.

        Raises
        ------
        ProjectError
            If none is open.
        """
        if self._project is None:
            raise ProjectError("No project is open; make one or open one from the File menu.")
        return self._project

    def select(self, cell_id: str, version_id: str | None = None) -> None:
        """Show a cell with one of its label versions, the newest if none is named."""
        project = self.require_project()
        record = project.cell(cell_id)
        versions = [it for it in record.versions if version_id in (None, it.id)]
        version = versions[-1] if versions else None
        if self._shown is not None and (self.cell_id, self.version_id) == (
            record.id,
            version.id if version else None,
        ):
            return
        self._show(project, record, version)
        self._shown = (record, version)
        self.selection_changed.emit()

    def _show(self, project: Project, record: CellRecord, version: LabelVersion | None) -> None:
        names, colours = (version.names, version.colours) if version else ({}, {})
        classes = class_displays(names, colours, self.ontology)
        if is_large(record):
            self.large.show(open_cell(project, record, version), classes)
            return
        self.large.forget()
        label_map = project.label_map(record.id, version.id) if version else None
        if self.cell_id == record.id:
            self.view.set_labels(label_map, classes)
        else:
            self.view.show(project.tomogram(record.id), label_map, classes)

    def take_for_shown(self, version: LabelVersion) -> None:
        """Take the labels on show for a version that holds just these."""
        record = self.require_project().cell(self.require_shown().id)
        self._shown = (record, version)
        self.contents_changed.emit()
        self.selection_changed.emit()

    def show_stored(self) -> None:
        """Show the labels of the version on show as the project holds them."""
        record = self.require_shown()
        self._show(self.require_project(), record, self._shown[1] if self._shown else None)

    def require_shown(self) -> CellRecord:
        """Return the cell of the project that is on show.

        Raises
        ------
        ProjectError
            If none is.
        """
        self.require_project()
        if self._shown is None:
            raise ProjectError("No cell is on show; choose one in the browser.")
        return self._shown[0]

    def look_at(self, cell: Cell) -> None:
        """Show a cell that is not in the project, with its first labels, read only."""
        label_map = cell.annotations[0].label_map if cell.annotations else None
        classes = class_displays(label_map.names if label_map else {}, {}, self.library.ontology)
        self._shown = None
        self.large.forget()
        self.view.show(cell.tomogram, label_map, classes)
        self.selection_changed.emit()

    def look_at_volume(self, volume: OpenVolume) -> None:
        """Show a volume that is in no project, read only."""
        self._shown = None
        self.large.show(volume)
        self.selection_changed.emit()

    def networks(self) -> tuple[NetworkRecord, ...]:
        """Return the networks of the project whose files are there, the oldest first."""
        known = self._project.networks() if self._project else ()
        return tuple(network for network in known if Path(network.path).is_file())

    def add_cell(self, cell: Cell, source: str, ontology: Ontology) -> None:
        """Take a cell with the terms of its vocabulary into the project, and show it."""
        carry_terms(classes_of(cell.annotations), ontology, self.require_project())
        self._show_added(self.require_project().add_cell(cell, source=source), ())

    def add_file_cell(self, found: FileCell, ontology: Ontology) -> None:
        """Take a cell that was read from files into the project, and show it."""
        carry_terms(classes_of(found.cell.annotations), ontology, self.require_project())
        self._show_added(add_file_cell(self.require_project(), found), found.notes)

    def _show_added(self, record: CellRecord, notes: Sequence[str]) -> None:
        self.contents_changed.emit()
        self.select(record.id)
        self.noted.emit(" ".join((f"{record.name} is in the project.", *dict.fromkeys(notes))))

    def rename_cell(self, cell_id: str, name: str) -> None:
        """Give a cell another name."""
        self.require_project().rename_cell(cell_id, name)
        self._refresh_shown()
        self.contents_changed.emit()

    def add_task(self, task: Task) -> None:
        """Add a task, with the terms it needs, to the project."""
        project = self.require_project()
        carry_terms(members_of(task), self.ontology, project)
        project.add_task(task)
        self.contents_changed.emit()
        self.noted.emit(f"The task {task.name!r} is in the project.")

    def show_measurement(self, measurement_id: str) -> None:
        """Show a table that was measured earlier."""
        project = self.require_project()
        record = next(it for it in project.measurements() if it.id == measurement_id)
        cell = project.cell(record.cell)
        self.measured.emit(f"{cell.name}, measured {record.time[:10]}", record.table)

    def measure(self, cell_ids: Sequence[str]) -> None:
        """Measure cells in the background; `measured` tells the table of all.

        The cell on show is measured with the labels on show, others with their newest.

        Raises
        ------
        ProjectError
            If a cell has no labels.
        """
        project = self.require_project()
        orders = [self._measurement_order(project, cell_id) for cell_id in cell_ids]
        self.measuring.start(project, orders)

    def _measurement_order(self, project: Project, cell_id: str) -> tuple[CellRecord, LabelVersion]:
        record = project.cell(cell_id)
        shown = self._shown[1] if self._shown and self._shown[0].id == record.id else None
        return record, shown or newest_version(record)

    def train(self, request: TrainingRequest) -> None:
        """Queue a training; a stopped one of the same network goes on or is thrown away."""
        project = self.require_project()
        self.jobs.submit(*new_training(project, request, self.jobs, self.ontology))

    def segment(self, request: SegmentationRequest) -> None:
        """Queue a segmentation."""
        self.jobs.submit(*new_segmentation(self.require_project(), request))

    def _bring_in(self, job: Job, outcome: Outcome) -> Outcome | Storing[Any]:
        """Bring what a job has made into the project."""
        if self._project is None:
            return outcome
        return results_of(self._project, job, outcome, self._show_brought)

    def _show_brought(self, job: Job, brought: Brought) -> None:
        """Show labels that are new: those of the cell on show, else the first of them.

        While labels are being edited, they stay on show.
        """
        self.contents_changed.emit()
        new = () if job.quiet or self.is_edited() else brought.versions
        for cell_id, version_id in sorted(new, key=lambda pair: pair[0] != self.cell_id)[:1]:
            self.select(cell_id, version_id)

    def _refresh_shown(self) -> None:
        if self._shown is not None:
            record = self.require_project().cell(self._shown[0].id)
            self._shown = (record, self._shown[1])


def _opened(path: Path) -> Project:
    """Return a project whose cells are known already: reading them takes longest."""
    try:
        project = Project.open(path)
    except LockRefusedError:  # a share or a medium that can only be read: looking is possible
        project = Project.open(path, read_only=True)
    try:
        project.cells()
    except BaseException:
        project.close()
        raise
    return project
