from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtTest import QTest

from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.slices.camera import fit
from sxtstudio.gui.slices.label_picture import label_colours
from sxtstudio.gui.slices.planes import PLANES, XY, XZ, YZ
from sxtstudio.gui.slices.slice_view import SliceView, dragged_window, window_text
from sxtstudio.gui.view_overlay import length_text, scale_bar_um
from sxtstudio.gui.view_state import ViewState
from tests.gui import mouse
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.specimens import SHAPE, VOXEL_UM, five_balls, numbered_tomogram


@pytest.fixture
def state(qapp) -> ViewState:
    state = ViewState()
    state.show(numbered_tomogram())
    return state


@pytest.fixture
def views(state, qtbot) -> dict[str, SliceView]:
    views = {}
    for plane in PLANES:
        view = SliceView(plane, state)
        qtbot.addWidget(view)
        view.resize(420, 380)
        view.show()
        views[plane.name] = view
    return views


def area(view: SliceView):
    return view.canvas.viewport()


def middle(view: SliceView) -> QPointF:
    return QPointF(area(view).rect().center())


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: plane.name)
def test_a_plane_cuts_the_voxels_it_says(plane):
    volume_ZYX = numbered_tomogram().lac_ZYX
    picture = plane.cut(volume_ZYX, 7)
    assert picture.shape == (SHAPE[plane.down], SHAPE[plane.right])
    voxel = plane.place(plane.step((0, 0, 0), 7), right=5, down=3)
    assert picture[3, 5] == volume_ZYX[voxel]


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: plane.name)
def test_a_click_moves_the_cursor_to_the_voxel_under_it(views, state, plane):
    view = views[plane.name]
    wanted = plane.place(state.cursor, right=6, down=4)
    mouse.click(area(view), view.canvas.point_of((6, 4)))
    assert state.cursor == wanted


def test_a_drag_moves_the_cursor_along_and_stops_at_the_edge(views, state):
    view = views["XY"]
    start = view.canvas.point_of((6, 4))
    mouse.drag(area(view), Qt.MouseButton.LeftButton, start, start + QPointF(-900, 2))
    assert state.cursor == (10, 4, 0)


def test_a_click_beside_the_picture_moves_nothing(views, state):
    before = state.cursor
    mouse.click(area(views["XY"]), QPointF(1, 1))
    assert state.cursor == before


def test_the_wheel_changes_the_slice_and_the_crosshair_of_the_other_planes_follows(views, state):
    mouse.turn_wheel(area(views["XY"]), middle(views["XY"]), 3)
    assert state.cursor == (13, 15, 20)
    for name in ("XZ", "YZ"):
        picture = grab_rgb(area(views[name]))
        row = round(views[name].canvas.point_of((0, 13)).y())
        colour = np.array([0xE8, 0xB3, 0x4B])
        nearness = np.abs(picture.astype(int) - colour).sum(axis=-1)
        lines = np.flatnonzero((nearness < 30).mean(axis=1) > 0.5)
        assert lines.size == 1
        assert abs(lines[0] - row) <= 1


def test_small_steps_of_a_touch_pad_add_up_to_one_slice(views, state):
    view = views["XY"]
    for _ in range(4):
        mouse.turn_wheel_by(area(view), middle(view), 30)
    assert state.cursor[0] == 11


