from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from vtkmodules.vtkRenderingCore import vtkRenderer

from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.view_layouts import LAYOUTS
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.viewer3d import BUSY_TEXT, NO_LABELS_TEXT, Viewer3D
from sxtstudio.gui.views import ViewsPanel
from sxtstudio.gui.vtk_canvas import VtkCanvas
from tests.gui import mouse
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.specimens import five_balls, numbered_tomogram


@pytest.fixture
def state(qapp) -> ViewState:
    return ViewState()


@pytest.fixture
def view(state, qtbot):
    view = Viewer3D(state)
    qtbot.addWidget(view)
    view.resize(420, 380)
    view.show()
    yield view
    view.shutdown()


@pytest.fixture
def full(view, state, qtbot) -> Viewer3D:
    with qtbot.waitSignal(view.surfaces_ready, timeout=20_000):
        state.show(*five_balls())
    settle(view, qtbot)
    return view


def settle(view, qtbot) -> None:
    """Wait until the picture is drawn sharp again."""
    qtbot.waitUntil(lambda: view.canvas.sharp, timeout=10_000)


def test_the_picture_shows_the_colours_of_five_classes(full, state):
    picture = grab_rgb(full.canvas)
    shares = {it.name: hue_share(picture, it.colour) for it in state.classes}
    assert len(shares) == 5
    assert min(shares.values()) > 0.005, shares


def test_the_window_draws_coarsely_and_a_thread_draws_sharp(full, state, qtbot):
    canvas = full.canvas
    sharp = canvas.devicePixelRatioF() * canvas.width()
    assert canvas.graphics.software, "tests run without a real GPU"
    assert canvas._image.width() == sharp
    lipid = next(it for it in state.classes if it.name == "lipid bodies")
    state.set_class(replace(lipid, colour="#ff9800"))
    assert hue_share(grab_rgb(canvas), "#ff9800") > 0.005
    assert not canvas.sharp
    assert canvas._image.width() == sharp / 2
    settle(full, qtbot)
    assert canvas._image.width() == sharp
    assert hue_share(grab_rgb(canvas), "#ff9800") > 0.005


def test_a_sharp_picture_of_what_was_seen_before_is_not_shown(full, qtbot):
    coarse = full.canvas
    coarse.turn(20, 0)
    late = QImage(8, 8, QImage.Format.Format_RGB32)
    coarse.show_sharp(0, late)
    assert coarse._image.size() != late.size()
    settle(full, qtbot)
    assert coarse._image.size() != late.size()


def test_hiding_a_class_takes_its_colour_out_of_the_picture_without_meshing(full, state, qtbot):
    lipid = next(it for it in state.classes if it.name == "lipid bodies")
    with qtbot.assertNotEmitted(full.surfaces_ready, wait=300):
        state.set_class(replace(lipid, visible=False))
    assert hue_share(grab_rgb(full.canvas), lipid.colour) < 0.0005
    state.set_class(replace(lipid, visible=True))
    assert hue_share(grab_rgb(full.canvas), lipid.colour) > 0.005


def test_a_new_colour_is_drawn_without_meshing(full, state, qtbot):
    starch = next(it for it in state.classes if it.name == "starch granules")
    with qtbot.assertNotEmitted(full.surfaces_ready, wait=300):
        state.set_class(replace(starch, colour="#ff9800"))
    picture = grab_rgb(full.canvas)
    assert hue_share(picture, "#ff9800") > 0.005
    assert hue_share(picture, starch.colour, tolerance_deg=6) < 0.002


def test_the_view_says_that_it_is_computing(view, state, qtbot):
    assert view.message == ""
    with qtbot.waitSignal(view.surfaces_ready, timeout=20_000):
        state.show(*five_balls())
        assert view.message == BUSY_TEXT
    assert view.message == ""


def test_a_tomogram_without_labels_is_said_to_have_none(view, state):
    state.show(numbered_tomogram())
    assert view.message == NO_LABELS_TEXT


def test_labels_without_a_voxel_leave_nothing_to_draw(view, state, qtbot):
    tomogram, label_map, classes = five_balls(16)
    empty = LabelMap(
        labels_ZYX=np.zeros_like(label_map.labels_ZYX),
        names=label_map.names,
        voxel_size_um=label_map.voxel_size_um,
    )
    with qtbot.waitSignal(view.surfaces_ready, timeout=20_000):
        state.show(tomogram, empty, classes)
    assert view.message == NO_LABELS_TEXT


