"""What the menus do with a cell and ask nothing more than a name or a file for."""

from PySide6.QtWidgets import QWidget

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Event, Notice
from sxtstudio.gui import messages
from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.export_dialog import suffixes
from sxtstudio.gui.session import Session
from sxtstudio.gui.waiting import waiting
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.exporting import What, export, newest_version
from sxtstudio.workflow.picturing import Look, snapshot


def chosen_cell(session: Session, cell_id: str | None) -> CellRecord:
    """Return the cell a command is about.

    Raises
    ------
    ProjectError
        If none is chosen.
    """
    if cell_id is None:
        raise ProjectError("Choose a cell in the browser first.")
    return session.require_project().cell(cell_id)


def rename_cell(parent: QWidget, session: Session, cell_id: str | None) -> None:
    """Ask for a cell's new name."""
    cell = chosen_cell(session, cell_id)
    name = messages.ask_text(parent, "Rename cell", "Name of the cell", cell.name)
    if name is not None and name != cell.name:
        session.rename_cell(cell.id, name)


def export_cell(parent: QWidget, session: Session, cell: CellRecord, what: What) -> None:
    """Ask where to, and export; what the format could not hold is told."""
    endings = suffixes(what)
    proposal = session.folder / f"{cell.name}-{what}{endings[0]}"
    filters = [f"{ending[1:].upper()} (*{ending})" for ending in endings]
    path = messages.choose_new_file(parent, "Export", proposal, filters)
    if path is None:
        return
    events: list[Event] = []
    with waiting():
        export(session.require_project(), cell.id, what, path, events.append)
    notes = [event.text for event in events if isinstance(event, Notice)]
    if notes:
        messages.show_text(parent, "Exported", "\n".join(notes))
    session.noted.emit(f"Wrote {path}")


def save_picture(parent: QWidget, session: Session, cell_id: str | None) -> None:
    """Ask where to, and save a picture of a cell's surfaces."""
    cell = chosen_cell(session, cell_id)
    proposal = session.folder / f"{cell.name}.png"
    path = messages.choose_new_file(parent, "Save 3D picture", proposal, ["PNG (*.png)"])
    if path is not None:
        with waiting():
            version = newest_version(cell)
            styles = class_displays(version.names, version.colours, session.ontology)
            snapshot(session.require_project(), cell.id, path, Look(styles=styles))
        session.noted.emit(f"Wrote {path}")


def check_project(parent: QWidget, session: Session) -> None:
    """Verify every checksum and say what is wrong."""
    with waiting():
        problems = session.require_project().check()
    words = "\n\n".join(problems) or "Every checksum of the project is right."
    messages.show_text(parent, "Check project", words)
