"""A tree on whose rows files can be dropped."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QTreeView, QWidget

_FRAME_PX = 2


class DropTree(QTreeView):
    """``dropped`` carries the paths of files, and the index of the row on which they were dropped.

    The index is invalid beside all rows. While files are held above a row, it has a frame.
    """

    dropped = Signal(object, QModelIndex)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._held = QPersistentModelIndex()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        self._welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show on which row the files would be dropped."""
        self._welcome(event)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Take the frame off."""
        self._hold(QModelIndex())

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which files were dropped, and where."""
        index = self.indexAt(event.position().toPoint())
        self._hold(QModelIndex())
        event.acceptProposedAction()
        urls = event.mimeData().urls()
        self.dropped.emit([Path(url.toLocalFile()) for url in urls if url.isLocalFile()], index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, and a frame around the one that files are held above."""
        super().paintEvent(event)
        if self._held.isValid():
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), _FRAME_PX))
            place = self.visualRect(self._held)
            painter.drawRect(place.adjusted(1, 1, -_FRAME_PX, -_FRAME_PX))
            painter.end()

    def _welcome(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._hold(self.indexAt(event.position().toPoint()))

    def _hold(self, index: QModelIndex) -> None:
        self._held = QPersistentModelIndex(index)
        self.viewport().update()
