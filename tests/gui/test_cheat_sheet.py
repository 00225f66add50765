"""The sheet of keys: complete, of the chosen profile, and searched by typing."""

import pytest
from PySide6.QtTest import QTest

from sxtstudio.gui.actions import COMMANDS, key_words
from sxtstudio.gui.cheat_sheet import CheatSheet, in_columns
from sxtstudio.gui.key_profiles import key_profiles
from sxtstudio.gui.key_sheet import Group, Row, sheet
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings

PROFILES = {profile.id: profile for profile in key_profiles()}


@pytest.fixture
def window(qtbot):
    window = MainWindow(Session(), remember=False)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    yield window
    window.close()
    settings().remove("key_profile")


@pytest.fixture
def shown(window):
    window.actions_by_name["shortcuts"].trigger()
    found = window.findChild(CheatSheet)
    yield found
    found.reject()


def visible_rows(shown: CheatSheet) -> list[str]:
    rows = shown.findChildren(object, "sheet_row")
    return [row.text() for row in rows if row.isVisible()]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_key_of_every_command_is_on_the_sheet(profile):
    on_it = {key for group in sheet(profile) for row in group.rows for key in row.keys}
    for command in COMMANDS:
        if not command.name.startswith("class_"):
            assert {key_words(key) for key in profile.keys_of(command)} <= on_it


def test_digits_are_one_row():
    rows = [row for group in sheet(PROFILES["own"]) for row in group.rows]
    assert Row(keys=("1 … 9",), words="Choose a class by its place in the list") in rows
    assert sum("Class " in row.words for row in rows) == 0


def test_the_mouse_is_that_of_the_profile():
    own, napari = (
        {row.keys[0]: row.words for row in sheet(PROFILES[name])[0].rows}
        for name in ("own", "napari")
    )
    assert own["wheel"] == "One slice on or back"
    assert own["Ctrl + wheel"] == "Zoom at the mouse"
    assert own["Space + drag"] == "Pan"
    assert own["Shift + move"] == "The crosshair follows the mouse"
    assert napari["wheel"] == "Zoom at the mouse"
    assert napari["click"] == "Move the crosshair in all views"
    assert napari["right drag"].startswith("Zoom")


def test_typing_hides_what_does_not_fit(shown):
    everything = visible_rows(shown)
    QTest.keyClicks(shown.field, "object")
    assert set(visible_rows(shown)) >= {"Next object", "Previous object"}
    assert len(visible_rows(shown)) < len(everything) / 4
    QTest.keyClicks(shown.field, "zzz")
    assert shown.empty.isVisible()
    shown.field.clear()
    assert visible_rows(shown) == everything


def test_another_profile_is_chosen_on_the_sheet(shown, window):
    shown.box.setCurrentIndex(shown.box.findData("mib"))
    shown.box.activated.emit(shown.box.currentIndex())
    assert window.keys.profiles.current.id == "mib"
    assert "Ten slices on or back" in visible_rows(shown)
    assert shown.words.text() == PROFILES["mib"].words


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_groups_are_shared_out_in_their_order(columns):
    row = Row(keys=("A",), words="a")
    counts = (9, 7, 6, 30, 12, 5)
    groups = [Group(title=f"{n}", rows=(row,) * n) for n in counts]
    shared = in_columns(groups, columns)
    assert len(shared) <= columns
    assert [group for column in shared for group in column] == groups
