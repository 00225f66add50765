"""The start page: what can be begun, recent projects as cards, files dropped on it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QSize, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeySequence,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton

from sxtstudio.gui.project_card import covering, date_words, folder_words
from sxtstudio.gui.project_thumbnails import thumbnail_path, write_thumbnail
from sxtstudio.gui.start_action import StartAction
from sxtstudio.gui.start_page import ABOUT, StartPage


@pytest.fixture
def actions(qapp):
    made = {}
    for name in ABOUT:
        action = QAction(f"&{name.title()} …")
        action.setObjectName(f"action_{name}")
        made[name] = action
    return made


@pytest.fixture
def page(qtbot, actions, tmp_path):
    made = StartPage(actions, tmp_path / "pictures")
    qtbot.addWidget(made)
    made.resize(1280, 660)
    made.show()
    yield made
    made.shutdown()


def write_picture(page: StartPage, project: Path, colour: Qt.GlobalColor) -> None:
    image = QImage(448, 448, QImage.Format.Format_RGB888)
    image.fill(colour)
    write_thumbnail(image, "3 cells", thumbnail_path(project, page._pictures))


def project_file(path: Path) -> Path:
    path.write_bytes(b"a project")
    return path


def file_urls(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_every_beginning_is_offered_with_its_words_and_does_its_action(qtbot, page, actions):
    rows = page.findChildren(StartAction)
    assert [row.text() for row in rows] == [f"{name.title()} …" for name in ABOUT]
    assert all(row.accessibleDescription() for row in rows)

    with qtbot.waitSignal(actions["open"].triggered):
        QTest.mouseClick(rows[1], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(actions["new"].triggered):
        QTest.keyClick(rows[0], Qt.Key.Key_Return)


def test_a_beginning_that_is_not_possible_now_is_not_offered(page, actions):
    row = page.findChildren(StartAction)[0]

    actions["new"].setEnabled(False)
    actions["new"].setShortcut(QKeySequence("Ctrl+N"))

    assert not row.isEnabled()
    assert not row.grab().isNull()


def test_without_projects_the_demonstration_is_offered(qtbot, page, actions):
    page.show_recent([])

    button = page.findChild(QPushButton, "recent_demo")
    assert button.isVisible()
    with qtbot.waitSignal(actions["demo"].triggered):
        button.click()


def test_a_card_shows_the_picture_of_its_project_and_what_it_holds(qtbot, page, tmp_path):
    path = project_file(tmp_path / "algae.sxt")
    write_picture(page, path, Qt.GlobalColor.green)

    page.show_recent([path])

    (card,) = page.cards
    qtbot.waitUntil(lambda: bool(card.words))
    assert card.words.startswith("3 cells  ·  today")
    assert not card.missing
    middle = card.grab().toImage().pixelColor(118, 70)
    assert (middle.red(), middle.green(), middle.blue()) == (0, 255, 0)


def test_a_card_without_a_picture_has_something_in_its_place(qtbot, page, tmp_path):
    path = project_file(tmp_path / "algae.sxt")

    page.show_recent([path])

    (card,) = page.cards
    qtbot.waitUntil(lambda: bool(card.words))
    picture = card.grab().toImage()
    colours = {picture.pixel(x, y) for x in range(90, 146) for y in range(50, 106)}
    assert len(colours) > 2, "an icon is drawn"


def test_a_picture_that_cannot_be_read_is_like_none(qtbot, page, tmp_path):
    path = project_file(tmp_path / "algae.sxt")
    write_picture(page, path, Qt.GlobalColor.green)
    thumbnail_path(path, page._pictures).write_bytes(b"no PNG")

    page.show_recent([path])

    (card,) = page.cards
    qtbot.waitUntil(lambda: bool(card.words))
    assert card.words.startswith("today")


def test_a_project_that_is_gone_says_so_and_can_be_removed(qtbot, page, tmp_path):
    page.show_recent([tmp_path / "gone.sxt"])

    (card,) = page.cards
    qtbot.waitUntil(lambda: card.missing)
    assert card.words == "file not found"
    assert "not found" in card.accessibleName()
    assert "moved or deleted" in card.toolTip()
    button = card.findChild(QToolButton, "recent_remove")
    assert button.isVisible()
    assert button.text() == "Remove from list"
    assert card.rect().contains(button.geometry())
    with qtbot.waitSignal(page.remove_wanted) as wanted:
        button.click()
    assert wanted.args == [tmp_path / "gone.sxt"]


def test_a_project_that_comes_back_is_found_when_the_page_is_shown_again(qtbot, page, tmp_path):
    path = tmp_path / "algae.sxt"
    page.show_recent([path])
    (card,) = page.cards
    qtbot.waitUntil(lambda: card.missing)

    page.hide()
    project_file(path)
    page.show()

    qtbot.waitUntil(lambda: not card.missing)


def test_cards_open_and_are_removed_with_the_keyboard(qtbot, page, tmp_path):
    paths = [project_file(tmp_path / f"{name}.sxt") for name in "abc"]
    page.show_recent(paths)
    page.remove_wanted.connect(
        lambda path: page.show_recent([other for other in paths if other != path])
    )
    page.cards[1].setFocus(Qt.FocusReason.TabFocusReason)

    with qtbot.waitSignal(page.chosen) as chosen:
        QTest.keyClick(page.cards[1], Qt.Key.Key_Return)
    assert chosen.args == [paths[1]]
    QTest.keyClick(page.cards[1], Qt.Key.Key_Delete)

    assert [card.path for card in page.cards] == [paths[0], paths[2]]
    assert page.focusWidget() is page.cards[1], "the next one has the focus"


def test_everything_on_the_page_is_reached_with_tab(page, tmp_path):
    page.show_recent([project_file(tmp_path / f"{name}.sxt") for name in "ab"])
    page.activateWindow()
    first = page.findChildren(StartAction)[0]
    first.setFocus(Qt.FocusReason.TabFocusReason)
    reached = [first]
    for _ in range(len(ABOUT) + 1):
        page.focusNextChild()
        reached.append(page.focusWidget())

    assert reached == [*page.findChildren(StartAction), *page.cards]


def test_the_menu_of_a_card_opens_or_removes(qtbot, page, tmp_path):
    path = project_file(tmp_path / "a.sxt")
    page.show_recent([path])
    (card,) = page.cards

    with qtbot.waitSignal(page.remove_wanted):
        _context_menu(card).actions()[1].trigger()
    with qtbot.waitSignal(page.chosen):
        _context_menu(card).actions()[0].trigger()


def _context_menu(card) -> QMenu:
    menu = card.menu()
    assert [action.text() for action in menu.actions()] == ["Open", "Remove from list"]
    return menu


def test_cards_stand_in_as_many_columns_as_there_is_room_for(page, tmp_path):
    page.show_recent([project_file(tmp_path / f"{number}.sxt") for number in range(4)])
    QApplication.processEvents()

    rows = [card.geometry().top() for card in page.cards]
    assert rows[0] == rows[1] == rows[2] < rows[3]

    page.resize(940, 660)
    QApplication.processEvents()
    rows = [card.geometry().top() for card in page.cards]
    assert rows[0] == rows[1] < rows[2] == rows[3]
    assert all(card.geometry().right() < 940 for card in page.cards)


def test_files_held_above_the_page_light_it_up_and_are_told_when_dropped(qtbot, page, tmp_path):
    path = project_file(tmp_path / "a.sxt")
    data = file_urls(path, tmp_path / "b.mrc")
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier

    entered = QDragEnterEvent(QPoint(9, 9), copy, data, left, keys)
    QApplication.sendEvent(page, entered)
    assert entered.isAccepted()
    assert page.drop_zone.welcoming
    assert not page.drop_zone.grab().isNull()
    QApplication.sendEvent(page, QDragLeaveEvent())
    assert not page.drop_zone.welcoming

    QApplication.sendEvent(page, entered)
    with qtbot.waitSignal(page.dropped) as dropped:
        QApplication.sendEvent(page, QDropEvent(QPointF(9, 9), copy, data, left, keys))
    assert dropped.args == [[path, tmp_path / "b.mrc"]]
    assert not page.drop_zone.welcoming


def test_words_that_are_dragged_are_not_welcome(page):
    data = QMimeData()
    data.setText("no file")
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entered = QDragEnterEvent(QPoint(9, 9), copy, data, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page, entered)

    assert not page.drop_zone.welcoming


@pytest.mark.parametrize(
    ("picture", "place", "part"),
    [
        (QSize(448, 448), QSize(224, 112), QRect(0, 112, 448, 224)),
        (QSize(448, 112), QSize(224, 112), QRect(112, 0, 224, 112)),
        (QSize(224, 112), QSize(224, 112), QRect(0, 0, 224, 112)),
    ],
)
def test_a_picture_covers_its_place_with_its_middle(picture, place, part):
    assert covering(picture, place) == part


def test_dates_are_said_as_people_say_them():
    now = datetime(2026, 3, 2, 10, 0)

    assert date_words(now - timedelta(hours=2), now) == "today, 08:00"
    assert date_words(now - timedelta(hours=12), now) == "yesterday, 22:00"
    assert date_words(datetime(2025, 11, 9), now) == "9 Nov 2025"


def test_the_users_own_folder_is_short():
    assert folder_words(Path.home() / "cells" / "a.sxt") == "~/cells"
    assert folder_words(Path.home() / "a.sxt") == "~"
    assert folder_words(Path("/data/a.sxt")) == "/data"
