import threading

import pytest

from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Progress
from sxtstudio.gui.background import Background
from sxtstudio.gui.latest import Latest


@pytest.fixture
def latest(qapp):
    latest = Latest()
    yield latest
    latest.close()


def refuse(error):
    raise error


def test_the_result_comes_back_in_the_windows_thread(latest, qtbot):
    results = []

    def work(_report):
        return threading.current_thread()

    latest.run(work, lambda result: results.append((result, threading.current_thread())), refuse)
    qtbot.waitUntil(lambda: bool(results))
    worker, here = results[0]
    assert worker is not here
    assert here is threading.main_thread()


def test_only_the_newest_request_is_answered(latest, qtbot):
    started, free, results = threading.Event(), threading.Event(), []

    def slow(_report):
        started.set()
        free.wait(10)
        return "old"

    latest.run(slow, results.append, refuse)
    assert started.wait(10)
    latest.run(lambda _report: "new", results.append, refuse)
    free.set()
    qtbot.waitUntil(lambda: "new" in results)
    qtbot.wait(50)
    assert results == ["new"]


def test_a_function_that_is_no_longer_wanted_stops_at_its_next_report(latest, qtbot):
    started, free, finished = threading.Event(), threading.Event(), []

    def work(report):
        started.set()
        free.wait(10)
        report(Progress(text="half way"))
        finished.append(True)

    latest.run(work, refuse, refuse)
    assert started.wait(10)
    latest.cancel()
    free.set()
    latest.close()
    qtbot.wait(20)
    assert finished == []


def test_an_error_that_a_user_can_mend_is_handed_over(latest, qtbot):
    errors = []

    def work(_report):
        raise LabelError("Label 3 has no class.")

    latest.run(work, refuse, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "Label 3 has no class."


def test_the_error_of_an_older_request_is_not_heard(latest, qtbot):
    started, free, heard = threading.Event(), threading.Event(), []

    def work(_report):
        started.set()
        free.wait(10)
        raise LabelError("Label 3 has no class.")

    latest.run(work, heard.append, heard.append)
    assert started.wait(10)
    latest.run(lambda _report: "new", heard.append, refuse)
    free.set()
    qtbot.waitUntil(lambda: "new" in heard)
    qtbot.wait(50)
    assert heard == ["new"]


def test_what_was_called_off_while_it_waited_for_a_shared_thread_never_begins(qapp, qtbot):
    threads = Background(one_thread=True)
    first, second = Latest(background=threads), Latest(background=threads)
    started, free, begun, results = threading.Event(), threading.Event(), [], []

    def slow(_report):
        started.set()
        free.wait(10)
        return "slow"

    first.run(slow, results.append, refuse)
    assert started.wait(10)
    second.run(lambda _report: begun.append("old"), refuse, refuse)
    second.run(lambda _report: begun.append("new") or "new", results.append, refuse)
    free.set()
    qtbot.waitUntil(lambda: len(results) == 2)

    assert results == ["slow", "new"]
    assert begun == ["new"]
    first.close()
    second.close()
