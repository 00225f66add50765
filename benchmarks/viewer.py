"""How fast planes step and come on screen, beside napari and silx for the same volumes.

    .venv/bin/python benchmarks/viewer.py FOLDER [--edges 512 1024] [--steps 100]
        [--kinds project mrc napari silx] [--out TABLE.md]

Needs Xvfb, and some 12 GB in FOLDER for 1024³. Napari and silx are measured where they are
installed, each in an environment of its own:

    cd benchmarks/envs
    python3 -m venv napari && napari/bin/pip install "napari[pyqt6]" mrcfile
    python3 -m venv silx && silx/bin/pip install "silx[full]" PyQt6

Every program gets the same float32 volume and uint8 labels and steps through each of the three
planes at some 25 steps a second, as one who holds a key down. A step is timed from the call that
asks for the next plane until Qt has nothing left to do and the true values are drawn. Napari and
silx are given memory maps, the best they can be given. silx has no labels; its rows are grey only.
The first planes are timed with the file thrown out of the system's memory before (cold), where the
system lets us; steps with the file in it. The first plane is XY; SXT Studio shows
XZ and YZ as they come, the others show one plane only.

Each step is given in wall time (p50 / p95), then p95 less the time that the main thread was ready
and waited for a processor that other work had (Linux counts it), then p95 of the main thread's own
processor time. SXT Studio's 3D view is measured with the labels of the project: surfaces (from the
labels' arrival until the fine ones are seen), a coarse frame while the scene turns, and a sharp
one, drawn beside the window where there is no real GPU.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
AXES = "zyx"
PACE_S = 0.04
FRAMES = 40
WINDOW = (1600, 1000)
NAMES = {1: "nucleus", 2: "mitochondria", 3: "lipid", 4: "starch", 5: "vacuole"}
VOXEL_UM = (0.02, 0.02, 0.02)
HEADER_BYTES = 1024
PROGRAMS = {
    "SXT Studio, project": (HERE.parent / ".venv/bin/python", "project"),
    "SXT Studio, MRC": (HERE.parent / ".venv/bin/python", "mrc"),
    "napari": (HERE / "envs/napari/bin/python", "napari"),
    "silx (no labels)": (HERE / "envs/silx/bin/python", "silx"),
}


def main() -> None:
    """Measure every program that is there, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edges", type=int, nargs="+", default=[512, 1024])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", type=Path, help="file for the tables, beside printing them")
    kinds = [kind for _, kind in PROGRAMS.values()]
    parser.add_argument("--kinds", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--child", choices=kinds)
    args = parser.parse_args()
    if args.child:
        show = {"project": show_project, "mrc": show_mrc, "napari": show_napari, "silx": show_silx}
        print(json.dumps(show[args.child](args.folder, args.edges[0], args.steps)))
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = ["| volume | program | first plane, cold | XY p50 / p95 (undisturbed, CPU) | XZ | YZ "
            "| memory: own / peak with mapped file |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    space = ["| volume | surfaces: wall / CPU s | coarse frame p50 / p95 | sharp frame p50 / p95 |",
             "|---|---|---|---|"]  # fmt: skip
    load = os.getloadavg()[0]
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1920x1200x24"], stdout=subprocess.PIPE
    ) as server:
        try:
            display = ":" + _first_line(server)
            for edge in args.edges:
                make_volume(args.folder, edge)
                for name, (_, kind) in PROGRAMS.items():
                    if kind not in args.kinds:
                        continue
                    found = _measured(name, args, edge, display)
                    rows.append(f"| {edge}³ | {name} | {_step_words(found)} |")
                    if "surfaces" in found:
                        space.append(f"| {edge}³ | {_space_words(found)} |")
        finally:
            server.terminate()
    words = f"Load of the machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after."
    text = "\n".join([*rows, "", *space, "", words])
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


def _first_line(server: subprocess.Popen[bytes]) -> str:
    assert server.stdout is not None
    select.select([server.stdout], [], [], 20)
    return server.stdout.readline().decode().strip()


