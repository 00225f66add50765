"""How sure the network is of the labels on show, voxel by voxel."""

from PySide6.QtCore import QObject, Slot

from sxtstudio.core.volume import ArrayLike
from sxtstudio.gui.session import Session
from sxtstudio.gui.view_state import Voxel


class ShownProbability(QObject):
    """Knows the probability of predicted labels, as long as nobody edits them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._uncertainty_ZYX: ArrayLike | None = None
        session.selection_changed.connect(self._open)
        session.view.labels_edited.connect(self._forget)

    def at(self, voxel: Voxel) -> float | None:
        """Return the probability of the label of a voxel, 0 to 1; None where it is not known."""
        unsure = self._uncertainty_ZYX
        shape = () if unsure is None else unsure.shape
        if unsure is None or not all(i < n for i, n in zip(voxel, shape, strict=True)):
            return None
        return 1 - int(unsure[voxel]) / 255

    @Slot()
    def _open(self) -> None:
        self._forget()
        project, cell_id = self._session.project, self._session.cell_id
        if project is None or cell_id is None:
            return
        cell = project.cell(cell_id)
        shown = [it for it in cell.versions if it.id == self._session.version_id]
        if shown and shown[0].has_probabilities:
            self._uncertainty_ZYX = project.looking.uncertainty(cell, shown[0].id)

    @Slot()
    def _forget(self) -> None:
        self._uncertainty_ZYX = None
