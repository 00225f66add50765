"""Films of a scene: where the camera is in each picture, and the pictures as a file."""

import logging
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from sxtstudio.analysis.darkroom import Darkroom, encode_png
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.scene import Camera, Film, Point
from sxtstudio.io.files import write_atomically

FILM_SUFFIX = ".mp4"
# A film that was called off has no pictures: that is no news.
logging.getLogger("imageio_ffmpeg").setLevel(logging.ERROR)

_QUALITY = 8
"""Of 10; 8 shows no blocks on smooth surfaces."""
_WHITE = 255


def cameras(film: Film, first: Camera) -> list[Camera]:
    """Return where the camera is in each picture; ``first`` is where a turn begins."""
    count = max(1, round(film.seconds * film.pictures_per_second))
    if not film.keys:
        # The last picture is not the first again, so that a film of a whole turn can be repeated.
        return [_turned(first, film.turn_deg * i / count) for i in range(count)]
    if len(film.keys) == 1:
        return [film.keys[0]] * count
    places = np.linspace(0, len(film.keys) - 1, count)
    return [_between(film.keys, float(place)) for place in places]


def _turned(camera: Camera, angle_deg: float) -> Camera:
    turn = Rotation.from_rotvec(np.radians(angle_deg) * _unit(np.array(camera.up)))
    focus = np.array(camera.focus_um)
    position = focus + turn.apply(np.array(camera.position_um) - focus)
    return replace(camera, position_um=_point(position))


def _between(keys: tuple[Camera, ...], place: float) -> Camera:
    """Return a camera between two keys: it starts and stops gently at each."""
    index = min(int(place), len(keys) - 2)
    share = place - index
    share = share * share * (3 - 2 * share)
    start, end = keys[index], keys[index + 1]
    turn = Slerp([0, 1], Rotation.concatenate([_frame(start), _frame(end)]))(share)
    distances = [np.linalg.norm(np.subtract(k.position_um, k.focus_um)) for k in (start, end)]
    distance = float(distances[0] ** (1 - share) * distances[1] ** share)
    focus = _mix(np.array(start.focus_um), np.array(end.focus_um), share)
    back, up = turn.apply([[0, 0, 1], [0, 1, 0]])
    return Camera(
        position_um=_point(focus + distance * back),
        focus_um=_point(focus),
        up=_point(up),
        view_angle_deg=float(_mix(start.view_angle_deg, end.view_angle_deg, share)),
        parallel_scale_um=float(_mix(start.parallel_scale_um, end.parallel_scale_um, share)),
    )


def _frame(camera: Camera) -> Rotation:
    """Return the rotation that takes x, y, z to right, up and backwards of a camera."""
    back = _unit(np.subtract(camera.position_um, camera.focus_um))
    right = _unit(np.cross(camera.up, back))
    return Rotation.from_matrix(np.stack([right, np.cross(back, right), back], axis=1))


def write_film(
    path: Path,
    scene: SceneRenderer,
    film: Film,
    size: tuple[int, int],
    report: Report = ignore,
) -> None:
    """Write a film: MP4 (H.264) where the name ends in ``.mp4``, else a folder of PNG pictures.

    MP4 wants even edges, so a pixel may be cut off, and has no transparency: white is behind.

    Raises
    ------
    FileError
        If the system refuses to write, or the folder is there already.
    Cancelled
        If it is cancelled; nothing is left behind then.
    """
    if path.suffix.lower() == FILM_SUFFIX:
        width, height = (max(2, n - n % 2) for n in size)
        with write_atomically(path) as part, _mp4(part, (width, height), film) as send:
            for image in _pictures(scene, film, (width, height), report):
                send.send(np.ascontiguousarray(_opaque(image)))
        return
    _write_frames(path, scene, film, size, report)


def _write_frames(
    folder: Path, scene: SceneRenderer, film: Film, size: tuple[int, int], report: Report
) -> None:
    if folder.exists():
        raise FileError(f"{folder}: is there already; name a new folder for the pictures.")
    try:
        folder.mkdir()
        for number, image in enumerate(_pictures(scene, film, size, report), start=1):
            (folder / f"{number:05d}.png").write_bytes(encode_png(image))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise FileError(f"{folder}: cannot be written ({error.strerror}).") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _pictures(
    scene: SceneRenderer, film: Film, size: tuple[int, int], report: Report
) -> Iterator[np.ndarray]:
    with Darkroom(scene, size) as darkroom:
        if scene.scene.camera is None:
            scene.reset_camera()
        way = cameras(film, scene.camera)
        for number, camera in enumerate(way):
            report(Progress(text="Drawing the film", fraction=number / len(way)))
            scene.set_camera(camera)
            yield darkroom.picture()
        report(Progress(text="Drawing the film", fraction=1.0))


@contextmanager
def _mp4(
    path: Path, size: tuple[int, int], film: Film
) -> Iterator[Generator[None, np.ndarray, None]]:
    """Take pictures (height, width, 3) for a film."""
    # The encoder judges by the name, and the name of an unfinished file says nothing.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / f"film{FILM_SUFFIX}"
        send = imageio_ffmpeg.write_frames(
            str(whole),
            size,
            fps=film.pictures_per_second,
            codec="libx264",
            quality=_QUALITY,
            macro_block_size=2,
            ffmpeg_log_level="error",
            output_params=["-movflags", "+faststart"],
        )
        try:
            send.send(None)
            yield send
        except OSError as error:
            raise FileError(f"{path.name}: the film cannot be written ({error}).") from error
        finally:
            send.close()
        whole.replace(path)


def _opaque(image: np.ndarray) -> np.ndarray:
    alpha = image[..., 3:].astype(np.float32) / 255
    return np.round(image[..., :3] * alpha + _WHITE * (1 - alpha)).astype(np.uint8)


def _mix(start: np.ndarray | float, end: np.ndarray | float, share: float) -> np.ndarray:
    return np.asarray(start) * (1 - share) + np.asarray(end) * share


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _point(values: np.ndarray) -> Point:
    x, y, z = values.tolist()
    return (x, y, z)