def test_ctrl_and_wheel_zoom_at_the_pointer(views, state):
    canvas = views["XZ"].canvas
    at = canvas.point_of((8, 5))
    scale = canvas.camera.px_per_um
    mouse.turn_wheel(area(views["XZ"]), at, 4, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.px_per_um == pytest.approx(scale * 1.2**4)
    assert canvas.pixel_at(at) == (8, 5)
    assert state.cursor == (10, 15, 20)


def test_zoom_has_its_limits(views):
    canvas = views["XY"].canvas
    canvas.zoom(1e-9)
    assert canvas.camera.px_per_um > 1
    canvas.zoom(1e9)
    assert canvas.camera.px_per_um <= 80 / 0.04


def test_the_middle_button_drags_the_picture_along(views):
    canvas = views["XY"].canvas
    before = canvas.point_of((3, 3))
    start = middle(views["XY"])
    mouse.drag(area(views["XY"]), Qt.MouseButton.MiddleButton, start, start + QPointF(30, -12))
    moved = canvas.point_of((3, 3)) - before
    assert (moved.x(), moved.y()) == pytest.approx((30, -12))


def test_space_and_left_drag_move_the_picture_and_not_the_cursor(views, state):
    view = views["XY"]
    before, start = view.canvas.point_of((3, 3)), middle(view)
    QTest.keyPress(view.canvas, Qt.Key.Key_Space)
    mouse.drag(area(view), Qt.MouseButton.LeftButton, start, start + QPointF(-20, 8))
    QTest.keyRelease(view.canvas, Qt.Key.Key_Space)
    moved = view.canvas.point_of((3, 3)) - before
    assert (moved.x(), moved.y()) == pytest.approx((-20, 8))
    assert state.cursor == (10, 15, 20)
    mouse.click(area(view), view.canvas.point_of((6, 4)))
    assert state.cursor == (10, 4, 6)


def test_r_fits_a_moved_picture_again(views):
    view = views["XY"]
    fitted = view.canvas.camera
    view.canvas.zoom(3.0)
    QTest.keyClick(view.canvas, Qt.Key.Key_R)
    assert view.canvas.camera == fitted


def test_a_fitted_picture_stays_fitted_when_the_panel_grows(views, qtbot):
    view = views["XY"]
    before = view.canvas.camera.px_per_um
    view.resize(840, 760)
    assert view.canvas.camera.px_per_um > 1.8 * before


def test_a_zoomed_picture_keeps_its_middle_when_the_panel_grows(views):
    view = views["XY"]
    view.canvas.zoom(3.0)
    before = view.canvas.camera
    view.resize(840, 760)
    assert view.canvas.camera == before


def test_micrometres_are_as_long_across_as_down(views):
    canvas = views["XZ"].canvas
    right = canvas.point_of((10, 5)) - canvas.point_of((0, 5))
    down = canvas.point_of((5, 10)) - canvas.point_of((5, 0))
    assert right.x() / (10 * VOXEL_UM[2]) == pytest.approx(down.y() / (10 * VOXEL_UM[0]))


@pytest.mark.parametrize(
    ("key", "keys", "z"),
    [
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 11),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, 9),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.ShiftModifier, 19),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier, 0),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 19),
    ],
)
def test_keys_change_the_slice(views, state, key, keys, z):
    QTest.keyClick(views["XY"].canvas, key, keys)
    assert state.cursor == (z, 15, 20)


def test_arrows_move_the_crosshair_within_the_plane(views, state):
    QTest.keyClick(views["YZ"].canvas, Qt.Key.Key_Right)
    QTest.keyClick(views["YZ"].canvas, Qt.Key.Key_Up)
    assert state.cursor == (9, 16, 20)


def test_the_slider_changes_the_slice_and_follows_it(views, state):
    views["XZ"].slider.setValue(3)
    assert state.cursor == (10, 3, 20)
    state.set_cursor((10, 25, 20))
    assert views["XZ"].slider.value() == 25
    assert views["XZ"].position == "y 25 / 29  ·  1.25 µm"


def test_a_right_drag_changes_the_window_and_says_so(views, state):
    view = views["XY"]
    state.set_lac_window(0.2, 0.6)
    start = middle(view)
    mouse.press(area(view), Qt.MouseButton.RightButton, start)
    quiet = grab_rgb(area(view))[:45]
    mouse.move(area(view), Qt.MouseButton.RightButton, start + QPointF(60, -40))
    low, high = state.lac_window
    width, height = area(view).width(), area(view).height()
    assert high - low == pytest.approx(0.4 * np.exp(2 * 60 / width))
    assert (low + high) / 2 == pytest.approx(0.4 - 0.4 * 40 / height)
    assert np.any(grab_rgb(area(view))[:45] != quiet)
    mouse.release(area(view), Qt.MouseButton.RightButton, start)
    assert state.cursor == (10, 15, 20)


