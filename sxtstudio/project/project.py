"""The project: what one user works on, in one file that only ever changes by whole transactions."""

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import Event, Report, ignore
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.ontology import Extension, Ontology, default_ontology, terms_for
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.project import cells, checking, labels, measurements, networks, tasks, vocabulary
from sxtstudio.project.creation import create_project_file
from sxtstudio.project.history import read_history
from sxtstudio.project.looking import Looking
from sxtstudio.project.project_file import ProjectFile, open_project_file
from sxtstudio.project.reading import read_label_map, read_predicted, read_tomogram
from sxtstudio.project.records import (
    CellRecord,
    HistoryEntry,
    Kind,
    LabelVersion,
    MeasurementRecord,
    NetworkRecord,
    TomogramLink,
)
from sxtstudio.project.reviews import Reviews
from sxtstudio.project.scenes import Scenes
from sxtstudio.project.storing import store_cell, store_version
from sxtstudio.project.tree import group_at
from sxtstudio.project.upgrades import count_older_labels


class Project:
    """Cells with their labels, tasks, networks and measurements.

    Every change is one transaction: it is on disk when the method returns, and after an exception
    the project is as it was before. Cells are named by their id or name. Only one program can have
    a project open for changes; its threads wait for one another.
    """

    def __init__(self, file: ProjectFile) -> None:
        self._file = file
        self._known = cells.KnownCells()
        self.looking = Looking(file)
        self.scenes = Scenes(file)
        self.reviews = Reviews(file)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Create an empty project and open it.

        Raises
        ------
        ProjectError
            If there is a file of that name already, or the folder cannot be written.
        """
        create_project_file(path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open a project; read-only changes no byte and leaves it open to others.

        Raises
        ------
        ProjectError
            If the file is missing, not a project, damaged, of a newer program, or in use.
        """
        file = open_project_file(path, read_only=read_only)
        if not read_only:
            count_older_labels(file)
        return cls(file)

    def close(self) -> None:
        """Close the file and let other programs open it; closing twice does no harm."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The project's file."""
        return self._file.path

    @property
    def read_only(self) -> bool:
        """Whether changes are refused."""
        return self._file.read_only

    @property
    def _where(self) -> str:
        return str(self._file.path)

    # Cells

    def cells(self) -> tuple[CellRecord, ...]:
        """Return all cells, the oldest first."""
        read = cells.read_cells if self.read_only else self._known.read
        return self._file.read(lambda root: read(root, self._where))

    def cell(self, name_or_id: str) -> CellRecord:
        """Return one cell, or raise `ProjectError` if there is none of that name."""
        return self._file.read(lambda root: cells.find_cell(root, name_or_id, self._where))

    def add_cell(
        self,
        cell: Cell,
        *,
        link: TomogramLink | None = None,
        source: str = "",
        linked_lac_sha256: str | None = None,
        report: Report = ignore,
    ) -> CellRecord:
        """Store a cell with its annotations; with a link its tomogram stays in its own file.

        ``source`` says in words where the tomogram came from. Whether a link gives the tomogram
        back is checked, unless the sha256 of the LAC that it gives is known already.

        Raises
        ------
        ProjectError
            If the name is taken, or the linked file does not hold this tomogram.
        LabelError
            If an annotation does not fit.
        """
        name = cells.check_new_name(self._file.read(cells.cell_names), cell.name, self._where)
        cells.check_tomogram(cell.tomogram, name)
        record = cells.cell_record(cell, name, link, source)
        if link is not None:
            sha256 = linked_lac_sha256
            sha256 = sha256 or cells.linked_sha256(link, cell.tomogram, self.path, name)
            record = replace(record, lac_sha256=sha256)
        for annotation in cell.annotations:
            labels.check_label_map(annotation.label_map, record)
        return self.cell(store_cell(self._file, cell, record, self.ontology(), report))

    def rename_cell(self, name_or_id: str, name: str) -> CellRecord:
        """Give a cell another name; its id and everything made from it stay."""
        old = self.cell(name_or_id)
        names = self._file.read(cells.cell_names)
        others = {other: cell_id for other, cell_id in names.items() if cell_id != old.id}
        new = replace(old, name=cells.check_new_name(others, name, self._where))
        with self._file.transaction("rename cell", f"{old.name} → {new.name}") as root:
            cells.update_cell(group_at(root, "cells", old.id), new)
        return new

    def tomogram(self, cell_id: str) -> Tomogram:
        """Return a cell's tomogram, or raise `ProjectError` if a linked file is gone or changed."""
        return read_tomogram(self._file, self.cell(cell_id))

    # Labels

    def label_map(self, cell_id: str, version_id: str | None = None) -> LabelMap:
        """Return a label version of a cell, the newest by default.

        Its names are ontology ids, or class names of the task for a prediction.
        """
        cell = self.cell(cell_id)
        return read_label_map(self._file, cell, labels.find_version(cell, version_id))

    def annotation(self, cell_id: str, version_id: str | None = None) -> Annotation:
        """Return labels that a person drew or corrected, the newest by default."""
        cell = self.cell(cell_id)
        version = labels.find_annotation(cell, version_id)
        return Annotation(
            label_map=read_label_map(self._file, cell, version),
            complete=version.complete,
            author=version.author,
            made_by=version.made_by,
        )

    def add_annotation(
        self,
        cell_id: str,
        annotation: Annotation,
        *,
        kind: Kind,
        comment: str = "",
        report: Report = ignore,
    ) -> LabelVersion:
        """Add labels that a person drew (``imported``) or corrected (``corrected``)."""
        cell = self.cell(cell_id)
        labels.check_label_map(annotation.label_map, cell)
        version = labels.annotation_version(annotation, cell, kind, comment, self.ontology())
        arrays = {labels.LABELS: annotation.label_map.labels_ZYX}
        return store_version(self._file, cell, version, arrays, report)

    def add_prediction(
        self, cell_id: str, prediction: Prediction, report: Report = ignore
    ) -> LabelVersion:
        """Add what a network says of a cell, with its probabilities and uncertainty."""
        cell = self.cell(cell_id)
        labels.check_prediction(prediction, cell)
        arrays = labels.prediction_arrays(prediction)
        return store_version(
            self._file, cell, labels.prediction_version(prediction), arrays, report
        )

    def probabilities(self, cell_id: str, version_id: str) -> np.ndarray:
        """Return the probability maps of a prediction, KZYX uint8 (p × 255)."""
        cell = self.cell(cell_id)
        version = labels.find_version(cell, version_id)
        return read_predicted(self._file, cell, version, labels.PROBABILITIES)

    def uncertainty(self, cell_id: str, version_id: str) -> np.ndarray:
        """Return the uncertainty of a prediction, ZYX uint8 ((1 - greatest probability) × 255)."""
        cell = self.cell(cell_id)
        version = labels.find_version(cell, version_id)
        return read_predicted(self._file, cell, version, labels.UNCERTAINTY)

    # Vocabulary, tasks, networks, measurements

    def extension(self) -> Extension:
        """Return what the project adds to the program's vocabulary."""
        return self._file.read(lambda root: vocabulary.read_extension(root, self._where))

    def ontology(self) -> Ontology:
        """Return the vocabulary of this project."""
        return default_ontology().extended(self.extension())

    def extend(self, extension: Extension) -> Extension:
        """Add terms and synonyms to the vocabulary and return what was new of them."""
        known = self.ontology()
        wider = known.extended(extension)
        new = terms_for([term.id for term in wider.classes], wider, known)
        if new:
            names = [*(term.name for term in new.terms), *new.synonyms]
            with self._file.transaction("extend vocabulary", ", ".join(names)) as root:
                vocabulary.write_extension(root, new)
        return new

    def tasks(self) -> tuple[Task, ...]:
        """Return all tasks as they are now, the oldest first."""
        return tasks.newest(self._all_tasks())

    def task(self, name: str) -> Task:
        """Return one task as it is now, or raise `ProjectError` if there is none of that name."""
        return tasks.find_task(self._all_tasks(), name, self._where)

    def task_versions(self, name: str) -> tuple[Task, ...]:
        """Return a task as it was and is, the oldest version first; empty for an unknown name."""
        return tuple(task for task in self._all_tasks() if task.name == name)

    def _all_tasks(self) -> tuple[Task, ...]:
        return self._file.read(lambda root: tasks.read_tasks(root, self._where))

    def add_task(self, task: Task) -> None:
        """Add a task; one of the same name must be the very same, for results refer to it."""
        if tasks.is_new_task(self._all_tasks(), task, self._where):
            with self._file.transaction("add task", task.name) as root:
                tasks.write_task(root, task)

    def change_task(self, name: str, classes: tuple[TaskClass, ...]) -> Task:
        """Give a task other classes, as its next version; older versions stay readable."""
        old = self.task(name)
        if old.classes == classes:
            return old
        new = tasks.next_version(old, classes)
        with self._file.transaction("change task", f"{name}, version {new.version}") as root:
            tasks.write_task(root, new)
        return new

    def networks(self) -> tuple[NetworkRecord, ...]:
        """Return all networks, the oldest first, with the place where each file lies now."""
        return self._file.read(lambda root: networks.read_networks(root, self.path))

    def network_card(self, network_id: str) -> NetworkCard:
        """Return what stood on a network when it was added."""
        return self._file.read(lambda root: networks.read_card(root, network_id, self._where))

    def add_network(self, path: Path, card: NetworkCard) -> NetworkRecord:
        """Remember a network package; one that is known already only gets its new place."""
        record = networks.network_record(path, card, self.path)
        with self._file.transaction("add network", path.name) as root:
            return networks.write_network(root, record, card, self._where)

    def measurements(self) -> tuple[MeasurementRecord, ...]:
        """Return all measurements, the oldest first."""
        return self._file.read(lambda root: measurements.read_measurements(root, self._where))

    def add_measurement(
        self, cell_id: str, version_id: str, table: MeasurementTable
    ) -> MeasurementRecord:
        """Store what was measured on one label version of a cell."""
        cell = self.cell(cell_id)
        version = labels.find_version(cell, version_id)
        with self._file.transaction("add measurement", cell.name) as root:
            return measurements.write_measurement(root, cell.id, version.id, table)

    # The project as a whole

    def history(self) -> tuple[HistoryEntry, ...]:
        """Return every change of the project, the oldest first."""
        return self._file.read(read_history)

    def check(self, report: Report = ignore) -> tuple[str, ...]:
        """Verify every checksum and reference; return what is wrong and what can be done.

        An empty result means that the project is sound. Everything is read, which takes about a
        second for each gigabyte; other threads may read and change the project meanwhile.
        """

        def tell(event: Event) -> None:
            report(event)
            self._file.give_way()

        return self._file.read(lambda root: checking.check_project(root, self.path, tell))
