"""Preferences: what is chosen holds at once, and in the menus."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from sxtstudio.core.volume_cache import LARGEST_CACHE_BYTES, cache_bytes
from sxtstudio.gui.cheat_sheet import CheatSheet
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.preferences_dialog import PreferencesDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import largest_cache_bytes, settings
from sxtstudio.gui.theme import theme_name


@pytest.fixture
def window(qtbot):
    window = MainWindow(Session(), remember=False)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.theming.choose_theme("dark")
    window.theming.choose_colours(safe=False)
    window.keys.profiles.choose("own")
    settings().remove("largest_cache_bytes")
    window.close()


def opened(window) -> PreferencesDialog:
    window.actions_by_name["preferences"].trigger()
    (dialog,) = (it for it in window.findChildren(PreferencesDialog) if it.isVisible())
    return dialog


def test_theme_colours_and_keys_are_those_of_the_menus(window):
    dialog = opened(window)
    dialog.themes.setCurrentIndex(dialog.themes.findText("Light"))
    assert theme_name() == "light"
    assert window.actions_by_name["theme_light"].isChecked()
    dialog.colours.setCurrentIndex(1)
    assert window.actions_by_name["colours_safe"].isChecked()
    before = dialog.profile_words.text()
    dialog.profiles.setCurrentIndex(1)
    assert window.keys.profiles.current.name == dialog.profiles.currentText()
    assert dialog.profile_words.text() not in ("", before)
    dialog.reject()
    again = opened(window)
    assert again.themes.currentText() == "Light"
    assert again.colours.currentIndex() == 1
    assert again.profiles.currentIndex() == 1
    again.reject()


def test_all_keys_are_one_click_away(window, qtbot):
    dialog = opened(window)
    with qtbot.waitSignal(dialog.sheet_wanted, timeout=2000):
        button = dialog.findChild(QPushButton, "sheet_button")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    (sheet,) = (it for it in QApplication.topLevelWidgets() if isinstance(it, CheatSheet))
    sheet.close()
    dialog.reject()


def test_copies_of_volumes_are_limited_and_thrown_away(qtbot, tmp_path):
    copies = tmp_path / "volumes"
    (copies / "pyramid-1").mkdir(parents=True)
    (copies / "pyramid-1" / "level1.npy").write_bytes(bytes(3 * 2**20))
    dialog = PreferencesDialog(*_actions(), copies)
    qtbot.addWidget(dialog)
    try:
        assert largest_cache_bytes() == LARGEST_CACHE_BYTES
        assert dialog.limit.value() == 8
        dialog.limit.setValue(20)
        assert largest_cache_bytes() == 20 * 2**30
        assert dialog.empty.isEnabled()
        QTest.mouseClick(dialog.empty, Qt.MouseButton.LeftButton)
        assert cache_bytes(copies) == 0
        assert dialog.used.text() == "Nothing taken now"
        assert not dialog.empty.isEnabled()
        settings().setValue("largest_cache_bytes", "lots")
        assert largest_cache_bytes() == LARGEST_CACHE_BYTES
    finally:
        settings().remove("largest_cache_bytes")
    assert cache_bytes(Path(tmp_path / "nothing")) == 0


def _actions():
    return [[QAction("One"), QAction("Two")] for _ in range(3)]
