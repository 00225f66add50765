"""Pictures of projects for the start page."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from sxtstudio.core.errors import FileError
from sxtstudio.gui.project_thumbnails import (
    EDGE_PX,
    ProjectThumbnails,
    ShownPlane,
    plane_image,
    read_thumbnail,
    shown_plane,
    thumbnail_path,
    write_thumbnail,
)
from sxtstudio.gui.session import Session
from sxtstudio.gui.view_state import ClassDisplay, ViewState
from tests.gui.projects import VOXEL_UM, five_balls_cell, two_cell_project


@pytest.fixture
def session(qtbot):
    made = Session()
    yield made
    made.close()


def rgb(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def test_a_project_that_is_opened_gets_a_picture_of_the_cell_on_show(qtbot, session, tmp_path):
    pictures = ProjectThumbnails(session, folder=tmp_path / "pictures")
    path = two_cell_project(tmp_path / "p.sxt")

    with qtbot.waitSignal(pictures.made) as made:
        session.open(path)
    pictures.shutdown()

    assert made.args == [path]
    image, words = read_thumbnail(thumbnail_path(path, pictures.folder))
    assert (image.width(), image.height()) == (EDGE_PX, EDGE_PX)
    assert words == "2 cells"
    assert any(len(set(rgb(image, x, y))) > 1 for x in range(0, 448, 8) for y in range(0, 448, 8))


def test_another_cell_on_show_makes_another_picture(qtbot, session, tmp_path):
    pictures = ProjectThumbnails(session, folder=tmp_path / "pictures")
    path = two_cell_project(tmp_path / "p.sxt")
    with qtbot.waitSignal(pictures.made):
        session.open(path)

    with qtbot.waitSignal(pictures.made):
        session.select(session.cells()[1].id)  # the one without labels
    pictures.shutdown()

    image, _ = read_thumbnail(thumbnail_path(path, pictures.folder))
    assert all(len(set(rgb(image, x, y))) == 1 for x in range(0, 448, 8) for y in range(0, 448, 8))


def test_nothing_on_show_gives_no_picture(session):
    assert shown_plane(session.view) is None


def test_a_picture_has_the_greys_of_the_window_and_the_colours_of_the_classes():
    lac = np.zeros((4, 4), np.float32)
    lac[:2] = 1.0
    labels = np.zeros((4, 4), np.uint8)
    labels[:, 2:] = 3
    red = ClassDisplay(label=3, name="nucleus", colour="#ff0000", opacity=1.0)
    plane = ShownPlane(lac=lac, labels=labels, lac_window=(0.0, 1.0), classes=(red,))

    image = plane_image(plane)

    assert image.width() == image.height() == EDGE_PX
    assert rgb(image, 20, 20) == (255, 255, 255)
    assert rgb(image, 20, 430) == (0, 0, 0)
    covered = rgb(image, 430, 430)
    assert covered[0] == pytest.approx(0.55 * 255, abs=2)
    assert covered[1:] == (0, 0)


def test_a_large_plane_is_copied_small(qtbot):
    view = ViewState()
    cell = five_balls_cell("drawn")
    large = np.broadcast_to(np.float32(0.3), (3, 2000, 1000))
    tomogram = type(cell.tomogram)(lac_ZYX=large, voxel_size_um=VOXEL_UM)
    view.show(tomogram)

    plane = shown_plane(view)

    assert plane is not None
    assert plane.lac.shape == (500, 250)
    view.reader.close()


def test_words_and_pixels_survive_the_file(tmp_path):
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(0xFF336699)

    write_thumbnail(image, "7 cells", tmp_path / "a" / "p.png")
    back, words = read_thumbnail(tmp_path / "a" / "p.png")

    assert words == "7 cells"
    assert rgb(back, 4, 4) == (0x33, 0x66, 0x99)


def test_pictures_that_were_not_renewed_for_long_go_when_there_are_too_many(tmp_path):
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(0)
    for number in range(60):
        path = tmp_path / f"{number}.png"
        write_thumbnail(image, "", path)
        then = time.time() - 1000 + number
        os.utime(path, (then, then))

    write_thumbnail(image, "", tmp_path / "new.png")

    left = {path.stem for path in tmp_path.glob("*.png")}
    assert len(left) == 60
    assert "new" in left
    assert "0" not in left


def test_a_cache_that_cannot_be_written_disturbs_nobody_but_is_noted(
    qtbot, session, tmp_path, caplog
):
    (tmp_path / "pictures").write_text("a file where a folder should be")
    pictures = ProjectThumbnails(session, folder=tmp_path / "pictures")

    session.open(two_cell_project(tmp_path / "p.sxt"))
    qtbot.waitUntil(lambda: "no picture of the project" in caplog.text)
    pictures.shutdown()

    with pytest.raises(FileError, match="pictures"):
        write_thumbnail(QImage(8, 8, QImage.Format.Format_RGB888), "", tmp_path / "pictures/p.png")


def test_two_projects_of_one_name_have_pictures_of_their_own(tmp_path):
    one, other = (thumbnail_path(Path(f"/data/{name}/p.sxt"), tmp_path) for name in "ab")

    assert one != other
