"""The whole window on real projects; only the boxes are answered by the tests."""

import json
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from sxtstudio.gui import messages
from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.import_dialog import ImportDialog
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.recent_menu import RecentMenu
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import recent_projects
from sxtstudio.gui.task_dialog import TaskDialog
from sxtstudio.gui.train_dialog import TrainDialog
from sxtstudio.io.volumes import read_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow.jobs import TrainingRequest
from tests.gui.projects import five_balls_cell, two_cell_project, write_mrc, write_project

PATIENCE_MS = 240_000
DEAF = 'print(\'{"event": "ready"}\', flush=True)\nimport time\ntime.sleep(600)'


@pytest.fixture
def told(monkeypatch):
    """Every sentence that the window shows in a box."""
    sentences = []
    for name in ("show_error", "show_text", "show_about", "show_crash"):
        monkeypatch.setattr(
            messages, name, lambda *words: sentences.append(" ".join(map(str, words[1:])))
        )
    return sentences


@pytest.fixture
def make_window(qtbot, told):
    windows = []

    def make(path: Path | None = None, worker=None) -> MainWindow:
        window = MainWindow(Session(worker=worker))
        windows.append(window)
        window.show()
        if path is not None:
            window.open_path(path)
        return window

    yield make
    for window in windows:
        window.session.jobs._patience.setInterval(200)
        window.session.jobs.cancel_all()
        qtbot.waitUntil(lambda window=window: not window.session.jobs.busy, timeout=PATIENCE_MS)
        window.close()
        window.deleteLater()


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(5, 5), copy, data, left, keys)
    QApplication.sendEvent(window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), copy, data, left, keys))


def dialog_of(qtbot, window: MainWindow, kind: type[QDialog]):
    qtbot.waitUntil(lambda: bool(window.findChildren(kind)))
    return window.findChildren(kind)[-1]


def test_the_start_page_is_shown_until_a_project_is_open(make_window, tmp_path):
    window = make_window()

    assert window.start_page.isVisible()
    assert not window.docks.browser.isVisible()
    assert not window.actions_by_name["train"].isEnabled()
    assert window.windowTitle() == "SXT Studio"

    window.open_path(two_cell_project(tmp_path / "p.sxt"))

    assert not window.start_page.isVisible()
    assert window.docks.browser.isVisible()
    assert window.docks.class_list.rowCount() == 5
    assert window.actions_by_name["train"].isEnabled()
    assert window.windowTitle() == "p.sxt – all changes saved – SXT Studio"


@pytest.mark.parametrize("kind", ["missing", "text", "plain HDF5"])
def test_a_bad_project_is_refused_with_a_sentence(make_window, told, tmp_path, kind):
    path = tmp_path / "bad.sxt"
    if kind == "text":
        path.write_text("no project")
    elif kind == "plain HDF5":
        with h5py.File(path, "w") as file:
            file["x"] = 1
    window = make_window()

    window._guard(lambda: window.open_path(path))

    (sentence,) = told
    assert "bad.sxt" in sentence
    assert window.session.project is None
    assert window.start_page.isVisible()


def test_a_project_that_another_window_has_open_is_refused_and_this_one_stays(
    make_window, told, tmp_path
):
    first = make_window(two_cell_project(tmp_path / "a.sxt"))
    second = make_window(two_cell_project(tmp_path / "b.sxt"))

    second._guard(lambda: second.open_path(first.session.project.path))

    (sentence,) = told
    assert "a.sxt" in sentence
    assert second.session.project.path.name == "b.sxt"


def test_a_new_project_is_made_where_the_user_says(make_window, tmp_path, monkeypatch):
    window = make_window()
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "new.sxt")

    window.actions_by_name["new"].trigger()

    assert (tmp_path / "new.sxt").is_file()
    assert window.session.cells() == ()
    assert window.windowTitle().startswith("new.sxt")


