"""Pictures of library cells, read only when they are painted, the newest wish first."""

from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress, Report
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.library.library import Library

_MOST_KEPT = 2_000
_MOST_WISHES = 120
_BATCH = 6


class LibraryPreviews(QObject):
    """Gives the three planes of a cell's preview as pixmaps; ``ready`` tells when one has come.

    The newest wishes are met first and the oldest are dropped: what is scrolled past is not read.
    """

    ready = Signal(str)

    def __init__(self, session: LibrarySession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._kept: OrderedDict[str, tuple[QPixmap, ...]] = OrderedDict()
        self._wishes: OrderedDict[str, None] = OrderedDict()
        self._reading = False
        self._library = session.library
        session.changed.connect(self._forget_other_library)

    def get(self, cell_id: str) -> tuple[QPixmap, ...] | None:
        """Return the XY, XZ and YZ plane of a cell, or None and read them in the background.

        Empty where the preview cannot be read.
        """
        planes = self._kept.get(cell_id)
        if planes is not None:
            self._kept.move_to_end(cell_id)
            return planes
        self._wishes[cell_id] = None
        self._wishes.move_to_end(cell_id)
        if len(self._wishes) > _MOST_WISHES:
            self._wishes.popitem(last=False)
        self._read_next()
        return None

    def _read_next(self) -> None:
        if self._reading or not self._wishes or self._session.library is None:
            return
        self._reading = True
        batch = [self._wishes.popitem()[0] for _ in range(min(_BATCH, len(self._wishes)))]
        self._session.run(lambda library, report: _read(library, batch, report), self._keep)

    def _keep(self, previews: dict[str, np.ndarray | None]) -> None:
        self._reading = False
        for cell_id, planes in previews.items():
            pixmaps = () if planes is None else tuple(_pixmap(plane) for plane in planes)
            self._kept[cell_id] = pixmaps
            self.ready.emit(cell_id)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        self._read_next()

    def _forget_other_library(self) -> None:
        if self._session.library is not self._library:
            self._library = self._session.library
            self._reading = False
            self._kept.clear()
            self._wishes.clear()


def _read(library: Library, cells: list[str], report: Report) -> dict[str, np.ndarray | None]:
    previews: dict[str, np.ndarray | None] = {}
    for cell_id in cells:
        report(Progress(text="Reading previews"))
        try:
            previews[cell_id] = library.preview(cell_id)
        except SxtError:
            previews[cell_id] = None  # an empty frame is shown; checking the library tells why
    return previews


def _pixmap(plane: np.ndarray) -> QPixmap:
    height, width = plane.shape
    values = plane.tobytes()  # QImage does not copy them
    image = QImage(values, width, height, width, QImage.Format.Format_Grayscale8)
    return QPixmap.fromImage(image)
