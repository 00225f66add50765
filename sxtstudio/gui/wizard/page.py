"""What every page of the wizard has: a title, a sentence, help, and a reason where Next is off."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget, QWizardPage

from sxtstudio.core.task_draft import Page
from sxtstudio.gui.fields import text_label
from sxtstudio.gui.wizard.study import Study


class StudyPage(QWizardPage):
    """A page that is complete when the draft has no problem with it.

    ``help_text`` is what the Help button shows. A page fills ``body`` and overrides `show_draft`.
    """

    help_text = ""

    def __init__(self, study: Study, page: Page, title: str, hint: str) -> None:
        super().__init__()
        self.setObjectName(f"{page}_page")
        self.setAccessibleName(title)
        self.study = study
        self.page: Page = page
        self.words = title
        heading = text_label("pageTitle", "Title of the page", title)
        sentence = text_label("pageHint", "What this page asks", hint)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 6)
        layout.setSpacing(4)
        layout.addWidget(heading)
        layout.addWidget(sentence)
        layout.addSpacing(8)
        layout.addLayout(self.body, 1)
        study.changed.connect(self._draft_changed)

    def problem(self) -> str:
        """Return what keeps the user from going on, empty if nothing."""
        return next(iter(self.study.draft.problems(self.page)), "")

    def isComplete(self) -> bool:
        """Tell whether Next is on."""
        return not self.problem()

    def show_draft(self) -> None:
        """Show the answers as they are now."""

    def first_field(self) -> QWidget | None:
        """Return what the keyboard starts with."""
        return None

    def initializePage(self) -> None:
        """Come into view."""
        self.show_draft()

    def cleanupPage(self) -> None:
        """Keep the answers when the user goes back."""

    @Slot()
    def _draft_changed(self) -> None:
        if self.isVisible():
            self.show_draft()
        self.completeChanged.emit()