def test_a_dropped_project_opens_and_is_remembered(qtbot, make_window, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    window = make_window()

    drop(window, path)
    qtbot.waitUntil(lambda: window.session.project is not None)

    assert recent_projects()[0] == path
    recent = window.findChild(RecentMenu)
    recent.aboutToShow.emit()
    assert recent.actions()[0].text() == str(path)


def test_a_project_whose_folder_cannot_be_written_is_opened_to_look_at(
    qtbot, make_window, told, tmp_path
):
    made = two_cell_project(tmp_path / "p.sxt")
    # No name is left for a lock: the file system refuses it, also to an administrator.
    path = made.rename(tmp_path / f"{'p' * 247}.sxt")
    window = make_window()
    before = path.read_bytes()
    drop(window, path)
    qtbot.waitUntil(lambda: window.session.project is not None)
    project = window.session.project
    assert not told
    assert project is not None
    assert project.read_only
    assert project.path == path
    assert "read only" in window.windowTitle()
    assert "saved" not in window.windowTitle()
    assert window.session.view.tomogram is not None
    window.session.close_project()
    assert path.read_bytes() == before


def test_a_dropped_tomogram_is_shown_and_can_be_imported_into_a_new_project(
    qtbot, make_window, tmp_path, monkeypatch
):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX
    path = write_mrc(tmp_path / "cell.mrc", lac_ZYX, voxel_nm=50)
    window = make_window()
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "new.sxt")

    drop(window, path)
    bar = window.volumes.bar
    qtbot.waitUntil(bar.isVisible)
    assert window.session.project is None
    assert "cell.mrc" in bar.words.text()
    assert "stored values, no LAC scale" in bar.words.text()
    np.testing.assert_array_equal(window.session.view.tomogram.lac_ZYX, lac_ZYX)

    QTest.mouseClick(bar.import_button, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, window, ImportDialog)
    qtbot.waitUntil(dialog.import_button.isEnabled)
    QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.cell_id is not None)

    assert bar.isHidden()
    assert [cell.name for cell in window.session.cells()] == ["cell"]
    np.testing.assert_array_equal(window.session.view.tomogram.lac_ZYX, lac_ZYX)


def test_a_file_that_was_looked_at_is_closed_again(qtbot, make_window, tmp_path, monkeypatch):
    path = write_mrc(tmp_path / "cell.mrc", five_balls_cell("x").tomogram.lac_ZYX, voxel_nm=50)
    window = make_window()
    monkeypatch.setattr(messages, "choose_file", lambda *_: path)

    window.actions_by_name["open_volume"].trigger()
    qtbot.waitUntil(window.volumes.bar.isVisible)
    QTest.mouseClick(window.volumes.bar.close_button, Qt.MouseButton.LeftButton)

    assert window.session.view.tomogram is None
    assert window.volumes.bar.isHidden()
    assert window.start_page.isVisible()


def test_a_file_that_is_no_volume_is_refused_with_a_sentence(
    qtbot, make_window, tmp_path, monkeypatch
):
    path = tmp_path / "notes.mrc"
    path.write_text("nothing")
    window = make_window()
    told = []
    monkeypatch.setattr(messages, "show_error", lambda _parent, _title, words: told.append(words))

    drop(window, path)
    qtbot.waitUntil(lambda: bool(told))

    assert "notes.mrc" in told[0]
    assert window.start_page.isVisible()


def test_several_dropped_tomograms_are_asked_about_one_after_the_other(
    qtbot, make_window, tmp_path
):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX
    paths = [write_mrc(tmp_path / f"{name}.mrc", lac_ZYX, voxel_nm=50) for name in "ab"]
    window = make_window(write_project(tmp_path / "p.sxt"))

    drop(window, *paths)
    first = dialog_of(qtbot, window, ImportDialog)
    qtbot.waitUntil(first.import_button.isEnabled)
    first.reject()
    qtbot.waitUntil(lambda: dialog_of(qtbot, window, ImportDialog) is not first)
    second = dialog_of(qtbot, window, ImportDialog)
    qtbot.waitUntil(second.import_button.isEnabled)
    second.import_button.click()
    qtbot.waitUntil(lambda: bool(window.session.cells()))

    assert [cell.name for cell in window.session.cells()] == ["b"]


