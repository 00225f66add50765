from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Cancelled, ignore
from sxtstudio.core.ontology import IGNORE, default_ontology
from sxtstudio.core.volume import Volume
from sxtstudio.gui import messages
from sxtstudio.gui.ingest_dialog import IngestDialog, result_words
from sxtstudio.gui.ingest_model import DRAWN, NAME, SCALE, SHAPE, STATE, TAKE, VOXEL, IngestModel
from sxtstudio.gui.ingest_planes import PlanesPicture, label_colour, read_middle_planes
from sxtstudio.gui.ingest_review import IngestReview, facts_words
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.gui.meaning_table import materials_of
from sxtstudio.gui.new_term_dialog import NewTermDialog
from sxtstudio.gui.settings import remember_library
from sxtstudio.gui.term_combo import NEW_TERM
from sxtstudio.gui.theme import tones
from sxtstudio.io.volumes import write_volume
from sxtstudio.library.library import Library
from sxtstudio.workflow.ingest.corrections import set_voxel_size
from sxtstudio.workflow.ingest.importing import IngestResult
from sxtstudio.workflow.ingest.proposals import CellProposal, Drawn, LabelProposal, Review
from tests.gui.libraries import open_library
from tests.gui.pictures import grab_rgb, hue_share
from tests.gui.projects import five_balls_cell

REAL = Path(__file__).parents[2].parent / "shared/data/real/amira_projects"
ONTOLOGY = default_ontology()
WORDS = {1: "Gizmo", 2: "mito", 3: "LD", 4: "Nucleus", 5: "vacuole"}
PATIENCE_MS = 60_000


def write_cell(folder: Path, name: str, *, factor: float = 1.0, voxel: bool = True) -> None:
    """Write a tomogram as MRC and its labels, with words of some laboratory, as AmiraMesh."""
    cell = five_balls_cell(name)
    other = 0.001 * int(name, 16)  # the same tomogram twice would be taken for a copy
    lac_ZYX = ((cell.tomogram.lac_ZYX + other) * factor).astype(np.float32)
    size_um = cell.tomogram.voxel_size_um if voxel else None
    write_volume(folder / f"{name}.mrc", Volume(values_ZYX=lac_ZYX, voxel_size_um=size_um))
    labels = Volume(
        values_ZYX=cell.annotations[0].label_map.labels_ZYX,
        voxel_size_um=cell.tomogram.voxel_size_um if voxel else None,
        class_names=WORDS,
    )
    write_volume(folder / f"{name}_labels.am", labels)


