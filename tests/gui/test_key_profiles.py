"""Key profiles: no key means two things, and another profile is used at once."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.gestures import BUTTONS, DRAG_ACTS, MODIFIERS, WHEEL_ACTS, key_code
from sxtstudio.gui.key_profiles import KeyProfiles, conflicts, key_profiles
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from tests.gui import mouse
from tests.gui.projects import two_cell_project

PROFILES = {profile.id: profile for profile in key_profiles()}
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MIDDLE, RIGHT = Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
SHIFT_PX = QPointF(24, 16)


@pytest.fixture(autouse=True)
def own_keys_again():
    yield
    settings().remove("key_profile")


@pytest.fixture
def window(qtbot, tmp_path):
    window = MainWindow(Session(), remember=False)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.painting.editing.end(keep=False)
    window.close()


def press(window: MainWindow, key: Qt.Key, keys=Qt.KeyboardModifier.NoModifier) -> None:
    canvas = window.views.slices[0].canvas
    canvas.setFocus()
    QTest.keyClick(canvas, key, keys)


def drag(window: MainWindow, button: Qt.MouseButton, keys=Qt.KeyboardModifier.NoModifier) -> None:
    area = window.views.slices[0].canvas.viewport()
    start = QPointF(area.rect().center())
    mouse.press(area, button, start, keys)
    for share in (0.5, 1.0):
        mouse.move(area, button, start + SHIFT_PX * share, keys)
    mouse.release(area, button, start + SHIFT_PX, keys)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_no_key_means_two_things_in_one_profile(profile):
    assert conflicts(profile) == []


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_names_only_commands_and_gestures_that_there_are(profile):
    assert set(profile.keys) <= {command.name for command in COMMANDS}
    planes = profile.planes
    assert set(planes.wheel) <= set(MODIFIERS)
    assert "" in planes.wheel
    assert set(planes.wheel.values()) <= set(WHEEL_ACTS)
    assert {place.split("+")[-1] for place in planes.drag} == set(BUTTONS)
    assert {"+".join(place.split("+")[:-1]) for place in planes.drag} <= set(MODIFIERS)
    assert set(planes.drag.values()) <= set(DRAG_ACTS)
    assert {"slice", "zoom", "size"} <= set(planes.wheel.values()) | set(planes.drag.values())
    assert {"pan", "window"} <= set(planes.drag.values())
    assert all(key_code(key) for key in (planes.peek, planes.hand) if key)


def test_a_key_that_is_given_twice_is_found():
    own = PROFILES["own"]
    twice = replace(own, keys={"tool_fill": ("B",), "outline": ("H",)})

    problems = conflicts(twice)

    assert len(problems) == 2
    assert "B is both tool_brush and tool_fill" in problems[0]
    assert "H is both peek and outline" in problems[1]


def test_the_default_keys_are_those_the_manual_promises():
    keys = {command.name: command.keys for command in COMMANDS}
    for name, key in {
        "brush_smaller": "[", "brush_larger": "]", "class_0": "0", "class_7": "7", "outline": "O",
        "uncertainty": "U", "layout_yz": "X", "layout_xz": "Y", "layout_xy": "Z", "fit_view": "R",
        "next_object": "N", "previous_object": "Shift+N", "picture": "F9", "palette": "Ctrl+P",
        "shortcuts": "?",
    }.items():  # fmt: skip
        assert keys[name][0] == key
    planes = PROFILES["own"].planes
    assert planes.wheel == {"": "slice", "Ctrl": "zoom", "Shift": "size"}
    assert planes.drag == {"left": "crosshair", "middle": "pan", "right": "window"}
    assert (planes.crosshair, planes.peek, planes.hand) == ("Shift", "H", "Space")


def test_another_profile_works_at_once_and_is_remembered(window):
    state, view = window.session.view, window.views.slices[0]
    z = state.cursor[0]
    press(window, Qt.Key.Key_Right)
    assert state.cursor[0] == z
    window.actions_by_name["keys"].menu().actions()[1].trigger()
    assert window.keys.profiles.current.id == "napari"
    press(window, Qt.Key.Key_Right)
    assert state.cursor[0] == z + 1
    assert KeyProfiles().current.id == "napari"
    assert window.actions_by_name["slice_next"].toolTip().endswith("(Right)")

    scale = view.canvas.camera.px_per_um
    mouse.turn_wheel(view.canvas.viewport(), QPointF(30, 30), 1)
    assert view.canvas.camera.px_per_um > scale
    mouse.turn_wheel(view.canvas.viewport(), QPointF(30, 30), 1, CTRL)
    assert state.cursor[0] == z + 2


def test_digits_are_tools_in_napari_and_classes_here(window):
    window.actions_by_name["edit_labels"].trigger()
    painting = window.painting.settings
    press(window, Qt.Key.Key_2)
    assert (painting.tool, painting.label) == ("brush", 2)
    window.keys.profiles.choose("napari")
    press(window, Qt.Key.Key_1)
    assert (painting.tool, painting.label) == ("eraser", 2)
    press(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert (painting.tool, painting.label) == ("brush", 3)


@pytest.mark.parametrize(
    ("profile", "button", "keys", "act"),
    [
        ("own", MIDDLE, None, "pan"),
        ("own", RIGHT, None, "window"),
        ("napari", Qt.MouseButton.LeftButton, None, "pan"),
        ("napari", RIGHT, None, "zoom"),
        ("napari", RIGHT, CTRL, "window"),
        ("slicer", Qt.MouseButton.LeftButton, SHIFT, "pan"),
        ("slicer", Qt.MouseButton.LeftButton, None, "crosshair"),
        ("slicer", RIGHT, None, "zoom"),
        ("mib", RIGHT, None, "pan"),
        ("mib", MIDDLE, None, "window"),
    ],
)
def test_a_drag_does_what_the_profile_says(window, profile, button, keys, act):
    window.keys.profiles.choose(profile)
    canvas, state = window.views.slices[0].canvas, window.session.view
    state.set_cursor((7, 2, 2))
    before = canvas.camera, state.lac_window, state.cursor

    drag(window, button, keys or Qt.KeyboardModifier.NoModifier)

    camera, lac_window, cursor = before
    assert (canvas.camera.px_per_um != camera.px_per_um) == (act == "zoom")
    moved = (canvas.camera.right_um, canvas.camera.down_um) != (camera.right_um, camera.down_um)
    assert moved == (act in ("pan", "zoom"))
    assert (state.lac_window != lac_window) == (act == "window")
    assert (state.cursor != cursor) == (act == "crosshair")


def test_where_the_left_button_pans_a_click_moves_the_crosshair(window):
    window.keys.profiles.choose("napari")
    view, state = window.views.slices[0], window.session.view
    state.set_cursor((7, 2, 2))
    mouse.click(view.canvas.viewport(), view.canvas.point_of((15, 12)))
    assert state.cursor == (7, 12, 15)


def test_the_wheel_with_ctrl_sizes_the_brush_in_mib(window):
    window.actions_by_name["edit_labels"].trigger()
    window.keys.profiles.choose("mib")
    area, painting = window.views.slices[0].canvas.viewport(), window.painting.settings
    radius_um, z = painting.radius_um, window.session.view.cursor[0]
    mouse.turn_wheel(area, QPointF(30, 30), 1, CTRL)
    assert painting.radius_um > radius_um
    mouse.turn_wheel(area, QPointF(30, 30), 1, SHIFT)
    assert window.session.view.cursor[0] == z + 10


def test_the_crosshair_follows_the_mouse_while_shift_is_held(window):
    view, state = window.views.slices[0], window.session.view
    state.set_cursor((7, 2, 2))
    area, none = view.canvas.viewport(), Qt.MouseButton.NoButton
    mouse.move(area, none, view.canvas.point_of((9, 5)))
    assert state.cursor == (7, 2, 2)
    mouse.move(area, none, view.canvas.point_of((9, 5)), SHIFT)
    assert state.cursor == (7, 5, 9)
    window.actions_by_name["edit_labels"].trigger()
    mouse.move(area, none, view.canvas.point_of((14, 6)), SHIFT)
    assert state.cursor == (7, 6, 14), "with the brush in hand too"


def test_classes_are_chosen_by_digits_without_editing(window):
    classes = window.docks.class_list
    press(window, Qt.Key.Key_3)
    assert classes.currentRow() == 2
    press(window, Qt.Key.Key_Period)
    assert classes.currentRow() == 3
    press(window, Qt.Key.Key_Comma)
    press(window, Qt.Key.Key_Comma)
    assert classes.currentRow() == 1
    press(window, Qt.Key.Key_0)
    assert classes.currentRow() == -1
    assert not window.actions_by_name["class_9"].isEnabled()
    assert window.actions_by_name["class_2"].text() == "&2 mitochondria"


def test_the_hint_of_a_tool_names_the_keys_of_the_profile(window):
    window.actions_by_name["edit_labels"].trigger()
    window.painting.settings.set_tool("brush")
    window.status._forget.stop()
    window.status._forget.timeout.emit()
    assert "[ and ] or Shift + wheel size, 1–9 class" in window.status.note.text()
    window.keys.profiles.choose("mib")
    assert "Ctrl + wheel size" in window.status._hint


def test_keys_are_for_fields_while_somebody_types_in_one(window, qtbot):
    window.actions_by_name["palette"].trigger()
    dialog = window.findChild(object, "command_palette")
    field = dialog.field
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "oux?")
    assert field.text() == "oux?"
    assert not window.views.overlays.outline
    dialog.reject()
