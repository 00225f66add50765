"""Random mouse use of the editor in the real window: nothing crashes, leaks, or gets lost.

    xvfb-run python benchmarks/editing_random.py --minutes 10 [--kills 3] [--edge 64] [--seed 1]

A child process opens a project and drives the window by mouse and keys, with all tools, undo and
redo. Now and then it takes everything back and compares with the start, then does it all again. The
parent kills it at random moments (SIGKILL), reads its journal and asserts that no more than two
seconds of edits are missing; the next child goes on from a recovered journal. Memory is read from
/proc and must not grow by more than `MOST_GROWTH_MB` once the first minute is over.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
MOST_GROWTH_MB = 300
LOST_S = 2.0
_SETTLING_S = 60
_PATIENCE_S = 120.0


def memory_mb(pid: int) -> float:
    """Return the memory that a process has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def make_project(path: Path, edge: int) -> None:
    """Write a project with one drawn cell."""
    from tests.gui.projects import two_cell_project

    two_cell_project(path, edge)


class Driver:
    """Uses the window as an impatient person would."""

    def __init__(self, path: Path, seed: int) -> None:
        from sxtstudio.gui import messages
        from sxtstudio.gui.app import make_window

        messages.ask_which = lambda *_words: "Recover"
        messages.show_error = lambda *words: print("ERROR", words[-1], flush=True)
        self.rng = np.random.default_rng(seed)
        self.window = make_window(remember=False)
        self.window.resize(1200, 800)
        self.window.show()
        self.window.open_path(path)
        self.window.session.select(self.window.session.cells()[0].id)
        self.wait(500)
        if not self.editing.active:
            self.window.actions_by_name["edit_labels"].trigger()
        until = time.monotonic() + _PATIENCE_S
        while not self.editing.active and time.monotonic() < until:
            self.wait(50)
        assert self.editing.active, "editing did not begin"
        self.start = self.labels.copy() if not self.editing.editor.undo_count else None

    @property
    def editing(self):  # noqa: ANN201 - the window is imported late
        """What is being edited."""
        return self.window.painting.editing

    @property
    def labels(self) -> np.ndarray:
        """The labels as they are."""
        return self.editing.editor.labels_ZYX

    def wait(self, ms: int) -> None:
        """Let the window work."""
        from PySide6.QtTest import QTest

        QTest.qWait(ms)

    def idle(self) -> None:
        """Wait until nothing is looked for, or call it off."""
        until = time.monotonic() + _PATIENCE_S
        while self.editing.busy:
            self.wait(10)
            if self.rng.random() < 0.02:
                self.editing.cancel()
            assert time.monotonic() < until, "a tool does not end"

    def step(self) -> str:
        """Do something, and return what."""
        from sxtstudio.gui.painting.toolbox import TOOLS

        luck = self.rng.random()
        if luck < 0.15:
            self.editing.undo()
            return "undo"
        if luck < 0.22:
            self.editing.redo()
            return "redo"
        settings = self.window.painting.settings
        tool = str(self.rng.choice([name for name in TOOLS if name != "look"]))
        settings.set_tool(tool)
        settings.set_label(int(self.rng.integers(0, 6)))
        settings.set_reach(str(self.rng.choice(["slice", "space", "everywhere"])))
        settings.set_locked(1, locked=bool(self.rng.random() < 0.2))
        self.drag(int(self.rng.integers(3)))
        self.idle()
        self.finish()
        return tool

    def drag(self, plane: int) -> None:
        """Press, move some times, and release, somewhere in a plane."""
        from PySide6.QtCore import Qt

        from tests.gui import mouse

        view = self.window.views.slices[plane]
        area, left = view.canvas.viewport(), Qt.MouseButton.LeftButton
        self.window.session.view.set_cursor(tuple(self.rng.integers(0, self.labels.shape)))
        size = area.width(), area.height()
        place = self.rng.uniform(0.2, 0.8, 2) * size
        mouse.press(area, left, _point(place))
        for _ in range(int(self.rng.integers(1, 12))):
            place = np.clip(place + self.rng.normal(0, 25, 2), 2, np.array(size) - 3)
            mouse.move(area, left, _point(place))
        mouse.release(area, left, _point(place))

    def finish(self) -> None:
        """Apply what is shown, or drop it."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        apply = self.rng.random() < 0.7
        which = Qt.Key.Key_Return if apply else Qt.Key.Key_Escape
        QTest.keyClick(self.window.views.slices[0].canvas, which)
        self.idle()

    def check(self) -> None:
        """Take everything back, compare, and do it again."""
        editor = self.editing.editor
        self.idle()
        end, count = self.labels.copy(), editor.undo_count
        for _ in range(count):
            self.editing.undo()
        if self.start is None:
            self.start = self.labels.copy()
        assert np.array_equal(self.labels, self.start), "undoing all is not the start"
        for _ in range(count):
            self.editing.redo()
        assert np.array_equal(self.labels, end), "redoing all is not the end"
        self.wait(1)


def _point(place: np.ndarray):  # noqa: ANN202 - Qt is imported late
    from PySide6.QtCore import QPointF

    return QPointF(float(place[0]), float(place[1]))


def child(path: Path, seed: int) -> None:
    """Drive until killed, telling after each step what is done and how much is unsaved."""
    from sxtstudio.gui.app import make_application

    application = make_application()
    driver = Driver(path, seed)
    for number in range(1_000_000):
        did = driver.step()
        if number % 150 == 149:
            driver.check()
            did += "+check"
        print(did, driver.editing.editor.undo_count, time.time(), flush=True)
        application.processEvents()


def edits_in(path: Path) -> int:
    """Return how many edits a journal can undo."""
    from sxtstudio.core.edit_log import Began, Redone, Undone
    from sxtstudio.io.edit_journal import read_entries

    done = undone = 0
    for entry in read_entries(path):
        match entry:
            case Began():
                done, undone = done + 1, 0
            case Undone():
                done, undone = done - 1, undone + 1
            case Redone():
                done, undone = done + 1, undone - 1
            case _:
                pass
    return done


def run_once(path: Path, seconds: float, seed: int) -> dict[str, int]:
    """Let a child work for some time and kill it; return how often each tool was used."""
    told: list[tuple[float, int]] = []
    used: dict[str, int] = {}
    memory: list[float] = []
    command = [sys.executable, __file__, "--child", str(path), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        begun = None
        while begun is None or time.monotonic() < begun + seconds:
            line = process.stdout.readline()
            assert line, f"the window ended by itself: {process.wait()}"
            if line.startswith("ERROR"):
                print(line.strip())
                continue
            did, count, at = line.split()
            begun = begun or time.monotonic()
            used[did] = used.get(did, 0) + 1
            told.append((float(at), int(count)))
            if time.monotonic() > begun + min(_SETTLING_S, seconds / 3):
                memory.append(memory_mb(process.pid))
        process.send_signal(signal.SIGKILL)
        killed = time.time()
    check_journal(path, told, killed)
    growth = max(memory) - memory[0]
    print(f"{len(told)} steps, {told[-1][1]} to undo, memory {memory[0]:.0f} MB, +{growth:.0f} MB")
    assert growth < MOST_GROWTH_MB, "memory grows"
    return used


def check_journal(path: Path, told: list[tuple[float, int]], killed: float) -> None:
    """Assert that the journal holds a state of the last two seconds, or the one before them."""
    journals = list(path.parent.glob("*.edits"))
    if not journals:
        assert not any(count for at, count in told if at < killed - LOST_S)
        return
    kept = edits_in(journals[0])
    recent = [count for at, count in told if at >= killed - LOST_S]
    before = [count for at, count in told if at < killed - LOST_S][-1:]
    low, high = min(before + recent), max(before + recent) + 1
    print(f"killed: journal has {kept} edits, the window told {told[-1][1]}")
    assert low - 1 <= kept <= high, f"{kept} edits are kept, {low} to {high} were to be"


def main() -> None:
    """Drive, kill, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--edge", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if options.child is not None:
        child(options.child, options.seed)
        return
    luck, used = random.Random(options.seed), {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.sxt"
        make_project(path, options.edge)
        for number in range(options.kills):
            share = 60 * options.minutes / options.kills * luck.uniform(0.8, 1.2)
            for tool, count in run_once(path, share, options.seed + number).items():
                used[tool] = used.get(tool, 0) + count
    print("used:", ", ".join(f"{tool} {count}" for tool, count in sorted(used.items())))


if __name__ == "__main__":
    main()