@pytest.fixture
def old_work(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    for name in ("a1", "a2", "b1"):
        write_cell(folder, name, factor=100 if name == "a2" else 1)
    (folder / "broken.mrc").write_bytes(b"no tomogram")
    return folder


@pytest.fixture
def session(qtbot, tmp_path):
    session = LibrarySession()
    Library.create(tmp_path / "lib").close()
    open_library(qtbot, session, tmp_path / "lib")
    yield session
    session.shutdown()
    remember_library(None)


@pytest.fixture
def dialog(qtbot, session, old_work):
    dialog = IngestDialog(session, old_work)
    qtbot.addWidget(dialog, before_close_func=lambda it: it.done(0))  # with corrections it asks
    dialog.show()
    settle(qtbot, dialog)
    yield dialog
    settle(qtbot, dialog)
    dialog.done(0)


def settle(qtbot, dialog) -> None:
    qtbot.waitUntil(lambda: not dialog._errand.running, timeout=PATIENCE_MS)
    reading = dialog.review_page._reading._background
    qtbot.waitUntil(lambda: not reading.busy, timeout=PATIENCE_MS)


def shown(dialog, row: int, column: int) -> str:
    return dialog.review_page.model.data(dialog.review_page.model.index(row, column))


def gizmo(dialog) -> int:
    return [it.name for it in dialog.review_page.materials.materials].index("Gizmo")


def test_a_folder_is_scanned_and_what_was_found_is_listed(dialog):
    assert [shown(dialog, row, NAME) for row in range(3)] == ["a1", "a2", "b1"]
    assert [shown(dialog, row, VOXEL) for row in range(3)] == ["50 nm"] * 3
    assert [shown(dialog, row, SCALE) for row in range(3)] == ["1", "0.01", "1"]
    assert shown(dialog, 0, STATE) == "needs a meaning"
    assert not dialog.take_button.isEnabled()
    assert "0 of 3 cells will be taken in. 3 cannot be yet" in dialog.summary.text()
    assert dialog.notes_button.text() == "1 not used …"


def test_an_unknown_material_stands_first_in_the_colour_of_a_warning(dialog):
    table = dialog.review_page.materials

    assert table.materials[0].name == "Gizmo"
    assert table.item(0, 0).foreground().color().name() == "#ffb74d"
    assert table.item(1, 0).foreground().color().name() != "#ffb74d"
    assert table.item(0, 1).text() == "3"
    assert dialog.review_page.tabs.tabText(0) == "Materials of all cells (1 unknown)"


def test_a_meaning_is_given_once_for_all_cells_and_they_are_taken_in(qtbot, dialog, session):
    table = dialog.review_page.materials
    table.combo(0).set_term("starch")
    assert dialog.take_button.text() == "Take in 3 cells"
    with qtbot.waitSignal(session.changed, timeout=PATIENCE_MS):
        dialog.take_button.click()
    settle(qtbot, dialog)

    assert "Taken in: 3" in dialog.outcome.text()
    cells = {cell.name: cell for cell in session.cells()}
    assert sorted(cells) == ["a1", "a2", "b1"]
    facts = cells["a1"].annotations[0].facts
    assert set(facts.names.values()) == {"nucleus", "mitochondria", "lipid", "starch", "vacuole"}
    whole = [session.library.read_cell(cells[name].id) for name in ("a1", "a2")]
    shift_ZYX = whole[1].tomogram.lac_ZYX - whole[0].tomogram.lac_ZYX
    np.testing.assert_allclose(shift_ZYX, 0.001, atol=1e-5)


def test_taking_in_again_skips_what_is_there(qtbot, dialog, session):
    dialog.review_page.materials.combo(0).set_term("starch")
    for _ in range(2):
        dialog.take_button.click()
        settle(qtbot, dialog)
        dialog.back_button.click()

    assert "In the library already: 3" in dialog.outcome.text()
    assert len(session.cells()) == 3


def test_ignoring_a_material_makes_the_cells_ready_too(dialog):
    dialog.review_page.materials.combo(0).set_term(IGNORE)

    assert dialog.take_button.text() == "Take in 3 cells"
    assert not dialog.review_page.materials.tick(gizmo(dialog)).isEnabled()


def test_a_meaning_can_be_given_for_one_cell_alone(dialog):
    page = dialog.review_page
    page.table.selectRow(2)
    own = page.own_materials
    own.combo([it.name for it in own.materials].index("Gizmo")).set_term("starch")

    assert shown(dialog, 2, STATE).startswith("ready")
    assert shown(dialog, 0, STATE) == "needs a meaning"
    assert page.materials.materials[gizmo(dialog)].term is None


def test_completeness_is_said_for_all_cells_or_for_one(dialog):
    page = dialog.review_page
    names = [it.name for it in page.materials.materials]
    tick = page.materials.tick(names.index("mito"))
    before = tick.isChecked()
    tick.click()
    assert {row.values[1].complete for row in page.review.rows} == {not before}

    page.table.selectRow(0)
    own = [it.name for it in page.own_materials.materials].index("mito")
    page.own_materials.tick(own).click()
    assert [row.values[1].complete for row in page.review.rows] == [before, *[not before] * 2]
    assert tick.checkState() == Qt.CheckState.PartiallyChecked


def test_a_new_term_is_added_to_the_library_and_used_at_once(qtbot, dialog, session):
    combo = dialog.review_page.materials.combo(0)
    combo.set_term(NEW_TERM)
    combo.set_term(NEW_TERM)
    (asked,) = dialog.findChildren(NewTermDialog)
    assert combo.term is None
    asked.tree.choose("cell")
    asked.form.add_button.click()
    qtbot.waitUntil(lambda: "gizmo" in session.ontology)
    qtbot.waitUntil(dialog.take_button.isEnabled)

    assert session.ontology["gizmo"].parent == "cell"
    assert dialog.review_page.review.rows[0].values[0].term == "gizmo"
    assert dialog.take_button.text() == "Take in 3 cells"


def test_facts_of_the_selected_cells_are_set_together(dialog):
    page = dialog.review_page
    page.table.selectAll()
    for field, words in (
        ("Species", "yeast"),
        ("Voxel size", "60,40,40"),
        ("LAC of one unit", "2"),
    ):
        page.bulk.field_combo.setCurrentText(field)
        page.bulk.value_edit.setText(words)
        page.bulk.set_button.click()

    rows = page.review.rows
    assert {row.species for row in rows} == {"yeast"}
    assert {row.voxel_size_um for row in rows} == {(0.06, 0.04, 0.04)}
    assert {row.lac_per_unit for row in rows} == {2.0}
    assert page.bulk.words.text() == "3 cells selected:"


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("Voxel size", "large", "no voxel size"),
        ("LAC of one unit", "much", "cannot be true"),
        ("Voxel when reconstructed", "-3", "cannot be true"),
    ],
)
def test_what_cannot_be_is_refused_in_words(dialog, field, words, said):
    page = dialog.review_page
    page.bulk.field_combo.setCurrentText(field)
    QTest.keyClicks(page.bulk.value_edit, words)
    QTest.keyClick(page.bulk.value_edit, Qt.Key.Key_Return)

    assert said in dialog.problem.text()
    assert page.review.rows[0].voxel_size_um == pytest.approx((0.05,) * 3)


