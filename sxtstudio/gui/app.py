"""Starting the window, ending it, and what happens when something goes wrong in between.

Widgets are imported when the window is made, so that this module is cheap to import.
"""

import gc
import logging
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEventLoop,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from sxtstudio import __version__
from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.diagnostics import log_path
from sxtstudio.gui.garbage import GarbageCollector
from sxtstudio.gui.memory import give_back_after_projects, share_free_memory
from sxtstudio.gui.settings import remembered_theme
from sxtstudio.gui.theme import apply_theme, icon, system_theme_changed

if TYPE_CHECKING:
    from sxtstudio.gui.main_window import MainWindow

logger = logging.getLogger(__name__)

_LOG_BYTES = 1_000_000
_LONGEST_WAIT_S = 120
_SETTLE_MS = 150

SWITCH_S = 0.0005
"""How long a thread keeps Python's lock while another wants it: the window's gives it up for each
call of Qt and VTK. Beside the drawing of a large picture the window's longest pause was 127 to
185 ms with Python's own 5 ms, and 83 to 87 ms with this."""


def run(path: Path | None) -> int:
    """Open the window, on a project if there is one to open, and return the exit code."""
    application = make_application()
    log = _start_log()
    before = sys.excepthook
    sys.excepthook = crash_hook(log)
    try:
        window = make_window()
        window.show()
        if path is not None:
            QTimer.singleShot(0, window, lambda: window.open_paths([path]))
        gc.freeze()  # what is there now stays: looking it all through would take 60 ms each time
        return application.exec()
    finally:
        sys.excepthook = before


def make_application() -> QApplication:
    """Return the application with its name and its look; there is one a process."""
    share_free_memory()
    sys.setswitchinterval(SWITCH_S)
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("SXT Studio")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("sxtstudio")
    application.setWindowIcon(icon("sxtstudio"))
    if not application.styleSheet():  # the same application may be asked for again
        GarbageCollector(application)
        system_theme_changed().connect(_follow_system)
    apply_theme(application, remembered_theme())
    return application


def _follow_system(_scheme: Qt.ColorScheme) -> None:
    """Have the look that the system asks for now, unless the user chose one."""
    application = QApplication.instance()
    if remembered_theme() == "system" and isinstance(application, QApplication):
        apply_theme(application)


def make_window(*, remember: bool = True) -> "MainWindow":
    """Return the window, empty; unless it is to remember, it has its first layout."""
    from sxtstudio.gui.main_window import MainWindow
    from sxtstudio.gui.session import Session

    session = Session()
    give_back_after_projects(session)
    return MainWindow(session, remember=remember)


def write_window_picture(
    project_path: Path,
    cell_name: str,
    png_path: Path,
    size: tuple[int, int] = (1600, 1000),
) -> None:
    """Write the window as it shows one cell to a PNG; needs no display.

    Raises
    ------
    ProjectError
        If the project cannot be opened or has no such cell.
    FileError
        If the picture cannot be written.
    """
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    before = qInstallMessageHandler(_log_qt)  # the screenless platform talks much
    make_application()
    window = make_window(remember=False)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.resize(*size)
    try:
        window.session.open(project_path)
        window.session.select(window.session.require_project().cell(cell_name).id)
        window.show()
        _wait_for_surfaces(window)
        if not window.grab().save(str(png_path), "PNG"):
            raise FileError(f"{png_path}: the picture cannot be written; is there such a folder?")
    finally:
        window.close()
        window.deleteLater()
        qInstallMessageHandler(before)


def _log_qt(_kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
    logger.info("Qt: %s", words)


def has_display() -> bool:
    """Return whether a window can be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _wait_for_surfaces(window: "MainWindow") -> None:
    """Let the window work until its surfaces are there and every view is painted."""
    loop = QEventLoop()
    ready: list[bool] = []
    window.views.viewer3d.surfaces_ready.connect(lambda: ready.append(True))
    has_labels = window.session.view.label_map is not None
    stop = time.monotonic() + _LONGEST_WAIT_S
    while has_labels and not ready and time.monotonic() < stop:
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    QTimer.singleShot(_SETTLE_MS, loop.quit)
    loop.exec()


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def crash_hook(log: Path) -> Hook:
    """Return an exception hook: words for what the user can mend, a report for a bug."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QApplication.exit(130)
            return
        parent = QApplication.activeWindow()
        if isinstance(error, SxtError):
            messages.show_error(parent, "SXT Studio", str(error))
            return
        logger.error("unexpected", exc_info=(kind, error, trace))
        report = crash_report("".join(traceback.format_exception(kind, error, trace)))
        words = f"Something went wrong that should not. It is noted in {log}."
        messages.show_crash(parent, words, report)

    return hook


def crash_report(trace: str) -> str:
    """Return what helps to find a bug: versions and the trace, no image data."""
    return (
        f"SXT Studio {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
        f"{trace}"
    )


def _start_log() -> Path:
    path = log_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("sxtstudio")
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path
