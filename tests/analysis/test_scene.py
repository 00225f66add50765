"""The scene: camera, scale bar, axes, styles."""

import math
from dataclasses import replace

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

from sxtstudio.analysis.offscreen import offscreen_window
from sxtstudio.analysis.overlay import length_words, round_length, um_per_pixel
from sxtstudio.analysis.scene import ClassStyle, Scene, SceneRenderer
from sxtstudio.analysis.scene_part import ScenePart
from sxtstudio.analysis.surface import make_surfaces
from tests.analysis.shapes import ball_labels

SIZE_UM = (0.05, 0.05, 0.05)
RED = ClassStyle(label=1, name="nucleus", colour="#e53935")
GLASS = ClassStyle(label=2, name="cytoplasm", colour="#00ff00", opacity=0.3)


def nested_surfaces():
    labels_ZYX = np.zeros((40, 40, 40), np.uint8)
    labels_ZYX[ball_labels((40, 40, 40), (1.0, 1.0, 1.0), 0.9, SIZE_UM)] = 2
    labels_ZYX[ball_labels((40, 40, 40), (1.0, 1.0, 1.0), 0.4, SIZE_UM)] = 1
    return make_surfaces(labels_ZYX, SIZE_UM, [1, 2])


class Shown:
    """A scene in a window that is never shown."""

    def __init__(self, scene=None, styles=(RED, GLASS), size=(300, 200)):
        self.scene = SceneRenderer(scene or Scene(scale_bar=False, axes=False), styles)
        self.scene.set_surfaces(nested_surfaces())
        self.size = size
        self.window = offscreen_window(*size)
        self.window.AddRenderer(self.scene.renderer)
        self.scene.reset_camera()

    def picture(self):
        width, height = self.size
        self.window.Render()
        values = vtkUnsignedCharArray()
        self.window.GetPixelData(0, 0, width - 1, height - 1, 0, values, 0)
        return vtk_to_numpy(values).reshape(height, width, 3)[::-1].astype(int)


def drawn(picture):
    """Return where a picture differs from its left edge: the background of that row."""
    return np.abs(picture - picture[:, :1]).sum(axis=2) > 24


def test_the_whole_cell_is_in_the_middle_and_fills_the_picture():
    rows, columns = np.nonzero(drawn(Shown().picture()))
    assert 0.78 * 200 < np.ptp(rows) < 0.92 * 200
    assert (rows.min() + rows.max()) / 2 == pytest.approx(100, abs=4)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(150, abs=4)


def test_a_class_can_be_hidden_recoloured_and_made_solid():
    shown = Shown()
    seen_through = shown.picture()[100, 150]
    shown.scene.set_style(ClassStyle(label=2, name="cell", colour="#00ff00", visible=False))
    alone = shown.picture()
    assert alone[100, 150, 0] > 2 * alone[100, 150, 1]
    assert not drawn(alone)[30, 150]
    shown.scene.set_style(ClassStyle(label=2, name="cell", colour="#0000ff"))
    solid = shown.picture()[100, 150]
    assert solid[2] > 3 * solid[0]
    assert seen_through[0] > seen_through[1] > alone[100, 150, 1]


def test_glass_does_not_show_the_wall_towards_a_hidden_class_inside_it():
    shown = Shown()
    shown.scene.set_style(ClassStyle(label=1, name="nucleus", colour="#e53935", visible=False))
    row = shown.picture()[100, 80:220].sum(axis=1)
    steps = np.abs(np.diff(row))
    assert steps[20:-20].max() < 12


def test_a_slab_is_looked_at_from_above():
    shown = Shown()
    plate = np.zeros((6, 60, 60), np.uint8)
    plate[1:5, 5:55, 5:55] = 1
    shown.scene.set_surfaces(make_surfaces(plate, SIZE_UM, [1]))
    shown.scene.reset_camera()
    assert shown.scene.renderer.GetActiveCamera().GetDirectionOfProjection()[2] < -0.7


def test_parallel_projection_and_back_keeps_the_size():
    shown = Shown()
    before = drawn(shown.picture()).sum()
    shown.scene.set_parallel(True)
    assert drawn(shown.picture()).sum() == pytest.approx(before, rel=0.1)
    shown.scene.set_parallel(False)
    assert drawn(shown.picture()).sum() == pytest.approx(before, rel=0.02)