def test_cells_are_left_out_and_taken_again(dialog):
    page = dialog.review_page
    page.materials.combo(0).set_term("starch")
    page.table.selectRow(1)
    page.bulk.leave_button.click()
    assert shown(dialog, 1, STATE) == "left out"
    assert dialog.take_button.text() == "Take in 2 cells"

    index = page.model.index(1, TAKE)
    page.model.setData(index, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert dialog.take_button.text() == "Take in 3 cells"


def test_fields_are_edited_in_the_table(dialog):
    model = dialog.review_page.model
    assert model.setData(model.index(0, NAME), "first")
    assert model.setData(model.index(0, VOXEL), "40")
    assert not model.setData(model.index(0, NAME), "b1")
    assert "taken" in dialog.problem.text()
    assert not model.setData(model.index(0, SCALE), "1")

    row = dialog.review_page.review.rows[0]
    assert (row.name, row.voxel_size_um) == ("first", (0.04, 0.04, 0.04))


def test_only_cells_with_problems_are_shown_if_wanted(dialog):
    page = dialog.review_page
    page.table.selectRow(0)
    page.own_materials.combo(
        [it.name for it in page.own_materials.materials].index("Gizmo")
    ).set_term("starch")

    page.problems_tick.setChecked(True)
    assert [page.table.isRowHidden(row) for row in range(3)] == [True, False, False]
    assert page.bulk.words.text() == "0 cells selected:"
    page.bulk.wanted.emit(lambda review, names: set_voxel_size(review, (1, 1, 1), names=names))
    assert {row.voxel_size_um for row in page.review.rows} == {(0.05, 0.05, 0.05)}
    page.problems_tick.setChecked(False)
    assert not page.table.isRowHidden(0)


def test_the_planes_of_the_chosen_cell_show_its_labels_in_the_colours_of_their_terms(qtbot, dialog):
    page = dialog.review_page
    page.tabs.setCurrentIndex(1)
    page.table.selectRow(1)
    settle(qtbot, dialog)
    amber, starch = "#ffb74d", ONTOLOGY["starch"].colour
    assert page.planes._images
    assert hue_share(grab_rgb(page.planes), amber) > 0.003
    assert hue_share(grab_rgb(page.planes), starch) < 0.001

    page.materials.combo(0).set_term("starch")
    assert hue_share(grab_rgb(page.planes), starch) > 0.003
    assert hue_share(grab_rgb(page.planes), amber) < 0.001


def test_a_wrong_scale_shows_as_black_planes(qtbot, dialog):
    page = dialog.review_page
    page.tabs.setCurrentIndex(1)
    page.table.selectRow(0)
    settle(qtbot, dialog)
    before = grab_rgb(page.planes).mean()
    page.model.setData(page.model.index(0, SCALE), "0.01")

    assert grab_rgb(page.planes).mean() < before - 20


def test_a_review_is_saved_and_loaded(dialog, tmp_path, monkeypatch):
    page = dialog.review_page
    page.materials.combo(0).set_term("starch")
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "review.csv")
    monkeypatch.setattr(messages, "choose_file", lambda *_: tmp_path / "review.csv")
    dialog.save_button.click()
    assert dialog.problem.text() == ""
    kept = page.review
    page.table.selectAll()
    page.bulk.leave_button.click()

    dialog.load_button.click()

    assert [row.take for row in page.review.rows] == [True] * 3
    assert [row.values for row in page.review.rows] == [row.values for row in kept.rows]


