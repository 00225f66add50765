"""First page: which question, and what the study is called."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QWidget

from sxtstudio.core.task_draft import TaskDraft, with_template
from sxtstudio.core.task_templates import task_templates
from sxtstudio.gui.fields import line_edit, push_button
from sxtstudio.gui.wizard.page import StudyPage
from sxtstudio.gui.wizard.study import Study
from sxtstudio.gui.wizard.template_card import TemplateCard

_COLUMNS = 2


class QuestionPage(StudyPage):
    """Offers the questions that are asked often; what they need is put together from there."""

    help_text = (
        "A network is trained for one question: it tells apart what the question needs, and "
        "nothing else. Choose the question that comes nearest to yours. On the next page you see "
        "its structures and can change all of them; nothing is decided here but a beginning.\n\n"
        "The name is how the study, its task and its network are called in the project."
    )

    def __init__(self, study: Study, unfinished: TaskDraft | None) -> None:
        super().__init__(
            study,
            "question",
            "What do you want to know?",
            "Choose a question to start from. You can change everything on the next pages.",
        )
        self._unfinished = unfinished
        self.cards = [TemplateCard(it, study.draft.ontology) for it in task_templates()]
        self.name_edit = line_edit("study_name", "Name of the study", "for example: heat shock")
        self.go_on_button = push_button("go_on_button", "")
        self.go_on_button.setVisible(unfinished is not None)
        if unfinished is not None:
            self.go_on_button.setText(f"Go on with “{unfinished.name}”, left unfinished")
        self._arrange()
        for card in self.cards:
            card.clicked.connect(self._choose)
        self.name_edit.textEdited.connect(self._rename)
        self.go_on_button.clicked.connect(self._go_on)

    def _arrange(self) -> None:
        label = QLabel("Na&me of the study")
        label.setBuddy(self.name_edit)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.name_edit, 1)
        self.body.addWidget(self.go_on_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(_scrolled(self.cards), 10)
        self.body.addSpacing(8)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def card(self, template: str) -> TemplateCard:
        """Return the card of a question by its id."""
        return next(card for card in self.cards if card.template.id == template)

    def first_field(self) -> QWidget | None:
        """Return the chosen card, else the first one."""
        return next((card for card in self.cards if card.isChecked()), self.cards[0])

    def show_draft(self) -> None:
        """Show question and name."""
        for card in self.cards:
            if card.template.id == self.study.draft.template:
                card.setChecked(True)
        if self.name_edit.text() != self.study.draft.name:
            self.name_edit.setText(self.study.draft.name)

    @Slot()
    def _go_on(self) -> None:
        if self._unfinished is not None:
            self.study.put(self._unfinished)
            self.go_on_button.hide()

    @Slot()
    def _choose(self) -> None:
        chosen = next(card for card in self.cards if card.isChecked())
        if chosen.template.id != self.study.draft.template:
            self.study.put(with_template(self.study.draft, chosen.template))

    @Slot(str)
    def _rename(self, name: str) -> None:
        self.study.put(replace(self.study.draft, name=name))


def _scrolled(cards: Sequence[TemplateCard]) -> QScrollArea:
    """Return the cards in columns; a small window scrolls them."""
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(10)
    for number, card in enumerate(cards):
        grid.addWidget(card, number // _COLUMNS, number % _COLUMNS)
    area = QScrollArea()
    area.setMaximumHeight(holder.sizeHint().height())
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(holder)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
