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
    QMessageBox,
    QPushButton,
)

from sxtstudio.gui import messages


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


def text_of(box: QMessageBox) -> tuple[str, Qt.TextFormat]:
    return box.text(), box.textFormat()


def test_words_of_a_file_are_never_read_as_html(answer):
    seen = answer(text_of)

    messages.show_error(None, "SXT Studio", "<b>cell</b> & co: is missing.")

    assert seen == [("<b>cell</b> & co: is missing.", Qt.TextFormat.PlainText)]


@pytest.mark.parametrize(("button", "chosen"), [("Stop", True), ("Keep", False)])
def test_a_question_is_answered_by_its_own_words(answer, button, chosen):
    def press(box) -> None:
        next(it for it in box.buttons() if it.text().replace("&", "") == button).click()

    answer(press)

    assert messages.ask(None, "?", "Stop it?", "Stop", "Keep") is chosen


def test_escape_means_no(qtbot, answer):
    answer(lambda box: qtbot.keyClick(box, Qt.Key.Key_Escape))

    assert messages.ask(None, "?", "Stop it?", "Stop", "Keep") is False


def test_the_report_of_a_crash_can_be_copied(answer):
    def copy(box) -> str:
        box.findChild(QPushButton, "copy_report_button").click()
        assert box.isVisible()
        return box.detailedText()

    seen = answer(copy)

    messages.show_crash(None, "Something went wrong.", "trace: 1/0")

    assert seen == ["trace: 1/0"]
    assert QGuiApplication.clipboard().text() == "trace: 1/0"


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
