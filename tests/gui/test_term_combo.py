import pytest
from PySide6.QtTest import QTest

from sxtstudio.core.ontology import IGNORE, Extension, default_ontology, new_term
from sxtstudio.gui.term_combo import NEW_TERM, TermCombo


@pytest.fixture
def combo(qtbot):
    combo = TermCombo(default_ontology(), with_new=True)
    qtbot.addWidget(combo)
    return combo


def proposals(combo: TermCombo) -> list[str]:
    return combo.lineEdit().completer().model().stringList()


@pytest.mark.parametrize(
    ("typed", "class_id"),
    [
        ("Nucleus", "nucleus"),
        ("LD", "lipid"),
        ("starch granules", "starch"),
        ("mito", "mitochondria"),
    ],
)
def test_a_typed_name_or_synonym_is_chosen(combo, typed, class_id):
    QTest.keyClicks(combo.lineEdit(), typed)
    combo.lineEdit().completer().popup().hide()
    combo.lineEdit().editingFinished.emit()

    assert combo.term == class_id


def test_what_means_nothing_chooses_nothing_and_stays_to_be_read(combo):
    combo.set_term("nucleus")
    combo.lineEdit().selectAll()
    QTest.keyClicks(combo.lineEdit(), "gizmo")
    combo.lineEdit().completer().popup().hide()
    combo.lineEdit().editingFinished.emit()

    assert combo.term is None
    assert combo.currentText() == "gizmo"


def test_ignoring_and_a_new_term_are_offered_beside_the_terms(combo):
    QTest.keyClicks(combo.lineEdit(), "ign")
    combo.lineEdit().completer().popup().hide()

    assert "ignore (may be anything)" in proposals(combo)
    assert proposals(combo)[-1] == "new term …"
    combo.set_term(NEW_TERM)
    assert combo.term == NEW_TERM


def test_neither_is_offered_where_they_make_no_sense(qtbot):
    combo = TermCombo(default_ontology(), with_ignore=False)
    qtbot.addWidget(combo)
    QTest.keyClicks(combo.lineEdit(), "ign")
    combo.lineEdit().completer().popup().hide()

    assert combo.findData(IGNORE) < 0
    assert combo.findData(NEW_TERM) < 0
    assert "ignore (may be anything)" not in proposals(combo)


def test_another_vocabulary_keeps_the_choice(combo):
    combo.set_term("lipid")
    term = new_term(default_ontology(), "Blob", "cell")

    combo.offer(default_ontology().extended(Extension(terms=(term,))))

    assert combo.term == "lipid"
    assert combo.findData("blob") >= 0
