"""Keys of the editor pressed right after a click in a plane, as a person in a hurry does."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from sxtstudio.gui.painting.afterwards import SOON
from sxtstudio.gui.painting.leaving import DISCARD, SAVE
from sxtstudio.gui.painting.save_dialog import SaveDialog
from sxtstudio.gui.slices.slice_view import SliceView
from tests.gui.test_painting import (  # noqa: F401 - fixtures are found by their names
    LEFT,
    PATIENCE_MS,
    answers,
    area,
    dialog_of,
    labels,
    make_window,
    point,
    window,
)

PLANES = pytest.mark.parametrize("plane", [0, 1, 2])
SHORT = (
    "tool_look", "tool_eraser", "tool_fill", "tool_pick", "tool_brush", "reach", "brush_larger",
    "brush_smaller", "class_2", "class_0", "class_next", "class_previous", "undo", "redo",
    "outline",
)  # fmt: skip


def click_in(window, plane: int) -> SliceView:  # noqa: F811
    """Click in the middle of ball 1, which stands at (8, 8, 7), by the way a mouse goes."""
    view = window.views.slices[plane]
    right, down = ((7, 8), (7, 8), (8, 8))[plane]
    at = point(view, right, down).toPoint()
    QTest.mouseClick(area(view), LEFT, Qt.KeyboardModifier.NoModifier, at)
    return view


def press(view: SliceView, keys: str) -> None:
    QTest.keySequence(view.window(), QKeySequence(keys))


def begin_fill(window, plane: int) -> SliceView:  # noqa: F811
    """Fill ball 1 with class 4 by a click, and return while that is still being worked out."""
    window.session.view.set_cursor((8, 8, 7))
    window.painting.settings.set_tool("fill")
    window.painting.settings.set_label(4)
    window.painting.settings.set_reach("space")
    view = click_in(window, plane)
    assert window.painting.editing.busy
    return view


def idle(qtbot, window) -> None:  # noqa: F811
    qtbot.waitUntil(lambda: not window.painting.editing.busy, timeout=PATIENCE_MS)
    QTest.qWait(20)


@PLANES
def test_every_short_key_acts_right_after_a_click(window, qtbot, plane):  # noqa: F811
    window.session.view.set_cursor((8, 8, 7))
    for name in SHORT:
        window.painting.settings.set_tool("brush")
        view = click_in(window, plane)
        idle(qtbot, window)
        action = window.actions_by_name[name]
        if name == "redo":
            window.painting.editing.undo()
        for keys in action.shortcuts():
            with qtbot.waitSignal(action.triggered, timeout=2000):
                press(view, keys.toString())
            if name == "redo":
                window.painting.editing.undo()


@PLANES
def test_ctrl_z_right_after_a_fill_takes_that_fill_back(window, qtbot, plane):  # noqa: F811
    before_ZYX = labels(window).copy()
    view = begin_fill(window, plane)
    press(view, "Ctrl+Z")
    assert window.status.note.text() == SOON
    idle(qtbot, window)
    qtbot.waitUntil(window.actions_by_name["redo"].isEnabled, timeout=PATIENCE_MS)
    assert np.array_equal(labels(window), before_ZYX)
    assert window.actions_by_name["redo"].text() == "&Redo fill starch granules"


@PLANES
def test_ctrl_d_right_after_a_fill_stops_the_editing(window, answers, qtbot, plane):  # noqa: F811
    answers.append(DISCARD)
    view = begin_fill(window, plane)
    press(view, "Ctrl+D")
    assert window.actions_by_name["edit_labels"].isChecked(), "it still waits for the fill"
    qtbot.waitUntil(lambda: not window.painting.editing.active, timeout=PATIENCE_MS)
    assert "1 edit of drawn is in no saved version" in answers.asked[0]
    assert not window.actions_by_name["edit_labels"].isChecked()


@PLANES
def test_ctrl_s_right_after_a_fill_saves_the_fill(window, qtbot, plane):  # noqa: F811
    view = begin_fill(window, plane)
    press(view, "Ctrl+S")
    dialog_of(qtbot, window, SaveDialog).accept()
    idle(qtbot, window)
    qtbot.waitUntil(lambda: not window.painting.editing.unsaved, timeout=PATIENCE_MS)
    session = window.session
    stored = session.project.label_map(session.cell_id, session.version_id)
    assert stored.labels_ZYX[8, 8, 7] == 4


def test_keys_pressed_one_after_the_other_are_done_in_their_order(window, qtbot):  # noqa: F811
    settings = window.painting.settings
    view = begin_fill(window, 0)
    for keys in ("Ctrl+Z", "E", "D"):
        press(view, keys)
    assert settings.tool == "fill"
    qtbot.waitUntil(lambda: settings.tool == "eraser", timeout=PATIENCE_MS)
    assert settings.reach == "slice"
    assert window.painting.editing.unsaved == 0


def test_escape_calls_off_the_fill_and_what_was_to_come_after_it(window, qtbot):  # noqa: F811
    view = begin_fill(window, 0)
    press(view, "Ctrl+D")
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    idle(qtbot, window)
    assert window.painting.editing.active
    press(view, "E")
    assert window.painting.settings.tool == "eraser"


def test_what_fails_takes_what_was_to_come_after_it_along(window, answers, qtbot):  # noqa: F811
    view = begin_fill(window, 0)
    press(view, "Ctrl+D")
    window.painting.editing.failed.emit("The disk is full.")
    idle(qtbot, window)
    assert window.painting.editing.active
    assert answers.told == ["The disk is full."]


def test_leaving_by_save_right_after_a_fill_asks_once(window, answers, qtbot):  # noqa: F811
    answers.append(SAVE)
    press(begin_fill(window, 0), "Ctrl+D")
    dialog_of(qtbot, window, SaveDialog).accept()
    qtbot.waitUntil(lambda: not window.painting.editing.active, timeout=PATIENCE_MS)
    assert len(answers.asked) == 1
    assert len(window.session.require_shown().versions) == 2