@pytest.mark.parametrize(
    ("view", "right", "up"),
    [("x", (0, 1, 0), (0, 0, 1)), ("y", (1, 0, 0), (0, 0, 1)), ("z", (1, 0, 0), (0, -1, 0))],
)
def test_views_along_the_axes_have_the_stated_axes_right_and_up(view, right, up):
    shown = Shown()
    shown.scene.reset_camera(view)
    matrix = shown.scene.renderer.GetActiveCamera().GetViewTransformMatrix()
    assert [matrix.GetElement(0, i) for i in range(3)] == pytest.approx(right)
    assert [matrix.GetElement(1, i) for i in range(3)] == pytest.approx(up)


def test_the_scale_bar_follows_the_zoom_and_is_as_long_as_it_says():
    shown = Shown(Scene(background="white", axes=False), (RED, GLASS), (400, 400))
    shown.scene.set_parallel(True)
    lengths = []
    for _ in range(4):
        picture = shown.picture()
        bar = (picture[-14:-9] < 80).all(axis=2).any(axis=0)
        pixel_um = um_per_pixel(shown.scene.renderer.GetActiveCamera(), 400)
        assert bar.sum() * pixel_um == pytest.approx(shown.scene.scale_bar_um, abs=1.5 * pixel_um)
        assert bar.sum() <= 0.24 * 400 + 1
        lengths.append(shown.scene.scale_bar_um)
        shown.scene.renderer.GetActiveCamera().Zoom(2.2)
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0] / 4


def test_a_pixel_is_equally_large_in_both_projections():
    shown = Shown()
    camera = shown.scene.renderer.GetActiveCamera()
    before = um_per_pixel(camera, 200)
    shown.scene.set_parallel(True)
    assert um_per_pixel(camera, 200) == pytest.approx(before)


def test_axes_and_scale_bar_can_be_left_out():
    plain = drawn(Shown().picture())
    with_axes = drawn(Shown(Scene(scale_bar=False)).picture())
    both = drawn(Shown(Scene()).picture())
    assert plain.sum() < with_axes.sum() < both.sum()


def test_an_empty_scene_can_be_drawn():
    shown = Shown()
    shown.scene.set_surfaces({})
    shown.scene.reset_camera()
    assert not drawn(shown.picture()).any()


def test_a_surface_without_a_style_is_drawn_grey():
    picture = Shown(styles=()).picture()
    centre = picture[100, 150]
    assert np.ptp(centre) < 40
    assert drawn(picture).sum() > 5000


@pytest.mark.parametrize(
    ("longest", "expected"), [(1.0, 1.0), (1.99, 1.0), (4.9, 2.0), (0.07, 0.05), (730.0, 500.0)]
)
def test_round_lengths_are_1_2_or_5_times_a_power_of_ten(longest, expected):
    assert math.isclose(round_length(longest), expected)


def test_lengths_below_a_micrometre_are_in_nanometres():
    assert [length_words(value) for value in (2.0, 0.5, 0.05)] == ["2 µm", "500 nm", "50 nm"]


def test_crumbs_of_a_clear_class_are_not_drawn_but_stay_in_the_surface():
    labels_ZYX = np.zeros((40, 40, 40), np.uint8)
    labels_ZYX[6:34, 6:34, 6:26] = 1
    labels_ZYX[20, 20, 36] = 1
    surface = make_surfaces(labels_ZYX, (0.05, 0.05, 0.05), [1])[1]
    part = ScenePart(surface)
    glass = ClassStyle(label=1, name="Cytoplasm", colour="#8090ff", opacity=0.2)
    part.set_style(glass, frozenset())
    ends = [0.0] * 6
    part.actor.GetMapper().GetInput().GetCellsBounds(ends)
    assert ends[1] < 26 * 0.05
    part.set_style(replace(glass, opacity=1.0), frozenset())
    part.actor.GetMapper().GetInput().GetCellsBounds(ends)
    assert ends[1] > 35 * 0.05
