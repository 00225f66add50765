from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui.histogram_panel import WHOLE_CELL, HistogramPanel
from sxtstudio.gui.lac_ranges import Band, all_bands, bands_of, count_lac, preset_window
from sxtstudio.gui.view_state import ViewState, default_lac_window
from sxtstudio.gui.window_plot import ticks
from tests.gui import mouse
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.specimens import five_balls

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def state(qapp):
    state = ViewState()
    state.show(*five_balls(24))
    state.set_lac_window(0.12, 0.28)
    return state


@pytest.fixture
def panel(state, qtbot):
    panel = HistogramPanel(state, default_ontology)
    qtbot.addWidget(panel)
    panel.resize(380, 240)
    panel.show()
    return panel


def range_of(name: str) -> tuple[float, float]:
    known = default_ontology().find(name).lac_range_per_um
    assert known is not None
    return known


def at(panel, lac: float) -> QPointF:
    return QPointF(panel.plot.x_of(lac), panel.plot.height() / 2)


def test_the_counts_are_those_of_the_sample_and_reach_down_to_zero():
    sample = np.linspace(0.2, 0.6, 10_000).astype(np.float32)
    counts = count_lac(sample)
    low, high = counts.range_per_um
    assert low < 0
    assert 0.6 <= high < 0.7
    assert counts.counts.sum() == sample.size
    middle = (counts.edges_per_um[:-1] + counts.edges_per_um[1:]) / 2
    assert (counts.counts[middle < 0.19] == 0).all()


def test_a_cell_of_one_value_can_be_counted():
    counts = count_lac(np.full(100, 0.3, np.float32))
    assert counts.counts.sum() == 100


def test_structures_come_with_the_ranges_of_the_vocabulary_the_least_dense_first():
    bands = bands_of(["lipid", "no such thing", "nucleus", "Lipid bodies"], default_ontology())
    assert [band.name for band in bands] == ["nucleus", "lipid bodies"]
    assert bands[1].range_per_um == default_ontology().find("lipid").lac_range_per_um
    assert set(bands) <= set(all_bands(default_ontology()))


@pytest.mark.parametrize("range_per_um", [(0.5, 0.7), (0.2, 0.21), (0.0, 0.4)])
def test_a_preset_holds_the_whole_range_and_something_around_it(range_per_um):
    low, high = preset_window(Band(name="a", colour="#ffffff", range_per_um=range_per_um))
    assert 0 <= low <= range_per_um[0]
    assert high > range_per_um[1]
    assert high - low >= 0.1


def test_dragging_the_middle_moves_the_window_and_keeps_its_width(panel, state):
    mouse.drag(panel.plot, LEFT, at(panel, 0.2), at(panel, 0.23))
    assert state.lac_window == pytest.approx((0.15, 0.31), abs=0.003)


@pytest.mark.parametrize(
    ("grip", "to", "expected"),
    [(0.12, 0.06, (0.06, 0.28)), (0.28, 0.2, (0.12, 0.2)), (0.3, 0.25, (0.12, 0.23))],
)
def test_dragging_an_edge_moves_only_that_edge(panel, state, grip, to, expected):
    mouse.drag(panel.plot, LEFT, at(panel, grip), at(panel, to))
    assert state.lac_window == pytest.approx(expected, abs=0.003)


def test_an_edge_is_not_dragged_past_the_other(panel, state):
    mouse.drag(panel.plot, LEFT, at(panel, 0.12), at(panel, 0.33))
    low, high = state.lac_window
    assert high == pytest.approx(0.28)
    assert low < high


def test_a_double_click_brings_the_first_window_back(panel, state):
    QTest.mouseDClick(panel.plot, LEFT)
    assert state.lac_window == default_lac_window(state.tomogram.lac_ZYX)


def test_typed_numbers_set_the_window_and_the_window_sets_the_numbers(panel, state):
    panel.low.setValue(0.1)
    assert state.lac_window == (0.1, 0.28)
    state.set_lac_window(0.05, 0.5)
    assert (panel.low.value(), panel.high.value()) == (0.05, 0.5)


def test_the_presets_offer_the_classes_on_show_first_and_show_them(panel, state):
    panel._fill_presets()
    words = [it.text() for it in panel.presets.menu().actions() if it.text()]
    assert words[0] == WHOLE_CELL
    assert words.index("Show lipid bodies") <= 5
    lipid = next(it for it in panel.presets.menu().actions() if it.text() == "Show lipid bodies")
    lipid.trigger()
    low, high = range_of("lipid")
    assert state.lac_window[0] < low < high < state.lac_window[1]
    panel.presets.menu().actions()[0].trigger()
    assert state.lac_window == default_lac_window(state.tomogram.lac_ZYX)


def test_the_ranges_of_visible_classes_are_drawn_and_told(panel, state):
    nucleus = state.classes[0]
    assert hue_share(grab_rgb(panel.plot), nucleus.colour) > 0.001
    low, high = range_of("nucleus")
    assert "nucleus" in panel.plot.words_at(panel.plot.x_of((low + high) / 2))
    state.set_classes(())
    assert hue_share(grab_rgb(panel.plot), nucleus.colour) == 0
    assert panel.plot.words_at(panel.plot.x_of(0.25)) == "0.250 µm⁻¹"


def test_stored_values_have_neither_ranges_nor_presets(panel, state):
    tomogram = Tomogram(
        lac_ZYX=np.arange(1000, dtype=np.float32).reshape(10, 10, 10), voxel_size_um=(1, 1, 1)
    )
    state.show(tomogram, is_lac=False)
    panel._fill_presets()
    assert [it.text() for it in panel.presets.menu().actions()] == [WHOLE_CELL]


def test_without_a_cell_there_is_nothing_to_drag(panel, state):
    state.clear()
    assert not panel.isEnabled()
    before = state.lac_window
    mouse.drag(panel.plot, LEFT, QPointF(100, 50), QPointF(150, 50))
    assert state.lac_window == before


@pytest.mark.parametrize("range_per_um", [(-0.02, 0.35), (0.0, 1.3), (-500.0, 70000.0)])
def test_ticks_are_round_and_few_enough(range_per_um):
    found = ticks(range_per_um, 300)
    assert 2 <= len(found) <= 8
    assert all(range_per_um[0] <= tick <= range_per_um[1] for tick in found)
    assert len(set(np.diff(found).round(6))) == 1


def test_the_words_of_ticks_never_touch_and_zero_keeps_its_unit(panel, state):
    plot = panel.plot
    for width_px in range(250, 800, 11):
        panel.resize(width_px, 240)
        QTest.qWait(1)
        found = ticks(plot._range(), plot._plot().width())
        places = plot._tick_places(found, plot._plot())
        spans = sorted((it.left(), it.right()) for it in places.values())
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert spans[0][0] >= 0
        assert 0 in places
        assert len(places) >= len(found) - 2
