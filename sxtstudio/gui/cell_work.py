"""What the menus and the browser do with cells: train, segment, measure, export, rename, draw."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from sxtstudio.core.errors import ProjectError
from sxtstudio.gui.cell_commands import chosen_cell, export_cell, rename_cell, save_picture
from sxtstudio.gui.export_dialog import ExportDialog
from sxtstudio.gui.file_errand import FileErrand
from sxtstudio.gui.segment_dialog import SegmentDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.train_dialog import TrainDialog


class CellWork(QObject):
    """Asks what is to be done with cells and has the session do it.

    ``open_dialog`` shows a dialog and calls its second argument when that is accepted.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        files: FileErrand,
        open_dialog: Callable[[QDialog, Callable[[], object]], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._files = files
        self._open_dialog = open_dialog

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of these names do."""
        session = self._session
        return {
            "train": self.train,
            "segment": lambda: self.segment(None),
            "measure": lambda: self.measure(session.cell_id),
            "measure_all": self.measure_all,
            "export": lambda: self.export(session.cell_id),
            "rename": lambda: self.rename(session.cell_id),
        }

    def train(self) -> None:
        """Ask for a training and queue it."""
        dialog = TrainDialog(self._session, self._window)
        self._open_dialog(dialog, lambda: self._session.train(dialog.request()))

    def segment(self, cell_id: str | None) -> None:
        """Ask for a segmentation and queue it."""
        dialog = SegmentDialog(self._session, cell_id, self._window)
        self._open_dialog(dialog, lambda: self._session.segment(dialog.request()))

    def measure(self, cell_id: str | None) -> None:
        """Measure one cell."""
        self._session.measure([chosen_cell(self._session, cell_id).id])

    def measure_all(self) -> None:
        """Measure every cell that has labels."""
        cells = [cell.id for cell in self._session.cells() if cell.versions]
        if not cells:
            raise ProjectError("No cell has labels to measure; segment a cell first.")
        self._session.measure(cells)

    def export(self, cell_id: str | None) -> None:
        """Ask what and where, and export."""
        dialog = ExportDialog(self._session, cell_id, self._window)
        self._open_dialog(dialog, lambda: self._export(dialog))

    def _export(self, dialog: ExportDialog) -> None:
        if dialog.cell is not None:
            export_cell(self._window, self._session, self._files, dialog.cell, dialog.what)

    def rename(self, cell_id: str | None) -> None:
        """Ask for a cell's new name."""
        rename_cell(self._window, self._session, cell_id)

    def save_picture(self, cell_id: str | None) -> None:
        """Ask where to, and save the cell in three dimensions as a picture."""
        save_picture(self._window, self._session, self._files, cell_id)
