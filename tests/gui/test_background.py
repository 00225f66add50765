import os
import sys
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from sxtstudio.core.errors import FileError
from sxtstudio.gui.background import Background
from sxtstudio.gui.mailbox import Mailbox


def test_a_result_comes_back_in_the_thread_of_the_window(qtbot):
    background, seen = Background(), []

    background.run(
        threading.get_ident,
        lambda worker: seen.append((worker, threading.get_ident())),
        seen.append,
    )
    qtbot.waitUntil(lambda: bool(seen))

    ((worker, here),) = seen
    assert here == threading.get_ident()
    assert worker != here
    assert not background.busy


def test_an_error_the_user_can_mend_reaches_failed(qtbot):
    background, failed = Background(), []

    def work() -> None:
        raise FileError("a.mrc: is missing.")

    background.run(work, lambda _: failed.append("done"), lambda error: failed.append(str(error)))
    qtbot.waitUntil(lambda: bool(failed))

    assert failed == ["a.mrc: is missing."]


def test_a_bug_is_raised_in_the_thread_of_the_window(qtbot):
    background, seen = Background(), []

    with qtbot.captureExceptions() as caught:
        background.run(lambda: 1 // 0, seen.append, seen.append)
        qtbot.waitUntil(lambda: bool(caught))

    assert caught[0][0] is ZeroDivisionError
    assert seen == []


def test_closing_waits_and_forgets_the_result(qtbot):
    background, seen, ended = Background(), [], []

    def work() -> None:
        time.sleep(0.1)
        ended.append(True)

    background.run(work, seen.append, seen.append)
    background.close()

    assert ended == [True]
    qtbot.wait(50)
    assert seen == []


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has a priority of its own")
def test_work_that_stands_back_lets_the_window_go_first(qtbot):
    seen = []

    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = nice()
    for stand_back in (True, False):
        background = Background(stand_back=stand_back)
        background.run(nice, seen.append, seen.append)
        qtbot.waitUntil(lambda count=2 - stand_back: len(seen) == count)
    assert seen == [max(10, before), before]
    assert nice() == before


def test_a_thread_keeps_nothing_of_what_it_was_given_once_it_has_posted_the_outcome(
    qtbot, monkeypatch: pytest.MonkeyPatch
):
    """Else an object of Qt may end in that thread, and the program with it."""

    class Given:
        def __call__(self) -> None:
            """Be asked for a result."""

    background, alive, posted, leave = Background(), [], threading.Event(), threading.Event()
    ring = Mailbox.slit

    def slow_slit(mailbox: Mailbox) -> Callable[[object], None]:
        put = ring(mailbox)

        def put_and_linger(letter: object) -> None:
            put(letter)
            del letter
            posted.set()
            leave.wait(10)

        return put_and_linger

    monkeypatch.setattr(Mailbox, "slit", slow_slit)
    given = Given()
    gone = weakref.ref(given)
    background.run(given, lambda _: alive.append(gone()), alive.append)
    del given
    assert posted.wait(10)
    qtbot.waitUntil(lambda: not background.busy)
    alive.clear()

    assert gone() is None

    leave.set()
    background.close()
