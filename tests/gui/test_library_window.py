"""The library within the whole window."""

import pytest
from PySide6.QtTest import QTest

from sxtstudio.gui import messages
from sxtstudio.gui.contribute_dialog import ContributeDialog
from sxtstudio.gui.ingest_dialog import IngestDialog
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.recent_menu import RecentMenu
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import remember_library, settings
from tests.gui.libraries import wait, write_library
from tests.gui.projects import two_cell_project


@pytest.fixture
def told(monkeypatch):
    """Every sentence that the window shows in a box."""
    sentences = []
    for name in ("show_error", "show_text"):
        monkeypatch.setattr(
            messages, name, lambda *words: sentences.append(" ".join(map(str, words[1:])))
        )
    return sentences


@pytest.fixture
def window(qtbot, told, tmp_path):
    settings().clear()
    window = MainWindow(Session())
    window.show()
    yield window
    wait(qtbot, window.session.library)
    window.close()
    window.deleteLater()
    settings().clear()


@pytest.fixture
def opened(qtbot, window, tmp_path):
    """The window with a project and a library, whose page is shown."""
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    window.library.open_folder(write_library(tmp_path / "lib"))
    settle(qtbot, window)
    return window


def settle(qtbot, window) -> None:
    library = window.session.library
    qtbot.waitUntil(lambda: not library.busy)
    qtbot.waitUntil(lambda: not library.busy)


def panel_of(window):
    return window.pages.library_panel


def choose(window, name: str) -> None:
    panel = panel_of(window)
    panel.choose([cell.id for cell in panel.model.cells if cell.name == name])


def test_the_page_takes_the_place_of_the_views_and_gives_it_back(window, opened):
    assert panel_of(window).isVisible()
    assert not window.docks.browser.isVisible()

    window.actions_by_name["library"].trigger()
    assert window.views.isVisible()
    assert window.docks.browser.isVisible()
    assert window.docks.jobs_panel.isVisible()


def test_a_dock_that_was_hidden_is_still_hidden_after_a_look_at_the_library(qtbot, window, opened):
    window.actions_by_name["library"].trigger()
    window.docks.toggle_actions()[1].trigger()
    assert not window.docks.class_list.isVisible()

    for _ in range(2):
        window.actions_by_name["library"].trigger()

    assert not window.docks.class_list.isVisible()
    assert window.docks.browser.isVisible()


def test_commands_of_the_library_need_one(qtbot, window, tmp_path):
    actions = window.actions_by_name
    assert actions["library_open"].isEnabled()
    assert not actions["library_check"].isEnabled()
    assert not actions["library_ingest"].isEnabled()

    window.library.open_folder(write_library(tmp_path / "lib"))
    settle(qtbot, window)
    assert actions["library_check"].isEnabled()
    assert not actions["library_add"].isEnabled()  # it needs a project, too

    actions["library_close"].trigger()
    assert not actions["library_check"].isEnabled()


def test_a_cell_of_the_library_is_shown_and_the_project_stays_as_it_is(qtbot, window, opened):
    choose(window, "alga_1")
    panel_of(window).details.show_button.click()
    settle(qtbot, window)
    bar = window.library.bar

    assert window.views.isVisible()
    assert bar.isVisible()
    assert bar.words.text() == "alga_1, from the library test cells: to look at only"
    assert window.session.cell_id is None
    assert window.session.view.label_map is not None
    assert len(window.session.cells()) == 2

    window.session.select(window.session.cells()[0].id)
    assert not bar.isVisible()
    assert window.session.cell_id == window.session.cells()[0].id


def test_the_cell_on_show_before_can_be_chosen_again_in_the_browser(qtbot, window, opened):
    shown = window.session.cell_id
    choose(window, "alga_1")
    panel_of(window).details.show_button.click()
    settle(qtbot, window)

    tree = window.docks.browser.tree
    assert not tree.selectionModel().hasSelection()
    index = next(
        index
        for index, entry in window.docks.browser.model.entries()
        if entry.kind == "cell" and entry.key == shown
    )
    tree.setCurrentIndex(index)
    assert window.session.cell_id == shown


