from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QTableWidget

from sxtstudio.core.coverage import AnnotationFacts
from sxtstudio.core.ontology import default_ontology
from sxtstudio.gui import messages
from sxtstudio.gui.cell_chooser import CellChooser
from sxtstudio.gui.completeness_editor import CompletenessEditor
from sxtstudio.gui.describe_dialog import DescribeDialog
from sxtstudio.gui.library_cards import short_words
from sxtstudio.gui.library_cell_commands import LibraryCellCommands
from sxtstudio.gui.library_model import LibraryModel, class_marks, tip_words
from sxtstudio.gui.library_panel import LibraryPanel
from sxtstudio.gui.library_previews import LibraryPreviews
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.gui.library_words import (
    class_rows,
    extent_words,
    note_words,
    source_words,
    status_words,
)
from sxtstudio.gui.settings import remember_library
from sxtstudio.library.records import LibraryAnnotation, LibraryCell, Note
from tests.gui.libraries import open_library, wait, write_library
from tests.gui.pictures import grab_rgb

ONTOLOGY = default_ontology()


@pytest.fixture
def session(qtbot):
    session = LibrarySession()
    yield session
    session.shutdown()
    remember_library(None)


@pytest.fixture
def panel(qtbot, session, tmp_path):
    """A panel that shows four cells."""
    open_library(qtbot, session, write_library(tmp_path / "lib"))
    panel = LibraryPanel(session)
    panel.commands = LibraryCellCommands(panel, session)
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    panel.show()
    settle(qtbot, panel)
    return panel


def settle(qtbot, panel) -> None:
    qtbot.waitUntil(lambda: not panel.filters._pause.isActive())
    wait(qtbot, panel._session)


def names(panel) -> list[str]:
    return [cell.name for cell in panel.model.cells]


def choose(panel, *wanted: str) -> None:
    panel.choose([cell.id for cell in panel.model.cells if cell.name in wanted])


def class_table(details) -> QTableWidget:
    """Return the table on show; one of before may still wait to be deleted."""
    return details.findChildren(QTableWidget, "library_classes")[-1]


def dialog_of(panel, kind):
    return panel.findChildren(kind)[-1]


def test_without_a_library_the_panel_says_how_to_get_one(qtbot, session):
    panel = LibraryPanel(session)
    qtbot.addWidget(panel)
    panel.show()

    assert panel.closed.isVisible()
    assert "folder" in panel.closed.words.text()

    session.trouble = "/share: there is no such folder; connect its drive, or choose."
    session.changed.emit()
    assert panel.closed.words.text() == session.trouble


def test_while_a_library_is_looked_into_the_page_says_so_and_can_stop_it(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    panel = LibraryPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    session.open(folder)
    assert panel.opening.isVisible()
    assert str(folder) in panel.opening.words.text()
    stop = panel.findChild(QPushButton, "library_opening_stop")
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert panel.closed.isVisible()
    wait(qtbot, session)
    assert session.library is None
    open_library(qtbot, session, folder)
    assert panel.list.isVisible()


def test_all_cells_are_listed_with_their_number(panel):
    assert names(panel) == ["alga_1", "bare_1", "BC_1", "BC_2"]
    assert panel.count.text() == "4 cells"
    assert panel.title.text() == "test cells"
    assert not panel.problems.isVisible()


def test_an_empty_library_says_what_to_do(qtbot, session, tmp_path):
    session.create(tmp_path / "new")
    qtbot.waitUntil(lambda: session.library is not None)
    panel = LibraryPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    settle(qtbot, panel)

    assert panel.empty.isVisible()
    assert panel.count.text() == "0 cells"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("heat", ["BC_2"]),
        ("saccharomyces", []),
        ("LD", ["alga_1", "BC_1", "BC_2"]),
        ("lipid droplets", ["alga_1", "BC_1", "BC_2"]),
        ("bessy", ["bare_1"]),
    ],
)
def test_typing_finds_names_specimens_and_structures_by_any_word(qtbot, panel, typed, found):
    QTest.keyClicks(panel.filters.text_edit, typed)
    settle(qtbot, panel)

    assert names(panel) == found
    assert panel.nothing.isVisible() == (not found)