@pytest.mark.parametrize(
    "button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton]
)
def test_dragging_changes_the_picture_and_r_brings_it_back(full, qtbot, button):
    before = grab_rgb(full.canvas)
    middle = QPointF(full.canvas.rect().center())
    mouse.drag(full.canvas, button, middle, middle + QPointF(60, 35))
    settle(full, qtbot)
    assert np.mean(grab_rgb(full.canvas) != before) > 0.02
    QTest.keyClick(full.canvas, Qt.Key.Key_R)
    settle(full, qtbot)
    assert np.mean(np.abs(grab_rgb(full.canvas).astype(int) - before) > 16) < 0.01


def test_the_wheel_zooms_in_and_out(full, qtbot):
    before = balls_share(full)
    mouse.turn_wheel(full.canvas, QPointF(200, 180), 2)
    closer = balls_share(full)
    mouse.turn_wheel(full.canvas, QPointF(200, 180), -6)
    assert balls_share(full) < before < closer


def test_arrow_keys_turn_the_scene(full, qtbot):
    before = grab_rgb(full.canvas)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
        QTest.keyClick(full.canvas, key)
    settle(full, qtbot)
    assert np.mean(grab_rgb(full.canvas) != before) > 0.02


def test_a_drag_does_not_jump_when_the_resolution_falls(full, qtbot):
    # Half a pixel of movement must not turn the scene by more than a trace.
    start = QPointF(300, 250)
    mouse.press(full.canvas, Qt.MouseButton.LeftButton, start)
    grab_rgb(full.canvas)
    coarse = grab_rgb(full.canvas)
    mouse.move(full.canvas, Qt.MouseButton.LeftButton, start + QPointF(0.5, 0))
    moved = grab_rgb(full.canvas)
    mouse.release(full.canvas, Qt.MouseButton.LeftButton, start)
    assert np.mean(np.abs(moved.astype(int) - coarse) > 40) < 0.02


def test_the_cursor_is_marked_in_the_scene_and_follows(full, state, qtbot):
    state.set_cursor((24, 24, 2))
    left = grab_rgb(full.canvas)
    state.set_cursor((24, 24, 45))
    right = grab_rgb(full.canvas)
    changed = (left != right).any(axis=-1)
    left_columns = np.nonzero(changed & (left.min(axis=-1) > 200))[1]
    right_columns = np.nonzero(changed & (right.min(axis=-1) > 200))[1]
    assert min(left_columns.size, right_columns.size) > 10
    assert right_columns.mean() - left_columns.mean() > 100


def test_the_cursor_behind_the_viewer_is_not_marked(full, state, qtbot):
    full.canvas.zoom(8.0)
    settle(full, qtbot)
    state.set_cursor((24, 0, 24))
    assert grab_rgb(full.canvas).max() > 0


def test_a_double_click_asks_to_maximise(full, qtbot):
    with qtbot.waitSignal(full.maximise_wanted):
        QTest.mouseDClick(full.canvas, Qt.MouseButton.LeftButton)


def test_the_newest_labels_win(view, state, qtbot):
    tomogram, label_map, classes = five_balls()
    only_nucleus = LabelMap(
        labels_ZYX=(label_map.labels_ZYX == 1).astype(np.uint8),
        names={1: "nucleus"},
        voxel_size_um=label_map.voxel_size_um,
    )
    with qtbot.waitSignal(view.surfaces_ready, timeout=20_000):
        state.show(tomogram, label_map, classes)
        state.set_labels(only_nucleus, classes[:1])
    settle(view, qtbot)
    picture = grab_rgb(view.canvas)
    assert hue_share(picture, classes[0].colour) > 0.01
    assert hue_share(picture, classes[2].colour) < 0.0005


def test_clearing_takes_the_surfaces_away(full, state, qtbot):
    state.clear()
    settle(full, qtbot)
    assert balls_share(full) < 0.001
    assert full.message == ""


@pytest.mark.slow
def test_showing_clearing_and_closing_again_and_again_leaves_nothing_behind(qtbot):
    volumes = five_balls(24)
    for _ in range(6):
        state = ViewState()
        view = Viewer3D(state)
        view.resize(200, 160)
        view.show()
        with qtbot.waitSignal(view.surfaces_ready, timeout=20_000):
            state.show(*volumes)
        grab_rgb(view.canvas)
        state.clear()
        state.show(*volumes)  # still meshing when the view goes
        view.shutdown()
        view.shutdown()
        assert balls_share(view) == 0
        view.close()
        view.deleteLater()


