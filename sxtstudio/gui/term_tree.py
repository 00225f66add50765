"""The vocabulary as a tree with colours, LAC ranges and synonyms, and a search in it."""

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from sxtstudio.core.ontology import Ontology, SemanticClass
from sxtstudio.gui.class_list import swatch_icon

_HEADERS = ("Term", "Typical LAC (µm⁻¹)", "Also called")
_ID = Qt.ItemDataRole.UserRole
_WIDTHS_PX = (250, 130)
_ROW_PX = 24


class TermTree(QTreeWidget):
    """A row a term, the root on top; ``term_chosen`` tells the id of the row that was chosen."""

    term_chosen = Signal(str)

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("term_tree")
        self.setAccessibleName("Terms of the vocabulary")
        self.setHeaderLabels(list(_HEADERS))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        for column, width in enumerate(_WIDTHS_PX):
            self.setColumnWidth(column, width)
        self._rows: dict[str, QTreeWidgetItem] = {}
        self.show_terms(ontology)
        self.currentItemChanged.connect(self._tell)

    def show_terms(self, ontology: Ontology) -> None:
        """Show a vocabulary; what was chosen stays chosen."""
        chosen = self.chosen
        self.blockSignals(True)
        self.clear()
        self._ontology = ontology
        self._rows = {}
        for term in ontology.classes:
            parent = self._rows[term.parent] if term.parent else self.invisibleRootItem()
            self._rows[term.id] = _row(parent, term)
        self.expandAll()
        self.blockSignals(False)
        self.choose(chosen if chosen in self._rows else ontology.root.id)

    @property
    def chosen(self) -> str | None:
        """The id of the chosen term."""
        item = self.currentItem()
        return item.data(0, _ID) if item is not None else None

    def choose(self, class_id: str) -> None:
        """Choose a term and bring it into view."""
        self.setCurrentItem(self._rows[class_id])
        self.scrollToItem(self._rows[class_id])

    @Slot(str)
    def search(self, words: str) -> None:
        """Show only what a search finds, with all that it lies in, and choose the best."""
        best = show_found(self._rows, self._ontology, words)
        if best is not None:
            self.choose(best)

    def shown(self) -> Iterator[str]:
        """Yield the ids of the rows that are not hidden."""
        return (class_id for class_id, row in self._rows.items() if not row.isHidden())

    def rows(self) -> Iterator[tuple[str, QTreeWidgetItem]]:
        """Yield the id and the row of every term, parents first."""
        return iter(self._rows.items())

    @Slot()
    def _tell(self) -> None:
        if self.chosen is not None:
            self.term_chosen.emit(self.chosen)


def show_found(rows: Mapping[str, QTreeWidgetItem], ontology: Ontology, words: str) -> str | None:
    """Hide the rows that a search does not find, and return the id that fits best.

    What the found terms lie in stays in view. Nothing typed shows everything and returns None.
    """
    found = [term.id for term in ontology.search(words)] if words.strip() else []
    kept = {up for class_id in found for up in ontology.ancestors(class_id)}
    for class_id, row in rows.items():
        row.setHidden(bool(words.strip()) and class_id not in kept)
        font = row.font(0)
        font.setBold(class_id in found)
        row.setFont(0, font)
    return found[0] if found else None


def lac_words(term: SemanticClass) -> str:
    """Return the typical LAC range of a term in µm⁻¹, empty where none is known."""
    if term.lac_range_per_um is None:
        return ""
    low, high = term.lac_range_per_um
    return f"{low:.2f}–{high:.2f}"


def term_tip(term: SemanticClass) -> str:
    """Return what a tool tip tells of a term."""
    also = f"Also called {', '.join(term.synonyms)}." if term.synonyms else ""
    lac = f"Typical LAC {lac_words(term)} µm⁻¹ ({term.source})." if term.lac_range_per_um else ""
    return "\n".join(filter(None, (also, lac))) or term.name


def _row(parent: QTreeWidgetItem, term: SemanticClass) -> QTreeWidgetItem:
    row = QTreeWidgetItem(parent, [term.name, lac_words(term), ", ".join(term.synonyms)])
    row.setData(0, _ID, term.id)
    row.setIcon(0, swatch_icon(term.colour))
    row.setSizeHint(0, QSize(0, _ROW_PX))
    for column in range(len(_HEADERS)):
        row.setToolTip(column, term_tip(term))
    return row
