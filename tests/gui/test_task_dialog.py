import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from sxtstudio.core.coverage import ClassKnowledge
from sxtstudio.core.errors import LabelError, ProjectError
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.gui import messages
from sxtstudio.gui.session import Session
from sxtstudio.gui.task_commands import read_task_file, take_change, task_slots, write_task_file
from sxtstudio.gui.task_dialog import ChangeTaskDialog, TaskDialog, known_words
from sxtstudio.gui.vocabulary_dialog import VocabularyDialog
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


def row_of(dialog, class_id):
    return next(it for it in dialog.items() if it.data(0, Qt.ItemDataRole.UserRole) == class_id)


def test_the_tree_stays_where_it_is_while_classes_are_ticked(qtbot, dialog):
    dialog.show()
    dialog.name_edit.setText("a task")
    places = []
    for class_id in ("nucleus", "nucleolus", "lipid", "vacuole", "er"):
        dialog.tick(class_id)
        qtbot.wait(10)
        places.append((dialog.tree.geometry(), dialog.tree.verticalScrollBar().value()))

    assert len(set(map(str, places))) == 1


def test_a_search_finds_synonyms_and_return_ticks_the_best(qtbot, dialog):
    dialog.show()
    QTest.keyClicks(dialog.search_edit, "mito")

    assert not row_of(dialog, "mitochondria").isHidden()
    assert row_of(dialog, "lipid").isHidden()
    QTest.keyClick(dialog.search_edit, Qt.Key.Key_Return)
    assert [it.name for it in dialog.read_task().classes] == ["mitochondria"]
    assert dialog.isVisible()
    QTest.keyClick(dialog.search_edit, Qt.Key.Key_Return)
    assert row_of(dialog, "mitochondria").checkState(0) == Qt.CheckState.Unchecked
    dialog.search_edit.clear()
    assert not row_of(dialog, "lipid").isHidden()
    QTest.keyClick(dialog.search_edit, Qt.Key.Key_Return)
    with pytest.raises(LabelError):
        dialog.read_task()


@pytest.fixture
def changing(qtbot, session):
    dialog = ChangeTaskDialog(session)
    qtbot.addWidget(dialog)
    return dialog


def test_a_task_to_change_is_shown_as_it_is(session, changing):
    assert changing.read_task() == session.tasks()[0]
    assert changing.problem.text() == "Nothing is changed yet."
    assert not changing.accept_button.isEnabled()
    assert changing.changes.toPlainText() == ""


def test_a_change_is_explained_and_taken(qtbot, session, changing):
    old = session.tasks()[0]
    row_of(changing, "lipid").setText(1, "stores")
    row_of(changing, "starch").setText(1, "stores")
    changing.tick("nucleolus")

    words = changing.changes.toPlainText()
    assert "“stores” gathers “lipid” and “starch”" in words
    assert "“nucleolus” is now a part of what was “nucleus”; it must be learned." in words
    assert "No network was trained for this task yet." in words
    with qtbot.waitSignal(changing.accepted):
        QTest.mouseClick(changing.accept_button, Qt.MouseButton.LeftButton)
    take_change(session, changing.read_task())

    new = session.tasks()[0]
    assert new.version == 2
    assert next(it.name for it in new.classes) == old.classes[0].name
    assert [it.name for it in new.classes][-1] == "nucleolus"
    assert session.project.task_versions(old.name) == (old, new)


def test_terms_that_nobody_knows_stay_in_a_task(qtbot, session):
    task = Task(name="odd", classes=(TaskClass(name="x", members=("nobody", "lipid")),))
    session.project.add_task(task)
    dialog = ChangeTaskDialog(session)
    qtbot.addWidget(dialog)

    assert dialog.task_combo.currentText() == "odd"
    assert dialog.read_task() == task
    dialog.task_combo.setCurrentText("organelles")
    assert dialog.read_task() == session.project.task("organelles")


def test_without_a_task_there_is_nothing_to_change(qtbot, tmp_path):
    session = Session()
    session.create(tmp_path / "empty.sxt")
    dialog = ChangeTaskDialog(session)
    qtbot.addWidget(dialog)

    assert "has no task yet" in dialog.problem.text()
    with pytest.raises(ProjectError, match="has no task yet"):
        write_task_file(dialog, session)
    session.close()


@pytest.fixture
def chosen(monkeypatch):
    """Answer file dialogs and questions as a person would, by name."""
    answers = {}
    for name in ("choose_new_file", "choose_file", "ask_text", "ask_choice"):
        monkeypatch.setattr(messages, name, lambda *_, name=name: answers.get(name))
    return answers


def test_a_task_goes_to_a_file_and_back(qtbot, session, tmp_path, chosen):
    told = []
    session.noted.connect(told.append)
    write_task_file(None, session)
    read_task_file(None, session)
    assert told == []

    session.project.add_task(Task(name="b", classes=session.tasks()[0].classes[:1]))
    chosen["choose_new_file"] = chosen["choose_file"] = tmp_path / "t.json"
    write_task_file(None, session)
    assert told == []
    chosen["ask_choice"] = "b"
    write_task_file(None, session)
    session.project.change_task("b", session.tasks()[0].classes[1:2])
    read_task_file(None, session)
    assert [task.name for task in session.tasks()] == ["organelles", "b"]
    chosen["ask_text"] = "c"
    read_task_file(None, session)

    assert session.project.task("c").classes == session.project.task_versions("b")[0].classes
    assert told == [f"Wrote {tmp_path / 't.json'}", "The task 'c' is in the project."]


def test_every_command_about_tasks_opens_its_dialog_or_does_it(qtbot, session, chosen, tmp_path):
    opened = []

    def open_dialog(dialog, accepted) -> None:
        qtbot.addWidget(dialog)
        opened.append((type(dialog), dialog, accepted))

    parent = QWidget()
    qtbot.addWidget(parent)
    slots = task_slots(parent, session, open_dialog)
    chosen["choose_new_file"] = tmp_path / "t.json"
    for slot in slots.values():
        slot()

    assert [kind for kind, *_ in opened] == [TaskDialog, ChangeTaskDialog, VocabularyDialog]
    assert (tmp_path / "t.json").exists()
    _, new, accepted = opened[0]
    new.name_edit.setText("new")
    new.tick("golgi")
    accepted()
    _, change, accepted = opened[1]
    change.tick("golgi")
    accepted()
    assert {task.name: task.version for task in session.tasks()} == {"organelles": 2, "new": 1}
    assert opened[2][2]() is None
