"""What everything else depends on is awaited while the window goes on being drawn."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from sxtstudio.core.errors import ProjectError
from sxtstudio.gui.beside import wait_beside
from sxtstudio.gui.session import Session
from tests.gui.projects import five_balls_cell, write_project

PATIENCE_S = 60.0


def test_the_loop_turns_until_the_result_is_there(qtbot):
    turns, enough = [], threading.Event()
    timer = QTimer()

    def turn() -> None:
        turns.append(threading.get_ident())
        if len(turns) == 20:
            enough.set()

    timer.timeout.connect(turn)
    timer.start(0)

    def work() -> int:
        assert enough.wait(PATIENCE_S)
        return threading.get_ident()

    where = wait_beside(work)

    timer.stop()
    assert len(turns) >= 20
    assert set(turns) == {threading.get_ident()}
    assert where != threading.get_ident()


def test_what_is_raised_there_is_raised_here(qtbot):
    def refuse() -> None:
        raise ProjectError("No.")

    with pytest.raises(ProjectError, match="No"):
        wait_beside(refuse)
    assert wait_beside(lambda: 3) == 3


def test_a_project_that_cannot_be_opened_leaves_the_one_before(qtbot, tmp_path: Path):
    session = Session()
    good = write_project(tmp_path / "good.sxt", five_balls_cell("a"))
    (tmp_path / "bad.sxt").write_bytes(b"not a project")
    session.open(good)

    with pytest.raises(ProjectError, match="not a project"):
        session.open(tmp_path / "bad.sxt")

    assert session.project is not None
    assert session.project.path == good
    session.close()
