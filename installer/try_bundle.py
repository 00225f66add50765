"""Start the bundle as on a computer without Python, and go the whole way with it.

Every command runs with an empty PATH and a new home folder. The window is opened on a virtual
screen (Xvfb); where there is none it is only started. Pictures are left in dist/try. The exit code
says whether all of it worked.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import tifffile
from screen import Screen, save_picture, virtual_screen

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "dist" / "try"
LIMIT_S = 900
WINDOW_LIMIT_S = 120
QUIET_S = 4
FEWEST_COLOURS = 300


class Failure(Exception):
    """Something in the bundle does not work."""


def try_all(bundle: Path) -> int:
    """Try everything in a bundle, print what was measured, and return the exit code."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sxtstudio-try-") as name, virtual_screen() as screen:
        folder = Path(name)
        environment = clean_environment(folder / "home", screen)
        try:
            print(f"bundle: {bytes_in(bundle) / 1e6:.0f} MB, {count_of_files(bundle)} files")
            forget(bundle)
            project = _try_commands(Commands(bundle / "sxtstudio-cli", folder, environment))
            _try_worker(bundle / "sxtstudio-cli", environment)
            link = folder / "sxtstudio"
            link.symlink_to(bundle / "sxtstudio")
            forget(bundle)
            for how in ("read from disk", "already in memory"):
                print(f"window, {how}:")
                _try_window(link, project, environment, screen)
        except Failure as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            return 1
    print("The bundle works.")
    return 0


def clean_environment(home: Path, screen: Screen | None) -> dict[str, str]:
    """Return the environment of somebody who has just logged in and has no programs."""
    runtime = home / "runtime"
    runtime.mkdir(parents=True)
    runtime.chmod(0o700)
    environment = {
        "PATH": "/nonexistent",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(runtime),
    }
    if screen is None:
        return environment | {"QT_QPA_PLATFORM": "offscreen"}
    return environment | {"DISPLAY": screen.name}


