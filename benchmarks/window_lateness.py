"""How late the window's event loop is while a training runs beside it, and while one scrolls.

    .venv/bin/python benchmarks/window_lateness.py PROJECT.sxt TASK [--seconds 60]

Opens the real window on a project (a copy of it: a network is added), starts a training job as its
dialog does, steps a slice ten times a second, and measures how late a 10 ms timer fires.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from sxtstudio.gui.app import make_application, make_window
from sxtstudio.workflow.jobs import TrainingRequest

TICK_MS = 10


def watch(seconds: float, step: object = None) -> np.ndarray:
    """Return how late each tick of a precise timer was, in ms, over some seconds."""
    loop, late_ms = QEventLoop(), []
    due = time.perf_counter() + TICK_MS / 1000

    def tick() -> None:
        nonlocal due
        now = time.perf_counter()
        late_ms.append(max(0.0, (now - due) * 1000))
        due = now + TICK_MS / 1000

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(TICK_MS)
    scroll = QTimer()
    if callable(step):
        scroll.timeout.connect(step)
        scroll.start(100)
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    return np.array(late_ms)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("task")
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    project = Path(shutil.copy(args.project, folder / "p.sxt"))
    application = make_application()
    window = make_window(remember=False)
    window.show()
    window.session.open(project)
    watch(10)

    def step() -> None:
        z, y, x = window.session.view.cursor
        window.session.view.set_cursor(((z + 1) % 40, y, x))

    rows = {"idle": watch(10)}
    request = TrainingRequest(task=args.task, network=folder / "n.sxtnet", minutes=60)
    window.session.train(request)
    rows["training starts"] = watch(15)
    rows["training"] = watch(args.seconds)
    rows["training, scrolling"] = watch(args.seconds / 2, step)
    for name, late_ms in rows.items():
        p50, p99 = np.percentile(late_ms, (50, 99))
        print(f"{name:20} median {p50:5.1f}  p99 {p99:5.1f}  max {late_ms.max():6.1f} ms")
    window.session.close()
    application.quit()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