def test_dragging_right_widens_and_dragging_up_brightens():
    low, high = dragged_window((0.2, 0.6), right=0.5, up=0.0)
    assert high - low > 0.4
    assert (low + high) / 2 == pytest.approx(0.4)
    assert dragged_window((0.2, 0.6), right=0.0, up=0.5) == pytest.approx((0.0, 0.4))


def test_the_window_is_told_with_its_unit():
    assert window_text((-0.1, 0.65)) == "LAC −0.100 to 0.650 µm⁻¹"


def test_the_window_decides_what_is_black_and_white(views, state):
    view = views["XY"]
    column = view.canvas.point_of((30, 8)).toPoint()
    lac = state.tomogram.lac_ZYX[10, 8, 30]
    state.set_lac_window(float(lac) + 0.1, float(lac) + 0.2)
    assert grab_rgb(area(view))[column.y(), column.x()].max() == 0
    state.set_lac_window(float(lac) - 0.2, float(lac) - 0.1)
    assert grab_rgb(area(view))[column.y(), column.x()].min() == 255


def test_hovering_names_the_voxel_under_the_mouse(views, qtbot):
    view, heard = views["XZ"], []
    view.hovered.connect(heard.append)
    mouse.move(area(view), Qt.MouseButton.NoButton, view.canvas.point_of((7, 2)))
    mouse.move(area(view), Qt.MouseButton.NoButton, QPointF(0, 0))
    assert heard == [(2, 15, 7), None]


def test_a_double_click_asks_to_maximise(views, qtbot):
    with qtbot.waitSignal(views["XY"].maximise_wanted):
        QTest.mouseDClick(area(views["XY"]), Qt.MouseButton.LeftButton)


# Labels


@pytest.fixture
def labelled(views, state) -> dict[str, SliceView]:
    tomogram, label_map, classes = five_balls()
    state.show(tomogram, label_map, classes)
    state.set_cursor((14, 14, 12))
    return views


def test_hiding_a_class_takes_its_colour_out_of_the_slices(labelled, state):
    nucleus = state.classes[0]
    for view in labelled.values():
        assert hue_share(grab_rgb(area(view)), nucleus.colour) > 0.02
    state.set_class(replace(nucleus, visible=False))
    for view in labelled.values():
        assert hue_share(grab_rgb(area(view)), nucleus.colour) < 0.001


def test_a_new_colour_is_drawn_at_once(labelled, state):
    state.set_class(replace(state.classes[0], colour="#00e5ff"))
    assert hue_share(grab_rgb(area(labelled["XY"])), "#00e5ff") > 0.02


HOLD_MS = 300
"""Longer than a tap."""


def test_labels_are_hidden_while_h_is_held(labelled, state, qtbot):
    view, red = labelled["XY"], state.classes[0].colour
    QTest.keyPress(view.canvas, Qt.Key.Key_H)
    assert hue_share(grab_rgb(area(labelled["XZ"])), red) < 0.001
    qtbot.wait(HOLD_MS)
    QTest.keyRelease(view.canvas, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: state.overlay_shown, timeout=5000)
    assert hue_share(grab_rgb(area(labelled["XZ"])), red) > 0.02


def test_a_key_that_the_system_repeats_as_releases_and_presses_is_still_held(
    labelled, state, qtbot
):
    canvas = labelled["XY"].canvas
    QTest.keyPress(canvas, Qt.Key.Key_H)
    qtbot.wait(HOLD_MS)
    for _ in range(5):
        QTest.keyRelease(canvas, Qt.Key.Key_H)
        QTest.keyPress(canvas, Qt.Key.Key_H)
        assert not state.overlay_shown
    QTest.keyRelease(canvas, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: state.overlay_shown, timeout=5000)


def test_labels_come_back_when_the_view_loses_the_keys_while_h_is_held(labelled, state, qtbot):
    view = labelled["XY"]
    view.activateWindow()
    view.canvas.setFocus()
    qtbot.waitUntil(view.canvas.hasFocus)
    QTest.keyPress(view.canvas, Qt.Key.Key_H)
    view.canvas.clearFocus()
    assert state.overlay_shown


