import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from sxtstudio.core.errors import LabelError
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.view_state import ClassDisplay, ViewState, default_lac_window
from tests.gui.specimens import SHAPE, VOXEL_UM, five_balls, numbered_tomogram

NUCLEUS = ClassDisplay(label=1, name="nucleus", colour="#e53935")


def labels_of(shape) -> LabelMap:
    labels_ZYX = np.zeros(shape, np.uint8)
    labels_ZYX[2, 3, 4] = 1
    labels_ZYX[2, 3, 5] = 9
    return LabelMap(labels_ZYX=labels_ZYX, names={1: "nucleus"}, voxel_size_um=VOXEL_UM)


@pytest.fixture
def state(qapp) -> ViewState:
    state = ViewState()
    state.show(numbered_tomogram(), labels_of(SHAPE), [NUCLEUS])
    return state


def test_a_new_tomogram_puts_the_cursor_in_its_middle(state):
    assert state.cursor == (10, 15, 20)


def test_a_voxel_is_described_by_position_lac_and_class(state):
    facts = state.describe_voxel(2, 3, 4)
    assert facts.position_um == pytest.approx((0.2, 0.15, 0.16))
    assert facts.lac_per_um == pytest.approx((2 * 30 * 40 + 3 * 40 + 4) / 1e4)
    assert (facts.label, facts.class_name) == (1, "nucleus")


def test_a_voxel_without_a_label_has_no_class_name(state):
    assert (state.describe_voxel(0, 0, 0).label, state.describe_voxel(0, 0, 0).class_name) == (
        0,
        "",
    )


def test_a_label_without_a_name_is_called_by_its_number(state):
    assert state.describe_voxel(2, 3, 5).class_name == "label 9"


def test_a_name_of_the_label_map_serves_where_no_class_is_listed(state):
    state.set_labels(labels_of(SHAPE), ())
    assert state.describe_voxel(2, 3, 4).class_name == "nucleus"


def test_a_voxel_of_a_tomogram_without_labels_has_no_label(state):
    state.set_labels(None)
    assert state.describe_voxel(2, 3, 4).label is None


@pytest.mark.parametrize("voxel", [(-1, 0, 0), (0, 30, 0), (0, 0, 40), (20, 0, 0)])
def test_nothing_is_known_outside_the_volume(state, voxel):
    assert state.describe_voxel(*voxel) is None


def test_the_cursor_stops_at_the_faces(state):
    state.set_cursor((99, -5, 40))
    assert state.cursor == (19, 0, 39)


def test_the_cursor_tells_only_of_real_moves(state, qtbot):
    with qtbot.assertNotEmitted(state.cursor_moved):
        state.set_cursor(state.cursor)
    with qtbot.waitSignal(state.cursor_moved):
        state.set_cursor((1, 2, 3))


def test_labels_of_another_shape_are_refused_and_nothing_changes(state):
    before = state.label_map
    with pytest.raises(LabelError, match="20 × 30 × 41"):
        state.set_labels(labels_of((20, 30, 41)), [NUCLEUS])
    with pytest.raises(LabelError, match="own grid"):
        state.show(numbered_tomogram(), labels_of((20, 30, 41)), [NUCLEUS])
    assert state.label_map is before


def test_showing_the_same_tomogram_again_keeps_cursor_and_window(state):
    state.set_cursor((1, 2, 3))
    state.set_lac_window(0.2, 0.5)
    state.show(state.tomogram, None)
    assert (state.cursor, state.lac_window) == ((1, 2, 3), (0.2, 0.5))


def test_clearing_forgets_everything(state):
    state.clear()
    assert state.tomogram is None
    assert state.label_map is None
    assert state.classes == ()
    assert state.describe_voxel(0, 0, 0) is None
    state.set_cursor((1, 1, 1))
    assert state.cursor == (0, 0, 0)


def test_a_window_of_no_width_is_widened(state):
    state.set_lac_window(0.4, 0.4)
    low, high = state.lac_window
    assert high - low == pytest.approx(1e-3)
    assert (low + high) / 2 == pytest.approx(0.4)


def test_a_window_that_is_no_number_is_ignored(state):
    before = state.lac_window
    state.set_lac_window(float("nan"), 1.0)
    assert state.lac_window == before


def test_the_first_window_shows_nearly_all_voxels():
    lac_ZYX = np.linspace(0, 0.6, 64**3, dtype=np.float32).reshape(64, 64, 64)
    assert default_lac_window(lac_ZYX) == pytest.approx((0.006, 0.598), abs=0.01)


def test_glass_does_not_darken_the_cell():
    lac_ZYX = np.full((40, 40, 40), 0.25, np.float32)
    lac_ZYX[:, :, :12] = 0.1
    lac_ZYX[:, :, -4:] = 1.1
    assert default_lac_window(lac_ZYX) == pytest.approx((0.1, 0.7))


def test_a_uniform_tomogram_gets_a_window_around_its_lac(qapp):
    state = ViewState()
    tomogram = Tomogram(lac_ZYX=np.full((4, 4, 4), 0.3, np.float32), voxel_size_um=VOXEL_UM)
    state.show(tomogram)
    assert state.lac_window == pytest.approx((-0.2, 0.8))


def test_a_changed_class_replaces_the_one_with_its_label(state, qtbot):
    hidden = ClassDisplay(label=1, name="nucleus", colour="#e53935", visible=False)
    with qtbot.waitSignal(state.classes_changed):
        state.set_class(hidden)
    assert state.classes == (hidden,)
    with qtbot.assertNotEmitted(state.classes_changed):
        state.set_class(hidden)


def test_classes_get_the_colours_of_the_ontology():
    classes = {display.name: display for display in five_balls()[2]}
    assert classes["nucleus"].colour == "#e53935"
    assert classes["lipid bodies"].colour == "#f420e0"


class Emitter(QObject):
    fired = Signal(bool)


def test_five_thousand_signals_do_not_end_the_interpreter(qapp):
    # PySide6 6.12.0 on Python 3.11 does, after about 570.
    emitter, heard = Emitter(), []
    emitter.fired.connect(heard.append)
    for _ in range(5000):
        emitter.fired.emit(True)
    assert len(heard) == 5000
