"""Cells measured one after the other in the background; the project itself stays in this thread."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import SxtError
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.background import Background
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion

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
        tomogram = project.tomogram(record.id)
        label_map = project.label_map(record.id, version.id)

        def keep(table: MeasurementTable) -> None:
            if project is self._current():
                project.add_measurement(record.id, version.id, table)
                self._next(project, left, [*tables, (record.name, table)])

        self._background.run(
            lambda: _measure(tomogram, label_map, record.name), keep, self._complain
        )

    def _complain(self, error: SxtError) -> None:
        self.failed.emit(str(error))


def _measure(tomogram: Tomogram, label_map: LabelMap, cell: str) -> MeasurementTable:
    from sxtstudio.analysis.morphometry import measure

    return measure(tomogram, label_map, cell)


def _joined(tables: list[tuple[str, MeasurementTable]]) -> MeasurementTable:
    first = tables[0][1]
    rows = tuple(row for _, table in tables for row in table.rows)
    return MeasurementTable(columns=first.columns, rows=rows, made_by=first.made_by)