def test_filters_narrow_the_list_and_clear_widens_it_again(qtbot, panel):
    filters = panel.filters
    filters.kind_combo.setCurrentText("S. cerevisiae")
    settle(qtbot, panel)
    assert names(panel) == ["BC_1", "BC_2"]
    assert panel.count.text() == "2 of 4 cells"

    filters.condition_combo.setCurrentText("heat shock")
    settle(qtbot, panel)
    assert names(panel) == ["BC_2"]

    filters.clear_button.click()
    settle(qtbot, panel)
    assert len(names(panel)) == 4

    filters.class_combo.set_term("nucleus")
    settle(qtbot, panel)
    assert names(panel) == ["alga_1", "BC_1", "BC_2"]

    filters.class_combo.lineEdit().clear()
    settle(qtbot, panel)
    assert len(names(panel)) == 4


def test_voxel_sizes_that_occur_are_offered(qtbot, panel):
    combo = panel.filters.voxel_combo

    assert [combo.itemText(i) for i in range(combo.count())] == ["any", "50 nm"]
    combo.setCurrentIndex(1)
    assert panel.filters.query().voxel_nm == (49.5, 50.5)


def test_the_details_tell_what_is_known_of_a_cell(qtbot, panel):
    choose(panel, "alga_1")
    details = panel.details

    assert details.title.text() == "alga_1"
    values = {label.objectName(): label.text() for label in details.findChildren(QLabel)}
    assert values["library_fact_species"] == "C. reinhardtii"
    assert values["library_fact_voxel size"] == "50 nm"
    assert values["library_fact_extent"] == "1.2 × 1.2 × 1.2 µm (z, y, x)"
    table = class_table(details)
    rows = {
        table.item(row, 0).text(): [table.item(row, column).text() for column in (1, 2, 3)]
        for row in range(table.rowCount())
    }
    assert rows["nucleus"][2] == "everywhere"
    assert rows["starch granules"][1:] == ["1", "everywhere"]
    assert rows["vacuole"][2] == "in part"
    assert int(rows["nucleus"][0]) > 100


def test_a_cell_without_drawings_says_so(panel):
    choose(panel, "bare_1")

    headings = [it.text() for it in panel.details.findChildren(QLabel, "library_heading")]
    assert "Nothing is drawn in this cell" in headings


def test_previews_come_in_the_background_and_are_painted(qtbot, panel):
    qtbot.waitUntil(lambda: len(panel.model._previews._kept) == 4)
    wait(qtbot, panel._session)
    rgb = grab_rgb(panel.list.viewport()).astype(int)

    card = panel.list.visualRect(panel.model.index(0))
    xy = rgb[card.top() + 14 : card.top() + 130, card.left() + 14 : card.left() + 130]
    preview = panel._session.library.preview(panel.model.cells[0].id)[0]
    assert xy.mean() == pytest.approx(preview.mean(), rel=0.15)
    assert xy.max() == pytest.approx(preview.max(), rel=0.35)
    dots = rgb[card.bottom() - 30 : card.bottom() - 8, card.left() : card.right()]
    assert (np.ptp(dots, axis=-1) > 90).sum() > 100


def test_a_preview_that_cannot_be_read_leaves_an_empty_frame(qtbot, session, tmp_path):
    library = open_library(qtbot, session, write_library(tmp_path / "lib"))
    cell = library.cell("BC_1")
    path = next((tmp_path / "lib").rglob(f"{cell.id}*"))
    path.chmod(0o600)
    path.write_bytes(b"broken")
    previews = LibraryPreviews(session)

    assert previews.get(cell.id) is None
    qtbot.waitUntil(lambda: previews.get(cell.id) is not None)

    assert previews.get(cell.id) == ()


