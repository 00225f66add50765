"""Painting in the real window: mouse and keys, versions, journals, and being killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from sxtstudio.core.brush import disc_stroke
from sxtstudio.core.errors import FileError
from sxtstudio.core.region import Box, Region
from sxtstudio.core.tools.request import ToolOptions
from sxtstudio.gui import messages
from sxtstudio.gui.class_list import LOCK, OPACITY
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.painting.leaving import DISCARD, KEEP, SAVE
from sxtstudio.gui.painting.recovery import RECOVER, when_words
from sxtstudio.gui.painting.save_dialog import SaveDialog
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.painting.term_picker import TermPicker
from sxtstudio.gui.session import Session
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.io.edit_journal import summarise
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from tests.gui import mouse
from tests.gui.projects import five_balls_cell, two_cell_project, write_project

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 20_000


@pytest.fixture
def answers(monkeypatch):
    """What is answered to questions, in order, and every sentence that was shown."""

    class Answers(list):
        told: list[str]
        asked: list[str]

    given = Answers()
    given.told, given.asked = [], []

    def which(_parent, title, text, choices, neither):
        given.asked.append(f"{title} {text}")
        answer = given.pop(0)
        assert answer in (*choices, neither, None)
        return None if answer == neither else answer

    def ask(_parent, title, text, yes, no):
        given.asked.append(f"{title} {text}")
        return given.pop(0) == yes

    monkeypatch.setattr(messages, "ask_which", which)
    monkeypatch.setattr(messages, "ask", ask)
    monkeypatch.setattr(messages, "show_error", lambda *words: given.told.append(words[-1]))
    return given


@pytest.fixture
def make_window(qtbot, answers):
    windows = []

    def make(path: Path | None = None) -> MainWindow:
        window = MainWindow(Session(), remember=False)
        windows.append(window)
        window.resize(1200, 800)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        if path is not None:
            window.open_path(path)
            window.session.select(window.session.cells()[0].id)
            QTest.qWait(1)
        return window

    yield make
    for window in windows:
        qtbot.waitUntil(lambda window=window: not window.painting.editing.busy)
        window.painting.editing.end(keep=False)
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window, tmp_path) -> MainWindow:
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    window.actions_by_name["edit_labels"].trigger()
    assert window.painting.editing.active
    window.painting.settings.set_options(ToolOptions(preview=False))
    QTest.qWait(100)  # the bar that opens moves the views; only then does a place stay where it is
    return window


def labels(window: MainWindow) -> np.ndarray:
    return window.session.view.label_map.labels_ZYX


def area(view: SliceView):
    return view.canvas.viewport()


def point(view: SliceView, right: float, down: float) -> QPointF:
    return view.canvas.point_of((right, down))


def paint(window: MainWindow, plane: int = 0, start=(4, 4), stop=(18, 4)) -> None:
    view = window.views.slices[plane]
    mouse.drag(area(view), LEFT, point(view, *start), point(view, *stop))


def key(window: MainWindow, which: Qt.Key, plane: int = 0) -> None:
    canvas = window.views.slices[plane].canvas
    canvas.setFocus()
    QTest.keyClick(canvas, which)


def journals(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.edits"))


def dialog_of(qtbot, window: MainWindow, kind):
    qtbot.waitUntil(lambda: any(it.isVisible() for it in window.findChildren(kind)))
    return next(it for it in window.findChildren(kind) if it.isVisible())


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_dragging_paints_the_slice_and_every_plane_shows_it(window, plane):
    before_ZYX = labels(window).copy()
    settings = window.painting.settings
    settings.set_radius_um(0.11)  # no voxel's centre on the rim: the mouse has whole pixels
    settings.set_label(3)
    paint(window, plane)
    view, size_um = window.views.slices[plane], (0.05,) * 3
    index = window.session.view.cursor[plane]
    start, stop = [0.0] * 3, [0.0] * 3
    start[plane] = stop[plane] = index
    start[view.plane.right], start[view.plane.down] = 4, 4
    stop[view.plane.right], stop[view.plane.down] = 18, 4
    wanted_ZYX = before_ZYX.copy()
    region = disc_stroke(
        tuple(start), tuple(stop), settings.radius_um, size_um, before_ZYX.shape, plane
    )
    wanted_ZYX[region.box.slices][region.mask_ZYX] = 3
    assert np.count_nonzero(wanted_ZYX != before_ZYX) > 20
    assert np.count_nonzero(labels(window) != wanted_ZYX) <= 4
    settings.set_tool("look")  # no outline of the brush
    shown = [view.canvas.grab().toImage() for view in window.views.slices]
    window.session.view.tell_settled()
    assert [view.canvas.grab().toImage() for view in window.views.slices] == shown
    window.painting.editing.undo()
    others = [view.canvas.grab().toImage() for view in window.views.slices]
    assert others[plane] != shown[plane]


def test_undo_and_redo_have_names_and_do_what_they_say(window):
    before_ZYX = labels(window).copy()
    undo, redo = (window.actions_by_name[name] for name in ("undo", "redo"))
    assert not undo.isEnabled()
    paint(window)
    after_ZYX = labels(window).copy()
    assert (undo.text(), undo.isEnabled()) == ("&Undo brush nucleus", True)
    assert "1 edit to save" in window.windowTitle()
    undo.trigger()
    assert np.array_equal(labels(window), before_ZYX)
    assert (redo.text(), redo.isEnabled()) == ("&Redo brush nucleus", True)
    assert "all changes saved" in window.windowTitle()
    redo.trigger()
    assert np.array_equal(labels(window), after_ZYX)


def test_a_huge_edit_is_taken_back_in_the_background(window, qtbot, monkeypatch):
    editing = window.painting.editing
    before_ZYX = labels(window).copy()
    paint(window)
    after_ZYX = labels(window).copy()
    monkeypatch.setattr("sxtstudio.gui.painting.editing.HUGE_VOXELS", 10)
    for step, wanted_ZYX in ((editing.undo, before_ZYX), (editing.redo, after_ZYX)):
        step()
        assert editing.busy, "it is done in the window's thread"
        step()  # is of no effect: one at a time
        qtbot.waitUntil(lambda: not editing.busy)
        assert np.array_equal(labels(window), wanted_ZYX)
    assert editing.editor.undo_count == 1


def test_undoing_in_the_middle_of_a_stroke_takes_the_stroke_back(window):
    editing = window.painting.editing
    paint(window)
    once_ZYX = labels(window).copy()
    editing.begin_stroke("brush")
    box = Box(low=(0, 0, 0), high=(3, 3, 3))
    editing.paint(Region(box=box, mask_ZYX=np.ones((3, 3, 3), bool)))
    editing.undo()
    assert np.array_equal(labels(window), once_ZYX)
    assert (editing.editor.undo_count, editing.editor.redo_name) == (1, "brush")


def test_keys_choose_class_tool_reach_and_size_in_a_view(window):
    settings = window.painting.settings
    key(window, Qt.Key.Key_3)
    assert settings.label == 3
    key(window, Qt.Key.Key_9)
    assert settings.label == 3, "there is no ninth class"
    radius_um = settings.radius_um
    key(window, Qt.Key.Key_BracketRight)
    assert settings.radius_um == pytest.approx(1.15 * radius_um)
    view = window.views.slices[1]
    mouse.turn_wheel(area(view), QPointF(30, 30), -2, Qt.KeyboardModifier.ShiftModifier)
    assert settings.radius_um == pytest.approx(radius_um / 1.15)
    key(window, Qt.Key.Key_D)
    assert settings.reach == "space"
    for which, tool in (
        ("E", "eraser"),
        ("F", "fill"),
        ("P", "pick"),
        ("V", "look"),
        ("B", "brush"),
    ):
        key(window, getattr(Qt.Key, f"Key_{which}"))
        assert settings.tool == tool
    key(window, Qt.Key.Key_0)
    assert settings.label == 0


def test_a_ball_reaches_into_other_slices_and_the_eraser_takes_away(window):
    key(window, Qt.Key.Key_D)
    key(window, Qt.Key.Key_2)
    before = np.count_nonzero(labels(window) == 2)
    paint(window, start=(12, 12), stop=(12, 12))
    z, y, x = np.nonzero(labels(window) == 2)
    assert z.size > before
    painted = (abs(y - 12) < 3) & (abs(x - 12) < 3)
    assert np.unique(z[painted]).size > 3
    key(window, Qt.Key.Key_E)
    paint(window, start=(12, 12), stop=(12, 12))
    assert np.count_nonzero(labels(window) == 2) == before


def test_fill_gives_a_whole_object_another_class_in_slice_in_space_and_everywhere(window, qtbot):
    """Ball 1 stands at (8.4, 8.4, 7.2): the slice through its middle is filled, then all of it."""
    session, settings = window.session, window.painting.settings
    session.view.set_cursor((8, 8, 7))
    settings.set_tool("fill")
    settings.set_label(4)
    ball = np.count_nonzero(labels(window) == 1)
    disc = np.count_nonzero(labels(window)[8] == 1)
    others = np.count_nonzero(labels(window) == 4)
    editing = window.painting.editing
    paint(window, start=(7, 8), stop=(7, 8))
    qtbot.waitUntil(lambda: not editing.busy)
    assert np.count_nonzero(labels(window) == 4) == others + disc
    editing.undo()
    settings.set_reach("space")
    paint(window, start=(7, 8), stop=(7, 8))
    qtbot.waitUntil(lambda: not editing.busy)
    assert np.count_nonzero(labels(window) == 4) == others + ball
    settings.set_reach("everywhere")
    settings.set_label(0)
    paint(window, start=(7, 8), stop=(7, 8))
    qtbot.waitUntil(lambda: not editing.busy)
    assert not np.any(labels(window) == 4)
    assert window.actions_by_name["undo"].text() == "&Undo fill unlabelled"


def test_fill_says_why_it_does_nothing(window):
    settings, editing = window.painting.settings, window.painting.editing
    window.session.view.set_cursor((8, 8, 7))
    settings.set_tool("fill")
    settings.set_label(1)
    paint(window, start=(7, 8), stop=(7, 8))
    assert window.status.note.text() == "That is “nucleus” already."
    settings.set_label(2)
    settings.set_locked(1, locked=True)
    paint(window, start=(7, 8), stop=(7, 8))
    assert window.status.note.text() == "“nucleus” may not be painted over now."
    assert editing.unsaved == 0


def test_pick_takes_the_class_under_the_mouse(window):
    window.session.view.set_cursor((8, 8, 7))
    window.painting.settings.set_label(5)
    window.painting.settings.set_tool("pick")
    paint(window, start=(7, 8), stop=(7, 8))
    assert window.painting.settings.label == 1
    assert window.painting.editing.unsaved == 0


def test_a_locked_class_is_not_painted_over_and_only_over_paints_nothing_else(window):
    table, settings = window.docks.class_list, window.painting.settings
    window.session.view.set_cursor((8, 8, 7))
    lock = table.cellWidget(0, LOCK)
    assert isinstance(lock, QToolButton)
    nucleus_ZYX = labels(window) == 1
    lock.click()
    assert settings.locked == {1}
    settings.set_label(2)
    paint(window, start=(2, 8), stop=(20, 8))
    assert np.array_equal(labels(window) == 1, nucleus_ZYX)
    assert np.count_nonzero(labels(window)[8] == 2) > 10
    window.painting.editing.undo()
    lock.click()
    settings.set_only_over(1)
    free_ZYX = labels(window) == 0
    paint(window, start=(2, 8), stop=(20, 8))
    assert np.array_equal(labels(window) == 0, free_ZYX)
    assert np.count_nonzero(labels(window) == 1) < np.count_nonzero(nucleus_ZYX)


def test_the_chosen_row_is_the_class_that_is_painted_with(window):
    table, settings = window.docks.class_list, window.painting.settings
    table.selectRow(3)
    assert settings.label == 4
    settings.set_label(2)
    assert table.currentRow() == 1
    window.painting.editing.end(keep=False)
    assert table.isColumnHidden(LOCK)
    assert not table.isColumnHidden(OPACITY)


def test_looking_moves_the_crosshair_and_paints_nothing(window):
    window.painting.settings.set_tool("look")
    paint(window, start=(4, 5), stop=(4, 5))
    assert window.session.view.cursor == (12, 5, 4)
    assert window.painting.editing.unsaved == 0


def test_the_bar_shows_and_sets_what_the_tools_do(window):
    bar, settings = window.painting.bar, window.painting.settings
    options = window.painting.options
    assert bar.isVisible()
    bar._tools["eraser"].trigger()
    assert settings.tool == "eraser"
    assert not bar._reaches["everywhere"].isEnabled()
    options.size_field.setValue(0.5)
    assert settings.radius_um == pytest.approx(0.25)
    options.slider.setValue(0)
    assert settings.radius_um == pytest.approx(0.025)
    bar._label.activated.emit(2)
    assert (settings.label, settings.tool) == (3, "brush")
    bar._over.activated.emit(2)
    assert settings.only_over == 2
    assert bar._over.currentText() == "mitochondria"


def test_surfaces_are_computed_again_once_nothing_was_painted_for_a_while(window, qtbot):
    with qtbot.waitSignal(window.session.view.labels_changed, timeout=PATIENCE_MS):
        paint(window)


def test_ctrl_z_in_the_middle_of_a_stroke_takes_it_back(window):
    before_ZYX = labels(window).copy()
    view = window.views.slices[0]
    mouse.press(area(view), LEFT, point(view, 4, 4))
    mouse.move(area(view), LEFT, point(view, 9, 4))
    window.actions_by_name["undo"].setEnabled(True)
    window.actions_by_name["undo"].trigger()
    mouse.move(area(view), LEFT, point(view, 14, 4))
    mouse.release(area(view), LEFT, point(view, 14, 4))
    assert np.array_equal(labels(window), before_ZYX)


def unsaved_in_journal(project: Path) -> int:
    """Return how many edits its journal holds, which another thread may just be beginning."""
    try:
        return summarise(journals(project)[0]).unsaved
    except (IndexError, FileError):
        return 0


def test_a_version_is_saved_with_comment_and_what_is_complete(window, qtbot, tmp_path):
    paint(window)
    edited_ZYX = labels(window).copy()
    window.actions_by_name["save_version"].trigger()
    dialog = dialog_of(qtbot, window, SaveDialog)
    dialog.comment_edit.setText("mended the nucleus")
    dialog.table.tick("lipid", on=False)
    assert not dialog.library_box.isEnabled()
    with qtbot.waitSignal(window.painting.editing.saved, timeout=PATIENCE_MS):
        dialog.accept()
    assert window.painting.editing.unsaved == 0
    assert "all changes saved" in window.windowTitle()
    record = window.session.require_shown()
    version = record.versions[-1]
    assert (version.kind, version.comment) == ("corrected", "mended the nucleus")
    assert version.complete == {"nucleus", "mitochondria", "starch", "vacuole"}
    assert window.session.version_id == version.id
    assert window.painting.editing.active, "one can go on painting"
    stored = window.session.project.label_map(record.id, version.id)
    assert np.array_equal(stored.labels_ZYX, edited_ZYX)
    assert version.made_by.parameters["base"] == "v000001"
    paint(window, start=(4, 20), stop=(18, 20))
    assert window.painting.editing.unsaved == 1
    qtbot.waitUntil(lambda: unsaved_in_journal(tmp_path / "p.sxt") == 1)


def test_stopping_with_nothing_unsaved_asks_nothing_and_leaves_no_journal(
    window, answers, tmp_path
):
    paint(window)
    window.painting.editing.undo()
    window.actions_by_name["edit_labels"].trigger()
    assert not window.painting.editing.active
    assert not window.painting.bar.isVisible()
    assert answers.asked == []
    assert journals(tmp_path / "p.sxt") == []


@pytest.mark.parametrize("answer", [SAVE, KEEP, DISCARD, "Cancel"])
def test_stopping_with_unsaved_edits_asks(window, qtbot, answers, tmp_path, answer):
    before_ZYX = labels(window).copy()
    paint(window)
    edited_ZYX = labels(window).copy()
    answers.append(answer)
    window.actions_by_name["edit_labels"].trigger()
    assert "1 edit of drawn is in no saved version" in answers.asked[0]
    editing = window.painting.editing
    if answer == SAVE:
        dialog_of(qtbot, window, SaveDialog).accept()
        qtbot.waitUntil(lambda: not editing.active, timeout=PATIENCE_MS)
        assert len(window.session.require_shown().versions) == 2
    assert editing.active == (answer == "Cancel")
    assert len(journals(tmp_path / "p.sxt")) == (answer == KEEP)
    kept = answer in (SAVE, "Cancel")
    assert np.array_equal(labels(window), edited_ZYX if kept else before_ZYX)
    assert window.actions_by_name["edit_labels"].isChecked() == (answer == "Cancel")


def test_edits_kept_in_the_journal_are_offered_when_the_cell_is_opened_again(
    window, make_window, qtbot, answers, tmp_path
):
    paint(window)
    paint(window, start=(4, 20), stop=(18, 20))
    edited_ZYX = labels(window).copy()
    answers.append(KEEP)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE_MS)
    assert len(journals(tmp_path / "p.sxt")) == 1
    answers.append(RECOVER)
    again = make_window(tmp_path / "p.sxt")
    qtbot.waitUntil(lambda: again.painting.editing.active, timeout=PATIENCE_MS)
    assert "Recover edits Recover 2 edits of drawn from " in answers.asked[1]
    assert np.array_equal(labels(again), edited_ZYX)
    assert again.painting.editing.unsaved == 2
    again.actions_by_name["undo"].trigger()
    again.actions_by_name["undo"].trigger()
    paint(again, start=(4, 12), stop=(8, 12))
    assert again.painting.editing.unsaved == 1
    again.painting.editing.end(keep=True)
    assert summarise(journals(tmp_path / "p.sxt")[0]).unsaved == 1


def test_selecting_another_cell_keeps_the_edits(window, answers, qtbot, tmp_path):
    paint(window)
    cells = window.session.cells()
    window.session.select(cells[1].id)
    assert not window.painting.editing.active
    assert window.status.note.text() == "1 edit is kept for drawn until that cell is opened again."
    answers.append(DISCARD)
    window.session.select(cells[0].id)
    qtbot.waitUntil(lambda: journals(tmp_path / "p.sxt") == [])


def test_not_now_asks_again_before_the_next_edit(window, answers, qtbot):
    paint(window)
    cells = window.session.cells()
    window.session.select(cells[1].id)
    answers.append("Not now")
    window.session.select(cells[0].id)
    qtbot.waitUntil(lambda: len(answers.asked) == 1)
    answers.append(RECOVER)
    window.actions_by_name["edit_labels"].trigger()
    qtbot.waitUntil(lambda: window.painting.editing.active, timeout=PATIENCE_MS)
    assert window.painting.editing.unsaved == 1


def test_edits_of_a_version_that_is_not_there_are_told(window, answers, qtbot, tmp_path):
    paint(window)
    window.painting.editing.end(keep=True)
    path = journals(tmp_path / "p.sxt")[0]
    path.write_bytes(path.read_bytes().replace(b"v000001", b"v000009"))
    cells = window.session.cells()
    window.session.select(cells[1].id)
    window.session.select(cells[0].id)
    qtbot.waitUntil(lambda: bool(answers.told))
    assert "not a journal" in answers.told[0], "a changed header has a wrong checksum"
    assert journals(tmp_path / "p.sxt") == []
    assert list(tmp_path.glob("*.edits-1"))


def test_new_labels_start_with_nothing_drawn_and_take_more_classes(window, qtbot):
    window.painting.editing.end(keep=False)
    window.session.select(window.session.cells()[1].id)
    window.actions_by_name["edit_labels"].trigger()
    picker = dialog_of(qtbot, window, TermPicker)
    assert not picker.accept_button.isEnabled()
    picker.tick("lipid")
    picker.tick("nucleus")
    picker.accept()
    assert not labels(window).any()
    names = {display.name for display in window.session.view.classes}
    assert names == {"nucleus", "lipid bodies"}
    paint(window)
    window.painting.bar.class_wanted.emit()
    more = dialog_of(qtbot, window, TermPicker)
    more.tick("vacuole")
    more.accept()
    assert window.session.view.label_map.names[3] == "vacuole"
    assert window.painting.settings.label == 3
    paint(window, start=(4, 20), stop=(18, 20))
    assert sorted(np.unique(labels(window))) == [0, 1, 3]
    window.actions_by_name["save_version"].trigger()
    with qtbot.waitSignal(window.painting.editing.saved, timeout=PATIENCE_MS):
        dialog_of(qtbot, window, SaveDialog).accept()
    version = window.session.require_shown().versions[-1]
    assert set(version.names) == {1, 3}, "what is not drawn is left out"


def test_an_accepted_version_goes_into_the_library(window, qtbot, tmp_path):
    Library.create(tmp_path / "library", "Ours").close()
    with qtbot.waitSignal(window.session.library.changed, timeout=PATIENCE_MS):
        window.session.library.open(tmp_path / "library")
    paint(window)
    window.actions_by_name["save_version"].trigger()
    dialog = dialog_of(qtbot, window, SaveDialog)
    assert "Ours" in dialog.library_box.text()
    dialog.library_box.setChecked(True)
    dialog.accept()
    library = window.session.library
    qtbot.waitUntil(lambda: len(library.library.cells()) == 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.status.note.text() == "drawn is in the library.")
    cell = library.library.read_cell(library.library.cells()[0].id)
    assert np.array_equal(cell.annotations[0].label_map.labels_ZYX, labels(window))


def test_discarding_goes_back_to_what_was_saved(window, answers):
    before_ZYX = labels(window).copy()
    paint(window)
    answers.append("Keep them")
    window.actions_by_name["discard_edits"].trigger()
    assert window.painting.editing.active
    answers.append("Discard")
    window.actions_by_name["discard_edits"].trigger()
    assert not window.painting.editing.active
    assert np.array_equal(labels(window), before_ZYX)


def test_a_project_that_can_only_be_read_is_a_sentence(make_window, answers, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    window = make_window()
    window.session._take(Project.open(path, read_only=True))
    window.session.select(window.session.cells()[0].id)
    window.actions_by_name["edit_labels"].trigger()
    assert not window.painting.editing.active
    assert "open read-only, so labels cannot be edited" in answers.told[0]
    window.actions_by_name["new_labels"].trigger()
    assert len(answers.told) == 2


def test_a_journal_that_cannot_be_written_is_told_and_painting_goes_on(
    window, answers, qtbot, tmp_path
):
    (tmp_path / f"p.sxt.{window.session.cell_id}.edits").mkdir()
    paint(window)
    qtbot.waitUntil(lambda: bool(answers.told), timeout=PATIENCE_MS)
    assert "kept in memory until they can be written" in answers.told[0]
    paint(window, start=(4, 20), stop=(18, 20))
    assert window.painting.editing.unsaved == 2
    (tmp_path / f"p.sxt.{window.session.cell_id}.edits").rmdir()
    qtbot.waitUntil(
        lambda: window.status.note.text() == "The journal of edits is being written again.",
        timeout=PATIENCE_MS,
    )
    assert summarise(journals(tmp_path / "p.sxt")[0]).unsaved == 2


def test_edits_that_cannot_be_written_are_not_lost_when_another_cell_is_chosen(
    window, answers, qtbot, tmp_path, monkeypatch
):
    monkeypatch.setattr("sxtstudio.gui.painting.journals._FLUSH_S", 0.1)
    cells = window.session.cells()
    place = tmp_path / f"p.sxt.{cells[0].id}.edits"
    place.mkdir()
    paint(window)
    answers.append(KEEP)
    window.actions_by_name["edit_labels"].trigger()
    assert window.painting.editing.active
    assert "Make room on the disk" in answers.told[-1]
    window.session.select(cells[1].id)
    window.session.select(cells[0].id)
    assert not window.painting.editing.active
    window.actions_by_name["edit_labels"].trigger()
    assert "cannot be written yet" in answers.told[-1]
    place.rmdir()
    qtbot.waitUntil(lambda: not window.painting.editing.journals.trying, timeout=PATIENCE_MS)
    answers.append(RECOVER)
    window.actions_by_name["edit_labels"].trigger()
    qtbot.waitUntil(lambda: window.painting.editing.active, timeout=PATIENCE_MS)
    assert window.painting.editing.unsaved == 1


def test_saving_onto_a_full_disk_is_a_sentence_and_keeps_the_edits(
    window, answers, qtbot, monkeypatch
):
    import shutil

    paint(window)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    window.actions_by_name["save_version"].trigger()
    dialog_of(qtbot, window, SaveDialog).accept()
    qtbot.waitUntil(lambda: bool(answers.told), timeout=PATIENCE_MS)
    assert "make room" in answers.told[0]
    assert window.painting.editing.unsaved == 1


def test_predicted_labels_become_terms_of_the_vocabulary(make_window, tmp_path):
    from tests.workflow.test_correcting import add_prediction

    path = write_project(tmp_path / "p.sxt", five_balls_cell("drawn"), task=False)
    with Project.open(path) as project:
        add_prediction(project)
    window = make_window(path)
    window.actions_by_name["edit_labels"].trigger()
    assert window.session.view.label_map.names == {1: "nucleus", 2: "cell"}
    assert "“storage” is now “cell”" in window.status.note.text()


def test_the_labels_of_a_large_cell_are_read_into_memory_before_they_are_edited(
    make_window, qtbot, answers, tmp_path, monkeypatch
):
    monkeypatch.setattr("sxtstudio.workflow.looking.WHOLE_BYTES", 0)
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    editing = window.painting.editing
    window.actions_by_name["edit_labels"].trigger()
    qtbot.waitUntil(lambda: editing.active, timeout=PATIENCE_MS)
    assert not isinstance(labels(window), np.memmap)
    before_ZYX = labels(window).copy()
    paint(window)
    edited_ZYX = labels(window).copy()
    assert not np.array_equal(edited_ZYX, before_ZYX)
    answers.append(DISCARD)
    window.actions_by_name["edit_labels"].trigger()
    window.actions_by_name["edit_labels"].trigger()
    assert not editing.active, "what was thrown away is not edited"
    assert window.status.note.text() == "Editing begins as soon as the labels are read."
    qtbot.waitUntil(lambda: editing.active, timeout=PATIENCE_MS)
    assert np.array_equal(labels(window), before_ZYX)
    paint(window)
    window.actions_by_name["save_version"].trigger()
    with qtbot.waitSignal(editing.saved, timeout=PATIENCE_MS):
        dialog_of(qtbot, window, SaveDialog).accept()
    assert editing.active
    stored = window.session.project.label_map(window.session.cell_id)
    assert np.array_equal(stored.labels_ZYX, edited_ZYX)


def test_another_choice_while_labels_are_read_begins_nothing(
    make_window, qtbot, tmp_path, monkeypatch
):
    monkeypatch.setattr("sxtstudio.workflow.looking.WHOLE_BYTES", 0)
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    qtbot.waitUntil(lambda: window.session.view.label_map is not None, timeout=PATIENCE_MS)
    window.actions_by_name["edit_labels"].trigger()
    window.session.select(window.session.cells()[1].id)
    qtbot.waitUntil(lambda: not window.painting.editing.busy, timeout=PATIENCE_MS)
    assert not window.painting.editing.active


def test_saving_while_leaving_can_be_called_off(window, qtbot, answers):
    paint(window)
    answers.append(SAVE)
    window.actions_by_name["edit_labels"].trigger()
    dialog_of(qtbot, window, SaveDialog).reject()
    assert window.painting.editing.active
    window.actions_by_name["save_version"].trigger()
    dialog = dialog_of(qtbot, window, SaveDialog)
    dialog.table.tick("lipid", on=False)
    dialog.all_button.click()
    with qtbot.waitSignal(window.painting.editing.saved, timeout=PATIENCE_MS):
        dialog.accept()
    assert "lipid" in window.session.require_shown().versions[-1].complete
    assert window.painting.editing.active, "nothing was left by a save that was asked for later"


def test_what_is_pressed_beside_the_volume_or_with_ctrl(window):
    settings, editing = window.painting.settings, window.painting.editing
    window.session.view.set_cursor((8, 8, 7))
    settings.set_label(3)
    view = window.views.slices[0]
    QTest.mouseClick(
        area(view), LEFT, Qt.KeyboardModifier.ControlModifier, point(view, 7, 8).toPoint()
    )
    assert settings.label == 1, "Ctrl picks with any tool"
    for tool in ("fill", "pick", "brush"):
        settings.set_tool(tool)
        paint(window, start=(-9, -9), stop=(-9, -9))
    assert editing.unsaved == 0
    assert settings.label == 1


def test_putting_the_tool_away_in_the_middle_of_a_stroke_ends_the_stroke(window):
    view = window.views.slices[0]
    mouse.press(area(view), LEFT, point(view, 4, 4))
    mouse.move(area(view), LEFT, point(view, 9, 4))
    window.views.tools.take(None)
    assert window.painting.editing.unsaved == 1
    assert not window.painting.editing.editor.is_open


def test_a_fill_can_be_called_off_and_nothing_is_left_behind(window, qtbot):
    editing = window.painting.editing
    window.painting.settings.set_tool("fill")
    window.painting.settings.set_reach("space")
    paint(window, start=(20, 2), stop=(20, 2))
    assert editing.busy
    assert not window.painting.bar.isEnabled()
    paint(window, start=(20, 2), stop=(20, 2))  # nothing is painted meanwhile
    window.actions_by_name["edit_labels"].trigger()
    key(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not editing.busy, timeout=PATIENCE_MS)
    assert editing.active
    assert window.painting.bar.isEnabled()


def test_the_brush_is_outlined_under_the_mouse(window):
    view = window.views.slices[0]
    settings = window.painting.settings
    for tool in ("brush", "eraser", "fill", "pick"):
        settings.set_tool("look")
        mouse.move(area(view), Qt.MouseButton.NoButton, point(view, 12, 17))
        plain = view.grab().toImage()
        settings.set_tool(tool)
        mouse.move(area(view), Qt.MouseButton.NoButton, point(view, 12, 17))
        assert view.grab().toImage() != plain


def test_another_tool_in_hand_lets_the_brush_rest(window):
    from sxtstudio.gui.slices.tool import Tool

    class Other(Tool):
        name, hint = "Other", ""

    window.views.tools.take(Other())
    assert window.painting.settings.tool == "look"
    window.painting.settings.set_tool("brush")
    paint(window)
    assert window.painting.editing.unsaved == 1
    window.views.tools.take(None)
    assert window.views.tools.tool is not None


def test_sizes_stay_within_what_a_volume_allows(qapp):
    settings = PaintSettings()
    settings.begin((0.1, 0.05, 0.04), 1)
    assert settings.radius_um == pytest.approx(0.1, rel=1)
    settings.grow(-100)
    assert settings.radius_um == pytest.approx(0.02)
    settings.grow(100)
    assert settings.radius_um == pytest.approx(4.0)


def test_a_time_is_said_with_its_day_unless_it_is_today():
    now = time.time()
    assert when_words(now) == time.strftime("%H:%M", time.localtime(now))
    assert when_words(0).startswith(("1 January 1970", "01 January 1970", "31 December 1969"))


_PAINTER = """
import os, sys
sys.path.insert(0, os.getcwd())
from pathlib import Path
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtWidgets import QApplication
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from tests.gui import test_painting as t
application = QApplication([])
window = MainWindow(Session(), remember=False)
window.resize(1200, 800)
window.show()
window.open_path(Path(sys.argv[1]))
window.session.select(window.session.cells()[0].id)
window.actions_by_name["edit_labels"].trigger()
count = 0
def stroke():
    global count
    window.painting.settings.set_label(count % 5 + 1)
    row = 2 + count % 20
    t.paint(window, count % 3, start=(2, row), stop=(20, 22 - row))
    count += 1
    print(count, window.painting.editing.unsaved, flush=True)
timer = QTimer()
timer.timeout.connect(stroke)
timer.start(100)
application.exec()
"""


@pytest.mark.slow
def test_a_window_that_is_killed_offers_its_edits_when_the_cell_is_opened_again(
    make_window, answers, qtbot, tmp_path
):
    path = two_cell_project(tmp_path / "p.sxt")
    told: list[tuple[float, int]] = []
    with subprocess.Popen(
        [sys.executable, "-c", _PAINTER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    ) as painter:
        assert painter.stdout is not None
        while len(told) < 45:
            told.append((time.monotonic(), int(painter.stdout.readline().split()[1])))
        painter.send_signal(signal.SIGKILL)
        killed = time.monotonic()
    due = max(count for at, count in told if at < killed - 2)
    answers.append(RECOVER)
    window = make_window(path)
    qtbot.waitUntil(lambda: window.painting.editing.active, timeout=PATIENCE_MS)
    assert due <= window.painting.editing.unsaved <= told[-1][1] + 1
    assert f"Recover {window.painting.editing.unsaved} edits of drawn from" in answers.asked[0]
