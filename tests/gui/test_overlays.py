import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtGui import QAction
from scipy import ndimage

from sxtstudio.core.colour_vision import least_distances, views_of
from sxtstudio.core.novelty_map import NoveltyMap, level_of
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.region import Box
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui.actions import make_actions
from sxtstudio.gui.overlay_bar import OverlayBar
from sxtstudio.gui.overlay_commands import NOT_COMPARED, OverlayCommands
from sxtstudio.gui.session import Session
from sxtstudio.gui.slice_reader import SliceReader
from sxtstudio.gui.slices.label_picture import (
    AGREE,
    COMPARISON_COLOURS,
    DIFFER,
    ONLY_FIRST,
    ONLY_SECOND,
    compared,
    heat_colours,
    label_colours,
    novelty_colours,
    outlined,
)
from sxtstudio.gui.slices.overlays import Comparison, Overlays
from sxtstudio.gui.view_state import ClassDisplay
from sxtstudio.gui.views import ViewsPanel
from sxtstudio.io.arrays import LazyArray
from sxtstudio.project.project import Project
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.projects import add_shifted_prediction, two_cell_project

CROSS = ndimage.generate_binary_structure(2, 1)
LEVELS_ZYX = np.zeros((24, 24, 24), np.uint8)
LEVELS_ZYX[:, 12:, :12] = level_of(0.001)
NEW_IN_A_CORNER = NoveltyMap(levels_ZYX=LEVELS_ZYX, step=(2.0, 2.0, 2.0))
PLANES_OF_LABELS = arrays(
    np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 3)
)


@given(labels=PLANES_OF_LABELS)
def test_an_outline_is_what_erosion_takes_away(labels):
    rims = np.zeros_like(labels)
    for label in range(1, 4):
        patch = labels == label
        inside = ndimage.binary_erosion(patch, CROSS, border_value=1)
        rims[np.logical_and(patch, np.logical_not(inside))] = label
    assert np.array_equal(outlined(labels), rims)


@given(labels=PLANES_OF_LABELS)
def test_labels_agree_with_themselves_everywhere(labels):
    names = {1: "a", 2: "b", 3: "c"}
    outcome = compared(labels, labels, (names, names), frozenset(names))
    assert np.array_equal(outcome, np.where(labels, AGREE, 0))


def test_a_comparison_tells_four_cases_apart_and_goes_by_names():
    first = np.array([[0, 1, 1, 2, 1, 0, 2]], np.uint8)
    second = np.array([[0, 9, 0, 9, 8, 7, 7]], np.uint16)
    names = ({1: "nucleus", 2: "lipid"}, {9: "nucleus", 8: "lipid", 7: "starch"})
    outcome = compared(first, second, names, frozenset({1, 2}))
    expected = [0, AGREE, ONLY_FIRST, DIFFER, DIFFER, ONLY_SECOND, DIFFER]
    assert outcome.tolist() == [expected]


def test_hidden_classes_are_left_out_of_a_comparison():
    first = np.array([[1, 2, 0]], np.uint8)
    second = np.array([[0, 2, 2]], np.uint8)
    names = {1: "nucleus", 2: "lipid"}
    outcome = compared(first, second, (names, names), frozenset({1}))
    assert outcome.tolist() == [[ONLY_FIRST, 0, 0]]


def test_nothing_is_drawn_where_a_network_is_sure_and_most_where_it_guesses():
    table = heat_colours()
    assert table[0, 3] == 0
    assert (np.diff(table[:, 3].astype(int)) >= 0).all()
    assert table[255, 3] > 200
    assert table[255, :3].sum() > table[100, :3].sum()


def test_the_strength_of_the_overlay_is_that_of_a_solid_class():
    display = ClassDisplay(label=3, name="lipid", colour="#102030")
    table = label_colours((display,), np.dtype(np.uint8), 0.2)
    assert table[3].tolist() == [16, 32, 48, 51]


