"""Second page: which structures the question needs to be told apart."""

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core import task_editing
from sxtstudio.core.task import class_colour
from sxtstudio.core.task_templates import task_templates
from sxtstudio.gui.fields import push_button
from sxtstudio.gui.wizard.class_tree import ClassTree
from sxtstudio.gui.wizard.example import Example
from sxtstudio.gui.wizard.example_view import ExampleView
from sxtstudio.gui.wizard.page import StudyPage
from sxtstudio.gui.wizard.study import Study
from sxtstudio.gui.wizard.vocabulary_tree import VocabularyTree

_SPLIT = (400, 460)
_HALVES = (280, 220)
_VOCABULARY_PX = 270


class StructuresPage(StudyPage):
    """Structures are ticked at the left; the task's classes are put together at the right."""

    help_text = (
        "Tick what has to be told apart. A class brings everything that lies inside it, unless "
        "that is a class of its own: with “nucleus” and “nucleolus” ticked, nucleus means the "
        "nucleus without nucleolus.\n\n"
        "Two structures that may stay one, for example lipid and starch as “storage”: drag one "
        "onto the other, or select both (Ctrl + click) and press Merge. To take a class apart "
        "drag a member out, or press Split. A double click or F2 renames, Delete takes out.\n\n"
        "Fewer classes are learned better: choose what the question needs and no more."
    )

    def __init__(self, study: Study, cell: Example | None) -> None:
        super().__init__(
            study,
            "structures",
            "Which structures does it need?",
            "Tick what has to be told apart; drag one class onto another to merge them.",
        )
        self.vocabulary = VocabularyTree(study.draft.ontology)
        self.classes = ClassTree(study.draft.ontology)
        self.example = ExampleView(study.draft.ontology, cell)
        self._make_buttons()
        self._arrange()
        self.vocabulary.ticked.connect(self._tick)
        self.classes.changed.connect(self._take_classes)
        self.classes.colour_asked.connect(self._ask_colour)
        self.classes.itemSelectionChanged.connect(self._update_buttons)

    def _make_buttons(self) -> None:
        self.merge_button = push_button("merge_button", "&Merge", "Make the selected classes one")
        self.split_button = push_button(
            "split_button", "&Split", "Make each member a class of its own"
        )
        self.rename_button = push_button("rename_button", "&Rename", "Give the class a name (F2)")
        self.colour_button = push_button("colour_button", "&Colour …", "Choose another colour")
        self.remove_button = push_button("remove_button", "&Take out", "Take it out (Delete)")
        self.merge_button.clicked.connect(self.classes.merge_selected)
        self.split_button.clicked.connect(self.classes.split_selected)
        self.rename_button.clicked.connect(self.classes.rename_selected)
        self.remove_button.clicked.connect(self.classes.remove_selected)
        self.colour_button.clicked.connect(self._ask_selected_colour)

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """What can be done with the selected classes."""
        return (
            self.merge_button,
            self.split_button,
            self.rename_button,
            self.colour_button,
            self.remove_button,
        )

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in self.buttons:
            row.addWidget(button, 1)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 4)
        self.count_label = QLabel()
        self.count_label.setFixedHeight(self.vocabulary.search_edit.sizeHint().height())
        self.count_label.setObjectName("class_count")
        column.addWidget(self.count_label)
        column.addWidget(self.classes, 1)
        column.addLayout(row)
        right = _splitter(Qt.Orientation.Vertical, upper, self.example, _HALVES)
        both = _splitter(Qt.Orientation.Horizontal, self.vocabulary, right, _SPLIT)
        both.setStretchFactor(1, 1)
        self.vocabulary.setMinimumWidth(_VOCABULARY_PX)
        self.body.addWidget(both, 1)

    def first_field(self) -> QWidget | None:
        """Return the search field."""
        return self.vocabulary.search_edit

    def initializePage(self) -> None:
        """Come into view, with an example cell that has the structures of the question."""
        chosen = self.study.draft.template
        kind = next((it.example for it in task_templates() if it.id == chosen), "")
        if kind:
            self.example.prefer(kind, self.study.draft.task)
        super().initializePage()

    def show_draft(self) -> None:
        """Show the classes everywhere."""
        draft = self.study.draft
        self.classes.show_classes(draft.classes)
        self.vocabulary.set_ticked(
            frozenset(member for item in draft.classes for member in item.members)
        )
        self.example.show_task(draft.task)
        count = len(draft.classes)
        self.count_label.setText(
            "Classes of the task" if not count else f"{count} class{'es' * (count > 1)} of the task"
        )
        self._update_buttons()

    def shutdown(self) -> None:
        """Free what the picture holds."""
        self.example.shutdown()

    @Slot(str, bool)
    def _tick(self, term: str, ticked: bool) -> None:
        draft = self.study.draft
        edit = task_editing.add_term if ticked else task_editing.remove_term
        self._take_classes(edit(draft.classes, term, draft.ontology))

    @Slot(object)
    def _take_classes(self, classes: task_editing.Classes) -> None:
        self.study.put(replace(self.study.draft, classes=classes))

    @Slot()
    def _update_buttons(self) -> None:
        places, terms = self.classes.selected_places(), self.classes.selected_terms()
        classes = self.study.draft.classes
        gathers = any(len(classes[it].members) > 1 for it in places if it < len(classes))
        self.merge_button.setEnabled(len(places) > 1)
        self.split_button.setEnabled(bool(terms) or gathers)
        self.rename_button.setEnabled(len(places) == 1)
        self.colour_button.setEnabled(len(places) == 1)
        self.remove_button.setEnabled(bool(places))

    @Slot()
    def _ask_selected_colour(self) -> None:
        for place in self.classes.selected_places()[:1]:
            self._ask_colour(place)

    @Slot(int)
    def _ask_colour(self, place: int) -> None:
        draft = self.study.draft
        item = draft.classes[place]
        dialog = QColorDialog(QColor(class_colour(item, draft.ontology)), self)
        dialog.setObjectName("colour_dialog")
        dialog.setWindowTitle(f"Colour of {item.name}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self._recolour(place, colour.name()))
        dialog.open()

    def _recolour(self, place: int, colour: str) -> None:
        self._take_classes(task_editing.recolour_class(self.study.draft.classes, place, colour))


def _splitter(
    orientation: Qt.Orientation, first: QWidget, second: QWidget, sizes: tuple[int, int]
) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(10)
    splitter.setChildrenCollapsible(False)
    splitter.addWidget(first)
    splitter.addWidget(second)
    splitter.setSizes(list(sizes))
    return splitter
