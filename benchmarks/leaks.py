"""Whether the window grows, complains or crashes when one works in it for a long time.

    .venv/bin/python benchmarks/leaks.py [--cycles 200] [--edge 64] [--json FILE]

One cycle opens a project, looks at both of its cells, waits for the surfaces, undocks two views and
docks them, floats a dock, goes through the layouts, switches theme and class colours, asks for the
volume in 3D, opens and closes dialogs, visits the library's page, and closes the project. The first
cycles warm up caches; what the process holds in memory after the last is compared with what it held
after those. Without a display it runs on Qt's screenless platform.

The exit code is 0 if memory grew by less than the limit and Qt said nothing; a crash while the
program ends shows as any other code.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QDialog, QDockWidget

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.transfer_presets import PRESETS
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.app import has_display, make_application, make_window
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.project.project import Project

LIMIT_MB = 50.0
PLACES = ("CONFIG", "DATA", "CACHE", "STATE")
VOXEL_UM = (0.05, 0.05, 0.05)
NAMES = {1: "nucleus", 2: "mitochondria", 3: "lipid", 4: "starch"}
DIALOGS = ("train", "segment", "export", "vocabulary", "task", "go_to")
EXPECTED_WORDS = ("This plugin does not support",)
LONGEST_WAIT_S = 30


def main() -> int:
    """Run the cycles, print what was seen, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--edge", type=int, default=64)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sxt-leaks-"))
    prepare(folder)
    said: list[str] = []
    qInstallMessageHandler(lambda _kind, _context, words: said.append(words))
    make_application()
    project = write_project(folder / "p.sxt", args.edge)
    window = make_window(remember=True)
    window.show()
    rows = [row()]
    for number in range(args.cycles):
        cycle(window, project, number)
        rows.append(row())
        if number % 10 == 0 or number == args.cycles - 1:
            print(words(number, rows[-1]), flush=True)
    window.close()
    wait(100)
    shutil.rmtree(folder, ignore_errors=True)
    warnings = [it for it in said if not it.startswith(EXPECTED_WORDS)]
    return judge(rows, warnings, args)


def prepare(folder: Path) -> None:
    """Give this process settings of its own, and a screen if it has none; Qt reads both later."""
    for place in PLACES:
        os.environ[f"XDG_{place}_HOME"] = str(folder / place.lower())
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def judge(rows: list[dict[str, float]], warnings: list[str], args: argparse.Namespace) -> int:
    """Print growth and warnings; return 0 if both are as they should be."""
    warm = min(args.warm_up, args.cycles // 2)
    growth_mb = rows[-1]["rss_mb"] - rows[warm]["rss_mb"]
    figures = {
        "cycles": args.cycles,
        "rss_mb_after_warm_up": rows[warm]["rss_mb"],
        "rss_mb_at_the_end": rows[-1]["rss_mb"],
        "growth_mb": growth_mb,
        "widgets_after_warm_up": rows[warm]["widgets"],
        "widgets_at_the_end": rows[-1]["widgets"],
        "warnings": warnings,
    }
    print(json.dumps(figures, indent=1))
    if args.json is not None:
        args.json.write_text(json.dumps(figures), encoding="utf-8")
    return 0 if growth_mb < LIMIT_MB and not warnings else 1


def row() -> dict[str, float]:
    """Return what the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "rss_mb": pages * os.sysconf("SC_PAGESIZE") / 2**20,
        "widgets": len(QApplication.allWidgets()),
    }


def words(number: int, held: dict[str, float]) -> str:
    """Return one line about a cycle."""
    return f"cycle {number + 1:4}  {held['rss_mb']:7.1f} MB  {held['widgets']:5.0f} widgets"


def cycle(window: MainWindow, project: Path, number: int) -> None:
    """Open the project, do what one does with it, close it."""
    session, views, act = window.session, window.views, window.actions_by_name
    session.open(project)
    for cell in session.cells():
        ready: list[bool] = []
        signal = views.viewer3d.surfaces_ready
        heard = signal.connect(lambda ready=ready: ready.append(True))
        session.select(cell.id)
        until(lambda ready=ready: bool(ready))
        signal.disconnect(heard)
    undock_and_dock(window)
    float_a_dock(window, number)
    for name in ("layout_big", "layout_pair", "layout_one", "layout_all", "fit"):
        act[name].trigger()
        wait(10)
    act["theme_light" if number % 2 else "theme_dark"].trigger()
    act["colours_safe" if number % 2 else "colours_standard"].trigger()
    show_the_volume(window)
    for name in DIALOGS:
        open_and_close(window, name)
    for _ in range(2):
        act["library"].trigger()
        wait(20)
    session.close_project()
    wait(50)


def undock_and_dock(window: MainWindow) -> None:
    """Give two views windows of their own, and take them back."""
    for panel in (window.views.panels[0], window.views.viewer3d):
        window.views.toggle_undocked(panel)
        wait(20)
        window.views.toggle_undocked(panel)
        wait(10)


def float_a_dock(window: MainWindow, number: int) -> None:
    """Let one dock after the other float, and put it back."""
    docks = window.findChildren(QDockWidget)
    dock = docks[number % len(docks)]
    dock.show()
    dock.setFloating(True)
    wait(20)
    dock.setFloating(False)
    wait(10)


def show_the_volume(window: MainWindow) -> None:
    """Draw the tomogram in 3D, and only surfaces again."""
    space = window.views.viewer3d.space
    plain = space.scene
    space.set_scene(replace(plain, volume=PRESETS[0]))
    until(lambda: window.views.viewer3d.position not in ("", "Preparing the volume …"))
    space.set_scene(plain)
    wait(20)


def open_and_close(window: MainWindow, name: str) -> None:
    """Open the dialog of a command, and close it as Escape does."""
    window.actions_by_name[name].trigger()
    wait(20)
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            dialog.reject()
    wait(10)


def wait(milliseconds: int) -> None:
    """Let the window work."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(condition: Callable[[], bool]) -> None:
    """Let the window work until something is so; a window that hangs is an error."""
    stop = time.monotonic() + LONGEST_WAIT_S
    while not condition():
        if time.monotonic() > stop:
            raise TimeoutError("the window did not get there")
        wait(5)


def write_project(path: Path, edge: int) -> Path:
    """Write a project of two cells with four balls each."""
    z, y, x = np.indices((edge,) * 3) / edge
    labels_ZYX = np.zeros((edge,) * 3, np.uint8)
    for label, (cy, cx) in enumerate(((0.3, 0.3), (0.3, 0.7), (0.7, 0.3), (0.7, 0.7)), start=1):
        labels_ZYX[(z - 0.5) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < 0.17**2] = label
    noise_ZYX = np.random.default_rng(1).normal(0, 0.01, labels_ZYX.shape)
    tomogram = Tomogram(
        lac_ZYX=(0.1 + 0.1 * labels_ZYX + noise_ZYX).astype(np.float32), voxel_size_um=VOXEL_UM
    )
    drawn = LabelMap(labels_ZYX=labels_ZYX, names=NAMES, voxel_size_um=VOXEL_UM)
    annotation = Annotation(label_map=drawn, complete=frozenset(NAMES.values()))
    with Project.create(path) as project:
        for name in ("one", "two"):
            cell = Cell(name=name, tomogram=tomogram, annotations=(annotation,))
            project.add_cell(cell, source="benchmark")
    return path


if __name__ == "__main__":
    sys.exit(main())
