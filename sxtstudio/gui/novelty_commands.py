"""What the window does about cells that differ: the banner, slabs to draw, telling on demand."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.novelty import Novelty, novelty_words
from sxtstudio.core.region import Voxel
from sxtstudio.core.scope import AXES, Slices
from sxtstudio.core.slabs import Slab
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.novelty_banner import NoveltyBanner
from sxtstudio.gui.painting.commands import PaintingCommands
from sxtstudio.gui.session import Session
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.novelty import FEW_WORDS, differs_words, novelty_before_segmenting

NO_NETWORK = (
    "There is no network to compare this cell with. Train one first, or segment the cell with one."
)
_AT_ONCE = "Compared by voxel size, noise, missing wedge and LAC alone; segment it to know more."
_WORKING = "Comparing the cell with those that the network knows …"


class NoveltyCommands(QObject):
    """Shows the banner for a cell whose newest labels raise the alarm, until it is dismissed."""

    def __init__(self, window: QWidget, session: Session, painting: PaintingCommands) -> None:
        super().__init__(window)
        self._session, self._painting = session, painting
        self._comparing = Latest(self)
        self._dismissed: set[tuple[str, str]] = set()
        self._slab: Slab | None = None
        self._actions: Mapping[str, QAction] = {}
        self.banner = NoveltyBanner()
        self.banner.slab_wanted.connect(self._draw)
        self.banner.dismissed.connect(self._dismiss)
        session.selection_changed.connect(self._look)
        session.contents_changed.connect(self._look)
        painting.editing.began.connect(self._begun)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {"differs": self.tell}

    def connect_to(self, actions: Mapping[str, QAction]) -> None:
        """Take the actions that the banner offers."""
        self._actions = actions
        self.banner.doubt_wanted.connect(actions["review"].trigger)
        self.banner.places_wanted.connect(self._show_places)

    def shutdown(self) -> None:
        """End what runs in the thread."""
        self._comparing.close()

    def tell(self) -> None:
        """Say how the cell on show differs, whether it was dismissed or not.

        Raises
        ------
        ProjectError
            If no cell is on show, or there is no network to compare it with.
        """
        cell = self._shown()
        if cell is None:
            raise ProjectError("No cell of a project is on show; choose one in the browser.")
        version = _newest_prediction(cell)
        if version is not None:
            self._dismissed.discard((cell.id, version.id))
            self._show(cell, version.novelty, version)
            return
        self._compare(cell)

    def _compare(self, cell: CellRecord) -> None:
        """Compare a cell that no network has segmented, in the background."""
        project, networks = self._session.require_project(), self._session.networks()
        if not networks:
            raise ProjectError(NO_NETWORK)
        references = project.network_card(networks[-1].id).references
        tomogram = project.looking.tomogram(cell)
        self.banner.tell("", _WORKING, warning=False, slabs=(), places=False, doubt=False)

        def done(found: tuple[Novelty | None]) -> None:
            if self._session.cell_id == cell.id:
                self._show(cell, found[0], None)

        def failed(error: SxtError) -> None:
            self.banner.hide()
            self._session.failed.emit(str(error))

        self._comparing.run(
            lambda _: (novelty_before_segmenting(cell.name, tomogram, references),), done, failed
        )

    def _show(
        self, cell: CellRecord, novelty: Novelty | None, version: LabelVersion | None
    ) -> None:
        """Say what a prediction tells of a cell, or, without any, what its voxels tell."""
        before = version is None
        alarm = novelty is not None and novelty.alarm
        words = FEW_WORDS if novelty is None else novelty_words(novelty)
        self.banner.tell(
            differs_words(cell.name) if alarm else cell.name,
            f"{words} {_AT_ONCE}" if before and novelty is not None else words,
            warning=alarm,
            slabs=novelty.slabs if novelty is not None else (),
            places=version is not None and version.novelty_step is not None,
            doubt=not before,
        )

    @Slot()
    def _show_places(self) -> None:
        action = self._actions["novelty"]
        if not action.isChecked():
            action.trigger()

    @Slot()
    def _look(self) -> None:
        """Show the banner for a cell that differs, hide it for others."""
        cell = self._shown()
        version = _newest_prediction(cell) if cell else None
        self._slab = None
        if cell is None or version is None or version is not cell.versions[-1]:
            self.banner.hide()
            return
        novelty, known = version.novelty, (cell.id, version.id)
        if novelty is not None and novelty.alarm and known not in self._dismissed:
            self._show(cell, novelty, version)
        else:
            self.banner.hide()

    def _shown(self) -> CellRecord | None:
        """Return the cell on show as the project knows it now."""
        project, cell_id = self._session.project, self._session.cell_id
        if project is None or cell_id is None:
            return None
        return project.cell(cell_id)

    @Slot()
    def _dismiss(self) -> None:
        cell = self._shown()
        version = _newest_prediction(cell) if cell else None
        if cell is not None and version is not None:
            self._dismissed.add((cell.id, version.id))
        self._comparing.cancel()
        self.banner.hide()

    # Slabs

    @Slot(object)
    def _draw(self, slab: Slab) -> None:
        """Go to a slab and edit the labels there; more slabs along the axis add up."""
        if self._painting.editing.active:
            self._plan(slab)
            return
        self._slab = slab
        self._go(slab)
        self._actions["edit_labels"].trigger()

    @Slot()
    def _begun(self) -> None:
        if self._slab is not None:
            self._plan(self._slab)
        self._slab = None

    def _plan(self, slab: Slab) -> None:
        self._go(slab)
        axis = AXES.index(slab.axis)
        planned = self._painting.settings.planned
        known = planned.indices if planned is not None and planned.axis == axis else ()
        indices = tuple(sorted({*known, *range(slab.start, slab.stop)}))
        self._painting.settings.plan(Slices(axis=axis, indices=indices))
        self._session.noted.emit(
            f"Draw every structure in {slab.words}. When you save, only the slabs count as drawn."
        )

    def _go(self, slab: Slab) -> None:
        """Put the crosshair into the middle plane of a slab."""
        z, y, x = self._session.view.cursor
        middle = (slab.start + slab.stop - 1) // 2
        places: dict[str, Voxel] = {"z": (middle, y, x), "y": (z, middle, x), "x": (z, y, middle)}
        self._session.view.set_cursor(places[slab.axis])


def _newest_prediction(cell: CellRecord) -> LabelVersion | None:
    found = [version for version in cell.versions if version.kind == "predicted"]
    return found[-1] if found else None
