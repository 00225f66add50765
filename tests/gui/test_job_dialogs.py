"""The dialogs Train, Segment and Export: sensible proposals, and a reason where OK is off."""

import os
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.records import to_json
from sxtstudio.core.task import parse_task
from sxtstudio.gui import messages
from sxtstudio.gui.export_dialog import ExportDialog, suffixes
from sxtstudio.gui.job_fields import spare_threads
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.segment_dialog import SegmentDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from sxtstudio.gui.train_dialog import TrainDialog
from sxtstudio.io.network_card import METADATA_KEY
from tests.gui.projects import five_balls_cell, two_cell_project, write_project
from tests.io.test_network_card import package
from tests.project.samples import sample_card


@pytest.fixture
def session(qtbot):
    session = Session()
    yield session
    session.close()


@pytest.fixture
def opened(session, tmp_path):
    session.open(two_cell_project(tmp_path / "p.sxt"))
    return session


def show(qtbot, dialog):
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_training_is_proposed_that_can_be_started_at_once(qtbot, opened, tmp_path):
    dialog = show(qtbot, TrainDialog(opened))

    assert dialog.accept_button.isEnabled()
    request = dialog.request()
    assert request.task == "organelles"
    assert request.network == tmp_path / "organelles.sxtnet"
    assert (request.minutes, request.device, request.resume) == (10.0, "auto", False)
    assert request.threads == max(1, os.cpu_count() - 1) == spare_threads()
    assert "1 of 2 cells can be learned from" in dialog.cells.text()


def test_the_proposed_network_replaces_no_file(qtbot, opened, tmp_path):
    (tmp_path / "organelles.sxtnet").touch()

    dialog = show(qtbot, TrainDialog(opened))

    assert dialog.network == tmp_path / "organelles-2.sxtnet"


def test_minutes_and_device_are_taken_from_the_fields(qtbot, opened):
    dialog = show(qtbot, TrainDialog(opened))

    dialog.minutes_box.setValue(3.5)
    dialog.device_combo.setCurrentIndex(dialog.device_combo.findData("cuda"))

    assert (dialog.request().minutes, dialog.request().device) == (3.5, "cuda")


def test_a_stopped_training_can_go_on_or_start_anew(qtbot, opened, tmp_path):
    work = tmp_path / "organelles.sxtnet.job" / "work"
    work.mkdir(parents=True)
    (work / "stage1-fold1.safetensors").touch()

    dialog = show(qtbot, TrainDialog(opened))

    assert dialog.resume_tick.isVisible()
    assert dialog.request().resume
    assert dialog.request().minutes is None
    assert not dialog.cell_list.isEnabled()
    dialog.resume_tick.setChecked(False)
    assert not dialog.request().resume
    assert dialog.cell_list.isEnabled()


def test_cells_can_be_left_out_by_their_ticks(qtbot, session, tmp_path):
    partly = five_balls_cell("partly", complete=frozenset({"nucleus"}))
    session.open(write_project(tmp_path / "p.sxt", five_balls_cell("whole"), partly))
    whole_id, partly_id = (cell.id for cell in session.cells())
    dialog = show(qtbot, TrainDialog(session))
    assert [dialog.cell_list.item(row).text() for row in range(2)] == [
        "whole – knows every class everywhere",
        "partly – knows nucleus everywhere, some mitochondria, lipid, starch and vacuole",
    ]
    assert dialog.request().project_cells is None

    dialog.cell_list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.request().project_cells == (partly_id,)
    assert dialog.accept_button.isEnabled()

    dialog.cell_list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.problem.text() == "Tick at least one cell to learn from."
    dialog.cell_list.item(0).setCheckState(Qt.CheckState.Checked)
    assert dialog.request().project_cells == (whole_id,)


def test_task_and_time_are_those_of_last_time(qtbot, opened):
    opened.add_task(parse_task("nuclei", ["nucleus"], default_ontology()))
    dialog = show(qtbot, TrainDialog(opened))
    dialog.task_combo.setCurrentText("nuclei")
    dialog.minutes_box.setValue(2.5)
    dialog.accept()

    again = show(qtbot, TrainDialog(opened))

    assert (again.request().task, again.request().minutes) == ("nuclei", 2.5)
    assert again.network.name == "nuclei.sxtnet"
    settings().remove("train_task")
    settings().remove("train_minutes")


def test_a_network_that_is_being_trained_is_not_trained_twice(qtbot, opened, tmp_path):
    folder = tmp_path / "organelles.sxtnet.job"
    opened.jobs.submit(Job(kind="training", title="t", folder=folder))

    dialog = show(qtbot, TrainDialog(opened))

    assert "being trained now" in dialog.problem.text()
    opened.jobs.cancel_all()


@pytest.mark.parametrize(
    ("name", "said"), [("net.txt", "must end in .sxtnet"), ("no/net.sxtnet", "folder that exists")]
)
def test_a_network_that_cannot_be_written_turns_train_off(qtbot, opened, tmp_path, name, said):
    dialog = show(qtbot, TrainDialog(opened))

    dialog.network_edit.setText(str(tmp_path / name))

    assert not dialog.accept_button.isEnabled()
    assert said in dialog.problem.text()
    assert dialog.accept_button.toolTip() == dialog.problem.text()


