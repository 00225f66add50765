"""The wizard from the first page to a training that is queued, as a person goes through it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QWizard

from sxtstudio.core.task import parse_task
from sxtstudio.gui import messages
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from sxtstudio.gui.wizard import opening
from tests.gui.projects import five_balls_cell, write_project
from tests.gui.wizards import exported, mixed_project, open_wizard, reach

Button = QWizard.WizardButton


@pytest.fixture
def session(qtbot, tmp_path):
    settings().clear()
    session = Session()
    session.open(mixed_project(tmp_path / "p.sxt"))
    yield session
    session.close()


@pytest.fixture
def wizard(qtbot, session):
    wizard = open_wizard(qtbot, session)
    yield wizard
    if wizard.isVisible():
        wizard.reject()


def said(wizard):
    return wizard.reason.label.text()


def next_button(wizard):
    return wizard.button(Button.NextButton)


def test_next_is_off_at_first_and_the_reason_stands_beside_it(wizard):
    assert not next_button(wizard).isEnabled()
    assert said(wizard) == "Choose a question, or “Something else”."
    assert wizard.reason.isVisible()
    assert next_button(wizard).toolTip() == said(wizard)


def test_a_question_that_is_clicked_turns_next_on(wizard):
    QTest.mouseClick(wizard.question.card("contacts"), Qt.MouseButton.LeftButton)

    assert next_button(wizard).isEnabled()
    assert said(wizard) == ""
    assert wizard.question.name_edit.text() == "Lipid–mitochondria contacts"


def test_the_keyboard_alone_leads_to_the_structures(wizard):
    wizard.question.cards[0].setFocus()
    QTest.keyClick(wizard.question.cards[0], Qt.Key.Key_Space)
    QTest.keyClick(wizard, Qt.Key.Key_Return)

    assert wizard.current is wizard.structures
    assert wizard.structures.vocabulary.search_edit.hasFocus()


def test_a_name_that_is_taken_is_refused_with_the_reason(qtbot, session):
    session.add_task(parse_task("mine", ["nucleus"], session.ontology))
    wizard = open_wizard(qtbot, session)
    wizard.question.card("custom").click()

    QTest.keyClicks(wizard.question.name_edit, "mine")

    assert "has a task called “mine” already" in said(wizard)
    assert not next_button(wizard).isEnabled()
    wizard.reject()


def test_the_rail_shows_where_one_stands_and_leads_back(wizard):
    reach(wizard, "cells")
    assert wizard.rail.accessibleName() == "Step 3 of 5: Reference cells"

    QTest.mouseClick(wizard.rail, Qt.MouseButton.LeftButton, pos=QPoint(30, 30 + 4 * 52))
    assert wizard.current is wizard.cells, "what is still to come cannot be jumped to"
    QTest.mouseClick(wizard.rail, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))

    assert wizard.current is wizard.question
    assert wizard.study.draft.template == "storage"


def test_back_is_always_there_and_forgets_nothing(wizard):
    reach(wizard, "plan")
    wizard.plan.slider.setValue(wizard.plan.slider.maximum())

    for page in ("cells", "structures", "question"):
        assert wizard.button(Button.BackButton).isEnabled()
        wizard.button(Button.BackButton).click()
        assert wizard.current.page == page
    reach(wizard, "plan")

    assert wizard.plan.slider.value() == wizard.plan.slider.maximum()
    assert wizard.study.draft.minutes == 1440


@pytest.mark.parametrize("page", ["question", "structures", "cells", "plan", "summary"])
def test_each_page_has_help(monkeypatch, wizard, page):
    shown = []
    monkeypatch.setattr(messages, "show_about", lambda *words: shown.append(words))
    reach(wizard, page)

    QTest.keyClick(wizard, Qt.Key.Key_F1)
    wizard.button(Button.HelpButton).click()

    assert len(shown) == 2
    assert len(shown[0][3]) > 200


def test_no_page_asks_for_anything_but_names_ticks_minutes_and_a_device(wizard):
    """A page that asked for a hyper-parameter would need a number; there is no field for one."""
    assert wizard.findChildren(QAbstractSpinBox) == []


def test_a_study_begins_to_train_and_its_task_is_in_the_project(qtbot, session, wizard, tmp_path):
    reach(wizard, "summary")
    assert "storage" in wizard.summary.text.text().lower()
    assert wizard.summary.network_edit.text() == str(tmp_path / "Storage-lipid-and-starch.sxtnet")

    wizard.button(Button.FinishButton).click()

    assert not wizard.isVisible()
    (task,) = session.tasks()
    assert [it.name for it in task.classes] == ["lipid bodies", "starch granules"]
    job = exported(qtbot, tmp_path)
    assert [cell.name for cell in job.cells] == ["whole", "partly", "lipid only"]
    assert (job.minutes, job.device) == (10.0, "auto")
    (queued,) = [it for it in session.jobs.jobs if it.kind == "training"]
    assert queued.title == "Train Storage: lipid and starch"
    session.jobs.cancel_all()


def test_unticked_cells_are_not_trained_on(qtbot, session, wizard, tmp_path):
    reach(wizard, "cells")
    rows = {row.name: row for row in wizard.study.draft.coverage.rows}
    wizard.cells.matrix.model.ticked.emit((rows["partly"],), False)

    reach(wizard, "summary")
    wizard.accept()

    job = exported(qtbot, tmp_path)
    assert [cell.name for cell in job.cells] == ["whole", "lipid only"]
    session.jobs.cancel_all()


def test_cancel_leaves_nothing_behind(qtbot, session, wizard, tmp_path):
    before = sorted(tmp_path.iterdir())
    reach(wizard, "plan")
    qtbot.waitUntil(lambda: wizard.preparer.busy)

    wizard.button(Button.CancelButton).click()

    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=60_000)
    qtbot.waitUntil(lambda: sorted(tmp_path.iterdir()) == before)
    assert session.tasks() == ()


def test_a_network_that_cannot_be_written_keeps_train_off(wizard):
    reach(wizard, "summary")
    train = wizard.button(Button.FinishButton)

    wizard.summary.network_edit.setText("/nowhere/net.sxtnet")
    assert not train.isEnabled()
    assert "in a folder that exists" in said(wizard)
    wizard.summary.network_edit.setText("net.txt")
    assert "must end in .sxtnet" in said(wizard)


def test_a_network_that_is_there_or_begun_is_not_replaced(wizard, tmp_path):
    reach(wizard, "summary")
    (tmp_path / "there.sxtnet").touch()
    (tmp_path / "begun.sxtnet.job").mkdir()

    wizard.summary.network_edit.setText(str(tmp_path / "there.sxtnet"))
    assert said(wizard) == "There is a network there.sxtnet already; choose another name."
    wizard.summary.network_edit.setText(str(tmp_path / "begun.sxtnet"))
    assert "was begun earlier" in said(wizard)
    wizard.accept()
    assert wizard.isVisible()


def test_a_proposed_network_is_a_new_file(qtbot, session, tmp_path):
    (tmp_path / "Storage-lipid-and-starch.sxtnet").touch()
    (tmp_path / "Storage-lipid-and-starch-2.sxtnet.job").mkdir()
    wizard = open_wizard(qtbot, session)

    reach(wizard, "summary")

    assert wizard.study.draft.network == str(tmp_path / "Storage-lipid-and-starch-3.sxtnet")
    wizard.reject()


def test_what_cannot_be_trained_is_told_and_the_wizard_stays(
    monkeypatch, session, wizard, tmp_path
):
    told = []
    monkeypatch.setattr(messages, "show_error", lambda *words: told.append(words[2]))
    reach(wizard, "summary")
    meanwhile = parse_task("Storage: lipid and starch", ["nucleus"], session.ontology)
    session.add_task(meanwhile)

    wizard.accept()

    assert wizard.isVisible()
    assert "Storage: lipid and starch" in told[0]
    assert session.tasks() == (meanwhile,)
    assert not (tmp_path / "Storage-lipid-and-starch.sxtnet.job").exists()


# What is remembered


def test_minutes_and_device_are_proposed_the_next_time(qtbot, session, wizard):
    reach(wizard, "plan")
    wizard.plan.slider.setValue(0)
    wizard.plan.device_combo.setCurrentIndex(wizard.plan.device_combo.findData("cpu"))
    reach(wizard, "summary")
    wizard.accept()
    session.jobs.cancel_all()

    again = open_wizard(qtbot, session)

    assert (again.study.draft.minutes, again.study.draft.device) == (1.0, "cpu")
    assert not again.question.go_on_button.isVisible()
    again.reject()


def test_a_study_left_unfinished_can_be_gone_on_with(qtbot, session, wizard):
    wizard.question.card("storage").click()
    QTest.keyClicks(wizard.question.name_edit, " of May")
    wizard.reject()

    again = open_wizard(qtbot, session)
    assert again.question.go_on_button.isVisible()
    QTest.mouseClick(again.question.go_on_button, Qt.MouseButton.LeftButton)

    assert again.question.name_edit.text() == "Storage: lipid and starch of May"
    assert again.question.card("storage").isChecked()
    assert len(again.study.draft.classes) == 2
    again.reject()


def test_settings_that_make_no_sense_do_no_harm(qtbot, session):
    settings().setValue("study/minutes", "ages")
    settings().setValue("study/device", "abacus")
    settings().setValue("study/unfinished", "{")

    wizard = open_wizard(qtbot, session)

    assert (wizard.study.draft.minutes, wizard.study.draft.device) == (10.0, "auto")
    assert not wizard.question.go_on_button.isVisible()
    wizard.reject()


# How it comes up


def test_the_window_opens_the_wizard(qtbot, tmp_path):
    session = Session()
    session.open(mixed_project(tmp_path / "p.sxt"))
    window = MainWindow(session, remember=False)
    qtbot.addWidget(window)

    window.actions_by_name["study"].trigger()

    wizard = window.findChild(QWizard, "study_wizard")
    assert wizard is not None
    assert wizard.isVisible()
    wizard.reject()
    window.close()


def test_without_a_project_one_is_offered_first(qtbot, tmp_path, monkeypatch):
    session = Session()
    window = MainWindow(session, remember=False)
    qtbot.addWidget(window)
    monkeypatch.setattr(messages, "ask", lambda *_: False)
    window.actions_by_name["study"].trigger()
    assert window.findChild(QWizard, "study_wizard") is None

    monkeypatch.setattr(messages, "ask", lambda *_: True)
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "new.sxt")
    window.actions_by_name["study"].trigger()

    wizard = window.findChild(QWizard, "study_wizard")
    assert wizard is not None
    reach(wizard, "cells")
    assert "There are no cells yet" in said(wizard)
    wizard.reject()
    window.close()


def test_a_project_that_is_not_made_opens_no_wizard(qtbot, monkeypatch):
    session = Session()
    monkeypatch.setattr(messages, "ask", lambda *_: True)

    opening.open_study(None, session, lambda: None)

    session.close()


def test_cells_without_labels_are_no_cells_to_learn_from(qtbot, tmp_path):
    session = Session()
    session.open(
        write_project(tmp_path / "b.sxt", five_balls_cell("b", labelled=False), task=False)
    )
    wizard = open_wizard(qtbot, session)
    reach(wizard, "cells")

    assert not next_button(wizard).isEnabled()
    assert "There are no cells yet" in said(wizard)
    wizard.reject()
    session.close()