@pytest.fixture
def session(qapp, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt", 48)
    with Project.open(path) as project:
        add_shifted_prediction(project, 4, NEW_IN_A_CORNER)
    session = Session()
    session.open(path)
    session.view.set_cursor((15, 17, 15))
    yield session
    session.close()


@pytest.fixture
def views(session, qtbot):
    views = ViewsPanel(session.view)
    qtbot.addWidget(views)
    views.resize(900, 700)
    views.show()
    yield views
    views.shutdown()


@pytest.fixture
def commands(session, views):
    return OverlayCommands(session, views.overlays)


@pytest.fixture
def actions(commands, views, qtbot) -> dict[str, QAction]:
    class Slots(dict):
        def __missing__(self, name):
            return lambda: None

    actions = make_actions(views, Slots(commands.slots()))
    commands.connect_to(actions)
    return actions


def shares(views) -> dict[int, float]:
    picture = grab_rgb(views.slices[0].canvas.viewport())
    return {it: hue_share(picture, colour) for it, colour in COMPARISON_COLOURS.items()}


def test_outlines_colour_less_of_a_plane_than_filled_labels(views, session, actions):
    nucleus = session.view.classes[0].colour
    filled = hue_share(grab_rgb(views.slices[0].canvas.viewport()), nucleus)
    actions["outline"].trigger()
    rims = hue_share(grab_rgb(views.slices[0].canvas.viewport()), nucleus)
    assert actions["outline"].isChecked()
    assert 0 < rims < 0.6 * filled
    actions["outline"].trigger()
    assert hue_share(grab_rgb(views.slices[0].canvas.viewport()), nucleus) == filled


def test_two_versions_are_compared_in_colours_with_a_legend(views, session, commands, actions):
    before = shares(views)
    commands.compare_with("v000001")
    now = shares(views)
    for outcome in (AGREE, ONLY_FIRST, ONLY_SECOND):
        assert now[outcome] > 0.02, outcome
    words = [words for _, words in views.overlays.legend()]
    assert words == ["both agree", "only 2: predicted by organelles", "only 1: imported labels",
                     "two different classes"]  # fmt: skip
    commands.compare_with("")
    assert views.overlays.legend() == ()
    assert shares(views) == before


def test_a_class_that_is_hidden_leaves_the_comparison(views, session, commands, actions):
    commands.compare_with("v000001")
    session.view.set_classes(())
    assert shares(views)[ONLY_FIRST] < 0.003


def test_another_version_ends_comparison_and_uncertainty(views, session, commands, actions):
    commands.compare_with("v000001")
    actions["uncertainty"].trigger()
    assert views.overlays.uncertainty_shown
    session.select(session.cell_id, "v000001")
    assert views.overlays.comparison is None
    assert not views.overlays.uncertainty_shown
    assert not actions["uncertainty"].isChecked()


def test_uncertainty_lights_up_where_the_network_was_unsure(views, session, actions):
    actions["uncertainty"].trigger()
    unsure_ZYX = views.overlays.uncertainty_on(session.view.tomogram.shape)
    assert set(np.unique(unsure_ZYX[15])) == {0, 200}
    assert hue_share(grab_rgb(views.slices[0].canvas.viewport()), "#fb9a06") > 0.01
    assert [words for _, words in views.overlays.legend()][-1] == "75 % uncertain"
    actions["uncertainty"].trigger()
    assert views.overlays.uncertainty_on(session.view.tomogram.shape) is None


@pytest.mark.parametrize(
    ("version", "words"),
    [("v000001", "choose a version that a network predicted"), ("v000009", "no labels on show")],
)
def test_without_uncertainty_a_quiet_note_says_why(views, session, actions, version, words):
    session.select(session.cell_id, version)
    noted: list[str] = []
    complaints: list[str] = []
    session.noted.connect(noted.append)
    session.failed.connect(complaints.append)
    actions["uncertainty"].trigger()
    assert [words in it for it in noted] == [True]
    assert not complaints
    assert not actions["uncertainty"].isChecked()
    assert not views.overlays.uncertainty_shown


def novel_share(views) -> float:
    red, green, blue, _ = novelty_colours()[level_of(0.001)]
    picture = grab_rgb(views.slices[0].canvas.viewport())
    return hue_share(picture, f"#{red:02x}{green:02x}{blue:02x}")


def test_novelty_lights_up_where_the_network_has_seen_nothing_like_it(views, session, actions):
    before = novel_share(views)
    actions["novelty"].trigger()
    assert actions["novelty"].isChecked()
    assert novel_share(views) > before + 0.05
    words = [words for _, words in views.overlays.legend()]
    assert words == ["rarity 1 in 100", "1 in 1000", "1 in 10 000"]
    actions["novelty"].trigger()
    assert novel_share(views) == before
    assert views.overlays.legend() == ()


def test_novelty_and_uncertainty_take_turns(views, session, actions):
    actions["uncertainty"].trigger()
    actions["novelty"].trigger()
    assert (actions["uncertainty"].isChecked(), actions["novelty"].isChecked()) == (False, True)
    actions["uncertainty"].trigger()
    assert (actions["uncertainty"].isChecked(), actions["novelty"].isChecked()) == (True, False)
    assert views.overlays.novelty_on(session.view.tomogram.shape) is None


def test_drawn_labels_show_what_the_newest_prediction_says_is_new(views, session, actions):
    session.select(session.cell_id, "v000001")
    actions["novelty"].trigger()
    shown = views.overlays.novelty_on(session.view.tomogram.shape)
    assert np.array_equal(shown.levels_ZYX, LEVELS_ZYX)
    assert views.overlays.novelty_on((10, 10, 10)) is None
    session.select(session.cell_id, None)
    assert not actions["novelty"].isChecked()


def test_strokes_leave_the_picture_of_novelty_as_it_is(views, session, actions):
    actions["novelty"].trigger()
    before = novel_share(views)
    label_map = session.view.label_map
    assert label_map is not None
    label_map.labels_ZYX[:, :3, 40:] = 1
    session.view.labels_edited.emit(Box(low=(0, 0, 40), high=(48, 3, 48)))
    assert actions["novelty"].isChecked()
    assert novel_share(views) == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize(
    ("predicted", "words"),
    [(False, "before a network has segmented it"), (True, "too small or too old to tell")],
)
def test_without_a_novelty_map_a_quiet_note_says_why(qapp, qtbot, tmp_path, predicted, words):
    path = two_cell_project(tmp_path / "old.sxt")
    if predicted:
        with Project.open(path) as project:
            add_shifted_prediction(project)
    session = Session()
    session.open(path)
    overlays = Overlays()
    commands = OverlayCommands(session, overlays)
    commands.connect_to({name: QAction(overlays) for name in commands.slots()})
    noted: list[str] = []
    session.noted.connect(noted.append)
    commands.slots()["novelty"]()
    assert [words in it for it in noted] == [True]
    assert not overlays.novelty_shown
    session.close()


def test_nobody_takes_novelty_for_doubt():
    first, second = (
        views_of(table[[128, 191, 255], :3] / 255) for table in (heat_colours(), novelty_colours())
    )
    assert least_distances(first, second).min() > 10
    assert (novelty_colours()[: level_of(0.1) + 1, 3] == 0).all()
    assert (np.diff(novelty_colours()[:, 3].astype(int)) >= 0).all()


def test_the_menu_offers_the_other_versions_and_ticks_the_one_compared(session, commands, actions):
    commands.slots()["compare"]()
    assert [it.text() for it in commands.menu.actions()] == [NOT_COMPARED, "1: imported labels"]
    commands.menu.actions()[1].trigger()
    commands.slots()["compare"]()
    assert [it.isChecked() for it in commands.menu.actions()] == [False, True]


def test_labels_on_another_grid_are_not_compared(views, session):
    tiny = np.ones((3, 3, 3), np.uint8)
    names = session.view.label_map.names
    before = grab_rgb(views.slices[1].canvas.viewport())
    views.overlays.compare(
        Comparison(other_ZYX=tiny, names=names, other_names=names, words=("a", "b"))
    )
    views.slices[1].canvas.set_legend(())
    assert np.array_equal(grab_rgb(views.slices[1].canvas.viewport()), before)


def test_large_labels_to_compare_with_are_read_beside_the_window(session, qtbot):
    shape = (200, 160, 160)
    values_ZYX = np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)
    threads = set()

    def read(index):
        threads.add(threading.current_thread())
        return values_ZYX[index]

    lazy = LazyArray(shape, values_ZYX.dtype, read, (64, 64, 64))
    reader = session.view.reader
    with qtbot.waitSignal(reader.arrived, timeout=20_000) as blocker:
        assert reader.overlay(lazy, 2, 7) is None
    assert blocker.args == [2]
    assert np.array_equal(reader.overlay(lazy, 2, 7), values_ZYX[:, :, 7])
    assert threading.main_thread() not in threads


