"""The dialog that asks which classes of the vocabulary are to be drawn."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QTreeWidgetItem, QVBoxLayout, QWidget

from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.fields import accept_buttons, line_edit, text_label
from sxtstudio.gui.term_tree import TermTree

_SIZE = (640, 560)


class TermPicker(QDialog):
    """A tick for every term of the vocabulary; ``chosen`` are the ids of those that are ticked.

    Classes in ``taken`` are there already and cannot be ticked.
    """

    def __init__(
        self,
        title: str,
        words: str,
        ontology: Ontology,
        taken: frozenset[str] = frozenset(),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("term_picker")
        self.setWindowTitle(title)
        self.search_edit = line_edit("term_picker_search", "Search a structure", "Search …")
        self.search_edit.setClearButtonEnabled(True)
        self.tree = TermTree(ontology)
        self._rows = _tickable(self.tree, ontology, taken)
        self.summary = text_label("term_picker_summary", "What is ticked")
        self.buttons, self.accept_button = accept_buttons("term_picker_accept", "Draw these")
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("term_picker_words", "Explanation", words))
        layout.addWidget(self.search_edit)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.summary)
        layout.addWidget(self.buttons)
        self.search_edit.textChanged.connect(self.tree.search)
        self.tree.itemChanged.connect(self._summarise)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._ontology = ontology
        self._summarise()
        self.resize(*_SIZE)

    @property
    def chosen(self) -> list[str]:
        """The ids of the classes that are ticked, in the vocabulary's order."""
        return [
            class_id
            for class_id, row in self._rows.items()
            if row.checkState(0) == Qt.CheckState.Checked
        ]

    def tick(self, class_id: str) -> None:
        """Tick a class."""
        self._rows[class_id].setCheckState(0, Qt.CheckState.Checked)

    @Slot()
    def _summarise(self) -> None:
        names = [self._ontology.term(class_id).name for class_id in self.chosen]
        self.summary.setText(f"To be drawn: {', '.join(names)}." if names else "Nothing is ticked.")
        self.accept_button.setEnabled(bool(names))


def _tickable(
    tree: TermTree, ontology: Ontology, taken: frozenset[str]
) -> dict[str, QTreeWidgetItem]:
    """Give every term but the root and those taken a tick, and return the rows by id."""
    rows: dict[str, QTreeWidgetItem] = {}
    for class_id, row in tree.rows():
        if class_id in taken:
            row.setText(0, f"{row.text(0)} (is there)")
        elif class_id != ontology.root.id:
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            row.setCheckState(0, Qt.CheckState.Unchecked)
            rows[class_id] = row
    return rows
