"""The command palette: finds by a few letters, shows keys and reasons, runs with Enter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.command_palette import CommandPalette, recent_commands
from sxtstudio.gui.command_search import Entry, find
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from tests.gui.projects import two_cell_project

ENTRIES = [
    Entry(name=it.name, words=it.plain, path=it.menu.replace("&", ""), synonyms=it.synonyms)
    for it in COMMANDS
]


@pytest.fixture(autouse=True)
def nothing_recent():
    settings().remove("recent_commands")


@pytest.fixture
def window(qtbot):
    window = MainWindow(Session(), remember=False)
    qtbot.addWidget(window)
    window.resize(1100, 760)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.close()


def opened(window: MainWindow, qtbot) -> CommandPalette:
    window.actions_by_name["palette"].trigger()
    palette = window.findChild(CommandPalette)
    qtbot.waitUntil(palette.field.hasFocus)
    return palette


def words(palette: CommandPalette) -> list[str]:
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def entry_of(palette: CommandPalette, name: str) -> Entry:
    items = (palette.list.item(row) for row in range(palette.list.count()))
    found = (item.data(Qt.ItemDataRole.UserRole) for item in items)
    return next(entry for entry in found if entry.name == name)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("train", "train"),
        ("next obj", "next_object"),
        ("screenshot", "picture"),
        ("full scr", "full_screen"),
        ("unet", "train"),
        ("ontology", "vocabulary"),
        ("prv obj", "previous_object"),
        ("ruler", "measure_line"),
        ("snapshot", "picture"),
        ("Help about", "about"),
    ],
)
def test_a_few_letters_of_words_menu_or_synonyms_find_a_command(typed, first):
    assert find(ENTRIES, typed)[0].name == first


def test_with_nothing_typed_the_last_ones_come_first():
    found = find(ENTRIES, "", ["undo", "train"])
    assert [entry.name for entry in found[:3]] == ["undo", "train", "new"]
    assert len(found) == len(ENTRIES)


def test_what_is_possible_comes_before_what_is_not():
    can = Entry(name="b", words="Save b", path="")
    cannot = Entry(name="a", words="Save a", path="", possible=False)
    assert [it.name for it in find([cannot, can], "save")] == ["b", "a"]


@given(st.text(max_size=12))
def test_whatever_is_typed_what_is_found_is_a_part_without_doubles(typed):
    found = [entry.name for entry in find(ENTRIES, typed)]
    assert len(found) == len(set(found))
    assert set(found) <= {entry.name for entry in ENTRIES}


@given(st.sampled_from(ENTRIES))
def test_the_whole_words_of_a_command_find_it(entry):
    assert entry in find(ENTRIES, entry.words)[:5]


def test_enter_runs_the_first_and_it_is_remembered(window, qtbot):
    palette = opened(window, qtbot)
    QTest.keyClicks(palette.field, "full screen")
    assert words(palette)[0] == "Full screen"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.windowState() & Qt.WindowState.WindowFullScreen))
    assert recent_commands() == ["full_screen"]
    assert words(opened(window, qtbot))[0] == "Full screen"
    QTest.keyClick(window.findChildren(CommandPalette)[-1].field, Qt.Key.Key_Escape)


def test_what_is_not_possible_says_why_and_does_not_run(window, qtbot):
    palette = opened(window, qtbot)
    assert entry_of(palette, "train").why_not == "Open a project first"
    assert entry_of(palette, "library_add").why_not == "Open a project first"
    assert entry_of(palette, "library_check").why_not == "Open a library first"
    assert entry_of(palette, "open").why_not == ""
    QTest.keyClicks(palette.field, "measure all")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert recent_commands() == []
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)


def test_an_open_project_has_reasons_of_its_own(window, qtbot, tmp_path):
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    palette = opened(window, qtbot)
    assert entry_of(palette, "tool_brush").why_not == "Edit labels first"
    assert entry_of(palette, "undo").why_not == "There is nothing to undo"
    assert entry_of(palette, "tool_brush").key == "B"
    assert entry_of(palette, "train").why_not == ""
    assert any(text == "Jobs" for text in words(palette)), "docks are commands too"
    palette.reject()


def test_arrows_choose_and_nothing_found_is_said(window, qtbot):
    palette = opened(window, qtbot)
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    QTest.keyClicks(palette.field, "zzzz")
    assert palette.empty.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    palette.reject()


def test_a_command_of_a_view_acts_on_the_view_that_had_the_focus(window, qtbot, tmp_path):
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    view = window.views.slices[1]
    view.canvas.setFocus()
    y = window.session.view.cursor[1]
    palette = opened(window, qtbot)
    QTest.keyClicks(palette.field, "next slice")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.view.cursor[1] == y + 1)


def test_a_click_runs_a_command_and_the_list_is_painted(window, qtbot):
    palette = opened(window, qtbot)
    QTest.keyClicks(palette.field, "full screen")
    assert not palette.grab().toImage().isNull()
    rect = palette.list.visualItemRect(palette.list.item(0))
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.waitUntil(lambda: bool(window.windowState() & Qt.WindowState.WindowFullScreen))


def test_it_closes_once_and_not_twice_at_a_time(window, qtbot):
    palette = opened(window, qtbot)
    closed: list[int] = []
    palette.finished.connect(closed.append)
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)
    assert len(closed) == 1