def test_a_cell_is_looked_at_without_a_project(qtbot, window, tmp_path):
    window.library.open_folder(write_library(tmp_path / "lib"))
    settle(qtbot, window)
    choose(window, "BC_1")
    assert not panel_of(window).details.add_button.isEnabled()
    panel_of(window).details.show_button.click()
    settle(qtbot, window)

    assert window.views.isVisible()
    assert window.docks.class_list.isVisible()
    assert not window.library.bar.add_button.isVisible()

    window.library.bar.back_button.click()
    assert panel_of(window).isVisible()


def test_a_cell_is_copied_into_the_project(qtbot, window, opened, told):
    choose(window, "alga_1")
    panel_of(window).details.show_button.click()
    settle(qtbot, window)
    window.library.bar.add_button.click()

    assert [cell.name for cell in window.session.cells()] == ["drawn", "bare", "alga_1"]
    cell = window.session.cells()[-1]
    assert cell.versions[0].complete == {"nucleus", "starch"}
    assert "library test cells" in cell.source
    assert window.session.cell_id == cell.id
    assert not window.library.bar.isVisible()

    choose(window, "alga_1")
    panel_of(window).details.add_button.click()
    settle(qtbot, window)
    assert "already has a cell 'alga_1'" in told[0]


def test_a_library_is_made_where_the_user_says(qtbot, window, tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "choose_new_folder", lambda *_: tmp_path / "mine")
    window.actions_by_name["library_new"].trigger()
    qtbot.waitUntil(lambda: window.session.library.library is not None)

    assert panel_of(window).isVisible()
    assert (tmp_path / "mine" / "library.json").is_file()
    recent = window.findChild(RecentMenu, "menu_recent_libraries")
    recent.aboutToShow.emit()
    assert recent.actions()[0].text() == str(tmp_path / "mine")


def test_a_folder_that_is_no_library_is_refused_with_a_sentence(
    qtbot, window, tmp_path, told, monkeypatch
):
    monkeypatch.setattr(messages, "choose_folder", lambda *_: tmp_path)
    window.actions_by_name["library_open"].trigger()
    settle(qtbot, window)

    assert "is no library" in told[0]


def test_changing_ones_mind_opens_and_makes_nothing(window, monkeypatch):
    for name in ("choose_folder", "choose_new_folder"):
        monkeypatch.setattr(messages, name, lambda *_: None)
    for name in ("library_open", "library_new"):
        window.actions_by_name[name].trigger()

    assert not window.session.library.busy
    assert not panel_of(window).isVisible()


def test_a_sound_library_is_told_so(qtbot, window, opened, told):
    window.actions_by_name["library_check"].trigger()
    settle(qtbot, window)

    assert "Every checksum of the library is right." in told[0]


def test_the_dialogs_open_from_the_menu(qtbot, window, opened):
    for name, kind in (("library_add", ContributeDialog), ("library_ingest", IngestDialog)):
        window.actions_by_name[name].trigger()
        dialog = window.findChildren(kind)[-1]
        assert dialog.isVisible()
        dialog.reject()


def test_what_was_skipped_can_be_read(qtbot, window, opened, told, tmp_path):
    (tmp_path / "lib" / "cells" / "zz").mkdir()
    (tmp_path / "lib" / "cells" / "zz" / f"{'ef' * 32}.sxtcell").write_bytes(b"half")
    window.session.library.refresh()
    settle(qtbot, window)
    window.session.library.changed.emit()
    settle(qtbot, window)

    panel_of(window).problems.click()

    assert "ef" in told[0]


def test_the_library_comes_back_at_the_next_start(qtbot, window, tmp_path):
    folder = write_library(tmp_path / "lib")
    remember_library(folder)

    second = MainWindow(Session())
    qtbot.waitUntil(lambda: second.session.library.library is not None)
    settle(qtbot, second)

    assert second.session.library.library.folder == folder
    second.close()
    second.deleteLater()


def test_the_places_of_the_docks_are_kept_when_the_window_is_closed_at_the_library(
    qtbot, window, opened, tmp_path
):
    window.close()

    second = MainWindow(Session())
    second.show()
    settle(qtbot, second)
    second.open_path(tmp_path / "p.sxt")
    assert second.docks.browser.isVisible()
    assert second.docks.class_list.isVisible()
    second.close()
    second.deleteLater()


def test_the_key_of_the_library_works(qtbot, window, opened):
    window.activateWindow()
    QTest.keySequence(window, window.actions_by_name["library"].shortcut())

    qtbot.waitUntil(lambda: not panel_of(window).isVisible())