def test_what_is_scrolled_past_is_not_read(qtbot, session, tmp_path, monkeypatch):
    monkeypatch.setattr("sxtstudio.gui.library_previews._MOST_WISHES", 2)
    library = open_library(qtbot, session, write_library(tmp_path / "lib"))
    ids = [cell.id for cell in library.cells()]
    previews = LibraryPreviews(session)
    previews._reading = True
    for cell_id in ids:
        previews.get(cell_id)
    previews._reading = False
    seen = []
    previews.ready.connect(seen.append)
    previews._read_next()
    wait(qtbot, session)

    assert seen == [ids[3], ids[2]]


def test_five_thousand_cells_are_shown_without_reading_them(qtbot, session):
    cells = [
        LibraryCell(id=f"{i:064d}", name=f"c{i}", shape=(9, 9, 9), voxel_size_um=(0.05,) * 3,
                    lac_sha256="")
        for i in range(5000)
    ]  # fmt: skip
    previews = LibraryPreviews(session)
    asked = []
    previews.get = asked.append
    model = LibraryModel(previews)
    panel = LibraryPanel(session)
    qtbot.addWidget(panel)
    panel.list.setModel(model)
    panel._pages.setCurrentIndex(1)
    panel.resize(1000, 600)
    panel.show()

    model.show_cells(cells, ONTOLOGY)
    panel.list.grab()
    assert 0 < len(asked) < 60

    panel.list.scrollToBottom()
    panel.list.grab()
    assert f"{4999:064d}" in asked
    assert len(asked) < 200


def test_a_completeness_is_corrected_and_an_absent_structure_noted(qtbot, panel, session):
    choose(panel, "BC_1")
    panel.details.completeness_wanted.emit(0)
    dialog = dialog_of(panel, CompletenessEditor)
    wait(qtbot, session)
    dialog.table.tick("lipid")
    dialog.table.tick("pyrenoid")
    dialog.accept_button.click()
    wait(qtbot, session)
    settle(qtbot, panel)

    (annotation,) = session.library.cell("BC_1").annotations
    assert annotation.facts.complete == {"nucleus", "lipid", "pyrenoid"}
    assert panel.details.title.text() == "BC_1"
    assert "drawn everywhere: lipid bodies, nucleus, pyrenoid" in panel.details.history.text()
    table = class_table(panel.details)
    states = {table.item(i, 0).text(): table.item(i, 3).text() for i in range(table.rowCount())}
    assert states["pyrenoid"] == "has none"


def test_several_cells_are_described_at_once(qtbot, panel, session):
    choose(panel, "BC_1", "BC_2")
    panel.details.describe_wanted.emit()
    dialog = dialog_of(panel, DescribeDialog)
    assert dialog.edits["species"].text() == "S. cerevisiae"
    assert dialog.edits["condition"].text() == ""
    assert not dialog.accept_button.isEnabled()

    dialog.edits["strain"].setText("BY4741")
    dialog.accept_button.click()
    wait(qtbot, session)
    settle(qtbot, panel)

    cells = {cell.name: cell for cell in session.cells()}
    assert [cells[it].strain for it in ("BC_1", "BC_2", "alga_1")] == ["BY4741", "BY4741", ""]
    assert cells["BC_2"].condition == "heat shock"
    assert len(panel.chosen) == 2


def test_a_cell_is_withdrawn_with_a_reason_and_used_again(qtbot, panel, session, monkeypatch):
    monkeypatch.setattr(messages, "ask_text", lambda *_: "moved during the tilt series")
    choose(panel, "BC_1")
    panel.details.withdraw_wanted.emit()
    wait(qtbot, session)
    settle(qtbot, panel)
    assert names(panel) == ["alga_1", "bare_1", "BC_2"]

    panel.filters.unused_tick.setChecked(True)
    settle(qtbot, panel)
    choose(panel, "BC_1")
    assert panel.details.status.text() == "Withdrawn: moved during the tilt series"
    assert "moved during" in panel.details.history.text()

    panel.details.restore_wanted.emit()
    wait(qtbot, session)
    assert len(session.cells()) == 4


