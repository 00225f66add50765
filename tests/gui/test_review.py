"""Looking through doubtful places in the real window, by keys, and signing off."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.gui import messages
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.review.sign_off_dialog import SignOffDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import reviewer
from sxtstudio.project.project import Project
from sxtstudio.workflow import looking
from tests.gui.projects import add_shifted_prediction, five_balls_cell, two_cell_project

SHIFT = Qt.KeyboardModifier.ShiftModifier
PATIENCE_MS = 20_000


@pytest.fixture
def window(tmp_path: Path, qtbot, monkeypatch):
    path = two_cell_project(tmp_path / "p.sxt")
    with Project.open(path) as project:
        add_shifted_prediction(project)
    told: list[str] = []
    monkeypatch.setattr(messages, "show_error", lambda *words: told.append(words[-1]))
    window = MainWindow(Session(), remember=False)
    window.resize(1400, 900)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    window.open_path(path)
    yield window
    window.painting.editing.end(keep=False)
    window.close()
    window.deleteLater()
    assert told == []


def add_unsure(project: Project, cell_id: str) -> None:
    """Add labels of a cell as if a network had predicted them and were unsure of all."""
    labels = project.label_map(cell_id)
    prediction = Prediction(
        label_map=labels,
        probability_KZYX=np.zeros((len(labels.names), *labels.shape), np.uint8),
        uncertainty_ZYX=np.full(labels.shape, 80, np.uint8),
        task="organelles",
        network_sha256="0" * 64,
        colours={},
        made_by=made_by("the test"),
    )
    project.add_prediction(cell_id, prediction)


def review(window: MainWindow, qtbot) -> None:
    """Show the review panel and wait until the places are found."""
    window.actions_by_name["review"].trigger()
    qtbot.waitUntil(lambda: bool(window.review.queue.doubts), timeout=PATIENCE_MS)
    qtbot.waitUntil(window.actions_by_name["review_next"].isEnabled, timeout=PATIENCE_MS)


def press(window: MainWindow, key: Qt.Key, keys=Qt.KeyboardModifier.NoModifier) -> None:
    canvas = window.views.slices[0].canvas
    canvas.setFocus()
    QTest.keyClick(canvas, key, keys)


def label_at_cursor(window: MainWindow) -> int:
    state = window.session.view
    assert state.label_map is not None
    return int(state.label_map.labels_ZYX[state.cursor])


def test_keys_go_from_place_to_place_and_verdicts_are_kept(window, qtbot):
    review(window, qtbot)
    queue, project = window.review.queue, window.session.require_project()
    doubts = queue.doubts
    assert {it.place.label for it in doubts} == {1, 2, 3, 4, 5}
    for number, key, keys in (
        (0, Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier),
        (1, Qt.Key.Key_J, SHIFT),
        (2, Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier),
    ):
        if number == 0:
            press(window, Qt.Key.Key_N)
        assert queue.current == doubts[number]
        assert window.session.view.cursor == doubts[number].place.voxel
        assert label_at_cursor(window) == doubts[number].place.label
        press(window, key, keys)
    verdicts = [project.reviews.verdicts()[it.place.id] for it in doubts[:3]]
    assert verdicts == ["accepted", "rejected", "flagged"]
    assert queue.current == doubts[3]
    assert sum(row.judged for row in queue.progress) == 3
    press(window, Qt.Key.Key_N, SHIFT)
    assert queue.current == doubts[2]
    window.review.panel.back_button.click()
    assert project.reviews.verdicts()[doubts[2].place.id] == "open"


def test_the_keys_mean_other_things_without_the_panel(window, qtbot):
    actions = window.actions_by_name
    assert not actions["review_next"].isEnabled()
    assert actions["next_object"].shortcut().toString() == "N"
    review(window, qtbot)
    assert actions["next_object"].shortcut().isEmpty()
    window.docks.reset()
    qtbot.waitUntil(lambda: not actions["review_next"].isEnabled(), timeout=PATIENCE_MS)
    assert actions["next_object"].shortcut().toString() == "N"


def test_rejecting_while_editing_takes_the_object_out_as_one_edit(window, qtbot):
    review(window, qtbot)
    window.actions_by_name["edit_labels"].trigger()
    editing = window.painting.editing
    qtbot.waitUntil(lambda: editing.active, timeout=PATIENCE_MS)
    before = editing.editor.labels_ZYX.copy()
    press(window, Qt.Key.Key_N)
    place = window.review.queue.current.place
    press(window, Qt.Key.Key_J, SHIFT)
    qtbot.waitUntil(lambda: editing.unsaved == 1 and not editing.busy, timeout=PATIENCE_MS)
    assert np.array_equal(editing.editor.labels_ZYX, np.where(before == place.label, 0, before))
    said = window.session.project.reviews.decisions()[place.id]
    assert (said.verdict, said.edited) == ("rejected", True)
    window.actions_by_name["undo"].trigger()
    assert np.array_equal(editing.editor.labels_ZYX, before)


def test_rejected_objects_wait_and_are_taken_out_together(window, qtbot):
    review(window, qtbot)
    panel, editing = window.review.panel, window.painting.editing
    press(window, Qt.Key.Key_N)
    for _ in range(2):
        press(window, Qt.Key.Key_J, SHIFT)
    labels = [it.place.label for it in window.review.queue.doubts[:2]]
    assert panel.out_button.text() == "Take out 2 rejected"
    panel.out_button.click()
    qtbot.waitUntil(lambda: editing.unsaved == 1 and not editing.busy, timeout=PATIENCE_MS)
    left = set(np.unique(editing.editor.labels_ZYX).tolist())
    assert left == {0, 1, 2, 3, 4, 5} - set(labels)
    assert not panel.out_button.isEnabled()


def test_classes_are_signed_off_with_a_name_and_the_browser_tells(window, qtbot):
    review(window, qtbot)
    window.actions_by_name["sign_off"].trigger()
    dialog = window.findChild(SignOffDialog)
    dialog.person_edit.setText("")
    dialog.boxes["nucleus"].setChecked(True)
    assert not dialog.accept_button.isEnabled()
    dialog.person_edit.setText("Ada")
    dialog.accept_button.click()
    signed = window.session.project.reviews.sign_offs()
    assert [(name, it.person) for (_, _, name), it in signed.items()] == [("nucleus", "Ada")]
    assert reviewer() == "Ada"
    texts = [index.data() for index, _ in window.docks.browser.model.entries()]
    assert "drawn  ✓ 1 of 5" in texts


def test_filters_leave_the_places_of_one_class(window, qtbot):
    review(window, qtbot)
    panel, queue = window.review.panel, window.review.queue
    panel.class_box.setCurrentText("lipid")
    panel.class_box.activated.emit(panel.class_box.currentIndex())
    assert {it.place.name for it in queue.doubts} == {"lipid"}
    assert panel.model.rowCount() == len(queue.doubts) == 1
    window.session.close_project()
    assert queue.doubts == ()
    assert panel.model.rowCount() == 0


def test_places_of_cells_that_are_read_lazily_are_reached_once_they_are_on_show(
    tmp_path, qtbot, monkeypatch
):
    monkeypatch.setattr(looking, "WHOLE_BYTES", 1000)
    path = two_cell_project(tmp_path / "p.sxt")
    with Project.open(path) as project:
        add_shifted_prediction(project)
        second = project.add_cell(five_balls_cell("second", 28))
        add_unsure(project, second.id)
    window = MainWindow(Session(), remember=False)
    window.show()
    window.open_path(path)
    review(window, qtbot)
    queue, state = window.review.queue, window.session.view
    qtbot.waitUntil(lambda: len({it.place.cell for it in queue.doubts}) == 2, timeout=PATIENCE_MS)
    cells = {it.place.cell for it in queue.doubts}
    for cell in (*cells, *cells):
        doubt = next(it for it in queue.doubts if it.place.cell == cell)
        queue.go_to(doubt)
        qtbot.waitUntil(
            lambda doubt=doubt: (
                window.session.cell_id == doubt.place.cell and state.cursor == doubt.place.voxel
            ),
            timeout=PATIENCE_MS,
        )
    qtbot.waitUntil(lambda: state.label_map is not None, timeout=PATIENCE_MS)
    window.close()
    window.deleteLater()


def test_with_edits_to_save_the_places_of_the_same_cell_come_first(window, qtbot, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(messages, "ask_which", lambda *words: asked.append(words[2]))
    project = window.session.require_project()
    second = project.add_cell(five_balls_cell("second", 20))
    add_unsure(project, second.id)
    window.session.contents_changed.emit()
    window.session.select(window.session.cells()[0].id)
    review(window, qtbot)
    queue, editing = window.review.queue, window.painting.editing
    qtbot.waitUntil(lambda: len(queue.doubts) == 10, timeout=PATIENCE_MS)
    first = window.session.cells()[0].id
    window.actions_by_name["edit_labels"].trigger()
    qtbot.waitUntil(lambda: editing.active, timeout=PATIENCE_MS)
    queue.go_to(next(it for it in queue.doubts if it.place.cell == first))
    for _ in range(5):
        assert queue.current.place.cell == first
        assert asked == []
        press(window, Qt.Key.Key_J, SHIFT)
        qtbot.waitUntil(lambda: not editing.busy, timeout=PATIENCE_MS)
    press(window, Qt.Key.Key_N)
    assert asked
    assert "in no saved version" in asked[0]
    other = next(it for it in queue.doubts if it.place.cell != first)
    window.review.panel.table.clicked.emit(window.review.panel.model.index(
        queue.doubts.index(other), 1))  # fmt: skip
    assert len(asked) == 2
    assert editing.active, "nothing was answered, so the edits are still there"
    assert window.session.cell_id == first
