"""Words over a scene: what they are drawn like, and that they can be read on any ground."""

from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.analysis.lettering import lettering
from sxtstudio.analysis.snapshot import render_image
from sxtstudio.analysis.staging import Subject, stage
from sxtstudio.core.scene import ClassStyle, Scene, Slices
from sxtstudio.core.volume import LabelMap, Tomogram

INK, GROUND = (40, 44, 52), (255, 255, 255)
VOXEL_UM = (0.1, 0.1, 0.1)


def test_letters_have_a_rim_that_fades_into_nothing():
    picture = lettering("nucleus", 40, INK, GROUND)
    alpha = picture[..., 3]
    assert (picture[alpha == 255][:, :3].min(axis=0) == INK).all()
    assert (picture[alpha == 255][:, :3].max(axis=0) == GROUND).all()
    assert not alpha[[0, -1]].any()
    assert not alpha[:, [0, -1]].any()
    letters = picture[..., 0] == INK[0]
    rows, columns = np.nonzero(letters & (alpha == 255))
    inside = alpha[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (inside > 200).mean() > 0.9, "gaps between and within letters are closed"


def test_lines_of_one_size_are_of_one_height_whatever_hangs_down():
    heights = {lettering(text, 30, INK, GROUND).shape[0] for text in ("cytoplasm", "nucleus", "1")}
    assert len(heights) == 1


def test_a_line_without_letters_is_drawn_as_nothing():
    assert not lettering("", 20, INK, GROUND)[..., 3].any()


def _inked(text: str, size: int = 40) -> np.ndarray:
    """Return where letters cover most of a pixel."""
    return lettering(text, size, INK, GROUND)[..., 0] < 160


@pytest.mark.parametrize("exponent", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
def test_no_part_of_an_exponent_is_left_out(exponent):
    assert _inked(f"10{exponent}").sum() > _inked("10").sum() + 12


def test_an_exponent_stands_higher_than_the_number_and_is_smaller():
    picture = _inked("10⁴")
    number = _inked("10")
    rows = np.nonzero(picture[:, number.shape[1] - 8 :].any(axis=1))[0]
    normal = np.nonzero(number.any(axis=1))[0]
    assert rows.min() > normal.min() + 0.2 * len(normal)
    assert len(rows) < 0.8 * len(normal)
    assert rows.max() >= normal.max() - 2


@pytest.mark.parametrize("background", ["white", "transparent", "dark"])
@pytest.mark.parametrize("lac_per_um", [0.0, 1.0])
def test_the_legend_can_be_read_before_a_black_and_a_white_plane(background, lac_per_um):
    labels_ZYX = np.zeros((24, 24, 24), np.uint8)
    labels_ZYX[10:14, 10:14, 10:14] = 1
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={1: "nucleus"}, voxel_size_um=VOXEL_UM)
    lac_ZYX = np.full((24, 24, 24), lac_per_um, np.float32)
    plane = Slices(voxel=(20, None, None), lac_window=(0.2, 0.8))
    scene = Scene(
        styles=(ClassStyle(label=1, name="nucleus", colour="#e53935"),),
        background=background,
        legend=True,
        slices=plane,
    )
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM)
    subject = Subject(name="cell", label_map=label_map, tomogram=tomogram)
    staged = stage(replace(scene, legend=False), subject)
    staged.reset_camera("z", fill=0.4)
    staged.set_scene(replace(scene, camera=staged.camera))
    picture = render_image(staged, (1200, 900))
    words = picture[28:60, 50:150, :3].astype(int).mean(axis=2)
    assert (picture[28:60, 50:150, 3] == 255).all(), "the plane lies behind the words"
    assert (words < 90).sum() > 100
    assert (words > 200).sum() > 100