def test_nothing_is_withdrawn_without_a_reason(qtbot, panel, session, monkeypatch):
    monkeypatch.setattr(messages, "ask_text", lambda *_: None)
    choose(panel, "BC_1")
    panel.details.withdraw_wanted.emit()
    wait(qtbot, session)

    assert len(session.cells()) == 4


def test_a_cell_is_replaced_by_another(qtbot, panel, session):
    choose(panel, "BC_1")
    panel.details.supersede_wanted.emit()
    dialog = dialog_of(panel, CellChooser)
    assert "BC_2" in dialog.list.item(0).text()  # the same kind comes first
    dialog.search_edit.setText("bc_2")
    dialog.list.item(0).setSelected(True)
    dialog.accept_button.click()
    wait(qtbot, session)

    (old,) = [it for it in session.library._catalogue.state.cells.values() if it.name == "BC_1"]
    assert old.superseded_by == session.library.cell("BC_2").id
    assert status_words(old) == "Replaced by a newer version."


def test_choosing_what_the_search_hides_is_not_possible(qtbot, panel):
    dialog = CellChooser("Replaced by", "Which?", panel.model.cells)
    qtbot.addWidget(dialog)
    dialog.list.item(0).setSelected(True)
    assert dialog.chosen == panel.model.cells[0].id

    dialog.search_edit.setText("zzz")
    assert dialog.chosen is None
    assert not dialog.accept_button.isEnabled()


def test_a_cell_is_read_to_be_looked_at(qtbot, panel, session):
    choose(panel, "alga_1")
    with qtbot.waitSignal(panel.commands.read) as read:
        QTest.mouseClick(panel.details.show_button, Qt.MouseButton.LeftButton)

    cell, whole = read.args
    assert cell.name == whole.name == "alga_1"
    assert whole.annotations[0].complete == {"nucleus", "starch"}


def test_every_selected_cell_goes_into_the_project(qtbot, panel, session):
    choose(panel, "alga_1", "BC_2")
    asked = []
    panel.commands.add_asked.connect(lambda cell, _: asked.append(cell.name))
    panel.details.add_button.click()
    wait(qtbot, session)

    assert sorted(asked) == ["BC_2", "alga_1"]


def test_the_menu_of_a_cell_offers_what_can_be_done_with_it(panel):
    choose(panel, "alga_1")
    menu = panel.details.menu()
    menu.aboutToShow.emit()
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Describe …", "What is drawn everywhere …", "Withdraw …", "Replaced by …"]

    whole = panel.details.menu(whole=True)
    whole.aboutToShow.emit()
    assert [it.text() for it in whole.actions()][:2] == ["Show", "Add to project"]

    panel.details.cell = replace(panel.details.cell, withdrawn="x")
    menu.aboutToShow.emit()
    assert [it.text() for it in menu.actions()][-1] == "Use again"


def test_the_selection_outlives_a_refresh(qtbot, panel, session):
    choose(panel, "BC_2")
    session.changed.emit()
    settle(qtbot, panel)

    assert panel.current.name == "BC_2"
    assert [cell.name for cell in panel.chosen] == ["BC_2"]


def test_the_current_cell_is_the_first_of_the_chosen(panel):
    choose(panel, "BC_1", "alga_1")
    row = names(panel).index("BC_1")
    flag = QItemSelectionModel.SelectionFlag.NoUpdate
    panel.list.selectionModel().setCurrentIndex(panel.model.index(row), flag)

    assert [cell.name for cell in panel.chosen] == ["BC_1", "alga_1"]


