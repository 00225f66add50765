"""The doubtful places as rows of a table."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Slot

from sxtstudio.core.review import Doubt, Verdict
from sxtstudio.gui.browser import local_time
from sxtstudio.gui.review.queue import ReviewQueue
from sxtstudio.gui.theme import icon

MARK, CLASS, DOUBT, CELL = range(4)
_HEADERS = ("", "Place", "Doubt", "Cell")
NO_OBJECT = "no object"
ICONS: dict[Verdict, str] = {"accepted": "accepted", "rejected": "rejected", "flagged": "flagged"}
_SAID: dict[Verdict, str] = {"accepted": "Accepted", "rejected": "Rejected", "flagged": "Flagged"}

Index = QModelIndex | QPersistentModelIndex


class ReviewModel(QAbstractTableModel):
    """One row a place, in the order of the queue."""

    def __init__(self, queue: ReviewQueue) -> None:
        super().__init__(queue)
        self._queue = queue
        self._doubts: tuple[Doubt, ...] = queue.doubts
        queue.changed.connect(self._refresh)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The places in the order of the rows."""
        return self._doubts

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of places."""
        return 0 if parent.isValid() else len(self._doubts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the words above a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a view asks for of a place."""
        doubt = self._doubts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(doubt, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(place_words(doubt, self._queue))
        if role == Qt.ItemDataRole.DecorationRole and index.column() == MARK:
            said = self._queue.decision_on(doubt.place)
            return icon(ICONS[said.verdict]) if said else None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == DOUBT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _words(self, doubt: Doubt, column: int) -> str:
        place = doubt.place
        return {
            MARK: "",
            CLASS: ", ".join((place.name or NO_OBJECT, *doubt.hints)),
            DOUBT: f"{place.doubt:.0%}",
            CELL: self._queue.cell_name(place),
        }[column]

    @Slot()
    def _refresh(self) -> None:
        new = self._queue.doubts
        if new == self._doubts:
            if new:
                last = self.index(len(new) - 1, CELL)
                self.dataChanged.emit(self.index(0, MARK), last)
            return
        self.beginResetModel()
        self._doubts = new
        self.endResetModel()


def place_words(doubt: Doubt, queue: ReviewQueue) -> list[str]:
    """Return what is known of a place, a line each."""
    place, said = doubt.place, queue.decision_on(doubt.place)
    z, y, x = place.voxel
    lines = [
        f"{queue.cell_name(place)}, z {z}, y {y}, x {x}",
        f"{place.volume_um3:.2g} µm³, LAC {place.lac_per_um:.2f} µm⁻¹, "
        f"{place.doubt:.0%} of it is probably wrong",
        *(f"{reason}." for reason in doubt.reasons),
    ]
    if said is not None:
        rest = ""
        if said.verdict == "rejected":
            rest = ", taken out" if said.edited else ", still to be corrected"
        lines.append(f"{_SAID[said.verdict]} by {said.person}, {local_time(said.time)}{rest}")
    return lines
