"""The structures page: search, ticks, dragging, splitting, names, colours, and the picture."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QLineEdit

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.core.task_draft import TaskDraft
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.wizard.class_delegate import swatch_rect
from sxtstudio.gui.wizard.example import (
    Example,
    as_task_sees_it,
    has_class,
    shown_words,
    simulated_example,
    task_styles,
)
from sxtstudio.gui.wizard.structures_page import StructuresPage
from sxtstudio.gui.wizard.study import Study
from sxtstudio.gui.wizard.vocabulary_tree import TERM_MIME
from tests.gui.pictures import grab_rgb, hue_share

ONTOLOGY = default_ontology()
COPY = Qt.DropAction.CopyAction
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make_page(qtbot):
    pages = []

    def make(*words, cell=None):
        classes = parse_task("x", words, ONTOLOGY).classes if words else ()
        draft = TaskDraft(ontology=ONTOLOGY, name="x", template="custom", classes=classes)
        page = StructuresPage(Study(draft), cell)
        page.resize(900, 640)
        qtbot.addWidget(page)
        page.show()
        page.initializePage()
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.shutdown()


def names(page):
    return [item.name for item in page.study.draft.classes]


def card(page, place):
    return page.classes.visualItemRect(page.classes.topLevelItem(place))


def member(page, place, row):
    return page.classes.topLevelItem(place).child(row)


def drop(page, data, at):
    """Drag something over the list and let it go, as the window system reports it."""
    tree = page.classes
    move = QDragMoveEvent(at, COPY, data, LEFT, Qt.KeyboardModifier.NoModifier)
    tree.dragEnterEvent(QDragEnterEvent(at, COPY, data, LEFT, Qt.KeyboardModifier.NoModifier))
    tree.dragMoveEvent(move)
    assert move.isAccepted()
    tree.viewport().grab()  # where it would go is painted
    tree.dropEvent(QDropEvent(QPointF(at), COPY, data, LEFT, Qt.KeyboardModifier.NoModifier))


def dragged(page, item):
    return page.classes.mimeData([item])


# Search and ticks


@pytest.mark.parametrize(("typed", "found"), [("LD", "lipid"), ("mito", "mitochondria")])
def test_a_synonym_finds_a_structure_and_return_ticks_it(make_page, typed, found):
    page = make_page()

    QTest.keyClicks(page.vocabulary.search_edit, typed)
    assert found in set(page.vocabulary.shown())
    assert "golgi" not in set(page.vocabulary.shown())
    QTest.keyClick(page.vocabulary.search_edit, Qt.Key.Key_Return)

    assert names(page) == [ONTOLOGY[found].name]
    assert page.vocabulary.item(found).checkState(0) == Qt.CheckState.Checked


def test_return_a_second_time_takes_it_out_again_and_escape_empties_the_search(make_page):
    page = make_page("lipid")
    field = page.vocabulary.search_edit
    QTest.keyClicks(field, "lipid")

    QTest.keyClick(field, Qt.Key.Key_Return)
    assert names(page) == []
    QTest.keyClick(field, Qt.Key.Key_Escape)

    assert field.text() == ""
    assert len(list(page.vocabulary.shown())) == len(ONTOLOGY.classes) - 1


def test_nothing_found_leaves_nothing_to_tick(make_page):
    page = make_page()
    QTest.keyClicks(page.vocabulary.search_edit, "zzzzqqq")

    QTest.keyClick(page.vocabulary.search_edit, Qt.Key.Key_Return)

    assert list(page.vocabulary.shown()) == []
    assert names(page) == []


def test_arrow_down_leads_to_the_tree_where_return_ticks(make_page):
    page = make_page()
    QTest.keyClicks(page.vocabulary.search_edit, "vacuole")
    QTest.keyClick(page.vocabulary.search_edit, Qt.Key.Key_Down)

    QTest.keyClick(page.vocabulary.tree, Qt.Key.Key_Return)
    assert names(page) == ["vacuole"]
    QTest.keyClick(page.vocabulary.tree, Qt.Key.Key_Return)
    assert names(page) == []


def test_a_box_that_is_ticked_adds_a_class_and_the_words_tell_what_it_leaves(make_page):
    page = make_page("nucleus")

    page.vocabulary.item("nucleolus").setCheckState(0, Qt.CheckState.Checked)

    assert names(page) == ["nucleus", "nucleolus"]
    tip = page.classes.topLevelItem(0).toolTip(0)
    assert "without nucleolus (a class of its own)" in tip
    assert page.count_label.text() == "2 classes of the task"


def test_the_vocabulary_shows_typical_lac_with_its_source(make_page):
    page = make_page()

    lipid = page.vocabulary.item("lipid")

    assert "Also called" in lipid.toolTip(0)
    assert "Typical LAC 0.50–0.90 µm⁻¹ from:" in lipid.toolTip(1)
    picture = grab_rgb(page.vocabulary.tree.viewport())
    assert hue_share(picture, ONTOLOGY["lipid"].colour) > 0.0005


# Merging, splitting, moving


def test_a_class_dropped_on_another_is_merged_with_it(make_page):
    page = make_page("lipid bodies", "starch granules", "nucleus")
    data = dragged(page, page.classes.topLevelItem(1))

    drop(page, data, card(page, 0).center())

    assert names(page) == ["lipid bodies and starch granules", "nucleus"]
    assert page.vocabulary.item("starch").checkState(0) == Qt.CheckState.Checked


def test_a_class_dropped_between_two_others_is_moved(make_page):
    page = make_page("lipid bodies", "starch granules", "nucleus")
    data = dragged(page, page.classes.topLevelItem(2))

    drop(page, data, card(page, 0).topLeft() + QPoint(20, 1))
    assert names(page) == ["nucleus", "lipid bodies", "starch granules"]
    data = dragged(page, page.classes.topLevelItem(0))
    drop(page, data, card(page, 2).bottomLeft() + QPoint(20, -1))

    assert names(page) == ["lipid bodies", "starch granules", "nucleus"]


def test_a_member_dragged_out_is_a_class_of_its_own(make_page):
    page = make_page("storage=lipid+starch", "nucleus")

    drop(page, dragged(page, member(page, 0, 1)), QPoint(60, page.classes.height() - 20))

    assert names(page) == ["storage", "nucleus", "starch granules"]


def test_a_member_can_be_dragged_into_another_class(make_page):
    page = make_page("storage=lipid+starch", "nucleus")

    drop(page, dragged(page, member(page, 0, 0)), card(page, 1).center())

    assert [it.members for it in page.study.draft.classes] == [("starch",), ("nucleus", "lipid")]


def test_a_structure_dragged_from_the_vocabulary_is_added_where_it_falls(make_page):
    page = make_page("lipid bodies")
    data = page.vocabulary.tree.mimeData([page.vocabulary.item("starch")])
    assert bytes(data.data(TERM_MIME).data()) == b"starch"

    drop(page, data, card(page, 0).center())

    assert names(page) == ["lipid bodies and starch granules"]


def test_what_is_no_structure_cannot_be_dropped(make_page):
    page = make_page("lipid bodies")
    data = QMimeData()
    data.setText("holiday.jpg")
    event = QDragEnterEvent(QPoint(9, 9), COPY, data, LEFT, Qt.KeyboardModifier.NoModifier)
    event.ignore()

    page.classes.dragEnterEvent(event)
    page.classes.dragLeaveEvent(QDragLeaveEvent())

    assert not event.isAccepted()


def test_the_buttons_merge_and_split_what_is_selected(make_page):
    page = make_page("lipid bodies", "starch granules", "nucleus")
    assert [button.isEnabled() for button in page.buttons] == [False] * 5
    page.classes.topLevelItem(0).setSelected(True)
    assert [button.isEnabled() for button in page.buttons] == [False, False, True, True, True]
    page.classes.topLevelItem(1).setSelected(True)

    QTest.mouseClick(page.merge_button, LEFT)
    assert names(page) == ["lipid bodies and starch granules", "nucleus"]
    assert page.classes.selected_places() == [0], "what was merged stays selected"
    QTest.mouseClick(page.split_button, LEFT)

    assert names(page) == ["lipid bodies", "starch granules", "nucleus"]


def test_split_and_take_out_act_on_a_selected_member_alone(make_page):
    page = make_page("storage=lipid+starch+nucleus")
    member(page, 0, 1).setSelected(True)
    QTest.mouseClick(page.split_button, LEFT)
    assert names(page) == ["storage", "starch granules"]

    member(page, 0, 0).setSelected(True)
    QTest.mouseClick(page.remove_button, LEFT)

    assert [it.members for it in page.study.draft.classes] == [("nucleus",), ("starch",)]


def test_delete_takes_the_selected_class_out(make_page):
    page = make_page("lipid bodies", "nucleus")
    page.classes.topLevelItem(0).setSelected(True)

    QTest.keyClick(page.classes, Qt.Key.Key_Delete)

    assert names(page) == ["nucleus"]
    assert page.vocabulary.item("lipid").checkState(0) == Qt.CheckState.Unchecked


# Names and colours


@pytest.mark.parametrize("how", ["return", "button"])
def test_a_class_is_renamed_in_place(qtbot, make_page, how):
    page = make_page("lipid bodies", "nucleus")
    page.classes.setCurrentItem(page.classes.topLevelItem(0))
    if how == "return":
        QTest.keyClick(page.classes, Qt.Key.Key_Return)
    else:
        QTest.mouseClick(page.rename_button, LEFT)
    editor = page.classes.findChild(QLineEdit)
    QTest.keyClicks(editor, "fat")
    QTest.keyClick(editor, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: names(page) == ["fat", "nucleus"])
    assert page.problem() == ""


def test_two_classes_of_one_name_are_refused(qtbot, make_page):
    page = make_page("lipid bodies", "nucleus")
    page.classes.topLevelItem(0).setText(0, "nucleus")

    qtbot.waitUntil(lambda: "Two classes are called “nucleus”" in page.problem())
    assert not page.isComplete()


def test_a_click_on_the_colour_asks_for_another(qtbot, make_page):
    page = make_page("lipid bodies")
    at = swatch_rect(card(page, 0)).center()

    QTest.mouseClick(page.classes.viewport(), LEFT, pos=at)
    dialog = page.findChild(QColorDialog)
    dialog.colorSelected.emit(dialog.currentColor().fromString("#123456"))
    dialog.close()

    assert page.study.draft.classes[0].colour == "#123456"


def test_the_colour_button_asks_for_the_selected_class(make_page):
    page = make_page("lipid bodies", "nucleus")
    page.classes.setCurrentItem(page.classes.topLevelItem(1))

    QTest.mouseClick(page.colour_button, LEFT)

    dialog = page.findChild(QColorDialog)
    assert dialog.windowTitle() == "Colour of nucleus"
    dialog.close()


# The picture


def test_the_picture_shows_the_classes_in_their_colours(qtbot, make_page):
    page = make_page("mitochondria", "lipid bodies")

    qtbot.waitUntil(lambda: page.example.labels_shown == (1, 2, 3), timeout=20_000)
    picture = grab_rgb(page.example.canvas)
    assert hue_share(picture, ONTOLOGY["mitochondria"].colour) > 0.01
    page.classes.setCurrentItem(page.classes.topLevelItem(0))
    page._recolour(0, "#ff0000")

    qtbot.waitUntil(lambda: hue_share(grab_rgb(page.example.canvas), "#ff0000") > 0.01)


def test_without_a_class_the_picture_asks_for_one(qtbot, make_page):
    page = make_page()

    assert page.example.message == "Choose a structure to see it here."
    assert page.problem() == "Choose at least one structure."


def test_the_picture_tells_what_its_cell_does_not_have(qtbot, make_page):
    page = make_page("lipid bodies", "starch granules")
    page.example.combo.setCurrentIndex(page.example.combo.findData("yeast"))

    qtbot.waitUntil(lambda: "Not in this cell: starch" in page.example.message, timeout=20_000)


def test_the_cell_on_show_is_the_example_if_it_has_a_class(qtbot, make_page):
    labels_ZYX = np.zeros((12, 12, 12), np.uint8)
    labels_ZYX[3:9, 3:9, 3:9] = 5
    mine = Example(
        name="mine",
        label_map=LabelMap(labels_ZYX=labels_ZYX, names={5: "lipid"}, voxel_size_um=(0.1,) * 3),
    )
    page = make_page("lipid bodies", cell=mine)
    page.example.prefer("alga", page.study.draft.task)
    assert page.example.combo.currentText() == "mine (on show)"
    qtbot.waitUntil(lambda: page.example.labels_shown == (1,), timeout=20_000)

    page.example.prefer("alga", parse_task("x", ["nucleus"], ONTOLOGY))
    assert page.example.combo.currentText() == "simulated alga"


def test_labels_become_those_of_the_task_and_the_rest_of_the_cell():
    labels_ZYX = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    names_of = {1: "nucleolus", 2: "mito", 3: "capillary", 4: "cytoplasm", 5: "nonsense"}
    example = Example(
        name="x",
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=names_of, voxel_size_um=(1.0,) * 3),
    )
    task = parse_task("x", ["mitochondria", "nucleus"], ONTOLOGY)

    seen = as_task_sees_it(example, task, ONTOLOGY)

    assert seen.labels_ZYX.ravel().tolist() == [0, 2, 1, 0, 3, 0]
    assert has_class(example, task, ONTOLOGY)
    assert not has_class(example, parse_task("x", ["lipid"], ONTOLOGY), ONTOLOGY)
    assert shown_words(seen, task) == ""


def test_a_class_around_the_others_is_drawn_as_glass_and_surroundings_can_be_seen():
    task = parse_task("x", ["body=cell", "lipid", "capillary"], ONTOLOGY)

    body, lipid, capillary, rest = task_styles(task, ONTOLOGY)

    assert (body.opacity < 0.2, lipid.opacity) == (True, 1.0)
    assert (capillary.visible, capillary.opacity) == (True, 0.15)
    assert rest.label == 4


@pytest.mark.parametrize("kind", ["alga", "yeast", "lymphocyte"])
def test_a_simulated_example_is_always_the_same(kind):
    one, other = simulated_example(kind), simulated_example(kind)

    assert np.array_equal(one.label_map.labels_ZYX, other.label_map.labels_ZYX)
    assert one.name == f"simulated {kind}"
