from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QMenu, QSlider, QToolButton

from sxtstudio.core.events import ignore
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.class_list import (
    COLOUR,
    EYE,
    NAME,
    OPACITY,
    VOLUME,
    ClassList,
    class_volumes_um3,
    volume_text,
)
from sxtstudio.gui.view_state import ViewState
from tests.gui import mouse
from tests.gui.specimens import five_balls


@pytest.fixture
def state(qapp) -> ViewState:
    return ViewState()


@pytest.fixture
def classes(state, qtbot):
    table = ClassList(state)
    qtbot.addWidget(table)
    table.resize(360, 300)
    table.show()
    with qtbot.waitSignal(table.volumes_ready):
        state.show(*five_balls())
    yield table
    table.shutdown()


def names(table: ClassList) -> list[str]:
    return [table.item(row, NAME).text() for row in range(table.rowCount())]


def test_every_class_has_a_row_with_its_name(classes):
    assert names(classes) == [
        "nucleus",
        "mitochondria",
        "lipid bodies",
        "starch granules",
        "vacuole",
    ]


def test_the_volume_is_the_number_of_voxels_times_their_size(classes, state):
    voxels = np.count_nonzero(state.label_map.labels_ZYX == 3)
    assert classes.item(2, VOLUME).text() == volume_text(voxels * 0.05**3)


def test_volumes_of_all_labels_are_counted_also_with_sixteen_bits():
    labels_ZYX = np.zeros((3, 4, 5), np.uint16)
    labels_ZYX[0, :2, :3] = 300
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={300: "x"}, voxel_size_um=(0.1, 0.2, 0.5))
    volumes_um3 = class_volumes_um3(label_map, ignore)
    assert volumes_um3[300] == pytest.approx(6 * 0.01)
    assert volumes_um3[0] == pytest.approx(54 * 0.01)


@pytest.mark.parametrize(
    ("volume_um3", "text"), [(0.0, "–"), (0.01234, "0.0123"), (3.0, "3.00"), (1234.5, "1234")]
)
def test_volumes_have_three_digits(volume_um3, text):
    assert volume_text(volume_um3) == text


def test_the_eye_hides_and_shows_a_class(classes, state, qtbot):
    eye = classes.cellWidget(1, EYE)
    assert eye.accessibleName() == "Hide mitochondria"
    qtbot.mouseClick(eye, Qt.MouseButton.LeftButton)
    assert [it.visible for it in state.classes] == [True, False, True, True, True]
    assert eye.accessibleName() == "Show mitochondria"
    qtbot.mouseClick(eye, Qt.MouseButton.LeftButton)
    assert state.classes[1].visible


def test_the_slider_changes_the_opacity(classes, state):
    classes.cellWidget(0, OPACITY).setValue(40)
    assert state.classes[0].opacity == pytest.approx(0.4)
    assert state.classes[1].opacity == 1.0


def test_the_wheel_passes_by_sliders_that_were_not_chosen(classes, state):
    slider = classes.cellWidget(0, OPACITY)
    slider.setValue(50)
    mouse.turn_wheel(slider, QPointF(5, 5), 1)
    assert state.classes[0].opacity == pytest.approx(0.5)


def test_the_wheel_turns_a_chosen_slider(classes, state, qtbot):
    slider = classes.cellWidget(0, OPACITY)
    slider.setValue(50)
    classes.activateWindow()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    mouse.turn_wheel(slider, QPointF(5, 5), 1)
    assert state.classes[0].opacity > 0.5


def test_the_swatch_opens_a_colour_dialog_whose_colour_is_taken(classes, state, qtbot):
    qtbot.mouseClick(classes.cellWidget(2, COLOUR), Qt.MouseButton.LeftButton)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QColorDialog)
    assert dialog.windowTitle() == "Colour of lipid bodies"
    dialog.setCurrentColor(QColor("#112233"))
    dialog.accept()
    assert state.classes[2].colour == "#112233"


def test_a_cancelled_colour_dialog_changes_nothing(classes, state, qtbot):
    before = state.classes
    classes.setCurrentCell(2, NAME)
    QTest.keyClick(classes, Qt.Key.Key_Return)
    QApplication.activeModalWidget().reject()
    assert state.classes == before


def test_space_hides_the_current_class(classes, state):
    classes.setCurrentCell(3, NAME)
    QTest.keyClick(classes, Qt.Key.Key_Space)
    assert not state.classes[3].visible


def test_right_click_shows_only_one_class_and_then_all(classes, state, qtbot):
    choose(classes, row=1, words="Show only this")
    assert [it.visible for it in state.classes] == [False, True, False, False, False]
    choose(classes, row=0, words="Show all")
    assert all(it.visible for it in state.classes)


def choose(table: ClassList, row: int, words: str) -> None:
    at = table.visualItemRect(table.item(row, NAME)).center()
    table.customContextMenuRequested.emit(at)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action: QAction = next(it for it in menu.actions() if it.text() == words)
    action.trigger()
    menu.close()


def test_a_right_click_beside_the_rows_opens_no_menu(classes):
    classes.customContextMenuRequested.emit(classes.rect().bottomRight())
    assert QApplication.activePopupWidget() is None


def test_rows_follow_changes_made_elsewhere(classes, state):
    state.set_class(replace(state.classes[4], opacity=0.25, visible=False, name="big vacuole"))
    assert names(classes)[4] == "big vacuole"
    assert classes.cellWidget(4, OPACITY).value() == 25
    assert classes.cellWidget(4, EYE).accessibleName() == "Show big vacuole"


def test_a_change_keeps_the_widgets_of_the_rows(classes, state):
    slider = classes.cellWidget(0, OPACITY)
    state.set_class(replace(state.classes[0], visible=False))
    assert classes.cellWidget(0, OPACITY) is slider


def test_everything_in_a_row_can_be_reached_by_keyboard_and_has_a_name(classes):
    for row in range(classes.rowCount()):
        for column, kind in ((EYE, QToolButton), (COLOUR, QToolButton), (OPACITY, QSlider)):
            widget = classes.cellWidget(row, column)
            assert isinstance(widget, kind)
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            assert names(classes)[row] in widget.accessibleName()


def test_clearing_empties_the_list(classes, state):
    state.clear()
    assert classes.rowCount() == 0


def test_the_head_of_the_names_stands_above_the_names(qtbot):
    state = ViewState()
    classes = ClassList(state)
    qtbot.addWidget(classes)
    role = Qt.ItemDataRole.TextAlignmentRole
    heads = {
        classes.model().headerData(column, Qt.Orientation.Horizontal): classes.model().headerData(
            column, Qt.Orientation.Horizontal, role
        )
        for column in range(classes.columnCount())
    }
    assert Qt.AlignmentFlag(heads["Class"]) & Qt.AlignmentFlag.AlignLeft
