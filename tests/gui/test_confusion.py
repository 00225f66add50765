"""What classes are taken for, as a picture and in words."""

import pytest

from sxtstudio.core.scores import NONE
from sxtstudio.gui.confusion import ConfusionMap, confusion_words
from tests.gui.pictures import grab_rgb, hue_share

COLOURS = {"nucleus": "#e53935", "mitochondria": "#64ed6e"}
CONFUSION = {
    NONE: {NONE: 0.94, "mitochondria": 0.06},
    "nucleus": {"nucleus": 0.97, "mitochondria": 0.03},
    "mitochondria": {"mitochondria": 0.6, "nucleus": 0.18, NONE: 0.22},
}


def test_the_worst_comes_first_in_words():
    assert confusion_words(CONFUSION) == (
        "22% of mitochondria taken for none of the classes.",
        "18% of mitochondria taken for nucleus.",
        "6% of what is none of the classes taken for mitochondria.",
    )


def test_where_hardly_anything_is_confused_that_is_said():
    words = confusion_words({"nucleus": {"nucleus": 0.98, NONE: 0.02}})

    assert words == ("Nothing is taken for something else in 5% of its voxels.",)


@pytest.fixture
def heat(qtbot):
    widget = ConfusionMap(COLOURS)
    qtbot.addWidget(widget)
    widget.resize(300, widget.sizeHint().height())
    widget.show()
    return widget


def test_what_is_right_is_green_and_what_is_wrong_orange(heat):
    right = {name: {name: 1.0} for name in (*COLOURS, NONE)}
    wrong = {name: {"nucleus": 1.0} for name in ("mitochondria", NONE)}

    heat.show_confusion(right)
    assert hue_share(grab_rgb(heat), "#2f9e77") > 0.05
    assert hue_share(grab_rgb(heat), "#e8833a") == 0
    heat.show_confusion(wrong)
    assert hue_share(grab_rgb(heat), "#e8833a") > 0.05


def test_each_share_can_be_read_under_the_mouse(heat):
    heat.show_confusion(CONFUSION)

    assert heat.words_at(heat._cell(1, 0).center().toPoint()) == (
        "18% of mitochondria taken for nucleus."
    )
    assert heat.words_at(heat._cell(0, 2).center().toPoint()).startswith("0% of nucleus")
    assert heat.words_at(heat.rect().topLeft()) == ""


def test_all_cells_lie_within_the_map_and_none_covers_another(heat):
    cells = [heat._cell(row, column) for row in range(3) for column in range(3)]

    assert all(heat.rect().contains(cell.toAlignedRect()) for cell in cells)
    assert not any(a.intersects(b) for a in cells for b in cells if a is not b)