def test_a_table_that_is_none_is_refused(dialog, tmp_path, monkeypatch):
    (tmp_path / "x.csv").write_text("what\nis this\n")
    monkeypatch.setattr(messages, "choose_file", lambda *_: tmp_path / "x.csv")

    dialog.load_button.click()

    assert "x.csv" in dialog.problem.text()
    assert len(dialog.review_page.review.rows) == 3


def test_what_was_not_used_is_told(dialog, monkeypatch):
    told = []
    monkeypatch.setattr(messages, "show_text", lambda *words: told.append(words[2]))

    dialog.notes_button.click()

    assert "broken.mrc" in told[0]


def test_a_dropped_folder_is_scanned(qtbot, session, old_work):
    dialog = IngestDialog(session, None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.folder_button.isVisible()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(old_work))])
    left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(dialog, QDragEnterEvent(QPoint(5, 5), copy, data, left, keys))
    QApplication.sendEvent(dialog, QDropEvent(QPointF(5, 5), copy, data, left, keys))
    settle(qtbot, dialog)

    assert len(dialog.review_page.review.rows) == 3
    dialog.done(0)


def test_a_folder_that_cannot_be_read_is_told_and_another_can_be_chosen(
    qtbot, session, old_work, tmp_path, monkeypatch
):
    dialog = IngestDialog(session, tmp_path / "nowhere")
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, dialog)
    assert "nowhere" in dialog.problem.text()

    monkeypatch.setattr(messages, "choose_folder", lambda *_: old_work)
    dialog.folder_button.click()
    settle(qtbot, dialog)
    assert len(dialog.review_page.review.rows) == 3
    dialog.done(0)


def test_scanning_can_be_stopped(qtbot, session, old_work):
    dialog = IngestDialog(session, old_work)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.stop_button.click()
    settle(qtbot, dialog)
    qtbot.waitUntil(lambda: not dialog._work_page.isVisible())

    assert dialog.folder_button.isVisible() or dialog.review_page.review is not None
    dialog.done(0)


def test_taking_in_can_be_stopped_and_goes_on_later(qtbot, dialog, session):
    dialog.review_page.materials.combo(0).set_term("starch")
    dialog._errand.reported.connect(lambda _event: dialog.stop_button.click())
    dialog.take_button.click()
    settle(qtbot, dialog)
    qtbot.waitUntil(lambda: not dialog._work_page.isVisible())
    dialog._errand.reported.disconnect()

    if dialog.review_page.isVisible():
        assert "goes on from there" in dialog.problem.text()
        dialog.take_button.click()
        settle(qtbot, dialog)
    assert len(session.cells()) == 3


