"""The wizard "New study": question, structures, cells, plan, summary; at the end a training."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget, QWizard

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.session import Session
from sxtstudio.gui.wizard.cell_source import CellSource
from sxtstudio.gui.wizard.cells_page import CellsPage
from sxtstudio.gui.wizard.example import Example
from sxtstudio.gui.wizard.finishing import start_training
from sxtstudio.gui.wizard.memory import (
    new_draft,
    remember_choices,
    remember_unfinished,
    unfinished,
)
from sxtstudio.gui.wizard.page import StudyPage
from sxtstudio.gui.wizard.plan_page import PlanPage
from sxtstudio.gui.wizard.preparer import Preparer
from sxtstudio.gui.wizard.question_page import QuestionPage
from sxtstudio.gui.wizard.reason import ReasonPlace
from sxtstudio.gui.wizard.step_rail import StepRail
from sxtstudio.gui.wizard.structures_page import StructuresPage
from sxtstudio.gui.wizard.study import Study
from sxtstudio.gui.wizard.summary_page import SummaryPage

_SIZE = QSize(1280, 780)
_FRAME = QSize(20, 50)
_STEPS = ("Question", "Structures", "Reference cells", "Plan", "Summary")


class StudyWizard(QWizard):
    """Leads from a question to a network."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("study_wizard")
        self.setWindowTitle("New study")
        self._session = session
        taken = frozenset(task.name for task in session.tasks())
        self.study = Study(new_draft(session.ontology, taken), self)
        self.preparer = Preparer(session, self)
        self.pages = self._make_pages()
        for page in self.pages:
            self.addPage(page)
            page.completeChanged.connect(self._say_reason)
        self._closed = False
        self.rail = StepRail(_STEPS)
        self.rail.asked.connect(self._go_back_to)
        self.reason = ReasonPlace()
        self._dress()
        self.currentIdChanged.connect(self._page_changed)
        self.helpRequested.connect(self._help)

    def _make_pages(self) -> tuple[StudyPage, ...]:
        study, session = self.study, self._session
        draft = study.draft
        self.question = QuestionPage(study, unfinished(draft.ontology, draft.taken_names))
        self.structures = StructuresPage(study, _cell_on_show(session))
        self.cells = CellsPage(study, CellSource(session, self))
        self.plan = PlanPage(study, session, self.preparer)
        self.summary = SummaryPage(study, session, self.preparer)
        return (self.question, self.structures, self.cells, self.plan, self.summary)

    def _dress(self) -> None:
        button = QWizard.WizardButton
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOptions(
            QWizard.WizardOption.NoBackButtonOnStartPage
            | QWizard.WizardOption.HaveHelpButton
            | QWizard.WizardOption.HaveCustomButton1
        )
        self.setSideWidget(self.rail)
        self.setButton(button.CustomButton1, self.reason)
        self.setButtonLayout(
            [
                button.HelpButton,
                button.CustomButton1,
                button.CancelButton,
                button.BackButton,
                button.NextButton,
                button.FinishButton,
            ]
        )
        self.setButtonText(button.HelpButton, "&Help")
        self.setButtonText(button.BackButton, "‹  &Back")
        self.setButtonText(button.NextButton, "&Next  ›")
        self.setButtonText(button.FinishButton, "&Train")
        self.setButtonText(button.CancelButton, "Cancel")
        room = self.screen().availableSize() - _FRAME
        self.resize(_SIZE.boundedTo(room))

    @property
    def current(self) -> StudyPage:
        """The page on show."""
        page = self.currentPage()
        assert isinstance(page, StudyPage), "all pages are of one kind"
        return page

    def shutdown(self) -> None:
        """End what works in the background, and leave nothing behind."""
        if not self._closed:
            self._closed = True
            self.structures.shutdown()
            self.preparer.close()

    def accept(self) -> None:
        """Queue the training; where that fails, stay and say why."""
        problem = next(filter(None, (page.problem() for page in self.pages)), "")
        if problem:
            self.reason.say(problem)
            return
        try:
            start_training(self._session, self.study.draft, self.preparer)
        except SxtError as error:
            messages.show_error(self, "The training cannot begin", str(error))
            return
        remember_choices(self.study.draft)
        super().accept()

    def reject(self) -> None:
        """Leave; the answers are kept for another day, nothing else is."""
        remember_unfinished(self.study.draft)
        super().reject()

    def done(self, result: int) -> None:
        """Leave, with nothing left running."""
        self.shutdown()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let F1 ask for help."""
        if event.key() == Qt.Key.Key_F1:
            self._help()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _page_changed(self) -> None:
        if self.currentId() < 0:
            return
        self.rail.set_current(self.currentId())
        self._say_reason()
        field = self.current.first_field()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _say_reason(self) -> None:
        if self.currentId() < 0:
            return
        problem = self.current.problem()
        self.reason.say(problem)
        button = QWizard.WizardButton
        for which in (button.NextButton, button.FinishButton):
            self.button(which).setToolTip(problem)

    @Slot(int)
    def _go_back_to(self, step: int) -> None:
        while self.currentId() > step:
            self.back()

    @Slot()
    def _help(self) -> None:
        messages.show_about(self, "Help", self.current.words, self.current.help_text)


def _cell_on_show(session: Session) -> Example | None:
    """Return the cell that the window shows, if somebody drew structures in it."""
    label_map = session.view.label_map
    if label_map is None or session.cell_id is None:
        return None
    ontology = session.ontology
    known = [name for name in label_map.names.values() if ontology.id_of(name) is not None]
    if not known:
        return None
    name = session.require_project().cell(session.cell_id).name
    return Example(name=name, label_map=label_map)
