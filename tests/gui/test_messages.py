"""The boxes themselves, answered like a person does."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QWidget,
)

from sxtstudio.gui import messages
from sxtstudio.gui.diagnostics import DiagnosticSource
from sxtstudio.gui.error_words import SOMETHING, complaint, failure_words
from sxtstudio.gui.session import Session


@pytest.fixture
def answer(qtbot):
    """Do something with the next box that opens."""

    def when_open(act) -> list:
        seen = []

        def look() -> None:
            box = QApplication.activeModalWidget()
            if box is None:
                QTimer.singleShot(20, look)
                return
            seen.append(act(box))
            if box.isVisible():
                box.close()

        QTimer.singleShot(20, look)
        return seen

    return when_open


def test_words_of_a_file_are_never_read_as_html(answer):
    seen = answer(lambda box: (box.cause.text(), box.cause.textFormat()))

    messages.show_error(None, "SXT Studio", "<b>cell</b> & co: is missing.")

    assert seen == [("<b>cell</b> & co: is missing.", Qt.TextFormat.PlainText)]


def test_an_error_says_what_was_wanted_why_not_and_what_to_do(answer):
    seen = answer(lambda box: (box.title.text(), box.cause.text(), box.advice.text()))

    messages.show_error(None, "“Open” did not work", "a.mrc is damaged; copy it again.")

    assert seen == [("“Open” did not work", "a.mrc is damaged.", "Copy it again.")]


def test_an_error_of_one_sentence_gives_no_advice(answer):
    seen = answer(lambda box: (box.title.text(), box.cause.text(), box.advice.isVisible()))

    messages.show_error(None, "SXT Studio", "There is no room on the disk.")

    assert seen == [(SOMETHING, "There is no room on the disk.", False)]


@pytest.mark.parametrize(("button", "chosen"), [("Stop", True), ("Keep", False)])
def test_a_question_is_answered_by_its_own_words(answer, button, chosen):
    def press(box) -> None:
        next(it for it in box.buttons() if it.text().replace("&", "") == button).click()

    answer(press)

    assert messages.ask(None, "?", "Stop it?", "Stop", "Keep") is chosen


def test_escape_means_no(qtbot, answer):
    answer(lambda box: qtbot.keyClick(box, Qt.Key.Key_Escape))

    assert messages.ask(None, "?", "Stop it?", "Stop", "Keep") is False


def test_the_report_of_a_crash_can_be_looked_at_and_copied(answer):
    def copy(box) -> tuple[str, bool, bool]:
        before = box.details.isVisible()
        box.more_button.click()
        box.copy_button.click()
        assert box.isVisible()
        return box.details.toPlainText(), before, box.details.isVisible()

    seen = answer(copy)

    messages.show_crash(None, "Something went wrong.", "trace: 1/0")

    assert seen == [("trace: 1/0", False, True)]
    copied = QGuiApplication.clipboard().text()
    assert "trace: 1/0" in copied
    assert "Something went wrong." in copied


def test_the_bundle_is_asked_of_the_window_with_the_error_in_it(answer, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    source = DiagnosticSource(window, Session())
    asked = []
    source.wanted.connect(lambda error, _dialog: asked.append(error))
    answer(lambda box: box.bundle_button.click())

    messages.show_error(window, "Import", "b.mrc: is no MRC file.")

    assert asked == ["Import\n\nb.mrc: is no MRC file."]


@pytest.mark.parametrize(
    ("text", "cause", "advice"),
    [
        ("No cell has labels; segment one first.", "No cell has labels.", "Segment one first."),
        ("It went astray (a; b). Lower the rate.", "It went astray (a; b).", "Lower the rate."),
        ("a “b; c” is wrong.", "a “b; c” is wrong.", ""),
        ("Choose a cell first.", "Choose a cell first.", ""),
        ("No room. Half is kept. Make room?", "No room. Half is kept.", "Make room?"),
    ],
)
def test_the_last_clause_or_sentence_is_the_advice(text, cause, advice):
    told = complaint("t", text)
    assert (told.cause, told.advice) == (cause, advice)


def test_a_failed_command_is_called_by_its_words():
    assert failure_words("measure_all") == "“Measure all cells” did not work"
    assert failure_words("") == SOMETHING


def test_text_keeps_its_columns(answer):
    seen = answer(lambda box: [label.text() for label in box.findChildren(QLabel)])

    messages.show_text(None, "Keys", "Ctrl+T   Train")

    assert "Ctrl+T   Train" in seen[0]


def test_about_tells_more_below(answer):
    seen = answer(lambda box: box.informativeText())

    messages.show_about(None, "About", "SXT Studio", "for cells")

    assert seen == ["for cells"]


@pytest.mark.parametrize(
    ("typed", "accept", "got"), [(" new ", True, "new"), ("  ", True, None), ("new", False, None)]
)
def test_a_name_is_asked_for(answer, typed, accept, got):
    def fill(box: QInputDialog) -> None:
        box.findChild(QLineEdit).setText(typed)
        box.accept() if accept else box.reject()

    answer(fill)

    assert messages.ask_text(None, "Rename", "Name", "old") == got


def test_a_new_file_gets_the_ending_that_was_proposed(monkeypatch):
    for typed, got in (("/x/a", "/x/a.csv"), ("/x/a.txt", "/x/a.txt"), ("", None)):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, typed=typed: (typed, ""))

        chosen = messages.choose_new_file(None, "Save", Path("/x/p.csv"), ["CSV (*.csv)"])

        assert chosen == (Path(got) if got else None)


def test_an_existing_file_is_chosen_or_not(monkeypatch):
    for typed in ("/x/a.mrc", ""):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, typed=typed: (typed, ""))

        chosen = messages.choose_file(None, "Open", Path("/x"), ["All (*)"])

        assert chosen == (Path(typed) if typed else None)