class Commands:
    """Runs the console program of a bundle in a folder."""

    def __init__(self, program: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self.folder = folder
        self._environment = environment

    def run(self, *words: str | Path) -> str:
        """Run a verb, print how long it took, and return what it said.

        Raises
        ------
        Failure
            If its exit code is not 0, or Python complains.
        """
        start = time.monotonic()
        done = subprocess.run(
            [str(self._program), *map(str, words)],
            cwd=self.folder,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        what = " ".join(Path(word).name for word in words[:2])
        print(f"  {what}: {time.monotonic() - start:.1f} s", flush=True)
        if done.returncode != 0:
            logs = Path(self._environment["HOME"]).rglob("crash-*.log")
            said = "\n".join([done.stdout, done.stderr, *(log.read_text() for log in logs)])
            raise Failure(f"{words} ended with {done.returncode}\n{said}")
        if re.search(r"Traceback|\wWarning:", done.stderr):
            raise Failure(f"{words} complained\n{done.stderr}")
        return done.stdout


def _try_commands(commands: Commands) -> Path:
    print("console program, time of each command (the first reads the disk):")
    for _ in range(2):
        _expect("segment" in commands.run("--help"), "--help does not name the verbs")
    project = _make_project(commands)
    commands.run("train", project, "organelles", "--network", "net.sxtnet", "--steps", "20")
    commands.run("segment", project, "--network", "net.sxtnet", "--cell", "alga-3")
    commands.run("measure", project, "--csv", "numbers.csv")
    _expect("volume_um3" in (commands.folder / "numbers.csv").read_text(), "no volumes measured")
    for cell in ("alga-1", "alga-3"):
        picture = PICTURES / f"snapshot-{cell}.png"
        commands.run("snapshot", project, cell, "--out", picture)
        _expect(picture.stat().st_size > 5000, f"{picture} is empty")
    commands.run("export", project, "alga-1", "--what", "surfaces", "--out", "cell.ply")
    commands.run("check", project)
    _try_formats(commands)
    return commands.folder / project


def _make_project(commands: Commands) -> Path:
    project = Path("cells.sxt")
    commands.run("simulate", "sim", "--kind", "alga", "--cells", "3", "--size", "48", "--labels")
    commands.run("new", project)
    for cell in ("alga-1", "alga-2"):
        labels = Path("sim", f"{cell}_labels.am")
        add = ["add", project, Path("sim", f"{cell}.mrc"), "--name", cell]
        commands.run(*add, "--labels", labels, "--complete", "all")
    commands.run("add", project, Path("sim", "alga-3.mrc"), "--name", "alga-3")
    classes = ("nucleus", "mitochondria", "lipid bodies", "starch granules")
    words = [word for name in classes for word in ("--class", name)]
    commands.run("task", project, "organelles", *words)
    return project


def _try_formats(commands: Commands) -> None:
    """Read compressed files, which need libraries that are looked for at run time only."""
    values_ZYX = np.random.default_rng(0).integers(0, 9, (12, 16, 20)).astype(np.uint16)
    for compression in ("lzw", "zlib", "zstd", "lzma", "packbits", "jpeg2000", "png"):
        path = commands.folder / f"{compression}.tif"
        tifffile.imwrite(path, values_ZYX, compression=compression, photometric="minisblack")
        commands.run("convert", path, commands.folder / f"{compression}.mrc")
    filters = {"blosc": hdf5plugin.Blosc(), "blosc2": hdf5plugin.Blosc2(),
               "bitshuffle": hdf5plugin.Bitshuffle(), "zstd": hdf5plugin.Zstd(),
               "sz3": hdf5plugin.SZ3(absolute=0.1)}  # fmt: skip
    for name, compression in filters.items():
        path = commands.folder / f"{name}.h5"
        with h5py.File(path, "w") as file:
            file.create_dataset("volume", data=values_ZYX.astype(np.float32), **compression)
        commands.run("convert", path, commands.folder / f"{name}.mrc")


def _try_worker(program: Path, environment: Mapping[str, str]) -> None:
    start = time.monotonic()
    with subprocess.Popen(
        [str(program), "worker"],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        first = json.loads(worker.stdout.readline() or "{}")
        print(f"worker ready after {time.monotonic() - start:.1f} s")
        worker.stdin.write('{"quit": true}\n')
        worker.stdin.close()
        code = worker.wait(LIMIT_S)
    _expect(first.get("event") == "ready", f"the worker began with {first}")
    _expect(code == 0, f"the worker ended with {code}")


def _try_window(
    program: Path, project: Path, environment: Mapping[str, str], screen: Screen | None
) -> None:
    """Open the window; ``program`` is a link, as the package puts one into /usr/bin."""
    errors = project.with_name("window.log")
    start = time.monotonic()
    with (
        errors.open("w") as log,
        subprocess.Popen(
            [str(program), str(project)], env=dict(environment), stdout=log, stderr=log
        ) as window,
    ):
        try:
            if screen is None:
                _wait_blindly(window)
            else:
                _look_and_close(window, screen, start)
        finally:
            if window.poll() is None:
                window.kill()
    said = errors.read_text().strip()
    expected = (0,) if screen else (0, -signal.SIGTERM)
    _expect(window.returncode in expected, f"the window ended with {window.returncode}\n{said}")
    _expect("Traceback" not in said, f"the window complained\n{said}")
    if said:
        print(f"the window said:\n{said}")


def _wait_blindly(window: subprocess.Popen[bytes]) -> None:
    print("Xvfb is not installed, so nobody looks at the window; it is started and ended.")
    time.sleep(20)
    _expect(window.poll() is None, f"the window ended by itself with {window.returncode}")
    window.terminate()
    window.wait(WINDOW_LIMIT_S)


def _look_and_close(window: subprocess.Popen[bytes], screen: Screen, start: float) -> None:
    stop = start + WINDOW_LIMIT_S
    while not screen.picture().any():
        _expect(window.poll() is None, f"the window ended by itself with {window.returncode}")
        _expect(time.monotonic() < stop, "no window came")
        time.sleep(0.05)
    print(f"  shown after {time.monotonic() - start:.1f} s")
    picture, drawn = _settled_picture(screen, stop)
    print(f"  drawn after {drawn - start:.1f} s")
    save_picture(picture, PICTURES / "window.png")
    colours = len(np.unique(picture.reshape(-1, 3), axis=0))
    print(f"  {colours} colours in {PICTURES / 'window.png'}")
    _expect(colours >= FEWEST_COLOURS, f"{colours} colours are too few for a cell")
    windows = screen.windows()
    _expect(len(windows) == 1, f"{len(windows)} windows are open, not one")
    screen.close_window(windows[0])
    try:
        window.wait(WINDOW_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Failure("the window does not close") from None


def _settled_picture(screen: Screen, stop: float) -> tuple[np.ndarray, float]:
    """Return the picture that has not changed for some seconds, and since when it has not."""
    picture, since = screen.picture(), time.monotonic()
    while time.monotonic() < min(since + QUIET_S, stop):
        time.sleep(0.2)
        now = screen.picture()
        if not np.array_equal(now, picture):
            picture, since = now, time.monotonic()
    return picture, since


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Failure(otherwise)


def bytes_in(path: Path) -> int:
    """Return the size of a file, or of all files in a folder; a second name counts nothing."""
    files = [path] if path.is_file() else path.rglob("*")
    stats = [file.stat() for file in files if file.is_file() and not file.is_symlink()]
    return sum({stat.st_ino: stat.st_size for stat in stats}.values())


def forget(folder: Path) -> None:
    """Have the system forget the contents of files, so that they are read from the disk again."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def count_of_files(folder: Path) -> int:
    """Return how many files are in a folder and its folders."""
    return sum(1 for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "bundle", type=Path, nargs="?", default=ROOT / "dist" / "sxtstudio", help="its folder"
    )
    sys.exit(try_all(parser.parse_args().bundle))
