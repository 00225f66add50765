"""Cells measured one after the other in threads; only the table goes into the project here."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import ignore
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.background import Background
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.looking import OpenVolume, open_cell

Order = tuple[CellRecord, LabelVersion]


class Measuring(QObject):
    """Measures cells and stores what comes out; ``measured`` carries names and one table of all.

    ``current`` gives the project that is open: what was begun in another one is dropped.
    """

    measured = Signal(str, object)
    stored = Signal()
    noted = Signal(str)
    failed = Signal(str)

    def __init__(
        self, background: Background, current: Callable[[], Project | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._current = current

    def start(self, project: Project, orders: Sequence[Order]) -> None:
        """Measure these cells with these labels."""
        self._next(project, list(orders), [])

    def _next(
        self, project: Project, orders: list[Order], tables: list[tuple[str, MeasurementTable]]
    ) -> None:
        if project is not self._current():
            return
        if not orders:
            names = ", ".join(name for name, _ in tables)
            self.stored.emit()
            self.noted.emit(f"Measured {names}.")
            self.measured.emit(names, _joined(tables))
            return
        (record, version), *left = orders
        self.noted.emit(f"Measuring {record.name} …")
        opened = open_cell(project, record, version)

        def keep(table: MeasurementTable) -> None:
            if project is self._current():
                project.add_measurement(record.id, version.id, table)
                self._next(project, left, [*tables, (record.name, table)])

        self._background.run(lambda: _measure(opened, record.name), keep, self._complain)

    def _complain(self, error: SxtError) -> None:
        self.failed.emit(str(error))


def _measure(opened: OpenVolume, cell: str) -> MeasurementTable:
    from sxtstudio.analysis.morphometry import measure

    if opened.check is not None:
        opened.check(ignore)
    size_um = opened.tomogram.voxel_size_um
    tomogram = Tomogram(lac_ZYX=np.asarray(opened.tomogram.lac_ZYX), voxel_size_um=size_um)
    label_map = LabelMap(
        labels_ZYX=np.asarray(opened.labels), names=opened.names, voxel_size_um=size_um
    )
    return measure(tomogram, label_map, cell)


def _joined(tables: list[tuple[str, MeasurementTable]]) -> MeasurementTable:
    first = tables[0][1]
    rows = tuple(row for _, table in tables for row in table.rows)
    return MeasurementTable(columns=first.columns, rows=rows, made_by=first.made_by)
