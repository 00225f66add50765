import numpy as np
import pytest
from PySide6.QtCore import Qt

from sxtstudio.core.ontology import default_ontology
from sxtstudio.gui.completeness_editor import Completeness, CompletenessEditor
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.projects import five_balls_cell

ONTOLOGY = default_ontology()
CELL = five_balls_cell("alga")


@pytest.fixture
def dialog(qtbot):
    state = Completeness(
        drawn=frozenset({"nucleus", "lipid", "ignore"}), complete=frozenset({"nucleus"})
    )
    dialog = CompletenessEditor("alga", state, ONTOLOGY)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def row_of(dialog, class_id: str) -> int:
    return [dialog.table.class_of(row) for row in range(dialog.table.rowCount())].index(class_id)


def words(dialog, class_id: str) -> str:
    return dialog.table.item(row_of(dialog, class_id), 1).text()


def test_what_is_drawn_comes_first_and_every_class_can_be_answered(dialog):
    ids = [dialog.table.class_of(row) for row in range(dialog.table.rowCount())]

    assert set(ids[:2]) == {"nucleus", "lipid"}
    assert set(ids) - {"ignore"} == {term.id for term in ONTOLOGY.classes[1:]}


def test_the_words_beside_a_tick_say_what_it_means(dialog):
    assert words(dialog, "nucleus") == "everywhere"
    assert words(dialog, "lipid") == "only in part"
    assert words(dialog, "starch") == "not drawn, unknown"

    dialog.table.tick("starch")
    dialog.table.tick("nucleus", on=False)

    assert words(dialog, "starch") == "the cell has none"
    assert words(dialog, "nucleus") == "only in part"
    assert dialog.complete == {"starch"}
    assert "The cell has no: starch granules." in dialog.summary.text()
    assert "Only in part: lipid bodies, nucleus." in dialog.summary.text()


def test_nothing_is_noted_unless_something_is_changed(dialog):
    assert not dialog.accept_button.isEnabled()

    dialog.table.tick("lipid")
    assert dialog.accept_button.isEnabled()

    dialog.table.tick("lipid", on=False)
    assert not dialog.accept_button.isEnabled()


def test_a_cell_that_was_drawn_throughout_is_ticked_at_once_without_what_is_left_out(dialog):
    dialog.all_button.click()

    assert dialog.complete == {"nucleus", "lipid"}


def test_searching_finds_synonyms(dialog):
    dialog.search_edit.setText("granule")
    shown = {
        dialog.table.class_of(row)
        for row in range(dialog.table.rowCount())
        if not dialog.table.isRowHidden(row)
    }

    assert {"starch", "vesicle"} <= shown
    assert "nucleus" not in shown

    dialog.search_edit.clear()
    assert not any(dialog.table.isRowHidden(row) for row in range(dialog.table.rowCount() - 1))


def test_the_slices_show_all_labels_and_the_chosen_class_alone(dialog):
    dialog.show_cell(CELL, CELL.annotations[0])
    assert not dialog.waiting.isVisible()
    dialog.view.set_cursor((8, 8, 12))
    nucleus = ONTOLOGY["nucleus"].colour
    both = hue_share(grab_rgb(dialog.slices[0].canvas), nucleus)
    assert both > 0.01

    dialog.table.setCurrentCell(row_of(dialog, "lipid"), 0)
    assert hue_share(grab_rgb(dialog.slices[0].canvas), nucleus) < both / 10

    dialog.table.setCurrentCell(row_of(dialog, "symbiont"), 0)
    assert hue_share(grab_rgb(dialog.slices[0].canvas), nucleus) == pytest.approx(both, rel=0.2)


def test_one_steps_through_the_slices(dialog):
    dialog.show_cell(CELL, CELL.annotations[0])
    before = np.array(dialog.view.cursor)

    dialog.slices[0].step(3)

    assert tuple(np.array(dialog.view.cursor) - before) == (3, 0, 0)


def test_one_plane_can_fill_the_place_of_all(dialog):
    dialog.slices[1].maximise_wanted.emit()
    assert [view.isVisible() for view in dialog.slices] == [False, True, False]

    dialog.slices[1].maximise_wanted.emit()
    assert all(view.isVisible() for view in dialog.slices)


def test_a_cell_that_cannot_be_read_is_told_and_the_answer_still_counts(dialog):
    dialog.fail("cells/ab/…: is damaged.")
    dialog.table.tick("lipid")

    assert dialog.waiting.text() == "cells/ab/…: is damaged."
    assert dialog.accept_button.isEnabled()


def test_a_tick_is_set_with_the_mouse(qtbot, dialog):
    item = dialog.table.item(row_of(dialog, "lipid"), 1)
    item.setCheckState(Qt.CheckState.Checked)

    assert dialog.complete == {"nucleus", "lipid"}
