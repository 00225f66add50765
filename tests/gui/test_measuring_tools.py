import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from scipy.ndimage import map_coordinates

from sxtstudio.core.errors import LabelError
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.pyramid import halved
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui import messages
from sxtstudio.gui.measuring_tools import MeasuringTools
from sxtstudio.gui.oblique_window import READING, ObliqueWindow
from sxtstudio.gui.profile_window import ProfileWindow
from sxtstudio.gui.slices.measurements import angle_deg, lac_along, length_um, profile_csv
from sxtstudio.gui.slices.oblique import plane_through
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.views import ViewsPanel
from tests.gui import mouse
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.specimens import SHAPE, VOXEL_UM, five_balls, numbered_tomogram

LEFT = Qt.MouseButton.LeftButton
PLACES = st.tuples(*(st.floats(0, n - 1) for n in SHAPE))
INK = "#ffe082"


def test_lengths_are_in_micrometres_along_every_axis():
    assert length_um((0, 0, 0), (10, 0, 0), VOXEL_UM) == pytest.approx(1.0)
    assert length_um((0, 0, 0), (0, 6, 10), VOXEL_UM) == pytest.approx(0.5)


def test_angles_count_in_micrometres_too():
    assert angle_deg((0, 0, 5), (0, 0, 0), (0, 4, 0), VOXEL_UM) == pytest.approx(90)
    assert angle_deg((0, 0, 5), (0, 0, 0), (0, 4, 5), VOXEL_UM) == pytest.approx(45)
    assert angle_deg((0, 0, 5), (0, 0, 0), (0, 0, -3), VOXEL_UM) == pytest.approx(180)


@given(first=PLACES, second=PLACES)
def test_a_profile_is_what_interpolation_of_the_whole_volume_gives(first, second):
    lac_ZYX = numbered_tomogram().lac_ZYX
    profile = lac_along(lac_ZYX, first, second, VOXEL_UM)
    places = np.linspace(first, second, profile.lac_per_um.size).T
    expected = map_coordinates(lac_ZYX, places, order=1, mode="nearest")
    assert np.allclose(profile.lac_per_um, expected, atol=1e-4)
    assert profile.distance_um[-1] == pytest.approx(length_um(first, second, VOXEL_UM), abs=1e-9)


def test_a_line_that_leaves_the_volume_is_cut_off_at_its_face():
    profile = lac_along(numbered_tomogram().lac_ZYX, (3, 4, 35), (3, 4, 60), VOXEL_UM)
    assert profile.distance_um[-1] == pytest.approx(4 * 0.04)


def test_a_profile_as_csv_has_a_header_and_a_row_a_point():
    profile = lac_along(numbered_tomogram().lac_ZYX, (0, 0, 0), (0, 0, 2), VOXEL_UM)
    lines = profile_csv(profile).splitlines()
    assert lines[0] == "distance_um,lac_per_um"
    assert lines[1] == "0.00000,0.00000"
    assert lines[-1] == "0.08000,0.00020"


def test_an_oblique_plane_along_two_axes_is_the_slice_itself():
    volume_ZYX = np.asarray(numbered_tomogram().lac_ZYX)
    plane = plane_through(((7, 0, 0), (7, 0, 9), (7, 9, 0)), SHAPE, (0.1, 0.1, 0.1))
    assert plane.pixels == SHAPE[1:]
    assert np.allclose(plane.cut(volume_ZYX), volume_ZYX[7], atol=1e-5)
    assert plane.reach_um == pytest.approx((-1.2, 0.7))
    assert np.allclose(plane.cut(volume_ZYX, -0.5), volume_ZYX[12], atol=1e-5)


@given(points=st.tuples(PLACES, PLACES, PLACES))
def test_an_oblique_plane_holds_its_three_points(points):
    try:
        plane = plane_through(points, SHAPE, VOXEL_UM)
    except LabelError:
        return
    assert float(plane.right @ plane.down) == pytest.approx(0, abs=1e-9)
    for point in points:
        away = np.array(point) * VOXEL_UM - plane.corner_um
        assert away @ plane.normal == pytest.approx(0, abs=1e-6)
        for axis, pixels in ((plane.down, plane.pixels[0]), (plane.right, plane.pixels[1])):
            assert -1e-6 <= away @ axis <= pixels * plane.pixel_um + 1e-6


