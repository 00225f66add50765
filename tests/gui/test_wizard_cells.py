"""The page of reference cells: filters, ticks, warnings, likeness, with and without a library."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from sxtstudio.library.library import Library
from tests.gui.projects import five_balls_cell
from tests.gui.wizards import exported, mixed_project, open_wizard, reach

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot, tmp_path):
    settings().clear()
    session = Session()
    session.open(mixed_project(tmp_path / "p.sxt"))
    yield session
    session.close()


@pytest.fixture
def with_library(qtbot, session, tmp_path):
    folder = tmp_path / "lib"
    Library.create(folder, "archive").close()
    with Library.open(folder, cache=tmp_path / "cache") as library:
        for number in range(3):
            cell = five_balls_cell(f"old {number}", 32 + number)
            library.add_cell(replace(cell, species="alga", condition="control"))
        unlike = five_balls_cell("unlike", 36)
        darker = replace(unlike.tomogram, lac_ZYX=unlike.tomogram.lac_ZYX * 2)
        library.add_cell(replace(unlike, tomogram=darker, species="yeast"))
    session.library.open(folder)
    qtbot.waitUntil(lambda: session.library.library is not None, timeout=20_000)
    return session


@pytest.fixture
def page(qtbot, session):
    wizard = open_wizard(qtbot, session)
    reach(wizard, "cells")
    yield wizard.cells
    if wizard.isVisible():
        wizard.reject()


def names(page):
    return [row.name for row in page.matrix.model.rows]


def taken(page):
    return [row.name for row in page.study.draft.taken_rows]


def test_the_cells_of_the_project_are_shown_with_what_they_know(page):
    assert names(page) == ["whole", "lipid only", "partly"]
    assert taken(page) == ["whole", "partly", "lipid only"]
    assert page.count_label.text() == "3 cells"
    assert "no library is open" in page.count_label.toolTip()
    assert not page.like_combo.isEnabled()


def test_filters_narrow_the_rows_and_change_no_tick(page):
    page.filters.text_edit.setText("lipid o")
    assert names(page) == ["lipid only"]
    assert page.count_label.text() == "1 of 3 cells"
    page.filters.text_edit.setText("nothing of the kind")
    assert names(page) == []
    assert not page.take_button.isEnabled()

    QTest.mouseClick(page.filters.clear_button, LEFT)

    assert len(names(page)) == 3
    assert len(taken(page)) == 3


def test_all_that_is_shown_is_ticked_or_unticked_at_once(page):
    page.filters.text_edit.setText("part")
    QTest.mouseClick(page.leave_button, LEFT)
    assert taken(page) == ["whole", "lipid only"]
    page.filters.clear()
    QTest.mouseClick(page.leave_button, LEFT)

    assert taken(page) == []
    assert page.problem() == "Tick at least one cell to learn from."
    QTest.mouseClick(page.take_button, LEFT)
    assert len(taken(page)) == 3


def test_few_cells_are_warned_of_in_words(page):
    assert page.warnings.isVisible()
    assert "Only 3 cells know lipid bodies; expect a weak class" in page.warnings.text()
    assert not page.without_button.isVisible()


def test_a_class_that_no_ticked_cell_shows_can_be_left_out_of_the_study(page):
    rows = {row.name: row for row in page.study.draft.coverage.rows}
    page.matrix.ticked.emit((rows["whole"], rows["partly"], rows["lipid only"]), False)
    page.matrix.ticked.emit((rows["lipid only"],), True)
    labels = page.study.draft
    page.study.put(replace(labels, coverage=_without_starch(labels.coverage)))

    assert "No ticked cell shows starch granules." in page.problem()
    assert page.without_button.text() == "Leave starch granules out"
    QTest.mouseClick(page.without_button, LEFT)

    assert [it.name for it in page.study.draft.classes] == ["lipid bodies"]
    assert page.problem() == ""
    assert list(page.study.draft.coverage.task.names.values()) == ["lipid bodies"]


def _without_starch(coverage):
    def blank(row):
        known = dict(row.known)
        known["starch granules"] = replace(known["starch granules"], knowledge="not", voxels=0)
        return replace(row, known=known)

    return replace(coverage, rows=tuple(map(blank, coverage.rows)))


def test_another_task_is_looked_up_anew(qtbot, session):
    wizard = open_wizard(qtbot, session)
    reach(wizard, "cells")
    wizard.back()
    wizard.structures.vocabulary.item("vacuole").setCheckState(0, Qt.CheckState.Checked)

    wizard.next()

    columns = wizard.cells.matrix.model.columnCount()
    headers = [
        wizard.cells.matrix.model.headerData(it, Qt.Orientation.Horizontal) for it in range(columns)
    ]
    assert headers[-2:] == ["vacuole", "Why"]
    wizard.reject()


def test_a_cell_that_comes_meanwhile_is_shown(page, session):
    session.project.add_cell(five_balls_cell("new", 22), source="test")

    session.contents_changed.emit()

    assert "new" in names(page)


# With a library


def test_a_library_that_is_still_looked_into_is_told_and_its_cells_come_by_themselves(
    page, qtbot, session, tmp_path
):
    folder = tmp_path / "lib"
    Library.create(folder, "archive").close()
    with Library.open(folder, cache=tmp_path / "cache") as library:
        library.add_cell(five_balls_cell("old", 32))
    session.library.open(folder)
    assert page.count_label.text() == "3 cells – looking into the library …"
    assert str(folder) in page.count_label.toolTip()
    qtbot.waitUntil(lambda: session.library.library is not None, timeout=20_000)
    assert page.count_label.text() == "4 cells"
    assert "old" in names(page)


def test_cells_of_the_library_are_proposed_with_a_reason(qtbot, with_library):
    wizard = open_wizard(qtbot, with_library)
    reach(wizard, "cells")
    page = wizard.cells
    rows = {row.name: row for row in page.study.draft.coverage.rows}

    assert rows["old 1"].origin == "library"
    assert "“archive”" in page.count_label.toolTip()
    decision = page.study.draft.decision(rows["old 1"])
    assert decision.taken
    assert "lipid" in decision.reason
    assert page.study.draft.decision(rows["whole"]).reason.startswith("Knows lipid bodies")
    page.filters.combos["kind"].setCurrentIndex(page.filters.combos["kind"].findData("yeast"))
    assert names(page) == ["unlike"]
    wizard.reject()


def test_cells_like_mine_come_first(qtbot, with_library):
    wizard = open_wizard(qtbot, with_library)
    reach(wizard, "cells")
    page = wizard.cells
    assert page.like_combo.isEnabled()

    page.like_combo.setCurrentIndex(page.like_combo.findText("whole"))

    order = [name for name in names(page) if name.startswith(("old", "unlike"))]
    assert order[-1] == "unlike"
    assert not page.matrix.table.isColumnHidden(2)
    assert page.study.draft.like == with_library.project.cell("whole").id
    page.like_combo.setCurrentIndex(0)
    assert page.matrix.table.isColumnHidden(2)
    wizard.reject()


def test_a_training_takes_the_ticked_cells_of_both(qtbot, with_library, tmp_path):
    wizard = open_wizard(qtbot, with_library)
    reach(wizard, "cells")
    rows = {row.name: row for row in wizard.study.draft.coverage.rows}
    wizard.cells.matrix.ticked.emit((rows["old 0"], rows["unlike"], rows["partly"]), False)
    reach(wizard, "summary")
    assert "2 cells of the library" in wizard.summary.text.text()

    wizard.accept()

    job = exported(qtbot, tmp_path)
    assert sorted(cell.name for cell in job.cells) == ["lipid only", "old 1", "old 2", "whole"]
    assert sum(cell.library is not None for cell in job.cells) == 2
    with_library.jobs.cancel_all()


def test_a_library_is_enough_for_a_project_without_cells(qtbot, with_library, tmp_path):
    with_library.create(tmp_path / "empty.sxt")
    wizard = open_wizard(qtbot, with_library)

    reach(wizard, "summary")
    wizard.accept()

    job = exported(qtbot, tmp_path)
    assert {cell.name for cell in job.cells} == {"old 0", "old 1", "old 2", "unlike"}
    with_library.jobs.cancel_all()


def test_cells_of_the_project_stay_first_when_others_are_compared_with_one(qtbot, with_library):
    wizard = open_wizard(qtbot, with_library)
    reach(wizard, "cells")
    page = wizard.cells

    page.like_combo.setCurrentIndex(page.like_combo.findText("whole"))

    assert {row.origin for row in page.matrix.model.rows[:3]} == {"project"}
    wizard.reject()


def test_nothing_ticked_has_one_reason_and_no_other_warning(page):
    page.leave_button.click()

    assert page.problem() == "Tick at least one cell to learn from."
    assert not page.warnings.text()
    assert page.without_button.isHidden()