def test_the_status_bar_tells_the_voxel_under_the_mouse(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    window.views.hovered.emit((8, 8, 7))
    lac = window.session.view.tomogram.lac_ZYX[8, 8, 7]
    assert window.status.voxel.text() == (
        f"z 8 y 8 x 7 | 0.40, 0.40, 0.35 µm | LAC {lac:.3f} µm⁻¹ | nucleus"
    )

    window.views.hovered.emit((0, 0, 0))
    assert window.status.voxel.text().endswith("| unlabelled")

    window.views.hovered.emit(None)
    assert window.status.voxel.text() == ""


def test_the_status_bar_names_no_class_where_there_are_no_labels(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    window.session.select(window.session.cells()[1].id)

    window.views.hovered.emit((1, 2, 3))

    assert window.status.voxel.text().count("|") == 2


def test_a_task_is_made_from_the_menu(qtbot, make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    window.actions_by_name["task"].trigger()
    dialog = dialog_of(qtbot, window, TaskDialog)
    dialog.name_edit.setText("nuclei")
    dialog.tick("nucleus")
    dialog.accept_button.click()

    assert [task.name for task in window.session.tasks()] == ["organelles", "nuclei"]
    assert "nuclei" in window.status.note.text()


def test_measuring_shows_the_table_and_keeps_it(qtbot, make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    with qtbot.waitSignal(window.session.measured, timeout=PATIENCE_MS):
        window.actions_by_name["measure"].trigger()

    table = window.docks.measure_panel.model.table
    names = [column.name for column in table.columns]
    volumes = {
        row[names.index("class")]: row[names.index("volume_um3")]
        for row in table.rows
        if row[names.index("object")] == 0
    }
    labels_ZYX = window.session.view.label_map.labels_ZYX
    assert volumes["nucleus"] == pytest.approx((labels_ZYX == 1).sum() * 0.05**3)
    assert window.docks.measure_panel.isVisible()
    assert len(window.session.project.measurements()) == 1


def test_all_cells_are_measured_into_one_table(qtbot, make_window, tmp_path):
    cells = [five_balls_cell(name) for name in ("a", "b")]
    window = make_window(write_project(tmp_path / "p.sxt", *cells))

    with qtbot.waitSignal(window.session.measured, timeout=PATIENCE_MS) as measured:
        window.actions_by_name["measure_all"].trigger()

    caption, table = measured.args
    assert caption == "a, b"
    assert {row[0] for row in table.rows} == {"a", "b"}


def test_a_cell_without_labels_cannot_be_measured(make_window, told, tmp_path):
    window = make_window(write_project(tmp_path / "p.sxt", five_balls_cell("a", labelled=False)))

    window.actions_by_name["measure"].trigger()
    window.actions_by_name["measure_all"].trigger()

    assert "no labels" in told[0]
    assert "No cell has labels" in told[1]


def test_actions_on_a_cell_ask_for_one_first(make_window, told, tmp_path):
    window = make_window(write_project(tmp_path / "p.sxt"))

    for name in ("measure", "rename", "picture"):
        window.actions_by_name[name].trigger()

    assert len(told) == 3
    assert all("Choose a cell" in sentence for sentence in told)


def test_a_cell_is_renamed(make_window, told, tmp_path, monkeypatch):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    monkeypatch.setattr(messages, "ask_text", lambda *_: "first")
    window.actions_by_name["rename"].trigger()
    assert window.session.cells()[0].name == "first"

    monkeypatch.setattr(messages, "ask_text", lambda *_: "bare")
    window.actions_by_name["rename"].trigger()
    assert len(told) == 1
    assert window.session.cells()[0].name == "first"


def test_labels_are_exported_with_their_names(qtbot, make_window, tmp_path, monkeypatch):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    out = tmp_path / "out.am"
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: out)

    window.actions_by_name["export"].trigger()
    from sxtstudio.gui.export_dialog import ExportDialog

    with qtbot.waitSignal(window.space.noted, timeout=20_000) as blocker:
        dialog_of(qtbot, window, ExportDialog).accept_button.click()

    assert blocker.args == [f"Wrote {out}"]
    volume = read_volume(out)
    assert "nucleus" in volume.class_names.values()
    np.testing.assert_array_equal(
        np.asarray(volume.values_ZYX[...]), window.session.view.label_map.labels_ZYX
    )


def test_a_picture_of_the_surfaces_is_saved(qtbot, make_window, tmp_path, monkeypatch):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    out = tmp_path / "3d.png"
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: out)

    window.actions_by_name["picture"].trigger()
    from sxtstudio.gui.space.output_dialogs import PictureDialog

    dialog = dialog_of(qtbot, window, PictureDialog)
    dialog.width_box.setValue(200)
    dialog.height_box.setValue(160)
    dialog.accept()

    qtbot.waitUntil(out.exists, timeout=20_000)
    assert out.read_bytes()[:4] == b"\x89PNG"


def test_changing_ones_mind_changes_nothing(make_window, tmp_path, monkeypatch):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    before = sorted(tmp_path.iterdir())
    for name in ("choose_file", "choose_new_file", "ask_text"):
        monkeypatch.setattr(messages, name, lambda *_: None)

    for name in ("new", "open", "import", "rename"):
        window.actions_by_name[name].trigger()

    assert sorted(tmp_path.iterdir()) == before


def test_a_sound_project_is_told_so_and_the_window_does_not_wait(
    qtbot, make_window, told, tmp_path
):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    window.actions_by_name["check"].trigger()

    assert window.space.files.busy
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == ["Check project Every checksum of p.sxt is right."]


def test_a_damaged_project_is_told_so_while_it_is_open(qtbot, make_window, told, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    with Project.open(path) as project:
        lac = project.tomogram(project.cells()[0].id).lac_ZYX
    content = bytearray(path.read_bytes())
    at = content.index(np.ascontiguousarray(lac, "<f4").tobytes()[:64])
    content[at] ^= 1
    path.write_bytes(content)
    window = make_window(path)

    window.actions_by_name["check"].trigger()

    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "the values of its tomogram have changed on the disk" in told[0]


def test_layouts_maximise_one_view_and_give_room_back(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    panels = window.views.panels

    window.actions_by_name["layout_3d"].trigger()
    assert [panel.isVisible() for panel in panels] == [False, False, False, True]

    window.actions_by_name["layout_xy"].trigger()
    assert [panel.isVisible() for panel in panels] == [True, False, False, False]

    window.actions_by_name["reset_layout"].trigger()
    assert all(panel.isVisible() for panel in panels)


def test_labels_can_be_hidden_and_shown_from_the_menu(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    window.actions_by_name["overlay"].trigger()
    assert not window.session.view.overlay_shown

    window.actions_by_name["overlay"].trigger()
    assert window.session.view.overlay_shown


def test_about_tells_what_the_program_is(make_window, told):
    make_window().actions_by_name["about"].trigger()

    assert "SXT Studio" in told[0]


def test_every_action_is_in_a_menu_and_no_key_is_given_twice(make_window):
    window = make_window()

    def below(menu) -> set:
        actions = set(menu.actions())
        inner = [action.menu() for action in actions if action.menu() is not None]
        return actions.union(*(below(it) for it in inner))

    in_menus = set().union(*(below(menu.menu()) for menu in window.menuBar().actions()))
    assert set(window.actions_by_name.values()) <= in_menus
    # The keys of the review panel go before others while it is on show.
    keys = [(command.in_review, key) for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_every_widget_one_can_use_has_a_name_for_those_who_cannot_see_it(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    nameless = [
        type(widget).__name__
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisible()
        and type(widget).__module__.startswith("sxtstudio")
        and not widget.accessibleName()
    ]

    assert nameless == []


def test_places_are_remembered(make_window, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    first = make_window(path)
    next(it for it in first.docks.toggle_actions() if it.text() == "Jobs").trigger()
    assert not first.docks.jobs_panel.isVisible()
    first.close()

    second = make_window(path)
    assert not second.docks.jobs_panel.isVisible()

    second.actions_by_name["reset_layout"].trigger()
    assert second.docks.jobs_panel.isVisible()


def test_closing_with_a_job_running_asks_and_can_be_called_off(
    qtbot, make_window, tmp_path, monkeypatch
):
    window = make_window(two_cell_project(tmp_path / "p.sxt"), worker=[sys.executable, "-c", DEAF])
    window.session.train(TrainingRequest(task="organelles", network=tmp_path / "n.sxtnet"))
    questions = []
    monkeypatch.setattr(messages, "ask", lambda *words: bool(questions.append(words[2])))

    window.close()

    assert window.isVisible()
    assert "Train organelles" in questions[0]
    assert window.session.jobs.busy


def test_closing_with_a_job_running_stops_it_and_leaves_nothing_behind(
    qtbot, make_window, tmp_path, monkeypatch
):
    window = make_window(two_cell_project(tmp_path / "p.sxt"), worker=[sys.executable, "-c", DEAF])
    window.session.jobs._patience.setInterval(300)
    window.session.train(TrainingRequest(task="organelles", network=tmp_path / "n.sxtnet"))
    qtbot.waitUntil(lambda: window.session.jobs._engine._worker is not None)
    process = window.session.jobs._engine._worker._process
    monkeypatch.setattr(messages, "ask", lambda *_: True)

    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE_MS)

    assert process.poll() is not None
    assert not window.session.jobs._engine.isRunning()
    assert window.session.project is None


def test_a_crashed_job_shows_a_report_and_the_window_goes_on(qtbot, make_window, told, tmp_path):
    worker = [sys.executable, "-c", "import sys; sys.exit('out of memory')"]
    window = make_window(two_cell_project(tmp_path / "p.sxt"), worker=worker)

    with qtbot.waitSignal(window.session.jobs.finished, timeout=PATIENCE_MS):
        window.session.train(TrainingRequest(task="organelles", network=tmp_path / "n.sxtnet"))

    assert "broke off" in told[0]
    assert "out of memory" in told[0]
    assert window.session.project is not None


def test_a_job_that_fails_tells_why(qtbot, make_window, told, tmp_path):
    failed = json.dumps({"event": "failed", "text": "Too little memory for this plan."})
    worker = [sys.executable, "-c", f"print({failed!r}, flush=True); input()"]
    window = make_window(two_cell_project(tmp_path / "p.sxt"), worker=worker)

    with qtbot.waitSignal(window.session.jobs.finished, timeout=PATIENCE_MS):
        window.session.train(TrainingRequest(task="organelles", network=tmp_path / "n.sxtnet"))

    assert "Too little memory" in told[0]


@pytest.mark.slow
def test_train_segment_and_measure_from_the_window(qtbot, make_window, told, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt", 32))
    session = window.session
    request = TrainingRequest(
        task="organelles", network=tmp_path / "n.sxtnet", steps=8, device="cpu", threads=1
    )

    with qtbot.waitSignal(session.jobs.finished, timeout=PATIENCE_MS) as trained:
        session.train(request)
    assert trained.args[0].state == "done", told
    assert window.docks.jobs_panel.training.count() >= 1
    assert not (tmp_path / "n.sxtnet.job").exists()

    bare = session.cells()[1]
    window.cells.segment(bare.id)
    from sxtstudio.gui.segment_dialog import SegmentDialog

    dialog = dialog_of(qtbot, window, SegmentDialog)
    with qtbot.waitSignal(session.jobs.finished, timeout=PATIENCE_MS) as segmented:
        dialog.accept_button.click()
    assert segmented.args[0].state == "done", told
    assert session.cell_id == bare.id
    assert session.view.label_map is not None
    assert session.cells()[1].versions[0].kind == "predicted"
    assert told == []


def test_a_training_is_queued_from_the_dialog(qtbot, make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"), worker=[sys.executable, "-c", DEAF])

    window.actions_by_name["train"].trigger()
    dialog_of(qtbot, window, TrainDialog).accept_button.click()

    qtbot.waitUntil(lambda: window.session.jobs.current is not None, timeout=PATIENCE_MS)
    assert window.session.jobs.current.title == "Train organelles"
    assert window.status.job.text() == "Train organelles"
    assert window.docks.jobs_panel.isVisible()