def test_labels_on_a_tilted_plane_through_a_ball_fill_a_disc_of_its_radius():
    z, y, x = np.indices((41, 41, 41))
    ball_ZYX = ((z - 20) ** 2 + (y - 20) ** 2 + (x - 20) ** 2 <= 15**2).astype(np.uint8)
    plane = plane_through(((20, 20, 20), (25, 20, 25), (20, 26, 20)), ball_ZYX.shape, (1, 1, 1))
    disc = plane.cut(ball_ZYX, order=0)
    assert disc.sum() == pytest.approx(math.pi * 15**2, rel=0.03)
    assert plane.cut(ball_ZYX, 9.0, order=0).sum() == pytest.approx(math.pi * 12**2, rel=0.05)


def test_three_points_on_a_line_span_no_plane():
    with pytest.raises(LabelError, match="one line"):
        plane_through(((1, 1, 1), (2, 2, 2), (4, 4, 4)), SHAPE, VOXEL_UM)


@pytest.fixture
def state(qapp):
    state = ViewState()
    state.show(*five_balls(40))
    return state


@pytest.fixture
def views(state, qtbot):
    views = ViewsPanel(state)
    qtbot.addWidget(views)
    views.resize(900, 700)
    views.show()
    yield views
    views.shutdown()


@pytest.fixture
def tools(state, views):
    return MeasuringTools(state, views)


@pytest.fixture
def noted(tools):
    words: list[str] = []
    tools.noted.connect(words.append)
    return words


def point(views, column: float, row: float) -> QPointF:
    return views.slices[0].canvas.point_of((column, row))


def area(views):
    return views.slices[0].canvas.viewport()


def click(views, column: float, row: float) -> None:
    mouse.press(area(views), LEFT, point(views, column, row))
    mouse.release(area(views), LEFT, point(views, column, row))


def test_a_drag_measures_its_length(views, tools, noted, state):
    tools.slots()["measure_line"]()
    mouse.drag(area(views), LEFT, point(views, 5, 5), point(views, 5, 25))
    assert noted == ["Measure length: 1.000 µm"]
    assert state.cursor == (20, 20, 20)
    state.set_overlay_shown(False)
    assert hue_share(grab_rgb(area(views)), INK, 6) > 0.0005


def test_two_clicks_measure_a_length_as_well(views, tools, noted):
    tools.slots()["measure_line"]()
    click(views, 5, 5)
    mouse.move(area(views), Qt.MouseButton.NoButton, point(views, 20, 5))
    assert views.tools.tool.words() == "0.750 µm"
    click(views, 25, 5)
    assert noted == ["Measure length: 1.000 µm"]


def test_three_clicks_measure_an_angle(views, tools, noted):
    tools.slots()["measure_angle"]()
    click(views, 20, 5)
    click(views, 5, 5)
    click(views, 5, 30)
    assert noted == ["Measure angle: 90.0°"]


def test_escape_gives_up_what_was_begun_and_then_the_tool(views, tools, noted):
    tools.slots()["measure_line"]()
    click(views, 5, 5)
    canvas = views.slices[0].canvas
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert views.tools.tool.points == ()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert views.tools.tool is None
    assert noted == []


def test_the_same_command_puts_the_tool_away_and_another_takes_its_own(views, tools):
    tools.slots()["measure_line"]()
    tools.slots()["measure_angle"]()
    assert views.tools.tool.kind == "angle"
    tools.slots()["measure_angle"]()
    assert views.tools.tool is None


def test_another_cell_puts_the_tool_away(views, tools, state):
    tools.slots()["measure_line"]()
    state.show(numbered_tomogram())
    assert views.tools.tool is None


