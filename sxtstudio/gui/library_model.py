"""The cells of a library as rows of a list."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Slot

from sxtstudio.core.ontology import Ontology, default_ontology
from sxtstudio.gui.library_previews import LibraryPreviews
from sxtstudio.gui.library_words import class_rows
from sxtstudio.library.queries import drawn_classes
from sxtstudio.library.records import LibraryCell
from sxtstudio.workflow.importing import voxel_words

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
PLANES_ROLE = Qt.ItemDataRole.UserRole + 2
MARKS_ROLE = Qt.ItemDataRole.UserRole + 3

Index = QModelIndex | QPersistentModelIndex


class LibraryModel(QAbstractListModel):
    """One row a cell; previews are read when a view first asks for them."""

    def __init__(self, previews: LibraryPreviews) -> None:
        super().__init__()
        self._previews = previews
        self._cells: tuple[LibraryCell, ...] = ()
        self._rows: dict[str, int] = {}
        self._ontology = default_ontology()
        previews.ready.connect(self._repaint)

    @property
    def cells(self) -> tuple[LibraryCell, ...]:
        """The cells in the order of the rows."""
        return self._cells

    def show_cells(self, cells: Sequence[LibraryCell], ontology: Ontology) -> None:
        """Show these cells, with the names and colours of a vocabulary."""
        self.beginResetModel()
        self._cells, self._ontology = tuple(cells), ontology
        self._rows = {cell.id: row for row, cell in enumerate(self._cells)}
        self.endResetModel()

    def row_of(self, cell_id: str) -> int | None:
        """Return where a cell stands, None if it is not shown."""
        return self._rows.get(cell_id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of cells."""
        return 0 if parent.isValid() else len(self._cells)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a view asks for of a cell."""
        cell = self._cells[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.name
        if role == CELL_ROLE:
            return cell
        if role == PLANES_ROLE:
            return self._previews.get(cell.id)
        if role == MARKS_ROLE:
            return class_marks(cell, self._ontology)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_words(cell, self._ontology)
        return None

    @Slot(str)
    def _repaint(self, cell_id: str) -> None:
        row = self._rows.get(cell_id)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index, [PLANES_ROLE])


def class_marks(cell: LibraryCell, ontology: Ontology) -> tuple[tuple[str, bool], ...]:
    """Return the colour of every class drawn in a cell, in tree order, and whether everywhere."""
    drawn = drawn_classes(cell)
    everywhere = {
        row.class_id
        for annotation in cell.annotations
        for row in class_rows(annotation, ontology)
        if row.state == "everywhere"
    }
    return tuple(
        (term.colour, term.id in everywhere) for term in ontology.classes if term.id in drawn
    )


def tip_words(cell: LibraryCell, ontology: Ontology) -> str:
    """Return what a tool tip says of a cell."""
    drawn = ", ".join(sorted(ontology.term(it).name for it in drawn_classes(cell)))
    lines = [
        cell.name,
        f"{' × '.join(map(str, cell.shape))} voxels of {voxel_words(cell.voxel_size_um)}",
        ", ".join(filter(None, (cell.species, cell.strain, cell.condition, cell.instrument))),
        f"drawn: {drawn or 'nothing'}",
        f"withdrawn: {cell.withdrawn}" if cell.withdrawn else "",
        "replaced by a newer version" if cell.superseded_by else "",
    ]
    return "\n".join(filter(None, lines))
