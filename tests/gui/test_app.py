"""Starting, crashing, ending; the picture of the window that needs no screen."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from sxtstudio.core.errors import FileError, ProjectError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.gui import app, messages
from tests.gui.pictures import hue_share
from tests.gui.projects import five_balls_cell, two_cell_project, write_project


@pytest.fixture
def told(monkeypatch):
    sentences = []
    for name in ("show_error", "show_crash"):
        monkeypatch.setattr(
            messages,
            name,
            lambda *words, name=name: sentences.append((name, " ".join(map(str, words[1:])))),
        )
    return sentences


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def pixels(path: Path) -> np.ndarray:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def test_importing_the_window_does_not_load_torch():
    code = (
        "import sys, sxtstudio.gui.app, sxtstudio.gui.main_window\n"
        "sys.exit(str(sorted({'torch', 'matplotlib', 'skimage'} & set(sys.modules))))"
    )

    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)

    assert ended.stderr.strip() == "[]"


def test_the_picture_of_the_window_shows_the_cell_in_five_colours_without_a_display(tmp_path):
    project = write_project(tmp_path / "p.sxt", five_balls_cell("balls", 40))
    code = (
        "from pathlib import Path\n"
        "from sxtstudio.gui.app import write_window_picture\n"
        f"write_window_picture(Path({str(project)!r}), 'balls', Path({str(tmp_path)!r}) / 'w.png')"
    )
    nobody = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: it for name, it in os.environ.items() if name not in nobody}

    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)

    rgb = pixels(tmp_path / "w.png")
    assert rgb.shape == (1000, 1600, 3)
    ontology = default_ontology()
    for class_id in ("nucleus", "mitochondria", "lipid", "starch", "vacuole"):
        assert hue_share(rgb, ontology[class_id].colour) > 0.001, class_id


def test_a_picture_that_cannot_be_written_is_told(qtbot, tmp_path):
    project = write_project(tmp_path / "p.sxt", five_balls_cell("bare", labelled=False))

    with pytest.raises(FileError, match=r"no/w\.png: the picture cannot be written"):
        app.write_window_picture(project, "bare", tmp_path / "no" / "w.png", size=(900, 600))


def test_a_picture_of_an_unknown_cell_is_refused(qtbot, tmp_path):
    project = two_cell_project(tmp_path / "p.sxt")

    with pytest.raises(ProjectError, match="nobody"):
        app.write_window_picture(project, "nobody", tmp_path / "w.png")

    assert not (tmp_path / "w.png").exists()


def test_the_window_opens_a_project_and_ends_with_0(qtbot, told, tmp_path):
    seen = []

    def look() -> None:
        (window,) = [
            it for it in QApplication.topLevelWidgets() if it.objectName() == "main_window"
        ]
        if not window.session.cells():
            QTimer.singleShot(50, look)
            return
        seen.append([cell.name for cell in window.session.cells()])
        window.close()

    QTimer.singleShot(200, look)
    before = sys.excepthook

    assert app.run(two_cell_project(tmp_path / "p.sxt")) == 0

    assert seen == [["drawn", "bare"]]
    assert told == []
    assert sys.excepthook is before


def test_a_project_that_cannot_be_opened_at_the_start_is_told(qtbot, told, tmp_path):
    def close() -> None:
        if not told:
            QTimer.singleShot(50, close)
            return
        for widget in QApplication.topLevelWidgets():
            widget.close()

    QTimer.singleShot(200, close)

    assert app.run(tmp_path / "missing.sxt") == 0

    ((kind, words),) = told
    assert kind == "show_error"
    assert "missing.sxt" in words


def test_words_for_what_the_user_can_mend_a_report_for_a_bug(qtbot, told, tmp_path):
    hook = app.crash_hook(tmp_path / "log")
    sentence, bug = raised(FileError("a.mrc: is missing.")), raised(KeyError("x"))

    hook(type(sentence), sentence, sentence.__traceback__)
    hook(type(bug), bug, bug.__traceback__)

    assert told[0] == ("show_error", "SXT Studio a.mrc: is missing.")
    kind, words = told[1]
    assert kind == "show_crash"
    assert str(tmp_path / "log") in words
    assert "KeyError: 'x'" in words
    assert "Python 3" in words


@pytest.mark.parametrize(
    ("variable", "seen"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("OTHER", False)]
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_a_display_is_told_by_its_variable(monkeypatch, variable, seen):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, ":9")

    assert app.has_display() is seen


def test_thousands_of_signals_do_not_end_the_interpreter(qtbot):
    class Sender(QObject):
        sent = Signal(bool)

    heard = []
    sender = Sender()
    sender.sent.connect(heard.append)
    before = sys.getrefcount(True)

    for _ in range(5000):
        sender.sent.emit(True)

    heard.clear()
    assert sys.getrefcount(True) > before - 500
