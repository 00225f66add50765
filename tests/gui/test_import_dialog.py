import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from sxtstudio.core.volume import Volume
from sxtstudio.gui import messages
from sxtstudio.gui.import_dialog import ImportDialog
from sxtstudio.gui.session import Session
from sxtstudio.io.volumes import write_volume
from tests.gui.projects import five_balls_cell, write_mrc, write_project

CELL = five_balls_cell("x")
LAC_ZYX = CELL.tomogram.lac_ZYX
COUNTS_ZYX = np.round(LAC_ZYX.clip(0) * 250).astype(np.uint8)


@pytest.fixture
def session(qtbot, tmp_path):
    session = Session()
    session.open(write_project(tmp_path / "p.sxt"))
    yield session
    session.close()


def open_dialog(qtbot, session, path) -> ImportDialog:
    dialog = ImportDialog(session, path)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not session.background.busy)
    return dialog


def load_labels(qtbot, session, dialog, path) -> None:
    dialog.load_labels(path)
    qtbot.waitUntil(lambda: not session.background.busy)


def write_labels(path, names):
    labels = CELL.annotations[0].label_map
    volume = Volume(
        values_ZYX=labels.labels_ZYX, voxel_size_um=labels.voxel_size_um, class_names=names
    )
    write_volume(path, volume)
    return path


def test_nothing_is_asked_when_the_file_says_everything(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)

    dialog = open_dialog(qtbot, session, path)

    assert not dialog.voxel_field.asking
    assert not dialog.scale_field.asking
    assert dialog.import_button.isEnabled()
    assert "50 nm" in dialog.findChild(QLabel, "voxel_size_nm_stated").text()
    assert "µm⁻¹" in dialog.findChild(QLabel, "preview_range").text()


def test_only_the_voxel_size_is_asked_when_only_that_is_missing(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "sizeless.mrc", LAC_ZYX, voxel_nm=None)

    dialog = open_dialog(qtbot, session, path)

    assert dialog.voxel_field.asking
    assert not dialog.scale_field.asking
    assert not dialog.import_button.isEnabled()
    assert "how large a voxel is" in dialog.problem.text()

    QTest.keyClicks(dialog.voxel_field.edit, "50")
    assert dialog.import_button.isEnabled()
    assert not dialog.problem.text()


def test_only_the_scale_is_asked_when_only_that_is_missing(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "counts.mrc", COUNTS_ZYX.astype(np.int16), voxel_nm=50)

    dialog = open_dialog(qtbot, session, path)

    assert not dialog.voxel_field.asking
    assert dialog.scale_field.asking
    assert dialog.scale_field.edit.text() == ""
    assert not dialog.import_button.isEnabled()
    assert "what LAC its values stand for" in dialog.problem.text()


def test_the_answers_enter_the_project(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "counts.mrc", COUNTS_ZYX.astype(np.int16), voxel_nm=None)
    dialog = open_dialog(qtbot, session, path)

    QTest.keyClicks(dialog.voxel_field.edit, "60,40,40")
    QTest.keyClicks(dialog.scale_field.edit, "0.004")
    QTest.keyClicks(dialog.species_edit, "C. reinhardtii")
    with qtbot.waitSignal(dialog.accepted):
        QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)

    (cell,) = session.cells()
    assert (cell.name, cell.species) == ("counts", "C. reinhardtii")
    assert cell.voxel_size_um == pytest.approx((0.06, 0.04, 0.04))
    tomogram = session.view.tomogram
    assert tomogram is not None
    np.testing.assert_allclose(tomogram.lac_ZYX, COUNTS_ZYX * np.float32(0.004), rtol=1e-6)


@pytest.mark.parametrize(
    ("words", "said"), [("forty", "no voxel size"), ("0", "cannot be true"), ("1,2", "no voxel")]
)
def test_a_wrong_voxel_size_is_explained_in_the_dialog(qtbot, session, tmp_path, words, said):
    path = write_mrc(tmp_path / "sizeless.mrc", LAC_ZYX, voxel_nm=None)
    dialog = open_dialog(qtbot, session, path)

    QTest.keyClicks(dialog.voxel_field.edit, words)

    assert said in dialog.problem.text()
    assert not dialog.import_button.isEnabled()


