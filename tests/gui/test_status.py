import numpy as np
import pytest

from sxtstudio.core.region import Box
from sxtstudio.gui.key_profiles import KeyProfiles
from sxtstudio.gui.probability import ShownProbability
from sxtstudio.gui.session import Session
from sxtstudio.gui.slices.planes import PLANES
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.gui.slices.tool import Tool, ToolInHand
from sxtstudio.gui.status import StatusBar, voxel_words
from sxtstudio.gui.view_state import VoxelFacts
from sxtstudio.project.project import Project
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.projects import add_shifted_prediction, two_cell_project


@pytest.fixture
def session(qapp, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt", 32)
    with Project.open(path) as project:
        add_shifted_prediction(project, 4)
    session = Session()
    session.open(path)
    yield session
    session.close()


@pytest.fixture
def sure(session):
    return ShownProbability(session)


@pytest.fixture
def status(session, sure, qtbot):
    status = StatusBar(session.view, session.jobs, sure.at)
    qtbot.addWidget(status)
    return status


def test_a_voxel_is_told_with_place_lac_class_and_probability():
    facts = VoxelFacts(
        voxel=(48, 12, 7),
        position_um=(1.92, 0.48, 0.28),
        lac_per_um=0.31,
        label=2,
        class_name="nucleus",
    )
    words = "z 48 y 12 x 7 | 1.92, 0.48, 0.28 µm | LAC 0.310 µm⁻¹ | nucleus"
    assert voxel_words(facts) == words
    assert voxel_words(facts, 0.974) == f"{words} p=0.97"


def test_the_probability_is_that_of_the_prediction_on_show(session, sure):
    session.select(session.cell_id, "v000001")
    assert sure.at((11, 11, 9)) is None
    session.select(session.cell_id, "v000002")
    unsure_ZYX = session.project.uncertainty(session.cell_id, "v000002")
    z, y, x = (int(i) for i in np.argwhere(unsure_ZYX == 200)[0])
    assert sure.at((z, y, x)) == pytest.approx(1 - 200 / 255)
    assert sure.at((0, 0, 0)) == 1.0
    assert sure.at((99, 0, 0)) is None


def test_after_an_edit_nobody_knows_how_sure_the_labels_are(session, sure):
    session.select(session.cell_id, "v000001")
    session.select(session.cell_id, "v000002")
    session.view.tell_edited(Box(low=(0, 0, 0), high=(1, 1, 1)))
    assert sure.at((0, 0, 0)) is None


def test_the_bar_tells_the_voxel_under_the_mouse_and_nothing_beside_the_volume(session, status):
    session.select(session.cell_id, "v000001")
    session.select(session.cell_id, "v000002")
    status.show_voxel((0, 0, 0))
    assert status.voxel.text().startswith("z 0 y 0 x 0 | 0.00, 0.00, 0.00 µm | LAC 0.")
    assert status.voxel.text().endswith("| unlabelled p=1.00")
    status.show_voxel(None)
    assert status.voxel.text() == ""


def test_the_bar_says_whether_all_is_saved(status):
    status.show_saved("all changes saved")
    assert status.saved.text() == "all changes saved"


class Ruler(Tool):
    name, hint = "Ruler", "Drag from end to end"


def test_the_hint_of_the_tool_in_hand_gives_way_to_news_for_a_while(status):
    tools = ToolInHand()
    status.follow(tools, KeyProfiles())
    tools.take(Ruler())
    assert status.note.text() == "Drag from end to end"
    status.show_note("Measured.")
    assert status.note.text() == "Measured."
    status._forget.timeout.emit()
    assert status.note.text() == "Drag from end to end"
    status._forget.stop()
    tools.take(None)
    assert status.note.text() == ""


def test_every_plane_shows_which_way_its_axes_run(session, qtbot):
    names = []
    for plane in PLANES:
        view = SliceView(plane, session.view)
        qtbot.addWidget(view)
        names.append([axis.name for axis in view.canvas.axes])
    assert names == [["X", "Y"], ["X", "Z"], ["Y", "Z"]]


def test_the_mark_of_the_axes_is_left_out_of_small_planes(session, qtbot):
    session.view.set_overlay_shown(False)
    view = SliceView(PLANES[0], session.view)
    qtbot.addWidget(view)
    shares = []
    for height_px in (400, 150):
        view.resize(400, height_px)
        view.show()
        picture = grab_rgb(view.canvas.viewport())
        lower_left = picture[-80:, :80]
        shares.append(hue_share(lower_left, view.canvas.axes[0].colour.name(), 6))
    assert shares[0] > 0.005
    assert shares[1] == 0
