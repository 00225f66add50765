"""Films: where the camera is, and what is in the file."""

import subprocess

import imagecodecs
import imageio_ffmpeg
import numpy as np
import pytest

from sxtstudio.analysis.film import cameras, write_film
from sxtstudio.analysis.scene import ClassStyle, SceneRenderer
from sxtstudio.analysis.surface import make_surfaces
from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Cancelled, Progress
from sxtstudio.core.scene import Camera, Film, Scene
from tests.analysis.shapes import ball_labels

FIRST = Camera(position_um=(4.0, 0.0, 1.0), focus_um=(1.0, 0.0, 1.0), up=(0.0, 0.0, 1.0))
SHORT = Film(seconds=0.6, pictures_per_second=10)


def ball_scene(background="white"):
    size_um = (0.1, 0.1, 0.1)
    labels_ZYX = np.zeros((20, 20, 20), np.uint8)
    labels_ZYX[ball_labels((20, 20, 20), (1.0, 1.0, 0.5), 0.4, size_um)] = 1
    style = ClassStyle(label=1, name="ball", colour="#e53935")
    scene = SceneRenderer(Scene(styles=(style,), background=background))
    scene.set_surfaces(make_surfaces(labels_ZYX, size_um, [1]))
    return scene


def played(path):
    """Return the pictures (120 × 160) of a film, and what the player says of it."""
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path)]
    words += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(words, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, 120, 160, 3), done.stderr.decode()


def test_a_turn_goes_around_what_is_up_and_does_not_repeat_its_first_picture():
    way = cameras(Film(seconds=1, pictures_per_second=4), FIRST)
    expected = [(4, 0, 1), (1, 3, 1), (-2, 0, 1), (1, -3, 1)]
    assert np.allclose([it.position_um for it in way], expected)
    assert {it.focus_um for it in way} == {FIRST.focus_um}


def test_keys_are_reached_and_the_way_between_keeps_the_distance_growing_steadily():
    last = Camera(position_um=(1.0, 12.0, 1.0), focus_um=(1.0, 0.0, 1.0), up=(0.0, 0.0, 1.0))
    way = cameras(Film(seconds=1, pictures_per_second=9, keys=(FIRST, last)), FIRST)
    assert np.allclose(way[0].position_um, FIRST.position_um)
    assert np.allclose(way[-1].position_um, last.position_um)
    distances = [np.linalg.norm(np.subtract(it.position_um, it.focus_um)) for it in way]
    assert (np.diff(distances) > 0).all()
    assert distances[4] == pytest.approx(6.0)  # the geometric middle of 3 and 12
    middle = np.subtract(way[4].position_um, way[4].focus_um)
    assert np.allclose(middle / 6, [np.sqrt(0.5), np.sqrt(0.5), 0])
    assert np.allclose([it.up for it in way], (0, 0, 1), atol=1e-9)


def test_one_key_stands_still():
    assert set(cameras(Film(seconds=1, keys=(FIRST,)), FIRST)) == {FIRST}


def test_a_film_has_the_pictures_size_and_speed_asked_for(tmp_path):
    path = tmp_path / "ball.mp4"
    events = []
    write_film(path, ball_scene(), SHORT, (161, 120), events.append)
    pictures, facts = played(path)
    assert "h264" in facts
    assert "10 fps" in facts
    assert len(pictures) == 6
    assert (pictures[0][2, 80] > 250).all()
    moved = [np.abs(pictures[0].astype(int) - it).mean() for it in pictures[1:]]
    assert min(moved) > 0.5
    assert [e.fraction for e in events if isinstance(e, Progress)][-1] == 1
    assert [it.name for it in tmp_path.iterdir()] == ["ball.mp4"]


def test_pictures_of_a_film_keep_their_transparency(tmp_path):
    folder = tmp_path / "ball"
    write_film(folder, ball_scene("transparent"), SHORT, (160, 120))
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{i:05d}.png" for i in range(1, 7)]
    picture = imagecodecs.png_decode((folder / names[0]).read_bytes())
    assert picture.shape == (120, 160, 4)
    assert picture[2, 80, 3] == 0
    assert picture[..., 3].max() == 255
    with pytest.raises(FileError, match="is there already"):
        write_film(folder, ball_scene(), SHORT, (160, 120))


@pytest.mark.parametrize("name", ["ball.mp4", "ball"])
def test_a_film_that_is_cancelled_leaves_nothing_behind(tmp_path, name):
    def report(event):
        if event.fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_film(tmp_path / name, ball_scene(), SHORT, (160, 120), report)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["none/ball.mp4", "none/ball"])
def test_a_missing_folder_is_refused_with_a_sentence(tmp_path, name):
    with pytest.raises(FileError, match="cannot be written"):
        write_film(tmp_path / name, ball_scene(), SHORT, (160, 120))
