import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from sxtstudio.core.coverage import ClassKnowledge
from sxtstudio.core.errors import LabelError
from sxtstudio.core.task import TaskClass
from sxtstudio.gui.session import Session
from sxtstudio.gui.task_dialog import TaskDialog, known_words
from tests.gui.projects import two_cell_project


@pytest.fixture
def session(qtbot, tmp_path):
    session = Session()
    session.open(two_cell_project(tmp_path / "p.sxt"))
    yield session
    session.close()


@pytest.fixture
def dialog(qtbot, session):
    dialog = TaskDialog(session)
    qtbot.addWidget(dialog)
    return dialog


def test_ticked_classes_make_a_task(qtbot, session, dialog):
    QTest.keyClicks(dialog.name_edit, "two")
    dialog.tick("nucleus")
    dialog.tick("lipid")
    with qtbot.waitSignal(dialog.accepted):
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    session.add_task(dialog.read_task())

    task = session.tasks()[-1]
    assert task.name == "two"
    assert task.classes == (
        TaskClass(name="nucleus", members=("nucleus",)),
        TaskClass(name="lipid bodies", members=("lipid",)),
    )


def test_classes_of_one_name_are_gathered(dialog):
    dialog.name_edit.setText("stores")
    dialog.tick("lipid", called="stores")
    dialog.tick("starch", called="stores")

    task = dialog.read_task()

    assert len(task.classes) == 1
    assert task.classes[0].name == "stores"
    assert set(task.classes[0].members) == {"lipid", "starch"}


def test_the_button_is_off_and_says_why(dialog):
    assert not dialog.accept_button.isEnabled()
    assert dialog.problem.text() == "Give the task a name."

    dialog.name_edit.setText("organelles")
    assert "already" in dialog.problem.text()

    dialog.name_edit.setText("new")
    assert dialog.problem.text() == "Tick at least one structure."
    with pytest.raises(LabelError, match="at least one"):
        dialog.read_task()

    dialog.tick("nucleus", called=" ")
    assert "Called" in dialog.problem.text()
    assert not dialog.accept_button.isEnabled()


def test_the_table_shows_which_cells_know_the_classes(dialog):
    dialog.tick("nucleus")
    dialog.tick("golgi")

    table = dialog.table
    rows = [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
    assert [row[0] for row in rows] == ["drawn", "bare"]
    assert rows[0][1:] != rows[1][1:]
    assert "partly" in rows[0][1] or "complete" in rows[0][1]
    assert rows[0][2] == rows[1][1] == rows[1][2] == "–"
    assert dialog.summary.text() == "2 classes; 1 of 2 cells knows something about them."
    (known, _) = (table.item(0, column).toolTip() for column in (1, 2))
    assert re.fullmatch(
        r"Every voxel of this class is drawn in this cell: \d+ voxels in 1 object\.", known
    )
    assert table.item(1, 1).toolTip() == "This cell says nothing about this class."
    assert "Only 1 cell knows nucleus;" in dialog.summary.toolTip()
    assert "No cell knows Golgi apparatus;" in dialog.summary.toolTip()


def test_what_is_known_of_a_class_is_told_with_its_numbers():
    def known(knowledge, voxels, *, bounded):
        return ClassKnowledge(knowledge=knowledge, voxels=voxels, objects=2, bounded=bounded)

    assert known_words(known("complete", 0, bounded=True)) == (
        "This cell is known to have none of this class."
    )
    assert known_words(known("partly", 5000, bounded=True)) == (
        "Drawn everywhere but in the parts left out of the annotation: 5,000 voxels in 2 objects."
    )
    assert known_words(known("partly", 1, bounded=False)) == (
        "Some of this class is drawn; the network learns from that part: 1 voxel in 2 objects."
    )


def test_an_unticked_class_leaves_the_task(dialog):
    dialog.tick("nucleus")
    dialog.tick("lipid")
    item = next(it for it in dialog.items() if it.text(0) == "nucleus")

    item.setCheckState(0, Qt.CheckState.Unchecked)

    assert [it.name for it in dialog.read_task().classes] == ["lipid bodies"]
    assert item.text(1) == ""


def test_a_click_on_the_name_of_a_ticked_class_renames_it(qtbot, dialog):
    dialog.show()
    dialog.tick("nucleus")
    item = next(it for it in dialog.items() if it.text(0) == "nucleus")
    name, structure = (
        dialog.tree.visualRect(dialog.tree.indexFromItem(item, column)).center()
        for column in (1, 0)
    )

    QTest.mouseClick(dialog.tree.viewport(), Qt.MouseButton.LeftButton, pos=structure)
    assert dialog.tree.findChild(QLineEdit) is None
    QTest.mouseClick(dialog.tree.viewport(), Qt.MouseButton.LeftButton, pos=name)
    editor = dialog.tree.findChild(QLineEdit)
    QTest.keyClicks(editor, "core")
    QTest.keyClick(editor, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: [it.name for it in dialog.read_task().classes] == ["core"])
