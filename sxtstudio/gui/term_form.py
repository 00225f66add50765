"""The form for a new term of the vocabulary."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology, SemanticClass, new_term
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.colours import free_colour
from sxtstudio.gui.fields import line_edit, problem_label, push_button

_GREATEST_LAC_PER_UM = 30.0
"""Gold has 23.5 µm⁻¹ at 517 eV."""
_PROBLEM_LINES = 2


class TermForm(QGroupBox):
    """Asks for a term inside ``parent_id``; ``wanted`` comes when it shall be added."""

    wanted = Signal(object)

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("term_form")
        self._ontology = ontology
        self._parent_id = ontology.root.id
        self._refusal = ""
        self._colour = free_colour(term.colour for term in ontology.classes)
        self.name_edit = line_edit("term_name", "Name of the term", "for example: carboxysome")
        self.colour_button = push_button("term_colour", "Colour …", "Choose another colour")
        self.low_box = _lac_box("term_lac_from", "Typical LAC from")
        self.high_box = _lac_box("term_lac_to", "Typical LAC to")
        self.high_box.setSpecialValueText("unknown")
        self.source_edit = line_edit(
            "term_source", "Source of the LAC range", "a paper, your own measurement …"
        )
        self.synonyms_edit = line_edit(
            "term_synonyms", "Other words for it", "commas between them: CBX, carboxysomes"
        )
        self.problem = problem_label("term_problem")
        self.problem.setFixedHeight(self.problem.fontMetrics().lineSpacing() * _PROBLEM_LINES + 4)
        self.add_button = push_button("add_term", "&Add term")
        self._arrange()
        self._connect()
        self.set_place(ontology, ontology.root.id)

    def _arrange(self) -> None:
        lac = QHBoxLayout()
        lac.addWidget(self.low_box)
        lac.addWidget(QLabel("to"))
        lac.addWidget(self.high_box)
        lac.addWidget(QLabel("µm⁻¹"))
        lac.addStretch(1)
        fields = QFormLayout()
        fields.addRow("Name", self.name_edit)
        fields.addRow("Other words", self.synonyms_edit)
        fields.addRow("Typical LAC", lac)
        fields.addRow("Source", self.source_edit)
        row = QHBoxLayout()
        row.addWidget(self.colour_button)
        row.addStretch(1)
        row.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.addLayout(fields)
        layout.addWidget(self.problem)
        layout.addLayout(row)

    def _connect(self) -> None:
        for edit in (self.name_edit, self.synonyms_edit, self.source_edit):
            edit.textChanged.connect(self._update)
        for box in (self.low_box, self.high_box):
            box.valueChanged.connect(self._update)
        self.name_edit.returnPressed.connect(self._add)
        self.colour_button.clicked.connect(self._ask_colour)
        self.add_button.clicked.connect(self._add)

    def set_place(self, ontology: Ontology, class_id: str) -> None:
        """Let the new term lie in a class."""
        self._ontology, self._parent_id = ontology, class_id
        self.setTitle(f"New term inside “{ontology.term(class_id).name}”")
        self._update()

    def refuse(self, reason: str) -> None:
        """Let nothing be added, and say why; an empty reason lets it again."""
        self._refusal = reason
        self._update()

    def set_colour(self, colour: str) -> None:
        """Give the term another colour."""
        self._colour = colour
        self._update()

    def empty(self) -> None:
        """Forget what was typed and propose another colour."""
        for edit in (self.name_edit, self.synonyms_edit, self.source_edit):
            edit.clear()
        for box in (self.low_box, self.high_box):
            box.setValue(0.0)
        self.set_colour(free_colour(term.colour for term in self._ontology.classes))

    def read_term(self) -> SemanticClass:
        """Return the term as it is filled in.

        Raises
        ------
        LabelError
            If that is no new term.
        """
        low, high = self.low_box.value(), self.high_box.value()
        return new_term(
            self._ontology,
            self.name_edit.text(),
            self._parent_id,
            colour=self._colour,
            lac_range_per_um=(low, high) if high or low else None,
            source=self.source_edit.text(),
            synonyms=self.synonyms_edit.text().split(","),
        )

    @Slot()
    def _update(self) -> None:
        self.colour_button.setIcon(swatch_icon(self._colour))
        problem = self._refusal or self._problem()
        self.problem.setText(problem)
        self.add_button.setEnabled(not problem)
        self.add_button.setToolTip(problem)

    def _problem(self) -> str:
        if not self.name_edit.text().strip():
            return "Type the name of the term; choose in the tree what it lies in."
        try:
            self.read_term()
        except LabelError as error:
            return str(error)
        return ""

    @Slot()
    def _add(self) -> None:
        if self.add_button.isEnabled():
            self.wanted.emit(self.read_term())

    @Slot()
    def _ask_colour(self) -> None:
        chosen = QColorDialog.getColor(QColor(self._colour), self, "Colour of the term")
        if chosen.isValid():
            self.set_colour(chosen.name())


def _lac_box(name: str, words: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setObjectName(name)
    box.setAccessibleName(words)
    box.setRange(0.0, _GREATEST_LAC_PER_UM)
    box.setSingleStep(0.01)
    box.setDecimals(2)
    return box