def test_views_that_step_do_not_push_each_others_slabs_out_for_ever(qtbot):
    values_ZYX = np.random.default_rng(0).random((40, 40, 40)).astype(np.float32)
    tomogram = Tomogram(lac_ZYX=LazyLac(values_ZYX, 1.0, (4, 4, 4)), voxel_size_um=(1, 1, 1))
    reader, told = SliceReader(), []

    def show(axis):
        told.append(axis)
        assert reader.lac(axis, 17).sharp

    reader.arrived.connect(show)
    reader.show(tomogram, None)
    for axis in range(3):
        assert not reader.lac(axis, 17).sharp
    qtbot.waitUntil(lambda: sorted(told) == [0, 1, 2], timeout=20_000)
    qtbot.wait(200)
    assert len(told) == 3
    assert all(reader.at_hand(axis, 17) for axis in range(3))
    reader.close()


def test_the_slider_makes_labels_faint(views, session, actions, qtbot):
    bar = OverlayBar(views.overlays, actions)
    qtbot.addWidget(bar)
    assert bar.slider.value() == 55
    bar.slider.setValue(0)
    assert views.overlays.strength == 0
    assert hue_share(grab_rgb(views.slices[0].canvas.viewport()), "#1e88e5") < 0.003
    views.overlays.set_strength(0.8)
    assert bar.slider.value() == 80