def test_a_library_that_vanishes_while_cells_are_taken_in_is_told(qtbot, dialog, tmp_path):
    dialog.review_page.materials.combo(0).set_term("starch")
    (tmp_path / "lib").rename(tmp_path / "gone")

    dialog.take_button.click()
    settle(qtbot, dialog)

    assert dialog.review_page.isVisible()
    assert "lib" in dialog.problem.text()


def test_a_cell_that_fails_is_named_with_its_reason(qtbot, dialog, old_work):
    dialog.review_page.materials.combo(0).set_term("starch")
    (old_work / "b1.mrc").unlink()

    dialog.take_button.click()
    settle(qtbot, dialog)

    assert dialog.outcome.text() == "Taken in: 2\nCould not be taken in: 1"
    assert dialog.failures.text().startswith("b1: ")


def test_closing_while_something_runs_stops_it_first(qtbot, session, old_work):
    dialog = IngestDialog(session, old_work)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reject()
    assert dialog.isVisible()
    settle(qtbot, dialog)
    qtbot.waitUntil(lambda: not dialog._work_page.isVisible())

    dialog.reject()
    assert not dialog.isVisible()


# parts


def proposal(**facts) -> CellProposal:
    label = LabelProposal(value=1, name="Mito", term="mitochondria", voxels=7, complete=True)
    start = CellProposal(
        name="a", tomogram=Path("a.mrc"), labels=Path("a.am"), shape=(2, 3, 4), values=(label,),
        voxel_size_um=(0.1,) * 3, lac_per_unit=1.0,
    )  # fmt: skip
    return replace(start, **facts)


def test_materials_of_several_cells_are_one_row_whatever_their_case():
    mito = LabelProposal(value=2, name="mito ", term=None, voxels=3)
    nameless = LabelProposal(value=9, name="", term="lipid")
    rows = (proposal(), proposal(name="b", values=(mito, nameless)))

    unknown, lipid = materials_of(rows)
    assert (unknown.cells, unknown.voxels, unknown.term, unknown.complete) == (2, 10, None, None)
    assert (lipid.words, lipid.value, lipid.term) == ("value 9", 9, "lipid")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "ready"),
        ({"warnings": ("The scale is a guess.",)}, "ready; The scale is a guess."),
        ({"wanted": False}, "left out"),
        ({"faults": ("a.mrc: is damaged.",)}, "a.mrc: is damaged."),
        ({"voxel_size_um": None, "lac_per_unit": None}, "needs voxel size, LAC scale"),
        ({"values": (LabelProposal(value=1, name="x"), LabelProposal(value=2, name="y"))},
         "needs 2 meanings"),
        ({"values": ()}, "None of its label values is named; name them, or leave the cell out."),
    ],
)  # fmt: skip
def test_the_state_of_a_row_is_a_few_words(facts, said):
    model = IngestModel(ONTOLOGY)
    model.show_review(Review(folder=Path(), rows=(proposal(**facts),)))

    assert model.data(model.index(0, STATE)) == said


@pytest.mark.parametrize(
    ("facts", "column", "said"),
    [
        ({"voxel_size_um": (0.05, 0.05, 5000.0)}, VOXEL, "5e+06 nm cannot be true"),
        ({"lac_per_unit": 1000.0, "brightest": 0.5}, SCALE, "nothing absorbs more than gold"),
        ({"lac_per_unit": -1.0}, SCALE, "-1 µm⁻¹ for one stored unit cannot be true"),
        ({"lac_per_unit": float("inf")}, SCALE, "cannot be true"),
    ],
)  # fmt: skip
def test_numbers_that_the_import_refuses_are_not_called_ready(facts, column, said):
    model = IngestModel(ONTOLOGY)
    model.show_review(Review(folder=Path(), rows=(proposal(**facts),)))

    assert said in model.data(model.index(0, STATE))
    assert said in model.data(model.index(0, column), Qt.ItemDataRole.ToolTipRole)
    colour = model.data(model.index(0, column), Qt.ItemDataRole.ForegroundRole)
    assert colour == QColor(tones().warning)
    assert not model.row(0).take


