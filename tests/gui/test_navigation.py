import numpy as np
import pytest

from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import ignore
from sxtstudio.core.region import Box
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.class_list import NAME, ClassList
from sxtstudio.gui.go_to_dialog import GoToDialog, parse_place
from sxtstudio.gui.navigation import Navigation, find_stops
from sxtstudio.gui.view_state import ClassDisplay, ViewState
from tests.gui.specimens import numbered_tomogram

VOXEL_UM = (0.1, 0.1, 0.1)


def three_lipids() -> LabelMap:
    labels_ZYX = np.zeros((20, 20, 20), np.uint8)
    labels_ZYX[2:5, 2:5, 2:5] = 3
    labels_ZYX[10:12, 10:12, 10:12] = 3
    labels_ZYX[15, 15, 15] = 3
    labels_ZYX[8, 0, 0] = 1
    return LabelMap(labels_ZYX=labels_ZYX, names={1: "nucleus", 3: "lipid"}, voxel_size_um=VOXEL_UM)


@pytest.fixture
def state(qapp):
    state = ViewState()
    classes = (
        ClassDisplay(label=1, name="nucleus", colour="#ff0000"),
        ClassDisplay(label=3, name="lipid", colour="#00ff00"),
    )
    tomogram = Tomogram(lac_ZYX=np.zeros((20, 20, 20), np.float32), voxel_size_um=VOXEL_UM)
    state.show(tomogram, three_lipids(), classes)
    return state


@pytest.fixture
def classes(state, qtbot):
    classes = ClassList(state)
    qtbot.addWidget(classes)
    yield classes
    classes.shutdown()


@pytest.fixture
def navigation(state, classes):
    navigation = Navigation(state, classes)
    yield navigation
    navigation.shutdown()


@pytest.fixture
def noted(navigation):
    words: list[str] = []
    navigation.noted.connect(words.append)
    return words


def test_objects_come_the_largest_first_with_their_volumes():
    stops = find_stops(three_lipids(), 3, ignore)
    assert [stop.voxel for stop in stops][::2] == [(3, 3, 3), (15, 15, 15)]
    assert [stop.volume_um3 for stop in stops] == pytest.approx([0.027, 0.008, 0.001])


def test_a_stop_in_a_bent_object_lies_inside_it():
    labels_ZYX = np.ones((3, 30, 30), np.uint8)
    labels_ZYX[:, 3:, 3:27] = 0
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={1: "wall"}, voxel_size_um=VOXEL_UM)
    (stop,) = find_stops(label_map, 1, ignore)
    assert labels_ZYX[stop.voxel] == 1


def test_going_on_visits_every_object_and_begins_again(navigation, classes, state, noted, qtbot):
    classes.setCurrentCell(1, NAME)
    with qtbot.waitSignal(navigation.noted):
        navigation.go_on(1)
    visited = [state.cursor]
    for _ in range(3):
        navigation.go_on(1)
        visited.append(state.cursor)
    assert visited[0] == visited[3] == (3, 3, 3)
    assert len(set(visited)) == 3
    assert noted[1].startswith("lipid 2 of 3, 0.008 µm³")


def test_going_back_from_the_start_leads_to_the_last(navigation, classes, state, qtbot):
    classes.setCurrentCell(1, NAME)
    with qtbot.waitSignal(navigation.noted):
        navigation.go_on(-1)
    assert state.cursor == (15, 15, 15)


def test_after_an_edit_objects_are_looked_for_again(navigation, classes, state, qtbot):
    classes.setCurrentCell(1, NAME)
    with qtbot.waitSignal(navigation.noted):
        navigation.go_on(1)
    state.label_map.labels_ZYX[2:5, 2:5, 2:5] = 0
    state.tell_edited(Box(low=(2, 2, 2), high=(5, 5, 5)))
    with qtbot.waitSignal(navigation.noted) as told:
        navigation.go_on(1)
    assert told.args[0].startswith("lipid 1 of 2")


@pytest.mark.parametrize("steps", [1, -1])
def test_without_a_chosen_class_a_quiet_note_says_what_to_do(
    navigation, classes, state, noted, steps
):
    classes.setCurrentCell(-1, -1)
    before = state.cursor
    navigation.go_on(steps)
    assert noted == ["Choose a class in the class list first, or one in a view with C."]
    assert state.cursor == before


def test_without_labels_a_quiet_note_says_that_there_is_nothing_to_go_to(navigation, state, noted):
    state.show(state.tomogram, None, ())
    navigation.go_on(1)
    assert noted == ["There are no labels on show, so there is no object to go to."]


def test_the_class_under_the_mouse_is_chosen_and_at_the_cursor_without_a_mouse(
    navigation, classes, state, noted
):
    navigation.note_mouse((8, 0, 0))
    navigation.pick_class()
    assert navigation.chosen_label == 1
    navigation.note_mouse(None)
    state.set_cursor((3, 3, 3))
    navigation.pick_class()
    assert navigation.chosen_label == 3
    state.set_cursor((0, 0, 0))
    navigation.pick_class()
    assert noted == ["Chosen: nucleus.", "Chosen: lipid.", "Nothing is labelled here."]


@pytest.mark.parametrize(
    ("text", "voxel"),
    [
        ("4 12 7", (4, 12, 7)),
        (" 4, 12; 7 ", (4, 12, 7)),
        ("0.4 0.6 0.28 µm", (4, 12, 7)),
        ("0.41,0.62,0.27um", (4, 12, 7)),
    ],
)
def test_a_place_is_read_in_voxels_and_in_micrometres(text, voxel):
    assert parse_place(text, numbered_tomogram()) == voxel


@pytest.mark.parametrize(
    ("text", "words"),
    [("4 12", "three numbers"), ("here", "three numbers"), ("4 12 99", "ends at 19 29 39"),
     ("9 9 9 µm", "outside the volume"), ("-1 0 0", "outside the volume")],
)  # fmt: skip
def test_a_place_that_is_none_is_refused_with_a_sentence(text, words):
    with pytest.raises(LabelError, match=words):
        parse_place(text, numbered_tomogram())


def test_the_dialog_goes_there_or_says_what_is_wrong(state, qtbot):
    dialog = GoToDialog(state)
    qtbot.addWidget(dialog)
    assert dialog.place.text() == "10 10 10"
    dialog.place.setText("1 2 99")
    dialog.accept()
    assert "outside the volume" in dialog.problem.text()
    dialog.place.setText("1 2 3")
    dialog.accept()
    assert state.cursor == (1, 2, 3)
