"""The window can be closed at any moment: nothing crashes, nothing is left, nothing is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sxtstudio.core.brush import disc_stroke
from sxtstudio.gui import messages
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.painting.leaving import DISCARD, KEEP
from sxtstudio.gui.session import Session
from tests.gui.projects import five_balls_cell, two_cell_project, write_project

LONGEST_S = 600

_PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from sxtstudio.core.transfer_presets import PRESETS
from sxtstudio.gui import messages
from sxtstudio.gui.app import make_application, make_window
from sxtstudio.gui.space.output_dialogs import FilmDialog

project, out, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
application = make_application()
window = make_window(remember=False)
window.show()
view = window.views.viewer3d
messages.choose_new_file = lambda *_: out

def mesh():
    window.close()

def volume():
    view.space.set_scene(replace(view.space.scene, volume=PRESETS[0]))
    window.close()

def film():
    view.controls.film_wanted.emit()
    dialog = window.findChild(FilmDialog)
    dialog.seconds_box.setValue(30)
    dialog.accept()
    QTimer.singleShot(300, window.close)

def twice():
    window.close()
    window.close()

def undocked():
    window.theming.choose_theme("light")
    window.views.toggle_undocked(view)
    window.close()

window.session.open(project)
QTimer.singleShot(0, {"mesh": mesh, "volume": volume, "film": film, "twice": twice,
                      "undocked": undocked}[what])
code = application.exec()
sys.exit(code)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("closing")
    return write_project(folder / "p.sxt", five_balls_cell("balls", 72))


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S + 30)
@pytest.mark.parametrize("what", ["mesh", "volume", "film", "twice", "undocked"])
def test_closing_while_something_goes_on_ends_with_0_and_without_a_word(project, tmp_path, what):
    out = tmp_path / "film.mp4"
    command = [sys.executable, "-c", _PROGRAM, str(project), str(out), what]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=LONGEST_S, env=environment
    )

    told = [it for it in ended.stderr.splitlines() if "plugin does not support" not in it]
    assert (ended.returncode, told) == (0, [])
    assert list(tmp_path.iterdir()) == []  # a film that was broken off leaves nothing


@pytest.fixture
def painted(qtbot, tmp_path) -> Iterator[MainWindow]:
    window = MainWindow(Session(), remember=False)
    window.show()
    window.session.open(two_cell_project(tmp_path / "p.sxt"))
    window.session.select(window.session.cells()[0].id)
    window.actions_by_name["edit_labels"].trigger()
    editing, shape = window.painting.editing, window.session.view.label_map.shape
    editing.begin_stroke("brush")
    start, stop = (12.0, 4.0, 4.0), (12.0, 4.0, 18.0)
    editing.paint(disc_stroke(start, stop, 0.15, (0.05,) * 3, shape, 0))
    editing.end_stroke()
    assert editing.unsaved == 1
    yield window
    window.close()


@pytest.mark.parametrize("answer", [KEEP, DISCARD])
def test_quitting_with_unsaved_painting_asks_each_time_until_it_is_answered(
    qtbot, monkeypatch, painted, tmp_path, answer
):
    answers, asked = [None, None, answer], []
    monkeypatch.setattr(
        messages, "ask_which", lambda *words: (asked.append(words[1]), answers.pop(0))[1]
    )
    painted.actions_by_name["quit"].trigger()
    painted.close()
    assert painted.isVisible()
    assert painted.painting.editing.unsaved == 1

    painted.actions_by_name["quit"].trigger()

    qtbot.waitUntil(lambda: not painted.isVisible(), timeout=20_000)
    painted.close()
    assert asked == ["Keep the edits?"] * 3
    assert len(list(tmp_path.glob("*.edits"))) == (answer == KEEP)


def test_a_window_that_was_closed_can_be_closed_again(qtbot, tmp_path):
    window = MainWindow(Session(), remember=False)
    window.show()
    window.session.open(two_cell_project(tmp_path / "p.sxt"))

    assert window.close()
    assert window.close()

    assert window.session.project is None
