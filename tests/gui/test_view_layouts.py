import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.gui.session import Session
from sxtstudio.gui.undocked import UndockedView, other_screen
from sxtstudio.gui.view_commands import LayoutMemory, remembered_layout
from sxtstudio.gui.view_layouts import LAYOUTS, column_shares, places
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.views import ViewsPanel
from tests.gui.projects import two_cell_project
from tests.gui.specimens import numbered_tomogram


@pytest.fixture
def views(qtbot):
    state = ViewState()
    views = ViewsPanel(state)
    qtbot.addWidget(views)
    views.resize(900, 700)
    views.show()
    state.show(numbered_tomogram())
    yield views
    views.shutdown()


def shown(views: ViewsPanel) -> list[str]:
    return [panel.name for panel in views.panels if panel.isVisible()]


@given(
    layout=st.sampled_from(LAYOUTS),
    main=st.integers(0, 3),
    there=st.sets(st.integers(0, 3)).map(lambda it: tuple(sorted(it))),
)
def test_no_two_views_share_a_place(layout, main, there):
    cells = [
        (row, column)
        for place in places(layout, main, there).values()
        for row in range(place.row, place.row + place.rows)
        for column in range(place.column, place.column + place.columns)
    ]
    assert len(cells) == len(set(cells))
    assert bool(cells) == bool(there)
    assert set(places(layout, main, there)) <= set(there)


@pytest.mark.parametrize(
    ("layout", "there", "shares"),
    [("big", (0, 1, 2, 3), (3, 1)), ("one", (0, 1, 2, 3), (1, 0)), ("four", (2, 3), (1, 1))],
)
def test_an_empty_column_gets_no_room(layout, there, shares):
    assert column_shares(layout, places(layout, 2, there)) == shares


@pytest.mark.parametrize("main", range(4))
def test_the_main_view_is_shown_in_every_layout(main):
    for layout in LAYOUTS:
        assert main in places(layout, main, (0, 1, 2, 3))


def test_the_large_view_spans_the_height_of_the_small_ones(views, qtbot):
    views.set_layout("big", 1)
    assert shown(views) == ["XY", "XZ", "YZ", "3D"]
    qtbot.waitUntil(lambda: views.slices[1].width() > 2 * views.slices[0].width())
    assert views.slices[1].height() > 2.5 * views.slices[0].height()


def test_a_plane_stands_beside_the_3d_view_and_3d_beside_a_plane(views):
    views.set_layout("pair", 2)
    assert shown(views) == ["YZ", "3D"]
    views.set_layout("pair", 3)
    assert shown(views) == ["XY", "3D"]


def test_going_back_from_one_view_returns_to_the_layout_before(views):
    views.set_layout("pair", 0)
    views.toggle_maximised(views.slices[0])
    assert shown(views) == ["XY"]
    views.toggle_maximised(views.slices[0])
    assert shown(views) == ["XY", "3D"]


def test_another_layout_is_for_the_view_in_use(views, qtbot):
    views.activateWindow()
    views.slices[1].setFocus()
    qtbot.waitUntil(views.slices[1].canvas.hasFocus)
    views.set_layout("one")
    assert shown(views) == ["XZ"]


def test_an_undocked_view_leaves_its_room_and_comes_back_when_its_window_is_closed(views, qtbot):
    yz = views.slices[2]
    views.toggle_undocked(yz)
    window = yz.window()
    assert isinstance(window, UndockedView)
    assert window.isVisible()
    assert yz.isVisible()
    window.close()
    assert yz.window() is views
    assert shown(views) == ["XY", "XZ", "YZ", "3D"]


def test_an_undocked_view_stays_linked(views):
    yz = views.slices[2]
    views.toggle_undocked(yz)
    views._state.set_cursor((3, 4, 5))
    assert yz.position.startswith("x 5 / 39")
    views.toggle_undocked(yz)


def test_a_maximised_view_that_is_undocked_gives_its_room_to_the_others(views):
    xy = views.slices[0]
    views.toggle_maximised(xy)
    views.toggle_undocked(xy)
    assert [panel.isVisible() for panel in views.panels] == [True] * 4
    assert views.maximised is None
    views.toggle_maximised(xy)
    assert views.maximised is None


def test_the_view_in_use_is_the_one_undocked(views, qtbot):
    views.activateWindow()
    views.slices[1].setFocus()
    qtbot.waitUntil(views.slices[1].canvas.hasFocus)
    views.undock_in_use()
    assert views.slices[1].window() is not views


def test_with_one_screen_a_view_is_undocked_there(views):
    assert other_screen(views) in views.screen().virtualSiblings()


def test_every_project_remembers_its_layout(qtbot, tmp_path):
    first, second = (two_cell_project(tmp_path / name) for name in ("a.sxt", "b.sxt"))
    session = Session()
    views = ViewsPanel(session.view)
    qtbot.addWidget(views)
    LayoutMemory(views, session)
    session.open(first)
    views.set_layout("big", 2)
    session.open(second)
    assert (views.view_layout, views.main) == ("four", 0)
    views.set_layout("pair", 1)
    session.open(first)
    assert (views.view_layout, views.main) == ("big", 2)
    session.open(second)
    assert (views.view_layout, views.main) == ("pair", 1)
    session.close()
    views.shutdown()


@pytest.mark.parametrize("text", ["", "big", "huge 1", "big 7", "big 1 2"])
def test_a_remembered_layout_that_says_nothing_is_four_views(text):
    assert remembered_layout(text) == ("four", 0)
