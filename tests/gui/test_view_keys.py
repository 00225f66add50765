"""Single letters act in the views of a whole window, and nowhere else."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from tests.gui.projects import two_cell_project


@pytest.fixture
def window(qtbot, tmp_path):
    window = MainWindow(Session(), remember=False)
    qtbot.addWidget(window)
    window.show()
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.close()


def press(window: MainWindow, key: Qt.Key, keys=Qt.KeyboardModifier.NoModifier) -> None:
    canvas = window.views.slices[1].canvas
    canvas.setFocus()
    QTest.keyClick(canvas, key, keys)


def shown(window: MainWindow) -> list[str]:
    return [panel.name for panel in window.views.panels if panel.isVisible()]


def test_every_command_of_the_views_has_a_key_of_its_own():
    # Keys of the review go before others while its panel is on show, so they may be taken twice.
    for in_review in (False, True):
        keys = [it.key for it in COMMANDS if it.key and it.in_review is in_review]
        assert len(keys) == len(set(keys))


def test_letters_show_one_view_alone(window):
    for key, name in (
        (Qt.Key.Key_Z, "XY"),
        (Qt.Key.Key_X, "YZ"),
        (Qt.Key.Key_Y, "XZ"),
        (Qt.Key.Key_T, "3D"),
    ):
        window.views.set_layout("four", 0)
        press(window, key)
        assert shown(window) == [name]


def test_o_draws_outlines_in_a_view_but_not_in_the_class_list(window):
    press(window, Qt.Key.Key_O)
    assert window.views.overlays.outline
    window.docks.class_list.setFocus()
    QTest.keyClick(window.docks.class_list, Qt.Key.Key_O)
    assert window.views.overlays.outline


def test_c_chooses_the_class_at_the_cursor_and_n_goes_to_its_objects(window, qtbot):
    window.session.view.set_cursor((7, 7, 17))
    press(window, Qt.Key.Key_C)
    assert window.status.note.text() == "Chosen: mitochondria."
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.status.note.text().startswith("mitochondria 1 of 1"))


def test_l_takes_the_ruler_and_the_status_bar_says_how(window, qtbot):
    window.status._forget.stop()
    press(window, Qt.Key.Key_L)
    assert window.views.tools.tool.name == "Measure length"
    window.status._forget.timeout.emit()
    assert window.status.note.text().startswith("Drag from end to end")
    press(window, Qt.Key.Key_L)
    assert window.views.tools.tool is None


def test_an_undocked_view_keeps_the_keys_of_the_views(window, qtbot):
    view = window.views.slices[0]
    window.views.toggle_undocked(view)
    view.window().activateWindow()
    qtbot.waitUntil(view.window().isActiveWindow)
    view.canvas.setFocus()
    QTest.keyClick(view.canvas, Qt.Key.Key_O)
    assert window.views.overlays.outline
    view.window().close()
    assert shown(window) == ["XY", "XZ", "YZ", "3D"]


def test_the_window_can_be_closed_while_a_view_is_undocked(window):
    window.views.toggle_undocked(window.views.viewer3d)
    window.close()
    assert not window.isVisible()
    assert not window.views._undocked
