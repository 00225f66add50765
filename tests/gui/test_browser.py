import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from sxtstudio.gui.browser import Browser, Entry, local_time, version_words
from sxtstudio.gui.session import Session
from tests.gui.projects import five_balls_cell, two_cell_project, write_project


@pytest.fixture
def session(qtbot):
    session = Session()
    yield session
    session.close()


@pytest.fixture
def browser(qtbot, session, tmp_path):
    browser = Browser(session)
    qtbot.addWidget(browser)
    browser.resize(260, 400)
    browser.show()
    session.open(two_cell_project(tmp_path / "p.sxt"))
    return browser


def texts(browser) -> list[str]:
    model = browser.model
    lines = []

    def walk(parent: QModelIndex, depth: int) -> None:
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            lines.append("  " * depth + index.data())
            walk(index, depth + 1)

    walk(QModelIndex(), 0)
    return lines


def click(browser, entry: Entry) -> None:
    rect = browser.tree.visualRect(browser.index_of(entry))
    QTest.mouseClick(browser.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def test_the_tree_shows_what_the_project_holds(browser):
    assert texts(browser) == [
        "Cells (2)",
        "  drawn",
        "    imported labels",
        "  bare",
        "Tasks (1)",
        "  organelles",
        "Networks (0)",
        "Measurements (0)",
    ]


def test_the_row_on_show_is_marked(browser, session):
    drawn = session.cells()[0]

    entry = Entry(kind="version", key=drawn.versions[0].id, cell=drawn.id)
    assert browser.tree.currentIndex() == browser.index_of(entry)


def test_a_click_on_a_cell_shows_it(browser, session):
    bare = session.cells()[1]

    click(browser, Entry(kind="cell", key=bare.id, cell=bare.id))

    assert session.cell_id == bare.id
    assert session.version_id is None
    assert session.view.label_map is None


def test_a_click_on_a_version_shows_its_labels(browser, session):
    drawn, bare = session.cells()
    session.select(bare.id)

    click(browser, Entry(kind="version", key=drawn.versions[0].id, cell=drawn.id))

    assert session.version_id == drawn.versions[0].id
    assert session.view.label_map is not None


def test_a_click_on_a_measurement_shows_its_table(qtbot, browser, session):
    drawn = session.cells()[0]
    with qtbot.waitSignal(session.measured):
        session.measure([drawn.id])
    measurement = session.project.measurements()[0]

    with qtbot.waitSignal(session.measured) as shown:
        click(browser, Entry(kind="measurement", key=measurement.id, cell=drawn.id))

    caption, table = shown.args
    assert caption.startswith("drawn, measured")
    assert table.rows == measurement.table.rows


def test_what_was_folded_stays_folded(browser, session):
    tasks = browser.index_of(Entry(kind="group", key="Tasks"))
    browser.tree.collapse(tasks)

    session.rename_cell(session.cells()[1].id, "second")

    assert not browser.tree.isExpanded(browser.index_of(Entry(kind="group", key="Tasks")))
    assert browser.tree.isExpanded(browser.index_of(Entry(kind="group", key="Cells")))
    assert "  second" in texts(browser)


def test_the_menu_of_a_cell_asks_for_that_cell(qtbot, browser, session):
    cell_id = session.cells()[1].id
    menu = browser.cell_menu(cell_id)
    signals = {
        "Rename …": browser.rename_asked,
        "Add labels from a file …": browser.labels_asked,
        "Segment …": browser.segment_asked,
        "Measure": browser.measure_asked,
        "Export …": browser.export_asked,
        "Save 3D picture …": browser.picture_asked,
    }

    assert [action.text() for action in menu.actions()] == list(signals)
    for action in menu.actions():
        with qtbot.waitSignal(signals[action.text()]) as asked:
            action.trigger()
        assert asked.args == [cell_id]


def test_names_from_files_are_shown_as_plain_text(qtbot, session, tmp_path):
    browser = Browser(session)
    qtbot.addWidget(browser)
    session.open(write_project(tmp_path / "h.sxt", five_balls_cell("<b>bold</b>")))

    assert "  <b>bold</b>" in texts(browser)


def test_closing_the_project_empties_the_tree(browser, session):
    session.close_project()

    assert texts(browser) == []


def test_a_linked_tomogram_that_is_gone_is_told_in_words(qtbot, browser, session, monkeypatch):
    bare = session.cells()[1]
    session.project.close()  # as if the disk had gone

    with qtbot.waitSignal(session.failed) as told:
        click(browser, Entry(kind="cell", key=bare.id, cell=bare.id))

    assert told.args[0].endswith(".")


def test_a_prediction_is_named_after_its_network_or_its_task(browser, session):
    from dataclasses import replace

    from sxtstudio.project.records import NetworkRecord

    version = replace(
        session.cells()[0].versions[0], kind="predicted", task="organelles", network_sha256="ab"
    )
    network = NetworkRecord(
        id="1", path="/x/best.sxtnet", relative_path="", sha256="ab", task="organelles", time=""
    )

    assert version_words(version, (network,)) == "predicted by best"
    assert version_words(version, ()) == "predicted by organelles"
    assert version_words(replace(version, kind="corrected"), ()) == "corrected"


def test_times_are_shown_to_the_minute():
    assert local_time("2026-11-22T13:05:59+00:00") == "2026-11-22 13:05"
