"""Single objects of the cell on show: which one was clicked, and what was measured on each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.distances import target_of, with_distances
from sxtstudio.analysis.morphometry import measure
from sxtstudio.analysis.object_colours import object_numbers
from sxtstudio.analysis.objects import find_objects
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.view_state import Voxel

Surfaces = Mapping[int, vtkPolyData]


@dataclass(frozen=True, kw_only=True, eq=False)
class Numbered:
    """What was measured, and for each surface the number of the object of each triangle."""

    table: MeasurementTable
    fine: Mapping[int, np.ndarray]
    light: Mapping[int, np.ndarray]


class ObjectFinder(QObject):
    """Finds and measures objects in a thread.

    ``found`` tells a label and the number of its object, 1 the largest, 0 if it is none;
    ``measured`` carries a `Numbered`.
    """

    found = Signal(int, int)
    measured = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picking = Latest(self)
        self._measuring = Latest(self)
        self._table: MeasurementTable | None = None

    @property
    def table(self) -> MeasurementTable | None:
        """What was measured, if it was."""
        return self._table

    def forget(self) -> None:
        """Measure anew next time: the labels have changed."""
        self._table = None
        self._measuring.cancel()

    def pick(self, label_map: LabelMap, label: int, voxel: Voxel) -> None:
        """Find which object of a label a voxel belongs to."""

        def work(_: Report) -> int:
            objects = find_objects(label_map.labels_ZYX, [label])
            (z0, y0, x0), reach = voxel, 2
            box = tuple(slice(max(0, i - reach), i + reach + 1) for i in (z0, y0, x0))
            near = objects.ids_ZYX[box]
            here = int(objects.ids_ZYX[voxel])
            return here or int(near.max(initial=0))

        self._picking.run(work, lambda number: self.found.emit(label, number), self._fail)

    def lacks(self, column: str, label_map: LabelMap) -> bool:
        """Tell whether a column of distances is still to be measured."""
        known = self._table.columns if self._table else ()
        wanted = target_of(column, label_map.names) is not None
        return wanted and all(it.name != column for it in known)

    def number(
        self,
        tomogram: Tomogram,
        label_map: LabelMap,
        column: str,
        levels: tuple[Surfaces, Surfaces],
    ) -> None:
        """Measure every object, this column too, and find whose each triangle is."""
        known = self._table

        def work(_: Report) -> Numbered:
            table = known or measure(tomogram, label_map, "cell")
            table = with_distances(table, label_map, column)
            objects = find_objects(label_map.labels_ZYX, sorted(label_map.names))
            size_um = label_map.voxel_size_um
            fine, light = (
                {label: object_numbers(it, label, objects, size_um) for label, it in level.items()}
                for level in levels
            )
            return Numbered(table=table, fine=fine, light=light)

        def done(numbered: Numbered) -> None:
            self._table = numbered.table
            self.measured.emit(numbered)

        self._measuring.run(work, done, self._fail)

    def close(self) -> None:
        """Cancel and wait until the threads have ended."""
        self._picking.close()
        self._measuring.close()

    def _fail(self, error: SxtError) -> None:
        self.failed.emit(str(error))
