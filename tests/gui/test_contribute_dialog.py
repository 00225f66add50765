import os
import threading

import pytest
from PySide6.QtCore import Qt

from sxtstudio.gui.contribute_dialog import ContributeDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import remember_library
from tests.gui.libraries import open_library, write_library
from tests.gui.projects import five_balls_cell, write_project


@pytest.fixture
def session(qtbot, tmp_path):
    session = Session()
    drawn = [five_balls_cell("one"), five_balls_cell("two", 20)]
    bare = five_balls_cell("bare", labelled=False)
    session.open(write_project(tmp_path / "p.sxt", *drawn, bare))
    there = five_balls_cell("from one")
    open_library(qtbot, session.library, write_library(tmp_path / "lib", there))
    yield session
    session.close()
    remember_library(None)


@pytest.fixture
def dialog(qtbot, session):
    dialog = ContributeDialog(session, session.library.library)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def outcomes(dialog) -> dict[str, str]:
    table = dialog.table
    return {table.item(i, 0).text(): table.item(i, 2).text() for i in range(table.rowCount())}


def test_it_says_what_will_happen_to_every_cell(dialog):
    assert outcomes(dialog) == {
        "one": "is there; new labels make a new version",
        "two": "a new cell",
        "bare": "nothing is drawn in it",
    }
    assert dialog.accept_button.text() == "Add 2 cells"
    assert dialog.table.item(1, 1).text() == (
        "lipid bodies, mitochondria, nucleus, starch granules, vacuole"
    )


def test_the_ticked_cells_come_into_the_library(qtbot, dialog, session):
    changes = []
    session.library.changed.connect(lambda: changes.append(1))

    dialog.accept_button.click()
    qtbot.waitUntil(dialog.accept_button.isHidden)

    assert outcomes(dialog)["two"] == "added"
    assert outcomes(dialog)["one"] == "was there already"
    assert {cell.name for cell in session.library.cells()} == {"from one", "two"}
    assert changes


def test_without_a_tick_nothing_can_be_added(dialog):
    for row in range(2):
        dialog.table.item(row, 0).setCheckState(Qt.CheckState.Unchecked)

    assert not dialog.accept_button.isEnabled()
    assert "Tick at least one cell" in dialog.problem.text()


def test_a_library_that_went_away_is_told_and_the_dialog_stays(qtbot, dialog, session, tmp_path):
    (tmp_path / "lib").rename(tmp_path / "gone")

    dialog.accept_button.click()
    qtbot.waitUntil(dialog.accept_button.isHidden)

    assert outcomes(dialog)["two"] == "failed"
    assert "cannot be reached" in dialog.problem.text()
    assert dialog.isVisible()


def test_closing_stops_after_the_cell_at_hand(qtbot, dialog, session):
    dialog.accept_button.click()
    dialog.reject()
    qtbot.waitUntil(dialog.accept_button.isHidden)
    assert dialog.isVisible()

    dialog.reject()
    assert not dialog.isVisible()
    assert {cell.name for cell in session.library.cells()} == {"from one"}


def test_a_cell_is_added_in_the_background_and_the_dialog_waits_for_it(qtbot, dialog, session):
    go_on = threading.Event()
    for _ in range(os.cpu_count() or 1):  # every thread is busy until we have looked
        session.library.change(lambda *_: go_on.wait(20), lambda: None)
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: outcomes(dialog)["one"] == "being added …")

    assert session.library.busy, "a thread does it"
    assert not dialog.accept_button.isEnabled()
    dialog.reject()
    assert dialog.isVisible(), "the cell at hand is finished first"
    go_on.set()
    qtbot.waitUntil(dialog.accept_button.isHidden)

    assert outcomes(dialog) == {
        "one": "was there already",
        "two": "a new cell",
        "bare": "nothing is drawn in it",
    }
    dialog.reject()
    assert not dialog.isVisible()
