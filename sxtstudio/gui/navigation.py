"""Going from object to object of a class, and choosing the class under the mouse."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress, Report
from sxtstudio.core.volume import LabelMap, voxel_volume_um3
from sxtstudio.gui.class_list import NAME, ClassList
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.view_state import ViewState, Voxel

NO_CLASS = "Choose a class in the class list first, or one in a view with C."
NO_LABELS = "There are no labels on show, so there is no object to go to."


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A voxel in the middle of an object, and how large the object is."""

    voxel: Voxel
    volume_um3: float


class Navigation(QObject):
    """Finds the objects of the chosen class in a thread; ``noted`` tells where the view went."""

    noted = Signal(str)
    failed = Signal(str)

    def __init__(self, state: ViewState, classes: ClassList) -> None:
        super().__init__(classes)
        self._state, self._classes = state, classes
        self._finding = Latest(self)
        self._mouse: Voxel | None = None
        self._label, self._at = 0, -1
        self._stops: tuple[Stop, ...] = ()
        state.labels_changed.connect(self._forget)
        state.labels_edited.connect(self._forget)

    @property
    def chosen_label(self) -> int:
        """Label of the chosen class, 0 if none is."""
        row = self._classes.currentRow()
        return self._classes.label_of_row(row) if row >= 0 else 0

    @Slot(object)
    def note_mouse(self, voxel: Voxel | None) -> None:
        """Remember the voxel under the mouse."""
        self._mouse = voxel

    def pick_class(self) -> None:
        """Choose the class under the mouse, or at the cursor if the mouse is elsewhere."""
        facts = self._state.describe_voxel(*(self._mouse or self._state.cursor))
        if facts is None or not facts.label:
            self.noted.emit("Nothing is labelled here.")
            return
        for row in range(self._classes.rowCount()):
            if self._classes.label_of_row(row) == facts.label:
                self._classes.setCurrentCell(row, NAME)
        self.noted.emit(f"Chosen: {facts.class_name}.")

    def go_on(self, steps: int) -> None:
        """Go to the next object of the chosen class, or the previous one; the largest is first."""
        label, label_map = self.chosen_label, self._state.label_map
        if label == 0 or label_map is None:
            self.noted.emit(NO_LABELS if label_map is None else NO_CLASS)
            return
        if label == self._label:
            self._go(steps)
            return

        def take(stops: tuple[Stop, ...]) -> None:
            self._label, self._stops, self._at = label, stops, -1 if steps > 0 else 0
            self._go(steps)

        self._finding.run(lambda report: find_stops(label_map, label, report), take, self._complain)

    def shutdown(self) -> None:
        """End the search."""
        self._finding.close()

    def _go(self, steps: int) -> None:
        name = next((it.name for it in self._state.classes if it.label == self._label), "class")
        if not self._stops:
            self.noted.emit(f"There is no object of {name}.")
            return
        self._at = (self._at + steps) % len(self._stops)
        stop = self._stops[self._at]
        self._state.set_cursor(stop.voxel)
        place = f"{self._at + 1} of {len(self._stops)}"
        self.noted.emit(f"{name} {place}, {stop.volume_um3:.3g} µm³")

    @Slot()
    def _forget(self) -> None:
        self._finding.cancel()
        self._label, self._stops = 0, ()

    def _complain(self, error: SxtError) -> None:
        self.failed.emit(str(error))


def find_stops(label_map: LabelMap, label: int, report: Report) -> tuple[Stop, ...]:
    """Return a stop for every object of a label, the largest first."""
    from sxtstudio.analysis.objects import find_objects

    report(Progress(text="Looking for objects"))
    objects = find_objects(np.asarray(label_map.labels_ZYX), [label])
    voxel_um3 = voxel_volume_um3(label_map.voxel_size_um)
    stops: list[Stop] = []
    for index in objects.of(label):
        report(Progress(text="Looking for objects"))
        inside = np.argwhere(objects.mask_ZYX(index))
        corner = np.array([part.start for part in objects.boxes[index]])
        # The centre of a bent object may lie outside it.
        away = np.linalg.norm(inside + corner - objects.centre_voxel[index], axis=1)
        z, y, x = (int(i) for i in inside[int(away.argmin())] + corner)
        volume_um3 = float(objects.voxels[index]) * voxel_um3
        stops.append(Stop(voxel=(z, y, x), volume_um3=volume_um3))
    return tuple(stops)
