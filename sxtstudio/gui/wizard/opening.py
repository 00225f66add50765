"""How the wizard comes up, also where no project is open yet."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from sxtstudio.gui import messages
from sxtstudio.gui.session import Session
from sxtstudio.gui.wizard.study_wizard import StudyWizard

_QUESTION = (
    "A study is kept in a project: its task, its network and what you segment with it. No project "
    "is open."
)


def open_study(parent: QWidget, session: Session, new_project: Callable[[], None]) -> None:
    """Open the wizard; without a project, offer to make one first."""
    if session.project is None:
        if not messages.ask(parent, "New study", _QUESTION, "Make a project …", "Cancel"):
            return
        new_project()
    if session.project is not None:
        wizard = StudyWizard(session, parent)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.open()
        frame = wizard.frameGeometry()
        frame.moveCenter(wizard.screen().availableGeometry().center())
        wizard.move(frame.topLeft())
