"""Wizards for tests: projects of simulated balls, and how to wait for them."""

from pathlib import Path

from sxtstudio.gui.session import Session
from sxtstudio.gui.wizard.study_wizard import StudyWizard
from sxtstudio.workflow.job_folder import JOB_FILE, TrainingJob, read_job
from tests.gui.projects import five_balls_cell, write_project


def mixed_project(path: Path) -> Path:
    """Write cells that know everything, mitochondria in part, lipid alone, and nothing."""
    return write_project(
        path,
        five_balls_cell("whole", 24),
        five_balls_cell("partly", 26, complete=frozenset()),
        five_balls_cell("lipid only", 28, complete=frozenset({"lipid"})),
        five_balls_cell("bare", 30, labelled=False),
        task=False,
    )


def open_wizard(qtbot, session: Session) -> StudyWizard:
    """Open a wizard as the window does."""
    wizard = StudyWizard(session)
    qtbot.addWidget(wizard)
    wizard.show()
    return wizard


def reach(wizard: StudyWizard, page: str, template: str = "storage") -> None:
    """Choose a question and press Next until a page is on show."""
    wizard.question.card(template).click()
    while wizard.current.page != page:
        before = wizard.current.page
        wizard.button(StudyWizard.WizardButton.NextButton).click()
        assert wizard.current.page != before, wizard.reason.label.text()


def exported(qtbot, tmp_path) -> TrainingJob:
    """Wait until a training is written down, and return it."""
    folder = tmp_path / "Storage-lipid-and-starch.sxtnet.job"
    qtbot.waitUntil((folder / JOB_FILE).exists, timeout=60_000)
    job = read_job(folder)
    assert isinstance(job, TrainingJob)
    return job
