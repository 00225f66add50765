"""Small libraries for the window to work on."""

from dataclasses import replace
from pathlib import Path

from sxtstudio.core.cell import Cell
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.library.library import Library
from tests.gui.projects import five_balls_cell


def partly_drawn(name: str, complete: frozenset[str] = frozenset({"nucleus"}), **facts) -> Cell:
    """Return a cell with five balls of which only some are drawn everywhere."""
    return replace(five_balls_cell(name, complete=complete), **facts)


def write_library(folder: Path, *cells: Cell, name: str = "test cells") -> Path:
    """Write a library of these cells; without any, of four that differ."""
    if not cells:
        cells = (
            partly_drawn("BC_1", species="S. cerevisiae", condition="control"),
            partly_drawn("BC_2", species="S. cerevisiae", condition="heat shock"),
            partly_drawn("alga_1", frozenset({"nucleus", "starch"}), species="C. reinhardtii"),
            replace(five_balls_cell("bare_1", labelled=False), instrument="BESSY U41"),
        )
    with Library.create(folder, name) as library:
        for number, cell in enumerate(cells):
            moved = replace(cell.tomogram, lac_ZYX=cell.tomogram.lac_ZYX + 0.001 * number)
            library.add_cell(replace(cell, tomogram=moved), source=f"{cell.name}.rec", author="eva")
    return folder


def open_library(qtbot, session: LibrarySession, folder: Path) -> Library:
    """Open a library and wait until it is there and everything about it was asked."""
    session.open(folder)
    qtbot.waitUntil(lambda: session.library is not None and session.library.folder == folder)
    wait(qtbot, session)
    assert session.library is not None
    return session.library


def wait(qtbot, session: LibrarySession) -> None:
    """Wait until the session has nothing to do."""
    qtbot.waitUntil(lambda: not session.busy)
