"""The frame around a view."""

import pytest

from sxtstudio.gui.panel import Panel, PositionLabel

WORDS = "z 80 / 159 · 2.84 µm"


@pytest.fixture
def panel(qtbot):
    panel = Panel("XY")
    qtbot.addWidget(panel)
    panel.set_undocked(False)
    panel.set_position(WORDS)
    panel.show()
    return panel


def test_a_position_is_never_cut_in_a_number_without_saying_so(panel, qapp):
    label = panel.findChild(PositionLabel)
    panel.resize(800, 200)
    qapp.processEvents()
    assert label.seen == WORDS

    panel.resize(170, 200)
    qapp.processEvents()

    assert label.seen.endswith("…")
    assert label.seen != WORDS
    assert panel.position == label.toolTip() == WORDS


def test_a_position_is_painted(panel, qapp):
    label = panel.findChild(PositionLabel)
    panel.resize(800, 200)
    qapp.processEvents()
    with_words = label.grab().toImage()
    panel.set_position("")
    assert label.grab().toImage() != with_words