def test_a_view_that_was_shut_down_ignores_the_mouse(view):
    view.shutdown()
    mouse.drag(view.canvas, Qt.MouseButton.LeftButton, QPointF(50, 50), QPointF(90, 60))
    mouse.turn_wheel(view.canvas, QPointF(50, 50), 1)
    assert grab_rgb(view.canvas).max() == 0


def balls_share(view: Viewer3D) -> float:
    return sum(hue_share(grab_rgb(view.canvas), it.colour) for it in five_balls(8)[2])


def camera_size(view) -> tuple[float, float]:
    """Return how far away the camera is and how much it sees, in µm."""
    camera = view.scene.camera
    away = np.linalg.norm(np.subtract(camera.position_um, camera.focus_um))
    return float(away), camera.parallel_scale_um


def show_again(view, size, qtbot) -> None:
    """Hide a view, give it another size and show it, as a change of the layout does."""
    view.hide()
    view.resize(*size)
    view.show()
    settle(view, qtbot)


def test_a_view_that_was_narrow_and_hidden_in_between_has_the_very_same_camera(full, qtbot):
    before = full.scene.camera
    size = (full.width(), full.height())
    for _ in range(3):
        show_again(full, (160, 600), qtbot)
        assert camera_size(full)[0] > 2 * np.linalg.norm(
            np.subtract(before.position_um, before.focus_um)
        )
        show_again(full, (150, 600), qtbot)
        show_again(full, (150, 600), qtbot)
        show_again(full, size, qtbot)
        after = full.scene.camera
        assert after.position_um == pytest.approx(before.position_um, rel=1e-6)
        assert after.focus_um == pytest.approx(before.focus_um, rel=1e-6)
        assert after.parallel_scale_um == pytest.approx(before.parallel_scale_um, rel=1e-6)


def test_a_zoom_in_the_narrow_view_counts_when_it_is_wide_again(full, qtbot):
    away, seen = camera_size(full)
    size = (full.width(), full.height())
    show_again(full, (160, 600), qtbot)
    narrow = camera_size(full)
    full.canvas.zoom(2)
    settle(full, qtbot)
    assert camera_size(full) == pytest.approx((narrow[0] / 2, narrow[1]), rel=1e-6)
    show_again(full, (160, 600), qtbot)
    assert camera_size(full) == pytest.approx((narrow[0] / 2, narrow[1]), rel=1e-6)
    show_again(full, size, qtbot)
    assert camera_size(full) == pytest.approx((away / 2, seen), rel=1e-6)


def test_a_camera_placed_for_a_size_stays_when_the_view_is_shown_in_it(qtbot):
    renderer = vtkRenderer()
    canvas = VtkCanvas(renderer, lambda _painter, _size: None)
    qtbot.addWidget(canvas)
    canvas.resize(160, 600)
    canvas.fit_window()
    camera = renderer.GetActiveCamera()
    camera.SetPosition(0.0, 0.0, 5.0)
    camera.SetParallelScale(3.0)
    canvas.show()
    grab_rgb(canvas)
    assert camera.GetDistance() == pytest.approx(5.0, rel=1e-6)
    assert camera.GetParallelScale() == pytest.approx(3.0, rel=1e-6)
    canvas.resize(600, 600)
    assert camera.GetDistance() == pytest.approx(5.0 * 160 / 600, rel=1e-6)
    canvas.shutdown()


@pytest.fixture
def views(state, qtbot):
    views = ViewsPanel(state)
    qtbot.addWidget(views)
    views.resize(900, 500)
    views.show()
    yield views
    views.shutdown()


def test_the_layouts_of_the_views_leave_the_camera_as_it_was(views, state, qtbot):
    with qtbot.waitSignal(views.viewer3d.surfaces_ready, timeout=20_000):
        state.show(*five_balls())
    settle(views.viewer3d, qtbot)
    first, before = views.view_layout, camera_size(views.viewer3d)
    seen = set()
    for layout in (*LAYOUTS, "one", *LAYOUTS):
        views.set_layout(layout, 0)
        qtbot.wait(20)
        seen.add(round(camera_size(views.viewer3d)[0], 6))
    assert len(seen) > 1, "some layout makes the view narrow"
    views.set_layout(first, 0)
    qtbot.waitUntil(
        lambda: camera_size(views.viewer3d) == pytest.approx(before, rel=1e-6), timeout=5000
    )
