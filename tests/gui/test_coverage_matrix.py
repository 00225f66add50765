"""The picture of what cells know: discs, ticks, totals, order, thousands of rows."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from sxtstudio.core.coverage import ClassKnowledge, Coverage, CoverageRow
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.core.task_draft import Decision
from sxtstudio.gui.coverage_matrix import (
    FIRST_CLASS,
    KIND,
    LIKENESS,
    NAME,
    CoverageMatrix,
    KnowledgeLegend,
    likeness_words,
    paint_disc,
)
from tests.gui.pictures import grab_rgb

TASK = parse_task("x", ["nucleus", "lipid bodies"], default_ontology())
COLOURS = {"nucleus": "#ff0000", "lipid bodies": "#00ff00"}
WORDS = {"n": "not", "p": "partly", "c": "complete"}


def row(name, knowledge, kind="alga", origin="project"):
    known = {
        word: ClassKnowledge(knowledge=WORDS[it], voxels=0 if it == "n" else 1200, objects=3)
        for word, it in zip(TASK.names.values(), knowledge, strict=True)
    }
    return CoverageRow(
        id=name,
        name=name,
        origin=origin,
        kind=kind,
        condition="heat",
        instrument="XM-2",
        voxel_size_um=(0.05,) * 3,
        known=known,
    )


ROWS = (row("b", "cp", "yeast"), row("a", "nc"), row("c", "nn", origin="library"))


@pytest.fixture
def matrix(qtbot):
    matrix = CoverageMatrix()
    matrix.resize(640, 300)
    qtbot.addWidget(matrix)
    matrix.show_classes(list(COLOURS), COLOURS)
    matrix.fit_texts(ROWS)
    decide(matrix, {"b", "a"})
    matrix.show_rows(ROWS, {})
    matrix.show()
    return matrix


def decide(matrix, taken):
    matrix.show_decisions(
        lambda it: it.id in taken,
        lambda it: Decision(taken=it.id in taken, reason=f"because {it.id}"),
        Coverage(task=TASK, rows=tuple(it for it in ROWS if it.id in taken)),
    )


def cell(matrix, number, column, role=Qt.ItemDataRole.DisplayRole):
    return matrix.model.index(number, column).data(role)


def names(matrix):
    return [it.name for it in matrix.model.rows]


def test_each_cell_says_its_name_kind_and_why_it_is_taken(matrix):
    assert [cell(matrix, 0, it) for it in (NAME, KIND, FIRST_CLASS + 2)] == [
        "b",
        "yeast",
        "because b",
    ]
    headers = [
        matrix.model.headerData(it, Qt.Orientation.Horizontal)
        for it in range(matrix.model.columnCount())
    ]
    assert headers == ["Cell", "Kind", "Likeness", "nucleus", "lipid bodies", "Why"]
    assert matrix.model.headerData(0, Qt.Orientation.Vertical) is None


def test_a_tip_tells_voxels_and_objects_and_where_a_cell_is_from(matrix):
    tip = Qt.ItemDataRole.ToolTipRole

    assert (
        cell(matrix, 0, FIRST_CLASS, tip) == "b, nucleus: drawn everywhere\n1,200 voxels, 3 objects"
    )
    assert "not drawn" in cell(matrix, 1, FIRST_CLASS, tip)
    assert cell(matrix, 2, NAME, tip) == ("c (in the library)\nalga\nheat\nXM-2\nvoxels of 50 nm")
    assert cell(matrix, 1, FIRST_CLASS + 2, tip) == "because a"


def picture_of(knowledge):
    image = QImage(20, 20, QImage.Format.Format_RGB888)
    image.fill(QColor("black"))
    painter = QPainter(image)
    paint_disc(painter, QPointF(10, 10), knowledge)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(20, image.bytesPerLine())
    return rows[:, :60].reshape(20, 20, 3).max(axis=2) > 100


def test_discs_differ_in_shape_and_not_in_colour_alone():
    full, half, ring = (picture_of(it) for it in ("complete", "partly", "not"))

    assert full[10, 5]
    assert full[10, 14]
    assert half[10, 6]
    assert not half[10, 13]
    assert half.sum() < 0.8 * full.sum()
    assert not ring[10, 10]
    assert 0 < ring.sum() < 0.5 * half.sum()


def test_the_discs_are_on_the_screen(matrix):
    table = matrix.table
    rect = table.visualRect(matrix.model.index(0, FIRST_CLASS))
    other = table.visualRect(matrix.model.index(2, FIRST_CLASS))

    picture = grab_rgb(table.viewport())

    def blue(box: QRect) -> int:
        part = picture[box.top() : box.bottom(), box.left() : box.right()].astype(int)
        return int((np.abs(part - (0x8C, 0xC8, 0xF5)).sum(axis=2) < 20).sum())

    assert blue(rect) > 100
    assert blue(other) == 0


def test_a_click_on_the_box_asks_to_leave_a_cell_out(qtbot, matrix):
    box = matrix.table.visualRect(matrix.model.index(1, NAME))

    with qtbot.waitSignal(matrix.ticked) as asked:
        QTest.mouseClick(
            matrix.table.viewport(), Qt.MouseButton.LeftButton, pos=box.topLeft() + QPoint(14, 13)
        )

    assert ([it.id for it in asked.args[0]], asked.args[1]) == (["a"], False)


def test_the_space_bar_ticks_all_selected_rows_alike(qtbot, matrix):
    matrix.table.selectRow(2)
    matrix.table.selectionModel().select(
        matrix.model.index(1, 0),
        matrix.table.selectionModel().SelectionFlag.Select
        | matrix.table.selectionModel().SelectionFlag.Rows,
    )

    with qtbot.waitSignal(matrix.ticked) as asked:
        QTest.keyClick(matrix.table, Qt.Key.Key_Space)

    assert ([it.id for it in asked.args[0]], asked.args[1]) == (["a", "c"], False)
    matrix.table.clearSelection()
    QTest.keyClick(matrix.table, Qt.Key.Key_Space)  # nothing selected: nothing asked
    QTest.keyClick(matrix.table, Qt.Key.Key_Down)


def test_totals_count_the_taken_cells(matrix):
    assert matrix.totals.accessibleName() == (
        "Taken: 2 cells to learn from. nucleus everywhere in 1, in part in 0; "
        "lipid bodies everywhere in 1, in part in 1"
    )
    decide(matrix, {"a"})
    assert matrix.totals.accessibleName().startswith("Taken: 1 cell to learn from.")
    matrix.show_decisions(lambda _: False, lambda _: Decision(taken=False, reason=""), None)
    assert "0 cells" in matrix.totals.accessibleName()


@pytest.mark.parametrize(
    ("column", "order"),
    [(NAME, "abc"), (KIND, "acb"), (FIRST_CLASS, "bac"), (FIRST_CLASS + 2, "bac")],
)
def test_a_click_on_a_heading_sorts_and_a_second_one_turns_it_round(matrix, column, order):
    header = matrix.table.horizontalHeader()

    header.sectionClicked.emit(column)
    assert "".join(names(matrix)) == order
    header.sectionClicked.emit(column)

    assert "".join(names(matrix)) == order[::-1]


def test_likeness_is_shown_where_cells_are_compared(matrix):
    assert matrix.table.isColumnHidden(LIKENESS)

    matrix.show_rows(ROWS, {"b": 0.0, "a": 1.0})

    assert not matrix.table.isColumnHidden(LIKENESS)
    assert [cell(matrix, it, LIKENESS) for it in range(3)] == ["same", "fair", ""]
    matrix.table.horizontalHeader().sectionClicked.emit(LIKENESS)
    assert names(matrix) == ["b", "a", "c"]
    assert [likeness_words(it) for it in (0.5, 3)] == ["close", "far"]


def test_selected_cells_stay_selected_when_others_are_filtered_out(matrix):
    matrix.table.selectRow(1)

    matrix.show_rows(ROWS[1:], {})

    assert [it.row() for it in matrix.table.selectionModel().selectedRows()] == [0]


def test_many_classes_get_narrow_columns(qtbot):
    matrix = CoverageMatrix()
    qtbot.addWidget(matrix)
    many = {f"a very long name of a class {it}": "#112233" for it in range(9)}

    matrix.show_classes(list(many), many)

    assert max(matrix.table.columnWidth(FIRST_CLASS + it) for it in range(9)) <= 84


def test_of_thousands_of_cells_only_those_on_the_screen_are_asked_for(qtbot, matrix):
    asked = []
    rows = tuple(row(str(number), "cp") for number in range(5000))
    matrix.show_decisions(
        lambda _: True,
        lambda it: asked.append(it.id) or Decision(taken=True, reason=""),
        Coverage(task=TASK, rows=rows),
    )
    matrix.show_rows(rows, {})
    matrix.grab()
    matrix.table.scrollTo(matrix.model.index(2500, 0))

    matrix.grab()

    assert "2500" in asked
    assert len(set(asked)) < 100
    assert "5,000 cells" in matrix.totals.accessibleName()


def test_the_legend_shows_the_three_discs(qtbot):
    legend = KnowledgeLegend()
    qtbot.addWidget(legend)

    assert (grab_rgb(legend) > 150).any()
    assert "half disc: in part" in legend.accessibleName()
