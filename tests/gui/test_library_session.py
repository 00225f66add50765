import shutil
from pathlib import Path

import pytest

from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.gui.settings import last_library, recent_libraries, remember_library, settings
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery
from tests.gui.libraries import open_library, partly_drawn, wait, write_library


@pytest.fixture
def session(qtbot):
    settings().clear()
    session = LibrarySession()
    yield session
    session.shutdown()
    settings().clear()


def test_without_a_library_there_are_no_cells_and_the_programs_own_words(session):
    assert session.library is None
    assert session.cells() == ()
    assert session.ontology is default_ontology()


def test_a_library_is_opened_in_the_background_and_its_cells_are_told(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    notes = []
    session.noted.connect(notes.append)

    session.open(folder)
    assert session.library is None
    with qtbot.waitSignal(session.changed):
        pass

    assert [cell.name for cell in session.cells()] == ["alga_1", "bare_1", "BC_1", "BC_2"]
    assert [cell.name for cell in session.cells(CellQuery(text="heat"))] == ["BC_2"]
    assert notes == [f"Looking into the library in {folder} …", "The library test cells is open."]


def test_while_a_library_is_looked_into_it_is_told_how_far(qtbot, tmp_path):
    folder = write_library(tmp_path / "lib")
    session = LibrarySession(cache=tmp_path / "of another workstation")
    told = []
    session.opening_changed.connect(told.append)
    session.open(folder)
    words = f"Looking into the library in {folder} …"
    assert session.opening == words
    qtbot.waitUntil(lambda: session.library is not None)
    assert (told[0], told[-1], session.opening) == (words, "", "")
    assert f"{words}\nReading the library: 4 of 4 new cells" in told
    session.shutdown()


def test_a_library_that_is_given_up_while_it_is_looked_into_is_not_opened(qtbot, session, tmp_path):
    notes = []
    session.noted.connect(notes.append)
    session.open(write_library(tmp_path / "lib"))
    session.stop_opening()
    assert session.opening == ""
    wait(qtbot, session)
    qtbot.wait(20)
    assert session.library is None
    assert notes[-1] == f"The library in {tmp_path / 'lib'} was not opened."
    session.stop_opening()
    assert open_library(qtbot, session, tmp_path / "lib").name == "test cells"


def test_of_two_libraries_asked_for_at_once_the_last_is_opened(qtbot, session, tmp_path):
    first, second = (write_library(tmp_path / name, name=name) for name in ("first", "second"))
    opened = []
    session.changed.connect(lambda: opened.append(session.library.name))
    session.open(second)
    session.open(first)
    session.open(second)
    wait(qtbot, session)
    qtbot.wait(20)
    assert opened == ["second"]


def test_a_library_that_is_not_there_any_more_is_a_sentence_and_ends_the_looking(
    qtbot, session, tmp_path
):
    told = []
    session.opening_changed.connect(told.append)
    with qtbot.waitSignal(session.failed) as failed:
        session.open(tmp_path / "gone")
    assert str(tmp_path / "gone") in failed.args[0]
    assert told[-1] == session.opening == ""


def test_what_is_no_library_is_refused_with_a_sentence_and_the_open_one_stays(
    qtbot, session, tmp_path
):
    library = open_library(qtbot, session, write_library(tmp_path / "lib"))
    (tmp_path / "other").mkdir()

    with qtbot.waitSignal(session.failed) as failed:
        session.open(tmp_path / "other")

    assert "is no library" in failed.args[0]
    assert session.library is library
    assert len(session.cells()) == 4


def test_a_new_library_is_made_and_opened(qtbot, session, tmp_path):
    session.create(tmp_path / "new", "Our cells")
    qtbot.waitUntil(lambda: session.library is not None)

    assert session.library.name == "Our cells"
    assert session.cells() == ()


def test_the_library_of_last_time_is_opened_again(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    open_library(qtbot, session, folder)
    session.shutdown()

    again = LibrarySession()
    again.reopen()
    qtbot.waitUntil(lambda: again.library is not None)
    assert again.library.folder == folder
    assert recent_libraries() == [folder]
    again.close()
    again.shutdown()

    assert last_library() is None
    assert recent_libraries() == [folder]


def test_a_share_that_is_away_at_start_is_a_sentence_and_no_error(qtbot, session, tmp_path):
    remember_library(tmp_path / "gone")
    failed = []
    session.failed.connect(failed.append)

    with qtbot.waitSignal(session.changed):
        session.reopen()

    assert "there is no such folder" in session.trouble
    assert failed == []
    assert last_library() == tmp_path / "gone"


def test_nothing_is_opened_at_start_if_nothing_was_open(qtbot, session):
    session.reopen()

    assert not session.busy


def test_what_another_workstation_adds_is_told_after_a_refresh(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    open_library(qtbot, session, folder)
    with Library.open(folder, cache=tmp_path / "cache2") as other:
        other.add_cell(partly_drawn("new"))

    with qtbot.waitSignal(session.changed):
        session.refresh()

    assert "new" in {cell.name for cell in session.cells()}


def test_a_new_word_in_the_vocabulary_is_a_change_too(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    open_library(qtbot, session, folder)
    term = new_term(default_ontology(), "Blob", "cell")
    with Library.open(folder, cache=tmp_path / "cache2") as other:
        other.extend(Extension(terms=(term,)))

    with qtbot.waitSignal(session.changed):
        session.refresh()

    assert "blob" in session.ontology


def test_a_refresh_that_finds_nothing_new_is_silent(qtbot, session, tmp_path):
    open_library(qtbot, session, write_library(tmp_path / "lib"))

    with qtbot.assertNotEmitted(session.changed):
        session.refresh()
        session.refresh()
        wait(qtbot, session)


def test_a_share_that_vanishes_is_noted_and_what_is_known_stays(qtbot, session, tmp_path):
    folder = write_library(tmp_path / "lib")
    open_library(qtbot, session, folder)
    shutil.move(folder, tmp_path / "elsewhere")
    notes = []
    session.noted.connect(notes.append)

    session.refresh()
    wait(qtbot, session)
    session.refresh()
    wait(qtbot, session)

    assert len(notes) == 2
    assert str(folder) in notes[0]
    assert len(session.cells()) == 4


def test_results_of_a_library_that_was_closed_meanwhile_are_dropped(qtbot, session, tmp_path):
    open_library(qtbot, session, write_library(tmp_path / "lib"))
    answers = []

    session.run(lambda library, report: library.cells(), answers.append)
    session.close()
    wait(qtbot, session)
    qtbot.wait(20)

    assert answers == []
    assert session.library is None


def test_opening_another_library_lets_work_on_the_first_end(qtbot, session, tmp_path):
    open_library(qtbot, session, write_library(tmp_path / "a", name="first"))
    cells = session.cells()
    failed = []
    session.failed.connect(failed.append)
    for cell in cells:
        session.run(lambda library, report, it=cell: library.preview(it.id), lambda _: None)

    second = open_library(
        qtbot, session, write_library(tmp_path / "b", partly_drawn("x"), name="second")
    )

    assert second.name == "second"
    assert [cell.name for cell in session.cells()] == ["x"]
    assert failed == []


def test_a_change_is_told_after_it_was_written(qtbot, session, tmp_path):
    library = open_library(qtbot, session, write_library(tmp_path / "lib"))
    cell = library.cell("BC_1")
    done = []

    with qtbot.waitSignal(session.changed):
        session.change(
            lambda library, report: library.withdraw(cell.id, "moved"), lambda: done.append(1)
        )

    assert done == [1]
    assert "BC_1" not in {it.name for it in session.cells()}


def test_a_change_that_is_refused_says_why(qtbot, session, tmp_path):
    library = open_library(qtbot, session, write_library(tmp_path / "lib"))
    cell = library.cell("BC_1")

    with qtbot.waitSignal(session.failed) as failed:
        session.change(lambda library, report: library.withdraw(cell.id, " "), lambda: None)

    assert "Say why" in failed.args[0]


def test_at_most_twelve_libraries_are_remembered(session):
    for number in range(14):
        remember_library(Path(f"/share/{number}"))

    assert [path.name for path in recent_libraries()] == [str(it) for it in range(13, 1, -1)]
