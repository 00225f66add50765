"""The dialog in which the vocabulary is looked at and extended."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog

from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.gui.error_dialog import ErrorDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.vocabulary_dialog import VocabularyDialog
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from tests.gui.projects import two_cell_project

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot, tmp_path):
    session = Session()
    session.open(two_cell_project(tmp_path / "p.sxt"))
    yield session
    session.close()


@pytest.fixture
def dialog(qtbot, session):
    dialog = VocabularyDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_tree_shows_every_term_with_colour_range_and_synonyms(dialog):
    tree = dialog.tree
    tree.choose("lipid")

    row = tree.currentItem()
    assert set(tree.shown()) == {term.id for term in default_ontology().classes}
    assert row.text(0) == "lipid bodies"
    assert row.text(1) == "0.50–0.90"
    assert "lipid droplets" in row.text(2)
    assert not row.icon(0).isNull()
    assert "Lies in: cell, in sample" in dialog.facts.text()
    assert "triolein" in dialog.facts.text()
    assert "Comes with the program" in dialog.facts.text()


def test_a_search_by_synonym_shows_the_term_and_what_it_lies_in(dialog):
    QTest.keyClicks(dialog.search_edit, "LD")

    assert dialog.chosen.id == "lipid"
    assert {"sample", "cell", "lipid"} <= set(dialog.tree.shown())
    assert "nucleus" not in set(dialog.tree.shown())
    assert dialog.tree.currentItem().font(0).bold()

    dialog.search_edit.clear()
    assert "nucleus" in set(dialog.tree.shown())


def test_a_search_that_finds_nothing_says_so(dialog):
    QTest.keyClicks(dialog.search_edit, "qqqq")

    assert set(dialog.tree.shown()) == set()
    assert "No term is called like that" in dialog.found.text()


def test_a_term_is_added_inside_the_chosen_one(qtbot, session, dialog):
    dialog.tree.choose("chloroplast")
    form = dialog.form
    assert form.title() == "New term inside “chloroplast”"
    QTest.keyClicks(form.name_edit, "Carboxysome")
    QTest.keyClicks(form.synonyms_edit, "CBX, cso")
    form.set_colour("#123456")
    form.low_box.setValue(0.3)
    form.high_box.setValue(0.5)
    assert form.problem.text() == "Say where the LAC range of 'Carboxysome' comes from."
    assert not form.add_button.isEnabled()
    QTest.keyClicks(form.source_edit, "own measurement")

    QTest.mouseClick(form.add_button, LEFT)

    term = session.project.ontology()["carboxysome"]
    assert (term.parent, term.colour, term.synonyms) == ("chloroplast", "#123456", ("CBX", "cso"))
    assert term.lac_range_per_um == (0.3, 0.5)
    assert dialog.chosen == term
    assert dialog.note.text() == "The project knows “Carboxysome” now."
    assert form.name_edit.text() == form.source_edit.text() == ""
    assert form.high_box.text() == "unknown"
    assert "Defined by this project." in dialog.facts.text()


def test_a_term_that_exists_is_refused_while_it_is_typed(dialog):
    assert "Type the name" in dialog.form.problem.text()
    QTest.keyClicks(dialog.form.name_edit, "granule")

    assert "it means the class 'vesicles'" in dialog.form.problem.text()
    QTest.keyClick(dialog.form.name_edit, Qt.Key.Key_Return)
    assert not dialog._session.project.extension()


def test_a_synonym_is_added_to_the_chosen_term(session, dialog):
    dialog.tree.choose("lipid")
    QTest.keyClicks(dialog.synonym_edit, "mito")
    assert not dialog.synonym_button.isEnabled()
    assert "it means the class 'mitochondria'" in dialog.note.text()
    dialog.synonym_edit.clear()
    QTest.keyClicks(dialog.synonym_edit, "oleosome")

    QTest.mouseClick(dialog.synonym_button, LEFT)

    assert session.project.ontology().find("oleosome").id == "lipid"
    assert dialog.chosen.id == "lipid"
    assert "oleosome" in dialog.facts.text()
    assert dialog.synonym_edit.text() == ""


def test_additions_go_into_the_open_library_too(qtbot, session, tmp_path):
    Library.create(tmp_path / "library", "Yeast lab").close()
    with qtbot.waitSignal(session.library.changed, timeout=5000):
        session.library.open(tmp_path / "library")
    dialog = VocabularyDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.library_tick.isChecked()
    assert "Yeast lab" in dialog.library_tick.text()
    QTest.keyClicks(dialog.form.name_edit, "Pond")

    with qtbot.waitSignal(session.library.changed, timeout=5000):
        QTest.mouseClick(dialog.form.add_button, LEFT)

    assert session.library.library.ontology().find("pond").parent == "cell"
    assert "Defined by the library" in dialog.facts.text()
    session.library.close()
    assert not dialog.library_tick.isEnabled()


def test_without_anything_open_nothing_can_be_added(qtbot, session, dialog):
    session.close_project()
    QTest.keyClicks(dialog.form.name_edit, "Pond")

    assert "Open a project or a library" in dialog.form.problem.text()
    assert not dialog.form.add_button.isEnabled()
    assert not dialog.synonym_button.isEnabled()


def test_a_project_that_can_only_be_read_says_why(qtbot, session, dialog, tmp_path):
    path = session.project.path
    session.close_project()
    session._project = Project.open(path, read_only=True)
    session.project_changed.emit()
    seen = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, ErrorDialog):
            QTimer.singleShot(20, answer)
            return
        seen.append(box.cause.text())
        box.close()

    QTest.keyClicks(dialog.form.name_edit, "Pond")
    QTimer.singleShot(20, answer)
    QTest.mouseClick(dialog.form.add_button, LEFT)

    assert "read-only" in seen[0]
    assert dialog.form.name_edit.text() == "Pond"


def test_the_colour_can_be_chosen(qtbot, dialog):
    def choose() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QColorDialog):
            QTimer.singleShot(20, choose)
            return
        box.setCurrentColor("#abcdef")
        box.accept()

    QTest.keyClicks(dialog.form.name_edit, "Pond")
    QTimer.singleShot(20, choose)
    QTest.mouseClick(dialog.form.colour_button, LEFT)

    assert dialog.form.read_term().colour == "#abcdef"


def test_a_proposed_colour_differs_from_those_there_are(dialog):
    colours = {term.colour for term in default_ontology().classes}

    QTest.keyClicks(dialog.form.name_edit, "Pond")
    assert dialog.form.read_term().colour not in colours


def test_what_another_one_adds_appears(qtbot, session, dialog):
    dialog.tree.choose("vacuole")
    term = new_term(default_ontology(), "Pond", "cell")
    session.project.extend(Extension(terms=(term,)))
    session.contents_changed.emit()

    assert "pond" in set(dialog.tree.shown())
    assert dialog.chosen.id == "vacuole"
