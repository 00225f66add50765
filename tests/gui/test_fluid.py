"""How late the window's own timer comes while a training runs: recorded, not judged."""

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer

from sxtstudio.core.events import Metrics
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.workflow.jobs import TrainingRequest
from tests.gui.projects import five_balls_cell, write_project

TICK_MS = 10
PATIENCE_MS = 120_000


def lateness_ms(qtbot, seconds: float, act) -> np.ndarray:
    """Return by how much each tick of a precise timer came too late, while ``act`` is done."""
    times = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: times.append(time.perf_counter()))
    timer.timeout.connect(lambda: act(len(times)))
    timer.start(TICK_MS)
    qtbot.wait(round(1000 * seconds))
    timer.stop()
    return np.maximum(np.diff(times) * 1000 - TICK_MS, 0)


@pytest.mark.slow
def test_the_window_turns_slices_while_a_real_training_runs(qtbot, tmp_path, record_property):
    window = MainWindow(Session(), remember=False)
    window.show()
    window.open_path(write_project(tmp_path / "p.sxt", five_balls_cell("a", 64)))
    view = window.session.view

    def turn_a_slice(tick: int) -> None:
        if tick % 10 == 0:
            view.set_cursor((tick // 10 % 64, 32, 32))

    qtbot.wait(500)
    before = lateness_ms(qtbot, 3, turn_a_slice)
    request = TrainingRequest(task="organelles", network=tmp_path / "n.sxtnet", threads=1)
    window.session.train(request)
    (job,) = window.session.jobs.jobs
    qtbot.waitUntil(lambda: any(isinstance(it, Metrics) for it in job.metrics), timeout=PATIENCE_MS)
    during = lateness_ms(qtbot, 8, turn_a_slice)
    window.session.jobs.cancel_all()
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=PATIENCE_MS)
    window.close()
    window.deleteLater()

    for name, values in (("idle", before), ("training", during)):
        figures = f"p99 {np.percentile(values, 99):.1f} ms, most {values.max():.1f} ms"
        record_property(f"lateness_{name}", figures)
        print(f"{name}: {figures}")  # noqa: T201 - this is what the test is for
    assert len(during) > 100
    assert len(job.metrics) > 1
