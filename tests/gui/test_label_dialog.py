"""Labels made elsewhere come back to a cell of the open project: by menu, by mouse, by drop."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from sxtstudio.core.brush import disc_stroke
from sxtstudio.core.volume import Volume
from sxtstudio.gui import messages
from sxtstudio.gui.browser import Entry
from sxtstudio.gui.import_dialog import ImportDialog
from sxtstudio.gui.incoming import AS_TOMOGRAM
from sxtstudio.gui.label_dialog import LabelDialog
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.new_term_dialog import NewTermDialog
from sxtstudio.gui.painting.leaving import DISCARD, KEEP
from sxtstudio.gui.session import Session
from sxtstudio.gui.term_combo import NEW_TERM
from sxtstudio.io.volumes import write_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow.importing import AddCell, add_cell_from_files
from sxtstudio.workflow.label_import import UNLABELLED
from tests.gui.projects import NAMES, VOXEL_UM, five_balls_cell, two_cell_project, write_mrc

LABELS_ZYX = five_balls_cell("x").annotations[0].label_map.labels_ZYX
MENDED_ZYX = np.where(LABELS_ZYX == 5, 0, LABELS_ZYX).astype(np.uint8)
PATIENCE_MS = 20_000
LEFT = Qt.MouseButton.LeftButton
CORNER = QPoint(5, 5)


def write(path: Path, labels_ZYX: np.ndarray = MENDED_ZYX, **facts) -> Path:
    write_volume(path, Volume(values_ZYX=labels_ZYX, **{"voxel_size_um": VOXEL_UM, **facts}))
    return path


@pytest.fixture
def asked(monkeypatch):
    """What is answered to questions, in order, and what was asked and told."""

    class Asked(list):
        questions: list[str]
        told: list[str]
        choices: list[tuple[str, ...]]

    answers = Asked()
    answers.questions, answers.told, answers.choices = [], [], []

    def which(_parent, title, text, choices, neither):
        answers.questions.append(f"{title} {text}")
        answers.choices.append(tuple(choices))
        answer = answers.pop(0)
        assert answer in (*choices, neither)
        return None if answer == neither else answer

    monkeypatch.setattr(messages, "ask_which", which)
    monkeypatch.setattr(messages, "show_error", lambda *words: answers.told.append(words[-1]))
    return answers


@pytest.fixture
def window(qtbot, asked, tmp_path):
    window = MainWindow(Session(), remember=False)
    window.resize(1200, 800)
    window.show()
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    window.session.select(window.session.cells()[0].id)
    yield window
    qtbot.waitUntil(lambda: not window.painting.editing.busy)
    window.painting.editing.end(keep=False)
    window.close()
    window.deleteLater()


def versions(window: MainWindow, cell: int = 0):
    return window.session.cells()[cell].versions


def dialogs(window: MainWindow, kind: type[QDialog]):
    return [it for it in window.findChildren(kind) if it.isVisible()]


def dialog_of(qtbot, window: MainWindow, kind: type[QDialog]):
    qtbot.waitUntil(lambda: bool(dialogs(window, kind)), timeout=PATIENCE_MS)
    return dialogs(window, kind)[0]


def opened(qtbot, window: MainWindow) -> LabelDialog:
    dialog = dialog_of(qtbot, window, LabelDialog)
    qtbot.waitUntil(lambda: not dialog.bar.isVisible(), timeout=PATIENCE_MS)
    return dialog


def add(qtbot, window: MainWindow, monkeypatch, path: Path) -> LabelDialog:
    monkeypatch.setattr(messages, "choose_file", lambda *_: path)
    window.actions_by_name["add_labels"].trigger()
    return opened(qtbot, window)


def accept(qtbot, window: MainWindow, dialog: LabelDialog) -> None:
    with qtbot.waitSignal(dialog.accepted, timeout=PATIENCE_MS):
        QTest.mouseClick(dialog.add_button, LEFT)
    qtbot.waitUntil(lambda: not dialogs(window, LabelDialog))


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(widget: QWidget, *paths: Path, at: QPoint = CORNER) -> None:
    data, copy, keys = mime(*paths), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at, copy, data, LEFT, keys)
    QApplication.sendEvent(widget, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), copy, data, LEFT, keys))


def test_labels_from_the_menu_become_the_version_on_show(qtbot, window, monkeypatch, tmp_path):
    path = write(tmp_path / "mended.am", class_names={**NAMES, 4: "no such thing"})
    dialog = add(qtbot, window, monkeypatch, path)
    assert dialog.windowTitle() == "Add labels to drawn"
    assert "label value 4" in dialog.problem.text()
    assert not dialog.add_button.isEnabled()

    dialog.fields.table.combo(3).set_term("starch")
    dialog.fields.table.tick(0).click()
    QTest.keyClicks(dialog.comment_edit, "mended in Amira")
    accept(qtbot, window, dialog)

    first, second = versions(window)
    assert window.session.version_id == second.id
    assert (second.kind, second.comment) == ("imported", "mended in Amira")
    assert second.complete == {"nucleus"}
    np.testing.assert_array_equal(window.session.view.label_map.labels_ZYX, MENDED_ZYX)
    browser = window.docks.browser
    assert browser.tree.currentIndex().data() == "from mended.am"
    said = window.status.note.text()
    assert f"mended.am is version {second.id}" in said
    assert f"Version {first.id} stays" in said


def test_the_labels_are_shown_over_the_slices_where_most_of_them_are(
    qtbot, window, monkeypatch, tmp_path
):
    few_ZYX = np.zeros_like(LABELS_ZYX)
    few_ZYX[5, 3:9, 10:14], few_ZYX[6, 4, 11] = 1, 1
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "few.mrc", few_ZYX))
    assert dialog.pictures.view.cursor == (5, 5, 11)
    assert dialog.pictures.view.label_map is not None
    np.testing.assert_array_equal(dialog.pictures.view.label_map.labels_ZYX, few_ZYX)
    assert [it.name for it in dialog.pictures.view.classes] == ["nucleus"]
    dialog.fields.table.combo(0).set_term("lipid")
    assert [it.name for it in dialog.pictures.view.classes] == ["lipid bodies"]
    dialog.pictures.slices[1].maximise_wanted.emit()
    assert [it.isVisible() for it in dialog.pictures.slices] == [False, True, False]
    dialog.pictures.slices[1].maximise_wanted.emit()
    assert all(it.isVisible() for it in dialog.pictures.slices)
    dialog.reject()


def test_numbers_that_an_earlier_version_knows_are_read_like_it_and_it_is_said(
    qtbot, window, monkeypatch, tmp_path
):
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "mended.mrc"))
    assert f"read as in version {versions(window)[0].id}" in dialog.notes.text()
    assert dialog.fields.table.terms() == {v: NAMES[v] for v in range(1, 5)}
    assert all(dialog.fields.table.tick(row).isChecked() for row in range(4))
    accept(qtbot, window, dialog)
    assert versions(window)[-1].complete == {"nucleus", "mitochondria", "lipid", "starch"}
    assert versions(window)[-1].comment == "from mended.mrc"


def test_an_earlier_version_can_be_restored_after_labels_were_added(
    qtbot, window, monkeypatch, tmp_path
):
    accept(qtbot, window, add(qtbot, window, monkeypatch, write(tmp_path / "mended.mrc")))
    first, second = versions(window)
    window.session.select(window.session.cell_id, first.id)
    window.actions_by_name["restore_version"].trigger()
    qtbot.waitUntil(lambda: len(versions(window)) == 3, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.painting.editing.busy)
    np.testing.assert_array_equal(window.session.view.label_map.labels_ZYX, LABELS_ZYX)
    assert versions(window)[:2] == (first, second)


def test_values_can_be_ignored_or_left_unlabelled(qtbot, window, monkeypatch, tmp_path):
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "mended.mrc"))
    table = dialog.fields.table
    for row in range(4):
        table.combo(row).set_term(UNLABELLED)
    assert "No voxel is labelled as a structure" in dialog.problem.text()
    assert not dialog.add_button.isEnabled()
    table.combo(0).set_term("ignore")
    assert not dialog.add_button.isEnabled()
    table.combo(1).set_term("mitochondria")
    table.tick(1).setChecked(True)
    assert not table.tick(0).isEnabled()
    accept(qtbot, window, dialog)
    newest = versions(window)[-1]
    assert newest.names == {1: "ignore", 2: "mitochondria"}
    assert newest.complete == {"mitochondria"}
    kept_ZYX = window.session.view.label_map.labels_ZYX
    np.testing.assert_array_equal(kept_ZYX, np.where(LABELS_ZYX > 2, 0, LABELS_ZYX))


def test_each_value_has_the_colour_of_the_picture_beside_it(qtbot, window, monkeypatch, tmp_path):
    many_ZYX = np.zeros_like(LABELS_ZYX)
    many_ZYX[2].flat[:60] = np.arange(100, 160)
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "many.mrc", many_ZYX))
    table, drawn = dialog.fields.table, dialog.pictures.view.classes
    assert len({it.colour for it in drawn}) == len(drawn) == 60
    assert not table.item(0, 0).icon().isNull()
    assert table.isColumnHidden(1)  # the file names nothing
    table.combo(0).set_term(UNLABELLED)
    assert table.item(0, 0).icon().isNull()
    assert len(dialog.pictures.view.classes) == 59
    dialog.reject()


def test_a_structure_that_no_term_stands_for_gets_one(qtbot, window, monkeypatch, tmp_path):
    path = write(tmp_path / "l.am", class_names={**NAMES, 3: "polyphosphate blob"})
    dialog = add(qtbot, window, monkeypatch, path)
    combo = dialog.fields.table.combo(2)
    combo.setCurrentIndex(combo.findData(NEW_TERM))
    asking = dialog.findChild(NewTermDialog)
    assert asking.form.name_edit.text() == "polyphosphate blob"
    asking.form.add_button.click()
    assert combo.term == "polyphosphate-blob"
    accept(qtbot, window, dialog)
    assert versions(window)[-1].names[3] == "polyphosphate-blob"
    assert "polyphosphate-blob" in window.session.require_project().ontology()


def test_labels_of_another_shape_are_refused_in_one_sentence(qtbot, window, monkeypatch, tmp_path):
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "cut.mrc", MENDED_ZYX[:-4]))
    said = dialog.problem.text()
    assert said.count(".") == 2  # that of the file's name, and the end
    assert "20 × 24 × 24" in said
    assert "drawn has 24 × 24 × 24" in said
    assert "choose the cell" in said
    assert not dialog.add_button.isEnabled()
    assert not dialog.fields.isEnabled()
    dialog.reject()
    assert len(versions(window)) == 1


def test_another_voxel_size_is_warned_of_in_words(qtbot, window, monkeypatch, tmp_path):
    path = write(tmp_path / "l.mrc", voxel_size_um=(0.03, 0.03, 0.03))
    dialog = add(qtbot, window, monkeypatch, path)
    assert "voxels are 30 nm, but those of drawn are 50 nm" in dialog.warning.text()
    assert dialog.warning.isVisible()
    accept(qtbot, window, dialog)
    assert "the tomogram's count" in window.status.note.text()


@pytest.mark.parametrize("content", [b"no labels", b""])
def test_a_file_that_cannot_be_read_is_explained_in_the_dialog(
    qtbot, window, monkeypatch, tmp_path, content
):
    path = tmp_path / "broken.mrc"
    path.write_bytes(content)
    dialog = add(qtbot, window, monkeypatch, path)
    assert "broken.mrc" in dialog.problem.text()
    assert not dialog.add_button.isEnabled()
    dialog.reject()


def test_a_tomogram_is_no_label_file(qtbot, window, monkeypatch, tmp_path):
    path = write_mrc(tmp_path / "t.mrc", five_balls_cell("x").tomogram.lac_ZYX, voxel_nm=50)
    dialog = add(qtbot, window, monkeypatch, path)
    assert "no label" in dialog.problem.text()
    dialog.reject()


def test_cancel_while_reading_closes_and_adds_nothing(qtbot, window, monkeypatch, tmp_path):
    path = write(tmp_path / "mended.mrc")
    monkeypatch.setattr(messages, "choose_file", lambda *_: path)
    window.actions_by_name["add_labels"].trigger()
    dialog = dialog_of(qtbot, window, LabelDialog)
    dialog.reject()
    qtbot.waitUntil(lambda: not dialogs(window, LabelDialog), timeout=PATIENCE_MS)
    assert len(versions(window)) == 1


def test_cancel_while_storing_leaves_the_project_and_the_dialog(
    qtbot, window, monkeypatch, tmp_path
):
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "mended.mrc"))
    dialog.add_button.click()
    dialog.reject()
    qtbot.waitUntil(lambda: "was stopped" in dialog.problem.text(), timeout=PATIENCE_MS)
    assert dialog.isVisible()
    assert len(versions(window)) == 1
    accept(qtbot, window, dialog)
    assert len(versions(window)) == 2


def test_without_a_cell_the_command_says_what_to_do(window, asked, tmp_path):
    window.session.create(tmp_path / "empty.sxt")
    window.actions_by_name["add_labels"].trigger()
    assert "Choose a cell in the browser first" in asked.told[0]
    window.session.close_project()
    assert not window.actions_by_name["add_labels"].isEnabled()


def test_a_project_that_can_only_be_read_says_so(qtbot, window, asked, tmp_path, monkeypatch):
    path = write(tmp_path / "mended.mrc")
    two_cell_project(tmp_path / "look.sxt")
    window.session._take(Project.open(tmp_path / "look.sxt", read_only=True))
    window.session.select(window.session.cells()[0].id)
    monkeypatch.setattr(messages, "choose_file", lambda *_: path)
    window.actions_by_name["add_labels"].trigger()
    assert "look.sxt is open read-only" in asked.told[0]
    asked.append("Add as labels to drawn")
    drop(window, path)
    qtbot.waitUntil(lambda: len(asked.told) == 2, timeout=PATIENCE_MS)
    assert "labels cannot be added here" in asked.told[1]
    assert not dialogs(window, LabelDialog)


def test_unsaved_strokes_are_asked_about_and_kept(qtbot, window, asked, monkeypatch, tmp_path):
    window.actions_by_name["edit_labels"].trigger()
    editing = window.painting.editing
    stroke(window)
    assert editing.unsaved == 1
    asked.append("Cancel")
    monkeypatch.setattr(messages, "choose_file", lambda *_: write(tmp_path / "mended.mrc"))
    window.actions_by_name["add_labels"].trigger()
    assert "1 edit of drawn is in no saved version" in asked.questions[0]
    assert editing.unsaved == 1
    assert not dialogs(window, LabelDialog)

    asked.append(KEEP)
    dialog = add(qtbot, window, monkeypatch, tmp_path / "mended.mrc")
    assert not editing.active
    np.testing.assert_array_equal(window.session.view.label_map.labels_ZYX, LABELS_ZYX)
    asked.append("Not now")
    accept(qtbot, window, dialog)
    qtbot.waitUntil(lambda: len(asked.questions) == 3)
    assert "Recover 1 edit of drawn" in asked.questions[-1]
    assert len(list(tmp_path.glob("*.edits"))) == 1


def test_edits_that_are_thrown_away_are_asked_about_too(
    qtbot, window, asked, monkeypatch, tmp_path
):
    window.actions_by_name["edit_labels"].trigger()
    stroke(window)
    asked.append(DISCARD)
    dialog = add(qtbot, window, monkeypatch, write(tmp_path / "mended.mrc"))
    dialog.reject()
    np.testing.assert_array_equal(window.session.view.label_map.labels_ZYX, LABELS_ZYX)
    assert not list(tmp_path.glob("*.edits"))


def stroke(window: MainWindow) -> None:
    editing = window.painting.editing
    window.painting.settings.set_label(1)
    editing.begin_stroke("brush")
    place = (12, 12, 12)
    region = disc_stroke(place, place, 0.2, VOXEL_UM, LABELS_ZYX.shape, 0)
    editing.paint(region)
    editing.end_stroke()


def test_dropped_labels_are_asked_about(qtbot, window, asked, tmp_path):
    asked.append("Add as labels to drawn")
    drop(window, write(tmp_path / "mended.am", class_names=NAMES))
    dialog = opened(qtbot, window)
    assert "mended.am looks like labels" in asked.questions[0]
    assert asked.choices[0] == ("Add as labels to drawn", AS_TOMOGRAM)
    accept(qtbot, window, dialog)
    assert len(versions(window)) == 2


def test_dropped_labels_may_be_opened_as_a_tomogram_or_left_alone(qtbot, window, asked, tmp_path):
    path = write(tmp_path / "mended.mrc")
    asked.append("Cancel")
    drop(window, path)
    qtbot.waitUntil(lambda: len(asked.questions) == 1, timeout=PATIENCE_MS)
    QTest.qWait(20)
    assert not dialogs(window, QDialog)
    asked.append(AS_TOMOGRAM)
    drop(window, path)
    dialog_of(qtbot, window, ImportDialog)
    dialog = dialogs(window, ImportDialog)[0]
    qtbot.waitUntil(lambda: not window.session.background.busy, timeout=PATIENCE_MS)
    dialog.reject()


def test_dropped_labels_of_another_shape_are_refused_with_both_shapes(
    qtbot, window, asked, tmp_path
):
    asked.append("Cancel")
    drop(window, write(tmp_path / "cut.mrc", MENDED_ZYX[:-4]))
    qtbot.waitUntil(lambda: len(asked.questions) == 1, timeout=PATIENCE_MS)
    assert "20 × 24 × 24 voxels (z, y, x), but drawn has 24 × 24 × 24" in asked.questions[0]
    assert asked.choices[0] == (AS_TOMOGRAM,)
    assert "has the shape of" not in asked.questions[0]


def test_dropped_labels_that_fit_another_cell_are_shown_the_way(qtbot, window, asked, tmp_path):
    small = five_balls_cell("small", 16)
    window.session.add_cell(small, "test", window.session.ontology)
    window.session.select(window.session.cells()[0].id)
    asked.append("Cancel")
    drop(window, write(tmp_path / "s.mrc", small.annotations[0].label_map.labels_ZYX))
    qtbot.waitUntil(lambda: len(asked.questions) == 1, timeout=PATIENCE_MS)
    assert "has the shape of small: drop it on the row of that cell" in asked.questions[0]


def test_a_dropped_tomogram_is_imported_as_ever(qtbot, window, asked, tmp_path):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX
    drop(window, write_mrc(tmp_path / "new.mrc", lac_ZYX, voxel_nm=50))
    dialog = dialog_of(qtbot, window, ImportDialog)
    assert not asked.questions
    qtbot.waitUntil(lambda: not window.session.background.busy, timeout=PATIENCE_MS)
    dialog.reject()


def test_a_tomogram_and_its_labels_dropped_together_come_one_after_the_other(
    qtbot, window, asked, tmp_path
):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX
    tomogram = write_mrc(tmp_path / "new.mrc", lac_ZYX, voxel_nm=50)
    asked.append("Add as labels to drawn")
    drop(window, tomogram, write(tmp_path / "mended.mrc"))
    accept(qtbot, window, opened(qtbot, window))
    dialog = dialog_of(qtbot, window, ImportDialog)
    qtbot.waitUntil(lambda: not window.session.background.busy, timeout=PATIENCE_MS)
    dialog.reject()
    assert len(versions(window)) == 2


def test_labels_dropped_on_the_row_of_a_cell_are_for_that_cell(qtbot, window, asked, tmp_path):
    tree, bare = window.docks.browser.tree, window.session.cells()[1]
    index = window.docks.browser.index_of(Entry(kind="cell", key=bare.id, cell=bare.id))
    place = tree.visualRect(index).center()
    asked.append("Add as labels to bare")
    drop(tree.viewport(), write(tmp_path / "mended.am", class_names=NAMES), at=place)
    dialog = opened(qtbot, window)
    assert dialog.windowTitle() == "Add labels to bare"
    assert not dialog.notes.isVisible()
    accept(qtbot, window, dialog)
    assert len(versions(window, 0)) == 1
    assert len(versions(window, 1)) == 1
    assert window.session.cell_id == bare.id
    np.testing.assert_array_equal(window.session.view.label_map.labels_ZYX, MENDED_ZYX)


def test_a_row_has_a_frame_while_files_are_held_above_it(qtbot, window, tmp_path):
    tree, cell = window.docks.browser.tree, window.session.cells()[1]
    index = window.docks.browser.index_of(Entry(kind="cell", key=cell.id, cell=cell.id))
    place, data = tree.visualRect(index).center(), mime(tmp_path / "l.mrc")
    copy, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    plain = tree.viewport().grab().toImage()
    QApplication.sendEvent(tree.viewport(), QDragEnterEvent(place, copy, data, LEFT, keys))
    QApplication.sendEvent(tree.viewport(), QDragMoveEvent(place, copy, data, LEFT, keys))
    assert tree.viewport().grab().toImage() != plain
    QApplication.sendEvent(tree.viewport(), QDragLeaveEvent())
    assert tree.viewport().grab().toImage() == plain


def test_files_dropped_beside_the_rows_are_for_the_cell_on_show(qtbot, window, asked, tmp_path):
    tree = window.docks.browser.tree
    asked.append("Cancel")
    below = QPoint(20, tree.viewport().height() - 3)
    drop(tree.viewport(), write(tmp_path / "mended.mrc"), at=below)
    qtbot.waitUntil(lambda: len(asked.questions) == 1, timeout=PATIENCE_MS)
    assert asked.choices[0][0] == "Add as labels to drawn"


def test_the_menu_of_a_cell_in_the_browser_adds_labels_to_it(qtbot, window, monkeypatch, tmp_path):
    path, bare = write(tmp_path / "mended.am", class_names=NAMES), window.session.cells()[1]
    monkeypatch.setattr(messages, "choose_file", lambda *_: path)
    menu = window.docks.browser.cell_menu(bare.id)
    next(it for it in menu.actions() if "labels" in it.text()).trigger()
    menu.deleteLater()
    accept(qtbot, window, opened(qtbot, window))
    assert len(versions(window, 1)) == 1


def test_a_dropped_file_that_cannot_be_read_is_told_where_it_is_imported(
    qtbot, window, asked, tmp_path
):
    path = tmp_path / "broken.mrc"
    path.write_bytes(b"nothing")
    drop(window, path)
    dialog = dialog_of(qtbot, window, ImportDialog)
    qtbot.waitUntil(lambda: "broken.mrc" in dialog.problem.text(), timeout=PATIENCE_MS)
    assert not asked.questions
    dialog.reject()


def test_a_cell_whose_linked_tomogram_is_gone_says_so_and_others_go_on(
    qtbot, window, asked, monkeypatch, tmp_path
):
    lac_ZYX = np.asarray(five_balls_cell("x").tomogram.lac_ZYX)
    tomogram = write_mrc(tmp_path / "linked.mrc", lac_ZYX, voxel_nm=50)
    project = window.session.require_project()
    add_cell_from_files(project, AddCell(tomogram=tomogram, link=True))
    tomogram.unlink()
    window.session.contents_changed.emit()
    monkeypatch.setattr(messages, "choose_file", lambda *_: write(tmp_path / "mended.mrc"))
    window.incoming.choose_labels(project.cell("linked").id)
    assert "linked.mrc" in asked.told[0]
    window.incoming.choose_labels(project.cell("drawn").id)
    opened(qtbot, window).reject()


def test_the_window_can_be_closed_while_labels_are_being_read(qtbot, window, monkeypatch, tmp_path):
    path = write(tmp_path / "mended.mrc")
    monkeypatch.setattr(messages, "choose_file", lambda *_: path)
    window.actions_by_name["add_labels"].trigger()
    dialog = dialog_of(qtbot, window, LabelDialog)
    window.close()
    assert window.session.project is None
    dialog.reject()
    with Project.open(tmp_path / "p.sxt") as project:
        assert len(project.cells()[0].versions) == 1
