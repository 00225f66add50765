"""What is asked of a file of labels: a class for every value, where it is drawn, what is absent."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.core.ontology import IGNORE, Extension
from sxtstudio.gui import messages
from sxtstudio.gui.absent_field import AbsentField
from sxtstudio.gui.fields import push_button
from sxtstudio.gui.import_preview import LabelPreview
from sxtstudio.gui.label_table import LabelTable
from sxtstudio.gui.new_term_dialog import NewTermDialog
from sxtstudio.gui.vocabulary import Vocabulary


class LabelFields(QWidget):
    """The table of label values, and the structures the cell does not have.

    ``all_button``, which ticks every class, is put where there is room by whoever shows the fields.
    """

    changed = Signal()

    def __init__(self, vocabulary: Vocabulary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vocabulary = vocabulary
        self.table = LabelTable(vocabulary.ontology)
        self.absent_field = AbsentField(vocabulary.ontology)
        self.all_button = push_button(
            "all_complete_button",
            "All drawn everywhere",
            "Tick this for a cell where every voxel of every class was labelled",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.absent_field)
        self.table.changed.connect(self.changed)
        self.absent_field.changed.connect(self.changed)
        self.all_button.clicked.connect(self.table.tick_all)
        self.table.new_term_wanted.connect(self._ask_term)
        vocabulary.changed.connect(self._take_vocabulary)

    def show_labels(self, preview: LabelPreview | None) -> None:
        """Show the values of a label file, or none."""
        self.table.show_labels(preview)
        self.absent_field.clear()

    def problem(self) -> str:
        """Return what still has to be chosen, or contradicts itself, empty if nothing."""
        drawn = self.table.drawn() & set(self.absent_field.absent)
        names = ", ".join(sorted(self._vocabulary.ontology.term(it).name for it in drawn))
        return self.table.problem() or (
            f"The labels show {names}; the cell cannot have none of it." if drawn else ""
        )

    def says_nothing(self) -> bool:
        """Tell whether no voxel stands for a structure, and nothing is known to be absent."""
        return not self.table.drawn() - {IGNORE} and not self.absent_field.absent

    def complete_words(self) -> str:
        """Return the classes that are drawn everywhere, or known to be absent, or "none"."""
        words = [self.table.complete_words(), *self.absent_field.absent]
        return ",".join(word for word in words if word != "none") or "none"

    @Slot(int)
    def _ask_term(self, row: int) -> None:
        """Ask for a term that is not in the vocabulary yet."""
        if any(one.isVisible() for one in self.findChildren(NewTermDialog)):
            return  # Return in the box wants it twice: as picked, and as what stands in the box.
        name = self.table.name_of(row)
        dialog = NewTermDialog(name, self._vocabulary.ontology, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._add_term(dialog, row))
        dialog.open()

    def _add_term(self, dialog: NewTermDialog, row: int) -> None:
        if dialog.term is None:
            return
        try:
            self._vocabulary.extend(Extension(terms=(dialog.term,)), in_library=False)
        except SxtError as error:
            messages.show_error(self, "The term cannot be added", str(error))
            return
        self.table.combo(row).set_term(dialog.term.id)

    @Slot()
    def _take_vocabulary(self) -> None:
        self.table.offer(self._vocabulary.ontology)
        self.absent_field.offer(self._vocabulary.ontology)
