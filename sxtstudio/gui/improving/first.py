"""A first network from what is being drawn: it suggests the rest of the same cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from sxtstudio.core.cell import Annotation
from sxtstudio.core.coat import Coat, PackedCoat, pack_all
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Report
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.region import Region, whole
from sxtstudio.core.scope import Slices, drawn_slices
from sxtstudio.core.task import Task
from sxtstudio.gui.job_fields import spare_threads
from sxtstudio.gui.job_orders import first_job, new_job_folder
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.painting.commands import PaintingCommands
from sxtstudio.gui.session import Session
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.correcting import draft_of
from sxtstudio.workflow.first_network import FirstRequest, drawn_so_far, export_first_job

_NAME = "suggestion of the first network"
_NOT_EDITING = (
    "A first network learns from what is being drawn: begin to edit labels (Ctrl+D), draw the "
    "structures in two or three slices completely, then ask for it."
)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Which cell is waited for, and the slices that were drawn when the network was asked for."""

    cell: str
    drawn: Slices


class FirstNetwork(QObject):
    """Trains a network on the slices drawn so far, and shows what it makes of the others."""

    def __init__(self, window: QWidget, session: Session, painting: PaintingCommands) -> None:
        super().__init__(window)
        self._session = session
        self._painting = painting
        self._asked: dict[Path, _Asked] = {}
        self.request = FirstRequest(threads=spare_threads())
        session.jobs.finished.connect(self._take_end)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of these names do."""
        return {"first_network": self.start}

    def start(self) -> None:
        """Queue the training of a first network on what is drawn in the cell on show.

        Raises
        ------
        ProjectError
            If nothing is being edited.
        LabelError
            If nothing is drawn.
        """
        editing = self._painting.editing
        editor, draft = editing.editor, editing.draft
        if editor is None or draft is None:
            raise ProjectError(_NOT_EDITING)
        if editing.busy:
            return
        label_map = editor.label_map
        drawn = _drawn(label_map.labels_ZYX, label_map.names)
        annotation = drawn_so_far(replace(label_map, labels_ZYX=label_map.labels_ZYX.copy()))
        self._export(draft.cell, annotation, drawn)

    def expect(self, folder: Path, cell_id: str, drawn: Slices) -> None:
        """Suggest what a job says of a cell, but for some slices, once it has ended."""
        self._asked[folder] = _Asked(cell=cell_id, drawn=drawn)

    def _export(self, cell: CellRecord, annotation: Annotation, drawn: Slices) -> None:
        session, folder = self._session, new_job_folder("first-")
        project = session.require_project()
        request = self.request

        def export(_: Report) -> Task:
            return export_first_job(project, cell, annotation, request, folder)

        def queue(task: Task) -> None:
            self.expect(folder, cell.id, drawn)
            session.jobs.submit(first_job(folder, cell.name, task, session.ontology))
            planes = len(drawn.indices)
            session.noted.emit(
                f"A first network learns from the {planes} slices that are drawn in {cell.name}; "
                "go on drawing meanwhile."
            )

        self._painting.editing.run(export, queue)

    @Slot(object)
    def _take_end(self, job: Job) -> None:
        asked = self._asked.pop(job.folder, None) if job.state == "done" else None
        project = self._session.project
        if asked is None or project is None:
            return
        cell = project.cell(asked.cell)
        version = next(it for it in reversed(cell.versions) if it.kind == "predicted")
        draft = self._painting.editing.draft
        if draft is None or draft.cell.id != cell.id:
            self._session.select(cell.id, version.id)
        else:
            self._suggest(cell, version, asked)

    def _suggest(self, cell: CellRecord, version: LabelVersion, asked: _Asked) -> None:
        """Show what the network says of unlabelled voxels outside the drawn slices."""
        session, editing = self._session, self._painting.editing
        project, words = session.require_project(), session.ontology
        editor = editing.editor
        assert editor is not None
        label_of = {name: label for label, name in editor.label_map.names.items()}
        labels_ZYX = editor.labels_ZYX

        def find(_: Report) -> tuple[PackedCoat, ...]:
            predicted = project.label_map(cell.id, version.id)
            found = draft_of(project, cell, version, predicted, words).label_map
            free_ZYX = labels_ZYX == 0
            free_ZYX[(*(slice(None),) * asked.drawn.axis, list(asked.drawn.indices))] = False
            box = whole(found.shape)
            return pack_all(
                Coat(
                    region=Region(box=box, mask_ZYX=(found.labels_ZYX == value) & free_ZYX),
                    value=label_of[name],
                )
                for value, name in found.names.items()
                if name in label_of
            )

        def show(coats: tuple[PackedCoat, ...]) -> None:
            if editing.editor is editor:
                self._painting.seeking.suggest(_NAME, coats)

        editing.run(find, show)


def _drawn(labels_ZYX: np.ndarray, names: Mapping[int, str]) -> Slices:
    ignored = next((value for value, name in names.items() if name == IGNORE), None)
    return drawn_slices(labels_ZYX, ignored)
