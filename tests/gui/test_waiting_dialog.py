"""A wait that can be called off, and the demonstration that is made during one."""

import threading

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress
from sxtstudio.gui import messages
from sxtstudio.gui.demo_commands import DemoCommands
from sxtstudio.gui.session import Session
from sxtstudio.gui.waiting_dialog import wait_for
from sxtstudio.workflow.demo import PROJECT_FILE

LIMIT_S = 20


@pytest.fixture
def parent(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_what_is_done_at_once_shows_no_dialog(qtbot, parent):
    results, seen = [], []

    dialog = wait_for(parent, parent, "Counting", lambda _: 7, results.append, results.append)
    dialog.finished.connect(lambda _: seen.append(dialog.isVisible()))
    qtbot.waitUntil(lambda: bool(seen))

    assert results == [7]
    assert seen == [False]


def test_a_longer_wait_shows_how_far_it_is_and_ends_by_itself(qtbot, parent):
    go_on = threading.Event()
    results = []

    def work(report):
        report(Progress(text="Half way", fraction=0.5))
        go_on.wait(LIMIT_S)
        return "done"

    dialog = wait_for(parent, parent, "Working", work, results.append, results.append)
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.words.text() == "Half way"
    assert dialog.bar.value() == dialog.bar.maximum() // 2
    go_on.set()

    qtbot.waitUntil(lambda: results == ["done"])
    qtbot.waitUntil(lambda: not parent.findChildren(type(dialog)))


def test_a_wait_that_is_called_off_closes_at_once_and_tells_nothing(qtbot, parent):
    go_on = threading.Event()
    results = []
    owner = QObject(parent)

    dialog = wait_for(
        owner, parent, "Waiting for a share", lambda _: go_on.wait(LIMIT_S), results.append,
        results.append,
    )  # fmt: skip
    qtbot.waitUntil(dialog.isVisible)
    dialog.reject()

    assert not dialog.isVisible(), "although the share has not answered yet"
    go_on.set()
    qtbot.waitUntil(lambda: not owner.children())
    assert results == []


def test_what_the_user_can_mend_is_told_in_words(qtbot, parent):
    told = []

    def fail(_):
        raise SxtError("The share is gone.")

    wait_for(parent, parent, "Working", fail, told.append, lambda error: told.append(str(error)))

    qtbot.waitUntil(lambda: told == ["The share is gone."])


def test_the_demonstration_is_made_where_the_user_says_and_told(
    qtbot, parent, tmp_path, monkeypatch
):
    monkeypatch.setattr(messages, "choose_new_folder", lambda *_: tmp_path / "demo")
    session = Session(parent)
    demo = DemoCommands(parent, session)

    with qtbot.waitSignal(demo.made, timeout=60_000) as made:
        demo.start()

    (path,) = made.args
    assert path == tmp_path / "demo" / PROJECT_FILE
    session.open(path)
    assert len(session.cells()) == 7
    assert [bool(cell.versions) for cell in session.cells()] == [True] * 6 + [False]
    assert [task.name for task in session.tasks()] == ["organelles"]
    session.close()


def test_a_folder_with_a_demonstration_is_refused_with_a_sentence(
    qtbot, parent, tmp_path, monkeypatch
):
    (tmp_path / PROJECT_FILE).write_bytes(b"")
    monkeypatch.setattr(messages, "choose_new_folder", lambda *_: tmp_path)
    session = Session(parent)

    with qtbot.waitSignal(session.failed) as failed:
        DemoCommands(parent, session).start()

    assert "holds a demonstration already" in failed.args[0]
    session.close()


def test_no_folder_no_demonstration(parent, monkeypatch, qtbot):
    monkeypatch.setattr(messages, "choose_new_folder", lambda *_: None)
    session = Session(parent)
    demo = DemoCommands(parent, session)

    with qtbot.assertNotEmitted(demo.made, wait=50):
        demo.start()
    session.close()
