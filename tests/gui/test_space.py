"""The 3D view's controls: planes, volume, cuts, colours, picking, editing."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from sxtstudio.core.region import Box
from sxtstudio.core.scene import Clipping, Scene
from sxtstudio.core.transfer_presets import DENSEST_PER_UM, PRESETS
from sxtstudio.gui.space.stored_values import as_if_lac, stored_ends
from sxtstudio.gui.space.transfer_editor import TransferEditor
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.viewer3d import Viewer3D
from tests.gui import mouse
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.specimens import five_balls


@pytest.fixture
def state(qapp) -> ViewState:
    return ViewState()


@pytest.fixture
def view(state, qtbot):
    view = Viewer3D(state)
    qtbot.addWidget(view)
    view.resize(720, 460)
    view.show()
    with qtbot.waitSignal(view.surfaces_ready, timeout=20_000):
        state.show(*five_balls())
    qtbot.wait(400)
    yield view
    view.shutdown()


def colour_of(state, name):
    return next(it.colour for it in state.classes if it.name == name)


def test_the_button_opens_the_controls(view):
    button = view.findChild(QToolButton, "scene_controls_button")
    assert not view.controls.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert view.controls.isVisible()


def test_planes_stand_in_the_scene_and_follow_the_cursor(view, state, qtbot):
    before = grab_rgb(view.canvas)
    view.controls.planes[0].setChecked(True)
    assert view.space.scene.slices.voxel == (24, None, None)
    assert view.space.scene.slices.lac_window == state.lac_window
    qtbot.wait(300)
    assert (grab_rgb(view.canvas) != before).any(axis=-1).mean() > 0.05
    state.set_cursor((10, 3, 4))
    assert view.space.scene.slices.voxel == (10, None, None)
    view.controls.planes[0].setChecked(False)
    assert view.space.scene.slices.voxel == (None, None, None)


def test_a_volume_is_prepared_and_the_view_says_who_draws_it(view, qtbot):
    view.controls.surfaces.setChecked(False)
    view.controls.preset.setCurrentIndex(1)
    assert view.space.scene.volume == PRESETS[0]
    qtbot.waitUntil(lambda: view.position.startswith("Drawn by"), timeout=10_000)
    qtbot.wait(300)
    picture = grab_rgb(view.canvas).astype(int)
    assert (np.abs(picture - picture[:, :1]).sum(axis=2) > 30).mean() > 0.02
    view.controls.preset.setCurrentIndex(0)
    assert view.position == ""


def test_a_box_cuts_and_whole_brings_everything_back(view, state, qtbot):
    before = hue_share(grab_rgb(view.canvas), colour_of(state, "nucleus"))
    view.controls.sides["x"][0].setValue(60)
    assert view.space.scene.clipping.low == (0.6, 0.0, 0.0)
    qtbot.wait(300)
    assert hue_share(grab_rgb(view.canvas), colour_of(state, "nucleus")) < 0.2 * before
    QTest.mouseClick(view.controls.no_cut, Qt.MouseButton.LeftButton)
    assert view.space.scene.clipping == Clipping()
    assert view.controls.sides["x"][0].value() == 0
    QTest.mouseClick(view.controls.cut_here, Qt.MouseButton.LeftButton)
    (plane,) = view.space.scene.clipping.planes
    assert plane.point_um == pytest.approx((1.2, 1.2, 1.2))
    assert np.linalg.norm(plane.normal) == pytest.approx(1)


def test_objects_are_coloured_by_what_is_measured_in_the_background(view, state, qtbot):
    view.controls.colouring.setCurrentIndex(1)
    assert view.space.scene.colouring is not None
    qtbot.waitUntil(lambda: view.position == "", timeout=20_000)
    red = colour_of(state, "nucleus")
    qtbot.waitUntil(lambda: hue_share(grab_rgb(view.canvas), red) < 0.002, timeout=5000)
    view.controls.colouring.setCurrentIndex(0)
    qtbot.wait(300)
    assert hue_share(grab_rgb(view.canvas), red) > 0.005


def test_objects_are_coloured_by_their_distance_from_a_class(view, state, qtbot):
    combo = view.controls.colouring
    combo.setCurrentIndex(combo.findText("Distance to nucleus (µm)"))
    assert view.space.scene.colouring.column == "distance_to_nucleus_um"
    qtbot.waitUntil(lambda: view.position == "", timeout=20_000)
    assert view.table is not None
    assert view.table.columns[-1].name == "distance_to_nucleus_um"
    assert {it for row in view.table.rows if row[1] == "nucleus" for it in row[-1:]} == {None}


def test_the_controls_take_room_and_nothing_of_the_cell_is_cut_off(view, state, qtbot):
    view.controls.hide()
    view.resize(420, 700)
    qtbot.wait(300)
    wide = view.canvas.width()
    camera = view.scene.camera
    assert camera is not None
    far = np.linalg.norm(np.subtract(camera.position_um, camera.focus_um))
    view.controls.show()
    qtbot.waitUntil(lambda: view.canvas.width() < wide, timeout=5000)
    narrow = view.scene.camera
    farther = np.linalg.norm(np.subtract(narrow.position_um, narrow.focus_um))
    assert farther / far == pytest.approx(wide / view.canvas.width(), rel=0.02)
    view.controls.hide()
    qtbot.waitUntil(lambda: view.canvas.width() == wide, timeout=5000)
    again = view.scene.camera
    assert again.position_um == pytest.approx(camera.position_um)


def test_a_click_on_an_organelle_tells_its_class_and_object_and_moves_the_cursor(
    view, state, qtbot
):
    rgb = grab_rgb(view.canvas).astype(int)
    nucleus = next(it for it in state.classes if it.name == "nucleus")
    wanted = [int(nucleus.colour[i : i + 2], 16) for i in (1, 3, 5)]
    alike = np.abs(rgb / rgb.max(axis=2, keepdims=True).clip(1) - np.divide(wanted, max(wanted)))
    rows, columns = np.nonzero((alike.max(axis=2) < 0.15) & (rgb.max(axis=2) > 100))
    at = QPointF(float(np.median(columns)), float(np.median(rows)))
    with qtbot.waitSignal(view.picked, timeout=10_000) as blocker:
        QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert blocker.args == [nucleus.label, 1]
    label_map = state.label_map
    z, y, x = state.cursor
    near = label_map.labels_ZYX[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2]
    assert (near == nucleus.label).any()


def test_a_drag_picks_nothing(view, qtbot):
    with qtbot.assertNotEmitted(view.picked, wait=200):
        mouse.drag(view.canvas, Qt.MouseButton.LeftButton, QPointF(200, 200), QPointF(260, 220))


def test_an_edit_is_seen_before_everything_is_meshed_again(view, state, qtbot):
    green = colour_of(state, "lipid bodies")
    before = hue_share(grab_rgb(view.canvas), green)
    box = Box(low=(2, 18, 18), high=(12, 40, 40))
    state.label_map.labels_ZYX[box.slices] = 3
    with qtbot.waitSignal(view.surfaces_ready, timeout=10_000):
        state.tell_edited(box)
    assert view.message == ""
    qtbot.wait(300)
    assert hue_share(grab_rgb(view.canvas), green) > 1.2 * before
    with qtbot.waitSignal(view.surfaces_ready, timeout=10_000):
        state.tell_settled()


def test_a_scene_that_was_kept_comes_back(view, state, qtbot):
    view.controls.parallel.setChecked(True)
    view.controls.background.setCurrentIndex(1)
    lipid = next(it for it in state.classes if it.name == "lipid bodies")
    state.set_class(replace(lipid, visible=False))
    kept = view.scene
    assert kept.camera is not None
    view.canvas.turn(70, 20)
    view.space.set_scene(Scene(scale_bar=False, axes=False))
    state.set_class(lipid)
    assert view.scene != kept
    view.show_kept(kept)
    assert view.scene.camera == kept.camera
    assert view.scene == replace(kept, legend=False)
    assert view.controls.parallel.isChecked()


@pytest.fixture
def editor(qtbot):
    editor = TransferEditor()
    qtbot.addWidget(editor)
    editor.resize(260, 140)
    editor.show_lac(np.full(100, 0.3))
    editor.show_transfer(PRESETS[1])
    editor.show()
    return editor


def test_a_point_of_a_transfer_function_is_dragged_added_and_taken_away(editor, qtbot):
    plot = editor._plot()
    first = PRESETS[1].points[2]
    start = editor._place(first.lac_per_um, first.opacity, plot)
    with qtbot.waitSignal(editor.changed) as blocker:
        mouse.drag(editor, Qt.MouseButton.LeftButton, start, start + QPointF(4, 12))
    moved = blocker.args[0]
    assert moved.name == "Own"
    assert moved.points[2].lac_per_um > first.lac_per_um
    assert moved.points[2].opacity < first.opacity
    empty = QPointF(plot.left() + 20, plot.top() + 10)
    with qtbot.waitSignal(editor.changed) as blocker:
        QTest.mouseDClick(editor, Qt.MouseButton.LeftButton, pos=empty.toPoint())
    assert len(blocker.args[0].points) == len(PRESETS[1].points) + 1
    lacs = [point.lac_per_um for point in blocker.args[0].points]
    assert lacs == sorted(lacs)
    with qtbot.waitSignal(editor.changed) as blocker:
        QTest.mouseClick(editor, Qt.MouseButton.RightButton, pos=empty.toPoint())
    assert len(blocker.args[0].points) == len(PRESETS[1].points)


def test_the_editor_paints_points_in_their_colours(editor):
    picture = grab_rgb(editor)
    assert hue_share(picture, PRESETS[1].points[2].colour) > 0.001


def test_buttons_ask_for_pictures_films_and_scenes(view, qtbot):
    view.controls.show()
    for name, signal in (
        ("picture_button", view.controls.picture_wanted),
        ("film_button", view.controls.film_wanted),
        ("keep_scene_button", view.controls.keep_wanted),
    ):
        with qtbot.waitSignal(signal):
            view.controls.findChild(QPushButton, name).click()


def test_stored_values_are_stretched_to_where_cells_have_their_lac():
    values = np.linspace(100, 355, 1001)
    ends = stored_ends(values)
    assert ends == pytest.approx((100.255, 354.745))
    assert as_if_lac(np.array(ends), ends) == pytest.approx([0, DENSEST_PER_UM])
    assert stored_ends(np.full(9, 7.0)) == (7.0, 8.0)
    assert stored_ends(np.full(9, np.nan)) == (0.0, 1.0)


def test_a_volume_without_labels_and_lac_scale_is_seen_and_nothing_is_missed(qtbot):
    state = ViewState()
    view = Viewer3D(state)
    qtbot.addWidget(view)
    view.resize(720, 460)
    view.show()
    tomogram = five_balls()[0]
    stored = replace(tomogram, lac_ZYX=np.asarray(tomogram.lac_ZYX) * 250 + 1000)
    state.show(stored, is_lac=False)
    message = view.findChild(QLabel, "viewMessage")
    assert "No labels" in message.text()
    before = grab_rgb(view.canvas)
    view.controls.preset.setCurrentIndex(1)
    assert not message.text()
    assert view.space.scene.volume == PRESETS[0]
    extent_um = max(np.multiply(stored.shape, stored.voxel_size_um))
    assert view._scene.renderer.GetActiveCamera().GetDistance() > extent_um, "it is framed"
    qtbot.wait(1500)
    assert (grab_rgb(view.canvas) != before).any(axis=-1).mean() > 0.05
    view.shutdown()