def test_rows_are_sorted_by_any_column_and_the_selection_goes_along(qtbot):
    page = IngestReview(ONTOLOGY)
    qtbot.addWidget(page)
    rows = (
        proposal(name="cell 10", voxel_size_um=(0.1,) * 3, lac_per_unit=None, wanted=False),
        proposal(name="Cell 2", voxel_size_um=(0.3,) * 3, warnings=("Odd.",)),
        proposal(name="cell 1", voxel_size_um=(0.2,) * 3, shape=(9, 9, 9)),
    )
    page.show_review(Review(folder=Path(), rows=rows))

    def names() -> list[str]:
        return [row.name for row in page.review.rows]

    assert names() == ["cell 1", "Cell 2", "cell 10"]
    page.table.selectRow(1)
    up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
    for column, order, expected in (
        (NAME, down, ["cell 10", "Cell 2", "cell 1"]),
        (VOXEL, up, ["cell 10", "cell 1", "Cell 2"]),
        (SHAPE, down, ["cell 1", "Cell 2", "cell 10"]),
        (SCALE, up, ["cell 10", "cell 1", "Cell 2"]),
        (TAKE, up, ["cell 1", "Cell 2", "cell 10"]),
        (STATE, up, ["cell 10", "Cell 2", "cell 1"]),
        (DRAWN, up, ["cell 1", "Cell 2", "cell 10"]),
    ):
        page.table.sortByColumn(column, order)
        assert names() == expected, column
        assert page.current is not None
        assert page.current.name == "Cell 2"
    page.problems_tick.setChecked(True)
    page.table.sortByColumn(NAME, down)
    assert [page.table.isRowHidden(row) for row in range(3)] == [False, True, True]
    page.close_reading()


def test_facts_tell_why_numbers_are_what_they_are():
    drawn = Drawn(planes=((1, 5), (), ()), words="2 of 9 planes along z are drawn")
    row = proposal(voxel_reason="stated", lac_reason="a guess", drawn=drawn, warnings=("Odd.",))

    assert facts_words(row) == (
        "a.mrc, a.am\nVoxels of 100 nm: stated\n1 µm⁻¹ a unit: a guess\n"
        "Sparse: 2 of 9 planes along z are drawn.\nOdd."
    )


def test_the_middle_planes_are_cut_where_they_should_be(tmp_path):
    values_ZYX = np.arange(4 * 6 * 8, dtype=np.float32).reshape(4, 6, 8)
    labels_ZYX = np.zeros((4, 6, 8), np.uint8)
    labels_ZYX[2, 1, 7] = 3
    write_volume(tmp_path / "a.mrc", Volume(values_ZYX=values_ZYX, voxel_size_um=(0.1,) * 3))
    write_volume(tmp_path / "a.am", Volume(values_ZYX=labels_ZYX, voxel_size_um=(0.1,) * 3))
    label = LabelProposal(value=3, name="x", term="nucleus")
    row = proposal(tomogram=tmp_path / "a.mrc", labels=tmp_path / "a.am", values=(label,))

    planes = read_middle_planes(row, ignore)

    for plane, cut in zip(
        planes.stored, (values_ZYX[2], values_ZYX[:, 3], values_ZYX[:, :, 4]), strict=True
    ):
        np.testing.assert_array_equal(plane, cut)
    assert np.argwhere(planes.labels[0]).tolist() == [[1, 7]]
    assert planes.labels[0].max() == 1

    sparse = replace(row, drawn=Drawn(planes=((0, 3), (), (1, 7)), words="drawn in part"))
    shown = read_middle_planes(sparse, ignore).stored
    for plane, cut in zip(
        shown, (values_ZYX[3], values_ZYX[:, 3], values_ZYX[:, :, 1]), strict=True
    ):
        np.testing.assert_array_equal(plane, cut)