def test_labels_that_were_hidden_stay_hidden_after_a_peek(labelled, state, qtbot):
    state.set_overlay_shown(False)
    QTest.keyPress(labelled["XY"].canvas, Qt.Key.Key_H)
    qtbot.wait(HOLD_MS)
    QTest.keyRelease(labelled["XY"].canvas, Qt.Key.Key_H)
    qtbot.wait(HOLD_MS)
    assert not state.overlay_shown


def test_a_tap_on_h_hides_the_labels_and_another_one_shows_them(labelled, state, qtbot):
    for shown in (False, True):
        QTest.keyClick(labelled["XY"].canvas, Qt.Key.Key_H)
        qtbot.wait(HOLD_MS)
        assert state.overlay_shown is shown


def test_other_keys_do_nothing_to_the_labels(labelled, state):
    QTest.keyClick(labelled["XY"].canvas, Qt.Key.Key_Q)
    assert state.overlay_shown


def test_new_labels_replace_the_old_ones_and_none_takes_them_away(labelled, state):
    label_map = state.label_map
    red = state.classes[0].colour
    emptied = LabelMap(
        labels_ZYX=np.zeros_like(label_map.labels_ZYX),
        names=label_map.names,
        voxel_size_um=label_map.voxel_size_um,
    )
    state.set_labels(emptied, state.classes)
    assert hue_share(grab_rgb(area(labelled["XY"])), red) < 0.001
    state.set_labels(label_map, state.classes)
    assert hue_share(grab_rgb(area(labelled["XY"])), red) > 0.02
    state.set_labels(None)
    assert hue_share(grab_rgb(area(labelled["XY"])), red) < 0.001


def test_sixteen_bit_labels_are_drawn_like_eight_bit_ones(labelled, state):
    eight = grab_rgb(area(labelled["XY"]))
    label_map = state.label_map
    wide = LabelMap(
        labels_ZYX=label_map.labels_ZYX.astype(np.uint16),
        names=label_map.names,
        voxel_size_um=label_map.voxel_size_um,
    )
    state.set_labels(wide, state.classes)
    assert np.array_equal(grab_rgb(area(labelled["XY"])), eight)


def test_only_visible_classes_have_a_colour_in_the_table():
    nucleus, mitochondria, *_ = five_balls()[2]
    half = replace(mitochondria, opacity=0.5)
    table = label_colours((replace(nucleus, visible=False), half), np.dtype(np.uint8))
    assert table.shape == (256, 4)
    assert table[[0, 1, 3], 3].max() == 0
    assert 0 < table[2, 3] < 127


def test_clearing_leaves_an_empty_area(labelled, state):
    state.clear()
    for view in labelled.values():
        assert len(np.unique(grab_rgb(area(view)).reshape(-1, 3), axis=0)) == 1
        assert view.position == ""
        assert not view.slider.isEnabled()
        mouse.click(area(view), middle(view))
        mouse.turn_wheel(area(view), middle(view), 1, Qt.KeyboardModifier.ControlModifier)
    assert state.cursor == (0, 0, 0)


# Arithmetic


@pytest.mark.parametrize(
    ("px_per_um", "length_um"), [(100, 1.0), (20, 5.0), (49.9, 2.0), (1000, 0.1), (0.7, 100.0)]
)
def test_a_scale_bar_is_a_round_length_that_fits(px_per_um, length_um):
    assert scale_bar_um(px_per_um, 110.0) == pytest.approx(length_um)


@pytest.mark.parametrize(("length_um", "text"), [(2.0, "2 µm"), (0.5, "500 nm"), (50.0, "50 µm")])
def test_lengths_below_a_micrometre_are_in_nanometres(length_um, text):
    assert length_text(length_um) == text


def test_a_fitted_camera_shows_the_whole_picture():
    window = QSizeF(400, 300)
    camera = fit(QSizeF(3.0, 2.0), window)
    corners = [camera.to_window(window).map(QPointF(x, y)) for x in (0, 3) for y in (0, 2)]
    assert all(0 <= c.x() <= 400 and 0 <= c.y() <= 300 for c in corners)


def test_the_planes_are_named_by_the_axes_they_show():
    assert [(p.axis, p.right, p.down) for p in (XY, XZ, YZ)] == [(0, 2, 1), (1, 2, 0), (2, 1, 0)]