def test_a_profile_is_plotted_and_copied_as_csv(views, tools):
    tools.slots()["measure_profile"]()
    mouse.drag(area(views), LEFT, point(views, 5, 12), point(views, 35, 12))
    window = views.findChild(ProfileWindow)
    assert window is not None
    assert window.isVisible()
    assert window.summary.text().startswith("1.500 µm long")
    QTest.mouseClick(window.copy, LEFT)
    assert QGuiApplication.clipboard().text().startswith("distance_um,lac_per_um\n0.0")
    assert window.summary.text().endswith("– copied")
    window.close()


def test_a_profile_is_saved_where_it_is_wanted(views, tools, tmp_path, monkeypatch):
    tools.slots()["measure_profile"]()
    mouse.drag(area(views), LEFT, point(views, 5, 12), point(views, 35, 12))
    window = views.findChild(ProfileWindow)
    told: list[str] = []
    chosen: list[Path | None] = [None, tmp_path / "none" / "a.csv", tmp_path / "a.csv"]
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: chosen.pop(0))
    monkeypatch.setattr(messages, "show_error", lambda *words: told.append(words[-1]))
    for _ in range(3):
        QTest.mouseClick(window.save, LEFT)
    assert len(told) == 1
    assert "a.csv: cannot be written" in told[0]
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "distance_um,lac_per_um"
    assert float(lines[-1].split(",")[0]) == pytest.approx(1.5)
    assert window.summary.text().endswith("– saved as a.csv")
    window.close()


def test_three_clicks_in_any_views_open_an_oblique_slice_that_moves(views, tools, state, qtbot):
    tools.slots()["oblique"]()
    click(views, 5, 5)
    click(views, 30, 5)
    other = views.slices[1].canvas
    mouse.press(other.viewport(), LEFT, other.point_of((20, 35)))
    window = views.findChild(ObliqueWindow)
    assert window is not None
    assert window.isVisible()
    assert window.canvas.has_picture
    first = grab_rgb(window.canvas.viewport())
    window.slider.setValue(window.slider.maximum() // 2)
    assert not np.array_equal(grab_rgb(window.canvas.viewport()), first)
    assert window.position.text().endswith("from the three points")
    state.clear()
    assert not window.isVisible()


def test_three_clicks_on_a_line_are_refused_with_a_sentence(views, tools, noted):
    tools.slots()["oblique"]()
    for column in (5, 15, 25):
        click(views, column, 5)
    assert "one line" in noted[0]


def test_a_bare_tomogram_can_be_cut_at_an_angle_too(views, tools, state):
    tomogram = Tomogram(lac_ZYX=np.ones((9, 9, 9), np.float32), voxel_size_um=(1, 1, 1))
    state.show(tomogram)
    window = ObliqueWindow(state, views)
    window.show_plane(plane_through(((0, 0, 0), (8, 0, 0), (0, 8, 8)), (9, 9, 9), (1, 1, 1)))
    assert window.canvas.has_picture
    window.close()


def test_an_oblique_slice_of_a_volume_in_its_file_is_read_beside_the_window(
    views, tools, state, qtbot
):
    values_ZYX = np.random.default_rng(0).random((9, 10, 11)).astype(np.float32)
    state.show(Tomogram(lac_ZYX=LazyLac(values_ZYX, 1.0, (4, 4, 4)), voxel_size_um=(1, 1, 1)))
    window = ObliqueWindow(state, views)
    plane = plane_through(((4, 0, 0), (4, 0, 10), (4, 9, 0)), (9, 10, 11), (1, 1, 1))
    window.show_plane(plane)
    assert window.position.text() == READING
    qtbot.waitUntil(lambda: window.canvas.has_picture, timeout=20_000)
    assert window.position.text() == "+0.00 µm from the three points"
    window.close()


def test_a_cut_through_a_copy_of_half_the_resolution_lies_where_the_other_does():
    z, y, x = np.indices((16, 16, 16), np.float32)
    ramp_ZYX = 2 * z + 3 * y - x
    plane = plane_through(((2, 2, 2), (12, 3, 4), (5, 12, 9)), ramp_ZYX.shape, (1, 1, 1))
    fine, coarse = plane.cut(ramp_ZYX), plane.cut(halved(ramp_ZYX), factor=2)
    inside = coarse != 0
    assert inside.sum() > 100
    assert coarse[inside] == pytest.approx(fine[inside], abs=1e-3)