def test_files_that_were_skipped_are_told(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    (folder / "cells" / "ab").mkdir(exist_ok=True)
    (folder / "cells" / "ab" / f"{'ab' * 32}.sxtcell").write_bytes(b"half a")
    open_library(qtbot, session, folder)
    panel = LibraryPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    settle(qtbot, panel)

    assert panel.problems.isVisible()
    assert panel.problems.text() == "1 file was skipped …"


def test_a_library_that_changes_while_the_page_is_away_is_asked_when_it_comes_back(
    qtbot, panel, session
):
    panel.hide()
    session.change(lambda library, _: library.withdraw(library.cell("BC_1").id, "x"), lambda: None)
    wait(qtbot, session)
    assert len(panel.model.cells) == 4

    panel.show()
    settle(qtbot, panel)
    assert len(panel.model.cells) == 3


# words


def annotation(complete: set[str], voxels: dict[int, int]) -> LibraryAnnotation:
    named = {1: "nucleus", 2: "lipid", 3: "ignore", 4: "lipid"}
    return LibraryAnnotation(
        id=0,
        facts=AnnotationFacts(
            names=named, complete=frozenset(complete), voxels=voxels, objects={1: 1, 2: 3, 4: 2}
        ),
    )


def test_the_rows_of_an_annotation_add_values_of_one_class_and_name_what_is_absent():
    rows = class_rows(annotation({"lipid", "starch"}, {1: 10, 2: 5, 4: 1}), ONTOLOGY)

    told = {row.name: (row.voxels, row.objects, row.state) for row in rows}
    assert told == {
        "nucleus": (10, 1, "partly"),
        "starch granules": (0, 0, "none"),
        "lipid bodies": (6, 5, "everywhere"),
    }


def test_what_is_drawn_wherever_somebody_looked_is_not_called_everywhere():
    sparse = annotation({"lipid"}, {1: 10, 2: 5, 3: 7})

    told = {row.name: (row.voxels, row.state) for row in class_rows(sparse, ONTOLOGY)}
    assert told == {
        "nucleus": (10, "partly"),
        "lipid bodies": (5, "judged"),
        "left out": (7, "region"),
    }
    cell = LibraryCell(
        id="1", name="a", shape=(9, 9, 9), voxel_size_um=(0.1, 0.1, 0.1), lac_sha256="",
        annotations=(sparse,),
    )  # fmt: skip
    assert [full for _, full in class_marks(cell, ONTOLOGY)] == [False, False]


def test_a_card_shows_full_dots_for_complete_classes():
    cell = LibraryCell(
        id="1", name="a", shape=(10, 20, 30), voxel_size_um=(0.1, 0.05, 0.05), lac_sha256="",
        species="yeast", condition="control", annotations=(annotation({"lipid"}, {1: 3, 2: 4}),),
    )  # fmt: skip

    marks = class_marks(cell, ONTOLOGY)
    assert marks == ((ONTOLOGY["nucleus"].colour, False), (ONTOLOGY["lipid"].colour, True))
    assert short_words(cell) == "66.7 nm · yeast · control"
    assert extent_words(cell) == "1 × 1 × 1.5"
    assert "drawn: lipid bodies, nucleus" in tip_words(cell, ONTOLOGY)
    assert status_words(cell) == ""
    marked = replace(cell, source="/a.rec (stated) [ingest 0123456789abcdef:0123456789abcdef]")
    assert source_words(marked) == "/a.rec (stated)"


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("withdrawn", {"reason": "moved"}, "withdrawn, “moved”"),
        ("restored", {}, "in use again"),
        ("superseded", {"by": "abcdef" * 10}, "replaced by abcdefabcdef"),
        ("complete", {"annotation": "0", "complete": "lipid,nucleus"}, "lipid bodies, nucleus"),
        ("complete", {"annotation": "0", "complete": ""}, "drawn everywhere: nothing"),
        ("described", {"strain": "wt", "species": ""}, "species: –, strain: wt"),
    ],
)
def test_notes_are_told_in_words(kind, fields, said):
    note = Note(cell="x", kind=kind, time="2026-11-22T10:20:30+00:00", author="eva", fields=fields)

    words = note_words(note, ONTOLOGY)
    assert words.startswith("2026-11-22 10:20, eva: ")
    assert words.endswith(said)