@pytest.mark.parametrize("words", ["much", "-1", "0", "inf", "nan"])
def test_a_wrong_scale_is_explained_in_the_dialog(qtbot, session, tmp_path, words):
    path = write_mrc(tmp_path / "counts.mrc", COUNTS_ZYX.astype(np.int16), voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)

    QTest.keyClicks(dialog.scale_field.edit, words)

    assert "no LAC scale" in dialog.problem.text()
    assert not dialog.import_button.isEnabled()


def test_what_the_file_states_can_be_changed(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)

    QTest.mouseClick(dialog.voxel_field.change_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(dialog.voxel_field.edit, "45")

    assert dialog.order().voxel_size_um == pytest.approx((0.045,) * 3)


def test_names_in_the_file_fill_in_the_classes(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    names = {1: "nucleus", 2: "mito", 3: "Lipid", 4: "starch", 5: "something else"}
    labels = write_labels(tmp_path / "labels.am", names)
    dialog = open_dialog(qtbot, session, path)

    load_labels(qtbot, session, dialog, labels)

    chosen = [dialog.fields.table.combo(row).currentData() for row in range(5)]
    assert chosen[0] == "nucleus"
    assert chosen[2:4] == ["lipid", "starch"]
    assert chosen[4] is None
    assert "label value 5" in dialog.problem.text()
    assert not dialog.import_button.isEnabled()


def test_labels_enter_the_project_with_what_is_drawn_everywhere(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    labels = write_labels(tmp_path / "labels.am", {1: "nucleus", 2: "x", 3: "y", 4: "z", 5: "w"})
    dialog = open_dialog(qtbot, session, path)
    load_labels(qtbot, session, dialog, labels)

    for row, class_id in enumerate(("nucleus", "mitochondria", "lipid", "starch", "vacuole")):
        combo = dialog.fields.table.combo(row)
        combo.setCurrentIndex(combo.findData(class_id))
    dialog.fields.table.tick(0).click()
    dialog.fields.table.tick(2).click()
    with qtbot.waitSignal(dialog.accepted):
        QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)

    (cell,) = session.cells()
    (version,) = cell.versions
    assert version.kind == "imported"
    assert version.complete == {"nucleus", "lipid"}
    assert set(version.names.values()) == {"nucleus", "mitochondria", "lipid", "starch", "vacuole"}
    assert session.version_id == version.id


@pytest.mark.parametrize(
    ("typed", "class_id"),
    [("olus", "nucleolus"), ("LD", "lipid"), ("mitochondira", "mitochondria")],
)
def test_a_class_is_found_by_a_part_of_its_name_a_synonym_or_misspelt(
    qtbot, session, tmp_path, typed, class_id
):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)
    load_labels(qtbot, session, dialog, write_labels(tmp_path / "labels.tif", {}))
    combo = dialog.fields.table.combo(0)

    QTest.keyClicks(combo.lineEdit(), typed)
    completer = combo.lineEdit().completer()
    proposals = completer.model().stringList()
    completer.activated.emit(proposals[0])
    completer.popup().hide()

    assert combo.term == class_id


def test_a_region_to_ignore_cannot_be_drawn_everywhere(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)
    names = {1: "nucleus", 2: "ignore", 3: "lipid", 4: "starch", 5: "vacuole"}
    load_labels(qtbot, session, dialog, write_labels(tmp_path / "labels.am", names))

    assert dialog.fields.table.combo(1).currentData() == "ignore"
    assert not dialog.fields.table.tick(1).isEnabled()
    assert dialog.fields.table.complete_words() == "none"


def test_labels_of_another_shape_are_refused_in_the_dialog(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)
    other = Volume(values_ZYX=np.ones((5, 6, 7), np.uint8), voxel_size_um=(0.05,) * 3)
    write_volume(tmp_path / "other.am", other)

    load_labels(qtbot, session, dialog, tmp_path / "other.am")

    assert "5 × 6 × 7" in dialog.problem.text()
    assert "24 × 24 × 24" in dialog.problem.text()
    assert not dialog.import_button.isEnabled()

    dialog.no_labels_button.click()
    assert dialog.import_button.isEnabled()


def test_a_file_that_cannot_be_read_is_explained_in_the_dialog(qtbot, session, tmp_path):
    path = tmp_path / "broken.mrc"
    path.write_bytes(b"no tomogram")

    dialog = open_dialog(qtbot, session, path)

    assert "broken.mrc" in dialog.problem.text()
    assert not dialog.import_button.isEnabled()


def test_the_tomogram_is_no_label_file(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)

    load_labels(qtbot, session, dialog, path)

    assert "no label" in dialog.problem.text()
    assert dialog.import_button.isEnabled()


def test_a_name_that_is_taken_is_explained_and_the_dialog_stays(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    first = open_dialog(qtbot, session, path)
    with qtbot.waitSignal(first.accepted):
        first.import_button.click()
    second = open_dialog(qtbot, session, path)

    second.import_button.click()
    qtbot.waitUntil(lambda: "already has a cell 'whole'" in second.problem.text())

    assert second.isVisible()
    assert len(session.cells()) == 1
    second.reject()


def test_labels_are_chosen_in_a_file_dialog(qtbot, session, tmp_path, monkeypatch):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    labels = write_labels(tmp_path / "labels.am", dict(CELL.annotations[0].label_map.names))
    dialog = open_dialog(qtbot, session, path)
    monkeypatch.setattr(messages, "choose_file", lambda *_: labels)

    dialog.labels_button.click()
    qtbot.waitUntil(lambda: not session.background.busy)

    assert dialog.fields.table.rowCount() == 5
    assert dialog.import_button.isEnabled()


def test_a_cell_that_was_labelled_throughout_is_ticked_at_once(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)
    names = {1: "nucleus", 2: "ignore", 3: "lipid", 4: "starch", 5: "vacuole"}
    load_labels(qtbot, session, dialog, write_labels(tmp_path / "labels.am", names))

    dialog.fields.all_button.click()

    assert dialog.fields.table.complete_words() == "nucleus,lipid,starch,vacuole"


def wheel_down(widget) -> None:
    at = QPointF(widget.rect().center())
    down, nothing = QPoint(0, -120), QPoint()
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        nothing,
        down,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_a_wheel_that_passes_over_a_class_does_not_change_it(qtbot, session, tmp_path):
    dialog = open_dialog(qtbot, session, write_mrc(tmp_path / "c.mrc", LAC_ZYX, voxel_nm=50))
    load_labels(qtbot, session, dialog, write_labels(tmp_path / "l.am", {1: "nucleus"}))
    combo = dialog.fields.table.combo(0)
    before = combo.currentData()

    for _ in range(3):
        wheel_down(combo)

    assert combo.currentData() == before


def test_a_typed_name_that_is_no_class_is_refused_by_name(qtbot, session, tmp_path):
    dialog = open_dialog(qtbot, session, write_mrc(tmp_path / "c.mrc", LAC_ZYX, voxel_nm=50))
    load_labels(qtbot, session, dialog, write_labels(tmp_path / "l.am", {1: "nucleus"}))
    combo = dialog.fields.table.combo(0)

    combo.lineEdit().selectAll()
    QTest.keyClicks(combo.lineEdit(), "blob")
    combo.lineEdit().editingFinished.emit()

    assert combo.currentData() is None
    assert "no class “blob”" in dialog.fields.table.problem()


def test_a_cell_can_be_said_to_have_none_of_a_structure(qtbot, session, tmp_path):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)
    names = {1: "nucleus", 2: "ignore", 3: "lipid", 4: "vacuole", 5: "ignore"}
    load_labels(qtbot, session, dialog, write_labels(tmp_path / "labels.am", names))
    field = dialog.fields.absent_field

    field.combo.set_term("starch")
    field.combo.set_term("pyrenoid")
    qtbot.waitUntil(lambda: field.combo.term is None)
    field.take_off("pyrenoid")
    field.combo.set_term("nucleus")
    assert "labels show nucleus" in dialog.problem.text()
    assert not dialog.import_button.isEnabled()
    field.take_off("nucleus")
    with qtbot.waitSignal(dialog.accepted):
        dialog.import_button.click()

    (cell,) = session.cells()
    assert cell.versions[0].complete == {"starch"}
    assert "starch" not in cell.versions[0].names.values()


def test_an_import_that_is_stopped_leaves_the_project_and_the_dialog_as_they_were(
    qtbot, session, tmp_path
):
    path = write_mrc(tmp_path / "whole.mrc", LAC_ZYX, voxel_nm=50)
    dialog = open_dialog(qtbot, session, path)

    dialog.import_button.click()
    dialog.reject()  # Esc while the files are being read

    qtbot.waitUntil(lambda: "was stopped" in dialog.problem.text())
    assert dialog.isVisible()
    assert session.cells() == ()
    with qtbot.waitSignal(dialog.accepted):
        dialog.import_button.click()
    assert [cell.name for cell in session.cells()] == ["whole"]


def test_the_fields_stay_where_they_are_while_one_types(qtbot, session, tmp_path):
    path = tmp_path / "cell.tif"
    tifffile.imwrite(path, np.full((4, 20, 20), 7, np.uint8), photometric="minisblack")
    dialog = open_dialog(qtbot, session, path)
    before = dialog.labels_button.mapTo(dialog, dialog.labels_button.rect().topLeft())
    assert dialog.problem.text()
    dialog.voxel_field.edit.setText("290")
    dialog.scale_field.edit.setText("0.01")
    qtbot.wait(50)
    assert not dialog.problem.text()
    after = dialog.labels_button.mapTo(dialog, dialog.labels_button.rect().topLeft())
    assert after == before


def test_the_words_on_the_range_are_shown_whole(qtbot, session, tmp_path):
    path = tmp_path / "cell.tif"
    values_ZYX = np.linspace(-0.0002146, 0.02521, 1600, dtype=np.float32).reshape(4, 20, 20)
    tifffile.imwrite(path, values_ZYX, photometric="minisblack")
    dialog = open_dialog(qtbot, session, path)
    dialog.scale_field.edit.setText("27.8")
    label = dialog.findChild(QLabel, "preview_range")
    assert label.text().splitlines()[2] == "(water 0.11, lipid bodies 0.6)"
    assert label.heightForWidth(label.width()) <= label.height()


def test_a_dialog_that_grew_beyond_the_screen_moves_up(qtbot, session, tmp_path):
    tomogram, labels = tmp_path / "cell.tif", tmp_path / "labels.tif"
    tifffile.imwrite(tomogram, np.full((4, 20, 20), 7, np.uint8), photometric="minisblack")
    tifffile.imwrite(labels, np.ones((4, 20, 20), np.uint8), photometric="minisblack")
    dialog = open_dialog(qtbot, session, tomogram)
    room = dialog.screen().availableGeometry()
    dialog.move(40, room.bottom() - dialog.height())
    load_labels(qtbot, session, dialog, labels)
    assert dialog.height() < room.height(), "there is room"
    assert dialog.frameGeometry().bottom() <= room.bottom()


def test_a_slice_without_a_number_is_said_to_be_one(qtbot, session, tmp_path):
    path = tmp_path / "cell.tif"
    tifffile.imwrite(path, np.full((4, 20, 20), np.nan, np.float32), photometric="minisblack")
    dialog = open_dialog(qtbot, session, path)
    words = dialog.findChild(QLabel, "preview_range").text()
    assert words == "No voxel of the central slice holds a number."