def test_without_a_task_train_is_off_with_the_reason(qtbot, session, tmp_path):
    session.open(write_project(tmp_path / "p.sxt", five_balls_cell("a"), task=False))

    dialog = show(qtbot, TrainDialog(session))

    assert not dialog.accept_button.isEnabled()
    assert "no task yet" in dialog.problem.text()


def test_without_labels_train_is_off_with_the_reason(qtbot, session, tmp_path):
    session.open(write_project(tmp_path / "p.sxt", five_balls_cell("a", labelled=False)))

    dialog = show(qtbot, TrainDialog(session))

    assert not dialog.accept_button.isEnabled()
    assert "No cell of the project has labels" in dialog.problem.text()


def test_a_class_that_no_cell_knows_is_named(qtbot, session, tmp_path):
    cell = five_balls_cell("a")
    session.open(write_project(tmp_path / "p.sxt", cell, task=False))
    session.add_task(parse_task("t", ["nucleus", "golgi"], session.ontology))

    dialog = show(qtbot, TrainDialog(session))

    assert "No cell knows golgi." in dialog.cells.text()


def test_the_network_file_can_be_chosen(qtbot, opened, tmp_path, monkeypatch):
    dialog = show(qtbot, TrainDialog(opened))
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "other.sxtnet")

    QTest.mouseClick(dialog.browse_button, Qt.MouseButton.LeftButton)

    assert dialog.request().network == tmp_path / "other.sxtnet"


def test_cells_without_labels_are_proposed_for_segmentation(qtbot, opened, tmp_path):
    dialog = show(qtbot, SegmentDialog(opened))
    assert "no network yet" in dialog.problem.text()
    assert not dialog.accept_button.isEnabled()

    dialog.choose_network(tmp_path / "n.sxtnet")

    assert dialog.accept_button.isEnabled()
    bare = opened.cells()[1]
    assert dialog.request().cells == (bare.id,)
    assert dialog.request().network == tmp_path / "n.sxtnet"


def test_the_cell_asked_for_is_ticked_and_none_is_a_reason(qtbot, opened, tmp_path, monkeypatch):
    drawn = opened.cells()[0]
    dialog = show(qtbot, SegmentDialog(opened, drawn.id))
    monkeypatch.setattr(messages, "choose_file", lambda *_: tmp_path / "n.sxtnet")
    dialog.browse_button.click()
    assert dialog.request().cells == (drawn.id,)

    dialog.cell_list.item(0).setCheckState(Qt.CheckState.Unchecked)

    assert dialog.problem.text() == "Tick at least one cell."


def test_without_cells_nothing_can_be_segmented(qtbot, session, tmp_path):
    session.open(write_project(tmp_path / "p.sxt"))
    dialog = show(qtbot, SegmentDialog(session))

    dialog.choose_network(tmp_path / "n.sxtnet")

    assert "no cell yet" in dialog.problem.text()


def test_only_what_a_cell_has_can_be_exported(qtbot, opened):
    drawn, bare = opened.cells()
    dialog = show(qtbot, ExportDialog(opened, drawn.id))
    assert dialog.cell == drawn
    assert dialog.accept_button.isEnabled()

    dialog.what_combo.setCurrentIndex(dialog.what_combo.findData("probabilities"))
    assert "no probabilities" in dialog.problem.text()

    dialog.cell_combo.setCurrentIndex(dialog.cell_combo.findData(bare.id))
    dialog.what_combo.setCurrentIndex(dialog.what_combo.findData("surfaces"))
    assert "no labels yet" in dialog.problem.text()

    dialog.what_combo.setCurrentIndex(dialog.what_combo.findData("tomogram"))
    assert dialog.accept_button.isEnabled()


def test_nothing_can_be_exported_from_an_empty_project(qtbot, session, tmp_path):
    session.open(write_project(tmp_path / "p.sxt"))

    dialog = show(qtbot, ExportDialog(session, None))

    assert "no cell yet" in dialog.problem.text()


@pytest.mark.parametrize("what", ["labels", "tomogram", "probabilities", "surfaces"])
def test_the_proposed_ending_comes_first_and_none_twice(what):
    known = suffixes(what)

    assert len(known) == len(set(known))
    assert all(ending.startswith(".") for ending in known)


def test_a_network_for_an_older_version_of_a_task_says_so(qtbot, opened, tmp_path):
    task = opened.tasks()[0]
    card = sample_card()
    card = replace(card, plan=replace(card.plan, task=task))
    path = package(tmp_path / "n.sxtnet", {METADATA_KEY: to_json(card)})
    opened.project.add_network(path, card)
    dialog = show(qtbot, SegmentDialog(opened))
    assert not dialog.notice.isVisible()

    opened.project.change_task(task.name, task.classes[1:])
    dialog = show(qtbot, SegmentDialog(opened))

    assert "version 1 of the task 'organelles', which is at version 2 now" in dialog.notice.text()
    assert dialog.accept_button.isEnabled()
    dialog.choose_network(tmp_path / "missing.sxtnet")
    assert "no such file" in dialog.notice.text()


def test_a_class_that_no_ticked_cell_shows_turns_train_off_before_anything_is_prepared(
    qtbot, session, tmp_path
):
    session.open(write_project(tmp_path / "p.sxt", five_balls_cell("a"), task=False))
    session.add_task(parse_task("t", ["nucleus", "golgi"], session.ontology))

    dialog = show(qtbot, TrainDialog(session))

    assert not dialog.accept_button.isEnabled()
    assert dialog.problem.text().startswith("No ticked cell shows golgi. Draw it in a cell")