def test_labels_of_another_shape_are_told_instead_of_planes(tmp_path):
    for name, shape in (("a.mrc", (4, 6, 8)), ("a.am", (4, 6, 7))):
        volume = Volume(values_ZYX=np.ones(shape, np.uint8), voxel_size_um=(0.1,) * 3)
        write_volume(tmp_path / name, volume)
    row = proposal(tomogram=tmp_path / "a.mrc", labels=tmp_path / "a.am")

    with pytest.raises(LabelError, match=r"a\.am: has another shape than a\.mrc"):
        read_middle_planes(row, ignore)


def test_reading_planes_can_be_cancelled(tmp_path):
    def stop(_event):
        raise Cancelled

    with pytest.raises(Cancelled):
        read_middle_planes(proposal(), stop)


def test_the_picture_keeps_the_proportions_of_the_cell(qtbot):
    picture = PlanesPicture()
    qtbot.addWidget(picture)
    picture.resize(600, 400)
    picture._extent_um = (2.0, 4.0, 6.0)

    xy, xz, yz = picture._places()
    assert xy.width() / xy.height() == pytest.approx(6 / 4)
    assert xz.width() / xz.height() == pytest.approx(6 / 2)
    assert yz.width() / yz.height() == pytest.approx(4 / 2)
    assert max(xz.right(), yz.right()) <= 600
    assert max(xy.bottom(), yz.bottom()) <= 400


def test_colours_tell_unknown_left_out_and_known_labels_apart():
    labels = [LabelProposal(value=1, name="x", term=term) for term in (None, IGNORE, "nucleus")]

    colours = [label_colour(label, ONTOLOGY) for label in labels]
    assert colours[2] == ONTOLOGY["nucleus"].colour
    assert len(set(colours)) == 3


def test_results_are_told_in_numbers():
    result = IngestResult(added=("a",), skipped=("b", "c"), failed={"d": "x"})

    assert result_words(result) == (
        "Taken in: 1\nIn the library already: 2\nCould not be taken in: 1"
    )


@pytest.mark.skipif(not REAL.is_dir(), reason="the real Amira projects are not here")
def test_real_amira_projects_are_reviewed_completed_and_taken_in(qtbot, session):
    dialog = IngestDialog(session, REAL)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, dialog)
    page = dialog.review_page
    shapes = {row.name: row.shape for row in page.review.rows}
    assert shapes["sample_12"] == (58, 61, 58)
    assert not any(row.take for row in page.review.rows)

    page.table.selectAll()
    for field, words in (("Voxel size", "40"), ("LAC of one unit", "0.004")):
        page.bulk.field_combo.setCurrentText(field)
        page.bulk.value_edit.setText(words)
        page.bulk.set_button.click()
    dialog.take_button.click()
    settle(qtbot, dialog)

    cells = {cell.name: cell for cell in session.cells()}
    assert cells["sample_12"].shape == (58, 61, 58)
    assert "cell" in cells["sample_12"].annotations[0].facts.names.values()
    dialog.done(0)


def test_corrections_are_not_thrown_away_unasked(qtbot, dialog, monkeypatch):
    asked = []
    monkeypatch.setattr(messages, "ask", lambda *words: asked.append(words[1]))
    page = dialog.review_page
    page.table.selectAll()
    page.bulk.field_combo.setCurrentText("Species")
    page.bulk.value_edit.setText("S. cerevisiae")
    page.bulk.set_button.click()
    assert "Specimen: S. cerevisiae" in facts_words(page.review.rows[0])

    dialog.reject()

    assert asked == ["Close without the corrections?"]
    assert dialog.isVisible()
    monkeypatch.setattr(messages, "ask", lambda *_: True)
    dialog.reject()
    assert not dialog.isVisible()


def test_a_review_without_corrections_closes_at_once(qtbot, dialog):
    dialog.reject()

    assert not dialog.isVisible()
