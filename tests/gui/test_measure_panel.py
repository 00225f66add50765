import csv

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from sxtstudio.core.table import Column, MeasurementTable
from sxtstudio.gui import messages
from sxtstudio.gui.measure_panel import MeasurePanel, header_words, value_words

TABLE = MeasurementTable(
    columns=(
        Column(name="class", description="The class."),
        Column(name="volume_um3", description="Voxels counted."),
        Column(name="lac_mean_per_um", description="Mean LAC."),
    ),
    rows=(("nucleus", 10.0, 0.25), ("lipid", 9.5, None), ("starch", 100.25, 0.6)),
)


@pytest.fixture
def panel(qtbot, tmp_path):
    panel = MeasurePanel(lambda: tmp_path)
    qtbot.addWidget(panel)
    panel.show_table("cell", TABLE)
    panel.show()
    return panel


def shown(panel, column: int) -> list[str]:
    model = panel.view.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("volume_um3", "Volume (µm³)"),
        ("lac_mean_per_um", "LAC mean (µm⁻¹)"),
        ("centroid_z_um", "Centroid z (µm)"),
        ("lac_sd_per_um", "LAC SD (µm⁻¹)"),
        ("object", "Object"),
    ],
)
def test_headers_carry_their_units(name, words):
    assert header_words(name) == words


def test_values_keep_four_digits_and_what_was_not_measured_is_a_dash():
    assert [value_words(it) for it in (0.123456, 3, None, "a")] == ["0.1235", "3", "–", "a"]


def test_rows_stay_in_the_order_they_were_measured_until_sorted_by_number(panel):
    assert shown(panel, 1) == ["10", "9.5", "100.2"]

    panel.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert shown(panel, 1) == ["9.5", "10", "100.2"]

    panel.view.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert shown(panel, 2) == ["0.6", "0.25", "–"]

    panel.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert shown(panel, 0) == ["lipid", "nucleus", "starch"]


def test_a_header_explains_itself(panel):
    tip = panel.model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)

    assert tip == "Voxels counted."


def test_copy_takes_the_chosen_rows_or_all(panel):
    panel.view.selectRow(1)
    QTest.keyClick(panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Class\tVolume (µm³)\tLAC mean (µm⁻¹)",
        "lipid\t9.5\t–",
    ]

    panel.view.clearSelection()
    panel.copy_button.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4


def test_the_saved_csv_has_every_row_in_full(panel, tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "t.csv")

    panel.save_button.click()

    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["class", "volume_um3", "lac_mean_per_um"]
    assert rows[2:] == [["lipid", "9.5", ""], ["starch", "100.25", "0.6"]]


def test_a_file_that_cannot_be_written_is_told(panel, tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "no" / "t.csv")
    told = []
    monkeypatch.setattr(messages, "show_error", lambda *words: told.append(words[-1]))

    panel.save_button.click()

    assert len(told) == 1
    assert "t.csv" in told[0]


def test_changing_ones_mind_saves_nothing(panel, tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: None)

    panel.save_button.click()

    assert list(tmp_path.iterdir()) == []


def test_without_a_table_there_is_nothing_to_copy_or_save(panel):
    panel.show_table("", None)

    assert not panel.copy_button.isEnabled()
    assert not panel.save_button.isEnabled()
    assert panel.view.model().rowCount() == 0
    assert "Measure" in panel.caption.text()


def test_single_objects_are_shown_when_asked_for_and_always_saved(panel, tmp_path, monkeypatch):
    rows = (("nucleus", 0, 10.0), ("nucleus", 1, 7.0), ("nucleus", 2, 3.0), ("lipid", 0, None))
    columns = [Column(name=name, description="") for name in ("class", "object", "volume_um3")]
    panel.show_table("cell", MeasurementTable(columns=tuple(columns), rows=rows))
    assert shown(panel, 0) == ["nucleus", "lipid"]

    QTest.mouseClick(
        panel.objects_tick,
        Qt.MouseButton.LeftButton,
        pos=QPoint(8, panel.objects_tick.height() // 2),
    )
    assert shown(panel, 1) == ["all", "1", "2", "all"]

    panel.objects_tick.setChecked(False)
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "t.csv")
    panel.save_button.click()
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 5
