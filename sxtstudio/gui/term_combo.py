"""A box to choose a term of the vocabulary in, found by any of its names."""

from functools import cache

from PySide6.QtCore import QStringListModel, Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCompleter, QWidget

from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import QuietComboBox
from sxtstudio.workflow.label_import import UNLABELLED

IGNORE_WORDS = "ignore (may be anything)"
UNLABELLED_WORDS = "unlabelled (as the value 0)"
NEW_TERM = "+new"
"""What the box holds when its user wants a term that is not there; no id begins with "+"."""

_NEW_WORDS = "new term …"
_MOST_PROPOSALS = 12


class TermCombo(QuietComboBox):
    """Holds class ids as data; typing searches ids, names and synonyms, also misspelt ones.

    What was typed and means nothing stays to be read, and chooses nothing.
    """

    def __init__(
        self,
        ontology: Ontology,
        *,
        with_ignore: bool = True,
        with_new: bool = False,
        with_unlabelled: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._with_ignore = with_ignore
        self._with_new = with_new
        self._with_unlabelled = with_unlabelled
        self.setEditable(True)
        self.setInsertPolicy(QuietComboBox.InsertPolicy.NoInsert)
        self.offer(ontology)
        self._proposals = QStringListModel(self)
        self._completer = QCompleter(self._proposals, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.activated.connect(self._take)
        line = self.lineEdit()
        assert line is not None, "the box is editable"
        line.setCompleter(self._completer)
        line.setPlaceholderText("choose a class, or type a part of its name")
        line.textEdited.connect(self._propose)
        line.editingFinished.connect(self._take_typed)

    def offer(self, ontology: Ontology) -> None:
        """Offer the terms of a vocabulary; what was chosen stays chosen."""
        chosen = self.currentData()
        self._ontology = ontology
        self.blockSignals(True)
        self.clear()
        for term in ontology.classes[1:]:
            self.addItem(_swatch(term.colour), term.name, term.id)
        if self._with_ignore:
            self.addItem(IGNORE_WORDS, IGNORE)
        if self._with_unlabelled:
            self.addItem(UNLABELLED_WORDS, UNLABELLED)
        if self._with_new:
            self.addItem(_NEW_WORDS, NEW_TERM)
        self.setCurrentIndex(-1)
        self.set_term(chosen)
        self.blockSignals(False)

    @property
    def term(self) -> str | None:
        """The id of the chosen class, `IGNORE`, `UNLABELLED`, or None."""
        return self.currentData()

    def set_term(self, class_id: str | None) -> None:
        """Choose a class by its id."""
        self.setCurrentIndex(-1 if class_id is None else self.findData(class_id))
        if self.currentIndex() < 0:
            self.setEditText(class_id or "")

    @Slot(str)
    def _propose(self, typed: str) -> None:
        found = [term.name for term in self._ontology.search(typed)]
        others = [IGNORE_WORDS] * self._with_ignore + [UNLABELLED_WORDS] * self._with_unlabelled
        found += [words for words in others if words.startswith(typed.lower().strip())]
        found = found[:_MOST_PROPOSALS] + ([_NEW_WORDS] if self._with_new else [])
        self._proposals.setStringList(found)

    @Slot()
    def _take_typed(self) -> None:
        self._take(self.currentText())

    @Slot(str)
    def _take(self, typed: str) -> None:
        index = self.findText(typed, Qt.MatchFlag.MatchFixedString)
        if index < 0:
            index = self.findData(self._ontology.id_of(typed) or "")
        self.setCurrentIndex(index)
        if index < 0:
            self.setEditText(typed)


@cache
def _swatch(colour: str) -> QIcon:
    return swatch_icon(colour)