def _measured(name: str, args: argparse.Namespace, edge: int, display: str) -> dict[str, Any]:
    python, kind = PROGRAMS[name]
    if not python.exists():
        return {"problem": "not installed"}
    command = [python, __file__, args.folder, "--edges", str(edge), "--steps", str(args.steps)]
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    environment["XDG_CACHE_HOME"] = str(args.folder / "cache")
    cool(args.folder, edge)
    done = subprocess.run(
        [*command, "--child", kind],
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    if done.returncode:
        return {"problem": f"failed: {done.stderr.strip()[-200:]}"}
    print(name, edge, done.stderr.strip()[-200:], file=sys.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def _step_words(found: dict[str, Any]) -> str:
    if "problem" in found:
        return f"{found['problem']} | | | |"
    steps = ["{:.1f} / {:.1f} ms ({:.1f}, {:.1f})".format(*found[axis]) for axis in AXES]
    memory = f"{found['own_mb']:.0f} / {found['peak_mb']:.0f} MB"
    return f"{found['first_s']:.2f} s | {' | '.join(steps)} | {memory}"


def _space_words(found: dict[str, Any]) -> str:
    wall, cpu = found["surfaces"]
    frames = [f"{found[kind][0]:.0f} / {found[kind][1]:.0f} ms" for kind in ("coarse", "sharp")]
    return f"{wall:.1f} / {cpu:.1f} s | {' | '.join(frames)}"


def cool(folder: Path, edge: int) -> None:
    """Ask the system to forget what it keeps of the files."""
    for path in folder.glob(f"{edge}.*"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def warm(path: Path) -> None:
    """Read a file once, so that the system keeps it."""
    with path.open("rb", buffering=0) as file:
        while file.read(2**24):
            pass


# The volumes


def make_volume(folder: Path, edge: int) -> None:
    """Write noise with balls as MRC (float32), labels as .npy and both as a project, once."""
    if (folder / f"{edge}.sxt").exists():
        return
    rng = np.random.default_rng(0)
    labels_ZYX = np.lib.format.open_memmap(folder / f"{edge}.npy", "w+", np.uint8, (edge,) * 3)
    for number in range(40):
        radius = int(rng.integers(edge // 20, edge // 8))
        corner = rng.integers(0, edge - 2 * radius, 3)
        ball = np.sum((np.indices((2 * radius,) * 3) - radius) ** 2, axis=0) < radius**2
        box = tuple(slice(low, low + 2 * radius) for low in corner.tolist())
        labels_ZYX[box][ball] = number % 5 + 1
    labels_ZYX.flush()
    with (folder / f"{edge}.mrc").open("wb") as file:
        file.write(_mrc_header(edge))
        for labels_YX in labels_ZYX:
            lac_YX = 0.1 + 0.08 * labels_YX + rng.normal(0, 0.03, labels_YX.shape)
            file.write(lac_YX.astype("<f4").tobytes())
    _write_project(folder, edge)


def _mrc_header(edge: int) -> bytes:
    header = bytearray(HEADER_BYTES)
    header[:40] = np.array([edge] * 3 + [2] + [0] * 3 + [edge] * 3, "<i4").tobytes()
    header[40:64] = np.array([edge * 200.0] * 3 + [90.0] * 3, "<f4").tobytes()
    header[64:76] = np.array([1, 2, 3], "<i4").tobytes()
    header[76:88] = np.array([0, 1, 0.1], "<f4").tobytes()
    header[208:216] = b"MAP \x44\x44\0\0"
    return bytes(header)


def _write_project(folder: Path, edge: int) -> None:
    from sxtstudio.core.cell import Annotation, Cell
    from sxtstudio.core.volume import LabelMap
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.looking import open_file

    tomogram = open_file(folder / f"{edge}.mrc").tomogram
    labels_ZYX = np.load(folder / f"{edge}.npy", mmap_mode="r")
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM)
    annotation = Annotation(label_map=label_map, complete=frozenset())
    with Project.create(folder / f"{edge}.sxt") as project:
        project.add_cell(Cell(name="cell", tomogram=tomogram, annotations=(annotation,)))


def mapped(folder: Path, edge: int) -> np.ndarray:
    """Return the volume as a memory map."""
    return np.memmap(folder / f"{edge}.mrc", "<f4", "r", HEADER_BYTES, (edge,) * 3)


# What is measured in each program


def timed_steps(
    edge: int, steps: int, go: Callable[[int, int], None], work: Callable[[], None]
) -> dict[str, tuple[float, float, float, float]]:
    """Return p50, p95, and p95 undisturbed and of own work of steps along each axis, in ms.

    ``go`` asks for a plane and returns once it is drawn, ``work`` lets Qt do what else there is.
    """
    found: dict[str, tuple[float, float, float, float]] = {}
    for axis in range(3):
        first = edge // 3
        for index in (first - 1, first):  # the first plane of another axis is no step
            go(axis, index)
            work()
        times: list[tuple[float, float, float]] = []
        for index in range(first + 1, first + 1 + steps):
            begun, worked, waited = time.perf_counter(), time.thread_time(), queued_s()
            go(axis, index)
            wall, own = time.perf_counter() - begun, time.thread_time() - worked
            times.append((1000 * wall, 1000 * (wall - queued_s() + waited), 1000 * own))
            while time.perf_counter() < begun + PACE_S:
                work()
                time.sleep(0.001)
        p50, p95 = np.percentile(times, (50, 95), axis=0)
        found[AXES[axis]] = (float(p50[0]), *map(float, p95))
    return found


def queued_s() -> float:
    """Return how long this thread was ready to run and had to wait, in all; 0 if nobody counts."""
    counts = Path("/proc/thread-self/schedstat")
    return int(counts.read_text().split()[1]) / 1e9 if counts.exists() else 0.0


def memory_mb() -> dict[str, float]:
    """Return the memory that is this process's own, and the most it ever had with mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {
        "own_mb": int(fields["RssAnon"].split()[0]) / 1024,
        "peak_mb": int(fields["VmHWM"].split()[0]) / 1024,
    }


def show_project(folder: Path, edge: int, steps: int) -> dict[str, object]:
    """Measure SXT Studio with a cell of a project: 64³ chunks, labels compressed."""
    return _show_here(edge, steps, labels=True, path=folder / f"{edge}.sxt")


def show_mrc(folder: Path, edge: int, steps: int) -> dict[str, object]:
    """Measure SXT Studio with an MRC file that is only looked at."""
    return _show_here(edge, steps, labels=False, path=folder / f"{edge}.mrc")


def _show_here(edge: int, steps: int, *, labels: bool, path: Path) -> dict[str, object]:
    from PySide6.QtCore import QEventLoop

    from sxtstudio.gui.app import make_application, make_window

    application = make_application()
    window = make_window(remember=False)
    window.resize(*WINDOW)
    window.show()
    work = application.processEvents
    _work_for(work, 1.0)
    view, reader = window.session.view, window.session.view.reader

    def wait(condition: Callable[[], bool]) -> None:
        while not condition():
            work(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
        work()
        work()

    def go(axis: int, index: int) -> None:
        cursor = list(view.cursor)
        cursor[axis] = index
        view.set_cursor((cursor[0], cursor[1], cursor[2]))
        work()
        wait(lambda: reader.at_hand(axis, index))

    surfaces: list[int] = []
    window.views.viewer3d.surfaces_ready.connect(lambda: surfaces.append(1))
    begun = time.perf_counter()
    window.open_path(path)
    wait(lambda: view.tomogram is not None)
    wait(lambda: reader.at_hand(0, view.cursor[0]))
    found: dict[str, object] = {"first_s": time.perf_counter() - begun}
    print(f"memory at the first plane: {memory_mb()}", file=sys.stderr)
    wait(lambda: all(reader.at_hand(axis, view.cursor[axis]) for axis in range(3)))
    print(f"all three after {time.perf_counter() - begun:.2f} s", file=sys.stderr)
    wait(lambda: window.session.large.pyramid is not None)
    if labels:
        wait(lambda: view.label_map is not None)
        wait(lambda: len(surfaces) > 1 and window.views.viewer3d.canvas.sharp)  # the fine ones too
    warm(path)
    warm(path.with_suffix(".npy"))
    _work_for(work, 3.0)
    found |= timed_steps(edge, steps, go, work) | memory_mb()
    if labels:
        found |= timed_space(window, wait)
    window.close()
    return found


def timed_space(window: Any, wait: Callable[[Callable[[], bool]], None]) -> dict[str, Any]:
    """Return how long surfaces take (wall, CPU s), and p50 and p95 of frames in ms."""
    view, state = window.views.viewer3d, window.session.view
    seen: list[int] = []
    view.surfaces_ready.connect(lambda: seen.append(1))
    begun, worked = time.perf_counter(), time.process_time()
    state.set_labels(state.label_map, state.classes)
    wait(lambda: len(seen) >= 2 and view.canvas.sharp)
    surfaces = (time.perf_counter() - begun, time.process_time() - worked)
    coarse: list[float] = []
    sharp: list[float] = []
    for _ in range(FRAMES):
        begun = time.perf_counter()
        view.canvas.turn(6, 0)
        view.canvas.repaint()
        coarse.append(1000 * (time.perf_counter() - begun))
    for _ in range(FRAMES // 4):
        view.canvas.turn(6, 0)
        begun = time.perf_counter()
        view.canvas.update_picture()
        wait(lambda: view.canvas.sharp)
        sharp.append(1000 * (time.perf_counter() - begun))
    frames = {"coarse": coarse, "sharp": sharp}
    return {"surfaces": surfaces} | {
        kind: tuple(np.percentile(times, (50, 95)).tolist()) for kind, times in frames.items()
    }


def _work_for(work: Callable[[], None], seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        work()
        time.sleep(0.005)


def show_napari(folder: Path, edge: int, steps: int) -> dict[str, object]:
    """Measure napari with one layer of grey values and one of labels, both memory maps."""
    import napari
    from qtpy.QtWidgets import QApplication

    viewer = napari.Viewer(show=True)
    viewer.window.resize(*WINDOW)
    application = QApplication.instance()
    work = application.processEvents
    _work_for(work, 1.0)
    drawn: list[int] = []
    canvas = viewer.window._qt_viewer.canvas
    canvas._scene_canvas.events.draw.connect(lambda _event: drawn.append(1))

    def draw() -> None:
        before, end = len(drawn), time.perf_counter() + 30
        while len(drawn) == before and time.perf_counter() < end:
            work()

    def go(axis: int, index: int) -> None:
        if viewer.dims.order[0] != axis:
            viewer.dims.order = (axis, *(i for i in range(3) if i != axis))
        viewer.dims.set_current_step(axis, index)
        draw()

    begun = time.perf_counter()
    viewer.add_image(mapped(folder, edge), contrast_limits=(0, 0.6))
    draw()
    found: dict[str, object] = {"first_s": time.perf_counter() - begun}
    viewer.add_labels(np.load(folder / f"{edge}.npy", mmap_mode="r"))
    draw()
    warm(folder / f"{edge}.mrc")
    warm(folder / f"{edge}.npy")
    _work_for(work, 3.0)
    found |= timed_steps(edge, steps, go, work) | memory_mb()
    viewer.close()
    return found


def show_silx(folder: Path, edge: int, steps: int) -> dict[str, object]:
    """Measure silx' StackView with the grey values as a memory map."""
    from silx.gui import qt
    from silx.gui.colors import Colormap
    from silx.gui.plot.StackView import StackView

    application = qt.QApplication([])
    view = StackView()
    view.resize(*WINDOW)
    view.setColormap(Colormap("gray", vmin=0, vmax=0.6))
    view.show()
    work = application.processEvents
    _work_for(work, 1.0)
    volume = mapped(folder, edge)
    shown = [-1]

    def go(axis: int, index: int) -> None:
        if shown[0] != axis:
            view.setStack(volume, perspective=axis)
            shown[0] = axis
        view.setFrameNumber(index)
        view.getPlotWidget().replot()
        work()

    begun = time.perf_counter()
    go(0, edge // 2)
    found: dict[str, object] = {"first_s": time.perf_counter() - begun}
    warm(folder / f"{edge}.mrc")
    warm(folder / f"{edge}.npy")
    _work_for(work, 3.0)
    found |= timed_steps(edge, steps, go, work) | memory_mb()
    view.close()
    return found


if __name__ == "__main__":
    main()
