"""The dialog "Vocabulary": every term, and the way to add terms and synonyms."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import LabelError, SxtError
from sxtstudio.core.ontology import Extension, SemanticClass, new_synonym
from sxtstudio.gui import messages
from sxtstudio.gui.fields import line_edit, push_button, text_label
from sxtstudio.gui.session import Session
from sxtstudio.gui.term_form import TermForm
from sxtstudio.gui.term_tree import TermTree, lac_words
from sxtstudio.gui.vocabulary import Origin
from sxtstudio.gui.wizard.vocabulary_tree import SearchEdit

_SIZE = (1080, 680)
_FIRST = "cell"
_NOTHING_OPEN = "Open a project or a library to add to the vocabulary; it is kept there."
_ORIGINS: dict[Origin, str] = {
    "program": "Comes with the program: it stays as it is, but may get terms inside and synonyms.",
    "library": "Defined by the library of the laboratory.",
    "project": "Defined by this project.",
}


class VocabularyDialog(QDialog):
    """A tree with a search at the left; the chosen term, and a form for new ones, at the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("vocabulary_dialog")
        self.setWindowTitle("Vocabulary")
        self._session = session
        self._coming: str | None = None
        self.search_edit = SearchEdit()
        self.search_edit.setObjectName("term_search")
        self.search_edit.setAccessibleName("Search terms")
        self.search_edit.setPlaceholderText("Search names and synonyms: mito, LD, granule …")
        self.search_edit.setClearButtonEnabled(True)
        self.tree = TermTree(session.ontology)
        self.found = text_label("term_found", "What the search found")
        self.title = text_label("term_title", "The chosen term")
        self.title.setStyleSheet("font-size: 16px; font-weight: 600;")
        self.facts = text_label("term_facts", "About the chosen term")
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.synonym_edit = line_edit("synonym", "Another word for the chosen term")
        self.synonym_button = push_button("add_synonym", "Add &synonym")
        self.form = TermForm(session.ontology)
        self.library_tick = QCheckBox("Add to the &library too")
        self.library_tick.setObjectName("to_library")
        self.note = text_label("vocabulary_note", "What was done")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._arrange()
        self._connect()
        self.tree.choose(_FIRST)
        self._show_places()

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.search_edit)
        left.addWidget(self.tree, 1)
        left.addWidget(self.found)
        synonym = QHBoxLayout()
        synonym.addWidget(self.synonym_edit, 1)
        synonym.addWidget(self.synonym_button)
        right = QVBoxLayout()
        right.addWidget(self.title)
        right.addWidget(self.facts, 1)
        right.addLayout(synonym)
        right.addSpacing(8)
        right.addWidget(self.form)
        right.addWidget(self.library_tick)
        right.addWidget(self.note)
        middle = QHBoxLayout()
        middle.addLayout(left, 5)
        middle.addLayout(right, 4)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(self.buttons)
        self.resize(*_SIZE)

    def _connect(self) -> None:
        vocabulary = self._session.vocabulary
        self.search_edit.textChanged.connect(self._search)
        self.search_edit.left_down.connect(self.tree.setFocus)
        self.tree.term_chosen.connect(self._show_term)
        self.synonym_edit.textChanged.connect(self._show_synonym_problem)
        self.synonym_edit.returnPressed.connect(self._add_synonym)
        self.synonym_button.clicked.connect(self._add_synonym)
        self.form.wanted.connect(self._add_term)
        self.buttons.rejected.connect(self.reject)
        vocabulary.changed.connect(self._show_vocabulary)
        vocabulary.extended.connect(self.note.setText)
        self._session.library.changed.connect(self._show_places)
        self._session.project_changed.connect(self._show_places)

    @property
    def chosen(self) -> SemanticClass:
        """The term that is chosen in the tree."""
        return self._session.ontology.term(self.tree.chosen or self._session.ontology.root.id)

    @Slot(str)
    def _search(self, words: str) -> None:
        self.tree.search(words)
        nothing = bool(words.strip()) and not self._session.ontology.search(words)
        self.found.setText(
            "No term is called like that; choose where it belongs and add it." if nothing else ""
        )

    @Slot()
    def _show_vocabulary(self) -> None:
        self.tree.show_terms(self._session.ontology)
        self._search(self.search_edit.text())
        if self._coming is not None and self._coming in self._session.ontology:
            self.search_edit.clear()
            self.tree.choose(self._coming)
            self._coming = None
        self._show_term()

    @Slot()
    def _show_places(self) -> None:
        """Show where additions go, or why none can be made."""
        library = self._session.library.library
        problem = self._session.vocabulary.library_problem()
        self.library_tick.setText(
            f"Add to the &library {library.name} too"
            if library
            else "Add to the &library too (none is open)"
        )
        self.library_tick.setEnabled(not problem)
        self.library_tick.setChecked(not problem)
        self.library_tick.setToolTip(problem)
        self.form.refuse(self._refusal())
        self._show_term()

    def _refusal(self) -> str:
        nowhere = self._session.project is None and not self.library_tick.isEnabled()
        return _NOTHING_OPEN if nowhere else ""

    @Slot()
    def _show_term(self) -> None:
        term, ontology = self.chosen, self._session.ontology
        inside = [ontology[it].name for it in ontology.ancestors(term.id)][1:]
        lac = f"{lac_words(term)} µm⁻¹" if term.lac_range_per_um else "not known"
        lines = [
            f"Lies in: {', in '.join(inside)}" if inside else "Everything lies in it.",
            f"Also called: {', '.join(term.synonyms) or '–'}",
            f"Typical LAC: {lac}",
            f"Source: {term.source}" if term.source else "",
            _ORIGINS[self._session.vocabulary.origin(term.id)],
        ]
        self.title.setText(term.name)
        self.facts.setText("\n\n".join(filter(None, lines)))
        self.form.set_place(ontology, term.id)
        self.synonym_edit.setPlaceholderText(f"another word for “{term.name}”")
        self._show_synonym_problem()

    @Slot()
    def _show_synonym_problem(self) -> None:
        problem = self._refusal() or self._synonym_problem()
        self.synonym_button.setEnabled(not problem)
        self.synonym_button.setToolTip(problem)
        if self.synonym_edit.text().strip():
            self.note.setText(problem)

    def _synonym_problem(self) -> str:
        word = self.synonym_edit.text()
        if not word.strip():
            return "Type another word for the chosen term."
        try:
            new_synonym(self._session.ontology, self.chosen.id, word)
        except LabelError as error:
            return str(error)
        return ""

    @Slot()
    def _add_synonym(self) -> None:
        if self.synonym_button.isEnabled():
            word = self.synonym_edit.text()
            extension = new_synonym(self._session.ontology, self.chosen.id, word)
            if self._extend(extension):
                self.synonym_edit.clear()

    @Slot(object)
    def _add_term(self, term: SemanticClass) -> None:
        self._coming = term.id
        if self._extend(Extension(terms=(term,))):
            self.form.empty()

    def _extend(self, extension: Extension) -> bool:
        """Add to the vocabulary; tell whether that was possible."""
        try:
            self._session.vocabulary.extend(extension, in_library=self.library_tick.isChecked())
        except SxtError as error:
            messages.show_error(self, "Vocabulary", str(error))
            return False
        return True
