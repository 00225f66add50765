import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.views import EMPTY_TITLE, ViewsPanel
from tests.gui import mouse
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.specimens import five_balls, numbered_tomogram


@pytest.fixture
def state(qapp) -> ViewState:
    return ViewState()


@pytest.fixture
def views(state, qtbot):
    views = ViewsPanel(state)
    qtbot.addWidget(views)
    views.resize(900, 700)
    views.show()
    yield views
    views.shutdown()


def visible_names(views: ViewsPanel) -> list[str]:
    return [panel.name for panel in views.panels if panel.isVisible()]


def test_without_a_tomogram_the_panel_invites_to_open_one(views):
    assert views.is_empty
    words = [label.text() for label in views.findChildren(QLabel) if label.isVisible()]
    assert EMPTY_TITLE in words


def test_a_tomogram_brings_the_four_views_and_clearing_the_invitation(views, state):
    state.show(numbered_tomogram())
    assert not views.is_empty
    assert visible_names(views) == ["XY", "XZ", "YZ", "3D"]
    state.clear()
    assert views.is_empty


@pytest.mark.parametrize("index", range(3))
def test_a_double_click_maximises_a_slice_and_another_restores_it(views, state, qtbot, index):
    state.show(numbered_tomogram())
    view = views.slices[index]
    width = view.width()
    QTest.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton)
    assert visible_names(views) == [view.name]
    qtbot.waitUntil(lambda: view.width() > 1.8 * width)
    QTest.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton)
    assert visible_names(views) == ["XY", "XZ", "YZ", "3D"]
    assert views.maximised is None


def test_the_3d_view_is_maximised_the_same_way(views, state):
    state.show(numbered_tomogram())
    QTest.mouseDClick(views.viewer3d.canvas, Qt.MouseButton.LeftButton)
    assert visible_names(views) == ["3D"]
    QTest.mouseDClick(views.viewer3d.canvas, Qt.MouseButton.LeftButton)
    assert len(visible_names(views)) == 4


def test_the_voxel_under_the_mouse_is_told_whichever_plane_it_is_in(views, state):
    state.show(numbered_tomogram())
    heard = []
    views.hovered.connect(heard.append)
    for view in views.slices:
        at = view.canvas.point_of((4, 2))
        mouse.move(view.canvas.viewport(), Qt.MouseButton.NoButton, at)
    assert heard == [(10, 2, 4), (2, 15, 4), (2, 4, 20)]


def test_fit_shows_the_whole_volume_again_in_every_view(views, state):
    state.show(numbered_tomogram())
    fitted = [view.canvas.camera for view in views.slices]
    for view in views.slices:
        view.canvas.zoom(2.5)
    views.fit()
    assert [view.canvas.camera for view in views.slices] == fitted


def test_every_view_shows_the_labels_of_the_state(views, state, qtbot):
    with qtbot.waitSignal(views.viewer3d.surfaces_ready, timeout=20_000):
        state.show(*five_balls())
    state.set_cursor((14, 14, 12))
    qtbot.wait(300)
    for panel in views.panels:
        assert hue_share(grab_rgb(panel), state.classes[0].colour) > 0.002, panel.name
