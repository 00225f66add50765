"""Previews in the task's colours, in true proportions, with the classes named under the mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from sxtstudio.core.events import UNKNOWN
from sxtstudio.gui.training_preview import PreviewPictures, plane_image
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.previews import plane, preview

COLOURS = {"nucleus": "#e53935", "starch": "#1e88e5"}


@pytest.fixture
def pictures(qtbot):
    widget = PreviewPictures(COLOURS)
    qtbot.addWidget(widget)
    widget.resize(360, 300)
    widget.show()
    return widget


def test_a_plane_is_grey_with_its_classes_in_their_colours_over_it():
    labels = np.array([[0, 1, 2, UNKNOWN]])

    image = plane_image(plane(labels, grey=100), plane(labels).labels, list(COLOURS.values()))

    shades = [image.pixelColor(x, 0).getRgb()[:3] for x in range(4)]
    red, blue = (np.array(QColor(it).getRgb()[:3]) for it in COLOURS.values())
    assert shades[0] == (100, 100, 100)
    np.testing.assert_allclose(shades[1], (100 + red) / 2, atol=1)
    np.testing.assert_allclose(shades[2], (100 + blue) / 2, atol=1)
    assert shades[3] == (40, 40, 40)


def test_both_rows_are_painted_and_their_classes_can_be_seen(pictures):
    pictures.show_preview(preview())

    rgb = grab_rgb(pictures)

    half = len(rgb) // 2
    for part in (rgb[:half], rgb[half:]):
        assert hue_share(part, COLOURS["nucleus"]) > 0.05
        assert hue_share(part, COLOURS["starch"]) > 0.05


def test_where_nothing_is_drawn_there_is_no_second_row(pictures):
    labels = np.ones((4, 4))
    pictures.show_preview(preview())
    with_row = pictures.heightForWidth(360)

    pictures.show_preview(preview(planes=[plane(labels)] * 3))

    assert pictures.heightForWidth(360) == pytest.approx(with_row / 2, abs=1)


def test_planes_keep_their_proportions(pictures):
    flat = plane(np.ones((4, 16)), spacing_um=(0.1, 0.05))
    pictures.show_preview(preview(planes=[flat] * 3))

    place = pictures._place(0, 1)

    assert place.width() / place.height() == pytest.approx(2, rel=0.01)


def test_the_classes_under_the_mouse_are_named(pictures):
    labels = np.repeat([[1], [2]], 8, axis=1).repeat(4, axis=0)
    known = plane(labels, np.zeros_like(labels))
    pictures.show_preview(preview(planes=[known, plane(labels), known]))

    def words(column: int, x: float, y: float) -> str:
        place = pictures._place(0, column)
        return pictures.words_at(
            QPointF(place.left() + x * place.width(), place.top() + y * place.height())
        )

    assert words(0, 0.5, 0.2) == "nucleus; drawn: none of the classes"
    assert words(1, 0.99, 0.9) == "starch (not drawn)"
    assert pictures.words_at(QPointF(1, 1)) == ""
