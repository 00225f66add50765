"""The dialog that asks for one new term, for a material that no term stands for."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from sxtstudio.core.ontology import Ontology, SemanticClass
from sxtstudio.gui.fields import text_label
from sxtstudio.gui.term_form import TermForm
from sxtstudio.gui.term_tree import TermTree

_SIZE = (860, 520)
_CELL = "cell"


class NewTermDialog(QDialog):
    """The tree chooses what the term lies in; ``term`` is the answer once it was accepted."""

    def __init__(self, material: str, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("new_term_dialog")
        self.setWindowTitle("New term")
        self.term: SemanticClass | None = None
        self._ontology = ontology
        self.tree = TermTree(ontology)
        self.form = TermForm(ontology)
        self.form.name_edit.setText(material)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        words = f"What does “{material}” lie in? Choose in the tree, and say how it is called."
        columns = QHBoxLayout()
        columns.addWidget(self.tree, 3)
        columns.addWidget(self.form, 2)
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("new_term_words", "What to do", words))
        layout.addLayout(columns, 1)
        layout.addWidget(self.buttons)
        self.resize(*_SIZE)
        self.tree.term_chosen.connect(self._place)
        self.form.wanted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        self.tree.choose(_CELL if _CELL in ontology else ontology.root.id)
        self._place(self.tree.chosen or ontology.root.id)

    @Slot(str)
    def _place(self, class_id: str) -> None:
        self.form.set_place(self._ontology, class_id)

    @Slot(object)
    def _take(self, term: SemanticClass) -> None:
        self.term = term
        self.accept()
