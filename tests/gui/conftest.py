"""Every test of the window: no screen, settings of its own, nothing left running."""

import gc
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from sxtstudio.gui.garbage import collect_what_is_due

# Qt reads these when an application is made, not when it is imported.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_HOME = Path(tempfile.mkdtemp(prefix="sxt-test-settings-"))
for _variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = str(_HOME / _variable.lower())

_PATIENCE_S = 5.0
_LONGEST_BOX_S = 40.0
_SAID_BY_THE_OFFSCREEN_PLATFORM = r"This plugin does not support"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all warnings of Qt fail a test but what the screenless platform says of itself."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.qt_log_ignore(_SAID_BY_THE_OFFSCREEN_PLATFORM))


@pytest.fixture(scope="session", autouse=True)
def settings_of_its_own() -> Iterator[None]:
    """Keep the settings of the person who runs the tests out of them."""
    QThreadPool.globalInstance().setExpiryTimeout(50)
    QSettings.setPath(
        QSettings.Format.NativeFormat, QSettings.Scope.UserScope, os.environ["XDG_CONFIG_HOME"]
    )
    yield
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def garbage_is_collected_in_the_thread_of_the_window() -> Iterator[None]:
    """Do as the program does, so that no thread of a test ends the widgets of an earlier one."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread, a process or an open dialog."""
    threads = _qt_threads() | _python_threads()
    processes = _children()
    yield
    QThreadPool.globalInstance().waitForDone(int(1000 * _PATIENCE_S))
    _wait_until(lambda: not (_qt_threads() | _python_threads()) - threads)
    _wait_until(lambda: not _children() - processes)
    assert not _new_words(_qt_threads() | _python_threads(), threads, "threads")
    assert not _new_words(_children(), processes, "processes")
    assert not _open_dialog(), "a dialog is still open"
    collect_what_is_due()


@pytest.fixture(autouse=True)
def no_box_waits_for_ever(qapp: QApplication) -> Iterator[None]:
    """Close a box that nobody answers, and fail the test that opened it.

    A box runs its own loop in C++, out of reach of pytest's time limit.
    """
    unanswered: list[str] = []
    since: dict[QWidget, float] = {}

    def look() -> None:
        box = QApplication.activeModalWidget()
        if box is None:
            since.clear()
        elif time.monotonic() - since.setdefault(box, time.monotonic()) > _LONGEST_BOX_S:
            labels = (label.text() for label in box.findChildren(QLabel))
            unanswered.append(" | ".join([box.windowTitle(), *labels]))
            since.clear()
            box.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(500)
    yield
    timer.stop()
    assert not unanswered, f"nobody answered: {unanswered}"


def _open_dialog() -> bool:
    return QApplication.instance() is not None and QApplication.activeModalWidget() is not None


def _new_words(now: set[str], before: set[str], what: str) -> str:
    new = sorted(now - before)
    return f"{what} still running: {', '.join(new)}" if new else ""


def _wait_until(condition) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not condition() and time.monotonic() < end:
        application = QApplication.instance()
        if application is not None:
            application.processEvents()
        time.sleep(0.01)


def _python_threads() -> set[str]:
    # A thread of Qt's that asks Python for its name stays listed as a dummy after its end.
    return {
        f"{thread.name} ({thread.ident})"
        for thread in threading.enumerate()
        if not thread.name.startswith("Dummy")
    }


def _qt_threads() -> set[str]:
    """Return the kernel's names of QThreads.

    Threads of drivers and of VTK come and go, and Qt keeps a pool of its own for scaling images;
    a pool waits for its threads by itself.
    """
    names = set()
    for task in Path("/proc/self/task").glob("*/comm"):
        try:
            name = task.read_text().strip()
        except OSError:
            continue  # it has just ended
        if name.endswith("Thread"):
            names.add(f"{name} ({task.parent.name})")
    return names


def _children() -> set[str]:
    me = os.getpid()
    children = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue  # it has just ended
        name, _, rest = text.rpartition(")")
        state, parent = rest.split()[:2]
        if int(parent) == me and state != "Z":
            children.add(f"{name.partition('(')[2]} ({stat.parent.name})")
    return children
