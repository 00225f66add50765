"""Saving a diagnostic bundle from the Help menu and from an error."""

import zipfile

import pytest
from PySide6.QtCore import QByteArray

from sxtstudio.gui import messages
from sxtstudio.gui.diagnostics import remembered, source_for
from sxtstudio.gui.diagnostics_dialog import DiagnosticsDialog
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from tests.gui.projects import two_cell_project


@pytest.fixture
def window(qtbot, tmp_path):
    window = MainWindow(Session(), remember=False)
    qtbot.addWidget(window)
    window.show()
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    yield window
    for dialog in window.findChildren(DiagnosticsDialog):
        dialog.reject()
    window.close()


def texts(path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode("utf-8") for name in bundle.namelist()}


def test_the_help_menu_saves_a_bundle_of_the_open_project(window, monkeypatch, tmp_path):
    path = tmp_path / "bundle.zip"
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: path)
    window.actions_by_name["diagnostics"].trigger()
    dialog = window.findChild(DiagnosticsDialog)
    assert "voxels" in dialog.findChild(object, "diagnostics_never").text()

    dialog.save_button.click()

    parts = texts(path)
    assert "cell 'drawn'" in parts["project.txt"]
    assert "offscreen" in parts["graphics.txt"]
    assert "3D: " in parts["graphics.txt"]
    assert str(path) in window.status.note.text()


def test_what_the_user_does_not_want_stays_out(window, monkeypatch, tmp_path):
    path = tmp_path / "bundle.zip"
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: path)
    source_for(window).wanted.emit("Import: a.mrc is damaged.", window)
    dialog = window.findChild(DiagnosticsDialog)
    dialog.settings_box.setChecked(False)

    dialog.save_button.click()

    assert "settings.txt" not in texts(path)
    assert texts(path)["error.txt"] == "Import: a.mrc is damaged."


def test_a_place_that_cannot_be_written_is_told_and_nothing_chosen_is_no_answer(
    window, monkeypatch, tmp_path
):
    answers = [None, tmp_path / "no" / "bundle.zip"]
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: answers.pop(0))
    window.actions_by_name["diagnostics"].trigger()
    dialog = window.findChild(DiagnosticsDialog)
    dialog.save_button.click()
    assert dialog.isVisible()
    assert not dialog.problem.isVisible()
    dialog.save_button.click()
    assert "bundle.zip" in dialog.problem.text()
    assert dialog.isVisible()


def test_settings_are_told_as_words():
    settings().setValue("probe/list", ["a", "b"])
    settings().setValue("probe/bytes", QByteArray(b"1234"))
    known = remembered()
    settings().remove("probe")
    assert known["probe/list"] == "a, b"
    assert known["probe/bytes"] == "(4 bytes)"
