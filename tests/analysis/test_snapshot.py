"""Pictures rendered without a screen."""

import os
import subprocess
import sys

import imagecodecs
import numpy as np
import pytest

from sxtstudio.analysis.snapshot import write_snapshot
from sxtstudio.analysis.styles import default_styles
from sxtstudio.core.errors import FileError, LabelError
from sxtstudio.core.volume import LabelMap
from tests.analysis.shapes import ball_labels

CLASSES = {
    2: ("nucleus", (1.0, 1.0, 0.9), 0.35),
    3: ("mitochondria", (1.0, 1.0, 1.6), 0.2),
    4: ("lipid", (1.5, 1.0, 1.2), 0.16),
    5: ("starch", (0.5, 0.9, 0.6), 0.2),
    6: ("vacuole", (0.6, 0.7, 1.4), 0.2),
    7: ("er", (1.45, 0.9, 0.55), 0.18),
}


def label_map():
    size, size_um = (50, 50, 50), (0.04, 0.04, 0.04)
    labels_ZYX = ball_labels(size, (1.0, 1.0, 1.0), 0.95, size_um).astype(np.uint8)
    for label, (_, centre, radius) in CLASSES.items():
        labels_ZYX[ball_labels(size, centre, radius, size_um)] = label
    names = {1: "cytoplasm"} | {label: name for label, (name, _, _) in CLASSES.items()}
    return LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=size_um)


def hues(colours):
    """Return hue (0–6) and saturation of RGB values."""
    values = np.asarray(colours, float)
    high, low = values.max(axis=-1), values.min(axis=-1)
    span = np.where(high > low, high - low, 1)
    r, g, b = (values[..., i] for i in range(3))
    hue = np.select(
        [high == r, high == g], [((g - b) / span) % 6, (b - r) / span + 2], (r - g) / span + 4
    )
    return hue, np.where(high > 0, (high - low) / np.maximum(high, 1), 0)


def shown_classes(picture, styles):
    """Return the names of the classes whose hue covers at least 300 pixels of the cell."""
    hue, saturation = hues(picture[:, 160:, :3])
    found = set()
    for style in styles:
        wanted = hues([int(style.colour[i : i + 2], 16) for i in (1, 3, 5)])[0]
        away = np.abs((hue - wanted + 3) % 6 - 3)
        if ((away < 0.15) & (saturation > 0.5)).sum() > 300:
            found.add(style.name)
    return found


def picture_of(tmp_path, background, **options):
    cell = label_map()
    styles = default_styles(cell.names, {})
    path = tmp_path / "cell.png"
    write_snapshot(path, cell, styles, size=(600, 450), background=background, **options)
    return imagecodecs.png_decode(path.read_bytes()), styles


@pytest.mark.parametrize("background", ["dark", "white", "transparent"])
def test_a_picture_shows_every_class_in_its_colour(tmp_path, background):
    picture, styles = picture_of(tmp_path, background)
    assert picture.shape == (450, 600, 4)
    solid = {style.name for style in styles if style.opacity == 1}
    assert len(solid) >= 5
    assert solid <= shown_classes(picture, styles)


def test_a_transparent_picture_has_no_background_and_solid_organelles(tmp_path):
    picture, _ = picture_of(tmp_path, "transparent")
    assert (picture[:5, :, 3] == 0).all()
    assert (picture[..., 3] == 255).sum() > 5000
    through = (picture[..., 3] > 10) & (picture[..., 3] < 200)
    assert through.sum() > 5000


def test_the_background_is_as_asked(tmp_path):
    assert (picture_of(tmp_path, "white")[0][0, 0] == 255).all()
    assert picture_of(tmp_path, "dark")[0][0, 0, :3].max() < 70


def test_the_legend_has_a_disc_of_each_colour(tmp_path):
    picture, styles = picture_of(tmp_path, "white")
    corner = picture[:225, :60, :3].reshape(-1, 3).astype(int)
    for style in styles:
        wanted = [int(style.colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(corner - wanted).max(axis=1) <= 3).sum() > 15, style.name


def test_nothing_visible_is_refused_with_a_sentence(tmp_path):
    cell = label_map()
    styles = default_styles({9: "capillary", 10: "nucleus"}, {})
    with pytest.raises(LabelError, match="nothing to show"):
        write_snapshot(tmp_path / "cell.png", cell, styles)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        picture_of(tmp_path / "none", "dark")


def test_without_a_screen_a_picture_comes_without_a_complaint(tmp_path):
    program = (
        "import numpy as np; from pathlib import Path\n"
        "from sxtstudio.analysis.snapshot import write_snapshot\n"
        "from sxtstudio.analysis.styles import default_styles\n"
        "from sxtstudio.core.volume import LabelMap\n"
        "cell = LabelMap(labels_ZYX=np.pad(np.ones((3, 3, 3), np.uint8), 2),"
        " names={1: 'nucleus'}, voxel_size_um=(.1, .1, .1))\n"
        "write_snapshot(Path('a.png'), cell, default_styles(cell.names, {}), size=(80, 60))\n"
    )
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=bare, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")
    assert imagecodecs.png_decode((tmp_path / "a.png").read_bytes()).shape == (60, 80, 4)
